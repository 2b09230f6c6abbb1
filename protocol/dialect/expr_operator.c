/*
 * Operators: which one is meant, its operands coerced, and the special forms
 * the grammar makes of some (IN, BETWEEN, LIKE, IS DISTINCT FROM, ANY).
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/fold.h"
#include "protocol/dialect/foreign.h"
#include "protocol/dialect/immutable.h"

const char *operator_name(List *names)
{
	return strVal(llast(names));
}

static struct expr *compare_rows(struct compile_state *state, const char *name,
				 struct expr *left, struct expr *right,
				 int location);

static bool is_comparison(const char *name)
{
	return strcmp(name, "=") == 0 || strcmp(name, "<>") == 0 ||
	       strcmp(name, "<") == 0 || strcmp(name, ">") == 0 ||
	       strcmp(name, "<=") == 0 || strcmp(name, ">=") == 0;
}

/* Coerces the operands to what the row declares. */
static bool coerce_operands(struct compile_state *state,
			    const struct operator_row *row,
			    struct expr **operands, uint32_t *ret_result,
			    int location)
{
	uint32_t declared[2] = { row->left, row->right };
	uint32_t actual[2];
	int first = row->left == 0;

	if (!resolve_polymorphic(state, operands + first, 2 - first,
				 declared + first, row->result, actual + first,
				 ret_result))
		return false;
	for (int i = first; i < 2; i++) {
		/* textanycat() and its like are $1 || $2::text */
		bool cast = declared[i] == OID_ANYNONARRAY;

		if (actual[i] == OID_ANY || actual[i] == OID_ANYENUM)
			actual[i] = operands[i]->type;
		operands[i] = coerce(state, operands[i],
				     cast ? OID_TEXT : actual[i], -1,
				     cast ? 'e' : 'i', location);
		if (operands[i] == NULL)
			return false;
	}
	return true;
}

/* Something of ours between parentheses, so that it nests. */
static const char *wrap(struct compile_state *state, const char *sql)
{
	size_t length = strlen(sql);
	size_t depth = 0;
	bool call = sql[0] == 'p' && sql[1] == 'g' && sql[2] == '_' &&
		    length > 0 && sql[length - 1] == ')';

	for (size_t i = 0; call && i < length; i++) {
		if (sql[i] == '(')
			depth++;
		else if (sql[i] == ')' && --depth == 0 && i + 1 < length)
			call = false;
		else if (sql[i] == '\'' || sql[i] == '"')
			call = false;
	}
	return call ? sql : arena_printf(state->arena, "(%s)", sql);
}

/* What compares by bytes must not do it by a collation from within: that of
 * the left side comes first. */
static void shield_operands(struct compile_state *state,
			    const struct operator_row *row,
			    struct expr **operands)
{
	const char *left = shielded(state, operands[0]->sql, row->left);
	const char *right = shielded(state, operands[1]->sql, row->right);
	struct expr *copy;

	if (!is_comparison(row->name) || strstr(row->print, "COLLATE") != NULL ||
	    (left == operands[0]->sql && right == operands[1]->sql))
		return;
	copy = arena_alloc(state->arena, sizeof(*copy));
	*copy = *operands[0];
	copy->sql = arena_printf(state->arena, "%s COLLATE BINARY",
				 operands[0]->sql);
	operands[0] = copy;
}

/* Leaves the operands as the operator takes them in `operands`. */
static struct expr *make_on(struct compile_state *state, const char *name,
			    struct expr **operands, int location)
{
	struct expr *left = operands[0], *right = operands[1];
	const struct operator_row *row;
	struct nesting nesting;
	struct expr *expr, *cut[2];
	uint32_t result;

