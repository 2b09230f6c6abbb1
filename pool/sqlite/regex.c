#define PCRE2_CODE_UNIT_WIDTH 8

#include "pool/sqlite/regex.h"

#include <stdlib.h>

#include <pcre2.h>

#include "pool/sqlite/regex_translate.h"

/* What one match may cost: about a second, and some memory. */
#define MATCH_STEPS_MAX 5000000
#define MATCH_DEPTH_MAX 100000
#define MATCH_HEAP_KIB 65536
#define DFA_WORKSPACE 1000
#define CACHE_ENTRIES 32

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	struct regex_notes notes;
};

struct cache_entry {
	char *pattern;
	size_t length;
	int flags;
	uint64_t used;		/* the cache's clock when last asked for */
	struct regex regex;
};

struct regex_cache {
	uint64_t clock;
	struct cache_entry entries[CACHE_ENTRIES];
};

static void clear_entry(struct cache_entry *entry)
{
	pcre2_match_context_free(entry->regex.limits);
	pcre2_match_data_free(entry->regex.data);
	pcre2_code_free(entry->regex.code);
	free(entry->pattern);
	*entry = (struct cache_entry){ 0 };
}

void regex_cache_free(struct regex_cache **cache)
{
	if (!*cache)
		return;
	for (size_t i = 0; i < CACHE_ENTRIES; i++)
		clear_entry(&(*cache)->entries[i]);
	free(*cache);
	*cache = NULL;
}

/* --- compiling ------------------------------------------------------------ */

static const char *complaint(int code)
{
	switch (code) {
	case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
	case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
		return "parentheses () not balanced";
	case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
		return "brackets [] not balanced";
	case PCRE2_ERROR_CLASS_RANGE_ORDER:
	case PCRE2_ERROR_CLASS_INVALID_RANGE:
		return "invalid character range";
	case PCRE2_ERROR_UNKNOWN_POSIX_CLASS:
	case PCRE2_ERROR_POSIX_CLASS_NOT_IN_CLASS:
		return "invalid character class";
	case PCRE2_ERROR_QUANTIFIER_INVALID:
		return "quantifier operand invalid";
	default:
		return NULL;
	}
}

static uint32_t compile_options(int flags)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP |
			   PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

	if (flags & REGEX_ICASE)
		options |= PCRE2_CASELESS;
	if (!(flags & REGEX_NEWLINE_DOT))
		options |= PCRE2_DOTALL;
	if (flags & REGEX_NEWLINE_ANCHOR)
		options |= PCRE2_MULTILINE;
	if (flags & REGEX_EXPANDED)
		options |= PCRE2_EXTENDED;
	if (flags & REGEX_LITERAL)	/* allows but a few others */
		options = PCRE2_LITERAL | PCRE2_UTF |
			  (options & PCRE2_CASELESS);
	return options;
}

static bool fail_compile(int code, struct error *error)
{
	char text[128] = "";
	const char *known = complaint(code);

	if (!known) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)text,
					sizeof(text));
		known = text;
	}
	return error_set(error, "2201B", "invalid regular expression: %s",
			 known);
}

static bool compile(struct slice pattern, int flags, struct regex *regex,
		    struct error *error)
{
	struct buffer text = { 0 };
	int code;
	size_t offset;

	if (!regex_translate(pattern, &flags, &text, &regex->notes, error)) {
		buffer_fini(&text);
		return false;
	}
	regex->code = pcre2_compile((PCRE2_SPTR)buffer_cstring(&text),
				    text.length, compile_options(flags), &code,
				    &offset, NULL);
	buffer_fini(&text);
	if (!regex->code)
		return fail_compile(code, error);
	regex->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
	regex->limits = pcre2_match_context_create(NULL);
	if (!regex->data || !regex->limits)
		return error_set(error, SQLSTATE_OUT_OF_MEMORY,
				 "out of memory");
	pcre2_set_match_limit(regex->limits, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(regex->limits, MATCH_DEPTH_MAX);
	pcre2_set_heap_limit(regex->limits, MATCH_HEAP_KIB);
	return true;
}

static struct cache_entry *oldest(struct regex_cache *cache)
{
	struct cache_entry *found = &cache->entries[0];

