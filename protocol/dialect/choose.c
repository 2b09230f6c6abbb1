/*
 * Which row of the tables a call or an operator means, and its arguments as
 * that row takes them. Every use of a row comes by here, which the test that
 * counts them relies on.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr_call.h"
#include "protocol/dialect/extension.h"
#include "protocol/dialect/operator_table.h"
#include "protocol/dialect/spelling.h"

#define CANDIDATES_MAX 128	/* Postgres has some 90 operators called < */

static void no_operator(struct compile_state *state, const char *name,
				struct expr *left, struct expr *right,
				int location, bool ambiguous)
{
	const char *left_type = left != NULL ?
		arena_printf(state->arena, "%s ",
			     type_text(state, left->type, -1)) : "";

	compile_fail(state, location,
		     ambiguous ? "42725" : SQLSTATE_UNDEFINED_FUNCTION,
		     ambiguous ? "operator is not unique: %s%s %s" :
				 "operator does not exist: %s%s %s",
		     left_type, name, type_text(state, right->type, -1));
	error_hint(state->error, "%s", ambiguous ?
		   "Could not choose a best candidate operator. You might need to add explicit type casts." :
		   strcmp(name, "==") == 0 ? "Use =." :
		   "No operator matches the given name and argument types. You might need to add explicit type casts.");
}

/* The row with exactly these types; an unknown side is taken for the other's
 * type first. */
static const struct operator_row *exact(const struct operator_row *rows,
					int count, uint32_t left,
					uint32_t right)
{
	if (left == OID_UNKNOWN)
		left = right;
	if (right == OID_UNKNOWN && left != 0)
		right = left;
	for (int i = 0; i < count; i++) {
		if (rows[i].left == left && rows[i].right == right)
			return &rows[i];
	}
	return NULL;
}

struct operator_list {
	struct candidate rows[CANDIDATES_MAX];
	uint32_t types[CANDIDATES_MAX][2];
	int count;
};

/* Those of a table that have as many operands; not twice the same. */
static void add_operators(struct operator_list *list,
			  const struct operator_row *rows, int count,
			  bool prefix)
{
	int before = list->count;

	for (int i = 0; i < count && list->count < CANDIDATES_MAX; i++) {
		uint32_t *types = list->types[list->count];
		bool known = false;

		if ((rows[i].left == 0) != prefix)
			continue;
		types[0] = prefix ? rows[i].right : rows[i].left;
		types[1] = rows[i].right;
		for (int j = 0; j < before && !known; j++)
			known = list->types[j][0] == types[0] &&
				list->types[j][1] == types[1];
		if (known)
			continue;
		list->rows[list->count++] = (struct candidate){
			.row = &rows[i], .types = types,
			.count = prefix ? 1 : 2,
		};
	}
}

static const struct operator_row *not_here(struct compile_state *state,
					   const struct operator_row *row,
					   int location)
{
	const char *left = row->left == 0 ? "" :
		arena_printf(state->arena, "%s ",
			     type_text(state, row->left, -1));

	if (row->print != NULL)
		return row;
	compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
		     "the operator %s%s %s is not supported on SQLite", left,
		     row->name, type_text(state, row->right, -1));
	return NULL;
}

const struct operator_row *operator_choose(struct compile_state *state,
					   const char *name, struct expr *left,
					   struct expr *right, int location)
{
	int count, absent_count;
	const struct operator_row *rows = operator_find(name, &count);
	const struct operator_row *absent =
		operator_find_absent(name, &absent_count);
	const struct operator_row *brought =
		extension_operator(state->schema, name);
	uint32_t left_type = left != NULL ? left->type : 0;
	const struct operator_row *found;
	struct expr *both[2] = { left != NULL ? left : right, right };
	struct operator_list list = { .count = 0 };
	int index;

	found = exact(rows, count, left_type, right->type);
	if (found == NULL)
		found = exact(absent, absent_count, left_type, right->type);
	if (found == NULL && brought != NULL)
		found = exact(brought, 1, left_type, right->type);
	if (found != NULL)
		return not_here(state, found, location);
	add_operators(&list, rows, count, left == NULL);
	add_operators(&list, absent, absent_count, left == NULL);
	add_operators(&list, brought, brought != NULL, left == NULL);
	index = choose_candidate(state, both, left != NULL ? 2 : 1, list.rows,
				 list.count);
	if (index < 0) {
		no_operator(state, name, left, right, location, index == -2);
		return NULL;
	}
	return not_here(state, list.rows[index].row, location);
}

