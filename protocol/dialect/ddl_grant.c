/*
 * GRANT, REVOKE and their kin. There is one role, and it may do everything:
 * they change nothing, but whom and what they name must be there.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/schema_name.h"

static bool is_role(const struct ddl *ddl, const char *name)
{
	return strcmp(name, ddl->state->session->user) == 0 ||
	       role_oid(ddl->state->session, name) != 0;
}

static bool check_role(struct ddl *ddl, const char *name)
{
	return is_role(ddl, name) ||
	       error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			 "role \"%s\" does not exist", name);
}

static bool check_roles(struct ddl *ddl, List *roles)
{
	ListCell *cell;

	foreach(cell, roles) {
		const RoleSpec *role = lfirst(cell);

		if (role->roletype == ROLESPEC_CSTRING &&
		    !check_role(ddl, role->rolename))
			return false;
	}
	return true;
}

static bool check_relations(struct ddl *ddl, List *names)
{
	ListCell *cell;

	foreach(cell, names) {
		const RangeVar *name = lfirst(cell);

		if (relation_oid(ddl->schema,
				 ddl->state->session->search_path,
				 name->schemaname, name->relname) == 0)
			return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
					 name->schemaname ?
					 "relation \"%s.%s\" does not exist" :
					 "relation \"%s%s\" does not exist",
					 name->schemaname ? name->schemaname :
					 "", name->relname);
	}
	return true;
}

static bool check_schemas(struct ddl *ddl, List *names)
{
	ListCell *cell;

	foreach(cell, names) {
		if (!schema_find_namespace(ddl->schema, strVal(lfirst(cell))))
			return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
					 "schema \"%s\" does not exist",
					 strVal(lfirst(cell)));
	}
	return true;
}

static bool grant(struct ddl *ddl, GrantStmt *node)
{
	bool by_schema = node->targtype == ACL_TARGET_ALL_IN_SCHEMA ||
			 (node->targtype == ACL_TARGET_OBJECT &&
			  node->objtype == OBJECT_SCHEMA);

	ddl->compiled->tag = node->is_grant ? "GRANT" : "REVOKE";
	if (by_schema && !check_schemas(ddl, node->objects))
		return false;
	if (node->targtype == ACL_TARGET_OBJECT &&
	    (node->objtype == OBJECT_TABLE ||
	     node->objtype == OBJECT_SEQUENCE) &&
	    !check_relations(ddl, node->objects))
		return false;
	return check_roles(ddl, node->grantees);
}

static bool grant_role(struct ddl *ddl, GrantRoleStmt *node)
{
	ListCell *cell;

	ddl->compiled->tag = node->is_grant ? "GRANT ROLE" : "REVOKE ROLE";
	foreach(cell, node->granted_roles) {
		const AccessPriv *role = lfirst(cell);

		if (role->priv_name && !check_role(ddl, role->priv_name))
			return false;
	}
	return check_roles(ddl, node->grantee_roles);
}

bool ddl_grant(struct ddl *ddl, Node *node)
{
	if (IsA(node, GrantStmt))
		return grant(ddl, (GrantStmt *)node);
	if (IsA(node, GrantRoleStmt))
		return grant_role(ddl, (GrantRoleStmt *)node);
	ddl->compiled->tag = "ALTER DEFAULT PRIVILEGES";
	return check_roles(ddl, ((AlterDefaultPrivilegesStmt *)node)->action->
				grantees);
}
