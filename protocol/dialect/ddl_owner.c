/*
 * ALTER ... OWNER TO. There is one role, which owns everything: naming it
 * changes nothing, and naming another fails as on a Postgres that does not
 * have that role, or, of those that every Postgres has, does not let it.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/schema_name.h"

bool ddl_check_role(struct ddl *ddl, const RoleSpec *role)
{
	if (role->roletype == ROLESPEC_CURRENT_ROLE ||
	    role->roletype == ROLESPEC_CURRENT_USER ||
	    role->roletype == ROLESPEC_SESSION_USER)
		return true;
	if (role->roletype == ROLESPEC_CSTRING &&
	    strcmp(role->rolename, ddl->state->session->user) == 0)
		return true;
	if (role->roletype == ROLESPEC_CSTRING &&
	    role_oid(ddl->state->session, role->rolename))
		return error_set(ddl->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "must be member of role \"%s\"",
				 role->rolename);
	return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			 "role \"%s\" does not exist",
			 role->roletype == ROLESPEC_PUBLIC ? "public" :
			 role->rolename);
}

static bool check_schema(struct ddl *ddl, const char *name)
{
	if (schema_find_namespace(ddl->schema, name))
		return true;
	return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
			 "schema \"%s\" does not exist", name);
}

static bool check_database(struct ddl *ddl, const char *name)
{
	if (strcmp(name, ddl->state->session->database) == 0)
		return true;
	return ddl_unsupported(ddl, "the owner of another database is");
}

bool ddl_alter_owner(struct ddl *ddl, AlterOwnerStmt *node)
{
	const struct schema_enum *labels;
	const struct schema_domain *domain;

	if (!ddl_check_role(ddl, node->newowner))
		return false;
	switch (node->objectType) {
	case OBJECT_SCHEMA:
		ddl->compiled->tag = "ALTER SCHEMA";
		return check_schema(ddl, strVal(node->object));
	case OBJECT_DATABASE:
		ddl->compiled->tag = "ALTER DATABASE";
		return check_database(ddl, strVal(node->object));
	case OBJECT_TYPE:
	case OBJECT_DOMAIN:
		ddl->compiled->tag = node->objectType == OBJECT_TYPE ?
				     "ALTER TYPE" : "ALTER DOMAIN";
		return ddl_find_type(ddl, (List *)node->object, &labels,
				     &domain);
	default:
		return ddl_unsupported(ddl, "this form of ALTER ... OWNER is");
	}
}

static bool alter_other(struct ddl *ddl, uint32_t oid,
			const AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_ChangeOwner:
		return ddl_check_role(ddl, command->newowner);
	case AT_SetRelOptions:
	case AT_ResetRelOptions:
		return ddl_alter_index_options(ddl, oid, command);
	case AT_SetStatistics:
	case AT_SetTableSpace:
		return true;
	default:
		return ddl_unsupported(ddl, "this form of ALTER is");
	}
}

bool ddl_alter_other(struct ddl *ddl, AlterTableStmt *node)
{
	const char *name = node->relation->relname;
	uint32_t oid = relation_oid(ddl->schema,
				    ddl->state->session->search_path,
				    node->relation->schemaname, name);
	ListCell *cell;

	if (!oid) {
		if (!node->missing_ok)
			return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
					 "relation \"%s\" does not exist",
					 name);
		ddl_notice(ddl, SQLSTATE_SUCCESS,
			   "relation \"%s\" does not exist, skipping", name);
		return true;
	}
	foreach(cell, node->cmds)
		if (!alter_other(ddl, oid, lfirst(cell)))
			return false;
	return true;
}
