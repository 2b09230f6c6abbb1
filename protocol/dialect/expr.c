/*
 * Expressions: the switch over what a node is, and the simple kinds:
 * constants, parameters, tests for NULL and truth, rows.
 */
#include "protocol/sql_nodes.h"

#include <errno.h>
#include <stdlib.h>

#include "protocol/dialect/grouping_sets.h"
#include "protocol/dialect/literal.h"

struct expr *expr_new(struct compile_state *state, uint32_t type,
		      const char *sql)
{
	struct expr *expr = arena_alloc(state->arena, sizeof(*expr));

	expr->kind = EXPR_VALUE;
	expr->type = type;
	expr->typmod = -1;
	expr->sql = sql;
	expr->location = -1;
	return expr;
}

struct expr *expr_int(struct compile_state *state, int64_t value)
{
	struct expr *expr = expr_new(state, OID_INT4,
				     print_integer(state->arena, value));

	expr->literal = arena_printf(state->arena, "%lld", (long long)value);
	expr->not_null = true;
	expr->is_constant = true;
	return expr;
}

struct expr *expr_unknown(struct compile_state *state, const char *text,
			  int location)
{
	struct expr *expr = expr_new(state, OID_UNKNOWN, "NULL");

	expr->kind = EXPR_UNKNOWN;
	expr->literal = text;
	expr->location = location;
	return expr;
}

/* What an expression is made of decides what it is. */
void expr_inherit(struct expr *to, const struct expr *from)
{
	to->aggregates |= from->aggregates;
	to->windows |= from->windows;
	if (from->loose == NULL)
		return;
	if (to->loose == NULL) {
		to->loose = from->loose;
		return;
	}
	if (to->loose == from->loose)
		return;
	/* Lists are short; copies keep every expression's own list whole. */
	for (const struct loose_column *at = from->loose; at != NULL;
	     at = at->next) {
		struct loose_column **end = &to->loose;

		while (*end != NULL && *end != at)
			end = &(*end)->next;
		if (*end == at)
			return;
	}
	{
		struct loose_column *last = to->loose;

		while (last->next != NULL)
			last = last->next;
		last->next = from->loose;
	}
}

int expr_location(Node *node)
{
	if (node == NULL)
		return -1;
	switch (nodeTag(node)) {
	case T_A_Const: return ((A_Const *)node)->location;
	case T_ColumnRef: return ((ColumnRef *)node)->location;
	case T_ParamRef: return ((ParamRef *)node)->location;
	case T_FuncCall: return ((FuncCall *)node)->location;
	case T_TypeCast: {
		TypeCast *cast = (TypeCast *)node;
		int inner = expr_location(cast->arg);

		return inner >= 0 && (cast->location < 0 ||
				      inner < cast->location) ?
		       inner : cast->location;
	}
	case T_A_Expr: {
		int left = expr_location(((A_Expr *)node)->lexpr);
		int own = ((A_Expr *)node)->location;

		return left >= 0 && left < own ? left : own;
	}
	case T_CaseExpr: return ((CaseExpr *)node)->location;
	case T_SubLink: return ((SubLink *)node)->location;
	case T_CoalesceExpr: return ((CoalesceExpr *)node)->location;
	case T_A_ArrayExpr: return ((A_ArrayExpr *)node)->location;
	case T_RowExpr: return ((RowExpr *)node)->location;
	case T_BoolExpr: {
		BoolExpr *test = (BoolExpr *)node;
		int first = expr_location(linitial(test->args));

		return test->boolop != NOT_EXPR && first >= 0 ?
		       first : test->location;
	}
	case T_NullTest: return expr_location((Node *)((NullTest *)node)->arg);
	default: return -1;
	}
}

static struct expr *read_float(struct compile_state *state, const char *digits)
{
	struct expr *expr;
	long long integer;
	char *end;

	errno = 0;
	integer = strtoll(digits, &end, 10);
	if (*end == '\0' && errno == 0) {
		expr = expr_new(state, integer >= INT32_MIN &&
				integer <= INT32_MAX ? OID_INT4 : OID_INT8,
				print_integer(state->arena, integer));
		expr->literal = digits;
	} else {
		expr = expr_unknown(state, digits, -1);
		expr = coerce(state, expr, OID_NUMERIC, -1, 'i', -1);
		if (expr != NULL)
			expr->literal = digits;
	}
	return expr;
}

