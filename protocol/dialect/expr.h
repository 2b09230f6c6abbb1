/*
 * Expressions and names, as the compiler's files share them. An expression is
 * kept as the SQLite text that computes it and the Postgres type it has; only
 * what may still change its type is kept open: a quoted literal, NULL, a
 * parameter without a type.
 *
 * Names: every table, subquery and function of a FROM gets an alias of our
 * own (_t1, _t2 ...), the columns of a subquery are called column1, column2
 * ..., so that SQLite never has to choose between two names.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_EXPR_H
#define WEIR_PROTOCOL_DIALECT_EXPR_H

#include "protocol/dialect/compile_state.h"
#include "protocol/dialect/function_table.h"

struct operator_row;
struct range;
struct range_column;
struct scope;

enum expr_kind {
	EXPR_VALUE,	/* `sql` has `type` */
	EXPR_UNKNOWN,	/* a quoted literal or NULL (literal NULL): its type
			   comes from where it stands */
	EXPR_PARAMETER,	/* $n whose type is not known yet */
	EXPR_ROW,	/* ROW(...) or a whole row: `items` */
};

/* A column used outside of any aggregate: GROUP BY must answer for it. */
struct loose_column {
	struct loose_column *next;
	const struct range *range;
	const struct range_column *column;
	struct scope *scope;
	int location;
};

struct expr {
	enum expr_kind kind;
	uint32_t type;		/* OID_UNKNOWN for the two unknown kinds */
	int32_t typmod;
	const char *sql;
	const char *literal;	/* UNKNOWN: the text; of a numeric constant:
				   its digits */
	int parameter;
	int location;
	struct expr **items;
	const char **names;	/* ROW: field names, or NULL */
	int item_count;
	const char *present;	/* ROW: false where an outer join has no row,
				   which is NULL then; NULL: always there */
	const char *row, *field;	/* one of a row that is a column of a
					   subquery: its name, and that of the
					   field; or NULL */
	uint32_t table;		/* of a plain column */
	int16_t number;
	bool not_null;		/* certainly */
	bool is_constant;	/* a literal, or computed of such: fold.h */
	bool varies;		/* certainly no constant, and none results */
	bool aggregates;	/* contains an aggregate of this query */
	bool windows;
	const struct schema_column *foreign;	/* of a plain column that another
				   program writes (foreign.h) */
	const char *stored;	/* that column as it stands in the file */
	const char *column_sql;	/* `sql` while it is still the column */
	bool is_computed;	/* that column is a subquery's or a view's */
	bool is_constructor;	/* ARRAY[...]: items are there, never NULL */
	struct loose_column *loose;
	/* Of one that was too deep (nesting.c): sql is "(SELECT body FROM
	 * lets)", as long as it is lets_for. */
	const char *lets, *body, *lets_for;
	int let_count;
	const char *condition;	/* of AND, OR, NOT: as SQLite wants it where it
				   only asks whether it is true */
	const char *condition_for;	/* the sql it is of */
	const char *branches;	/* of CASE: "WHEN ... ELSE ..." */
	const char *branches_for;	/* the sql they are of */
};

struct range_column {
	const char *name;
	const char *sql;
	uint32_t type;
	int32_t typmod;
	uint32_t table;
	int16_t number;
	bool not_null;
	bool hidden;		/* not part of *: ctid, tableoid */
	int first_field, field_count;	/* a row: which of the columns are its
					   fields; they are hidden */
	const char *field;	/* such a one's name */
	const struct schema_column *foreign;	/* as in struct expr */
	const char *stored;
};

/* One item a FROM makes visible. */
struct range {
	const char *name;	/* as Postgres's names see it; NULL: a join */
	const char *schema;	/* of a table used under its own name */
	const char *alias;	/* as SQLite sees it */
	const struct schema_table *table;	/* or NULL */
	struct range_column *columns;
	int column_count;
	bool names_hidden;	/* only t.column, a join has merged them */
	bool nullable;		/* an outer join may make its rows NULL */
	bool is_tested;		/* WHERE or another ON may leave none of those */
	const char *present;	/* false where it did; NULL: cannot be told */
	bool is_join;		/* (a JOIN b) AS j: its row is made, and never
				   NULL */
	bool is_value;		/* a function of one column: its name means
				   the value itself */
};

