/*
 * The functions and operators that take a regular expression (regex.h).
 */
#include "pool/sqlite/function.h"
#include "pool/sqlite/regex.h"

/* One use of an expression on one text. */
struct search {
	struct call *call;
	const struct regex *regex;
	struct slice text;
	size_t next;		/* where to look on; past the end: nowhere */
	struct regex_match match;
};

static const struct regex *get_regex(struct call *call, struct slice pattern,
				     int flags)
{
	return regex_get(&call->functions->regexes, pattern, flags,
			 call->error);
}

static bool read_flags(struct call *call, int index, int *ret_flags)
{
	*ret_flags = 0;
	return index >= call->count ||
	       regex_flags(call_text(call, index), ret_flags, call->error);
}

static bool begin(struct search *search, struct call *call, int flags)
{
	search->call = call;
	search->text = call_text(call, 0);
	search->next = 0;
	search->match.again = false;
	search->regex = get_regex(call, call_text(call, 1), flags);
	return search->regex;
}

/* Finds the next match; after an empty one it goes on a character later. */
static enum regex_answer find_next(struct search *search)
{
	struct slice text = search->text;
	const struct regex_span *whole = &search->match.spans[0];
	enum regex_answer answer;

	if (search->next > text.length)
		return REGEX_NO;
	answer = regex_find(search->regex, text, search->next, &search->match,
			    search->call->error);
	if (answer != REGEX_YES)
		return answer;
	search->next = whole->end;
	if (whole->end == whole->start)
		search->next += whole->end == text.length ? 1
			: utf8_length(text.at + whole->end,
				      text.at + text.length);
	return answer;
}

static struct slice span_text(const struct search *search, int group)
{
	const struct regex_span *span = &search->match.spans[group];

	return slice_make(search->text.at + span->start,
			  span->end - span->start);
}

/* "start" and its kin: a number from 1, or from 0. */
static bool read_number(struct call *call, int index, const char *name,
			int64_t least, int64_t otherwise, int64_t *ret)
{
	*ret = index < call->count ? call_integer(call, index) : otherwise;
	return *ret >= least ||
	       error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 "invalid value for parameter \"%s\": %lld", name,
			 (long long)*ret);
}

/* Moves to a character, from 1; past the end: nothing is found. */
static void start_at(struct search *search, int64_t start)
{
	struct slice before = utf8_slice(search->text, 0, (size_t)start - 1);

	search->next = before.length;
	if (before.length == search->text.length &&
	    (int64_t)utf8_count(before) < start - 1)
		search->next = SIZE_MAX;
}

/* --- is there a match ------------------------------------------------------- */

static bool give_test(struct call *call, int flags)
{
	const struct regex *regex = get_regex(call, call_text(call, 1), flags);
	enum regex_answer found;

	if (!regex)
		return false;
	found = regex_test(regex, call_text(call, 0), call->error);
	return found != REGEX_FAILED && give_bool(call, found == REGEX_YES);
}

/* ~ and ~*: pg_regex(text, pattern, ignore case) */
static bool regex_operator(struct call *call)
{
	return give_test(call, call_integer(call, 2) ? REGEX_ICASE : 0);
}

static bool refuse_global(struct call *call, int flags, const char *name)
{
	return !(flags & REGEX_GLOBAL) ||
	       error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 "%s() does not support the \"global\" option", name);
}

static bool regexp_like(struct call *call)
{
	int flags;

	return read_flags(call, 2, &flags) &&
	       refuse_global(call, flags, "regexp_like") &&
	       give_test(call, flags);
}

static bool regexp_count(struct call *call)
{
	struct search search;
	enum regex_answer found;
	int64_t start, count = 0;
	int flags;

	if (!read_number(call, 2, "start", 1, 1, &start) ||
	    !read_flags(call, 3, &flags) ||
	    !refuse_global(call, flags, "regexp_count") ||
	    !begin(&search, call, flags))
		return false;
	start_at(&search, start);
	while ((found = find_next(&search)) == REGEX_YES)
		count++;
	return found == REGEX_NO && give_integer(call, count);
}

