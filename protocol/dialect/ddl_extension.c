/*
 * CREATE and DROP EXTENSION: which ones there are is kept, and shown in
 * pg_extension.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/extension.h"

/* WITH SCHEMA, VERSION; CASCADE brings nothing here. */
static bool read_options(struct ddl *ddl, CreateExtensionStmt *node,
			 const char **schema, const char **version)
{
	ListCell *cell;

	foreach(cell, node->options) {
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "schema") == 0)
			*schema = strVal(option->arg);
		else if (strcmp(option->defname, "new_version") == 0)
			*version = strVal(option->arg);
	}
	if (schema_find_namespace(ddl->schema, *schema))
		return true;
	return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
			 "schema \"%s\" does not exist", *schema);
}

bool ddl_create_extension(struct ddl *ddl, CreateExtensionStmt *node)
{
	const struct extension_row *row = extension_find(node->extname);
	const char *schema = "public", *version = row ? row->version : NULL;

	ddl->compiled->tag = "CREATE EXTENSION";
	if (schema_find_extension(ddl->schema, node->extname)) {
		if (!node->if_not_exists)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
					 "extension \"%s\" already exists",
					 node->extname);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_OBJECT,
			   "extension \"%s\" already exists, skipping",
			   node->extname);
		return true;
	}
	if (!row)
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "extension \"%s\" is not available",
				 node->extname);
	if (!read_options(ddl, node, &schema, &version))
		return false;
	facts_write_object(ddl, schema, ddl_oid(ddl), "extension", row->name,
			   0, 0, version, row->comment);
	return true;
}

bool ddl_drop_extension(struct ddl *ddl, const char *name, bool missing_ok)
{
	const struct schema_extension *found =
		schema_find_extension(ddl->schema, name);

	if (found && found->oid >= OID_USER_FIRST) {
		ddl_step(ddl, "DELETE FROM main._weir_object WHERE oid = %u",
			 found->oid);
		return true;
	}
	if (found)
		return error_set(ddl->error, "2BP01",
				 "cannot drop extension %s because it is "
				 "required by the database system", name);
	if (!missing_ok)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "extension \"%s\" does not exist", name);
	ddl_notice(ddl, SQLSTATE_SUCCESS,
		   "extension \"%s\" does not exist, skipping", name);
	return true;
}
