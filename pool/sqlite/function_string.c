/*
 * Strings made from other things: concat and format, quoting for SQL; LIKE.
 */
#include "pool/sqlite/function.h"

#include <stdlib.h>

#define SQLSTATE_BAD_ESCAPE "22025"

/* --- quoting ----------------------------------------------------------------- */

/* Keywords that quote_ident() quotes: all but the unreserved ones. Sorted. */
static const char *const reserved_words[] = {
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc",
	"asymmetric", "authorization", "between", "bigint", "binary", "bit",
	"boolean", "both", "case", "cast", "char", "character", "check",
	"coalesce", "collate", "collation", "column", "concurrently",
	"constraint", "create", "cross", "current_catalog", "current_date",
	"current_role", "current_schema", "current_time", "current_timestamp",
	"current_user", "dec", "decimal", "default", "deferrable", "desc",
	"distinct", "do", "else", "end", "except", "exists", "extract",
	"false", "fetch", "float", "for", "foreign", "freeze", "from", "full",
	"grant", "greatest", "group", "grouping", "having", "ilike", "in",
	"initially", "inner", "inout", "int", "integer", "intersect",
	"interval", "into", "is", "isnull", "join", "lateral", "leading",
	"least", "left", "like", "limit", "localtime", "localtimestamp",
	"national", "natural", "nchar", "none", "normalize", "not", "notnull",
	"null", "nullif", "numeric", "offset", "on", "only", "or", "order",
	"out", "outer", "overlaps", "overlay", "placing", "position",
	"precision", "primary", "real", "references", "returning", "right",
	"row", "select", "session_user", "setof", "similar", "smallint",
	"some", "substring", "symmetric", "table", "tablesample", "then",
	"time", "timestamp", "to", "trailing", "treat", "trim", "true",
	"union", "unique", "user", "using", "values", "varchar", "variadic",
	"verbose", "when", "where", "window", "with", "xmlattributes",
	"xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
	"xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
};

static int compare_word(const void *key, const void *word)
{
	const struct slice *text = key;
	const char *other = *(const char *const *)word;
	int order = strncmp((const char *)text->at, other, text->length);

	return order ? order : -(int)(other[text->length] != 0);
}

static bool is_reserved(struct slice text)
{
	return bsearch(&text, reserved_words,
		       sizeof(reserved_words) / sizeof(*reserved_words),
		       sizeof(*reserved_words), compare_word);
}

static bool is_plain_name(struct slice text)
{
	if (!text.length || (text.at[0] >= '0' && text.at[0] <= '9'))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		uint8_t c = text.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_')
			return false;
	}
	return !is_reserved(text);
}

static void put_doubled(struct buffer *out, struct slice text, char quote)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == (uint8_t)quote)
			buffer_put_u8(out, (uint8_t)quote);
		buffer_put_u8(out, text.at[i]);
	}
}

void put_identifier(struct buffer *out, struct slice text)
{
	if (is_plain_name(text)) {
		buffer_put_slice(out, text);
		return;
	}
	buffer_put_u8(out, '"');
	put_doubled(out, text, '"');
	buffer_put_u8(out, '"');
}

static void put_literal(struct buffer *out, struct slice text)
{
	bool escaped = text.length && memchr(text.at, '\\', text.length);

	buffer_put_text(out, escaped ? "E'" : "'");
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\'' || text.at[i] == '\\')
			buffer_put_u8(out, text.at[i]);
		buffer_put_u8(out, text.at[i]);
	}
	buffer_put_u8(out, '\'');
}

static bool quote_ident(struct call *call)
{
	struct buffer out = { 0 };

	put_identifier(&out, call_text(call, 0));
	return give_buffer(call, &out);
}

static bool quote_literal(struct call *call)
{
	struct buffer out = { 0 };

	if (call_null(call, 0))		/* quote_nullable() only */
		return give_text(call, slice_text("NULL"));
	put_literal(&out, call_text(call, 0));
	return give_buffer(call, &out);
}

/* --- concat --------------------------------------------------------------------- */

static bool concat(struct call *call)
{
	struct buffer out = { 0 };

	for (int i = 0; i < call->count; i++)
		if (!call_null(call, i))
			buffer_put_slice(&out, call_text(call, i));
	return give_buffer(call, &out);
}

static bool concat_ws(struct call *call)
{
	struct buffer out = { 0 };
	bool first = true;

	if (!call->count || call_null(call, 0))
		return give_null(call);
	for (int i = 1; i < call->count; i++) {
		if (call_null(call, i))
			continue;
		if (!first)
			buffer_put_slice(&out, call_text(call, 0));
		buffer_put_slice(&out, call_text(call, i));
		first = false;
	}
	return give_buffer(call, &out);
}

/* --- format ---------------------------------------------------------------------- */

/* One specifier: %[position$][-][width]type; width may be * or *position$. */
struct specifier {
	int position;		/* 0: the next argument */
	int width;
	int width_from;		/* -1: no star; 0: the next argument */
	bool left;
	char type;
};