struct cte {
	struct cte *next;
	const char *name;
	const char *alias;
	struct compiled_column *columns;
	int column_count;
	bool returns_nothing;	/* changes data without RETURNING */
};

/* A function that returns rows, used in a select list. */
struct set_call {
	struct set_call *next;
	const char *alias;
	const char *sql;	/* "pg_unnest(...)" */
};

/* Whose columns an aggregate uses, while it is read: it belongs to the
 * innermost query among them, or to its own if there are none. */
struct reach {
	struct reach *around;	/* the aggregate it stands in */
	struct scope *scope;	/* where it is written */
	bool own;
	struct scope *nearest;	/* the innermost outer query, or NULL */
};

struct scope {
	struct scope *parent;
	struct range **ranges;
	int range_count;
	int range_capacity;
	struct cte *ctes;
	struct expr **groups;	/* GROUP BY, once it is known */
	int group_count;
	struct expr **absent;	/* what other grouping sets group by: NULL
				   outside of aggregates */
	int absent_count;
	const struct expr *not_grouped;	/* an argument of GROUPING() that is
				   not grouped by */
	bool grouped;		/* aggregates or GROUP BY make groups */
	bool aggregates_seen;
	const char *no_aggregates;	/* "WHERE": refused there, or NULL */
	const char *no_windows;
	const char *no_sets;	/* set-returning calls are refused, or NULL */
	bool in_aggregate;
	const struct FuncCall *nested;	/* the first aggregate inside another */
	bool in_window;
	struct set_call *set_calls;
	bool sets_allowed;
	bool rows_allowed;	/* as targets: a subquery's in FROM */
	struct List *windows;	/* the WINDOW clause */
	struct Node *condition;	/* NULL and false are the same here */
	bool keeps_unmatched;	/* FROM has a RIGHT or FULL JOIN */
	struct List *full_joins;	/* items of FROM in which no WHERE makes
				   less of a FULL JOIN */
	int fenced;		/* ranges before a join in parentheses, which
				   SQLite does not let see them */
};

/* expr.c */
struct expr *expr_new(struct compile_state *, uint32_t type, const char *sql);
struct expr *expr_read(struct compile_state *, struct scope *, struct Node *);
/* A condition: coerced to boolean; `what` is "WHERE", "JOIN/ON" ... */
struct expr *expr_condition(struct compile_state *, struct scope *,
			    struct Node *, const char *what);
void expr_inherit(struct expr *to, const struct expr *from);
struct expr *expr_int(struct compile_state *, int64_t value);
struct expr *expr_unknown(struct compile_state *, const char *text,
			  int location);
int expr_location(struct Node *);
struct expr *column_expr(struct compile_state *, struct scope *, struct range *,
			 struct range_column *, int location);
/* Marks the nullable ranges whose columns a condition uses. */
void note_tested(struct scope *, const struct expr *condition);
struct expr *whole_row(struct compile_state *, struct scope *, struct range *,
		       int location);

/* expr_operator.c */
struct expr *operator_make(struct compile_state *, const char *name,
			   struct expr *left, struct expr *right,
			   int location);
struct expr *read_operator(struct compile_state *, struct scope *,
			   struct A_Expr *);
/* What to print where only the truth counts: WHEN, WHERE, ON. */
const char *as_condition(const struct expr *);
/* All of them; `word` is " AND " or " OR ". */
struct expr *join_bool(struct compile_state *, struct expr **items, int count,
		       const char *word);
struct expr *read_bool(struct compile_state *, struct scope *,
		       struct BoolExpr *);
struct expr *make_distinct(struct compile_state *, struct expr *left,
			   struct expr *right, bool is_not, int location);
const char *operator_name(struct List *names);

/* choose.c: 42883 or 42725 where no row or several would do */
/* 42883 for types that no operator sorts, or compares. */
bool check_sorts(struct compile_state *, const struct expr *, int location);
bool check_equals(struct compile_state *, const struct expr *, int location);
const struct operator_row *operator_choose(struct compile_state *,
					   const char *name, struct expr *left,
					   struct expr *right, int location);