static struct expr *read_constant(struct compile_state *state,
				  A_Const *constant)
{
	struct expr *expr;

	if (constant->isnull)
		return expr_unknown(state, NULL, constant->location);
	switch (nodeTag(&constant->val)) {
	case T_Integer:
		expr = expr_int(state, intVal(&constant->val));
		break;
	case T_Float:
		expr = read_float(state, constant->val.fval.fval);
		break;
	case T_Boolean:
		expr = expr_new(state, OID_BOOL,
				constant->val.boolval.boolval ? "1" : "0");
		break;
	case T_String:
		return expr_unknown(state, strVal(&constant->val),
				    constant->location);
	default:
		compile_fail(state, constant->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "bit string constants are not supported on SQLite");
		return NULL;
	}
	if (expr == NULL)
		return NULL;
	expr->location = constant->location;
	expr->not_null = true;
	expr->is_constant = true;
	return expr;
}

static bool grow_parameters(struct compile_state *state, int number)
{
	uint32_t *grown;
	int capacity;

	if (number <= state->parameters_capacity) {
		if (number > state->parameter_count)
			state->parameter_count = number;
		return true;
	}
	capacity = number * 2 + 8;
	grown = arena_alloc(state->arena, sizeof(uint32_t) * (size_t)capacity);
	if (state->parameter_count > 0)
		memcpy(grown, state->parameters, sizeof(uint32_t) *
		       (size_t)state->parameter_count);
	state->parameters = grown;
	state->parameters_capacity = capacity;
	state->parameter_count = number;
	return true;
}

static struct expr *read_parameter(struct compile_state *state,
				   ParamRef *reference)
{
	struct expr *expr;

	if (reference->number < 1 ||
	    reference->number > COMPILE_PARAMETERS_MAX ||
	    state->parameters_refused) {
		compile_fail(state, reference->location,
			     SQLSTATE_UNDEFINED_PARAMETER,
			     "there is no parameter $%d", reference->number);
		return NULL;
	}
	if (!grow_parameters(state, reference->number))
		return NULL;
	expr = expr_new(state, state->parameters[reference->number - 1],
			arena_printf(state->arena, "?%d", reference->number));
	expr->parameter = reference->number;
	expr->location = reference->location;
	if (expr->type == 0) {
		expr->kind = EXPR_PARAMETER;
		expr->type = OID_UNKNOWN;
	}
	return expr;
}

static struct expr *test_row(struct compile_state *state, struct expr *row,
			     bool is_null)
{
	struct expr *expr;
	const char *sql = "";

	for (int i = 0; i < row->item_count; i++) {
		struct expr *item = settle(state, row->items[i]);

		if (item == NULL)
			return NULL;
		sql = arena_printf(state->arena, "%s%s%s %s", sql,
				   i > 0 ? " AND " : "", item->sql,
				   is_null ? "IS NULL" : "IS NOT NULL");
	}
	expr = expr_new(state, OID_BOOL, row->item_count == 0 ? "1" :
			arena_printf(state->arena, "(%s)", sql));
	expr_inherit(expr, row);
	return expr;
}

static struct expr *read_null_test(struct compile_state *state,
				   struct scope *scope, NullTest *test)
{
	struct expr *argument = expr_read(state, scope, (Node *)test->arg);
	bool is_null = test->nulltesttype == IS_NULL;
	struct expr *expr;

	if (argument == NULL)
		return NULL;
	if (argument->kind == EXPR_ROW)
		return test_row(state, argument, is_null);
	expr = expr_new(state, OID_BOOL,
			arena_printf(state->arena, "(%s %s)", argument->sql,
				     is_null ? "IS NULL" : "IS NOT NULL"));
	if (argument->kind == EXPR_UNKNOWN && argument->literal != NULL)
		expr->sql = is_null ? "0" : "1";
	expr->not_null = true;
	expr->varies = argument->varies;
	expr_inherit(expr, argument);
	return expr;
}

