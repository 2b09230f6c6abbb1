/*
 * What stands behind a value: subscripts and slices of arrays and of jsonb,
 * fields of rows. And the same at the left of an assignment, where the
 * column's whole value is made anew with one part of it changed.
 *
 * Functions on elements get the array and the type of its elements; those on
 * slices then get which bounds were written (bit 2n: the lower of dimension
 * n, 2n + 1: the upper), for a bound that is not there is none that is NULL.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"

#define DIMENSIONS_MAX 6

/* Subscripts as they are read: all of one kind. */
struct subscripts {
	struct expr *base;	/* what inherits from the subscripts */
	List *indirection;
	bool is_slice;		/* one of them is */
	const char *sql;	/* ", 1, 2" */
	unsigned written;	/* of a slice: the bounds */
};

static struct expr *subscript_value(struct compile_state *state,
				    struct scope *scope, Node *node)
{
	struct expr *index = expr_read(state, scope, node);

	if (index == NULL)
		return NULL;
	if (!can_coerce(state, index->type, OID_INT4, 'a')) {
		compile_fail(state, index->location, SQLSTATE_DATATYPE_MISMATCH,
			     "array subscript must have type integer");
		return NULL;
	}
	return coerce(state, index, OID_INT4, -1, 'a', index->location);
}

/* Adds one bound; a node that is not there is NULL. */
static bool add_bound(struct compile_state *state, struct scope *scope,
		      struct subscripts *subscripts, Node *node, unsigned bit)
{
	struct expr *bound = NULL;

	if (node != NULL) {
		bound = subscript_value(state, scope, node);
		if (bound == NULL)
			return false;
		expr_inherit(subscripts->base, bound);
		subscripts->written |= bit;
	}
	subscripts->sql = arena_printf(state->arena, "%s, %s", subscripts->sql,
				       bound == NULL ? "NULL" : bound->sql);
	return true;
}

/* Among slices, [n] stands for [1:n]. */
static bool add_subscript(struct compile_state *state, struct scope *scope,
			  struct subscripts *subscripts, A_Indices *indices,
			  int dimension)
{
	unsigned lower = 1u << (2 * dimension), upper = lower << 1;

	if (!subscripts->is_slice)
		return add_bound(state, scope, subscripts, indices->uidx,
				 upper);
	if (!indices->is_slice) {
		subscripts->sql = arena_printf(state->arena, "%s, 1",
					       subscripts->sql);
		subscripts->written |= lower;
	} else if (!add_bound(state, scope, subscripts, indices->lidx, lower)) {
		return false;
	}
	return add_bound(state, scope, subscripts, indices->uidx, upper);
}

static bool read_subscripts(struct compile_state *state, struct scope *scope,
			    struct subscripts *subscripts)
{
	int dimension = 0;
	ListCell *cell;

	subscripts->sql = "";
	foreach(cell, subscripts->indirection) {
		A_Indices *indices = lfirst(cell);

		if (!IsA(indices, A_Indices))
			return compile_fail(state, subscripts->base->location,
					    SQLSTATE_FEATURE_NOT_SUPPORTED,
					    "composite types are not supported on SQLite");
		subscripts->is_slice |= indices->is_slice;
	}
	if (list_length(subscripts->indirection) > DIMENSIONS_MAX)
		return compile_fail(state, -1, "54000",
				    "number of array dimensions (%d) exceeds the maximum allowed (%d)",
				    list_length(subscripts->indirection),
				    DIMENSIONS_MAX);
	foreach(cell, subscripts->indirection) {
		if (!add_subscript(state, scope, subscripts, lfirst(cell),
				   dimension++))
			return false;
	}
	return true;
}

/* A name is an array of 64 letters, counted from 0. */
static struct expr *letter_of_name(struct compile_state *state,
				   struct scope *scope, struct expr *name,
				   const A_Indices *indices)
{
	struct expr *index = subscript_value(state, scope, indices->uidx);
	struct expr *expr;

	if (index == NULL)
		return NULL;
	expr = expr_new(state, OID_CHAR, arena_printf(
				state->arena, "CASE WHEN %s BETWEEN 0 AND 63 "
				"THEN substr(%s, %s + 1, 1) END", index->sql,
				name->sql, index->sql));
	expr_inherit(expr, name);
	expr_inherit(expr, index);
	return expr;
}

static bool fail_subscripting(struct compile_state *state, uint32_t type,
			      int location)
{
	return compile_fail(state, location, SQLSTATE_DATATYPE_MISMATCH,
			    "cannot subscript type %s because it does not support subscripting",
			    type_text(state, type, -1));
}

/* As text a vector is an array that counts from 1. */
static bool shift_vector(struct compile_state *state,
			 struct subscripts *subscripts, uint32_t type)
{
	if (type != OID_INT2VECTOR && type != OID_OIDVECTOR)
		return true;
	if (subscripts->is_slice)
		return compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "a slice of type %s is not supported on SQLite",
				    type_text(state, type, -1));
	subscripts->sql = arena_printf(state->arena, "%s + 1",
				       subscripts->sql);
	return true;
}

