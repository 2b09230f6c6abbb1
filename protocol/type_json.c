/*
 * json, which is kept as it came once it is known to be JSON (RFC 8259), and
 * jsonb, which is kept in one normal form: members sorted by length and bytes
 * of their names, the last of equal names, one space behind : and , .
 *
 * Nothing here calls itself: how deep a text nests is a stranger's choice.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/numeric.h"
#include "protocol/type_codec.h"

#define JSON_DEPTH_MAX 6000 /* about Postgres's, by default */
#define JSONB_BYTES_MAX 268435455 /* Postgres's own limit */
#define JSONB_VERSION 1

enum token {
	TOKEN_END,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_WORD, /* true, false, null */
	TOKEN_OPEN_OBJECT,
	TOKEN_CLOSE_OBJECT,
	TOKEN_OPEN_ARRAY,
	TOKEN_CLOSE_ARRAY,
	TOKEN_COMMA,
	TOKEN_COLON,
};

struct lexer {
	const uint8_t *at, *end;
	enum token token;
	struct slice source; /* of the token */
	struct slice text; /* of a string, decoded */
	bool decode; /* for jsonb */
	struct arena *arena;
	struct error *error;
};

static bool refuse(struct lexer *lexer)
{
	return error_set(lexer->error, SQLSTATE_INVALID_TEXT,
			 "invalid input syntax for type json");
}

static int shown_length(struct slice source)
{
	return source.length > 300 ? 300 : (int)source.length;
}

static bool refuse_token(struct lexer *lexer, const uint8_t *start)
{
	lexer->source = slice_make(start, (size_t)(lexer->at - start));
	refuse(lexer);
	error_detail(lexer->error, "Token \"%.*s\" is invalid.",
		     shown_length(lexer->source),
		     (const char *)lexer->source.at);
	return false;
}

static bool refuse_end(struct lexer *lexer)
{
	refuse(lexer);
	error_detail(lexer->error, "The input string ended unexpectedly.");
	return false;
}

static bool refuse_expected(struct lexer *lexer, const char *expected)
{
	if (lexer->token == TOKEN_END)
		return refuse_end(lexer);
	refuse(lexer);
	error_detail(lexer->error, "Expected %s, but found \"%.*s\".", expected,
		     shown_length(lexer->source),
		     (const char *)lexer->source.at);
	return false;
}