const struct call_row *call_choose(struct compile_state *, const char *name,
				   struct expr **arguments, int *count,
				   int location, uint32_t *ret_result);
/* Whether a function takes exactly these types. */
bool call_is_exact(const char *name, struct expr **arguments, int count);

/* expr_call.c */
struct expr *read_call(struct compile_state *, struct scope *,
		       struct FuncCall *);
struct expr *call_make(struct compile_state *, const char *name,
		       struct expr **arguments, int count, int location);
const char *print_call(struct compile_state *, const char *print,
		       struct expr **arguments, int count, uint32_t result);
/* Reads arguments, names and VARIADIC included; false: failed. */
bool read_arguments(struct compile_state *, struct scope *, struct FuncCall *,
		    struct expr ***ret_arguments, int *ret_count);
const char *call_name(struct compile_state *, struct FuncCall *);
struct expr *row_as_json(struct compile_state *, struct expr *row,
			 bool is_jsonb);
const char *enum_place(struct compile_state *, const char *sql, uint32_t type);

/* expr_value.c: CASE, COALESCE, arrays, casts and other constructs */
struct expr *read_case(struct compile_state *, struct scope *,
		       struct CaseExpr *);
struct expr *read_coalesce(struct compile_state *, struct scope *,
			   struct CoalesceExpr *);
struct expr *read_minmax(struct compile_state *, struct scope *,
			 struct MinMaxExpr *);
struct expr *read_array(struct compile_state *, struct scope *,
			struct A_ArrayExpr *);
struct expr *read_indirection(struct compile_state *, struct scope *,
			      struct A_Indirection *);
struct expr *read_cast(struct compile_state *, struct scope *,
		       struct TypeCast *);
struct expr *read_value_function(struct compile_state *,
				 struct SQLValueFunction *);
const char *array_text(struct compile_state *, const struct expr *array);
struct expr *array_make(struct compile_state *, struct expr **items, int count,
			uint32_t element, int location);

/* expr_query.c: subqueries inside expressions */
struct expr *read_sublink(struct compile_state *, struct scope *,
			  struct SubLink *);

/* expr_window.c: what follows OVER; the expression uses its columns too. And
 * whether SQLite takes rows away from its frame. */
const char *print_window(struct compile_state *, struct scope *,
			 const struct WindowDef *, struct expr *,
			 bool *ret_moves);
/* WINDOW by itself: names, and what they are made of. */
bool check_windows(struct compile_state *, struct scope *);

/* nesting.c: around the printing of what is computed from all operands */
struct nesting {
	const char *lets;
	int count;
};
/* Puts copies in place of operands that are too deep. */
void nesting_open(struct compile_state *, struct nesting *,
		  struct expr **operands, int count);
/* Once expr->sql is printed from them. */
void nesting_close(struct compile_state *, const struct nesting *,
		   struct expr *);

/* coerce.c. `context`: 'i' implicit, 'a' assignment, 'e' explicit. */
bool can_coerce(struct compile_state *, uint32_t from, uint32_t to,
		char context);
struct expr *coerce(struct compile_state *, struct expr *, uint32_t type,
		    int32_t typmod, char context, int location);
/* As a cast the client wrote: 42846 where there is none. */
struct expr *coerce_explicit(struct compile_state *, struct expr *,
			     uint32_t type, int32_t typmod, int location);
/* cast_print.c: the text of a cast that can_coerce() allows. */
const char *print_cast(struct compile_state *, const struct expr *,
		       uint32_t to, int32_t typmod, char context);
/* To boolean, for `what`. */
struct expr *coerce_boolean(struct compile_state *, struct expr *,
			    const char *what);
/* The common type of UNION, CASE, VALUES...; 0: there is none (the error is
 * filled if `what` is given). */
uint32_t common_type(struct compile_state *, struct expr **, int count,
		     const char *what);
/* The type in which = compares two; not always what UNION would make of them.
 * 0: there is none. */
uint32_t compared_type(struct compile_state *, struct expr **operands);
/* What is still unknown becomes text. */
struct expr *settle(struct compile_state *, struct expr *);
/* `sql` with the collation that sorts and compares the type, if it needs
 * one; and what must be sorted by. */
