/*
 * Which row of the tables a call or an operator means, and its arguments as
 * that row takes them. Every use of a row comes by here, which the test that
 * counts them relies on.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr_call.h"
#include "protocol/dialect/operator_table.h"

#define CANDIDATES_MAX 64

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
	error_hint(state->error, ambiguous ?
		   "Could not choose a best candidate operator. You might need to add explicit type casts." :
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

const struct operator_row *operator_choose(struct compile_state *state,
					   const char *name, struct expr *left,
					   struct expr *right, int location)
{
	int count;
	const struct operator_row *rows = operator_find(name, &count);
	const struct operator_row *found;
	struct candidate candidates[CANDIDATES_MAX];
	struct expr *both[2] = { left != NULL ? left : right, right };
	uint32_t types[CANDIDATES_MAX][2];
	int candidate_count = 0;
	int index;

	found = exact(rows, count, left != NULL ? left->type : 0, right->type);
	if (found != NULL)
		return found;
	for (int i = 0; i < count && candidate_count < CANDIDATES_MAX; i++) {
		if ((rows[i].left == 0) != (left == NULL))
			continue;
		types[candidate_count][0] = left != NULL ? rows[i].left :
					    rows[i].right;
		types[candidate_count][1] = rows[i].right;
		candidates[candidate_count] = (struct candidate){
			.row = &rows[i],
			.types = types[candidate_count],
			.count = left != NULL ? 2 : 1,
		};
		candidate_count++;
	}
	index = choose_candidate(state, both, left != NULL ? 2 : 1, candidates,
				 candidate_count);
	if (index < 0) {
		no_operator(state, name, left, right, location, index == -2);
		return NULL;
	}
	return candidates[index].row;
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
	compile_fail(state, location,
		     ambiguous ? "42725" : SQLSTATE_UNDEFINED_FUNCTION,
		     ambiguous ? "function %s(%s) is not unique" :
				 "function %s(%s) does not exist", name,
		     argument_types(state, arguments, count));
	error_hint(state->error, ambiguous ?
		   "Could not choose a best candidate function. You might need to add explicit type casts." :
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

const struct call_row *call_choose(struct compile_state *state,
				   const char *name, struct expr **arguments,
				   int *ret_count, int location,
				   uint32_t *ret_result)
{
	int row_count;
	const struct call_row *rows = function_find(name, &row_count);
	struct candidate candidates[CANDIDATES_MAX];
	uint32_t types[CANDIDATES_MAX][FUNCTION_ARGUMENTS_MAX];
	uint32_t actual[CALL_ARGUMENTS_MAX];
	uint32_t declared[CALL_ARGUMENTS_MAX];
	int count = *ret_count;
	int candidate_count = 0;
	int index = -1;
	const struct call_row *row;

	for (int i = 0; i < row_count; i++) {
		if (is_exact(&rows[i], arguments, count)) {
			index = 0;
			candidates[0].row = &rows[i];
			break;
		}
	}
	for (int i = 0; i < row_count && index < 0 &&
	     candidate_count < CANDIDATES_MAX; i++) {
		if (!fits_count(&rows[i], count))
			continue;
		variadic_types(state, &rows[i], types[candidate_count]);
		if (!(rows[i].flags & CALL_VARIADIC))
			memcpy(types[candidate_count], rows[i].types,
			       sizeof(rows[i].types));
		candidates[candidate_count] = (struct candidate){
			&rows[i], types[candidate_count],
			rows[i].arguments > 0 ? rows[i].arguments : 1, false };
		candidate_count++;
	}
	if (index < 0)
		index = choose_candidate(state, arguments, count, candidates,
					 candidate_count);
	if (index < 0) {
		no_function(state, name, arguments, count, location,
			    index == -2);
		return NULL;
	}
	row = candidates[index].row;
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
		arguments[i] = actual[i] == OID_ANY ?
			       settle(state, arguments[i]) :
			       coerce(state, arguments[i], actual[i], -1, 'i',
				      location);
		if (arguments[i] == NULL)
			return NULL;
	}
	return row;
}
