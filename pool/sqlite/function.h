/*
 * The SQL functions, aggregates, table-valued functions and collations that
 * make SQLite compute as Postgres does. Each companion function_<subject>.c
 * owns a table of rows: a name as the compiler prints it, how many arguments
 * it takes, and what runs. This file knows how a row becomes something that
 * SQLite can call, and what the implementations share: reading arguments,
 * giving a result, memory that lasts as long as one call.
 *
 * Values come and go in the storage forms of protocol/type.h. A row runs on
 * the thread of its connection. It fails by filling call->error and returning
 * false. Functions are strict, NULL in, NULL out, unless their row says
 * otherwise.
 */
#ifndef WEIR_POOL_SQLITE_FUNCTION_H
#define WEIR_POOL_SQLITE_FUNCTION_H

#include <math.h>

#include "pool/sqlite/context.h"
#include "pool/sqlite/regex.h"
#include "protocol/arena.h"
#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/type.h"

#define SQLSTATE_NULL_NOT_ALLOWED "22004"

/* What a function may return at most. Postgres stops at 1 GB. */
#define FUNCTION_BYTES_MAX ((size_t)1 << 28)

/* Tables of aggregates. */
#define FUNCTION_AGGREGATES_MAX 16

struct aggregate_row;

/* What all functions of one connection share. */
struct functions {
	struct lite_context *context;
	sqlite3 *db;
	struct arena scratch;	/* of the call that runs; calls do not nest */
	struct regex_cache *regexes;
	void *ctype;		/* a locale_t: letters beyond ASCII */
	const struct aggregate_row *aggregates[FUNCTION_AGGREGATES_MAX];
	int aggregates_count;	/* tables that were added */
	int references;		/* one for each name SQLite knows */
};

struct call {
	struct lite_context *context;
	struct functions *functions;
	struct arena *scratch;	/* until this call returns */
	struct error *error;	/* the context's: fill it, return false */
	sqlite3_context *sqlite;
	sqlite3_value **arguments;
	int count;
	int variant;		/* of the row: one code, several names */
};

enum function_flag {
	FUNCTION_NULLS = 1,	/* called even if an argument is NULL */
	FUNCTION_VOLATILE = 2,	/* answers differently when asked again */
	FUNCTION_READS = 4,	/* so does this, but it changes nothing: the
				   catalogs' views may call it */
	FUNCTION_ANEW = 8,	/* an aggregate that is computed anew for each
				   row of a moving frame: as pg_moving_... */
};

struct function_row {
	const char *name;
	int arguments;		/* how many, or FUNCTION_FROM(the fewest) */
	int flags;
	bool (*run)(struct call *);
	int variant;
};

/*
 * An aggregate. `state` is zeroed memory of `state_bytes`; rows with a NULL
 * among their arguments are skipped unless FUNCTION_NULLS. `value` gives the
 * result of what was put in so far and may be called again and again;
 * `remove` takes away the oldest row of a moving window frame; `release` gives
 * memory back (NULL: there is none).
 */
struct aggregate_row {
	const char *name;
	int arguments;
	int flags;
	size_t state_bytes;
	bool (*add)(struct call *, void *state);
	bool (*remove)(struct call *, void *state);
	bool (*value)(struct call *, void *state);
	void (*release)(void *state);
	int variant;
};

/* Tables end with a row without name. */
int functions_add(sqlite3 *, struct functions *, const struct function_row *);
int functions_add_aggregates(sqlite3 *, struct functions *,
			     const struct aggregate_row *);

/* The row of that name among all that were added, or NULL. */
const struct aggregate_row *aggregate_find(const struct functions *,
					   const char *name);

/* Adds a collation; `compare` works on storage forms. */
int functions_add_collation(sqlite3 *, struct functions *, const char *name,
			    int (*compare)(void *, int, const void *, int,
					   const void *));

/* A reference for a module or collation of a companion; what SQLite calls
 * to give it back is functions_unref(). */
struct functions *functions_ref(struct functions *);
void functions_unref(void *);