const char *collated(struct compile_state *, const char *sql, uint32_t type);
/* The same for what has no order of its own: none comes out of it. */
const char *shielded(struct compile_state *, const char *sql, uint32_t type);
const char *sort_key(struct compile_state *, const char *sql, uint32_t type);

/* resolve.c: which of several candidates Postgres would take */
struct candidate {
	const void *row;
	const uint32_t *types;
	int count;
	bool variadic;		/* the last type repeats */
};
int choose_candidate(struct compile_state *, struct expr **arguments, int count,
		     struct candidate *, int candidate_count);
bool is_polymorphic(uint32_t type);
/* The actual types behind anyelement and its kin; false: they disagree. */
bool resolve_polymorphic(struct compile_state *, struct expr **arguments,
			 int count, const uint32_t *types, uint32_t result,
			 uint32_t *ret_types, uint32_t *ret_result);

/* scope.c */
struct range *scope_add(struct compile_state *, struct scope *,
			struct range *, int location);
struct range *range_new(struct compile_state *, const char *name,
			int column_count);
struct range *range_of_table(struct compile_state *,
			     const struct schema_table *, const char *alias,
			     const char *lite_alias);
/* xmax of rows that are inserted: 0, but for those that ON CONFLICT DO UPDATE
 * has found. */
void range_add_xmax(struct compile_state *, struct range *, bool updates);
struct expr *scope_column(struct compile_state *, struct scope *,
			  struct ColumnRef *);
struct range *scope_find_range(struct scope *, const char *schema,
			       const char *name);
struct cte *scope_find_cte(struct scope *, const char *name);
const char *new_alias(struct compile_state *);
bool rename_columns(struct compile_state *, struct range *, struct List *names);

/* with_change.c: parts of a statement that changes data in WITH */
struct parts_mark {
	int count;
	struct written *written;
	const char *kept_ctes;
};
/* Parts that are compiled from here on, only to see whether they are right,
 * and forgotten. */
void parts_mark(struct compile_state *, struct parts_mark *ret_mark);
void parts_forget(struct compile_state *, const struct parts_mark *);
/* What the statement itself changes, as parts behind it must know. */
void note_statement(struct compile_state *);
bool with_changes(struct WithClause *);
/* A part that keeps the rows of a query; its number, -1: failed. */
int keep_part(struct compile_state *, const char *sql, int columns);
/* Runs a CTE as a part of its own: fills the columns of one that changes
 * data; `definition` is that of another. */
bool kept_part(struct compile_state *, struct scope *,
	       struct CommonTableExpr *, struct cte *, const char *definition,
	       int *ret_part);
/* The WITH item that reads what a part has kept. */
const char *kept_definition(struct compile_state *, const struct cte *,
			    int part);
/* A table in FROM as it was before the statement. NULL: failed. */
const char *table_as_it_was(struct compile_state *,
			    const struct schema_table *);
/* 0A000 where another part of the statement changes the table: what ON
 * CONFLICT DO UPDATE may not touch again is not known. */
bool upserts_alone(struct compile_state *, const struct schema_table *);
/* Adds to a condition what keeps new rows out of UPDATE and DELETE. */
bool rows_as_they_were(struct compile_state *, const struct schema_table *,
		       const char **condition);

/* from.c */
const char *from_clause(struct compile_state *, struct scope *, struct List *);
const char *from_item(struct compile_state *, struct scope *, struct Node *);

/* select.c, set.c, with.c: queries */
struct query {
	const char *sql;
	const char *with;	/* "WITH ..." of its own, or "" */
	struct compiled_column *columns;
	int column_count;
	bool is_set;		/* UNION and the like: cannot stand as an arm */
	bool is_chain;		/* of SELECTs: as the first arm it can */
	const char *bag;	/* a UNION's chain before equal rows go */
	int terms;		/* SELECTs of the chain or the bag */
	bool is_sorted;		/* has ORDER BY or LIMIT of its own */
	bool is_single;		/* certainly one row at most */
};