	if (strcmp(name, "!=") == 0)
		name = "<>";
	if (left != NULL && left->kind == EXPR_ROW &&
	    right->kind == EXPR_ROW && is_comparison(name))
		return compare_rows(state, name, left, right, location);
	row = operator_choose(state, name, left, right, location);
	if (row == NULL ||
	    !coerce_operands(state, row, operands, &result, location))
		return NULL;
	immutable_note_operator(state, row);
	expr = expr_new(state, result, "");
	if (left != NULL)
		expr_inherit(expr, operands[0]);
	expr_inherit(expr, operands[1]);
	expr->location = location;
	expr->sql = left != NULL && strcmp(name, "=") == 0 ?
		    foreign_equal_sql(state->arena, operands) : NULL;
	if (expr->sql != NULL)
		return expr;
	/* In copies: callers look at the operands. */
	cut[0] = left != NULL ? operands[0] : NULL;
	cut[1] = operands[1];
	nesting_open(state, &nesting, cut, 2);
	if (left != NULL)
		shield_operands(state, row, cut);
	expr->sql = print_call(state, row->print, cut, 2, result);
	if (expr->sql == NULL)
		return NULL;
	expr->sql = wrap(state, expr->sql);
	nesting_close(state, &nesting, expr);
	fold_operator(state, row, operands, expr);
	return expr;
}

struct expr *operator_make(struct compile_state *state, const char *name,
			   struct expr *left, struct expr *right, int location)
{
	return make_on(state, name, (struct expr *[]){ left, right }, location);
}

/* (a, b) < (c, d), word by word: SQLite's own row values would not know our
 * collations. */
static struct expr *compare_rows(struct compile_state *state, const char *name,
				 struct expr *left, struct expr *right,
				 int location)
{
	bool equal = strcmp(name, "=") == 0;
	bool unequal = strcmp(name, "<>") == 0;
	char strict[2] = { name[0], '\0' };
	struct expr *result = NULL;

	if (left->item_count != right->item_count) {
		compile_fail(state, location, SQLSTATE_SYNTAX,
			     "unequal number of entries in row expressions");
		return NULL;
	}
	for (int i = left->item_count - 1; i >= 0; i--) {
		struct expr *a = left->items[i];
		struct expr *b = right->items[i];
		struct expr *pair[2];
		bool last = i == left->item_count - 1;

		pair[0] = operator_make(state, equal || unequal || last ?
					name : strict, a, b, location);
		if (pair[0] == NULL)
			return NULL;
		if (last) {
			result = pair[0];
			continue;
		}
		pair[1] = result;
		if (equal || unequal) {
			result = join_bool(state, pair, 2,
					   equal ? " AND " : " OR ");
			continue;
		}
		pair[1] = operator_make(state, "=", a, b, location);
		if (pair[1] == NULL)
			return NULL;
		pair[1] = join_bool(state, (struct expr *[]){ pair[1],
				    result }, 2, " AND ");
		result = join_bool(state, pair, 2, " OR ");
	}
	return result;
}

/* Rows are distinct where one of their columns is. */
static struct expr *make_rows_distinct(struct compile_state *state,
				       struct expr *left, struct expr *right,
				       bool is_not, int location)
{
	struct expr *expr = expr_new(state, OID_BOOL, "");

	for (int i = 0; i < left->item_count; i++) {
		struct expr *one = make_distinct(state, left->items[i],
						 right->items[i], is_not,
						 location);

		if (one == NULL)
			return NULL;
		expr->sql = arena_printf(state->arena, "%s%s%s", expr->sql,
					 i == 0 ? "(" : is_not ? " AND " :
					 " OR ", one->sql);
		expr_inherit(expr, one);
	}
	expr->sql = arena_printf(state->arena, "%s)", expr->sql);
	expr->not_null = true;
	return expr;
}

struct expr *make_distinct(struct compile_state *state, struct expr *left,
			   struct expr *right, bool is_not, int location)
{
	struct expr *operands[2] = { left, right };
	struct expr *equal;
	struct expr *expr;
	uint32_t type;

