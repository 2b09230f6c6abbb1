/*
 * The compiler: a Postgres statement to SQLite, names and types resolved as
 * Postgres resolves them. Pure: tree, schema and session settings in, SQLite
 * text and types out; nothing is executed to describe.
 *
 * In the SQLite text parameters are ?1 ... ?n, bound in storage form
 * (protocol/type.h). Result columns come in storage form. Everything that
 * SQLite does not do as Postgres does is a function or collation of ours
 * (names beginning pg_), provided by pool/sqlite/function*.c.
 */
#ifndef WEIR_PROTOCOL_DIALECT_COMPILE_H
#define WEIR_PROTOCOL_DIALECT_COMPILE_H

#include "protocol/dialect/schema.h"
#include "protocol/sql_tree.h"
#include "protocol/type.h"

/* What of the session the compiler must know. */
struct compile_session {
	const char *user;
	const char *database;
	const char *const *search_path;	/* NULL-ended, "$user" resolved */
	const struct type_settings *types;
};

struct compiled_column {
	const char *name;
	uint32_t type;
	int32_t typmod;
	uint32_t table;		/* OID, 0 for an expression */
	int16_t number;		/* attnum, 0 for an expression */
	const char *row, *field;	/* as in struct expr; never of a whole
					   statement's */
};

enum compiled_kind {
	COMPILED_EMPTY,		/* nothing to do: EmptyQueryResponse */
	COMPILED_QUERY,		/* SELECT, VALUES, TABLE: one statement */
	COMPILED_INSERT,
	COMPILED_UPDATE,
	COMPILED_DELETE,
	COMPILED_DDL,		/* `steps` in order, then the schema changed */
	COMPILED_UTILITY,	/* the session itself does it: `node` */
	COMPILED_COPY_IN,	/* `sql` inserts one row, columns = its types */
	COMPILED_COPY_OUT,	/* `sql` selects */
};

/*
 * One step of a DDL statement. A query step that returns a row means the
 * statement fails with `error` (23502 when SET NOT NULL finds a NULL).
 *
 * Steps may edit sqlite_schema in place (PRAGMA writable_schema=on ... =reset,
 * all within the steps of one statement): the engine runs them with
 * SQLITE_DBCONFIG_DEFENSIVE off. That way foreign keys may stay on, and no
 * rebuild drops a table that others reference.
 */
struct compiled_step {
	const char *sql;
	const struct error *error;	/* NULL: plain statement */
};

/*
 * What runs before a statement of several parts, or behind it: a data-
 * modifying WITH, or a table as it was. The rows it returns are kept as the
 * set of its number in the list; later parts read them by pg_kept(number).
 */
struct compiled_before {
	const char *sql;
	int column_count;
	bool copies;		/* a table: before everything else */
	bool is_late;		/* behind `sql` */
	uint32_t once;		/* as in struct compiled */
};

struct compiled_notice {
	const char *sqlstate;
	const char *text;	/* "relation \"t\" already exists, skipping" */
	const char *detail;	/* or NULL */
};

/* What to do where rows are locked by somebody else. */
enum lock_wait {
	LOCK_WAITS,
	LOCK_SKIPS,		/* SKIP LOCKED, of the statement itself */
	LOCK_REFUSES,		/* NOWAIT, anywhere in it */
};

struct compiled {
	enum compiled_kind kind;
	const char *tag;	/* "SELECT", "INSERT 0", "CREATE TABLE"; the
				   row count is appended for the first four
				   kinds and COPY */
	const char *sql;
	const char *constants;	/* a query of what must not fail, whatever the
				   rows are, to be computed once; or NULL */
	struct compiled_before *before;	/* in this order, then `sql`, then
					   those that are late */
	int before_count;
	int counted_part;	/* the tag counts the rows of that one; 0: those
				   that `sql` changes */
	bool writes;		/* needs the writer */
	bool many;		/* changes rows, perhaps many: may take long */
	const char *locks;	/* "SELECT FOR UPDATE"; NULL: locks no rows */
	const char *locked;	/* the table's name, for an error; or NULL */
	enum lock_wait lock_wait;
	bool uses_tables;	/* the user's, or those: */
	bool uses_catalog;	/* reads pg_catalog or information_schema:
				   they must be filled first */
	bool volatile_plan;	/* depends on more than schema and search
				   path: do not cache */
	bool may_conflict;	/* ON CONFLICT: some keys may be taken */
	const char *late_arbiter;	/* ON CONFLICT means this deferrable key,
				   which fails with the first row; or NULL */
	uint32_t late_table;	/* whose it is */
	const uint32_t *changed;	/* OIDs of the tables whose rows it changes
				   by itself; those of TRUNCATE, too */
	int changed_count;
	unsigned key_order;	/* what foreign keys may make of that: see
				   key_order.h and pool/sqlite/key_queue.h */
	bool waits_for_rows;	/* COPY: a row may point at one that comes
				   later */
	uint32_t *parameters;	/* OIDs */
	int parameter_count;
	struct compiled_column *columns;	/* NULL: no rows come back */
	int column_count;
	struct compiled_step *steps;
	int step_count;
	uint32_t once;		/* ON CONFLICT DO UPDATE of several rows: the
				   table, whose rows may be changed once; 0 */
	bool keys_off;		/* DDL that runs without foreign keys, unless
				   a deferred one is broken */
	bool on_commit;		/* DDL: of a table with ON COMMIT */
	const uint32_t *reshaped;	/* DDL: OIDs of the tables that it changes,
				   empties or drops; may be 0 */
	int reshaped_count;
	const char *reshape;	/* "ALTER TABLE"; NULL: none */
	const uint32_t *losers;	/* DROP ... CASCADE: OIDs of tables that stay,
				   less a key or a default */
	int loser_count;
	bool counts_last;	/* DDL: the tag gets the row count of the last
				   step (CREATE TABLE AS: "SELECT 3") */
	const struct compiled_notice *notices;	/* up to one without a text;
				   or NULL */
	struct Node *node;	/* UTILITY: the statement, lives as long as
				   the tree */
};

/*
 * Compiles one statement. `declared` are the OIDs of the Parse message (0:
 * to be inferred). What Postgres would refuse is refused with its SQLSTATE,
 * words and position; what cannot be done on SQLite is refused with 0A000
 * and the feature's name. Everything returned lives in the arena.
 */
bool compile_statement(struct sql_statement, const struct schema *,
		       const struct compile_session *,
		       const uint32_t *declared, int declared_count,
		       struct arena *, struct compiled *ret_compiled,
		       struct error *);

/* One expression over the columns of one table (NULL: none), coerced to
 * `type`; for DEFAULT, CHECK, partial indexes. */
bool compile_expression(struct Node *, const struct schema *,
			const struct schema_table *,
			const struct compile_session *, uint32_t type,
			int32_t typmod, struct arena *,
			const char **ret_sql, struct error *);

/*
 * What a referential action sets the columns of a foreign key to, as the list
 * of a SET: NULL ('n'), their defaults ('d'), or the new key of what they
 * point at ('c'), whose values are the parameters after as many others.
 */
bool compile_key_action(const struct schema *, const struct compile_session *,
			const struct schema_table *child,
			const struct schema_table *parent,
			const struct schema_constraint *, char action,
			struct arena *, const char **ret_sql, struct error *);

/* The functions compile_statement() can emit, for the test that asks SQLite
 * for each: name and argument count (-1: any). NULL-named row ends. */
struct emitted_function {
	const char *name;
	int arguments;
	bool aggregate;
};
const struct emitted_function *compile_emitted_functions(struct arena *);

#endif
