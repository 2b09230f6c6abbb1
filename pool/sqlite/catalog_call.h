/*
 * One call of an SQL function over the catalogs: what it is asked and how it
 * answers. Lives as long as the call.
 */
#ifndef WEIR_POOL_SQLITE_CATALOG_CALL_H
#define WEIR_POOL_SQLITE_CATALOG_CALL_H

#include "pool/sqlite/catalog_inner.h"

struct call {
	struct lite_context *context;
	const struct schema *schema;
	const struct compile_session *session;
	sqlite3_context *sqlite;
	sqlite3_value **arguments;
	int count;
	struct arena arena;	/* of this call */
};

static inline uint32_t oid_at(const struct call *call, int i)
{
	return (uint32_t)sqlite3_value_int64(call->arguments[i]);
}

static inline struct slice text_at(const struct call *call, int i)
{
	const void *text = sqlite3_value_text(call->arguments[i]);

	return slice_make(text ? text : "",
			  (size_t)sqlite3_value_bytes(call->arguments[i]));
}

static inline const char *string_at(struct call *call, int i)
{
	return arena_dup(&call->arena, text_at(call, i));
}

static inline bool null_at(const struct call *call, int i)
{
	return i >= call->count ||
	       sqlite3_value_type(call->arguments[i]) == SQLITE_NULL;
}

static inline bool any_null(const struct call *call)
{
	for (int i = 0; i < call->count; i++)
		if (null_at(call, i))
			return true;
	return false;
}

static inline bool is_number(const struct call *call, int i)
{
	return sqlite3_value_type(call->arguments[i]) == SQLITE_INTEGER;
}

static inline void give_text(struct call *call, const char *text)
{
	if (text)
		sqlite3_result_text(call->sqlite, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_null(call->sqlite);
}

static inline void give_integer(struct call *call, int64_t value)
{
	sqlite3_result_int64(call->sqlite, value);
}

static inline void give_oid(struct call *call, uint32_t oid)
{
	if (oid)
		give_integer(call, oid);
	else
		sqlite3_result_null(call->sqlite);
}

/* The context's error is filled: SQLite's words do not matter. */
static inline void fail(struct call *call)
{
	sqlite3_result_error(call->sqlite, call->context->error.message, -1);
}

static inline const char *const *path(const struct call *call)
{
	return call->session->search_path;
}

struct catalog_function {
	const char *name;
	int arguments;		/* how many, or FUNCTION_FROM() */
	void (*run)(struct call *);
};

/* Whether a file of that name stands beside the one that is served. */
bool catalog_is_other_database(const struct call *, const char *name);

/* catalog_function_name.c: names, visibility, roles. Ends without a name. */
extern const struct catalog_function catalog_name_functions[];
/* catalog_privilege.c: privileges, visibility. Likewise. */
extern const struct catalog_function catalog_privileges[];
/* catalog_signature.c: functions' arguments, encodings. Likewise. */
extern const struct catalog_function catalog_signatures[];

#endif
