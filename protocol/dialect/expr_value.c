/*
 * Constructs of the grammar that are neither operators nor calls: CASE,
 * COALESCE, GREATEST, casts, arrays, CURRENT_DATE.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/domain.h"
#include "protocol/dialect/fold.h"
#include "protocol/dialect/literal.h"

struct branches {
	struct expr **items;
	int count;
	uint32_t type;
};

static bool unify(struct compile_state *state, struct branches *branches,
		  const char *what, int location)
{
	branches->type = common_type(state, branches->items, branches->count,
				     what);
	if (branches->type == 0)
		return false;
	for (int i = 0; i < branches->count; i++) {
		branches->items[i] = coerce(state, branches->items[i],
					    branches->type, -1, 'i', location);
		if (branches->items[i] == NULL)
			return false;
	}
	return true;
}

/* `mark`: what is behind the first that may be a constant may not count. */
static struct branches read_branches(struct compile_state *state,
				     struct scope *scope, List *nodes,
				     struct fold_mark *mark)
{
	struct branches branches = {
		.items = arena_alloc(state->arena, sizeof(struct expr *) *
				     (size_t)(list_length(nodes) + 2)),
	};
	ListCell *cell;

	foreach(cell, nodes) {
		struct expr *item = expr_read(state, scope, lfirst(cell));

		if (item == NULL) {
			branches.items = NULL;
			return branches;
		}
		branches.items[branches.count++] = item;
		if (mark != NULL)
			fold_behind(state, mark, item);
	}
	return branches;
}

/* The typmod all have in common. */
static int32_t common_typmod(const struct branches *branches)
{
	int32_t typmod = branches->count > 0 ? branches->items[0]->typmod : -1;

	for (int i = 1; i < branches->count; i++) {
		if (branches->items[i]->typmod != typmod)
			return -1;
	}
	return typmod;
}

static struct expr *case_condition(struct compile_state *state,
				   struct scope *scope, struct expr *subject,
				   CaseWhen *when)
{
	struct expr *test = expr_read(state, scope, (Node *)when->expr);

	if (test == NULL)
		return NULL;
	if (subject != NULL)
		return operator_make(state, "=", subject, test,
				     when->location);
	return coerce_boolean(state, test, "CASE/WHEN");
}

/* A CASE in the ELSE of a CASE is so many branches more: a ladder does not
 * nest. */
static void put_otherwise(struct buffer *sql, const struct expr *otherwise)
{
	if (otherwise->branches != NULL &&
	    otherwise->branches_for == otherwise->sql) {
		buffer_put_text(sql, otherwise->branches);
		return;
	}
	buffer_put_text(sql, " ELSE ");
	buffer_put_text(sql, otherwise->sql);
}

/* What is read meanwhile may not return rows; the scope's own rules before. */
static struct scope forbid_sets(struct scope *scope, const char *where)
{
	struct scope before = { .sets_allowed = false };

	if (scope == NULL)
		return before;
	before.sets_allowed = scope->sets_allowed;
	before.no_sets = scope->no_sets;
	scope->sets_allowed = false;
	scope->no_sets = where;
	return before;
}

static void allow_sets(struct scope *scope, const struct scope *before)
{
	if (scope == NULL)
		return;
	scope->sets_allowed = before->sets_allowed;
	scope->no_sets = before->no_sets;
}

static struct expr *read_cases(struct compile_state *, struct scope *,
			       CaseExpr *);

struct expr *read_case(struct compile_state *state, struct scope *scope,
		       CaseExpr *node)
{
	struct scope before = forbid_sets(scope, "CASE");
	struct expr *expr = read_cases(state, scope, node);

	allow_sets(scope, &before);
	return expr;
}

static struct expr *read_cases(struct compile_state *state,
			       struct scope *scope, CaseExpr *node)
{
	int count = list_length(node->args);
	struct expr **tests = arena_alloc(state->arena, sizeof(*tests) *
					  (size_t)(count + 1));
	struct branches results = {
		.items = arena_alloc(state->arena, sizeof(struct expr *) *
				     (size_t)(count + 2)),
	};
	struct expr *subject = NULL, *otherwise, *expr;
	struct fold_mark mark = { .is_set = false };
	struct buffer sql = { 0 };