/* --- the matched piece ------------------------------------------------------- */

static bool give_span(struct search *search, int group)
{
	if (group >= search->match.groups ||
	    !search->match.spans[group].matched)
		return give_null(search->call);
	return give_text(search->call, span_text(search, group));
}

/* The first group if there is one, as substring(text from pattern) wants. */
static bool substring_regex(struct call *call)
{
	struct search search;
	enum regex_answer found;

	if (!begin(&search, call, 0))
		return false;
	found = find_next(&search);
	if (found != REGEX_YES)
		return found == REGEX_NO && give_null(call);
	return give_span(&search, search.match.groups > 1);
}

/* The nth match from a start: shared by regexp_substr and regexp_instr. */
static enum regex_answer find_nth(struct search *search, int64_t start,
				  int64_t nth)
{
	enum regex_answer found = REGEX_NO;

	start_at(search, start);
	while (nth-- > 0 && (found = find_next(search)) == REGEX_YES)
		;
	return found;
}

/* A pattern without groups is itself its first. */
static int64_t whole_if_only(const struct search *search, int64_t group)
{
	return group == 1 && search->match.groups == 1 ? 0 : group;
}

static bool regexp_substr(struct call *call)
{
	struct search search;
	enum regex_answer found;
	int64_t start, nth, group;
	int flags;

	if (!read_number(call, 2, "start", 1, 1, &start) ||
	    !read_number(call, 3, "n", 1, 1, &nth) ||
	    !read_flags(call, 4, &flags) ||
	    !refuse_global(call, flags, "regexp_substr") ||
	    !read_number(call, 5, "subexpr", 0, 0, &group) ||
	    !begin(&search, call, flags))
		return false;
	found = find_nth(&search, start, nth);
	group = whole_if_only(&search, group);
	if (found != REGEX_YES || group >= search.match.groups)
		return found != REGEX_FAILED && give_null(call);
	return give_span(&search, (int)group);
}

static bool regexp_instr(struct call *call)
{
	struct search search;
	enum regex_answer found;
	int64_t start, nth, end, group;
	const struct regex_span *span;
	int flags;

	if (!read_number(call, 2, "start", 1, 1, &start) ||
	    !read_number(call, 3, "n", 1, 1, &nth) ||
	    !read_number(call, 4, "endoption", 0, 0, &end) ||
	    !read_flags(call, 5, &flags) ||
	    !refuse_global(call, flags, "regexp_instr") ||
	    !read_number(call, 6, "subexpr", 0, 0, &group) ||
	    !begin(&search, call, flags))
		return false;
	if (end > 1)
		return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
				 "invalid value for parameter \"endoption\": "
				 "%lld", (long long)end);
	found = find_nth(&search, start, nth);
	group = whole_if_only(&search, group);
	if (found != REGEX_YES || group >= search.match.groups ||
	    !search.match.spans[group].matched)
		return found != REGEX_FAILED && give_integer(call, 0);
	span = &search.match.spans[group];
	return give_integer(call, 1 + (int64_t)utf8_count(
		slice_make(search.text.at, end ? span->end : span->start)));
}

/* --- arrays of pieces ----------------------------------------------------------- */

/* The groups, or the whole match where there are none, as text[]. */
static void put_groups(const struct search *search, struct buffer *out)
{
	array_begin(out);
	for (int i = search->match.groups > 1; i < search->match.groups; i++) {
		struct slice text = { 0 };

		if (search->match.spans[i].matched)
			text = span_text(search, i);
		array_item(out, search->match.spans[i].matched ? &text : NULL);
	}
	array_end(out);
}

static bool regexp_match(struct call *call)
{
	struct search search;
	enum regex_answer found;
	struct buffer out = { 0 };
	int flags;

	if (!read_flags(call, 2, &flags))
		return false;
	if (!refuse_global(call, flags, "regexp_match")) {
		error_hint(call->error,
			   "Use the regexp_matches function instead.");
		return false;
	}
	if (!begin(&search, call, flags))
		return false;
	found = find_next(&search);
	if (found != REGEX_YES)
		return found == REGEX_NO && give_null(call);
	put_groups(&search, &out);
	return give_buffer(call, &out);
}

