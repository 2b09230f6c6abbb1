#include "pool/sqlite/json.h"

#include <stdlib.h>

#include "protocol/numeric.h"
#include "protocol/type.h"

struct parser {
	const uint8_t *at;
	const uint8_t *end;
	struct arena *arena;
	struct error *error;
	int depth;
};

static struct json *parse_value(struct parser *);

static struct json *fail(struct parser *p)
{
	if (!p->error->sqlstate[0])
		error_set(p->error, SQLSTATE_INVALID_TEXT,
			  "invalid input syntax for type json");
	return NULL;
}

static void skip_space(struct parser *p)
{
	while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' ||
				  *p->at == '\n' || *p->at == '\r'))
		p->at++;
}

static bool eat(struct parser *p, uint8_t c)
{
	skip_space(p);
	if (p->at == p->end || *p->at != c)
		return false;
	p->at++;
	return true;
}

/* --- nodes -------------------------------------------------------------------- */

struct json *json_new(enum json_kind kind, struct arena *arena)
{
	struct json *json = arena_alloc(arena, sizeof(*json));

	json->kind = kind;
	return json;
}

struct json *json_text(struct slice text, struct arena *arena)
{
	struct json *json = json_new(JSON_STRING, arena);

	json->text = text;
	return json;
}

void json_append(struct json *parent, struct json *child)
{
	child->next = NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

struct json *json_copy(const struct json *json, struct arena *arena)
{
	struct json *copy = json_new(json->kind, arena);

	*copy = *json;
	copy->next = NULL;
	return copy;
}

struct json *json_member(const struct json *json, struct slice key)
{
	struct json *found = NULL;

	if (json->kind == JSON_OBJECT)
		for (struct json *at = json->first; at; at = at->next)
			if (slice_equal(at->key, key))
				found = at;
	return found;
}

struct json *json_element(const struct json *json, int64_t index)
{
	struct json *at = json->first;

	if (json->kind != JSON_ARRAY)
		return NULL;
	if (index < 0)
		index += (int64_t)json->count;
	if (index < 0)
		return NULL;
	while (at && index--)
		at = at->next;
	return at;
}

/* --- reading -------------------------------------------------------------------- */

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int32_t read_hex4(struct parser *p)
{
	int32_t value = 0;

	if (p->end - p->at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(*p->at++);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static uint8_t *put_utf8(uint8_t *out, uint32_t c)
{
	if (c < 0x80) {
		*out++ = (uint8_t)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (uint8_t)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		*out++ = (uint8_t)(0xE0 | c >> 12);
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
	} else {
		*out++ = (uint8_t)(0xF0 | c >> 18);
		*out++ = (uint8_t)(0x80 | (c >> 12 & 0x3F));
		*out++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
	}
	*out++ = (uint8_t)(0x80 | (c & 0x3F));
	return out;
}

/* \uXXXX, or a pair of surrogates; NULL: refused. */
static uint8_t *read_unicode(struct parser *p, uint8_t *out)
{
	int32_t high = read_hex4(p), low;

	if (high == 0) {
		error_set(p->error, SQLSTATE_UNTRANSLATABLE,
			  "unsupported Unicode escape sequence");
		error_detail(p->error, "\\u0000 cannot be converted to text.");
		return NULL;
	}
	if (high < 0 || (high >= 0xDC00 && high < 0xE000))
		return NULL;
	if (high < 0xD800 || high >= 0xE000)
		return put_utf8(out, (uint32_t)high);
	if (p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u')
		return NULL;
	p->at += 2;
	low = read_hex4(p);
	if (low < 0xDC00 || low >= 0xE000)
		return NULL;
	return put_utf8(out, 0x10000u + ((uint32_t)(high - 0xD800) << 10) +
				     (uint32_t)(low - 0xDC00));
}

static uint8_t *read_escape(struct parser *p, uint8_t *out)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (p->at == p->end)
		return NULL;
	if (*p->at == 'u') {
		p->at++;
		return read_unicode(p, out);
	}
	found = *p->at ? strchr(letters, *p->at) : NULL;
	if (!found)
		return NULL;
	p->at++;
	*out++ = (uint8_t)means[found - letters];
	return out;
}

/* The quote is already read. What has no escape is not copied. */
static bool read_string(struct parser *p, struct slice *ret_text)
{
	const uint8_t *start = p->at;
	uint8_t *text, *out;

	while (p->at < p->end && *p->at != '"' && *p->at != '\\' &&
	       *p->at >= 0x20)
		p->at++;
	if (p->at < p->end && *p->at == '"') {
		*ret_text = slice_make(start, (size_t)(p->at++ - start));
		return true;
	}
	p->at = start;
	while (p->at < p->end && *p->at != '"')
		p->at += *p->at == '\\' && p->end - p->at > 1 ? 2 : 1;
	text = out = arena_alloc(p->arena, (size_t)(p->at - start) + 1);
	p->at = start;
	while (p->at < p->end && *p->at != '"') {
		uint8_t c = *p->at++;

		if (c < 0x20)
			return false;
		if (c != '\\')
			*out++ = c;
		else if (!(out = read_escape(p, out)))
			return false;
	}
	*ret_text = slice_make(text, (size_t)(out - text));
	return p->at < p->end && *p->at++ == '"';
}

static bool skip_digits(struct parser *p)
{
	const uint8_t *start = p->at;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
		p->at++;
	return p->at > start;
}

static bool skip_number(struct parser *p)
{
	if (p->at < p->end && *p->at == '-')
		p->at++;
	if (p->at < p->end && *p->at == '0')
		p->at++;
	else if (!skip_digits(p))
		return false;
	if (p->at < p->end && *p->at == '.') {
		p->at++;
		if (!skip_digits(p))
			return false;
	}
	if (p->at < p->end && (*p->at | 0x20) == 'e') {
		p->at++;
		if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
			p->at++;
		return skip_digits(p);
	}
	return true;
}

static struct json *parse_word(struct parser *p, const char *word,
			       enum json_kind kind)
{
	size_t length = strlen(word);

	if ((size_t)(p->end - p->at) < length ||
	    memcmp(p->at, word, length) != 0)
		return fail(p);
	p->at += length;
	return json_new(kind, p->arena);
}

static struct json *parse_array(struct parser *p)
{
	struct json *array = json_new(JSON_ARRAY, p->arena);

	p->at++;
	if (eat(p, ']'))
		return array;
	do {
		struct json *item = parse_value(p);

		if (!item)
			return NULL;
		json_append(array, item);
	} while (eat(p, ','));
	return eat(p, ']') ? array : fail(p);
}

static struct json *parse_object(struct parser *p)
{
	struct json *object = json_new(JSON_OBJECT, p->arena);

	p->at++;
	if (eat(p, '}'))
		return object;
	do {
		struct slice key;
		struct json *item;

		if (!eat(p, '"') || !read_string(p, &key) || !eat(p, ':'))
			return fail(p);
		item = parse_value(p);
		if (!item)
			return NULL;
		item->key = key;
		json_append(object, item);
	} while (eat(p, ','));
	return eat(p, '}') ? object : fail(p);
}

static struct json *parse_scalar(struct parser *p)
{
	struct json *json;
	const uint8_t *start = p->at;

	switch (*p->at) {
	case 'n':
		return parse_word(p, "null", JSON_NULL);
	case 't':
		return parse_word(p, "true", JSON_TRUE);
	case 'f':
		return parse_word(p, "false", JSON_FALSE);
	case '"':
		p->at++;
		json = json_new(JSON_STRING, p->arena);
		return read_string(p, &json->text) ? json : fail(p);
	}
	json = json_new(JSON_NUMBER, p->arena);
	if (!skip_number(p))
		return fail(p);
	json->text = slice_make(start, (size_t)(p->at - start));
	return json;
}

static struct json *parse_value(struct parser *p)
{
	const uint8_t *start;
	struct json *json;

	skip_space(p);
	if (p->at == p->end)
		return fail(p);
	if (p->depth == JSON_DEPTH_MAX) {
		error_set(p->error, SQLSTATE_TOO_COMPLEX,
			  "stack depth limit exceeded");
		return NULL;
	}
	start = p->at;
	p->depth++;
	json = *start == '['   ? parse_array(p)
	       : *start == '{' ? parse_object(p)
			       : parse_scalar(p);
	p->depth--;
	if (json)
		json->source = slice_make(start, (size_t)(p->at - start));
	return json;
}

struct json *json_parse(struct slice text, struct arena *arena,
			struct error *error)
{
	struct parser p = { text.at, text.at + text.length, arena, error, 0 };
	struct json *json;

	error->sqlstate[0] = 0;
	json = parse_value(&p);
	if (!json)
		return NULL;
	skip_space(&p);
	return p.at == p.end ? json : fail(&p);
}

/* --- writing --------------------------------------------------------------------- */

void json_put_string(struct buffer *out, struct slice text)
{
	static const char letters[] = "\b\f\n\r\t\"\\";
	static const char names[] = "bfnrt\"\\";

	buffer_put_u8(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		uint8_t c = text.at[i];
		const char *found = c ? strchr(letters, c) : NULL;

		if (found) {
			buffer_put_u8(out, '\\');
			buffer_put_u8(out, (uint8_t)names[found - letters]);
		} else if (c < 0x20) {
			buffer_printf(out, "\\u%04x", c);
		} else {
			buffer_put_u8(out, c);
		}
	}
	buffer_put_u8(out, '"');
}

static int compare_keys(struct slice a, struct slice b)
{
	if (a.length != b.length)
		return a.length < b.length ? -1 : 1;
	return a.length ? memcmp(a.at, b.at, a.length) : 0;
}

/* Of equal keys the later one comes first, so that it is the one kept. */
struct position {
	struct json *json;
	size_t index;
};

static int compare_positions(const void *a, const void *b)
{
	const struct position *left = a, *right = b;
	int order = compare_keys(left->json->key, right->json->key);

	if (order)
		return order;
	return left->index > right->index ? -1 : 1;
}

static bool is_sorted(const struct json *object)
{
	for (const struct json *at = object->first; at && at->next;
	     at = at->next)
		if (compare_keys(at->key, at->next->key) >= 0)
			return false;
	return true;
}

static void sort_members(struct json *object, struct arena *arena)
{
	struct position *members;
	size_t count = 0;

	if (is_sorted(object))
		return;
	members = arena_alloc(arena, object->count * sizeof(*members));
	for (struct json *at = object->first; at; at = at->next, count++)
		members[count] = (struct position){ at, count };
	qsort(members, count, sizeof(*members), compare_positions);
	object->first = object->last = NULL;
	object->count = 0;
	for (size_t i = 0; i < count; i++)
		if (!i || compare_keys(members[i].json->key,
				       members[i - 1].json->key))
			json_append(object, members[i].json);
}

/* jsonb keeps numbers as numeric does: no exponent, no -0. */
static bool put_number(const struct json *json, struct arena *arena,
		       struct buffer *out, struct error *error)
{
	static const struct type_settings settings = { .time_zone = "UTC",
						       .date_order = 'M' };
	struct slice text = json->text;
	struct value value;

	if (text.at[0] != '-' && !memchr(text.at, 'e', text.length) &&
	    !memchr(text.at, 'E', text.length)) {
		buffer_put_slice(out, text);
		return true;
	}
	if (!type_read(OID_NUMERIC, -1, WIRE_TEXT, text, &settings, arena,
		       &value, error))
		return false;
	buffer_put_slice(out, value.bytes);
	return true;
}

static bool put_children(struct json *json, struct arena *arena,
			 struct buffer *out, struct error *error)
{
	bool object = json->kind == JSON_OBJECT;

	if (object)
		sort_members(json, arena);
	buffer_put_u8(out, object ? '{' : '[');
	for (struct json *at = json->first; at; at = at->next) {
		if (at != json->first)
			buffer_put_text(out, ", ");
		if (object) {
			json_put_string(out, at->key);
			buffer_put_text(out, ": ");
		}
		if (!json_put_canonical(at, arena, out, error))
			return false;
	}
	buffer_put_u8(out, object ? '}' : ']');
	return true;
}

bool json_put_canonical(struct json *json, struct arena *arena,
			struct buffer *out, struct error *error)
{
	switch (json->kind) {
	case JSON_NULL:
		buffer_put_text(out, "null");
		return true;
	case JSON_TRUE:
		buffer_put_text(out, "true");
		return true;
	case JSON_FALSE:
		buffer_put_text(out, "false");
		return true;
	case JSON_STRING:
		json_put_string(out, json->text);
		return true;
	case JSON_NUMBER:
		return put_number(json, arena, out, error);
	default:
		return put_children(json, arena, out, error);
	}
}

const char *json_type_name(const struct json *json)
{
	static const char *const names[] = {
		"null", "string", "number", "boolean", "boolean", "array",
		"object",
	};

	return names[json->kind];
}

/* --- comparing ----------------------------------------------------------------------- */

static int compare_text(struct slice a, struct slice b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.at, b.at, common) : 0;

	if (order)
		return order < 0 ? -1 : 1;
	return (a.length > b.length) - (a.length < b.length);
}

static int compare_values(struct json *, struct json *, struct arena *);

static int compare_children(struct json *a, struct json *b,
			    struct arena *arena)
{
	struct json *left, *right;

	if (a->kind == JSON_OBJECT) {
		sort_members(a, arena);
		sort_members(b, arena);
	}
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	for (left = a->first, right = b->first; left && right;
	     left = left->next, right = right->next) {
		int order = a->kind == JSON_OBJECT
				    ? compare_text(left->key, right->key)
				    : 0;

		if (!order)
			order = compare_values(left, right, arena);
		if (order)
			return order;
	}
	return 0;
}

static int compare_values(struct json *a, struct json *b, struct arena *arena)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case JSON_STRING:
		return compare_text(a->text, b->text);
	case JSON_NUMBER:
		return numeric_text_compare(a->text, b->text);
	case JSON_ARRAY:
	case JSON_OBJECT:
		return compare_children(a, b, arena);
	default:
		return 0;
	}
}

