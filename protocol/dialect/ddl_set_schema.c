/*
 * ALTER TABLE ... SET SCHEMA: a table with its indexes and the sequences that
 * its columns own. Inside SQLite a schema is a part of the name.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

static bool check_free(struct ddl *ddl, const char *schema, const char *name)
{
	if (!ddl_name_taken(ddl, schema, name))
		return ddl_check_case(ddl, schema, name);
	return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
			 "relation \"%s\" already exists in schema \"%s\"",
			 name, schema);
}

static bool check_target(struct ddl *ddl, const struct schema_table *table,
			 const char *schema)
{
	if (!schema_find_namespace(ddl->schema, schema))
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", schema);
	if (strncmp(schema, "pg_", 3) == 0 ||
	    strcmp(schema, "information_schema") == 0)
		return ddl_unsupported(ddl, "moving a table into a system "
					    "schema is");
	if (table->kind != 'r' || table->foreign || table->adopted ||
	    strcmp(table->lite_database, "main") != 0)
		return ddl_unsupported(ddl, "SET SCHEMA of this relation is");
	if (ddl_view_on(ddl, table))
		return ddl_unsupported(ddl, "SET SCHEMA of what a view uses "
					    "is");
	return check_free(ddl, schema, table->name);
}

static bool move_indexes(struct ddl *ddl, const struct schema_table *table,
			 const struct schema_table *next)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *row = &table->indexes[i];
		const char *sql;

		if (!check_free(ddl, next->schema, row->name))
			return false;
		if (!lite_index_exists(row))
			continue;
		sql = lite_index_sql(ddl, next, row);
		if (!sql)
			return false;
		ddl_step(ddl, "DROP INDEX main.%s",
			 print_name(ddl->arena,
				    lite_index_name(ddl, table, row->name)));
		ddl_step(ddl, "%s", sql);
	}
	return true;
}

static void move_object(struct ddl *ddl, uint32_t oid, const char *schema)
{
	ddl_step(ddl, "UPDATE main._weir_object SET namespace = %s"
		 " WHERE oid = %u", print_text(ddl->arena, schema), oid);
}

/* The sequences that its columns own, and the defaults that name them. */
static bool move_sequences(struct ddl *ddl, const struct schema_table *table,
			   struct schema_table *next)
{
	const char *in = strcmp(next->schema, "public") == 0 ? "" :
		arena_printf(ddl->arena, "%s.",
			     name_quoted(ddl->arena, next->schema));

	for (int i = 0; i < ddl->schema->sequence_count; i++) {
		const struct schema_sequence *row = &ddl->schema->sequences[i];
		const struct schema_column *column;

		if (!row->owner_table || strcmp(row->schema, table->schema) ||
		    strcmp(row->owner_table, table->name))
			continue;
		if (!check_free(ddl, next->schema, row->name))
			return false;
		move_object(ddl, row->oid, next->schema);
		column = schema_find_column(table, row->owner_column);
		if (!column || column->identity || !column->default_text)
			continue;
		next->columns[column->number - 1].default_text = arena_printf(
			ddl->arena, "nextval(%s::regclass)",
			print_text(ddl->arena, arena_printf(
				ddl->arena, "%s%s", in,
				name_quoted(ddl->arena, row->name))));
	}
	return true;
}

static void point_to_itself(struct schema_table *next,
			    const struct schema_table *table)
{
	for (int i = 0; i < next->constraint_count; i++) {
		struct schema_constraint *row = &next->constraints[i];

		if (row->kind == CONSTRAINT_FOREIGN &&
		    ddl_points_to(row, table))
			row->foreign_schema = next->schema;
	}
}

static bool move_table(struct ddl *ddl, const struct schema_table *table,
		       const char *schema)
{
	struct schema_table *next = table_copy(ddl, table, 0);

	if (strcmp(table->schema, schema) == 0)
		return true;
	if (!check_target(ddl, table, schema))
		return false;
	next->schema = schema;
	next->lite_name = facts_lite_name(ddl->arena, schema, table->name);
	ddl_step(ddl, "ALTER TABLE %s RENAME TO %s",
		 print_table(ddl->arena, table),
		 print_name(ddl->arena, next->lite_name));
	if (!move_indexes(ddl, table, next) ||
	    !move_sequences(ddl, table, next))
		return false;
	point_to_itself(next, table);
	facts_write_table(ddl, next);
	return true;
}

bool ddl_set_schema(struct ddl *ddl, AlterObjectSchemaStmt *node)
{
	const struct schema_table *table;
	bool failed;

	ddl->compiled->tag = "ALTER TABLE";
	if (node->objectType != OBJECT_TABLE)
		return ddl_unsupported(ddl, "SET SCHEMA of anything but a "
					    "table is");
	table = ddl_find_table(ddl, node->relation, "table", node->missing_ok,
			       &failed);
	if (!table)
		return !failed;
	return move_table(ddl, table, node->newschema);
}