static bool can_compare(struct compile_state *state, uint32_t type)
{
	uint32_t element = type_element(state->schema, type);

	switch (element != 0 ? element : type) {
	case OID_JSON: case OID_XML: case OID_ACLITEM: case OID_PG_NODE_TREE:
	case OID_REFCURSOR:
		return false;
	default:
		return true;
	}
}

static bool check_has(struct compile_state *state, const struct expr *expr,
		      int location, const char *kind)
{
	if (can_compare(state, expr->type))
		return true;
	return compile_fail(state, location, SQLSTATE_UNDEFINED_FUNCTION,
			    "could not identify an %s operator for type %s",
			    kind, type_text(state, expr->type, -1));
}

bool check_sorts(struct compile_state *state, const struct expr *expr,
		 int location)
{
	return check_has(state, expr, location, "ordering");
}

bool check_equals(struct compile_state *state, const struct expr *expr,
		  int location)
{
	return check_has(state, expr, location, "equality");
}

static const char *argument_types(struct compile_state *state,
				  struct expr **arguments, int count)
{
	const char *text = "";

	for (int i = 0; i < count; i++)
		text = arena_printf(state->arena, "%s%s%s", text,
				    i > 0 ? ", " : "",
				    type_text(state, arguments[i]->type, -1));
	return text;
}

void no_function(struct compile_state *state, const char *name,
			struct expr **arguments, int count, int location,
			bool ambiguous)
{
	const char *instead = spelling_of_function(name, count);

	compile_fail(state, location,
		     ambiguous ? "42725" : SQLSTATE_UNDEFINED_FUNCTION,
		     ambiguous ? "function %s(%s) is not unique" :
				 "function %s(%s) does not exist", name,
		     argument_types(state, arguments, count));
	error_hint(state->error, "%s", ambiguous ?
		   "Could not choose a best candidate function. You might need to add explicit type casts." :
		   instead != NULL ? instead :
		   "No function matches the given name and argument types. You might need to add explicit type casts.");
}

static bool fits_count(const struct call_row *row, int count)
{
	if (row->flags & CALL_VARIADIC)
		return count >= row->arguments;
	return count <= row->arguments &&
	       count >= row->arguments - row->defaults;
}

static bool is_exact(const struct call_row *row, struct expr **arguments,
		     int count)
{
	if ((row->flags & CALL_VARIADIC) || count != row->arguments)
		return false;
	for (int i = 0; i < count; i++) {
		if (arguments[i]->type != row->types[i])
			return false;
	}
	return true;
}

/* The last type of a VARIADIC row is the array; its elements repeat. */
static void variadic_types(struct compile_state *state,
			   const struct call_row *row, uint32_t *types)
{
	uint32_t last = row->types[row->arguments - 1];
	uint32_t element = type_element(state->schema, last);

	memcpy(types, row->types, sizeof(row->types));
	types[row->arguments - 1] = element != 0 ? element : last;
}

struct call_list {
	struct candidate rows[CANDIDATES_MAX];
	uint32_t types[CANDIDATES_MAX][FUNCTION_ARGUMENTS_MAX];
	int count;
};

static bool is_listed(const struct call_list *list, const struct call_row *row)
{
	for (int i = 0; i < list->count; i++) {
		const struct call_row *other = list->rows[i].row;

		if (other->arguments == row->arguments &&
		    memcmp(other->types, row->types,
			   sizeof(row->types)) == 0)
			return true;
	}
	return false;
}

static uint32_t declared_at(const uint32_t *types,
			    const struct call_row *row, int argument)
{
	return types[argument < row->arguments ? argument :
		     row->arguments - 1];
}

/* One that takes just these without repeating any counts more than one that
 * repeats its last. */
static bool is_repeated(const struct call_list *list,
			const struct call_row *row, int count)
{
	for (int i = 0; i < list->count; i++) {
		const struct call_row *other = list->rows[i].row;
		int same = 0;

		while (same < count &&
		       declared_at(list->types[i], other, same) ==
		       declared_at(list->types[list->count], row, same))
			same++;
		if (same == count)
			return true;
	}
	return false;
}