	for (size_t i = 1; i < CACHE_ENTRIES; i++)
		if (cache->entries[i].used < found->used)
			found = &cache->entries[i];
	return found;
}

static struct cache_entry *find(struct regex_cache *cache,
				struct slice pattern, int flags)
{
	for (size_t i = 0; i < CACHE_ENTRIES; i++) {
		struct cache_entry *entry = &cache->entries[i];

		if (entry->pattern && entry->flags == flags &&
		    slice_equal(slice_make(entry->pattern, entry->length),
				pattern))
			return entry;
	}
	return NULL;
}

const struct regex *regex_get(struct regex_cache **cache, struct slice pattern,
			      int flags, struct error *error)
{
	struct cache_entry *entry;

	flags &= ~REGEX_GLOBAL;
	if (!*cache)
		*cache = must_alloc(sizeof(**cache));
	if (pattern.length > REGEX_PATTERN_MAX) {
		error_set(error, "2201B", "invalid regular expression: "
					  "regular expression is too complex");
		return NULL;
	}
	entry = find(*cache, pattern, flags);
	if (!entry) {
		entry = oldest(*cache);
		clear_entry(entry);
		if (!compile(pattern, flags, &entry->regex, error)) {
			clear_entry(entry);
			return NULL;
		}
		entry->pattern = slice_dup(pattern);
		entry->length = pattern.length;
		entry->flags = flags;
	}
	entry->used = ++(*cache)->clock;
	return &entry->regex;
}

bool regex_flags(struct slice text, int *ret_flags, struct error *error)
{
	char symbol[2] = "";

	for (size_t i = 0; i < text.length; i++) {
		switch (text.at[i]) {
		case 'g':
			*ret_flags |= REGEX_GLOBAL;
			break;
		case 'i':
			*ret_flags |= REGEX_ICASE;
			break;
		case 'c':
			*ret_flags &= ~REGEX_ICASE;
			break;
		case 'm':
		case 'n':
			*ret_flags |= REGEX_NEWLINE_DOT | REGEX_NEWLINE_ANCHOR;
			break;
		case 'p':
			*ret_flags |= REGEX_NEWLINE_DOT;
			*ret_flags &= ~REGEX_NEWLINE_ANCHOR;
			break;
		case 'w':
			*ret_flags |= REGEX_NEWLINE_ANCHOR;
			*ret_flags &= ~REGEX_NEWLINE_DOT;
			break;
		case 's':
			*ret_flags &= ~(REGEX_NEWLINE_DOT |
					REGEX_NEWLINE_ANCHOR);
			break;
		case 'x':
			*ret_flags |= REGEX_EXPANDED;
			break;
		case 't':
			*ret_flags &= ~REGEX_EXPANDED;
			break;
		case 'q':
			*ret_flags |= REGEX_LITERAL;
			break;
		case 'e':
			break;
		case 'b':
			return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
					 "basic regular expressions are not "
					 "supported on SQLite");
		default:
			symbol[0] = (char)text.at[i];
			return error_set(error, SQLSTATE_INVALID_PARAMETER,
					 "invalid regular expression option: "
					 "\"%s\"", symbol);
		}
	}
	return true;
}

int regex_groups(const struct regex *regex)
{
	uint32_t count = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return (int)count;
}

/* --- matching ------------------------------------------------------------------ */

static enum regex_answer answer(int rc, struct error *error)
{
	if (rc >= 0)
		return REGEX_YES;
	if (rc == PCRE2_ERROR_NOMATCH)
		return REGEX_NO;
	if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21) {
		error_set(error, "22021", "invalid byte sequence for encoding "
					  "\"UTF8\"");
		return REGEX_FAILED;
	}
	error_set(error, SQLSTATE_TOO_COMPLEX,
		  "regular expression failed: the match is too complex");
	return REGEX_FAILED;
}

enum regex_answer regex_test(const struct regex *regex, struct slice text,
			     struct error *error)
{
	return answer(pcre2_match(regex->code,
				  text.length ? (PCRE2_SPTR)text.at
					      : (PCRE2_SPTR)"",
				  text.length, 0, 0, regex->data,
				  regex->limits), error);
}

/*
 * The longest match that begins where the found one begins. pcre2_dfa_match()
 * finds it but knows no groups; so the text is cut there and matched again.
 */
static enum regex_answer find_longest(const struct regex *regex,
				      struct slice text, struct error *error)
{
	size_t *ends = pcre2_get_ovector_pointer(regex->data);
	size_t start = ends[0], end = ends[1];
	int workspace[DFA_WORKSPACE];
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc = data ? pcre2_dfa_match(regex->code, (PCRE2_SPTR)text.at,
					text.length, start,
					PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK,
					data, regex->limits, workspace,
					DFA_WORKSPACE)
		      : PCRE2_ERROR_NOMEMORY;
	size_t longest = rc < 0 ? end : pcre2_get_ovector_pointer(data)[1];

	pcre2_match_data_free(data);
	if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
		return answer(rc, error);
	if (longest == end)
		return REGEX_YES;
	rc = pcre2_match(regex->code, (PCRE2_SPTR)text.at, longest, start,
			 PCRE2_ANCHORED | PCRE2_ENDANCHORED |
				 PCRE2_NO_UTF_CHECK, regex->data,
			 regex->limits);
	if (rc != PCRE2_ERROR_NOMATCH)
		return answer(rc, error);
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "regular expressions whose longest match depends on what "
		  "follows it are not supported");
	return REGEX_FAILED;
}

static void read_spans(const struct regex *regex, struct regex_match *match)
{
	size_t *ends = pcre2_get_ovector_pointer(regex->data);
	int groups = regex_groups(regex) + 1;

	match->groups = groups;
	for (int i = 0; i < groups; i++) {
		match->spans[i].matched = ends[2 * i] != PCRE2_UNSET;
		match->spans[i].start = ends[2 * i];
		match->spans[i].end = ends[2 * i + 1];
	}
}

static bool check_same_piece(const struct regex *regex, struct error *error)
{
	if (regex_groups(regex) > REGEX_GROUPS_MAX)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "regular expressions with more than %d "
				 "groups are not supported", REGEX_GROUPS_MAX);
	if (regex->notes.lazy && regex->notes.greedy)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "regular expressions that mix greedy and "
				 "non-greedy quantifiers are not supported "
				 "here");
	return true;
}

enum regex_answer regex_find(const struct regex *regex, struct slice text,
			     size_t start, struct regex_match *ret_match,
			     struct error *error)
{
	enum regex_answer found;

	if (!text.length)
		text.at = (const uint8_t *)"";
	if (!check_same_piece(regex, error))
		return REGEX_FAILED;
	found = answer(pcre2_match(regex->code, (PCRE2_SPTR)text.at,
				   text.length, start,
				   ret_match->again ? PCRE2_NO_UTF_CHECK : 0,
				   regex->data, regex->limits), error);
	ret_match->again = true;
	if (found == REGEX_YES && regex->notes.alternatives &&
	    !regex->notes.lazy && !regex->notes.references)
		found = find_longest(regex, text, error);
	if (found == REGEX_YES)
		read_spans(regex, ret_match);
	return found;
}
