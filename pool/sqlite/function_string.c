/*
 * Strings made from other things: concat and format, quoting for SQL, LIKE,
 * encodings of bytes and their digests.
 */
#include "pool/sqlite/function.h"

#include <stdlib.h>

#include <openssl/evp.h>

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
	int value = -1;

	for (; f->at < f->end && *f->at >= '0' && *f->at <= '9'; f->at++) {
		value = (value < 0 ? 0 : value) * 10 + (*f->at - '0');
		if (value > (int)FUNCTION_BYTES_MAX) {
			error_set(f->call->error,
				  SQLSTATE_NUMERIC_OUT_OF_RANGE,
				  "number is out of range");
			return -2;
		}
	}
	return value;
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
	for (; width > count; width--)
		buffer_put_u8(&f->out, ' ');
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
	struct slice escape;	/* empty: none */
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

	if (like->escape.length == length &&
	    !memcmp(p, like->escape.at, length)) {
		p += length;
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
	return like->pattern < like->pattern_end && *like->pattern == '%' &&
	       !slice_is(like->escape, "%");
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
	struct slice escape = call->count == 3 ? call_text(call, 2)
					       : slice_text("\\");
	enum like_answer answer;

	if (call->variant) {
		text = text_lower(call, text);
		pattern = text_lower(call, pattern);
	}
	if (utf8_count(escape) > 1) {
		error_set(call->error, SQLSTATE_BAD_ESCAPE,
			  "invalid escape string");
		error_hint(call->error,
			   "Escape string must be empty or one character.");
		return false;
	}
	answer = like_match((struct like){
		.text = text.at, .text_end = text.at + text.length,
		.pattern = pattern.at,
		.pattern_end = pattern.at + pattern.length,
		.escape = escape,
		.bytes = sqlite3_value_type(call->arguments[0]) == SQLITE_BLOB,
	});
	if (answer == LIKE_BAD_PATTERN)
		return error_set(call->error, SQLSTATE_BAD_ESCAPE,
				 "LIKE pattern must not end with escape "
				 "character");
	return give_bool(call, answer == LIKE_YES);
}

/* --- bytes as text ------------------------------------------------------------------ */

static const char hex_digits[] = "0123456789abcdef";

static void put_hex(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		buffer_put_u8(out, (uint8_t)hex_digits[bytes.at[i] >> 4]);
		buffer_put_u8(out, (uint8_t)hex_digits[bytes.at[i] & 15]);
	}
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Lines of 76 digits, as MIME wants them and Postgres makes them. */
static void put_base64(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i += 3) {
		size_t left = bytes.length - i;
		uint32_t group = (uint32_t)bytes.at[i] << 16;

		if (left > 1)
			group |= (uint32_t)bytes.at[i + 1] << 8;
		if (left > 2)
			group |= bytes.at[i + 2];
		if (i && i % 57 == 0)
			buffer_put_u8(out, '\n');
		for (size_t digit = 0; digit < 4; digit++)
			buffer_put_u8(out, digit > left ? '=' :
				(uint8_t)base64_digits[group >> (18 - 6 * digit)
						       & 63]);
	}
}

static void put_escaped(struct buffer *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.length; i++) {
		if (bytes.at[i] == '\\')
			buffer_put_text(out, "\\\\");
		else if (bytes.at[i] == 0 || bytes.at[i] >= 0x80)
			buffer_printf(out, "\\%03o", bytes.at[i]);
		else
			buffer_put_u8(out, bytes.at[i]);
	}
}

static bool fail_encoding(struct call *call)
{
	return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 "unrecognized encoding: \"%s\"",
			 call_cstring(call, 1));
}

static bool encode(struct call *call)
{
	struct slice bytes = call_text(call, 0);
	const char *encoding = call_cstring(call, 1);
	struct buffer out = { 0 };

	if (!check_length(call, bytes.length, 4))
		return false;
	if (!strcasecmp(encoding, "hex"))
		put_hex(&out, bytes);
	else if (!strcasecmp(encoding, "base64"))
		put_base64(&out, bytes);
	else if (!strcasecmp(encoding, "escape"))
		put_escaped(&out, bytes);
	else
		return fail_encoding(call);
	return give_buffer(call, &out);
}