static struct expr *read_boolean_test(struct compile_state *state,
				      struct scope *scope, BooleanTest *test)
{
	static const struct {
		const char *name;
		const char *value;
	} tests[] = {
		[IS_TRUE] = { "IS TRUE", "IS 1" },
		[IS_NOT_TRUE] = { "IS NOT TRUE", "IS NOT 1" },
		[IS_FALSE] = { "IS FALSE", "IS 0" },
		[IS_NOT_FALSE] = { "IS NOT FALSE", "IS NOT 0" },
		[IS_UNKNOWN] = { "IS UNKNOWN", "IS NULL" },
		[IS_NOT_UNKNOWN] = { "IS NOT UNKNOWN", "IS NOT NULL" },
	};
	struct expr *argument = expr_read(state, scope, (Node *)test->arg);
	struct expr *expr;

	if (argument == NULL)
		return NULL;
	argument = coerce_boolean(state, argument,
				  tests[test->booltesttype].name);
	if (argument == NULL)
		return NULL;
	expr = expr_new(state, OID_BOOL,
			arena_printf(state->arena, "(%s %s)", argument->sql,
				     tests[test->booltesttype].value));
	expr->not_null = true;
	expr_inherit(expr, argument);
	return expr;
}

static bool is_star(const Node *node)
{
	return IsA(node, ColumnRef) &&
	       IsA(llast(((const ColumnRef *)node)->fields), A_Star);
}

/* ROW(t.*, ...): the fields of t, with room for what else there may be. */
static void add_fields(struct compile_state *state, struct expr *row,
		       const struct expr *fields, int more)
{
	int count = row->item_count + fields->item_count;
	struct expr **items = arena_alloc(state->arena, sizeof(*items) *
					  (size_t)(count + more + 1));

	memcpy(items, row->items, sizeof(*items) * (size_t)row->item_count);
	memcpy(items + row->item_count, fields->items,
	       sizeof(*items) * (size_t)fields->item_count);
	row->items = items;
	row->item_count = count;
}

static struct expr *read_row(struct compile_state *state, struct scope *scope,
			     RowExpr *node)
{
	struct expr *row = expr_new(state, OID_RECORD, "");
	ListCell *cell;

	row->kind = EXPR_ROW;
	row->location = node->location;
	row->items = arena_alloc(state->arena, sizeof(struct expr *) *
				 (size_t)(list_length(node->args) + 1));
	foreach(cell, node->args) {
		struct expr *item = expr_read(state, scope, lfirst(cell));

		if (item == NULL)
			return NULL;
		if (item->kind == EXPR_ROW && is_star(lfirst(cell))) {
			add_fields(state, row, item, list_length(node->args));
			continue;
		}
		row->items[row->item_count++] = item;
		expr_inherit(row, item);
	}
	return row;
}

static struct expr *read_collate(struct compile_state *state,
				 struct scope *scope, CollateClause *clause)
{
	struct expr *expr = expr_read(state, scope, clause->arg);
	uint32_t collation;

	if (expr == NULL || !compile_collation(state, clause->collname,
					       clause->location, &collation))
		return NULL;
	if (expr->type != OID_UNKNOWN && type_collation(expr->type) == 0) {
		compile_fail(state, clause->location,
			     SQLSTATE_DATATYPE_MISMATCH,
			     "collations are not supported by type %s",
			     type_text(state, expr->type, -1));
		return NULL;
	}
	return expr;
}

static struct expr *not_supported(struct compile_state *state, Node *node,
				  const char *what)
{
	compile_fail(state, expr_location(node),
		     SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "%s is not supported on SQLite", what);
	return NULL;
}

