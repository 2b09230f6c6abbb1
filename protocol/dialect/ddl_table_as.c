/*
 * Tables made of a query: CREATE TABLE AS, SELECT INTO, and materialized
 * views, which inside SQLite are tables that REFRESH fills anew. The view's
 * Postgres text is kept and compiled again for each REFRESH.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include <ctype.h>
#include <strings.h>

#include "protocol/type.h"

static bool add_query_columns(struct ddl *ddl, struct schema_table *table,
			      const struct compiled_query *query, List *names)
{
	if (list_length(names) > query->column_count)
		return error_set(ddl->error, SQLSTATE_SYNTAX,
				 "too many column names were specified");
	for (int i = 0; i < query->column_count; i++) {
		struct schema_column *column = &table->columns[i];

		column->name = i < list_length(names) ?
			       strVal(list_nth(names, i)) :
			       query->columns[i].name;
		column->type = query->columns[i].type;
		column->typmod = query->columns[i].typmod;
		if (column->type == OID_UNKNOWN)
			column->type = OID_TEXT;
		column->number = column->attribute = (int16_t)(i + 1);
		table->attribute_count = column->attribute;
		if (schema_find_column(table, column->name))
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" specified more than "
					 "once", column->name);
		if (!ddl_check_column_case(ddl, table, column->name, NULL))
			return false;
		table->column_count++;
	}
	return true;
}

static void fill(struct ddl *ddl, const struct schema_table *table,
		 const struct compiled_query *query)
{
	ddl->compiled->uses_catalog |= ddl->state->uses_catalog;
	ddl_step(ddl, "INSERT INTO %s %s", print_table(ddl->arena, table),
		 query->sql);
	ddl->compiled->counts_last = true;
	ddl->compiled->tag = "SELECT";
}

/* The table and its columns. NULL with *ret_exists: it is there already. */
static struct schema_table *prepare(struct ddl *ddl, IntoClause *into,
				    Node *query, bool if_not_exists,
				    struct compiled_query *compiled,
				    bool *ret_exists)
{
	struct schema_table *table;
	const char *schema;
	bool exists;

	*ret_exists = false;
	if (!ddl_target_schema(ddl, into->rel, &schema) ||
	    !ddl_check_exists(ddl, schema, into->rel->relname, if_not_exists,
			      &exists))
		return NULL;
	*ret_exists = exists;
	if (exists || !compile_query(ddl->state, query, compiled))
		return NULL;
	table = table_new(ddl, schema, into->rel->relname,
			  compiled->column_count + 1);
	return add_query_columns(ddl, table, compiled, into->colNames) ?
		       table : NULL;
}

static bool create_from(struct ddl *ddl, IntoClause *into, Node *query,
			bool if_not_exists)
{
	struct compiled_query compiled;
	struct schema_table *table;
	bool exists;

	table = prepare(ddl, into, query, if_not_exists, &compiled, &exists);
	if (!table)
		return exists;
	if (!table_set_on_commit(ddl, table, into->onCommit))
		return false;
	if (!table_emit(ddl, table))
		return false;
	if (!into->skipData)
		fill(ddl, table, &compiled);
	return true;
}

bool ddl_select_into(struct ddl *ddl, SelectStmt *node)
{
	SelectStmt plain = *node;

	plain.intoClause = NULL;
	return create_from(ddl, node->intoClause, (Node *)&plain, false);
}

/* --- materialized views --------------------------------------------------- */

/* The last word of a text and the blanks before it, cut off if it is `word`. */
static bool cut_word(struct slice *text, const char *word)
{
	size_t length = strlen(word), end = text->length;
	const char *at = (const char *)text->at;

	while (end && isspace((uint8_t)at[end - 1]))
		end--;
	if (end <= length || strncasecmp(at + end - length, word, length) ||
	    !isspace((uint8_t)at[end - length - 1]))
		return false;
	text->length = end - length;
	return true;
}