	if (node->arg != NULL) {
		subject = expr_read(state, scope, (Node *)node->arg);
		if (subject == NULL ||
		    (subject->kind == EXPR_UNKNOWN &&
		     (subject = settle(state, subject)) == NULL))
			return NULL;
	}
	/* Postgres counts the ELSE branch first when it looks for the type. */
	for (int i = 0; i < count; i++) {
		CaseWhen *when = list_nth(node->args, i);

		tests[i] = case_condition(state, scope, subject, when);
		if (tests[i] == NULL)
			return NULL;
		fold_behind(state, &mark, tests[i]);
		results.items[i + 1] = expr_read(state, scope,
						 (Node *)when->result);
		if (results.items[i + 1] == NULL)
			return NULL;
	}
	otherwise = node->defresult != NULL ?
		    expr_read(state, scope, (Node *)node->defresult) :
		    expr_unknown(state, NULL, -1);
	if (otherwise == NULL)
		return NULL;
	results.items[0] = otherwise;
	results.count = count + 1;
	if (!unify(state, &results, "CASE", node->location))
		return NULL;
	fold_end(state, &mark);
	expr = expr_new(state, results.type, "");
	expr->typmod = common_typmod(&results);
	for (int i = 0; i < count; i++) {
		buffer_put_text(&sql, " WHEN ");
		buffer_put_text(&sql, as_condition(tests[i]));
		buffer_put_text(&sql, " THEN ");
		buffer_put_text(&sql, results.items[i + 1]->sql);
		expr_inherit(expr, tests[i]);
		expr_inherit(expr, results.items[i + 1]);
	}
	if (node->defresult != NULL) {
		put_otherwise(&sql, results.items[0]);
		expr_inherit(expr, results.items[0]);
	}
	expr->branches = arena_text(state->arena, buffer_cstring(&sql));
	expr->sql = arena_printf(state->arena, "(CASE%s END)", expr->branches);
	expr->branches_for = expr->sql;
	buffer_fini(&sql);
	return expr;
}

static const char *print_items(struct compile_state *state,
			       const struct branches *branches)
{
	struct buffer sql = { 0 };
	const char *text;

	for (int i = 0; i < branches->count; i++) {
		buffer_put_text(&sql, i > 0 ? ", " : "");
		buffer_put_text(&sql, branches->items[i]->sql);
	}
	text = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return text;
}

/* The only argument: its value, but no column of a table any more. */
static struct expr *alone(struct compile_state *state,
			  const struct expr *item)
{
	struct expr *expr = expr_new(state, item->type,
		arena_printf(state->arena, "(%s)", item->sql));

	expr_inherit(expr, item);
	expr->typmod = item->typmod;
	expr->not_null = item->not_null;
	return expr;
}

struct expr *read_coalesce(struct compile_state *state, struct scope *scope,
			   CoalesceExpr *node)
{
	struct scope before = forbid_sets(scope, "COALESCE");
	struct fold_mark mark = { .is_set = false };
	struct branches branches = read_branches(state, scope, node->args,
						 &mark);
	struct expr *expr;

	allow_sets(scope, &before);
	if (branches.items == NULL ||
	    !unify(state, &branches, "COALESCE", node->location))
		return NULL;
	fold_end(state, &mark);
	if (branches.count == 1)
		return alone(state, branches.items[0]);
	expr = expr_new(state, branches.type,
			arena_printf(state->arena, "coalesce(%s)",
				     print_items(state, &branches)));
	expr->typmod = common_typmod(&branches);
	for (int i = 0; i < branches.count; i++) {
		expr_inherit(expr, branches.items[i]);
		expr->not_null |= branches.items[i]->not_null;
	}
	return expr;
}

#define MINMAX_ARGUMENTS_MAX 98	/* SQLite takes 100, two are ours */

struct expr *read_minmax(struct compile_state *state, struct scope *scope,
			 MinMaxExpr *node)
{
	bool greatest = node->op == IS_GREATEST;
	const char *name = greatest ? "GREATEST" : "LEAST";
	struct branches branches = read_branches(state, scope, node->args,
						 NULL);
	struct nesting nesting;
	struct expr *expr;
	const char *sql = "";

	if (branches.items == NULL ||
	    !unify(state, &branches, name, node->location))
		return NULL;
	if (branches.count == 1)
		return alone(state, branches.items[0]);
	if (branches.count > MINMAX_ARGUMENTS_MAX) {
		compile_fail(state, node->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "%s of these arguments is not supported on SQLite",
			     name);
		return NULL;
	}
	expr = expr_new(state, branches.type, "");
	expr->typmod = common_typmod(&branches);
	for (int i = 0; i < branches.count; i++)
		expr_inherit(expr, branches.items[i]);
	nesting_open(state, &nesting, branches.items, branches.count);
	for (int i = 0; i < branches.count; i++)
		sql = arena_printf(state->arena, "%s, %s", sql,
				   branches.items[i]->sql);
	expr->sql = arena_printf(state->arena, "pg_%s(%u%s)",
				 greatest ? "greatest" : "least",
				 branches.type, sql);
	nesting_close(state, &nesting, expr);
	return expr;
}

