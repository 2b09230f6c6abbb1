/* How SQLite makes a value of one type into one of another. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"
#include "protocol/dialect/schema_name.h"

/* Storage forms that are the same bytes. */
static bool is_texty(struct compile_state *state, uint32_t type)
{
	switch (type) {
	case OID_TEXT: case OID_VARCHAR: case OID_NAME: case OID_CHAR:
	case OID_XML: case OID_JSON: case OID_JSONB: case OID_UUID:
	case OID_NUMERIC: case OID_PG_NODE_TREE: case OID_CSTRING:
	case OID_REFCURSOR: case OID_CIDR:
		return true;
	default:
		return schema_enum_by_oid(state->schema, type) != NULL;
	}
}

static bool is_plain_text(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_NAME ||
	       type == OID_PG_NODE_TREE;
}

static int int_width(uint32_t type)
{
	switch (type) {
	case OID_INT2: return 2;
	case OID_INT4: return 4;
	case OID_INT8: return 8;
	default: return 0;
	}
}

static bool is_oid_type(uint32_t type)
{
	return type == OID_OID || reg_is(type);
}

static bool is_free(struct compile_state *state, uint32_t from, uint32_t to)
{
	uint32_t a, b;

	if (is_plain_text(to) && is_texty(state, from))
		return to != OID_NAME || from == OID_NAME;
	if (from == OID_JSONB && to == OID_JSON)
		return true;
	if (int_width(from) != 0 && int_width(to) >= int_width(from))
		return true;
	if (is_oid_type(from) && (is_oid_type(to) || to == OID_INT8))
		return true;
	if (from == OID_FLOAT4 && to == OID_FLOAT8)
		return true;
	if (from == OID_BOOL && to == OID_INT4)
		return true;
	a = type_element(state->schema, from);
	b = type_element(state->schema, to);
	return a != 0 && b != 0 && from != OID_INT2VECTOR &&
	       from != OID_OIDVECTOR && is_free(state, a, b) &&
	       a != OID_BOOL;
}

static const char *general_cast(struct compile_state *state, const char *sql,
				uint32_t from, uint32_t to, int32_t typmod,
				char context)
{
	return arena_printf(state->arena, "pg_cast(%s, %u, %u, %d, %d)", sql,
			    from, to, (int)typmod, context == 'e');
}

/* The same bytes, but a column's collation does not come along: to a text,
 * 1.0 is not 1.00. */
static const char *without_collation(struct compile_state *state,
				     const char *sql, uint32_t from)
{
	return strcmp(collated(state, "", from), "") == 0 ? sql :
	       arena_printf(state->arena, "(%s || '')", sql);
}

const char *print_cast(struct compile_state *state, const struct expr *expr,
		       uint32_t to, int32_t typmod, char context)
{
	struct arena *arena = state->arena;
	uint32_t from = expr->type;

	if (typmod == -1) {
		if (is_free(state, from, to))
			return without_collation(state, expr->sql, from);
		if (int_width(from) != 0 &&
		    (to == OID_NUMERIC || is_plain_text(to)))
			return arena_printf(arena, "CAST(%s AS TEXT)",
					    expr->sql);
		if (int_width(from) != 0 && to == OID_FLOAT8)
			return arena_printf(arena, "CAST(%s AS REAL)",
					    expr->sql);
		if (from == OID_INT4 && to == OID_BOOL)
			return arena_printf(arena, "(%s <> 0)", expr->sql);
		if (is_oid_type(from) && from == OID_OID && is_plain_text(to))
			return arena_printf(arena, "CAST(%s AS TEXT)",
					    expr->sql);
		if (from == OID_BPCHAR && is_plain_text(to))
			return arena_printf(arena, "rtrim(%s, ' ')",
					    expr->sql);
	}
	if (from == OID_INT2VECTOR || from == OID_OIDVECTOR) {
		/* vectors count from 0, and the array says so */
		if (type_element(state->schema, to) != 0)
			return arena_printf(arena,
					    "(CASE %s WHEN '' THEN '{}' ELSE "
					    "'[0:' || (length(%s) - "
					    "length(replace(%s, ' ', ''))) || "
					    "']={' || replace(%s, ' ', ',') || "
					    "'}' END)", expr->sql, expr->sql,
					    expr->sql, expr->sql);
		if (is_plain_text(to))
			return expr->sql;
	}
	return general_cast(state, expr->sql, from, to, typmod, context);
}
