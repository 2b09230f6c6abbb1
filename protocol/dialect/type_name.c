/*
 * Type names: what a TypeName node means, and how a type is called. Built-in
 * types come from protocol/type.h, enums and row types from the schema.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/settle.h"

#include "protocol/dialect/domain.h"
#include "protocol/dialect/extension.h"
#include "protocol/dialect/spelling.h"

uint32_t type_element(const struct schema *schema, uint32_t array)
{
	const struct type *type = type_by_oid(array);

	if (array == OID_INT2VECTOR)
		return OID_INT2;
	if (array == OID_OIDVECTOR)
		return OID_OID;
	if (type != NULL)
		return type->category == 'A' ? type->element : 0;
	for (int i = 0; i < schema->enum_count; i++) {
		if (schema->enums[i].array_oid == array)
			return schema->enums[i].oid;
	}
	return 0;
}

uint32_t type_array(const struct schema *schema, uint32_t element)
{
	const struct type *type = type_by_oid(element);
	const struct schema_enum *user;

	if (type != NULL)
		return type->array;
	user = schema_enum_by_oid(schema, element);
	return user != NULL ? user->array_oid : 0;
}

bool type_has_order(const struct schema *schema, uint32_t type)
{
	switch (type) {
	case OID_JSONB:
	case OID_TIMETZ:
	case OID_INET:
	case OID_CIDR:
		return true;
	case OID_INT2VECTOR:
	case OID_OIDVECTOR:
		return false;
	default:
		return type_element(schema, type) != 0;
	}
}

char type_category(const struct schema *schema, uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	if (oid == OID_UNKNOWN)
		return 'X';
	if (type != NULL)
		return type->category;
	if (schema_enum_by_oid(schema, oid) != NULL)
		return 'E';
	return type_element(schema, oid) != 0 ? 'A' : 'U';
}

const char *type_text(struct compile_state *state, uint32_t oid, int32_t typmod)
{
	const char *text = typmod < 0 ? type_text_plain(oid) :
			   type_format(state->arena, oid, typmod);
	const struct schema_enum *user;
	uint32_t element;

	if (text != NULL)
		return text;
	user = schema_enum_by_oid(state->schema, oid);
	if (user != NULL)
		return user->name;
	element = type_element(state->schema, oid);
	if (element != 0)
		return arena_printf(state->arena, "%s[]",
				    type_text(state, element, -1));
	return arena_printf(state->arena, "type %u", oid);
}

/* The integer of a type modifier, or -1 where it is not one. */
static int typmod_value(struct Node *node)
{
	A_Const *constant = (A_Const *)node;

	if (node == NULL || !IsA(node, A_Const) || constant->isnull ||
	    !IsA(&constant->val, Integer))
		return -1;
	return intVal(&constant->val);
}

#define INTERVAL_FULL_RANGE 0x7FFF

static bool length_typmod(struct compile_state *state, const TypeName *name,
			  const char *what, int32_t *ret_typmod)
{
	int length = typmod_value(linitial(name->typmods));

	if (list_length(name->typmods) != 1 || length < 0)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_PARAMETER,
				    "invalid type modifier");
	if (length < 1)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_PARAMETER,
				    "length for type %s must be at least 1",
				    what);
	if (length > 10485760)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_PARAMETER,
				    "length for type %s cannot exceed 10485760",
				    what);
	*ret_typmod = length + 4;
	return true;
}

static bool numeric_typmod(struct compile_state *state, const TypeName *name,
			   int32_t *ret_typmod)
{
	int precision = typmod_value(linitial(name->typmods));
	int scale = list_length(name->typmods) > 1 ?
		    typmod_value(lsecond(name->typmods)) : 0;

	if (precision < 1 || precision > 1000)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_PARAMETER,
				    "NUMERIC precision %d must be between 1 and 1000",
				    precision);
	if (scale < -1000 || scale > 1000)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_PARAMETER,
				    "NUMERIC scale %d must be between -1000 and 1000",
				    scale);
	*ret_typmod = ((precision << 16) | (scale & 0x7ff)) + 4;
	return true;
}

