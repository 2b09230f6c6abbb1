/*
 * What SQL functions of ours may look at while a statement runs: one context
 * per SQLite connection, handed to every function as sqlite3_user_data().
 * The engine fills it before each statement; it belongs to the thread that
 * runs the connection.
 *
 * A function that must fail as Postgres would fills `error` and calls
 * sqlite3_result_error(); the engine prefers `error` to SQLite's own words.
 */
#ifndef WEIR_POOL_SQLITE_CONTEXT_H
#define WEIR_POOL_SQLITE_CONTEXT_H

#include <stdatomic.h>
#include <stdint.h>

#include <sqlite3.h>

#include "pool/sqlite/kept.h"
#include "pool/sqlite/touched.h"
#include "protocol/dialect/compile.h"

struct lite_sequences;
struct set;

/* What a session can be asked about itself. */
enum lite_rows {
	LITE_ROWS_CHANNELS,	/* name */
	LITE_ROWS_CURSORS,
	LITE_ROWS_STATEMENTS,
	LITE_ROWS_LOCKS,	/* everybody's */
	LITE_ROWS_DATABASES,	/* oid, name */
	LITE_ROWS_SETTINGS,
	LITE_ROWS_ACTIVITY,	/* one's own */
};

/* How an advisory lock is asked for: see advisory_lock below. */
enum lite_lock {
	LITE_LOCK_SHARED = 1,
	LITE_LOCK_TRANSACTION = 2,	/* until its end; else the session's */
	LITE_LOCK_TRY = 4,		/* do not wait */
	LITE_LOCK_RELEASE = 8,
	LITE_LOCK_RELEASE_ALL = 16,	/* the session's; no key */
};

struct lite_sequence_row {
	int64_t last_value, log_cnt;
	bool is_called;
};

/* Whoever stopped it says why. */
#define CONTEXT_STOPPED "WEIRS"

struct lite_context {
	const struct schema *schema;
	const struct compile_session *session;
	int64_t transaction_us;	/* since 2000-01-01 UTC: now() */
	int64_t statement_us;	/* statement_timestamp() */
	struct error error;	/* sqlstate "" unless a function failed */
	atomic_bool *cancelled;	/* checked by long-running functions */
	bool stopped;		/* the statement shall end: the next function
				   that it calls fails with CONTEXT_STOPPED */
	/* Whether the time of the statement is over, for the same; may be
	 * NULL. */
	bool (*too_late)(struct lite_context *);
	struct arena arena;	/* for functions; reset between statements */
	/* Settings by name for current_setting() and SHOW; NULL: unknown. */
	const char *(*setting)(struct lite_context *, const char *name);
	bool (*set_setting)(struct lite_context *, const char *name,
			    const char *value, bool local, struct error *);
	/* Sequences (the engine keeps them outside of rollback). `oid` of the
	 * sequence. Fill the error and return false as Postgres would. */
	bool (*next_value)(struct lite_context *, uint32_t oid,
			   int64_t *ret_value, struct error *);
	bool (*current_value)(struct lite_context *, uint32_t oid,
			      int64_t *ret_value, struct error *);
	bool (*last_value)(struct lite_context *, int64_t *ret_value,
			   struct error *);
	bool (*set_value)(struct lite_context *, uint32_t oid, int64_t value,
			  bool called, struct error *);
	/* Its row, as SELECT * FROM a sequence shows it. */
	bool (*sequence_row)(struct lite_context *, uint32_t oid,
			     struct lite_sequence_row *, struct error *);
	/* pg_advisory_lock() and its kin; NULL: refused with 0A000. `how` is of
	 * enum lite_lock; keys made of two numbers are apart from single ones.
	 * *ret_done: it was taken, or (RELEASE) was held. */
	bool (*advisory_lock)(struct lite_context *, int how, bool two_keys,
			      int64_t key, bool *ret_done, struct error *);
	/* Adds the rows; NULL: there are none. */
	bool (*session_rows)(struct lite_context *, enum lite_rows,
			     struct set *);
	struct touched touched;	/* rows that an upsert has written */
	struct kept kept;	/* rows of the statement's earlier parts */
	void *owner;		/* the session that runs */
	int process_id;		/* pg_backend_pid() */
};

/* How many arguments a function takes that has several forms: SQLite is told
 * that it takes any number, and hands on too few where a view of another
 * program's file gives them. */
#define FUNCTION_FROM(fewest) (-1 - (fewest))

static inline int arguments_max(int arguments)
{
	return arguments < 0 ? -1 : arguments;
}

static inline bool arguments_are_missing(sqlite3_context *sqlite,
					 int arguments, int count)
{
	if (arguments >= 0 || FUNCTION_FROM(count) <= arguments)
		return false;
	sqlite3_result_error(sqlite, "wrong number of arguments", -1);
	return true;
}

/* function.c and its companions: every scalar, aggregate, window and
 * table-valued function and collation that the compiler emits, but for the
 * catalog ones. SQLITE_OK or an error code. All but those that change
 * something are SQLITE_INNOCUOUS: views, CHECKs and indexes in the file call
 * them, and the schema is not trusted with more. */
int functions_register(sqlite3 *, struct lite_context *);

/* catalog.c: attaches empty pg_catalog and information_schema (in memory,
 * private to the connection) and registers the catalog functions
 * (format_type, pg_get_constraintdef, to_regclass ...). */
int catalog_attach(sqlite3 *, struct lite_context *);

/* Fills the attached catalogs from a schema; does nothing when they already
 * show that generation. Called before a statement that uses_catalog. */
int catalog_fill(sqlite3 *, const struct schema *);
/* Whether they do, as this session sees it. The answer is theirs: what a
 * rollback took from them is filled again. */
bool catalog_shows(sqlite3 *, const struct schema *);

/* schema_file.c: creates weir's own tables in a new file (all named
 * _weir_...; hidden from every catalog). A file of another program's gets
 * them with the first DDL that comes through weir (ddl.c). */
int schema_prepare_file(sqlite3 *, struct error *);

/* Reads the schema of the main database (and temp) as this connection sees
 * it now, uncommitted changes included. The caller owns one reference. */
int schema_load(sqlite3 *, uint64_t generation, struct schema **ret_schema,
		struct error *);

/* The number by which SQLite counts changes of the schema, as committed. */
bool schema_file_version(sqlite3 *, int *ret_version);

#endif
