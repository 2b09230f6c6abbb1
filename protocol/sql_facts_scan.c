/*
 * The quick looks at a text before anybody parses it; one is taken at every
 * query, so it is one pass over the bytes, and most words cost a glance at
 * their first letter.
 *
 * Words are looked for anywhere, strings and comments included: what is found
 * too often costs a parse, what is missed would cost correctness. There is
 * one exception, because it is most of what applications send: a text that
 * begins with a data verb and has no second statement cannot be a SET or a
 * PREPARE; there only words count that work from inside a query.
 *
 * A word in front of a parenthesis is a call, unless it is a keyword or stands
 * where a table is named; a call of what is not known to be Postgres's own may
 * do anything.
 */
#include "protocol/sql_facts.h"

#include <stdlib.h>
#include <strings.h>

struct known_word {
	const char *text;
	size_t length;
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define W(text) { text, sizeof(text) - 1 }

/* By first letter, which must be the first word's too. */
static const struct known_word inner_words[] = {
	W("currval"), W("lastval"), W("pg_listening_channels"),
	W("pg_prepared_statement"), W("pg_prepared_statements"),
	W("pg_settings"), W("set_config"), W("setseed"), W("setval"),
	W("temp"), W("temporary"),
};

static const struct known_word outer_words[] = {
	W("call"), W("chain"), W("deallocate"), W("declare"), W("discard"),
	W("do"), W("execute"), W("extension"), W("listen"), W("load"),
	W("prepare"), W("refresh"), W("release"), W("reset"), W("rollback"),
	W("savepoint"), W("set"), W("unlisten"),
};

static const struct known_word data_verbs[] = {
	W("delete"), W("insert"), W("merge"), W("select"), W("table"),
	W("update"), W("values"), W("with"),
};

static const struct known_word advancing_words[] = {
	W("call"), W("copy"), W("do"), W("execute"), W("insert"), W("merge"),
	W("nextval"),
};

static const struct known_word clock_words[] = {
	W("now"), W("today"), W("tomorrow"), W("yesterday"),
};

/* What a table's name follows, whose columns may be in parentheses. */
static const struct known_word naming_words[] = {
	W("as"), W("into"),
};

/* What may stand in front of a parenthesis and is no function; sorted. */
static const char *const keywords[] = {
	"all", "and", "any", "array", "as", "asymmetric", "between", "by",
	"case", "cast", "char", "character", "coalesce", "collate", "columns",
	"conflict", "cube", "current_time", "current_timestamp", "dec",
	"decimal", "default", "distinct", "else", "end", "escape", "except",
	"exists", "filter", "float", "for", "from", "greatest", "group",
	"grouping", "groups", "having", "ilike", "in", "intersect", "interval",
	"into", "is", "join", "key", "lateral", "least", "like", "limit",
	"localtime", "localtimestamp", "materialized", "national", "nchar",
	"not", "nullif", "of", "offset", "on", "only", "or", "over",
	"partition", "range", "returning", "rollup", "row", "rows", "select",
	"set", "sets", "similar", "some", "symmetric", "table", "then", "time",
	"timestamp", "to", "trim", "union", "unique", "using", "values",
	"varying", "when", "where", "with", "within", "xmlelement",
	"xmlforest", "xmlparse", "xmlroot", "xmlserialize",
};

enum byte_kind {
	BYTE_OTHER,
	BYTE_WORD,		/* may stand in a word */
	BYTE_OUTER,		/* and may begin one of the outer words */
	BYTE_INNER,		/* or one of the inner words, or "pg_", "U&" */
};

#define BOTH(lower, upper, kind) [lower] = kind, [upper] = kind

static const uint8_t byte_kinds[256] = {
	['0' ... '9'] = BYTE_WORD, ['_'] = BYTE_WORD, ['$'] = BYTE_WORD,
	[0x80 ... 0xff] = BYTE_WORD,
	['f' ... 'k'] = BYTE_WORD, ['F' ... 'K'] = BYTE_WORD,
	['m' ... 'o'] = BYTE_WORD, ['M' ... 'O'] = BYTE_WORD,
	['v' ... 'z'] = BYTE_WORD, ['V' ... 'Z'] = BYTE_WORD,
	BOTH('a', 'A', BYTE_WORD), BOTH('b', 'B', BYTE_WORD),
	BOTH('q', 'Q', BYTE_WORD),
	BOTH('d', 'D', BYTE_OUTER), BOTH('e', 'E', BYTE_OUTER),
	BOTH('r', 'R', BYTE_OUTER),
	BOTH('c', 'C', BYTE_INNER), BOTH('l', 'L', BYTE_INNER),
	BOTH('p', 'P', BYTE_INNER), BOTH('s', 'S', BYTE_INNER),
	BOTH('t', 'T', BYTE_INNER), BOTH('u', 'U', BYTE_INNER),
};

static bool is_among(struct slice word, const struct known_word *words,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].length == word.length &&
		    (word.at[0] | 0x20) == (uint8_t)words[i].text[0] &&
		    strncasecmp((const char *)word.at, words[i].text,
				word.length) == 0)
			return true;
	return false;
}