/* All rows of regexp_matches() as an array of arrays in text form: the
 * table-valued function takes it apart. */
static bool regexp_matches(struct call *call)
{
	struct search search;
	enum regex_answer found;
	struct buffer out = { 0 }, row = { 0 };
	int flags;

	if (!read_flags(call, 2, &flags) || !begin(&search, call, flags))
		return false;
	array_begin(&out);
	while ((found = find_next(&search)) == REGEX_YES) {
		struct slice text;

		buffer_clear(&row);
		put_groups(&search, &row);
		text = buffer_slice(&row);
		array_item(&out, &text);
		if (!(flags & REGEX_GLOBAL))
			break;
	}
	buffer_fini(&row);
	array_end(&out);
	if (found == REGEX_FAILED) {
		buffer_fini(&out);
		return false;
	}
	return give_buffer(call, &out);
}

static void put_piece(struct buffer *out, struct slice text, size_t from,
		      size_t to)
{
	struct slice piece = slice_make(text.at + from, to - from);

	array_item(out, &piece);
}

/* An empty match at the end, or right behind the one before, splits
 * nothing. */
static bool regexp_split(struct call *call)
{
	struct search search;
	enum regex_answer found;
	struct buffer out = { 0 };
	size_t from = 0;
	int flags;

	if (!read_flags(call, 2, &flags) ||
	    !refuse_global(call, flags, call->variant
			   ? "regexp_split_to_table"
			   : "regexp_split_to_array") ||
	    !begin(&search, call, flags))
		return false;
	array_begin(&out);
	while ((found = find_next(&search)) == REGEX_YES) {
		const struct regex_span *whole = &search.match.spans[0];

		if (whole->end == whole->start &&
		    (whole->end == search.text.length || whole->end <= from))
			continue;
		put_piece(&out, search.text, from, whole->start);
		from = whole->end;
	}
	put_piece(&out, search.text, from, search.text.length);
	array_end(&out);
	if (found == REGEX_FAILED) {
		buffer_fini(&out);
		return false;
	}
	return give_buffer(call, &out);
}

/* --- replacing ------------------------------------------------------------------- */

/* \1 to \9 are groups, \& the whole match, \\ a backslash. */
static void put_replacement(const struct search *search, struct slice with,
			    struct buffer *out)
{
	for (size_t i = 0; i < with.length; i++) {
		uint8_t c = with.at[i];
		uint8_t next = i + 1 < with.length ? with.at[i + 1] : 0;
		int group = next == '&' ? 0 : next - '0';

		if (c != '\\' || !next) {
			buffer_put_u8(out, c);
		} else if (next == '\\') {
			buffer_put_u8(out, c);
			i++;
		} else if (next == '&' || (next >= '1' && next <= '9')) {
			if (group < search->match.groups &&
			    search->match.spans[group].matched)
				buffer_put_slice(out, span_text(search,
								group));
			i++;
		} else {
			buffer_put_u8(out, c);
		}
	}
}

/* Replaces the nth match from a start; nth 0: every one. */
static bool give_replaced(struct search *search, int64_t start, int64_t nth)
{
	struct call *call = search->call;
	struct buffer out = { 0 };
	enum regex_answer found;
	size_t from = 0;
	int64_t seen = 0;
	bool ok = true;

	start_at(search, start);
	while (ok && (found = find_next(search)) == REGEX_YES) {
		const struct regex_span *whole = &search->match.spans[0];

		if (nth && ++seen < nth)
			continue;
		buffer_put(&out, search->text.at + from, whole->start - from);
		put_replacement(search, call_text(call, 2), &out);
		from = whole->end;
		ok = check_length(call, out.length, 1);
		if (nth)
			break;
	}
	if (!ok || found == REGEX_FAILED) {
		buffer_fini(&out);
		return false;
	}
	buffer_put(&out, search->text.at + from, search->text.length - from);
	return give_buffer(call, &out);
}