static struct expr *subscript_array(struct compile_state *state,
				    struct scope *scope, struct expr *array,
				    List *indirection)
{
	uint32_t element = type_element(state->schema, array->type);
	struct subscripts subscripts = { .indirection = indirection };
	struct expr *expr;

	if (array->type == OID_NAME && list_length(indirection) == 1 &&
	    IsA(linitial(indirection), A_Indices) &&
	    !((A_Indices *)linitial(indirection))->is_slice)
		return letter_of_name(state, scope, array,
				      linitial(indirection));
	if (element == 0) {
		fail_subscripting(state, array->type, array->location);
		return NULL;
	}
	subscripts.base = expr = expr_new(state, element, "");
	expr->typmod = array->typmod;
	expr_inherit(expr, array);
	if (!read_subscripts(state, scope, &subscripts) ||
	    !shift_vector(state, &subscripts, array->type))
		return NULL;
	if (subscripts.is_slice) {
		expr->type = array->type;
		expr->sql = arena_printf(state->arena,
					 "pg_array_slice(%s, %u, %u%s)",
					 array_text(state, array), element,
					 subscripts.written, subscripts.sql);
	} else {
		expr->sql = arena_printf(state->arena,
					 "pg_array_get(%s, %u%s)",
					 array_text(state, array), element,
					 subscripts.sql);
	}
	return expr;
}

/* --- jsonb ------------------------------------------------------------------ */

static struct expr *fail_json_subscript(struct compile_state *state,
					const struct expr *index)
{
	compile_fail(state, index->location, SQLSTATE_DATATYPE_MISMATCH,
		     "subscript type %s is not supported",
		     type_text(state, index->type, -1));
	error_hint(state->error,
		   "jsonb subscript must be coercible to either integer or text.");
	return NULL;
}

/* A step of a path is text; *ret_counts says that it was an integer. */
static struct expr *json_subscript(struct compile_state *state,
				   struct scope *scope, struct expr *base,
				   A_Indices *indices, bool *ret_counts)
{
	struct expr *index;

	if (!IsA(indices, A_Indices)) {
		compile_fail(state, base->location, "42809",
			     "column notation applied to type jsonb, which is not a composite type");
		return NULL;
	}
	if (indices->is_slice) {
		compile_fail(state, base->location, SQLSTATE_DATATYPE_MISMATCH,
			     "jsonb subscript does not support slices");
		return NULL;
	}
	index = expr_read(state, scope, indices->uidx);
	if (index == NULL)
		return NULL;
	*ret_counts = index->type != OID_UNKNOWN &&
		      can_coerce(state, index->type, OID_INT4, 'i');
	if (!*ret_counts && !can_coerce(state, index->type, OID_TEXT, 'i'))
		return fail_json_subscript(state, index);
	if (*ret_counts)
		index = coerce(state, index, OID_INT4, -1, 'i',
			       index->location);
	return index == NULL ? NULL :
	       coerce(state, index, OID_TEXT, -1, 'a', index->location);
}

/* The path of all subscripts, a text[]; *ret_counts is of the first. */
static struct expr *json_path(struct compile_state *state, struct scope *scope,
			      struct expr *base, List *indirection,
			      bool *ret_counts)
{
	int count = 0;
	struct expr **steps = arena_alloc(state->arena, sizeof(*steps) *
					  (size_t)list_length(indirection));
	struct expr *path;
	ListCell *cell;

	foreach(cell, indirection) {
		bool counts;

		steps[count] = json_subscript(state, scope, base, lfirst(cell),
					      &counts);
		if (steps[count] == NULL)
			return NULL;
		if (count++ == 0)
			*ret_counts = counts;
	}
	path = array_make(state, steps, count, OID_TEXT, base->location);
	for (int i = 0; path != NULL && i < count; i++)
		expr_inherit(path, steps[i]);
	return path;
}

static struct expr *subscript_json(struct compile_state *state,
				   struct scope *scope, struct expr *json,
				   List *indirection)
{
	bool counts;
	struct expr *path = json_path(state, scope, json, indirection,
				      &counts);

	return path == NULL ? NULL :
	       operator_make(state, "#>", json, path, json->location);
}

/* --- reading ---------------------------------------------------------------- */

/* (row).field and (row).* of a whole row. */
static struct expr *field_of_row(struct compile_state *state,
				 struct expr *row, const char *name)
{
	for (int i = 0; i < row->item_count; i++) {
		if (row->names != NULL && strcmp(row->names[i], name) == 0)
			return row->items[i];
		if (row->names == NULL && name[0] == 'f' &&
		    strcmp(name, arena_printf(state->arena, "f%d", i + 1)) == 0)
			return row->items[i];
	}
	compile_fail(state, row->location, SQLSTATE_UNDEFINED_COLUMN,
		     "could not identify column \"%s\" in record data type",
		     name);
	return NULL;
}