/* --- tokens -------------------------------------------------------------------- */

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_word_byte(uint8_t byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

static uint8_t peek(const struct lexer *lexer)
{
	return lexer->at < lexer->end ? *lexer->at : 0;
}

static bool skip_digits(struct lexer *lexer)
{
	bool any = false;

	while (is_digit(peek(lexer))) {
		lexer->at++;
		any = true;
	}
	return any;
}

static bool lex_number(struct lexer *lexer, const uint8_t *start)
{
	bool good = true;

	if (peek(lexer) == '-')
		lexer->at++;
	if (peek(lexer) == '0')
		lexer->at++;
	else
		good = skip_digits(lexer);
	/* A part that misses does not end the number, for the complaint. */
	if (peek(lexer) == '.') {
		lexer->at++;
		good = skip_digits(lexer) && good;
	}
	if (peek(lexer) == 'e' || peek(lexer) == 'E') {
		lexer->at++;
		if (peek(lexer) == '+' || peek(lexer) == '-')
			lexer->at++;
		good = skip_digits(lexer) && good;
	}
	/* What hangs on to it belongs to it, for the complaint. */
	while (is_word_byte(peek(lexer))) {
		lexer->at++;
		good = false;
	}
	return good ? true : refuse_token(lexer, start);
}

static bool lex_word(struct lexer *lexer, const uint8_t *start)
{
	struct slice word;

	while (is_word_byte(peek(lexer)))
		lexer->at++;
	if (lexer->at == start) {
		lexer->at++;
		return refuse_token(lexer, start);
	}
	word = slice_make(start, (size_t)(lexer->at - start));
	lexer->token = TOKEN_WORD;
	if (slice_is(word, "true") || slice_is(word, "false") ||
	    slice_is(word, "null"))
		return true;
	return refuse_token(lexer, start);
}

static int hex_digit(uint8_t byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool refuse_detail(struct lexer *lexer, const char *detail)
{
	refuse(lexer);
	error_detail(lexer->error, "%s", detail);
	return false;
}

/* The four digits behind \u. */
static bool lex_hex(struct lexer *lexer, const uint8_t *start,
		    uint32_t *ret_code)
{
	uint32_t code = 0;

	for (int i = 0; i < 4; i++, lexer->at++) {
		if (lexer->at == lexer->end)
			return refuse_token(lexer, start);
		if (hex_digit(*lexer->at) < 0)
			return refuse_detail(lexer,
					     "\"\\u\" must be followed by "
					     "four hexadecimal digits.");
		code = code << 4 | (uint32_t)hex_digit(*lexer->at);
	}
	*ret_code = code;
	return true;
}

static uint8_t *put_code(uint8_t *out, uint32_t code)
{
	if (code < 0x80) {
		*out++ = (uint8_t)code;
		return out;
	}
	if (code < 0x800) {
		*out++ = (uint8_t)(0xC0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*out++ = (uint8_t)(0xE0 | code >> 12);
		} else {
			*out++ = (uint8_t)(0xF0 | code >> 18);
			*out++ = (uint8_t)(0x80 | (code >> 12 & 0x3F));
		}
		*out++ = (uint8_t)(0x80 | (code >> 6 & 0x3F));
	}
	*out++ = (uint8_t)(0x80 | (code & 0x3F));
	return out;
}

#define LOW_MISSING "Unicode low surrogate must follow a high surrogate."
#define HIGH_TWICE "Unicode high surrogate must not follow a high surrogate."

/* One \uXXXX; *high is a high surrogate that waits for its other half. */
static bool add_code(struct lexer *lexer, uint32_t code, uint32_t *high,
		     uint8_t **out)
{
	if (!lexer->decode)
		return true;
	if (code >= 0xD800 && code <= 0xDBFF) {
		if (*high)
			return refuse_detail(lexer, HIGH_TWICE);
		*high = code;
		return true;
	}
	if (code >= 0xDC00 && code <= 0xDFFF) {
		if (!*high)
			return refuse_detail(lexer, LOW_MISSING);
		code = 0x10000 + ((*high & 0x3FF) << 10) + (code & 0x3FF);
		*high = 0;
	} else if (*high) {
		return refuse_detail(lexer, LOW_MISSING);
	}
	if (code == 0) {
		error_set(lexer->error, SQLSTATE_UNTRANSLATABLE,
			  "unsupported Unicode escape sequence");
		error_detail(lexer->error,
			     "\\u0000 cannot be converted to text.");
		return false;
	}
	*out = put_code(*out, code);
	return true;
}

static bool lex_escape(struct lexer *lexer, const uint8_t *start,
		       uint32_t *high, uint8_t **out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint32_t code;

	if (lexer->at == lexer->end)
		return refuse_token(lexer, start);
	if (*lexer->at == 'u') {
		lexer->at++;
		return lex_hex(lexer, start, &code) &&
		       add_code(lexer, code, high, out);
	}
	if (*high)
		return refuse_detail(lexer, LOW_MISSING);
	found = strchr(letters, *lexer->at);
	if (!found) {
		struct slice rest =
			slice_make(lexer->at, (size_t)(lexer->end - lexer->at));

		rest = text_head(rest, 1);
		refuse(lexer);
		error_detail(lexer->error,
			     "Escape sequence \"\\%.*s\" is invalid.",
			     (int)rest.length, (const char *)rest.at);
		return false;
	}
	lexer->at++;
	if (lexer->decode)
		*(*out)++ = (uint8_t)meanings[found - letters];
	return true;
}

static bool lex_string(struct lexer *lexer, const uint8_t *start)
{
	/* Decoded, a string is never longer. */
	const uint8_t *closing;
	uint8_t *text = NULL, *out;
	uint32_t high = 0;

	for (closing = start + 1; closing < lexer->end && *closing != '"';
	     closing++)
		if (*closing == '\\')
			closing++;
	if (lexer->decode)
		text = arena_alloc(lexer->arena, (size_t)(closing - start) + 1);
	out = text;
	lexer->at = start + 1;
	while (lexer->at < lexer->end && *lexer->at != '"') {
		uint8_t byte = *lexer->at++;

		if (byte < 0x20) {
			refuse(lexer);
			error_detail(lexer->error,
				     "Character with value "
				     "0x%02x must be escaped.",
				     byte);
			return false;
		}
		if (byte == '\\') {
			if (!lex_escape(lexer, start, &high, &out))
				return false;
		} else if (high) {
			return refuse_detail(lexer, LOW_MISSING);
		} else if (lexer->decode) {
			*out++ = byte;
		}
	}
	if (lexer->at == lexer->end)
		return refuse_token(lexer, start);
	lexer->at++;
	if (high)
		return refuse_detail(lexer, LOW_MISSING);
	lexer->text = slice_make(text, (size_t)(out - text));
	return true;
}

static bool lex_value(struct lexer *lexer, const uint8_t *start)
{
	if (*start == '"') {
		lexer->token = TOKEN_STRING;
		return lex_string(lexer, start);
	}
	if (*start == '-' || is_digit(*start)) {
		lexer->token = TOKEN_NUMBER;
		return lex_number(lexer, start);
	}
	return lex_word(lexer, start);
}

static bool next(struct lexer *lexer)
{
	static const char marks[] = "{}[],:";
	const uint8_t *start;
	const char *mark;

	while (lexer->at < lexer->end &&
	       (*lexer->at == ' ' || *lexer->at == '\t' || *lexer->at == '\n' ||
		*lexer->at == '\r'))
		lexer->at++;
	start = lexer->at;
	lexer->source = slice_make(start, 0);
	if (start == lexer->end) {
		lexer->token = TOKEN_END;
		return true;
	}
	mark = *start ? strchr(marks, *start) : NULL;
	if (mark) {
		lexer->at++;
		lexer->token = (enum token)(TOKEN_OPEN_OBJECT + (mark - marks));
	} else if (!lex_value(lexer, start)) {
		return false;
	}
	lexer->source.length = (size_t)(lexer->at - start);
	return true;
}

/* --- the tree --------------------------------------------------------------------- */

enum node_kind { NODE_WORD, NODE_NUMBER, NODE_STRING, NODE_ARRAY, NODE_OBJECT };

struct node {
	enum node_kind kind;
	struct slice text; /* of a scalar, as printed or decoded */
	struct slice key; /* in an object */
	struct node *parent;
	struct node *first, *last, *next;
	size_t count; /* of children */
	size_t order; /* in the object, as written */
};

/* For json: only the kinds of what is open are remembered, not values. */
struct builder {
	struct lexer lexer;
	struct node *root, *open;
	size_t depth;
};

static struct node *add_node(struct builder *builder, enum node_kind kind,
			     struct slice key)
{
	struct node *node, *parent = builder->open;

	/* json keeps nothing but the way back up. */
	node = arena_alloc(builder->lexer.arena, sizeof(*node));
	node->kind = kind;
	node->key = key;
	node->parent = parent;
	if (!builder->root)
		builder->root = node;
	if (!parent)
		return node;
	node->order = parent->count++;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

/* A number as numeric prints it. */
static bool normal_number(struct lexer *lexer, struct slice *ret)
{
	struct numeric number;
	bool ok;

	numeric_init(&number);
	ok = numeric_parse(lexer->source, &number, lexer->error);
	if (ok)
		*ret = numeric_text(&number, lexer->arena);
	numeric_fini(&number);
	if (ok && lexer->arena->bytes > JSONB_BYTES_MAX)
		return error_set(lexer->error, SQLSTATE_LIMIT_EXCEEDED,
				 "total size of jsonb array elements exceeds "
				 "the maximum of %d bytes",
				 JSONB_BYTES_MAX);
	return ok;
}

static bool add_scalar(struct builder *builder, struct slice key)
{
	struct lexer *lexer = &builder->lexer;
	struct node *node;
	struct slice text = lexer->source;

	if (!lexer->decode)
		return next(lexer);
	if (lexer->token == TOKEN_NUMBER && !normal_number(lexer, &text))
		return false;
	if (lexer->token == TOKEN_STRING)
		text = lexer->text;
	node = add_node(builder,
			lexer->token == TOKEN_NUMBER   ? NODE_NUMBER
			: lexer->token == TOKEN_STRING ? NODE_STRING
						       : NODE_WORD,
			key);
	node->text = text;
	return next(lexer);
}

static bool open_node(struct builder *builder, enum node_kind kind,
		      struct slice key)
{
	struct lexer *lexer = &builder->lexer;

	if (++builder->depth > JSON_DEPTH_MAX)
		return error_set(lexer->error, SQLSTATE_TOO_COMPLEX,
				 "stack depth limit exceeded");
	builder->open = add_node(builder, kind, key);
	return next(lexer);
}

static bool close_node(struct builder *builder)
{
	builder->open = builder->open->parent;
	builder->depth--;
	return next(&builder->lexer);
}

/* `"name" :` */
static bool read_key(struct builder *builder, const char *expected,
		     struct slice *ret_key)
{
	struct lexer *lexer = &builder->lexer;

	if (lexer->token != TOKEN_STRING)
		return refuse_expected(lexer, expected);
	*ret_key = lexer->text;
	if (!next(lexer))
		return false;
	if (lexer->token != TOKEN_COLON)
		return refuse_expected(lexer, "\":\"");
	return next(lexer);
}

/* What begins here; false in *ret_complete: something opened that has
 * members, and the next of them is to come. */
static bool read_value(struct builder *builder, struct slice key,
		       bool *ret_complete)
{
	struct lexer *lexer = &builder->lexer;

	*ret_complete = true;
	switch (lexer->token) {
	case TOKEN_STRING:
	case TOKEN_NUMBER:
	case TOKEN_WORD:
		return add_scalar(builder, key);
	case TOKEN_OPEN_ARRAY:
		if (!open_node(builder, NODE_ARRAY, key))
			return false;
		if (lexer->token == TOKEN_CLOSE_ARRAY)
			return close_node(builder);
		break;
	case TOKEN_OPEN_OBJECT:
		if (!open_node(builder, NODE_OBJECT, key))
			return false;
		if (lexer->token == TOKEN_CLOSE_OBJECT)
			return close_node(builder);
		break;
	default:
		return refuse_expected(lexer, "JSON value");
	}
	*ret_complete = false;
	return true;
}

/* After a complete value: closes what ends, up to a comma or the end. */
static bool read_after(struct builder *builder)
{
	struct lexer *lexer = &builder->lexer;

	while (builder->open) {
		bool object = builder->open->kind == NODE_OBJECT;

		if (lexer->token == TOKEN_COMMA)
			return next(lexer);
		if (lexer->token !=
		    (object ? TOKEN_CLOSE_OBJECT : TOKEN_CLOSE_ARRAY))
			return refuse_expected(lexer,
					       object ? "\",\" or \"}\""
						      : "\",\" or \"]\"");
		if (!close_node(builder))
			return false;
	}
	return lexer->token == TOKEN_END
		       ? true
		       : refuse_expected(lexer, "end of input");
}

static bool read_document(struct builder *builder)
{
	const char *expected = "string or \"}\"";

	if (!next(&builder->lexer))
		return false;
	do {
		struct slice key = { NULL, 0 };
		bool complete;

		if (builder->open && builder->open->kind == NODE_OBJECT &&
		    !read_key(builder, expected, &key))
			return false;
		if (!read_value(builder, key, &complete))
			return false;
		expected = "string or \"}\"";
		if (complete) {
			if (!read_after(builder))
				return false;
			expected = "string";
		}
	} while (builder->open);
	return true;
}

/* --- printing jsonb ----------------------------------------------------------------- */

static int compare_members(const void *a, const void *b)
{
	const struct node *left = *(struct node *const *)a;
	const struct node *right = *(struct node *const *)b;
	int order;

	if (left->key.length != right->key.length)
		return left->key.length < right->key.length ? -1 : 1;
	order = left->key.length
			? memcmp(left->key.at, right->key.at, left->key.length)
			: 0;
	if (order)
		return order;
	return left->order < right->order ? -1 : 1;
}

/* Sorts the members of an object and drops all but the last of a name. */
static void sort_members(struct node *object)
{
	struct node **members = must_alloc(object->count * sizeof(*members));
	struct node **link = &object->first;
	size_t count = 0;

	for (struct node *it = object->first; it; it = it->next)
		members[count++] = it;
	qsort(members, count, sizeof(*members), compare_members);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count &&
		    slice_equal(members[i]->key, members[i + 1]->key))
			continue;
		*link = members[i];
		link = &members[i]->next;
	}
	*link = NULL;
	free(members);
}

static void put_escaped(struct buffer *out, uint8_t byte)
{
	static const char special[] = "\b\f\n\r\t\"\\";
	static const char letters[] = "bfnrt\"\\";
	const char *found = byte ? strchr(special, byte) : NULL;

	buffer_put_u8(out, '\\');
	if (found)
		buffer_put_u8(out, (uint8_t)letters[found - special]);
	else
		buffer_printf(out, "u%04x", byte);
}

static void put_string(struct buffer *out, struct slice text)
{
	size_t start = 0;

	buffer_put_u8(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		uint8_t byte = text.at[i];

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		buffer_put(out, text.at + start, i - start);
		put_escaped(out, byte);
		start = i + 1;
	}
	if (text.length > start)
		buffer_put(out, text.at + start, text.length - start);
	buffer_put_u8(out, '"');
}

static void open_printed(struct buffer *out, struct node *node)
{
	if (node->parent && node->parent->kind == NODE_OBJECT) {
		put_string(out, node->key);
		buffer_put_text(out, ": ");
	}
	if (node->kind == NODE_OBJECT) {
		sort_members(node);
		buffer_put_u8(out, '{');
	} else if (node->kind == NODE_ARRAY) {
		buffer_put_u8(out, '[');
	} else if (node->kind == NODE_STRING) {
		put_string(out, node->text);
	} else {
		buffer_put_slice(out, node->text);
	}
}

/* Down to the first child, on to the next one, up where there is none. */
static void print_tree(struct buffer *out, struct node *node)
{
	while (node) {
		open_printed(out, node);
		if (node->first) {
			node = node->first;
			continue;
		}
		if (node->kind >= NODE_ARRAY)
			buffer_put_u8(out,
				      node->kind == NODE_OBJECT ? '}' : ']');
		while (node && !node->next) {
			node = node->parent;
			if (node)
				buffer_put_u8(out, node->kind == NODE_OBJECT
							   ? '}'
							   : ']');
		}
		if (node) {
			buffer_put_text(out, ", ");
			node = node->next;
		}
	}
}

/* --- codecs ------------------------------------------------------------------------------ */

static bool check_json(struct slice text, struct error *error)
{
	struct arena arena = { 0 };
	struct builder builder = {
		.lexer = { .at = text.at,
			   .end = text.at + text.length,
			   .arena = &arena,
			   .error = error },
	};
	bool ok = read_document(&builder);

	arena_fini(&arena);
	return ok;
}

static bool read_json(struct type_read_job *job)
{
	return check_json(job->bytes, job->error) && put_text(job, job->bytes);
}

static bool read_json_binary(struct type_read_job *job)
{
	return text_check(job->bytes, job->error) && read_json(job);
}

static bool normalise(struct slice text, struct arena *result,
		      struct slice *ret, struct error *error)
{
	struct arena arena = { 0 };
	struct buffer out = { 0 };
	struct builder builder = {
		.lexer = { .at = text.at,
			   .end = text.at + text.length,
			   .decode = true,
			   .arena = &arena,
			   .error = error },
	};
	bool ok = read_document(&builder);

	if (ok) {
		print_tree(&out, builder.root);
		*ret = slice_make(arena_dup(result, buffer_slice(&out)),
				  out.length);
	}
	buffer_fini(&out);
	arena_fini(&arena);
	return ok;
}

static bool read_jsonb(struct type_read_job *job)
{
	struct slice text;

	return normalise(job->bytes, job->arena, &text, job->error) &&
	       put_text(job, text);
}

static bool read_jsonb_binary(struct type_read_job *job)
{
	struct slice text = job->bytes;

	if (text.length == 0)
		return refuse_binary(job);
	if (text.at[0] != JSONB_VERSION)
		return error_set(job->error, SQLSTATE_INTERNAL,
				 "unsupported jsonb version number %d",
				 text.at[0]);
	job->bytes = slice_make(text.at + 1, text.length - 1);
	return text_check(job->bytes, job->error) && read_jsonb(job);
}

static bool write_json(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_slice(job->out, text);
	return true;
}

static bool write_jsonb_binary(struct type_write_job *job)
{
	struct slice text;

	if (!stored_text(job, &text))
		return false;
	buffer_put_u8(job->out, JSONB_VERSION);
	buffer_put_slice(job->out, text);
	return true;
}

const struct type_codec codec_json = { read_json, read_json_binary, write_json,
				       write_json, NULL };
const struct type_codec codec_jsonb = { read_jsonb, read_jsonb_binary,
					write_json, write_jsonb_binary, NULL };