/* An array value as the text form functions take: vectors look different. */
const char *array_text(struct compile_state *state, const struct expr *array)
{
	if (array->type == OID_INT2VECTOR || array->type == OID_OIDVECTOR)
		return arena_printf(state->arena,
				    "('{' || replace(%s, ' ', ',') || '}')",
				    array->sql);
	return array->sql;
}

/* That of all elements, or of all arrays that are elements; else -1. */
static int32_t shared_typmod(struct expr **items, int count, uint32_t element,
			     uint32_t array)
{
	for (int i = 0; i < count; i++) {
		if ((items[i]->type != element && items[i]->type != array) ||
		    items[i]->typmod != items[0]->typmod)
			return -1;
	}
	return count > 0 ? items[0]->typmod : -1;
}

struct expr *array_make(struct compile_state *state, struct expr **items,
			int count, uint32_t element, int location)
{
	struct branches branches = { items, count, element };
	uint32_t type = type_array(state->schema, element);
	struct expr *expr;

	if (type == 0) {
		compile_fail(state, location, SQLSTATE_UNDEFINED_OBJECT,
			     "could not find array type for data type %s",
			     type_text(state, element, -1));
		return NULL;
	}
	expr = expr_new(state, type, count == 0 ? "'{}'" :
			arena_printf(state->arena, "pg_array_build(%u, %s)",
				     count > 0 && items[0]->type == type ?
				     type : element,
				     print_items(state, &branches)));
	expr->typmod = shared_typmod(items, count, element, type);
	expr->is_constructor = true;
	expr->items = items;
	expr->item_count = count;
	expr->not_null = true;
	expr->location = location;
	return expr;
}