struct expr *read_indirection(struct compile_state *state, struct scope *scope,
			      A_Indirection *node)
{
	struct expr *base = expr_read(state, scope, node->arg);
	Node *first = linitial(node->indirection);

	if (base == NULL)
		return NULL;
	if (IsA(first, String) && base->kind == EXPR_ROW &&
	    list_length(node->indirection) == 1)
		return field_of_row(state, base, strVal(first));
	if (base->type == OID_JSONB)
		return subscript_json(state, scope, base, node->indirection);
	if (base->type == OID_UNKNOWN &&
	    (base = settle(state, base)) == NULL)
		return NULL;
	return subscript_array(state, scope, base, node->indirection);
}

/* --- assigning -------------------------------------------------------------- */

static bool any_slice(List *indirection)
{
	ListCell *cell;

	foreach(cell, indirection) {
		if (((A_Indices *)lfirst(cell))->is_slice)
			return true;
	}
	return false;
}

/* A field of a column: there are no composite types. */
static bool check_fields(struct compile_state *state,
			 const struct schema_column *column,
			 const ResTarget *target)
{
	ListCell *cell;

	foreach(cell, target->indirection) {
		Node *node = lfirst(cell);

		if (!IsA(node, A_Indices))
			return compile_fail(state, target->location,
					    SQLSTATE_DATATYPE_MISMATCH,
					    "cannot assign to field \"%s\" of column \"%s\" because its type %s is not a composite type",
					    IsA(node, String) ? strVal(node) :
					    "*", column->name,
					    type_text(state, column->type,
						      -1));
	}
	return true;
}

bool part_type(struct compile_state *state, const struct schema_column *column,
	       const ResTarget *target, uint32_t *ret_type)
{
	uint32_t element = type_element(state->schema, column->type);

	if (!check_fields(state, column, target))
		return false;
	if (column->type == OID_JSONB) {
		*ret_type = OID_JSONB;
		return true;
	}
	if (element == 0 && column->type != OID_NAME)
		return fail_subscripting(state, column->type,
					 target->location);
	if (element == 0 || type_array(state->schema, element) != column->type)
		return compile_fail(state, target->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "assigning to an element of type %s is not supported on SQLite",
				    type_text(state, column->type, -1));
	*ret_type = any_slice(target->indirection) ? column->type : element;
	return true;
}

static struct expr *coerce_part(struct compile_state *state,
				const struct schema_column *column,
				uint32_t type, struct expr *value,
				int location)
{
	if (value->kind != EXPR_ROW &&
	    can_coerce(state, value->type, type, 'a'))
		return coerce(state, value, type, column->typmod, 'a',
			      location);
	compile_fail(state, location, SQLSTATE_DATATYPE_MISMATCH,
		     "subscripted assignment to \"%s\" requires type %s but expression is of type %s",
		     column->name, type_text(state, type, -1),
		     type_text(state, value->type, -1));
	error_hint(state->error,
		   "You will need to rewrite or cast the expression.");
	return NULL;
}

static const char *put_json(struct compile_state *state, struct scope *scope,
			    const ResTarget *target, struct expr *base,
			    const struct expr *value)
{
	bool counts = false;
	struct expr *path = json_path(state, scope, base, target->indirection,
				      &counts);

	return path == NULL ? NULL :
	       arena_printf(state->arena, "pg_jsonb_put(%s, %s, %s, %d)",
			    base->sql, value->sql, path->sql, counts);
}

static const char *put_array(struct compile_state *state, struct scope *scope,
			     const ResTarget *target, struct expr *base,
			     const struct expr *value)
{
	struct subscripts subscripts = {
		.base = base, .indirection = target->indirection,
	};
	uint32_t element = type_element(state->schema, base->type);

	if (!read_subscripts(state, scope, &subscripts))
		return NULL;
	if (!subscripts.is_slice)
		return arena_printf(state->arena,
				    "pg_array_put(%s, %s, %u%s)", base->sql,
				    value->sql, element, subscripts.sql);
	return arena_printf(state->arena,
			    "pg_array_put_slice(%s, %s, %u%s)", base->sql,
			    value->sql, subscripts.written, subscripts.sql);
}

struct expr *part_assign(struct compile_state *state, struct scope *scope,
			 const struct schema_column *column,
			 const ResTarget *target, const char *before,
			 struct expr *value, int location)
{
	struct expr *base = expr_new(state, column->type, before);
	uint32_t type;
	const char *sql;

	base->location = target->location;
	if (!part_type(state, column, target, &type))
		return NULL;
	value = coerce_part(state, column, type, value, location);
	if (value == NULL)
		return NULL;
	sql = column->type == OID_JSONB ?
	      put_json(state, scope, target, base, value) :
	      put_array(state, scope, target, base, value);
	return sql == NULL ? NULL : expr_new(state, column->type, sql);
}