static int hex_value(uint8_t c)
{
	const char *found = c ? strchr(hex_digits, c | (c >= 'A' ? 0x20 : 0))
			      : NULL;

	return found ? (int)(found - hex_digits) : -1;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* "invalid hexadecimal digit: "g"": with the whole character. */
static bool fail_symbol(struct call *call, const char *format,
			const uint8_t *at, const uint8_t *end)
{
	char symbol[8] = "";

	memcpy(symbol, at, utf8_length(at, end));
	return error_set(call->error, SQLSTATE_INVALID_PARAMETER,
			 strcmp(format, "hex")
			 ? "invalid symbol \"%s\" found while decoding base64 "
			   "sequence"
			 : "invalid hexadecimal digit: \"%s\"", symbol);
}

static bool read_hex(struct call *call, struct slice text, struct buffer *out)
{
	const uint8_t *at = text.at, *end = text.at + text.length;

	while (at < end) {
		if (is_space(*at)) {
			at++;
			continue;
		}
		if (hex_value(at[0]) < 0)
			return fail_symbol(call, "hex", at, end);
		if (at + 1 == end)
			return error_set(call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "invalid hexadecimal data: odd number "
					 "of digits");
		if (hex_value(at[1]) < 0)
			return fail_symbol(call, "hex", at + 1, end);
		buffer_put_u8(out, (uint8_t)(hex_value(at[0]) << 4 |
					     hex_value(at[1])));
		at += 2;
	}
	return true;
}

static bool fail_base64_end(struct call *call)
{
	error_set(call->error, SQLSTATE_INVALID_PARAMETER,
		  "invalid base64 end sequence");
	error_hint(call->error, "Input data is missing padding, is truncated, "
				"or is otherwise corrupted.");
	return false;
}

static bool read_base64(struct call *call, struct slice text,
			struct buffer *out)
{
	const uint8_t *at = text.at, *end = text.at + text.length;
	uint32_t group = 0;
	int digits = 0, padding = 0;

	for (; at < end; at++) {
		const char *found = *at ? strchr(base64_digits, *at) : NULL;

		if (is_space(*at))
			continue;
		if (*at == '=' ? digits < 2 : padding != 0)
			return error_set(call->error,
					 SQLSTATE_INVALID_PARAMETER,
					 "unexpected \"=\" while decoding "
					 "base64 sequence");
		if (*at != '=' && !found)
			return fail_symbol(call, "base64", at, end);
		padding += *at == '=';
		group = group << 6 |
			(found ? (uint32_t)(found - base64_digits) : 0);
		if (++digits < 4)
			continue;
		for (int i = 0; i < 3 - padding; i++)
			buffer_put_u8(out, (uint8_t)(group >> (16 - 8 * i)));
		group = 0;
		digits = 0;
	}
	return digits == 0 || fail_base64_end(call);
}

static bool read_escaped(struct call *call, struct slice text,
			 struct buffer *out)
{
	for (size_t i = 0; i < text.length; i++) {
		const uint8_t *at = text.at + i;
		size_t left = text.length - i;

		if (*at != '\\') {
			buffer_put_u8(out, *at);
		} else if (left >= 4 && at[1] >= '0' && at[1] <= '3' &&
			   at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
			   at[3] <= '7') {
			buffer_put_u8(out, (uint8_t)((at[1] - '0') << 6 |
						     (at[2] - '0') << 3 |
						     (at[3] - '0')));
			i += 3;
		} else if (left >= 2 && at[1] == '\\') {
			buffer_put_u8(out, '\\');
			i++;
		} else {
			return error_set(call->error, SQLSTATE_INVALID_TEXT,
					 "invalid input syntax for type bytea");
		}
	}
	return true;
}

static bool decode(struct call *call)
{
	struct slice text = call_text(call, 0);
	const char *encoding = call_cstring(call, 1);
	struct buffer out = { 0 };
	bool ok;

	if (!strcasecmp(encoding, "hex"))
		ok = read_hex(call, text, &out);
	else if (!strcasecmp(encoding, "base64"))
		ok = read_base64(call, text, &out);
	else if (!strcasecmp(encoding, "escape"))
		ok = read_escaped(call, text, &out);
	else
		ok = fail_encoding(call);
	if (ok)
		give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return ok;
}

/* to_hex(value, width of its type): two's complement. */
static bool to_hex(struct call *call)
{
	uint64_t value = (uint64_t)call_integer(call, 0);
	char text[24];

	if (call_integer(call, 1) != 8)
		value = (uint32_t)value;
	snprintf(text, sizeof(text), "%llx", (unsigned long long)value);
	return give_text(call, slice_text(text));
}

/* --- digests ------------------------------------------------------------------------ */

enum digest { DIGEST_MD5, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384,
	      DIGEST_SHA512 };

static bool digest(struct call *call)
{
	static const char *const names[] = { "MD5", "SHA224", "SHA256",
					     "SHA384", "SHA512" };
	struct slice bytes = call_text(call, 0);
	uint8_t sum[EVP_MAX_MD_SIZE];
	size_t length = 0;
	struct buffer out = { 0 };

	if (!EVP_Q_digest(NULL, names[call->variant], NULL, bytes.at,
			  bytes.length, sum, &length))
		return error_set(call->error, SQLSTATE_INTERNAL,
				 "could not compute %s hash",
				 names[call->variant]);
	if (call->variant != DIGEST_MD5)
		return give_blob(call, slice_make(sum, length));
	put_hex(&out, slice_make(sum, length));
	return give_buffer(call, &out);
}

static bool bytea_concat(struct call *call)
{
	struct buffer out = { 0 };

	buffer_put_slice(&out, call_text(call, 0));
	buffer_put_slice(&out, call_text(call, 1));
	give_blob(call, buffer_slice(&out));
	buffer_fini(&out);
	return true;
}

static bool check_index(struct call *call, size_t length)
{
	int64_t index = call_integer(call, 1);

	return (index >= 0 && (size_t)index < length) ||
	       error_set(call->error, "2202E",
			 "index %lld out of valid range, 0..%lld",
			 (long long)index, (long long)length - 1);
}

static bool get_byte(struct call *call)
{
	struct slice bytes = call_text(call, 0);

	return check_index(call, bytes.length) &&
	       give_integer(call, bytes.at[call_integer(call, 1)]);
}

static bool set_byte(struct call *call)
{
	struct slice bytes = call_text(call, 0);
	char *copy = arena_dup(call->scratch, bytes);

	if (!check_index(call, bytes.length))
		return false;
	copy[call_integer(call, 1)] = (char)call_integer(call, 2);
	return give_blob(call, slice_make(copy, bytes.length));
}

static bool check_utf8(struct call *call, struct slice text)
{
	const uint8_t *at = text.at, *end = text.at + text.length;

	while (at < end) {
		size_t length = utf8_length(at, end);

		if (*at == 0 || (length == 1 && *at >= 0x80))
			return error_set(call->error, "22021",
					 "invalid byte sequence for encoding "
					 "\"UTF8\": 0x%02x", *at);
		at += length;
	}
	return true;
}

/* convert_to(), convert_from(): the one encoding there is. */
static bool convert(struct call *call)
{
	const char *encoding = call_cstring(call, 1);

	if (strcasecmp(encoding, "utf8") && strcasecmp(encoding, "utf-8") &&
	    strcasecmp(encoding, "unicode"))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "encoding \"%s\" is not supported", encoding);
	if (!call->variant)
		return give_blob(call, call_text(call, 0));
	return check_utf8(call, call_text(call, 0)) &&
	       give_text(call, call_text(call, 0));
}