	if (left->kind == EXPR_ROW && right->kind == EXPR_ROW &&
	    left->item_count == right->item_count)
		return make_rows_distinct(state, left, right, is_not,
					  location);
	if (left->kind == EXPR_ROW || right->kind == EXPR_ROW) {
		compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "IS DISTINCT FROM between these rows is not supported on SQLite");
		return NULL;
	}
	equal = make_on(state, "=", operands, location);
	if (equal == NULL)
		return NULL;
	left = operands[0];
	right = operands[1];
	type = compared_type(state, operands);
	if (type == 0)
		type = left->type;
	left = coerce(state, left, type, -1, 'i', location);
	right = left == NULL ? NULL :
		coerce(state, right, type, -1, 'i', location);
	if (right == NULL)
		return NULL;
	expr = expr_new(state, OID_BOOL,
			arena_printf(state->arena, "(%s %s %s)",
				     collated(state, left->sql, type),
				     is_not ? "IS" : "IS NOT", right->sql));
	expr->not_null = true;
	expr_inherit(expr, equal);
	return expr;
}

static struct expr *negate(struct compile_state *state, struct expr *expr)
{
	if (expr != NULL)
		expr->sql = arena_printf(state->arena, "(NOT %s)", expr->sql);
	return expr;
}

static struct expr **read_list(struct compile_state *state,
			       struct scope *scope, List *list)
{
	struct expr **items = arena_alloc(state->arena, sizeof(*items) *
					  (size_t)(list_length(list) + 1));
	int count = 0;
	ListCell *cell;

	foreach(cell, list) {
		items[count] = expr_read(state, scope, lfirst(cell));
		if (items[count++] == NULL)
			return NULL;
	}
	return items;
}

/* The type in which x is compared with elements of a type (0: the one that
 * they have in common with x); 0: they are compared one by one. */
static uint32_t listed_type(struct compile_state *state, struct expr *left,
			    struct expr **items, int count, uint32_t element)
{
	struct expr **all = arena_alloc(state->arena, sizeof(*all) *
					(size_t)(count + 1));

	all[0] = left;
	memcpy(all + 1, items, sizeof(*all) * (size_t)count);
	if (element == 0 && count == 1)
		return compared_type(state, all);
	if (element == 0)
		element = common_type(state, all, count + 1, NULL);
	for (int i = 0; i < count; i++) {
		/* a column is compared as what it is */
		if (items[i]->loose != NULL && element != 0 &&
		    compared_type(state, (struct expr *[]){ left, items[i] }) !=
		    element)
			return 0;
	}
	return element == 0 ? 0 :
	       compared_type(state, (struct expr *[]){
			left, expr_new(state, element, "") });
}

/* x IN (1, 2, 3) with one type for all; NULL with no error: there is none. */
static struct expr *in_values(struct compile_state *state, struct expr *left,
			      struct expr **items, int count, uint32_t element,
			      int location)
{
	const char **values = arena_alloc(state->arena, sizeof(*values) *
					  (size_t)(count + 1));
	struct buffer sql = { 0 };
	struct expr *sample, *expr;
	const char *found;
	uint32_t type = listed_type(state, left, items, count, element);

	if (type == 0 || (left->type == OID_UNKNOWN &&
			  left->kind == EXPR_UNKNOWN))
		return NULL;
	left = coerce(state, left, type, -1, 'i', location);
	if (left == NULL)
		return NULL;
	expr = expr_new(state, OID_BOOL, "");
	expr_inherit(expr, left);
	for (int i = 0; i < count; i++) {
		sample = coerce(state, items[i], type, -1, 'i', location);
		if (sample == NULL) {
			buffer_fini(&sql);
			return NULL;
		}
		buffer_put_text(&sql, i > 0 ? ", " : "");
		buffer_put_text(&sql, sample->sql);
		values[i] = sample->sql;
		expr_inherit(expr, sample);
	}
	found = foreign_in_sql(state->arena, left, values, count);
	expr->sql = found != NULL ? found :
		    arena_printf(state->arena, "(%s IN (%s))",
				 collated(state, left->sql, type),
				 buffer_cstring(&sql));
	buffer_fini(&sql);
	return expr;
}

