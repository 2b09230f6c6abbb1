/*
 * The SQL functions over names: the reg* types, what is visible on the
 * search path, roles and what they may do when nothing was granted.
 */
#include "pool/sqlite/catalog_call.h"

#include "protocol/dialect/schema_name.h"
#include "protocol/type.h"

/* --- names and visibility ----------------------------------------------- */

static void to_reg(struct call *call, uint32_t type)
{
	struct error ignored;
	uint32_t oid = 0;

	if (any_null(call) ||
	    !reg_read(call->schema, call->session, type, text_at(call, 0),
		      &call->arena, &oid, &ignored))
		return give_text(call, NULL);
	give_oid(call, oid);
}

static void to_regclass(struct call *call)
{
	to_reg(call, OID_REGCLASS);
}

static void to_regtype(struct call *call)
{
	to_reg(call, OID_REGTYPE);
}

static void to_regnamespace(struct call *call)
{
	to_reg(call, OID_REGNAMESPACE);
}

static void to_regrole(struct call *call)
{
	to_reg(call, OID_REGROLE);
}

static void to_regproc(struct call *call)
{
	to_reg(call, OID_REGPROC);
}

static void to_regprocedure(struct call *call)
{
	to_reg(call, OID_REGPROCEDURE);
}

static void table_is_visible(struct call *call)
{
	const char *schema, *name;

	if (any_null(call) ||
	    !relation_name(call->schema, oid_at(call, 0), &schema, &name))
		return give_text(call, NULL);
	give_integer(call, name_is_visible(call->schema, path(call), schema,
					   name));
}

static void type_is_visible(struct call *call)
{
	const char *in, *name;

	if (any_null(call) ||
	    !type_name_parts(&call->arena, call->schema, oid_at(call, 0), &in,
			     &name))
		return give_text(call, NULL);
	give_integer(call, type_name_find(call->schema, path(call), NULL,
					  name) == oid_at(call, 0));
}

static void get_userbyid(struct call *call)
{
	const char *name;

	if (any_null(call))
		return give_text(call, NULL);
	name = role_name(&call->arena, call->session, oid_at(call, 0));
	give_text(call, name ? name :
		  arena_printf(&call->arena, "unknown (OID=%u)",
			       oid_at(call, 0)));
}

/* What is allowed where nothing was granted: `$` is the owner. */
static const struct {
	char object;
	const char *list;
} privileges[] = {
	{ 'c', "" }, { 'r', "$=arwdDxt/$" }, { 's', "$=rwU/$" },
	{ 'd', "=Tc/$,$=CTc/$" }, { 'f', "=X/$,$=X/$" },
	{ 'l', "=U/$,$=U/$" }, { 'L', "$=rw/$" }, { 'n', "$=UC/$" },
	{ 'p', "$=sA/$" }, { 't', "$=C/$" }, { 'F', "$=U/$" },
	{ 'S', "$=U/$" }, { 'T', "=U/$,$=U/$" },
};

static const char *with_owner(struct arena *arena, const char *list,
			      const char *owner)
{
	const char *out = "";

	for (; *list; list++)
		out = *list == '$' ? arena_printf(arena, "%s%s", out, owner) :
		      arena_printf(arena, "%s%c", out, *list);
	return out;
}

static void acldefault(struct call *call)
{
	const char *owner;

	if (any_null(call))
		return give_text(call, NULL);
	owner = role_name(&call->arena, call->session, oid_at(call, 1));
	owner = owner ? name_quoted(&call->arena, owner) :
		arena_printf(&call->arena, "%u", oid_at(call, 1));
	for (size_t i = 0; i < sizeof(privileges) / sizeof(*privileges); i++)
		if (privileges[i].object == string_at(call, 0)[0])
			return give_text(call, arena_printf(
				&call->arena, "{%s}",
				with_owner(&call->arena, privileges[i].list,
					   owner)));
	error_set(&call->context->error, SQLSTATE_INTERNAL,
		  "unrecognized object type abbreviation: %c",
		  string_at(call, 0)[0]);
	fail(call);
}

static void my_temp_schema(struct call *call)
{
	give_integer(call, catalog_has_temporary(call->schema) ?
			   namespace_oid(call->schema, SCHEMA_TEMP) : 0);
}

static void current_schema(struct call *call)
{
	const char *const *at = path(call);

	for (; at && *at; at++)
		if (schema_find_namespace(call->schema, *at))
			return give_text(call, *at);
	give_text(call, NULL);
}

static void current_schemas(struct call *call)
{
	const char *const *at = path(call);
	const char *text = "";
	bool implicit, named = false;

	if (any_null(call))
		return give_text(call, NULL);
	implicit = sqlite3_value_int(call->arguments[0]);
	for (; at && *at; at++)
		named |= strcmp(*at, "pg_catalog") == 0;
	if (implicit && catalog_has_temporary(call->schema))
		text = SCHEMA_TEMP;
	if (implicit && !named)
		text = arena_printf(&call->arena, "%s%spg_catalog", text,
				    *text ? "," : "");
	for (at = path(call); at && *at; at++)
		if (schema_find_namespace(call->schema, *at))
			text = arena_printf(&call->arena, "%s%s%s", text,
					    *text ? "," : "",
					    name_quoted(&call->arena, *at));
	give_text(call, arena_printf(&call->arena, "{%s}", text));
}

const struct catalog_function catalog_name_functions[] = {
	{ "pg_to_regclass", 1, to_regclass },
	{ "pg_to_regtype", 1, to_regtype },
	{ "pg_to_regnamespace", 1, to_regnamespace },
	{ "pg_to_regrole", 1, to_regrole },
	{ "pg_to_regproc", 1, to_regproc },
	{ "pg_to_regprocedure", 1, to_regprocedure },
	{ "pg_table_is_visible", 1, table_is_visible },
	{ "pg_type_is_visible", 1, type_is_visible },
	{ "pg_get_userbyid", 1, get_userbyid },
	{ "pg_acldefault", 2, acldefault },
	{ "pg_my_temp_schema", 0, my_temp_schema },
	{ "pg_current_schema", 0, current_schema },
	{ "pg_current_schemas", 1, current_schemas },
	{ 0 },
};