/* Those of a table that take as many arguments; not twice the same. */
static void add_calls(struct compile_state *state, struct call_list *list,
		      const struct call_row *rows, int row_count, int count)
{
	for (int i = 0; i < row_count && list->count < CANDIDATES_MAX; i++) {
		uint32_t *types = list->types[list->count];

		if (!fits_count(&rows[i], count) || is_listed(list, &rows[i]))
			continue;
		if (rows[i].flags & CALL_VARIADIC)
			variadic_types(state, &rows[i], types);
		else
			memcpy(types, rows[i].types, sizeof(rows[i].types));
		if ((rows[i].flags & CALL_VARIADIC) &&
		    is_repeated(list, &rows[i], count))
			continue;
		list->rows[list->count++] = (struct candidate){
			&rows[i], types,
			rows[i].arguments > 0 ? rows[i].arguments : 1, false };
	}
}

static const struct call_row *exact_call(const struct call_row *rows,
					 int row_count,
					 struct expr **arguments, int count)
{
	for (int i = 0; i < row_count; i++) {
		if (is_exact(&rows[i], arguments, count))
			return &rows[i];
	}
	return NULL;
}

bool call_is_exact(const char *name, struct expr **arguments, int count)
{
	int row_count, absent_count;
	const struct call_row *rows = function_find(name, &row_count);
	const struct call_row *absent =
		function_find_absent(name, &absent_count);

	return exact_call(rows, row_count, arguments, count) != NULL ||
	       exact_call(absent, absent_count, arguments, count) != NULL;
}

/* The row that is meant, be it one that weir has not; NULL: the error is
 * filled. */
static const struct call_row *find_call(struct compile_state *state,
					const char *name,
					struct expr **arguments, int count,
					int location)
{
	int row_count, absent_count;
	const struct call_row *rows = function_find(name, &row_count);
	const struct call_row *absent =
		function_find_absent(name, &absent_count);
	const struct call_row *row =
		exact_call(rows, row_count, arguments, count);
	struct call_list list;
	int index;

	if (row == NULL)
		row = exact_call(absent, absent_count, arguments, count);
	if (row != NULL)
		return row;
	list.count = 0;
	add_calls(state, &list, rows, row_count, count);
	add_calls(state, &list, absent, absent_count, count);
	if (!rows && !absent) {
		rows = extension_calls(state->schema, name, &row_count);
		add_calls(state, &list, rows, row_count, count);
	}
	index = choose_candidate(state, arguments, count, list.rows,
				 list.count);
	if (index >= 0)
		return list.rows[index].row;
	no_function(state, name, arguments, count, location, index == -2);
	return NULL;
}

const struct call_row *call_choose(struct compile_state *state,
				   const char *name, struct expr **arguments,
				   int *ret_count, int location,
				   uint32_t *ret_result)
{
	uint32_t actual[CALL_ARGUMENTS_MAX];
	uint32_t declared[CALL_ARGUMENTS_MAX];
	int count = *ret_count;
	const struct call_row *row =
		find_call(state, name, arguments, count, location);

	if (row == NULL)
		return NULL;
	if (row->print == NULL) {
		compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "function %s(%s) is not supported on SQLite", name,
			     argument_types(state, arguments, count));
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		uint32_t repeated[FUNCTION_ARGUMENTS_MAX];

		if (row->flags & CALL_VARIADIC)
			variadic_types(state, row, repeated);
		else
			memcpy(repeated, row->types, sizeof(repeated));
		declared[i] = repeated[i < row->arguments ?
				       i : row->arguments - 1];
	}
	if (!resolve_polymorphic(state, arguments, count, declared,
				 row->result, actual, ret_result)) {
		if (state->error->position == 0)
			compile_fail(state, location,
				     SQLSTATE_DATATYPE_MISMATCH, "%s",
				     arena_text(state->arena,
						state->error->message));
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		if (arguments[i]->kind == EXPR_ROW)
			continue;
		if (actual[i] == OID_ANY &&
		    arguments[i]->kind == EXPR_PARAMETER) {
			compile_fail(state, arguments[i]->location,
				     SQLSTATE_INDETERMINATE_TYPE,
				     "could not determine data type of parameter $%d",
				     arguments[i]->parameter);
			return NULL;
		}
		arguments[i] = actual[i] == OID_ANY ?
			       settle(state, arguments[i]) :
			       coerce(state, arguments[i], actual[i], -1, 'i',
				      location);
		if (arguments[i] == NULL)
			return NULL;
	}
	return row;
}