static struct expr *in_list(struct compile_state *state, struct expr *left,
			    struct expr **items, int count, uint32_t element,
			    int location)
{
	struct expr *expr = NULL;
	bool rows = left->kind == EXPR_ROW;

	for (int i = 0; i < count; i++)
		rows |= items[i]->kind == EXPR_ROW;
	if (!rows) {
		state->error->sqlstate[0] = '\0';
		expr = in_values(state, left, items, count, element,
				 location);
		if (expr != NULL || state->error->sqlstate[0] != '\0')
			return expr;
	}
	for (int i = 0; i < count; i++) {
		items[i] = operator_make(state, "=", left, items[i], location);
		if (items[i] == NULL)
			return NULL;
	}
	return join_bool(state, items, count, " OR ");
}

static struct expr *read_in(struct compile_state *state, struct scope *scope,
			    A_Expr *node)
{
	List *list = (List *)node->rexpr;
	struct expr *left = expr_read(state, scope, node->lexpr);
	struct expr **items;
	struct expr *expr;

	if (left == NULL || (items = read_list(state, scope, list)) == NULL)
		return NULL;
	expr = in_list(state, left, items, list_length(list), 0,
		       node->location);
	return strcmp(operator_name(node->name), "<>") == 0 ?
	       negate(state, expr) : expr;
}

static struct expr *read_between(struct compile_state *state,
				 struct scope *scope, A_Expr *node,
				 bool is_not, bool is_symmetric)
{
	List *bounds = (List *)node->rexpr;
	struct expr *value = expr_read(state, scope, node->lexpr);
	struct expr *low = value == NULL ? NULL :
			   expr_read(state, scope, linitial(bounds));
	struct expr *high = low == NULL ? NULL :
			    expr_read(state, scope, lsecond(bounds));
	struct expr *pair[2], *other[2], *both[2];
	int at = node->location;

	if (high == NULL)
		return NULL;
	pair[0] = operator_make(state, ">=", value, low, at);
	pair[1] = pair[0] == NULL ? NULL :
		  operator_make(state, "<=", value, high, at);
	if (pair[1] == NULL)
		return NULL;
	both[0] = join_bool(state, pair, 2, " AND ");
	if (!is_symmetric)
		return is_not ? negate(state, both[0]) : both[0];
	other[0] = operator_make(state, ">=", value, high, at);
	other[1] = other[0] == NULL ? NULL :
		   operator_make(state, "<=", value, low, at);
	if (other[1] == NULL)
		return NULL;
	both[1] = join_bool(state, other, 2, " AND ");
	both[0] = join_bool(state, both, 2, " OR ");
	return is_not ? negate(state, both[0]) : both[0];
}

static struct expr *read_nullif(struct compile_state *state,
				struct scope *scope, A_Expr *node)
{
	struct expr *left = expr_read(state, scope, node->lexpr);
	struct expr *right = left == NULL ? NULL :
			     expr_read(state, scope, node->rexpr);
	struct expr *operands[2] = { left, right };
	struct expr *equal, *expr;

	if (right == NULL)
		return NULL;
	equal = make_on(state, "=", operands, node->location);
	if (equal == NULL)
		return NULL;
	/* The result has the type the operator gave its left side. */
	left = operands[0];
	expr = expr_new(state, left->type,
			arena_printf(state->arena,
				     "CASE WHEN %s THEN NULL ELSE %s END",
				     equal->sql, left->sql));
	expr->typmod = left->typmod;
	expr->sql = arena_printf(state->arena, "(%s)", expr->sql);
	expr_inherit(expr, equal);
	return expr;
}