static bool regexp_replace(struct call *call)
{
	struct search search;
	int flags;

	return read_flags(call, 3, &flags) && begin(&search, call, flags) &&
	       give_replaced(&search, 1, flags & REGEX_GLOBAL ? 0 : 1);
}

/* regexp_replace(text, pattern, with, start [, n [, flags]]) */
static bool regexp_replace_n(struct call *call)
{
	struct search search;
	int64_t start, nth;
	int flags;

	return read_number(call, 3, "start", 1, 1, &start) &&
	       read_number(call, 4, "n", 0, 1, &nth) &&
	       read_flags(call, 5, &flags) && begin(&search, call, flags) &&
	       give_replaced(&search, start,
			     call->count < 5 && flags & REGEX_GLOBAL ? 0 : nth);
}

/* --- SIMILAR TO -------------------------------------------------------------------- */

/*
 * A pattern of SQL's own kind as a regular expression. `escape` is empty or
 * one character. Escape-" separates the parts of substring(... similar ...):
 * what is between the two of them is the group.
 */
static bool put_similar(struct call *call, struct slice pattern,
			struct slice escape, struct buffer *out)
{
	const uint8_t *at = pattern.at, *end = pattern.at + pattern.length;
	bool bracket = false;
	int separators = 0;

	buffer_put_text(out, "^(?:");
	for (; at < end; at++) {
		bool escaped = escape.length == 1 && *at == escape.at[0];

		if (escaped && at + 1 == end)
			return error_set(call->error, "22025",
					 "invalid escape sequence");
		if (escaped && at[1] == '"' && !bracket) {
			at++;
			if (++separators > 2)
				return error_set(call->error, "2200C",
						 "SQL regular expression may "
						 "not contain more than two "
						 "escape-double-quote "
						 "separators");
			buffer_put_text(out, separators == 1 ? ")(" : ")(?:");
		} else if (escaped) {
			buffer_put_u8(out, '\\');
			buffer_put_u8(out, *++at);
		} else if (bracket) {
			if (*at == '\\')
				buffer_put_u8(out, '\\');
			buffer_put_u8(out, *at);
			bracket = *at != ']';
		} else if (*at == '[') {
			buffer_put_u8(out, *at);
			bracket = true;
		} else if (*at == '%') {
			buffer_put_text(out, ".*");
		} else if (*at == '_') {
			buffer_put_u8(out, '.');
		} else if (*at == '(') {
			buffer_put_text(out, "(?:");
		} else if (*at && strchr("\\.^$", *at)) {
			buffer_put_u8(out, '\\');
			buffer_put_u8(out, *at);
		} else {
			buffer_put_u8(out, *at);
		}
	}
	buffer_put_text(out, ")$");
	return true;
}

static bool read_similar(struct call *call, int index, struct buffer *out)
{
	struct slice escape = index + 1 < call->count
				      ? call_text(call, index + 1)
				      : slice_text("\\");

	if (escape.length > 1) {
		error_set(call->error, "22025", "invalid escape string");
		error_hint(call->error,
			   "Escape string must be empty or one character.");
		return false;
	}
	if (put_similar(call, call_text(call, index), escape, out))
		return true;
	buffer_fini(out);
	return false;
}

static bool similar_to_escape(struct call *call)
{
	struct buffer out = { 0 };

	return read_similar(call, 0, &out) && give_buffer(call, &out);
}

/* substring(text similar pattern escape e). The first part is to match as
 * little as it can, which PCRE2 does when all of it is non-greedy. */
static bool substring_similar(struct call *call)
{
	struct buffer pattern = { 0 };
	struct search search = { .call = call, .text = call_text(call, 0) };
	enum regex_answer found;

	if (!read_similar(call, 1, &pattern))
		return false;
	search.regex = get_regex(call, buffer_slice(&pattern), 0);
	buffer_fini(&pattern);
	if (!search.regex)
		return false;
	if (regex_groups(search.regex) && memmem(call_text(call, 1).at,
	    call_text(call, 1).length, "%", 1))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "substring(... similar ...) with both %% and "
				 "separators is not supported");
	found = find_next(&search);
	if (found != REGEX_YES)
		return found == REGEX_NO && give_null(call);
	return give_span(&search, search.match.groups > 1);
}

