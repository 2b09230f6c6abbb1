/*
 * JSON as a tree, for the functions that look into it or change it. Nodes and
 * decoded texts live in an arena; sources point into the text that was read.
 *
 * A node of a stored jsonb is printed as Postgres prints jsonb, so its source
 * is already what a piece of it is to look like.
 */
#ifndef WEIR_POOL_SQLITE_JSON_H
#define WEIR_POOL_SQLITE_JSON_H

#include "protocol/arena.h"
#include "protocol/bytes.h"
#include "protocol/error.h"

#define JSON_DEPTH_MAX 1000

/* In the order in which Postgres sorts jsonb. */
enum json_kind {
	JSON_NULL,
	JSON_STRING,
	JSON_NUMBER,
	JSON_FALSE,
	JSON_TRUE,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_kind kind;
	struct slice source;	/* as it was written */
	struct slice text;	/* of a string, decoded; of a number */
	struct slice key;	/* of a member of an object, decoded */
	struct json *first;	/* of an array or object */
	struct json *last;
	struct json *next;	/* in the same array or object */
	size_t count;
};

/* NULL: 22P02 (no JSON), 22P05 (\u0000) or 54001 (too deep). */
struct json *json_parse(struct slice text, struct arena *, struct error *);

/* A new node; an object or array is filled with json_append(). */
struct json *json_new(enum json_kind, struct arena *);
struct json *json_text(struct slice text, struct arena *);
void json_append(struct json *parent, struct json *child);
/* A copy that can be appended elsewhere; shares the children. */
struct json *json_copy(const struct json *, struct arena *);

/* The member (the last of that name), or the element; NULL: none.
 * A negative index counts from the end. */
struct json *json_member(const struct json *, struct slice key);
struct json *json_element(const struct json *, int64_t index);

/* As jsonb is printed: members sorted by length and bytes of their names,
 * the last of equal names kept, numbers as numeric prints them. Sorts the
 * tree in place. */
bool json_put_canonical(struct json *, struct arena *, struct buffer *out,
			struct error *);
/* A text as a JSON string, with its quotes. */
void json_put_string(struct buffer *out, struct slice text);

/* -1, 0, 1 as jsonb compares. */
int json_compare(struct json *, struct json *, struct arena *);
/* a @> b */
bool json_contains(const struct json *a, const struct json *b, struct arena *);

/* "object", "array", "string", "number", "boolean", "null" */
const char *json_type_name(const struct json *);

static inline bool json_is_scalar(const struct json *json)
{
	return json->kind < JSON_ARRAY;
}

#endif