static bool read_typmod(struct compile_state *state, const TypeName *name,
			uint32_t oid, int32_t *ret_typmod)
{
	int value;

	*ret_typmod = name->typemod;
	if (name->typmods == NIL)
		return true;
	value = typmod_value(linitial(name->typmods));
	switch (oid) {
	case OID_VARCHAR:
		return length_typmod(state, name, "varchar", ret_typmod);
	case OID_BPCHAR:
		return length_typmod(state, name, "char", ret_typmod);
	case OID_NUMERIC:
		return numeric_typmod(state, name, ret_typmod);
	case OID_TIME: case OID_TIMETZ: case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
		*ret_typmod = value < 0 ? -1 : value > 6 ? 6 : value;
		return true;
	case OID_INTERVAL:
		if (list_length(name->typmods) > 1)
			*ret_typmod = (int32_t)((uint32_t)value << 16) |
				      (typmod_value(lsecond(name->typmods)) &
				       0xFFFF);
		else
			*ret_typmod = (int32_t)((uint32_t)value << 16) | 0xFFFF;
		return true;
	case OID_BIT: case OID_VARBIT:
		*ret_typmod = value;
		return true;
	default:
		return compile_fail(state, name->location, SQLSTATE_SYNTAX,
				    "type modifier is not allowed for type \"%s\"",
				    type_text(state, oid, -1));
	}
}

const char *const *compile_type_path(const struct compile_state *state)
{
	static const char *const kept[] = { "public", NULL };

	return state->kept_depth || state->view_depth ?
	       kept : state->session->search_path;
}

static uint32_t find_type(struct compile_state *state, const char *schema,
			  const char *name)
{
	const char *const *path = compile_type_path(state);
	const struct type *type = NULL;
	const struct schema_enum *user;
	const struct schema_domain *domain;

	if (schema == NULL || strcmp(schema, "pg_catalog") == 0)
		type = type_by_name(slice_text(name));
	if (type != NULL)
		return type->oid;
	if (schema_find_type(state->schema, path, schema, name, &user,
			     &domain))
		return user != NULL ? user->oid : 0;
	/* an enum's array under its own name */
	if (name[0] == '_' &&
	    schema_find_type(state->schema, path, schema, name + 1, &user,
			     &domain) && user != NULL)
		return user->array_oid;
	return 0;
}

bool compile_type_name(struct compile_state *state, const TypeName *name,
		       uint32_t *ret_type, int32_t *ret_typmod)
{
	int count = list_length(name->names);
	const char *last = count > 0 ? strVal(llast(name->names)) : "";
	const char *schema = count > 1 ?
			     strVal(list_nth(name->names, count - 2)) : NULL;
	const struct schema_domain *domain =
		count > 0 ? domain_named(state, name) : NULL;
	uint32_t oid = domain != NULL ? domain->type :
		       find_type(state, schema, last);
	uint32_t array;

	if (name->pct_type || name->setof)
		return compile_fail(state, name->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "%%TYPE and SETOF are not supported");
	if (oid == 0 && extension_of_type(state->schema, last) != NULL)
		return compile_fail(state, name->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "type \"%s\" of an extension is not supported on SQLite",
				    last);
	if (oid == 0 && schema_find_table(state->schema,
					  compile_type_path(state), schema,
					  last) != NULL)
		return compile_fail(state, name->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "the row type of relation \"%s\" is not supported on SQLite",
				    last);
	if (oid == 0 && schema != NULL && strcmp(schema, "pg_catalog") != 0 &&
	    schema_find_namespace(state->schema, schema) == NULL)
		return compile_fail(state, name->location,
				    SQLSTATE_INVALID_SCHEMA,
				    "schema \"%s\" does not exist", schema);
	if (oid == 0) {
		compile_fail(state, name->location, SQLSTATE_UNDEFINED_OBJECT,
			     schema != NULL ?
			     "type \"%s.%s\" does not exist" :
			     "type \"%s%s\" does not exist",
			     schema != NULL ? schema : "", last);
		if (spelling_of_type(last) != NULL)
			error_hint(state->error, "%s", spelling_of_type(last));
		return false;
	}
	settle_type(state, name);
	if (domain != NULL && name->arrayBounds != NIL)
		return compile_fail(state, name->location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "arrays of domains are not supported on SQLite");
	if (domain != NULL)
		*ret_typmod = domain->typmod;
	else if (!read_typmod(state, name, oid, ret_typmod))
		return false;
	if (name->arrayBounds != NIL) {
		array = type_array(state->schema, oid);
		if (array == 0)
			return compile_fail(state, name->location,
					    SQLSTATE_UNDEFINED_OBJECT,
					    "could not find array type for data type %s",
					    type_text(state, oid, -1));
		oid = array;
	}
	*ret_type = oid;
	return true;
}
