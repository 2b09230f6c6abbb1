/*
 * What the function_json_*.c files share.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_JSON_H
#define WEIR_POOL_SQLITE_FUNCTION_JSON_H

#include "pool/sqlite/function.h"
#include "pool/sqlite/json.h"

/* An argument as a tree in scratch memory; NULL: refused. */
static inline struct json *call_json(struct call *call, int index)
{
	return json_parse(call_text(call, index), call->scratch, call->error);
}

/* Gives a tree as jsonb. */
bool give_jsonb(struct call *, struct json *);

/* 2202E where a text array has several dimensions. */
bool check_one_dimension(struct call *, int index);

/* Gives a node as text, as ->> does: strings bare, null is NULL. */
bool give_json_text(struct call *, const struct json *);

/* The items of a text[] argument; a NULL item has kind VALUE_NULL. */
bool call_text_array(struct call *, int index, struct value **ret_items,
		     size_t *ret_count);

/* Any value as JSON, as to_json() (`jsonb` false) prints it. */
bool put_json_value(struct call *, struct buffer *out,
		    const struct value *value, uint32_t type);

/* A step of a path as an index into an array; false: it is none. */
bool path_index(struct slice step, int64_t *ret_index);

bool fail_json(struct call *, const char *message);	/* 22023 */

#endif
