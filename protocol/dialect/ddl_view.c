/*
 * CREATE VIEW. SQLite's view has the compiled query; the Postgres text is
 * kept (ddl_view_text.c): it is what pg_get_viewdef() shows, and what a
 * statement that uses the view reads.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include "protocol/type.h"

static bool fill_columns(struct ddl *ddl, struct schema_table *view,
			 const struct compiled_query *query, List *aliases)
{
	if (list_length(aliases) > query->column_count)
		return error_set(ddl->error, SQLSTATE_SYNTAX,
				 "CREATE VIEW specifies more column names than "
				 "columns");
	for (int i = 0; i < query->column_count; i++) {
		struct schema_column *column = &view->columns[i];

		column->name = i < list_length(aliases) ?
			       strVal(list_nth(aliases, i)) :
			       query->columns[i].name;
		if (schema_find_column(view, column->name))
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" specified more than "
					 "once", column->name);
		column->type = query->columns[i].type == OID_UNKNOWN ?
			       OID_TEXT : query->columns[i].type;
		column->typmod = query->columns[i].typmod;
		column->number = column->attribute = (int16_t)(i + 1);
		view->attribute_count = column->attribute;
		view->column_count++;
	}
	return true;
}

static bool check_replacement(struct ddl *ddl, const struct schema_table *old,
			      const struct schema_table *view)
{
	for (int i = 0; i < old->column_count; i++) {
		if (i >= view->column_count)
			return error_set(ddl->error, "42P16",
					 "cannot drop columns from view");
		if (strcmp(old->columns[i].name, view->columns[i].name) != 0)
			return error_set(ddl->error, "42P16",
					 "cannot change name of view column "
					 "\"%s\" to \"%s\"",
					 old->columns[i].name,
					 view->columns[i].name);
		if (old->columns[i].type != view->columns[i].type)
			return error_set(ddl->error, "42P16",
					 "cannot change data type of view "
					 "column \"%s\" from %s to %s",
					 old->columns[i].name,
					 type_text(ddl->state,
						   old->columns[i].type, -1),
					 type_text(ddl->state,
						   view->columns[i].type, -1));
	}
	return true;
}

static void emit_view(struct ddl *ddl, const struct schema_table *view,
		      const char *sql)
{
	struct buffer names = { 0 };

	for (int i = 0; i < view->column_count; i++)
		buffer_printf(&names, "%s%s", i ? ", " : "",
			      print_name(ddl->arena, view->columns[i].name));
	if (view->column_count == 0) {	/* SQLite wants one */
		buffer_put_text(&names, "_weir_none");
		sql = arena_printf(ddl->arena, "SELECT 1 FROM (%s)", sql);
	}
	ddl_step(ddl, "CREATE VIEW %s.%s(%s) AS %s",
		 ddl_database(view->schema),
		 print_name(ddl->arena, view->lite_name),
		 buffer_cstring(&names), sql);
	buffer_fini(&names);
	facts_write_table(ddl, view);
}

bool ddl_move_view(struct ddl *ddl, const struct schema_table *old,
		   const struct schema_table *next)
{
	struct compiled_query query;

	if (!old->view_text || strcmp(old->lite_database, "main") != 0)
		return ddl_unsupported(ddl, "changing the name of this view is");
	if (!ddl_compile_view(ddl, old->view_text, &query))
		return false;
	ddl_step(ddl, "DROP VIEW %s", print_table(ddl->arena, old));
	emit_view(ddl, next, query.sql);
	return true;
}

static const char *column_names(struct ddl *ddl,
				const struct schema_table *view)
{
	const char *names = "";

	for (int i = 0; i < view->column_count; i++)
		names = arena_printf(ddl->arena, "%s%s%s", names,
				     i ? ", " : "", name_quoted(ddl->arena,
						view->columns[i].name));
	return names;
}

/* The parser has put a WITH around it that stands nowhere in the text. */
static bool is_recursive_view(const ViewStmt *node)
{
	const SelectStmt *select = (const SelectStmt *)node->query;

	return IsA(select, SelectStmt) && select->withClause != NULL &&
	       select->withClause->recursive &&
	       select->withClause->location < 0;
}

/* What the query is that is shown: the names behind the view's become part of
 * it; of a recursive one as the parser has put them around it. */
static bool set_view_text(struct ddl *ddl, struct schema_table *view,
			  const ViewStmt *node, struct slice statement)
{
	const char *text = ddl_view_text(ddl, statement);
	const char *name = name_quoted(ddl->arena, view->name);
	const char *names = column_names(ddl, view);
	bool recursive = is_recursive_view(node);

	if (recursive)
		text = arena_printf(ddl->arena, "WITH RECURSIVE %s(%s) AS (%s)"
				    " SELECT %s FROM %s", name, names, text,
				    names, name);
	text = ddl_settle_view(ddl, text);
	if (text && node->aliases && !recursive)
		text = arena_printf(ddl->arena, "SELECT * FROM (%s) AS %s(%s)",
				    text, name, names);
	view->view_text = text;
	return text != NULL;
}

bool ddl_create_view(struct ddl *ddl, ViewStmt *node, struct slice text)
{
	struct schema_table *view = arena_alloc(ddl->arena, sizeof(*view));
	const struct schema_table *old;
	struct compiled_query query;

	ddl->compiled->tag = "CREATE VIEW";
	if (node->withCheckOption != NO_CHECK_OPTION)
		return ddl_unsupported(ddl, "WITH CHECK OPTION is");
	if (!ddl_target_schema(ddl, node->view, &view->schema))
		return false;
	view->name = node->view->relname;
	old = schema_find_table(ddl->schema, NULL, view->schema, view->name);
	if (ddl_name_taken(ddl, view->schema, view->name) &&
	    !(node->replace && old && old->kind == 'v'))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
				 "relation \"%s\" already exists", view->name);
	if (!old && !ddl_check_case(ddl, view->schema, view->name))
		return false;
	if (facts_name_is_reserved(view->name))
		return error_set(ddl->error, "42939",
				 "view name \"%s\" is reserved", view->name);
	ddl->state->parameters_refused = true;
	if (!compile_query(ddl->state, node->query, &query))
		return false;
	if (ddl->state->uses_catalog)
		return ddl_unsupported(ddl, "a view over the catalogs is");
	view->kind = 'v';
	view->lite_name = facts_lite_name(ddl->arena, view->schema,
					  view->name);
	view->lite_database = ddl_database(view->schema);
	view->columns = arena_alloc(ddl->arena,
				    ((size_t)query.column_count + 1) *
				    sizeof(*view->columns));
	if (!fill_columns(ddl, view, &query, node->aliases) ||
	    !set_view_text(ddl, view, node, text))
		return false;
	if (old) {
		if (!check_replacement(ddl, old, view))
			return false;
		view->oid = old->oid;
		view->type_oid = old->type_oid;
		view->array_oid = old->array_oid;
		view->comment = old->comment;
		ddl_step(ddl, "DROP VIEW %s", print_table(ddl->arena, old));
	} else {
		view->oid = ddl_oid(ddl);
		view->array_oid = ddl_oid(ddl);
		view->type_oid = ddl_oid(ddl);
	}
	emit_view(ddl, view, query.sql);
	return true;
}
