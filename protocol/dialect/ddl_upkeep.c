/* REINDEX and CLUSTER: there is nothing to do for SQLite, but what they name
 * must be there. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

static bool find_index(struct ddl *ddl, const RangeVar *name)
{
	const char *const *path = ddl->state->session->search_path;
	const struct schema_table *table;

	if (name->schemaname &&
	    schema_find_index(ddl->schema, name->schemaname, name->relname,
			      &table))
		return true;
	for (; !name->schemaname && *path; path++)
		if (schema_find_index(ddl->schema, *path, name->relname,
				      &table))
			return true;
	return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
			 "relation \"%s\" does not exist", name->relname);
}

bool ddl_reindex(struct ddl *ddl, ReindexStmt *node)
{
	bool failed;

	ddl->compiled->tag = "REINDEX";
	if (node->kind == REINDEX_OBJECT_INDEX)
		return find_index(ddl, node->relation);
	return node->kind != REINDEX_OBJECT_TABLE ||
	       ddl_find_table(ddl, node->relation, NULL, false, &failed);
}

bool ddl_cluster(struct ddl *ddl, ClusterStmt *node)
{
	const struct schema_table *table;
	bool failed;

	ddl->compiled->tag = "CLUSTER";
	if (!node->relation)
		return true;
	table = ddl_find_table(ddl, node->relation, NULL, false, &failed);
	if (!table)
		return false;
	if (!node->indexname)
		return true;
	for (int i = 0; i < table->index_count; i++)
		if (strcmp(table->indexes[i].name, node->indexname) == 0)
			return true;
	return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			 "index \"%s\" for table \"%s\" does not exist",
			 node->indexname, table->name);
}