/* Each companion adds its rows. */
int functions_number(sqlite3 *, struct functions *);
int functions_degrees(sqlite3 *, struct functions *);
int functions_enum(sqlite3 *, struct functions *);
int functions_text(sqlite3 *, struct functions *);
int functions_string(sqlite3 *, struct functions *);
int functions_bytes(sqlite3 *, struct functions *);
int functions_crypto(sqlite3 *, struct functions *);
int functions_regex(sqlite3 *, struct functions *);
int functions_array(sqlite3 *, struct functions *);
int functions_array_part(sqlite3 *, struct functions *);
int functions_aggregate(sqlite3 *, struct functions *);
int functions_sorted(sqlite3 *, struct functions *);
int functions_choose(sqlite3 *, struct functions *);
int functions_json(sqlite3 *, struct functions *);
int functions_json_build(sqlite3 *, struct functions *);
int functions_json_edit(sqlite3 *, struct functions *);
int functions_json_put(sqlite3 *, struct functions *);
int functions_sets(sqlite3 *, struct functions *);
int functions_numeric(sqlite3 *, struct functions *);
int functions_session(sqlite3 *, struct functions *);
int functions_time(sqlite3 *, struct functions *);
int functions_cast(sqlite3 *, struct functions *);
int functions_to_char(sqlite3 *, struct functions *);
int functions_order(sqlite3 *, struct functions *);
int functions_network(sqlite3 *, struct functions *);
int functions_foreign(sqlite3 *, struct functions *);

/* --- arguments ------------------------------------------------------- */

static inline bool call_null(const struct call *call, int index)
{
	return sqlite3_value_type(call->arguments[index]) == SQLITE_NULL;
}

static inline int64_t call_integer(const struct call *call, int index)
{
	return sqlite3_value_int64(call->arguments[index]);
}

/* A float as stored: NaN is the text 'NaN'. */
double value_real(sqlite3_value *);

static inline double call_real(const struct call *call, int index)
{
	return value_real(call->arguments[index]);
}

/* Text or bytes, borrowed until the call returns. */
struct slice value_bytes(sqlite3_value *);

static inline struct slice call_text(const struct call *call, int index)
{
	return value_bytes(call->arguments[index]);
}

/* The same with a zero byte behind it. */
const char *call_cstring(const struct call *call, int index);

/* Any argument as a struct value; bytes are borrowed. */
struct value call_value(const struct call *call, int index);

/* The session's settings. */
static inline const struct type_settings *call_settings(const struct call *call)
{
	return call->context->session->types;
}

/* --- results: all return true, to end a function with ------------------ */

bool give_null(struct call *);
bool give_integer(struct call *, int64_t value);
bool give_bool(struct call *, bool value);
bool give_real(struct call *, double value);
bool give_text(struct call *, struct slice text);	/* copied */
bool give_blob(struct call *, struct slice bytes);
bool give_value(struct call *, const struct value *value);

/* Gives the text and frees the buffer; false: longer than allowed. */
bool give_buffer(struct call *, struct buffer *);

/* Gives an argument back as it came. */
bool give_argument(struct call *, int index);

/* --- shared complaints: all return false ------------------------------- */

/* "integer out of range" and its kin; width 2, 4, 8. */
bool fail_integer_range(struct call *, int64_t width);
bool fail_division(struct call *);

/* Refuses a result of more than FUNCTION_BYTES_MAX. */
bool check_length(struct call *, size_t count, size_t each);

/* --- characters (function_text.c) --------------------------------------- */

/* Bytes of the UTF-8 character at `at`, at least 1 and never past `end`,
 * also where the bytes are no UTF-8. */
size_t utf8_length(const uint8_t *at, const uint8_t *end);
/* Decodes it; a broken one decodes to its first byte. */
uint32_t utf8_decode(const uint8_t *at, size_t length);
void utf8_put(struct buffer *, uint32_t character);
/* How many characters. */
size_t utf8_count(struct slice text);
/* The bytes from character `skip`, at most `count` characters. */
struct slice utf8_slice(struct slice text, size_t skip, size_t count);
/* Lower case, in the call's scratch memory. */
struct slice text_lower(struct call *, struct slice text);

/* --- types (function_array.c, function_interval.c) ------------------------ */

/* The type of an array type's elements; 0: it is no array type. */
uint32_t array_element_type(const struct call *, uint32_t type);
/* -1, 0, 1 of two stored intervals. */
int compare_intervals(struct slice a, struct slice b);

/* --- writing (function_string.c, function_array.c) ----------------------- */

/* A name, quoted if it must be. */
void put_identifier(struct buffer *, struct slice name);

/*
 * Writes an array of text in its stored form: begin, items (NULL: a null),
 * end.
 */
void array_begin(struct buffer *);
void array_item(struct buffer *, const struct slice *item);
void array_end(struct buffer *);

#endif