struct formatter {
	struct call *call;
	const uint8_t *at;
	const uint8_t *end;
	struct buffer out;
	int next;		/* argument; 0 is the format itself */
};

static bool fail_unterminated(struct formatter *f)
{
	error_set(f->call->error, SQLSTATE_INVALID_PARAMETER,
		  "unterminated format() type specifier");
	error_hint(f->call->error, "For a single \"%%\" use \"%%%%\".");
	return false;
}

static bool fail_few_arguments(struct formatter *f)
{
	return error_set(f->call->error, SQLSTATE_INVALID_PARAMETER,
			 "too few arguments for format()");
}

/* Digits at the cursor; -1 where there are none, -2 after complaining. */
static int read_digits(struct formatter *f)
{
	int64_t value = -1;

	for (; f->at < f->end && *f->at >= '0' && *f->at <= '9'; f->at++) {
		value = (value < 0 ? 0 : value) * 10 + (*f->at - '0');
		if (value > (int64_t)FUNCTION_BYTES_MAX) {
			error_set(f->call->error,
				  SQLSTATE_NUMERIC_OUT_OF_RANGE,
				  "number is out of range");
			return -2;
		}
	}
	return (int)value;
}

static bool check_position(struct formatter *f, int position)
{
	return position != 0 ||
	       error_set(f->call->error, SQLSTATE_INVALID_PARAMETER,
			 "format specifies argument 0, but arguments are "
			 "numbered from 1");
}

/* A width of * takes it from an argument. */
static bool read_star(struct formatter *f, struct specifier *s)
{
	int digits;

	f->at++;
	s->width_from = 0;
	digits = read_digits(f);
	if (digits == -2)
		return false;
	if (digits >= 0) {
		if (f->at == f->end || *f->at != '$')
			return error_set(f->call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "width argument position must be "
					 "ended by \"$\"");
		f->at++;
		s->width_from = digits;
		return check_position(f, digits);
	}
	return true;
}

static bool read_specifier(struct formatter *f, struct specifier *s)
{
	int digits = read_digits(f);

	*s = (struct specifier){ .width_from = -1 };
	if (digits >= 0 && f->at < f->end && *f->at == '$') {
		f->at++;
		s->position = digits;
		if (!check_position(f, digits))
			return false;
		digits = -1;
	}
	if (digits == -2)
		return false;
	if (digits < 0) {
		for (; f->at < f->end && *f->at == '-'; f->at++)
			s->left = true;
		if (f->at < f->end && *f->at == '*') {
			if (!read_star(f, s))
				return false;
		} else {
			digits = read_digits(f);
		}
	}
	if (digits == -2)
		return false;
	s->width = digits < 0 ? 0 : digits;
	if (f->at == f->end)
		return fail_unterminated(f);
	s->type = (char)*f->at++;
	return true;
}

static bool take_width(struct formatter *f, struct specifier *s)
{
	int index = s->width_from ? s->width_from : f->next;
	int64_t width;

	if (index >= f->call->count)
		return fail_few_arguments(f);
	f->next = index + 1;
	width = call_null(f->call, index) ? 0 : call_integer(f->call, index);
	if (width != (int32_t)width || width == INT32_MIN)
		return error_set(f->call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "number is out of range");
	if (width < 0)
		s->left = true;
	s->width = (int)(width < 0 ? -width : width);
	return true;
}

static bool put_item(struct formatter *f, const struct specifier *s, int index,
		     struct buffer *item)
{
	bool null = call_null(f->call, index);
	struct slice text = null ? slice_make("", 0)
				 : call_text(f->call, index);

	if (s->type == 'I' && null)
		return error_set(f->call->error, SQLSTATE_NULL_NOT_ALLOWED,
				 "null values cannot be formatted as an SQL "
				 "identifier");
	if (s->type == 'I')
		put_identifier(item, text);
	else if (s->type == 'L' && null)
		buffer_put_text(item, "NULL");
	else if (s->type == 'L')
		put_literal(item, text);
	else
		buffer_put_slice(item, text);
	return true;
}

static bool put_padded(struct formatter *f, const struct specifier *s,
		       struct slice item)
{
	size_t count = utf8_count(item), width = (size_t)s->width;

	if (!check_length(f->call, f->out.length + width + item.length, 1))
		return false;
	if (s->left)
		buffer_put_slice(&f->out, item);
	if (width > count)
		buffer_put_times(&f->out, slice_text(" "), width - count);
	if (!s->left)
		buffer_put_slice(&f->out, item);
	return true;
}

static bool format_one(struct formatter *f)
{
	struct specifier s;
	struct buffer item = { 0 };
	int index;
	bool ok;

	if (!read_specifier(f, &s))
		return false;
	if (!strchr("sIL", s.type)) {
		error_set(f->call->error, SQLSTATE_INVALID_PARAMETER,
			  "unrecognized format() type specifier \"%c\"",
			  s.type);
		error_hint(f->call->error, "For a single \"%%\" use \"%%%%\".");
		return false;
	}
	if (s.width_from >= 0 && !take_width(f, &s))
		return false;
	index = s.position ? s.position : f->next;
	if (index >= f->call->count)
		return fail_few_arguments(f);
	f->next = index + 1;
	ok = put_item(f, &s, index, &item) &&
	     put_padded(f, &s, buffer_slice(&item));
	buffer_fini(&item);
	return ok;
}