/* A select whose outputs may still change their types. */
struct draft {
	struct expr **outputs;	/* NULL for a set operation */
	struct expr ***rows;	/* VALUES */
	int row_count;
	const char **names;
	int column_count;
	const char *with;
	const char *after;	/* FROM ... GROUP BY ... */
	const char *order;	/* ORDER BY ... LIMIT ... */
	const char *distinct_on;	/* row_number() OVER (...) */
	const char *ties;	/* WITH TIES: which numbers and ranks */
	const char *carried;	/* and the keys it is ranked by, ", key AS _key1" */
	const char **sort_keys;	/* DISTINCT ON: printed in the outer query */
	int sort_count;
	struct draft *left, *right;	/* a set operation */
	int operation;
	bool all;
	bool is_distinct;
	bool is_single;		/* one row at most */
	bool is_one_group;	/* HAVING without GROUP BY */
	bool is_operand;	/* of an expression: no join has its columns */
};
bool select_draft(struct compile_state *, struct scope *parent,
		  struct SelectStmt *, struct draft **ret_draft);
/* Gives what is unknown the type of `types` (NULL or 0: text) and prints. */
bool draft_print(struct compile_state *, struct draft *, const uint32_t *types,
		 struct query *ret_query);
/* Both, for a query that stands by itself or in a FROM. */
bool select_query(struct compile_state *, struct scope *parent,
		  struct SelectStmt *, struct query *ret_query);
/* And for one that is part of an expression. */
bool select_operand(struct compile_state *, struct scope *parent,
		    struct SelectStmt *, struct query *ret_query);
bool set_draft(struct compile_state *, struct scope *, struct SelectStmt *,
	       struct draft **ret_draft);
bool set_print(struct compile_state *, struct draft *, const uint32_t *types,
	       struct query *ret_query);
bool draft_types(struct compile_state *, struct draft *, uint32_t *ret_types,
		 int32_t *ret_typmods);
/* Makes the WITH clause visible in scope; "WITH ... " to print before. */
const char *with_clause(struct compile_state *, struct scope *,
			struct WithClause *);
/* The parts of the statement's WITH that run behind it, once it is compiled. */
bool with_late_parts(struct compile_state *);
const char *limit_clause(struct compile_state *, struct scope *,
			 struct SelectStmt *);
const char *column_name(struct compile_state *, struct Node *);
/* The same, but for another name where there is none. */
const char *column_name_or(struct arena *, struct Node *,
			   const char *nameless);
/* One ORDER BY item: "key [DESC] NULLS LAST". */
const char *sort_words(struct SortBy *, bool not_null);
struct expr_list {
	struct expr **items;
	const char **names;
	int count;
	int capacity;
};
void expr_list_add(struct compile_state *, struct expr_list *, struct expr *,
		   const char *name);
/* A select or RETURNING list, stars expanded. */
bool read_targets(struct compile_state *, struct scope *, struct List *targets,
		  struct expr_list *ret_list);

/* dml.c and its companions */
bool compile_insert(struct compile_state *, struct InsertStmt *,
		    struct compiled *);
bool compile_update(struct compile_state *, struct UpdateStmt *,
		    struct compiled *);
bool compile_delete(struct compile_state *, struct DeleteStmt *,
		    struct compiled *);
bool compile_merge(struct compile_state *, struct MergeStmt *,
		   struct compiled *);
bool compile_truncate(struct compile_state *, struct TruncateStmt *,
		      struct compiled *);
bool compile_copy(struct compile_state *, struct CopyStmt *,
		  struct compiled *);
bool returning_clause(struct compile_state *, struct scope *, struct List *,
		      struct compiled *, const char **ret_sql);
/* The value of a column an INSERT leaves out. */
const char *default_value(struct compile_state *, const struct schema_table *,
			  const struct schema_column *);
struct expr *assign(struct compile_state *, struct expr *,
		    const struct schema_column *, int location);
bool check_writable(struct compile_state *, const struct schema_table *,
		    const char *what, int location);

/* compile.c */
bool settle_columns(struct compile_state *, const struct query *,
		    struct compiled *);
struct compiled_column *columns_of(struct compile_state *,
				   const struct expr_list *);
/* A Postgres expression kept as text: the tree, until sql_tree_free(). */
struct sql_tree *parse_expression(struct compile_state *, const char *text,
				  struct Node **ret_node);

#endif