/* A document that is no more than a value counts as an array of one, so an
 * empty array comes before it. */
int json_compare(struct json *a, struct json *b, struct arena *arena)
{
	if (json_is_scalar(a) && b->kind == JSON_ARRAY && !b->count)
		return 1;
	if (json_is_scalar(b) && a->kind == JSON_ARRAY && !a->count)
		return -1;
	return compare_values(a, b, arena);
}

static bool contains_element(const struct json *array, const struct json *item,
			     struct arena *arena)
{
	for (struct json *at = array->first; at; at = at->next)
		if (at->kind == item->kind && json_contains(at, item, arena))
			return true;
	return false;
}

static bool contains_all(const struct json *a, const struct json *b,
			 struct arena *arena)
{
	for (const struct json *at = b->first; at; at = at->next) {
		const struct json *own = a->kind == JSON_OBJECT
						 ? json_member(a, at->key)
						 : NULL;

		if (a->kind == JSON_ARRAY ? !contains_element(a, at, arena)
					  : !own || own->kind != at->kind ||
						    !json_contains(own, at,
								   arena))
			return false;
	}
	return true;
}

bool json_contains(const struct json *a, const struct json *b,
		   struct arena *arena)
{
	if (a->kind != b->kind)
		return false;
	if (!json_is_scalar(a))
		return contains_all(a, b, arena);
	return json_compare(json_copy(a, arena), json_copy(b, arena), arena) ==
	       0;
}