static struct expr *read_node(struct compile_state *state, struct scope *scope,
			      Node *node)
{
	switch (nodeTag(node)) {
	case T_A_Const:
		return read_constant(state, (A_Const *)node);
	case T_ColumnRef:
		return scope_column(state, scope, (ColumnRef *)node);
	case T_ParamRef:
		return read_parameter(state, (ParamRef *)node);
	case T_A_Expr:
		return read_operator(state, scope, (A_Expr *)node);
	case T_BoolExpr:
		return read_bool(state, scope, (BoolExpr *)node);
	case T_FuncCall:
		return read_call(state, scope, (FuncCall *)node);
	case T_TypeCast:
		return read_cast(state, scope, (TypeCast *)node);
	case T_CaseExpr:
		return read_case(state, scope, (CaseExpr *)node);
	case T_CoalesceExpr:
		return read_coalesce(state, scope, (CoalesceExpr *)node);
	case T_MinMaxExpr:
		return read_minmax(state, scope, (MinMaxExpr *)node);
	case T_NullTest:
		return read_null_test(state, scope, (NullTest *)node);
	case T_BooleanTest:
		return read_boolean_test(state, scope, (BooleanTest *)node);
	case T_SubLink:
		return read_sublink(state, scope, (SubLink *)node);
	case T_A_ArrayExpr:
		return read_array(state, scope, (A_ArrayExpr *)node);
	case T_A_Indirection:
		return read_indirection(state, scope, (A_Indirection *)node);
	case T_RowExpr:
		return read_row(state, scope, (RowExpr *)node);
	case T_CollateClause:
		return read_collate(state, scope, (CollateClause *)node);
	case T_SQLValueFunction:
		return read_value_function(state, (SQLValueFunction *)node);
	case T_SetToDefault:
		compile_fail(state, ((SetToDefault *)node)->location,
			     SQLSTATE_SYNTAX,
			     "DEFAULT is not allowed in this context");
		return NULL;
	case T_CurrentOfExpr:
		return not_supported(state, node, "WHERE CURRENT OF");
	case T_GroupingFunc:
		return read_grouping_call(state, scope, (GroupingFunc *)node);
	case T_XmlExpr: case T_XmlSerialize:
		return not_supported(state, node, "XML");
	default:
		return not_supported(state, node, "this expression");
	}
}

/* What GROUP BY lists may be used whole: its columns are no longer loose. */
static void answer_grouping(struct scope *scope, struct expr *expr)
{
	if (scope == NULL || expr->kind != EXPR_VALUE || expr->loose == NULL)
		return;
	for (int i = 0; i < scope->group_count; i++) {
		if (print_same(scope->groups[i]->sql, expr->sql)) {
			expr->loose = NULL;
			return;
		}
	}
}

/* What the grouping set at hand does not group by is NULL. */
static struct expr *without_absent(struct compile_state *state,
				   struct scope *scope, struct expr *expr)
{
	struct expr *null;

	for (; scope != NULL; scope = scope->parent) {
		for (int i = 0; !scope->in_aggregate &&
		     expr->kind == EXPR_VALUE && i < scope->absent_count;
		     i++) {
			if (strcmp(scope->absent[i]->sql, expr->sql) != 0)
				continue;
			null = expr_new(state, expr->type, "NULL");
			null->typmod = expr->typmod;
			null->table = expr->table;
			null->number = expr->number;
			null->location = expr->location;
			/* It was noted as a column of an outer query. */
			if (state->outer != NULL &&
			    state->outer->scope == scope)
				state->outer = state->outer->next;
			return null;
		}
	}
	return expr;
}

struct expr *expr_read(struct compile_state *state, struct scope *scope,
		       Node *node)
{
	struct expr *expr;

	if (!compile_enter(state))
		return NULL;
	expr = read_node(state, scope, node);
	compile_leave(state);
	if (expr == NULL)
		return NULL;
	if (expr->location < 0)
		expr->location = expr_location(node);
	answer_grouping(scope, expr);
	return without_absent(state, scope, expr);
}

struct expr *expr_condition(struct compile_state *state, struct scope *scope,
			    Node *node, const char *what)
{
	Node *outer = scope->condition;
	struct expr *expr;

	scope->condition = node;
	expr = expr_read(state, scope, node);
	scope->condition = outer;
	expr = expr != NULL ? coerce_boolean(state, expr, what) : NULL;
	if (expr != NULL)
		expr->sql = as_condition(expr);
	return expr;
}
