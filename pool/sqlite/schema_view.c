/*
 * Views of another program's: SQLite computes their rows, and tells of each
 * column which column of which table it is, if it is one; it then has that
 * one's type. Of the others the type is what Postgres would infer for the
 * same SELECT, where it can be read as one; else they are text. Values that
 * do not have the type are refused when they are read.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/schema_reader.h"

#include <strings.h>

#include "protocol/dialect/compile.h"

static const struct schema_column *origin(const struct schema *schema,
					  sqlite3_stmt *statement, int index)
{
	const char *table = sqlite3_column_table_name(statement, index);
	const char *name = sqlite3_column_origin_name(statement, index);

	for (int i = 0; table && name && i < schema->table_count; i++) {
		const struct schema_table *row = &schema->tables[i];

		if (row->catalog || strcmp(row->lite_name, table) != 0)
			continue;
		for (int k = 0; k < row->column_count; k++)
			if (strcasecmp(row->columns[k].name, name) == 0)
				return &row->columns[k];
	}
	return NULL;
}

/* Marks in `known` the columns whose origin gave them their type. */
static void take_origins(struct schema_reader *reader,
			 struct schema_table *view, bool *known)
{
	char *sql = sqlite3_mprintf("SELECT * FROM %s.\"%w\"",
				    view->lite_database, view->lite_name);
	sqlite3_stmt *statement = NULL;

	sqlite3_prepare_v2(reader->db, sql, -1, &statement, NULL);
	sqlite3_free(sql);
	for (int i = 0; statement && i < view->column_count &&
			i < sqlite3_column_count(statement); i++) {
		const struct schema_column *column =
			origin(reader->schema, statement, i);

		if (!column)
			continue;
		known[i] = true;
		view->columns[i].type = column->type;
		view->columns[i].typmod = column->typmod;
	}
	sqlite3_finalize(statement);
}

static bool compile_view(const struct schema *schema, struct sql_tree *tree,
			 struct arena *arena, struct compiled *ret_compiled)
{
	static const char *const path[] = { "public", NULL };
	static const struct type_settings types = { .time_zone = "UTC" };
	const struct compile_session session = {
		.user = "", .database = "", .search_path = path,
		.types = &types,
	};
	struct sql_statement statement = sql_tree_statement(tree, 0);
	ViewStmt *view = (ViewStmt *)statement.node;
	struct error error;

	if (sql_tree_count(tree) != 1 || !IsA(view, ViewStmt) || !view->query)
		return false;
	statement.node = view->query;
	return compile_statement(statement, schema, &session, NULL, 0, arena,
				 ret_compiled, &error);
}

static void infer(struct schema_reader *reader, struct schema_table *view,
		  const bool *known)
{
	struct arena arena = { 0 };
	struct compiled compiled = { 0 };
	struct error error;
	struct sql_tree *tree = sql_tree_new(slice_text(view->lite_sql),
					     &error);

	if (tree && compile_view(reader->schema, tree, &arena, &compiled) &&
	    compiled.column_count == view->column_count)
		for (int i = 0; i < view->column_count; i++)
			if (!known[i]) {
				view->columns[i].type =
					compiled.columns[i].type;
				view->columns[i].typmod =
					compiled.columns[i].typmod;
			}
	sql_tree_free(&tree);
	arena_fini(&arena);
}

void schema_type_views(struct schema_reader *reader)
{
	struct schema *schema = reader->schema;

	for (int i = 0; i < schema->table_count; i++) {
		struct schema_table *view = &schema->tables[i];
		bool *known;

		if (!view->foreign || view->kind != 'v' || !view->lite_sql)
			continue;
		known = arena_alloc(reader->arena,
				    (size_t)view->column_count + 1);
		take_origins(reader, view, known);
		infer(reader, view, known);
	}
}
