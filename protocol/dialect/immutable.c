#include "protocol/sql_nodes.h"

#include "protocol/dialect/immutable.h"

#include <stdlib.h>

#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/catalog_facts.h"

#define LANGUAGE_SQL 14

static struct slice cell(const struct catalog_facts *facts, const char *row,
			 const char *column)
{
	return catalog_facts_cell(row, catalog_facts_column(facts, column));
}

static uint32_t number(const struct catalog_facts *facts, const char *row,
		       const char *column)
{
	return (uint32_t)strtoul((const char *)cell(facts, row, column)
				 .at, NULL, 10);
}

static void note_function(struct compile_state *state, const char *row)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_proc");

	if (row != NULL && cell(facts, row, "provolatile").at[0] != 'i')
		state->is_mutable = true;
}

static const char *function_row(uint32_t oid)
{
	return catalog_facts_row(catalog_facts_of("pg_proc"), oid);
}

/* --- casts -------------------------------------------------------------------- */

/* Between a type and text: its own output or input function. */
static void note_text(struct compile_state *state, uint32_t type,
		      const char *function)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_type");
	const char *row = catalog_facts_row(facts, type);

	if (row == NULL)	/* an enum of the user's: its labels may change */
		state->is_mutable = true;
	else
		note_function(state, function_row(number(facts, row,
							 function)));
}

/* Of pg_cast; NULL: the cast goes through text. */
static const char *cast_row(const struct catalog_facts *facts, uint32_t from,
			    uint32_t to)
{
	for (size_t i = 0; i < facts->count; i++) {
		const char *row = facts->rows[i];

		if (number(facts, row, "castsource") == from &&
		    number(facts, row, "casttarget") == to)
			return row;
	}
	return NULL;
}

void immutable_note_cast(struct compile_state *state, uint32_t from,
			 uint32_t to)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_cast");
	uint32_t from_element, to_element;
	const char *row;

	if (!state->must_be_immutable || from == to)
		return;
	row = cast_row(facts, from, to);
	from_element = type_element(state->schema, from);
	to_element = type_element(state->schema, to);
	if (row != NULL && cell(facts, row, "castmethod").at[0] != 'i') {
		note_function(state, function_row(number(facts, row,
							 "castfunc")));
	} else if (row == NULL && from_element != 0 && to_element != 0) {
		immutable_note_cast(state, from_element, to_element);
	} else {
		note_text(state, from, "typoutput");
		note_text(state, to, "typinput");
	}
}

/* --- functions and operators --------------------------------------------------- */

/* A function in SQL is put in place before it is judged: those of any type
 * cast it to text. */
static bool is_cast_inside(const char *row)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_proc");
	struct slice types = cell(facts, row, "proargtypes");

	if (number(facts, row, "prolang") != LANGUAGE_SQL)
		return false;
	return slice_is(types, "2283");
}

static bool takes(const struct call_row *call, struct slice types)
{
	const char *at = (const char *)types.at;

	for (int i = 0; i < call->arguments; i++) {
		char *end;

		if (strtoul(at, &end, 10) != call->types[i])
			return false;
		at = end;
	}
	return at == (const char *)types.at + types.length;
}

/* The row of pg_proc that a row of ours stands for; NULL: it has none. */
static const char *find_function(const struct call_row *call)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_proc");

	for (size_t i = 0; i < facts->count; i++) {
		const char *row = facts->rows[i];

		if (slice_is(cell(facts, row, "proname"),
				      call->name) &&
		    takes(call, cell(facts, row, "proargtypes")))
			return row;
	}
	return NULL;
}

bool call_is_immutable(const struct call_row *call)
{
	const char *row = find_function(call);

	return row != NULL && !is_cast_inside(row) &&
	       cell(catalog_facts_of("pg_proc"), row, "provolatile").at[0] ==
	       'i';
}

void immutable_note_call(struct compile_state *state,
			 const struct call_row *call,
			 struct expr **arguments, int count)
{
	const char *row;

	if (!state->must_be_immutable)
		return;
	row = find_function(call);
	if (row != NULL && count == 1 && is_cast_inside(row))
		immutable_note_cast(state, arguments[0]->type, OID_TEXT);
	else
		note_function(state, row);
}

void immutable_note_operator(struct compile_state *state,
			     const struct operator_row *row)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_operator");

	/* textanycat() and its like: their operand has been cast. */
	if (!state->must_be_immutable || row->left == OID_ANYNONARRAY ||
	    row->right == OID_ANYNONARRAY)
		return;
	for (size_t i = 0; i < facts->count; i++) {
		const char *known = facts->rows[i];

		if (slice_is(cell(facts, known, "oprname"),
				      row->name) &&
		    number(facts, known, "oprleft") == row->left &&
		    number(facts, known, "oprright") == row->right)
			note_function(state, function_row(
				number(facts, known, "oprcode")));
	}
}

/* --- an expression ------------------------------------------------------------- */

bool check_immutable(struct compile_state *state, struct Node *node,
		     const struct schema_table *table, const char *what,
		     const char *message)
{
	const char *ignored;
	bool compiled;

	state->must_be_immutable = true;
	state->is_mutable = false;
	compiled = compile_value_expr(state, node, table, 0, -1, what,
				      &ignored);
	state->must_be_immutable = false;
	if (!compiled || !state->is_mutable)
		return compiled;
	return compile_fail(state, -1, "42P17", "%s", message);
}