/* Locks, whatever their form, and the temporary schema under its own name. */
static bool is_telling_name(struct slice word)
{
	static const struct known_word starts[] = {
		W("pg_advisory"), W("pg_try_advisory"), W("pg_temp"),
	};

	if (word.length < 7 || word.at[2] != '_' ||
	    (word.at[0] | 0x20) != 'p')
		return false;
	for (size_t i = 0; i < COUNT(starts); i++)
		if (word.length >= starts[i].length &&
		    strncasecmp((const char *)word.at, starts[i].text,
				starts[i].length) == 0)
			return true;
	return false;
}

static size_t word_length(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.length && byte_kinds[text.at[end]])
		end++;
	return end - at;
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* One word of a text. */
struct word {
	struct slice text;
	enum byte_kind kind;
	bool called;		/* a parenthesis follows */
};

static inline bool is_called(struct slice text, size_t at)
{
	/* mostly: one space, and another word */
	if (at + 1 < text.length && text.at[at] == ' ' &&
	    byte_kinds[text.at[at + 1]])
		return false;
	if (at < text.length && text.at[at] == '"')
		at++;
	while (at < text.length && is_space(text.at[at]))
		at++;
	if (at == text.length)
		return false;
	if (text.at[at] == '(')
		return true;
	/* perhaps, behind a comment */
	return at + 1 < text.length &&
	       (text.at[at] == '/' || text.at[at] == '-') &&
	       (text.at[at + 1] == '*' || text.at[at + 1] == '-');
}

/* The first word at or behind *at, which moves behind it; false: no more. */
static inline __attribute__((always_inline)) bool
next_word(struct slice text, size_t *at, struct word *word)
{
	const uint8_t *start = text.at + *at, *end = text.at + text.length;
	const uint8_t *behind;

	while (start < end && byte_kinds[*start] == BYTE_OTHER)
		start++;
	if (start == end)
		return false;
	for (behind = start + 1; behind < end && byte_kinds[*behind];)
		behind++;
	word->kind = byte_kinds[*start];
	word->text = slice_make(start, (size_t)(behind - start));
	*at = (size_t)(behind - text.at);
	word->called = is_called(text, *at);
	return true;
}

static size_t skip_back(struct slice text, size_t at)
{
	while (at && (text.at[at - 1] == '"' || is_space(text.at[at - 1])))
		at--;
	return at;
}

/* The word in front; of a name of several parts, in front of the first:
 * into public . note ( */
static struct slice word_before(struct slice text, const uint8_t *word)
{
	size_t end, at = (size_t)(word - text.at);

