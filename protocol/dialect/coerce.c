/*
 * Coercions: Postgres's rules for when a value of one type may stand for
 * another (parse_coerce.c there).
 */
#include "protocol/sql_nodes.h"

#include <stdlib.h>

#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/fold.h"
#include "protocol/dialect/immutable.h"
#include "protocol/dialect/literal.h"
#include "protocol/dialect/schema_name.h"

static bool is_pseudo_match(struct compile_state *state, uint32_t from,
			    uint32_t to, bool *ret_match)
{
	switch (to) {
	case OID_ANY:
	case OID_ANYELEMENT:
	case OID_ANYCOMPATIBLE:
		*ret_match = true;
		return true;
	case OID_ANYNONARRAY:
	case OID_ANYCOMPATIBLENONARRAY:
		*ret_match = type_element(state->schema, from) == 0;
		return true;
	case OID_ANYARRAY:
	case OID_ANYCOMPATIBLEARRAY:
		*ret_match = type_element(state->schema, from) != 0;
		return true;
	case OID_ANYENUM:
		*ret_match = type_category(state->schema, from) == 'E';
		return true;
	default:
		return false;
	}
}

static bool can_cast_row(uint32_t from, uint32_t to, char context)
{
	const struct cast_row *row = cast_find(from, to);

	if (row == NULL)
		return false;
	return row->context == 'i' || context == 'e' ||
	       (row->context == 'a' && context == 'a');
}

/* int2vector and oidvector have elements, but are no arrays to cast. */
static bool is_vector(uint32_t type)
{
	return type == OID_INT2VECTOR || type == OID_OIDVECTOR;
}

bool can_coerce(struct compile_state *state, uint32_t from, uint32_t to,
		char context)
{
	uint32_t from_element, to_element;
	bool match;

	if (from == to || from == OID_UNKNOWN)
		return true;
	if (is_pseudo_match(state, from, to, &match))
		return match;
	if (can_cast_row(from, to, context))
		return true;
	if ((from == OID_INT2VECTOR && to == OID_INT2_ARRAY) ||
	    (from == OID_OIDVECTOR && to == OID_OID_ARRAY))
		return true;
	from_element = type_element(state->schema, from);
	to_element = type_element(state->schema, to);
	if (from_element != 0 && to_element != 0 && !is_vector(from) &&
	    !is_vector(to))
		return can_coerce(state, from_element, to_element, context);
	/* Through text: into it when assigned, out of it when written. */
	if (context != 'i' && type_category(state->schema, to) == 'S' &&
	    to != OID_CHAR)
		return true;
	return context == 'e' && type_category(state->schema, from) == 'S';
}

/* A numeric constant becomes one of the other type. */
static const char *fold_constant(struct compile_state *state,
				 const struct expr *expr, uint32_t to,
				 int32_t typmod)
{
	struct value value;
	struct error error;

	if (expr->literal == NULL || expr->parameter != 0)
		return NULL;
	if (to == OID_NUMERIC && typmod != -1)
		return literal_print(state, expr->literal, to, typmod, false,
				     expr->location);
	if (typmod != -1)
		return NULL;
	if (to != OID_INT2 && to != OID_INT4 && to != OID_INT8 &&
	    to != OID_NUMERIC && to != OID_FLOAT8 && to != OID_FLOAT4 &&
	    to != OID_OID)
		return NULL;
	if (!type_read(to, -1, WIRE_TEXT, slice_text(expr->literal),
		       state->session->types, state->arena, &value, &error))
		return NULL;	/* let the cast fail, or round */
	return print_value(state->arena, &value);
}

static bool deduce_parameter(struct compile_state *state, struct expr *expr,
			     uint32_t type)
{
	uint32_t *slot = &state->parameters[expr->parameter - 1];

	if (*slot == 0) {
		*slot = type;
		return true;
	}
	if (*slot == type)
		return true;
	compile_fail(state, expr->location, "42P08",
		     "inconsistent types deduced for parameter $%d",
		     expr->parameter);
	error_detail(state->error, "%s versus %s", type_text(state, *slot, -1),
		     type_text(state, type, -1));
	return false;
}

static bool has_length(uint32_t type)
{
	switch (type) {
	case OID_VARCHAR: case OID_BPCHAR: case OID_NUMERIC: case OID_TIME:
	case OID_TIMETZ: case OID_TIMESTAMP: case OID_TIMESTAMPTZ:
	case OID_INTERVAL: case OID_BIT: case OID_VARBIT:
	case OID_VARCHAR_ARRAY: case OID_NUMERIC_ARRAY:
	case OID_BPCHAR_ARRAY: case OID_TIMESTAMP_ARRAY:
	case OID_TIMESTAMPTZ_ARRAY: case OID_TIME_ARRAY:
		return true;
	default:
		return false;
	}
}

