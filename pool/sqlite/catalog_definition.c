/*
 * Definitions as Postgres's ruleutils.c prints them: constraints, indexes
 * and kept expressions.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/catalog_inner.h"

#include <ctype.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/ddl_text.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/view_text.h"
#include "protocol/type.h"

/* Expressions are kept as they look where public is all of the path. */
bool definition_is_kept_path(const struct schema *schema,
			     const char *const *path)
{
	bool found = false;

	for (; path && *path; path++) {
		if (!schema_find_namespace(schema, *path) ||
		    strcmp(*path, "pg_catalog") == 0)
			continue;
		if (strcmp(*path, "public") != 0)
			return false;
		found = true;
	}
	return found;
}

const char *definition_of_expression(struct arena *arena,
				     const struct schema *schema,
				     const struct compile_session *session,
				     const char *text, bool pretty)
{
	struct error ignored = { 0 };
	struct ddl_text print = { .arena = arena, .schema = schema,
				  .pretty = pretty, .error = &ignored,
				  .path = session->search_path };

	return pretty || !definition_is_kept_path(schema, session->search_path) ?
		       ddl_text_again(&print, text) : text;
}

const char *definition_of_view(struct arena *arena, const struct schema *schema,
			       const struct compile_session *session,
			       const struct schema_table *view, bool pretty)
{
	const char *text;

	if (!view->view_text)
		return view->kind == 'v' ? "" : NULL;
	text = view_text_print(arena, schema, session->search_path, view,
			       pretty);
	return text ? text : arena_printf(arena, " %s;", view->view_text);
}

/* --- constraints -------------------------------------------------------- */

static const char *column_names(struct arena *arena,
				const struct schema_table *table,
				const int16_t *numbers, int count)
{
	const char *text = "";

	for (int i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
				    name_quoted(arena, table->columns[
						numbers[i] - 1].name));
	return text;
}

static const char *when_checked(struct arena *arena, const char *text,
				const struct schema_constraint *row)
{
	return arena_printf(arena, "%s%s%s%s", text,
			    row->deferrable ? " DEFERRABLE" : "",
			    row->deferred ? " INITIALLY DEFERRED" : "",
			    row->not_valid ? " NOT VALID" : "");
}

static const char *foreign_key(struct arena *arena,
			       const struct schema *schema,
			       const struct compile_session *session,
			       const struct schema_table *table,
			       const struct schema_constraint *row)
{
	const char *text = arena_printf(
		arena, "FOREIGN KEY (%s) REFERENCES %s(",
		column_names(arena, table, row->columns, row->column_count),
		name_qualified(arena, schema, session->search_path,
			       row->foreign_schema, row->foreign_table));
	const char **names;
	int count = facts_split(arena, row->foreign_names, &names);

	for (int i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%s", text, i ? ", " : "",
				    name_quoted(arena, names[i]));
	text = arena_printf(arena, "%s)%s", text,
			    row->match_full ? " MATCH FULL" : "");
	if (row->on_update != 'a')
		text = arena_printf(arena, "%s ON UPDATE %s", text,
				    schema_action_words(row->on_update));
	if (row->on_delete != 'a')
		text = arena_printf(arena, "%s ON DELETE %s", text,
				    schema_action_words(row->on_delete));
	return when_checked(arena, text, row);
}

static bool is_part_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '"';
}

/* Behind the quote that ends what the one at `at` begins. */
static char *behind_quotes(char *at)
{
	char *end = strchr(at + 1, *at);

	return end ? end + 1 : at + strlen(at);
}

/* What a domain checks is called VALUE, however it was parsed. */
static const char *with_value(struct arena *arena, const char *text)
{
	static const char name[] = "value";
	const size_t length = sizeof(name) - 1;
	char *out = (char *)arena_text(arena, text), *at = out;

	while (*at) {
		if (*at == '\'' || *at == '"') {
			at = behind_quotes(at);
		} else if (strncmp(at, name, length) == 0 &&
			   (at == out || !is_part_of_name(at[-1])) &&
			   !is_part_of_name(at[length])) {
			memcpy(at, "VALUE", length);
			at += length;
		} else {
			at++;
		}
	}
	return out;
}

static const char *check_of_domain(struct arena *arena,
				   const struct schema *schema,
				   const struct compile_session *session,
				   const char *text, bool pretty)
{
	return arena_printf(arena, "CHECK (%s)",
			    with_value(arena, definition_of_expression(
				    arena, schema, session, text, pretty)));
}

/* One of Postgres's own: those of information_schema's domains. */
static const char *own_constraint(struct arena *arena,
				  const struct schema *schema,
				  const struct compile_session *session,
				  uint32_t oid, bool pretty)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_constraint");
	const char *row = catalog_facts_row(facts, oid);

	return !row ? NULL : check_of_domain(
		arena, schema, session, arena_dup(arena, catalog_facts_cell(
			row, catalog_facts_column(facts, "conbin"))), pretty);
}

/* " WITH (fillfactor='70')": a value that is no name is quoted. */
static const char *options_text(struct arena *arena,
				const struct schema_index *row)
{
	const char **items, *text = "";
	int count = row->options ? facts_split(arena, row->options, &items) :
				   0;

	for (int i = 0; i < count; i++) {
		size_t length = strcspn(items[i], "=");
		const char *value = items[i] + length + 1;
		bool plain = strcmp(name_quoted(arena, value), value) == 0;

		text = arena_printf(arena, plain ? "%s%s%.*s=%s" :
				    "%s%s%.*s='%s'", text, i > 0 ? ", " : "",
				    (int)length, items[i], value);
	}
	return count > 0 ? arena_printf(arena, " WITH (%s)", text) : "";
}