static const struct function_row rows[] = {
	{ "pg_quote_ident", 1, 0, quote_ident, 0 },
	{ "pg_quote_literal", 1, 0, quote_literal, 0 },
	{ "pg_quote_nullable", 1, FUNCTION_NULLS, quote_literal, 0 },
	{ "pg_concat", -1, FUNCTION_NULLS, concat, 0 },
	{ "pg_concat_ws", -1, FUNCTION_NULLS, concat_ws, 0 },
	{ "pg_format", -1, FUNCTION_NULLS, format_text, 0 },
	{ "pg_like", 2, 0, like, 0 },
	{ "pg_like", 3, 0, like, 0 },
	{ "pg_ilike", 2, 0, like, 1 },
	{ "pg_ilike", 3, 0, like, 1 },
	{ "pg_encode", 2, 0, encode, 0 },
	{ "pg_decode", 2, 0, decode, 0 },
	{ "pg_to_hex", 2, 0, to_hex, 0 },
	{ "pg_bytea_concat", 2, 0, bytea_concat, 0 },
	{ "pg_get_byte", 2, 0, get_byte, 0 },
	{ "pg_set_byte", 3, 0, set_byte, 0 },
	{ "pg_md5", 1, 0, digest, DIGEST_MD5 },
	{ "pg_sha224", 1, 0, digest, DIGEST_SHA224 },
	{ "pg_sha256", 1, 0, digest, DIGEST_SHA256 },
	{ "pg_sha384", 1, 0, digest, DIGEST_SHA384 },
	{ "pg_sha512", 1, 0, digest, DIGEST_SHA512 },
	{ "pg_convert_to", 2, 0, convert, 0 },
	{ "pg_convert_from", 2, 0, convert, 1 },
	{ 0 },
};

int functions_string(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
