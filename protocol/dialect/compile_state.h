/*
 * The compiler's own state while one statement is compiled; what its files
 * share. A file that includes this includes protocol/sql_nodes.h first.
 *
 * Every function that can fail fills state->error and returns false or NULL.
 * Whatever is returned lives in state->arena.
 */
#ifndef WEIR_PROTOCOL_DIALECT_COMPILE_STATE_H
#define WEIR_PROTOCOL_DIALECT_COMPILE_STATE_H

#include "protocol/dialect/compile.h"

#define COMPILE_PARAMETERS_MAX 65535
#define COMPILE_DEPTH_MAX 500		/* nested expressions and queries */
#define COMPILE_BYTES_MAX ((size_t)256 << 20)	/* arena of one statement */

struct cte;
struct folded;
struct loose_column;
struct reach;
struct TypeName;
struct Node;
struct SelectStmt;
struct written;

struct compile_state {
	const struct schema *schema;
	const struct compile_session *session;
	struct arena *arena;
	struct error *error;
	struct slice text;	/* the whole text, for error positions */
	uint32_t *parameters;	/* OIDs by number, 0: not yet known */
	int parameter_count;
	int parameters_capacity;
	int declared_count;
	bool parameters_refused;	/* views, defaults: no $n here */
	struct Node *statement;
	bool rows_allowed;	/* as targets of the next SELECT */
	bool marks_rows;	/* queries in FROM have a column `present` ... */
	bool wants_marks;	/* ... which somebody has missed */
	bool writes;
	bool uses_tables;
	bool uses_catalog;
	bool volatile_plan;
	bool may_conflict;
	const char *late_arbiter;	/* as in struct compiled */
	uint32_t late_table;
	uint32_t *changed;	/* OIDs of the tables whose rows change ... */
	int changed_count;
	unsigned key_order;	/* ... and what their keys may make of it */
	const struct schema_table *changing;	/* RETURNING is read: what a
				   subquery cannot see as it was before */
	struct SelectStmt *locking;	/* the outermost that locks rows */
	struct SelectStmt *outermost;	/* the statement itself */
	bool refuses_to_wait;	/* NOWAIT is somewhere */
	int kept_depth;		/* what is read was kept in the file: its names
				   are those of schema public */
	bool bare_columns;	/* columns of a table print without a table, and
				   SQLite allows no subquery:
				   CHECK, index and default expressions */
	struct loose_column *outer;	/* columns of outer queries that a
				   subquery used, newest first */
	struct compiled_before *parts;	/* see with_change.c */
	int part_count;
	struct written *written;
	const char *kept_ctes;	/* what parts so far returned, as WITH items */
	struct cte *part_ctes;	/* what a part sees of its statement */
	bool must_be_immutable;	/* what is read: immutable.h */
	bool is_mutable;	/* and it is not */
	bool in_part;
	struct late_parts *late_parts;	/* of the statement: with.c */
	bool changes_allowed;	/* a WITH may change data */
	struct reach *reach;	/* of the innermost aggregate being read */
	int alias_count;	/* makes _t1, _t2 ... */
	int depth;
	int view_depth;
	int query_depth;	/* queries in queries; statements without one
				   are at 0 */
	int fold_depth;		/* how deep folded is: fold.h */
	struct folded *folded;
	struct error *late;	/* a constant that will not fit where it goes:
				   Postgres finds out when all is read */
	struct text_edits *edits;	/* of a view that is made; settle.h */
};

/* Fills the error with the position of a node's location (-1: none). */
bool compile_fail(struct compile_state *, int location, const char *sqlstate,
		  const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Counts nesting; 54001 past COMPILE_DEPTH_MAX. Leave after success only. */
bool compile_enter(struct compile_state *);
void compile_leave(struct compile_state *);

/* "name" with its quotes doubled; 'text' likewise. */
const char *print_name(struct arena *, const char *name);
/* Whether two prints say the same: aliases that each makes itself, in a
 * subquery, may have different numbers. */
bool print_same(const char *, const char *);
const char *print_text(struct arena *, const char *text);
/* "database"."table" of a table. */
const char *print_table(struct arena *, const struct schema_table *);

/* What a type name means: 42704 where there is none. serial and its kin are
 * not types: the caller looks for them first. */
bool compile_type_name(struct compile_state *, const struct TypeName *,
		       uint32_t *ret_type, int32_t *ret_typmod);
/* Where names of types are searched for. */
const char *const *compile_type_path(const struct compile_state *);

/* collation.c: 42704 where there is none, 0A000 where it would sort text
 * otherwise than by bytes. */
bool compile_collation(struct compile_state *, const struct List *names,
		       int location, uint32_t *ret_collation);
/* Of a column; 0: its type's own. `clause` NULL: there is none. */
bool compile_column_collation(struct compile_state *,
			      const struct CollateClause *clause,
			      uint32_t type, uint32_t *ret_collation);

/* The type as error messages and format_type() print it, enums included. */
const char *type_text(struct compile_state *, uint32_t type, int32_t typmod);
uint32_t type_element(const struct schema *, uint32_t array);	/* 0: none */
uint32_t type_array(const struct schema *, uint32_t element);	/* 0: none */
char type_category(const struct schema *, uint32_t type);
/* Whether its stored text sorts by a collation, pg_order_ and its OID. */
bool type_has_order(const struct schema *, uint32_t type);

/* The table a RangeVar names; 42P01 and friends otherwise. NULL: failed. */
struct RangeVar;
const struct schema_table *compile_find_table(struct compile_state *,
					      const struct RangeVar *);

/*
 * One expression over the columns of `table` (NULL: none), coerced as an
 * assignment to `type` (0: keep its own), printed with bare column names.
 * `what` names the place for error messages: "DEFAULT expressions",
 * "check constraints", "index expressions", "index predicates",
 * "column generation expressions", "transform expressions".
 */
bool compile_value_expr(struct compile_state *, struct Node *,
			const struct schema_table *table, uint32_t type,
			int32_t typmod, const char *what,
			const char **ret_sql);

/* The same, where $n may stand in it. */
bool compile_bare_expr(struct compile_state *, struct Node *,
		       const struct schema_table *table, uint32_t type,
		       int32_t typmod, const char *what, const char **ret_sql);

/* A query by itself, for views, CREATE TABLE AS, COPY and cursors. */
struct compiled_query {
	const char *sql;
	struct compiled_column *columns;
	int column_count;
};
bool compile_query(struct compile_state *, struct Node *,
		   struct compiled_query *ret_query);

/* The type of an expression over the columns of a table, for DDL that must
 * know it (index expressions, ALTER ... USING). */
bool compile_expr_type(struct compile_state *, struct Node *,
		       const struct schema_table *table, uint32_t *ret_type);

/* ddl.c: any DDL statement; fills kind COMPILED_DDL, tag, steps, notices. */
bool compile_ddl(struct compile_state *, struct sql_statement,
		 struct compiled *ret_compiled);

#endif