static const struct schema_index *
index_of_key(const struct schema_table *table,
	     const struct schema_constraint *row)
{
	for (int i = 0; i < table->index_count; i++)
		if (table->indexes[i].constraint &&
		    strcmp(table->indexes[i].constraint, row->name) == 0)
			return &table->indexes[i];
	return NULL;
}

static const char *key(struct arena *arena, const struct schema_table *table,
		       const struct schema_constraint *row)
{
	const struct schema_index *index = index_of_key(table, row);
	int more = index ? index->column_count - index->key_count : 0;
	const char *text = arena_printf(
		arena, "%s%s (%s)", row->kind == CONSTRAINT_PRIMARY ?
		"PRIMARY KEY" : "UNIQUE",
		index && index->nulls_equal ? " NULLS NOT DISTINCT" : "",
		column_names(arena, table, row->columns, row->column_count));

	if (more)
		text = arena_printf(arena, "%s INCLUDE (%s)", text,
				    column_names(arena, table, index->columns +
						 index->key_count, more));
	return when_checked(arena, text, row);
}

const char *definition_of_constraint(struct arena *arena,
				     const struct schema *schema,
				     const struct compile_session *session,
				     uint32_t oid, bool pretty)
{
	const struct schema_table *table;
	const struct schema_constraint *row =
		schema_constraint_by_oid(schema, oid, &table);
	const struct schema_domain_check *check =
		schema_domain_check_by_oid(schema, oid);
	const char *text;

	if (check)
		return check_of_domain(arena, schema, session, check->text,
				       pretty);
	if (!row)
		return own_constraint(arena, schema, session, oid, pretty);
	switch (row->kind) {
	case CONSTRAINT_PRIMARY:
	case CONSTRAINT_UNIQUE_KEY:
		return key(arena, table, row);
	case CONSTRAINT_FOREIGN:
		return foreign_key(arena, schema, session, table, row);
	case CONSTRAINT_CHECKED:
		text = definition_of_expression(arena, schema, session,
						row->check_text, pretty);
		return arena_printf(arena, "CHECK (%s)%s", text,
				    row->not_valid ? " NOT VALID" : "");
	}
	return NULL;
}

/* --- indexes ------------------------------------------------------------ */

static const char *key_text(struct arena *arena, const struct schema *schema,
			    const struct compile_session *session,
			    const struct schema_table *table,
			    const struct schema_index *row, int i, bool pretty)
{
	const char *text;

	if (row->columns[i])
		return name_quoted(arena,
				   table->columns[row->columns[i] - 1].name);
	text = definition_of_expression(arena, schema, session,
					row->expressions[i], pretty);
	return ddl_text_is_call(text) ? text : arena_printf(arena, "(%s)", text);
}

static const char *key_options(struct arena *arena,
			       const struct schema *schema,
			       const struct schema_table *table,
			       const struct schema_index *row, int i)
{
	uint32_t type = row->columns[i] ?
		table->columns[row->columns[i] - 1].type : row->types[i];
	const char *class = row->operator_classes[i];
	const char *text = "";

	if (class && opclass_of_type(schema, type, row->method, class) !=
		     opclass_of_type(schema, type, row->method, NULL))
		text = arena_printf(arena, " %s", name_quoted(arena, class));
	if (row->descending[i])
		return arena_printf(arena, "%s DESC%s", text,
				    row->nulls_first[i] ? "" : " NULLS LAST");
	return arena_printf(arena, "%s%s", text,
			    row->nulls_first[i] ? " NULLS FIRST" : "");
}

const char *definition_of_index(struct arena *arena,
				const struct schema *schema,
				const struct compile_session *session,
				uint32_t oid, int column, bool pretty)
{
	const struct schema_table *table;
	const struct schema_index *row = schema_index_by_oid(schema, oid,
							     &table);
	const char *text;

	if (!row || column < 0 || column > row->column_count)
		return row ? "" : NULL;
	if (column)
		return key_text(arena, schema, session, table, row, column - 1,
				pretty);
	text = pretty ? name_qualified(arena, schema, session->search_path,
				       table->schema, table->name) :
	       arena_printf(arena, "%s.%s", name_quoted(arena, table->schema),
			    name_quoted(arena, table->name));
	text = arena_printf(arena, "CREATE %sINDEX %s ON %s USING %s (",
			    row->unique ? "UNIQUE " : "",
			    name_quoted(arena, row->name), text, row->method);
	for (int i = 0; i < row->column_count; i++) {
		const char *before = i == 0 ? "" :
			i == row->key_count ? ") INCLUDE (" : ", ";

		text = arena_printf(arena, "%s%s%s%s", text, before,
				    key_text(arena, schema, session, table,
					     row, i, pretty),
				    i < row->key_count ? key_options(
					arena, schema, table, row, i) : "");
	}
	text = arena_printf(arena, "%s)%s%s", text,
			    row->nulls_equal ? " NULLS NOT DISTINCT" : "",
			    options_text(arena, row));
	if (row->predicate)
		text = arena_printf(arena, "%s WHERE %s", text,
				    definition_of_expression(
					arena, schema, session,
					row->predicate, pretty));
	return text;
}