/* x op ANY/ALL where SQLite allows no subquery: a function compares. */
static struct expr *by_function(struct compile_state *state, const char *name,
				struct expr *left, struct expr *array,
				bool is_any, int location)
{
	uint32_t type = type_element(state->schema, array->type);
	struct expr *expr;

	left = coerce(state, left, type, -1, 'i', location);
	if (left == NULL)
		return NULL;
	if (strcmp(name, "!=") == 0)
		name = "<>";
	if (name[strspn(name, "<>=")] != '\0') {
		compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "%s ANY/ALL (array) is not supported here on SQLite",
			     name);
		return NULL;
	}
	expr = expr_new(state, OID_BOOL, arena_printf(state->arena,
			"pg_array_any(%s, %s, '%s', %d, %u)", left->sql,
			array_text(state, array), name, is_any, type));
	expr_inherit(expr, left);
	expr_inherit(expr, array);
	return expr;
}

/* x op ANY/ALL over rows `SELECT value FROM pg_unnest(...)`. */
static struct expr *over_elements(struct compile_state *state,
				  const char *name, struct expr *left,
				  struct expr *array, bool is_any,
				  bool is_condition, int location)
{
	uint32_t element_type = type_element(state->schema, array->type);
	const char *alias = new_alias(state);
	struct expr *element = expr_new(state, element_type,
					arena_printf(state->arena, "%s.value",
						     alias));
	const char *unnest = arena_printf(state->arena,
					  "pg_unnest(%s, %u) AS %s",
					  array_text(state, array),
					  element_type, alias);
	struct expr *operands[2] = { left, element };
	struct expr *test = make_on(state, name, operands, location);
	struct expr *expr;
	bool equal = is_any && strcmp(name, "=") == 0;
	bool unequal = !is_any && (strcmp(name, "<>") == 0 ||
				   strcmp(name, "!=") == 0);
	const char *sql;

	if (test == NULL)
		return NULL;
	if (test->type != OID_BOOL) {
		compile_fail(state, location, SQLSTATE_DATATYPE_MISMATCH,
			     "op ANY/ALL (array) requires operator to yield boolean");
		return NULL;
	}
	expr = expr_new(state, OID_BOOL, "");
	expr_inherit(expr, test);
	expr_inherit(expr, array);
	if (equal || unequal) {
		/* as the operator takes them: a parameter has that type now */
		uint32_t type = compared_type(state, operands);

		if (type == 0)
			type = element_type;
		left = coerce(state, operands[0], type, -1, 'i', location);
		element = left == NULL ? NULL :
			  coerce(state, operands[1], type, -1, 'i', location);
		if (element == NULL)
			return NULL;
		sql = arena_printf(state->arena,
				   "%s %sIN (SELECT %s FROM %s)",
				   collated(state, left->sql, type),
				   equal ? "" : "NOT ", element->sql, unnest);
	} else {
		sql = arena_printf(state->arena,
			"(SELECT CASE WHEN %s(%s) = %d THEN %d WHEN count(*) > count(%s) THEN NULL ELSE %d END FROM %s)",
			is_any ? "max" : "min", test->sql, is_any, is_any,
			test->sql, !is_any, unnest);
	}
	/* A NULL array makes the whole NULL; a condition need not know, and
	 * may use an index without the CASE. */
	if (is_condition && equal)
		expr->sql = arena_printf(state->arena, "(%s)", sql);
	else
		expr->sql = arena_printf(state->arena,
			"(CASE WHEN %s IS NOT NULL THEN %s END)", array->sql,
			sql);
	return expr;
}