static struct expr *retyped(struct compile_state *state,
			    const struct expr *from, uint32_t type,
			    int32_t typmod)
{
	struct expr *copy = arena_alloc(state->arena, sizeof(*copy));

	*copy = *from;
	copy->kind = EXPR_VALUE;
	copy->type = type;
	copy->typmod = typmod;
	copy->table = 0;
	copy->number = 0;
	return copy;
}

static struct expr *coerce_unknown(struct compile_state *state,
				   struct expr *expr, uint32_t type,
				   int32_t typmod, char context)
{
	struct expr *copy = retyped(state, expr, type, typmod);
	const char *sql;

	copy->is_constant = true;
	if (expr->literal == NULL) {
		copy->sql = "NULL";
		return copy;
	}
	sql = literal_print(state, expr->literal, type, typmod,
			    context == 'e', expr->location);
	if (sql == NULL)
		return NULL;
	copy->sql = sql;
	copy->not_null = true;
	copy->literal = NULL;
	return copy;
}

static struct expr *coerce_parameter(struct compile_state *state,
				     struct expr *expr, uint32_t type,
				     int32_t typmod, char context)
{
	struct expr *copy;

	if (!deduce_parameter(state, expr, type))
		return NULL;
	copy = retyped(state, expr, type, -1);
	return coerce(state, copy, type, typmod, context, expr->location);
}

/* ARRAY[...] whose elements take the other element type one by one. */
static struct expr *coerce_constructor(struct compile_state *state,
				       struct expr *expr, uint32_t type,
				       char context)
{
	uint32_t element = type_element(state->schema, type);
	struct expr **items = arena_alloc(state->arena, sizeof(*items) *
					  (size_t)(expr->item_count + 1));
	struct expr *array;

	for (int i = 0; i < expr->item_count; i++) {
		uint32_t to = expr->items[i]->type == expr->type ?
			      type : element;

		items[i] = coerce(state, expr->items[i], to, -1, context,
				  expr->location);
		if (items[i] == NULL)
			return NULL;
	}
	array = array_make(state, items, expr->item_count, element,
			   expr->location);
	if (array != NULL)
		expr_inherit(array, expr);
	return array;
}

struct expr *coerce(struct compile_state *state, struct expr *expr,
		    uint32_t type, int32_t typmod, char context, int location)
{
	struct expr *copy;
	const char *folded;

	if (expr->kind == EXPR_UNKNOWN)
		return coerce_unknown(state, expr, type, typmod, context);
	if (expr->kind == EXPR_PARAMETER)
		return coerce_parameter(state, expr, type, typmod, context);
	if (!has_length(type))
		typmod = -1;
	if (expr->type == type && (typmod == -1 || typmod == expr->typmod))
		return expr;
	if (expr->type == type) {
		copy = retyped(state, expr, type, typmod);
		copy->sql = print_cast(state, expr, type, typmod, context);
		fold_cast(state, expr, copy);
		return copy;
	}
	if (expr->kind == EXPR_ROW && type != OID_RECORD &&
	    can_coerce(state, expr->type, type, context)) {
		compile_fail(state, location, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "casting a row to %s is not supported on SQLite",
			     type_text(state, type, -1));
		return NULL;
	}
	if (!can_coerce(state, expr->type, type, context)) {
		compile_fail(state, location, SQLSTATE_CANNOT_COERCE,
			     "cannot cast type %s to %s",
			     type_text(state, expr->type, -1),
			     type_text(state, type, -1));
		return NULL;
	}
	if (expr->is_constructor && typmod == -1 &&
	    type_element(state->schema, type) != 0)
		return coerce_constructor(state, expr, type, context);
	immutable_note_cast(state, expr->type, type);
	copy = retyped(state, expr, type, typmod);
	folded = fold_constant(state, expr, type, typmod);
	copy->sql = folded != NULL ? folded :
		    print_cast(state, expr, type, typmod, context);
	if (type != OID_NUMERIC || folded == NULL)
		copy->literal = NULL;
	if (folded == NULL)
		fold_cast(state, expr, copy);
	return copy;
}

struct expr *coerce_explicit(struct compile_state *state, struct expr *expr,
			     uint32_t type, int32_t typmod, int location)
{
	struct expr *cast = coerce(state, expr, type, typmod, 'e', location);
	struct expr *plain;

	if (cast == NULL || cast->kind != EXPR_VALUE || typmod >= 0 ||
	    expr->type != type || cast->typmod < 0)
		return cast;
	/* Nothing to do but to forget the modifier, and the column with it. */
	plain = arena_alloc(state->arena, sizeof(*plain));
	*plain = *cast;
	plain->typmod = -1;
	plain->table = 0;
	plain->number = 0;
	return plain;
}

/* Where SQLite 3.40 puts what a subquery computes in place of its column, it
 * forgets that a condition which was nothing but the column belonged to an
 * outer join, and drops rows as WHERE would. */
static struct expr *not_bare(struct compile_state *state, struct expr *expr)
{
	struct expr *copy;