static bool format_text(struct call *call)
{
	struct slice text;
	struct formatter f = { .call = call, .next = 1 };

	if (!call->count || call_null(call, 0))
		return give_null(call);
	text = call_text(call, 0);
	f.at = text.at;
	f.end = text.at + text.length;
	while (f.at < f.end) {
		uint8_t c = *f.at++;

		if (c != '%') {
			buffer_put_u8(&f.out, c);
		} else if (f.at < f.end && *f.at == '%') {
			buffer_put_u8(&f.out, *f.at++);
		} else if (f.at == f.end ? !fail_unterminated(&f)
					 : !format_one(&f)) {
			buffer_fini(&f.out);
			return false;
		}
	}
	return give_buffer(call, &f.out);
}

/* --- LIKE ------------------------------------------------------------------------- */

enum like_answer { LIKE_NO, LIKE_YES, LIKE_BAD_PATTERN };

struct like {
	const uint8_t *text, *text_end;
	const uint8_t *pattern, *pattern_end;
	bool bytes;		/* count bytes, not characters */
};

static size_t unit(const struct like *like, const uint8_t *at,
		   const uint8_t *end)
{
	return like->bytes ? 1 : utf8_length(at, end);
}

/*
 * Compares one pattern element other than % with one character; advances the
 * pattern, and the text if they match.
 */
static enum like_answer match_one(struct like *like)
{
	const uint8_t *p = like->pattern;
	size_t length = unit(like, p, like->pattern_end);
	size_t step = unit(like, like->text, like->text_end);
	bool literal = false;

	if (*p == '\\') {
		p++;
		if (p == like->pattern_end)
			return LIKE_BAD_PATTERN;
		length = unit(like, p, like->pattern_end);
		literal = true;
	}
	if ((literal || *p != '_') &&
	    (length != step || memcmp(p, like->text, length)))
		return LIKE_NO;
	like->pattern = p + length;
	like->text += step;
	return LIKE_YES;
}

static bool at_percent(const struct like *like)
{
	return like->pattern < like->pattern_end && *like->pattern == '%';
}

/* Only the last % needs to be tried again: what an earlier one could take
 * more, the later one can take as well. */
static enum like_answer like_match(struct like like)
{
	const uint8_t *retry_pattern = NULL, *retry_text = NULL;

	for (;;) {
		enum like_answer answer = LIKE_NO;

		if (at_percent(&like)) {
			retry_pattern = ++like.pattern;
			retry_text = like.text;
			continue;
		}
		if (like.text == like.text_end &&
		    like.pattern == like.pattern_end)
			return LIKE_YES;
		if (like.text == like.text_end)
			return LIKE_NO;
		if (like.pattern < like.pattern_end)
			answer = match_one(&like);
		if (answer == LIKE_BAD_PATTERN)
			return answer;
		if (answer == LIKE_YES)
			continue;
		if (!retry_pattern)
			return LIKE_NO;
		retry_text += unit(&like, retry_text, like.text_end);
		like.text = retry_text;
		like.pattern = retry_pattern;
	}
}

static bool like(struct call *call)
{
	struct slice text = call_text(call, 0), pattern = call_text(call, 1);
	enum like_answer answer;

	if (call->variant) {
		text = text_lower(call, text);
		pattern = text_lower(call, pattern);
	}
	answer = like_match((struct like){
		.text = text.at, .text_end = text.at + text.length,
		.pattern = pattern.at,
		.pattern_end = pattern.at + pattern.length,
		.bytes = sqlite3_value_type(call->arguments[0]) == SQLITE_BLOB,
	});
	if (answer == LIKE_BAD_PATTERN)
		return error_set(call->error, SQLSTATE_BAD_ESCAPE,
				 "LIKE pattern must not end with escape "
				 "character");
	return give_bool(call, answer == LIKE_YES);
}

static const struct function_row rows[] = {
	{ "pg_quote_ident", 1, 0, quote_ident, 0 },
	{ "pg_quote_literal", 1, 0, quote_literal, 0 },
	{ "pg_quote_nullable", 1, FUNCTION_NULLS, quote_literal, 0 },
	{ "pg_concat", FUNCTION_FROM(0), FUNCTION_NULLS, concat, 0 },
	{ "pg_concat_ws", FUNCTION_FROM(1), FUNCTION_NULLS, concat_ws, 0 },
	{ "pg_format", FUNCTION_FROM(1), FUNCTION_NULLS, format_text, 0 },
	{ "pg_like", 2, 0, like, 0 },
	{ "pg_ilike", 2, 0, like, 1 },
	{ 0 },
};

int functions_string(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