struct expr *read_array(struct compile_state *state, struct scope *scope,
			A_ArrayExpr *node)
{
	struct branches branches = read_branches(state, scope, node->elements,
						 NULL);
	struct expr *expr;
	uint32_t element;

	if (branches.items == NULL)
		return NULL;
	if (branches.count == 0) {
		compile_fail(state, node->location, SQLSTATE_INDETERMINATE_TYPE,
			     "cannot determine type of empty array");
		error_hint(state->error,
			   "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
		return NULL;
	}
	for (int i = 0; i < branches.count; i++) {
		if (branches.items[i]->kind != EXPR_ROW)
			continue;
		compile_fail(state, node->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "arrays of rows are not supported on SQLite");
		return NULL;
	}
	if (!unify(state, &branches, "ARRAY", node->location))
		return NULL;
	/* arrays make one of another dimension; vectors are values */
	element = type_array(state->schema, branches.type) != 0 ?
		  branches.type : type_element(state->schema, branches.type);
	expr = array_make(state, branches.items, branches.count, element,
			  node->location);
	if (expr == NULL)
		return NULL;
	for (int i = 0; i < branches.count; i++)
		expr_inherit(expr, branches.items[i]);
	return expr;
}

/* ARRAY[...]::t[]: the elements take the type one by one, or all of them are
 * arrays of it; an empty one takes it whole. */
struct array_cast {
	uint32_t type, element;
	int32_t typmod;
};

static struct expr *cast_array(struct compile_state *, struct scope *,
			       A_ArrayExpr *, const struct array_cast *);

static bool is_array(const struct compile_state *state,
		     const struct expr *item)
{
	return type_element(state->schema, item->type) != 0 &&
	       type_array(state->schema, item->type) == 0;
}

/* And says whether there is an array among them. */
static bool read_elements(struct compile_state *state, struct scope *scope,
			  List *nodes, const struct array_cast *cast,
			  struct branches *branches, bool *ret_nested)
{
	ListCell *cell;

	branches->items = arena_alloc(state->arena, sizeof(struct expr *) *
				      (size_t)(list_length(nodes) + 2));
	foreach(cell, nodes) {
		Node *node = lfirst(cell);
		struct expr *item = IsA(node, A_ArrayExpr) ?
			cast_array(state, scope, (A_ArrayExpr *)node, cast) :
			expr_read(state, scope, node);

		if (item == NULL)
			return false;
		*ret_nested |= IsA(node, A_ArrayExpr) || is_array(state, item);
		branches->items[branches->count++] = item;
	}
	return true;
}

static struct expr *cast_array(struct compile_state *state,
			       struct scope *scope, A_ArrayExpr *array,
			       const struct array_cast *cast)
{
	struct branches branches = { .count = 0 };
	struct expr *expr;
	bool nested = false;

	if (!read_elements(state, scope, array->elements, cast, &branches,
			   &nested))
		return NULL;
	for (int i = 0; i < branches.count; i++) {
		branches.items[i] = coerce_explicit(state, branches.items[i],
					nested ? cast->type : cast->element,
					cast->typmod,
					branches.items[i]->location);
		if (branches.items[i] == NULL)
			return NULL;
	}
	expr = array_make(state, branches.items, branches.count, cast->element,
			  array->location);
	if (expr == NULL)
		return NULL;
	if (branches.count == 0)
		expr->typmod = cast->typmod;
	for (int i = 0; i < branches.count; i++)
		expr_inherit(expr, branches.items[i]);
	return expr;
}

static struct expr *cast_constructor(struct compile_state *state,
				     struct scope *scope, TypeCast *cast,
				     uint32_t type, int32_t typmod)
{
	const struct array_cast to = {
		type, type_element(state->schema, type), typmod,
	};

	return cast_array(state, scope, (A_ArrayExpr *)cast->arg, &to);
}

struct expr *read_cast(struct compile_state *state, struct scope *scope,
		       TypeCast *cast)
{
	const struct schema_domain *domain =
		domain_named(state, cast->typeName);
	struct expr *argument, *expr;
	uint32_t type;
	int32_t typmod;

	if (!compile_type_name(state, cast->typeName, &type, &typmod))
		return NULL;
	if (IsA(cast->arg, A_ArrayExpr) &&
	    type_element(state->schema, type) != 0)
		return cast_constructor(state, scope, cast, type, typmod);
	argument = expr_read(state, scope, cast->arg);
	if (argument == NULL)
		return NULL;
	expr = coerce_explicit(state, argument, type, typmod, cast->location);
	if (expr != NULL && expr != argument)
		expr->not_null = argument->not_null;
	return expr != NULL && domain != NULL ?
	       domain_coerce(state, expr, domain->oid) : expr;
}

static struct expr *now_as(struct compile_state *state, uint32_t type,
			   int32_t typmod)
{
	struct expr *expr = expr_new(state, type,
		type == OID_TIMESTAMPTZ && typmod == -1 ? "pg_now()" :
		arena_printf(state->arena,
			     "pg_cast(pg_now(), %d, %u, %d, 1)",
			     OID_TIMESTAMPTZ, type, (int)typmod));

	expr->typmod = typmod;
	return expr;
}

struct expr *read_value_function(struct compile_state *state,
				 SQLValueFunction *node)
{
	struct expr *expr;

	state->is_mutable = true;
	switch (node->op) {
	case SVFOP_CURRENT_DATE:
		return now_as(state, OID_DATE, -1);
	case SVFOP_CURRENT_TIME: case SVFOP_CURRENT_TIME_N:
		return now_as(state, OID_TIMETZ, node->typmod);
	case SVFOP_CURRENT_TIMESTAMP: case SVFOP_CURRENT_TIMESTAMP_N:
		return now_as(state, OID_TIMESTAMPTZ, node->typmod);
	case SVFOP_LOCALTIME: case SVFOP_LOCALTIME_N:
		return now_as(state, OID_TIME, node->typmod);
	case SVFOP_LOCALTIMESTAMP: case SVFOP_LOCALTIMESTAMP_N:
		return now_as(state, OID_TIMESTAMP, node->typmod);
	case SVFOP_CURRENT_CATALOG:
		expr = expr_new(state, OID_NAME, "pg_current_database()");
		break;
	case SVFOP_CURRENT_SCHEMA:
		expr = expr_new(state, OID_NAME, "pg_current_schema()");
		break;
	default:
		expr = expr_new(state, OID_NAME,
				print_text(state->arena, state->session->user));
		state->volatile_plan = true;
		break;
	}
	return expr;
}