static struct expr *read_any(struct compile_state *state, struct scope *scope,
			     A_Expr *node, bool is_any)
{
	const char *name = operator_name(node->name);
	bool is_condition = scope != NULL && scope->condition == (Node *)node;
	struct expr *left = expr_read(state, scope, node->lexpr);
	struct expr *array = left == NULL ? NULL :
			     expr_read(state, scope, node->rexpr);
	uint32_t type;
	struct expr *expr;

	if (array == NULL)
		return NULL;
	if (array->type == OID_UNKNOWN) {
		type = type_array(state->schema, left->type == OID_UNKNOWN ?
				  OID_TEXT : left->type);
		if (type == 0)
			type = OID_TEXT_ARRAY;
		if (left->type == OID_VARCHAR)
			type = OID_TEXT_ARRAY;
		array = coerce(state, array, type, -1, 'i', node->location);
		if (array == NULL)
			return NULL;
	}
	if (type_element(state->schema, array->type) == 0) {
		compile_fail(state, node->location, "42809",
			     "op ANY/ALL (array) requires array on right side");
		return NULL;
	}
	if (array->is_constructor && array->item_count > 0 && is_any &&
	    strcmp(name, "=") == 0 && array->items[0]->type != array->type)
		return in_list(state, left, array->items, array->item_count,
			       type_element(state->schema, array->type),
			       node->location);
	if (array->is_constructor && array->item_count > 0 && !is_any &&
	    (strcmp(name, "<>") == 0 || strcmp(name, "!=") == 0) &&
	    array->items[0]->type != array->type) {
		expr = in_list(state, left, array->items, array->item_count,
			       type_element(state->schema, array->type),
			       node->location);
		return negate(state, expr);
	}
	if (state->bare_columns)
		return by_function(state, name, left, array, is_any,
				   node->location);
	return over_elements(state, name, left, array, is_any, is_condition,
			     node->location);
}

/* (a, b) = (SELECT ...) */
static bool is_row_query(const A_Expr *node)
{
	return node->lexpr != NULL && IsA(node->lexpr, RowExpr) &&
	       IsA(node->rexpr, SubLink) &&
	       ((SubLink *)node->rexpr)->subLinkType == EXPR_SUBLINK;
}

static struct expr *read_row_query(struct compile_state *state,
				   struct scope *scope, A_Expr *node)
{
	SubLink link = *(SubLink *)node->rexpr;

	link.subLinkType = ROWCOMPARE_SUBLINK;
	link.testexpr = node->lexpr;
	link.operName = node->name;
	link.location = node->location;
	return read_sublink(state, scope, &link);
}

static struct expr *read_plain(struct compile_state *state,
			       struct scope *scope, A_Expr *node)
{
	struct expr *left = NULL, *right;

	if (is_row_query(node))
		return read_row_query(state, scope, node);
	if (node->lexpr != NULL) {
		left = expr_read(state, scope, node->lexpr);
		if (left == NULL)
			return NULL;
	}
	right = expr_read(state, scope, node->rexpr);
	if (right == NULL)
		return NULL;
	return operator_make(state, operator_name(node->name), left, right,
			     node->location);
}

struct expr *read_operator(struct compile_state *state, struct scope *scope,
			   A_Expr *node)
{
	struct expr *left, *right;

	switch (node->kind) {
	case AEXPR_OP:
	case AEXPR_LIKE:	/* ESCAPE: the grammar makes a call of it */
	case AEXPR_ILIKE:
	case AEXPR_SIMILAR:
		return read_plain(state, scope, node);
	case AEXPR_OP_ANY:
		return read_any(state, scope, node, true);
	case AEXPR_OP_ALL:
		return read_any(state, scope, node, false);
	case AEXPR_IN:
		return read_in(state, scope, node);
	case AEXPR_NULLIF:
		return read_nullif(state, scope, node);
	case AEXPR_BETWEEN:
		return read_between(state, scope, node, false, false);
	case AEXPR_NOT_BETWEEN:
		return read_between(state, scope, node, true, false);
	case AEXPR_BETWEEN_SYM:
		return read_between(state, scope, node, false, true);
	case AEXPR_NOT_BETWEEN_SYM:
		return read_between(state, scope, node, true, true);
	case AEXPR_DISTINCT:
	case AEXPR_NOT_DISTINCT:
		left = expr_read(state, scope, node->lexpr);
		right = left == NULL ? NULL :
			expr_read(state, scope, node->rexpr);
		return right == NULL ? NULL :
		       make_distinct(state, left, right,
				     node->kind == AEXPR_NOT_DISTINCT,
				     node->location);
	default:
		compile_fail(state, node->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "this operator is not supported on SQLite");
		return NULL;
	}
}