/* like_escape(pattern, escape): the same pattern with \ for its escape. */
static bool like_escape(struct call *call)
{
	struct slice pattern = call_text(call, 0), escape = call_text(call, 1);
	bool bytes = sqlite3_value_type(call->arguments[0]) == SQLITE_BLOB;
	struct buffer out = { 0 };

	if ((bytes ? escape.length : utf8_count(escape)) > 1) {
		error_set(call->error, "22025", "invalid escape string");
		error_hint(call->error,
			   "Escape string must be empty or one character.");
		return false;
	}
	for (size_t i = 0; i < pattern.length; i++) {
		if (escape.length && pattern.length - i >= escape.length &&
		    !memcmp(pattern.at + i, escape.at, escape.length)) {
			buffer_put_u8(&out, '\\');
			i += escape.length;
			if (i < pattern.length)
				buffer_put_u8(&out, pattern.at[i]);
			continue;
		}
		if (pattern.at[i] == '\\')
			buffer_put_u8(&out, '\\');
		buffer_put_u8(&out, pattern.at[i]);
	}
	if (!bytes)
		return give_buffer(call, &out);
	give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return true;
}

static const struct function_row rows[] = {
	{ "pg_regex", 3, 0, regex_operator, 0 },
	{ "pg_regexp_like", 2, 0, regexp_like, 0 },
	{ "pg_regexp_like", 3, 0, regexp_like, 0 },
	{ "pg_regexp_count", 2, 0, regexp_count, 0 },
	{ "pg_regexp_count", 3, 0, regexp_count, 0 },
	{ "pg_regexp_count", 4, 0, regexp_count, 0 },
	{ "pg_substring_regex", 2, 0, substring_regex, 0 },
	{ "pg_substring_similar", 3, 0, substring_similar, 0 },
	{ "pg_similar_to_escape", 1, 0, similar_to_escape, 0 },
	{ "pg_similar_to_escape", 2, 0, similar_to_escape, 0 },
	{ "pg_like_escape", 2, 0, like_escape, 0 },
	{ "pg_regexp_substr", 2, 0, regexp_substr, 0 },
	{ "pg_regexp_substr", 3, 0, regexp_substr, 0 },
	{ "pg_regexp_substr", 4, 0, regexp_substr, 0 },
	{ "pg_regexp_substr", 5, 0, regexp_substr, 0 },
	{ "pg_regexp_substr", 6, 0, regexp_substr, 0 },
	{ "pg_regexp_instr", 2, 0, regexp_instr, 0 },
	{ "pg_regexp_instr", 3, 0, regexp_instr, 0 },
	{ "pg_regexp_instr", 4, 0, regexp_instr, 0 },
	{ "pg_regexp_instr", 5, 0, regexp_instr, 0 },
	{ "pg_regexp_instr", 6, 0, regexp_instr, 0 },
	{ "pg_regexp_instr", 7, 0, regexp_instr, 0 },
	{ "pg_regexp_match", 2, 0, regexp_match, 0 },
	{ "pg_regexp_match", 3, 0, regexp_match, 0 },
	{ "pg_regexp_matches_array", 2, 0, regexp_matches, 0 },
	{ "pg_regexp_matches_array", 3, 0, regexp_matches, 0 },
	{ "pg_regexp_split_to_array", 2, 0, regexp_split, 0 },
	{ "pg_regexp_split_to_array", 3, 0, regexp_split, 0 },
	{ "pg_regexp_replace", 3, 0, regexp_replace, 0 },
	{ "pg_regexp_replace", 4, 0, regexp_replace, 0 },
	{ "pg_regexp_replace_n", 4, 0, regexp_replace_n, 0 },
	{ "pg_regexp_replace_n", 5, 0, regexp_replace_n, 0 },
	{ "pg_regexp_replace_n", 6, 0, regexp_replace_n, 0 },
	{ 0 },
};

int functions_regex(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