/* ... AS query WITH [NO] DATA */
static const char *query_alone(struct ddl *ddl, struct slice text)
{
	struct slice query = slice_text(ddl_view_text(ddl, text));
	struct slice whole = query;

	if (cut_word(&query, "data")) {
		cut_word(&query, "no");
		if (!cut_word(&query, "with"))
			query = whole;
	}
	return ddl_trimmed(ddl, query);
}

static bool create_view(struct ddl *ddl, CreateTableAsStmt *node,
			struct slice text)
{
	struct compiled_query compiled;
	struct schema_table *table;
	bool exists;

	ddl->compiled->tag = "CREATE MATERIALIZED VIEW";
	ddl->state->parameters_refused = true;
	table = prepare(ddl, node->into, node->query, node->if_not_exists,
			&compiled, &exists);
	if (!table)
		return exists;
	table->kind = 'm';
	table->view_text = ddl_settle_view(ddl, query_alone(ddl, text));
	table->unpopulated = node->into->skipData;
	if (!table->view_text || !table_emit(ddl, table))
		return false;
	if (!table->unpopulated)
		fill(ddl, table, &compiled);
	return true;
}

static bool may_refresh_concurrently(struct ddl *ddl,
				     const struct schema_table *view)
{
	for (int i = 0; i < view->index_count; i++) {
		const struct schema_index *row = &view->indexes[i];
		bool plain = row->unique && !row->predicate;

		for (int j = 0; j < row->key_count; j++)
			plain &= row->columns[j] != 0;
		if (plain)
			return true;
	}
	error_set(ddl->error, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
		  "cannot refresh materialized view \"%s.%s\" concurrently",
		  view->schema, view->name);
	error_hint(ddl->error, "Create a unique index with no WHERE clause on "
			       "one or more columns of the materialized view.");
	return false;
}

static bool check_refresh(struct ddl *ddl, const RefreshMatViewStmt *node,
			  const struct schema_table *view)
{
	if (view->kind != 'm')
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "\"%s\" is not a materialized view",
				 view->name);
	if (!node->concurrent)
		return true;
	if (node->skipData)
		return error_set(ddl->error, SQLSTATE_SYNTAX,
				 "CONCURRENTLY and WITH NO DATA options cannot "
				 "be used together");
	if (view->unpopulated)
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "CONCURRENTLY cannot be used when the "
				 "materialized view is not populated");
	return may_refresh_concurrently(ddl, view);
}

bool ddl_refresh(struct ddl *ddl, RefreshMatViewStmt *node)
{
	bool failed;
	const struct schema_table *view =
		ddl_find_table(ddl, node->relation, NULL, false, &failed);
	struct compiled_query query;
	struct schema_table *next;

	ddl->compiled->tag = "REFRESH MATERIALIZED VIEW";
	ddl->state->parameters_refused = true;
	if (!view || !check_refresh(ddl, node, view) ||
	    !ddl_compile_view(ddl, view->view_text, &query))
		return false;
	ddl->compiled->uses_catalog |= ddl->state->uses_catalog;
	ddl_step(ddl, "DELETE FROM %s", print_table(ddl->arena, view));
	if (!node->skipData)
		ddl_step(ddl, "INSERT INTO %s %s",
			 print_table(ddl->arena, view), query.sql);
	if (view->unpopulated == node->skipData)
		return true;
	next = table_copy(ddl, view, 0);
	next->unpopulated = node->skipData;
	facts_write_table(ddl, next);
	return true;
}

bool ddl_create_table_as(struct ddl *ddl, CreateTableAsStmt *node,
			 struct slice text)
{
	ddl->compiled->tag = "CREATE TABLE AS";
	if (!IsA(node->query, SelectStmt))
		return ddl_unsupported(ddl, "CREATE TABLE AS EXECUTE is");
	if (node->objtype == OBJECT_MATVIEW)
		return create_view(ddl, node, text);
	return create_from(ddl, node->into, node->query, node->if_not_exists);
}