	for (;;) {
		at = end = skip_back(text, at);
		if (at && text.at[at - 1] == '.')
			at = end = skip_back(text, at - 1);
		else if (at != (size_t)(word - text.at) || !at)
			break;
		else
			return slice_make(NULL, 0);
		while (at && byte_kinds[text.at[at - 1]])
			at--;
		word = text.at + at;
	}
	while (at && byte_kinds[text.at[at - 1]])
		at--;
	return slice_make(text.at + at, end - at);
}

static int compare_name(const void *name, const void *item)
{
	return strcmp(name, *(const char *const *)item);
}

/* It is a table, whose columns follow. */
static bool names_columns(struct slice text, const struct word *word)
{
	struct slice before = word_before(text, word->text.at);

	return before.length &&
	       is_among(before, naming_words, COUNT(naming_words));
}

/* Whether the word in front of a parenthesis calls what is not known. */
static bool calls_unknown(struct slice text, const struct word *word)
{
	char lower[64];
	size_t length = word->text.length;

	if (names_columns(text, word))
		return false;
	if (length >= sizeof(lower))
		return true;
	for (size_t i = 0; i < length; i++)
		lower[i] = (char)(word->text.at[i] >= 'A' &&
				  word->text.at[i] <= 'Z' ?
				  word->text.at[i] | 0x20 : word->text.at[i]);
	lower[length] = 0;
	if (lower[0] >= '0' && lower[0] <= '9')
		return false;	/* a parameter, $1, or a number */
	return !bsearch(lower, keywords, COUNT(keywords), sizeof(*keywords),
			compare_name) &&
	       !sql_function_is_listed(lower);
}

bool sql_is_plain_data(struct slice text)
{
	size_t length = text.length, at = 0;
	struct slice word;

	while (length && (is_space(text.at[length - 1]) ||
			  text.at[length - 1] == ';'))
		length--;
	while (at < length && is_space(text.at[at]))
		at++;
	word = slice_make(text.at + at, word_length(text, at));
	return word.length && is_among(word, data_verbs, COUNT(data_verbs)) &&
	       !memchr(text.at, ';', length);
}

bool sql_is_plain_read(struct slice text)
{
	static const struct known_word verbs[] = {
		W("select"), W("table"), W("values"),
	};
	size_t at = 0;

	while (at < text.length && is_space(text.at[at]))
		at++;
	return sql_is_plain_data(text) &&
	       is_among(slice_make(text.at + at, word_length(text, at)), verbs,
			COUNT(verbs));
}

/* U&"..." may spell any name in escapes. */
static bool begins_escapes(struct slice text, size_t at, struct slice word)
{
	return word.length == 1 && (word.at[0] | 0x20) == 'u' &&
	       at < text.length && text.at[at] == '&';
}

bool sql_may_touch_session(struct slice text)
{
	bool plain = text.length && sql_is_plain_data(text);
	struct word word;

	for (size_t at = 0; next_word(text, &at, &word);) {
		if (word.called && calls_unknown(text, &word))
			return true;
		if (word.kind == BYTE_WORD ||
		    (plain && word.kind == BYTE_OUTER))
			continue;
		if (begins_escapes(text, at, word.text) ||
		    is_among(word.text, inner_words, COUNT(inner_words)) ||
		    is_telling_name(word.text) ||
		    (!plain && is_among(word.text, outer_words,
					COUNT(outer_words))))
			return true;
	}
	return false;
}

bool sql_may_advance_sequence(struct slice text)
{
	struct word word;

	for (size_t at = 0; next_word(text, &at, &word);)
		if ((word.called && calls_unknown(text, &word)) ||
		    begins_escapes(text, at, word.text) ||
		    is_among(word.text, advancing_words,
			     COUNT(advancing_words)))
			return true;
	return false;
}

bool sql_may_read_clock(struct slice text)
{
	struct word word;

	for (size_t at = 0; next_word(text, &at, &word);)
		if (!word.called &&
		    is_among(word.text, clock_words, COUNT(clock_words)))
			return true;
	return false;
}