	if (!expr->is_computed || expr->sql != expr->column_sql)
		return expr;
	copy = arena_alloc(state->arena, sizeof(*copy));
	*copy = *expr;
	copy->sql = arena_printf(state->arena, "(%s <> 0)", expr->sql);
	return copy;
}

struct expr *coerce_boolean(struct compile_state *state, struct expr *expr,
			    const char *what)
{
	if (expr->type != OID_UNKNOWN && expr->type != OID_BOOL) {
		compile_fail(state, expr->location, SQLSTATE_DATATYPE_MISMATCH,
			     "argument of %s must be type boolean, not type %s",
			     what, type_text(state, expr->type, -1));
		return NULL;
	}
	expr = coerce(state, expr, OID_BOOL, -1, 'i', expr->location);
	return expr != NULL ? not_bare(state, expr) : NULL;
}

static bool is_preferred(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type != NULL && type->preferred;
}

uint32_t common_type(struct compile_state *state, struct expr **exprs,
		     int count, const char *what)
{
	uint32_t best = OID_UNKNOWN;

	for (int i = 0; i < count; i++) {
		uint32_t next = exprs[i]->type;

		if (next == OID_UNKNOWN || next == best)
			continue;
		if (best == OID_UNKNOWN) {
			best = next;
			continue;
		}
		if (type_category(state->schema, best) !=
		    type_category(state->schema, next)) {
			if (what != NULL)
				compile_fail(state, exprs[i]->location,
					     SQLSTATE_DATATYPE_MISMATCH,
					     "%s types %s and %s cannot be matched",
					     what, type_text(state, best, -1),
					     type_text(state, next, -1));
			return 0;
		}
		if (!is_preferred(best) &&
		    can_coerce(state, best, next, 'i') &&
		    !can_coerce(state, next, best, 'i'))
			best = next;
	}
	if (best == OID_UNKNOWN)
		return OID_TEXT;
	for (int i = 0; i < count; i++) {
		if (can_coerce(state, exprs[i]->type, best, 'i'))
			continue;
		if (what != NULL)
			compile_fail(state, exprs[i]->location,
				     SQLSTATE_CANNOT_COERCE,
				     "%s could not convert type %s to %s", what,
				     type_text(state, exprs[i]->type, -1),
				     type_text(state, best, -1));
		return 0;
	}
	return best;
}

uint32_t compared_type(struct compile_state *state, struct expr **operands)
{
	uint32_t type = common_type(state, operands, 2, NULL);
	uint32_t left = operands[0]->type, right = operands[1]->type;

	if (left == right || left == OID_UNKNOWN || right == OID_UNKNOWN)
		return type;
	if (type != 0 && (left == OID_BPCHAR || right == OID_BPCHAR))
		return left == OID_VARCHAR || right == OID_VARCHAR ?
		       OID_BPCHAR : OID_TEXT;
	return type == OID_FLOAT4 ? OID_FLOAT8 : type;
}

struct expr *settle(struct compile_state *state, struct expr *expr)
{
	if (expr->type != OID_UNKNOWN)
		return expr;
	return coerce(state, expr, OID_TEXT, -1, 'i', expr->location);
}

/* Numbers that SQLite has itself have no collation. */
static bool is_lite_number(uint32_t type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8 ||
	       type == OID_BOOL || type == OID_FLOAT4 || type == OID_FLOAT8;
}

/* Those whose comparisons name their collation themselves. */
static bool has_collation(struct compile_state *state, uint32_t type)
{
	return type == OID_NUMERIC || type == OID_INTERVAL ||
	       type == OID_BPCHAR || type_has_order(state->schema, type);
}

/* SQLite takes the first collation it finds below a function or a CASE, be it
 * that of another comparison in there. */
const char *shielded(struct compile_state *state, const char *sql,
		     uint32_t type)
{
	if (is_lite_number(type) || has_collation(state, type) ||
	    strstr(sql, " COLLATE ") == NULL)
		return sql;
	return arena_printf(state->arena, "%s COLLATE BINARY", sql);
}

const char *collated(struct compile_state *state, const char *sql,
		     uint32_t type)
{
	switch (type) {
	case OID_NUMERIC:
		return arena_printf(state->arena, "%s COLLATE pg_numeric", sql);
	case OID_INTERVAL:
		return arena_printf(state->arena, "%s COLLATE pg_interval",
				    sql);
	case OID_BPCHAR:
		return arena_printf(state->arena, "%s COLLATE RTRIM", sql);
	default:
		return type_has_order(state->schema, type) ?
			       arena_printf(state->arena,
					    "%s COLLATE pg_order_%u", sql,
					    type) :
			       shielded(state, sql, type);
	}
}

const char *sort_key(struct compile_state *state, const char *sql,
		     uint32_t type)
{
	if (schema_enum_by_oid(state->schema, type) != NULL)
		return enum_place(state, sql, type);
	return collated(state, sql, type);
}
