/*
 * DROP, with its dependents: foreign keys of other tables and views go with
 * CASCADE, or keep the object from going.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include <ctype.h>
#include "protocol/type.h"

/* --- who depends on a table --------------------------------------------- */

bool ddl_points_to(const struct schema_constraint *row,
		   const struct schema_table *table)
{
	return row->kind == CONSTRAINT_FOREIGN &&
	       strcmp(row->foreign_table, table->name) == 0 &&
	       strcmp(row->foreign_schema, table->schema) == 0;
}

const struct schema_table *
ddl_next_child(struct ddl *ddl, const struct schema_table *table, int *at,
	       const struct schema_constraint **ret_key)
{
	int position = 0;

	for (int i = 0; i < ddl->schema->table_count; i++) {
		const struct schema_table *child = &ddl->schema->tables[i];

		for (int j = 0; j < child->constraint_count; j++) {
			const struct schema_constraint *row =
				&child->constraints[j];

			if (!ddl_points_to(row, table))
				continue;
			if (position++ < *at)
				continue;
			*at = position;
			*ret_key = row;
			return child;
		}
	}
	return NULL;
}

struct relation_search {
	struct ddl *ddl;
	const struct schema_table *table;
	bool found;
};

static bool see_relation(Node *node, int depth, void *context)
{
	struct relation_search *search = context;
	RangeVar *name = (RangeVar *)node;
	const char *const path[] = { "public", NULL };

	if (IsA(node, RangeVar) &&
	    schema_find_table(search->ddl->schema, path, name->schemaname,
			      name->relname) == search->table)
		search->found = true;
	return true;
}

static bool view_uses(struct ddl *ddl, const struct schema_table *view,
		      const struct schema_table *table)
{
	struct relation_search search = { ddl, table, false };
	struct error error = { 0 };
	struct sql_tree *tree;

	if (!view->view_text)
		return view->lite_sql &&
		       strstr(view->lite_sql, table->lite_name);
	tree = sql_tree_new(slice_text(view->view_text), &error);
	if (tree && sql_tree_count(tree) == 1)
		sql_walk(sql_tree_statement(tree, 0).node, see_relation,
			 &search, &error);
	sql_tree_free(&tree);
	return search.found;
}

static const struct schema_table *next_view(struct ddl *ddl,
					    const struct schema_table *table,
					    int *at)
{
	for (int i = *at; i < ddl->schema->table_count; i++) {
		const struct schema_table *view = &ddl->schema->tables[i];

		*at = i + 1;
		if (view->kind != 'r' && !view->catalog && view != table &&
		    view_uses(ddl, view, table))
			return view;
	}
	return NULL;
}

static bool says_name(const char *text, const char *name)
{
	size_t length = strlen(name);
	const char *at = text;

	while (at && (at = strstr(at, name))) {
		bool inside = (at > text && (isalnum((unsigned char)at[-1]) ||
					     at[-1] == '_')) ||
			      isalnum((unsigned char)at[length]) ||
			      at[length] == '_';

		if (!inside)
			return true;
		at++;
	}
	return false;
}

static bool see_natural(Node *node, int depth, void *context)
{
	if (IsA(node, JoinExpr) && ((JoinExpr *)node)->isNatural)
		*(bool *)context = true;
	return true;
}

static bool joins_naturally(const struct schema_table *view)
{
	struct error error = { 0 };
	struct sql_tree *tree = sql_tree_new(slice_text(view->view_text),
					     &error);
	bool found = false;

	if (tree && sql_tree_count(tree) == 1)
		sql_walk(sql_tree_statement(tree, 0).node, see_natural,
			 &found, &error);
	sql_tree_free(&tree);
	return found;
}

/* What another program's view uses it does not say so well. */
bool ddl_view_says(const struct schema_table *view, const char *column)
{
	return !view->view_text || says_name(view->view_text, column) ||
	       joins_naturally(view);
}

const char *ddl_view_on(struct ddl *ddl, const struct schema_table *table,
			const char *column)
{
	const struct schema_table *view;
	int at = 0;

	while ((view = next_view(ddl, table, &at)))
		if (!column || ddl_view_says(view, column))
			return view->name;
	return NULL;
}

const char *ddl_natural_view_on(struct ddl *ddl,
				const struct schema_table *table)
{
	const struct schema_table *view;
	int at = 0;

	while ((view = next_view(ddl, table, &at)))
		if (view->view_text && joins_naturally(view))
			return view->name;
	return NULL;
}

bool ddl_refuse_drop(struct ddl *ddl, const char *what, const char *lines)
{
	error_set(ddl->error, "2BP01", "cannot drop %s because other objects "
		  "depend on it", what);
	error_detail(ddl->error, "%s", lines);
	error_hint(ddl->error, "Use DROP ... CASCADE to drop the dependent "
		   "objects too.");
	return false;
}

static const char *shown_name(struct ddl *ddl, const struct schema_table *table)
{
	return name_qualified(ddl->arena, ddl->schema,
			      ddl->state->session->search_path, table->schema,
			      table->name);
}

/* A view, or a foreign key of a table. */
struct dependent {
	uint32_t oid;
	const struct schema_table *table;
	const struct schema_constraint *key;	/* NULL: a view */
};

/* The first one made after `after`; without OID: there is none. */
static struct dependent next_dependent(struct ddl *ddl,
				       const struct schema_table *table,
				       uint32_t after, ddl_counts *counts,
				       void *context)
{
	struct dependent next = { 0 }, found = { 0 };
	int at = 0;

	while ((found.table = ddl_next_child(ddl, table, &at, &found.key))) {
		found.oid = found.key->oid;
		if (found.oid > after && (!next.oid || found.oid < next.oid) &&
		    counts(found.table, found.key, context))
			next = found;
	}
	at = 0;
	found.key = NULL;
	while ((found.table = next_view(ddl, table, &at))) {
		found.oid = found.table->oid;
		if (found.oid > after && (!next.oid || found.oid < next.oid) &&
		    counts(found.table, NULL, context))
			next = found;
	}
	return next;
}

const char *ddl_dependents(struct ddl *ddl, const struct schema_table *table,
			   const char *what, ddl_counts *counts, void *context)
{
	struct dependent next = { 0 };
	const char *lines = "", *name;

	while ((next = next_dependent(ddl, table, next.oid, counts, context))
		       .oid) {
		name = shown_name(ddl, next.table);
		name = next.key ? arena_printf(ddl->arena,
					       "constraint %s on table %s",
					       next.key->name, name) :
				  arena_printf(ddl->arena, "%s %s",
					       ddl_kind_word(next.table),
					       name);
		lines = arena_printf(ddl->arena, "%s%s%s depends on %s", lines,
				     *lines ? "\n" : "", name, what);
		if (!next.key) {
			const char *below = ddl_dependents(
				ddl, next.table, name, counts, context);

			lines = arena_printf(ddl->arena, "%s%s%s", lines,
					     *below ? "\n" : "", below);
		}
	}
	return lines;
}

/* --- the set of what is dropped ----------------------------------------- */

struct drop {
	struct ddl *ddl;
	DropStmt *node;
	const struct schema_table **tables;
	int count, capacity;
};

static bool in_set(const struct drop *drop, const struct schema_table *table)
{
	for (int i = 0; i < drop->count; i++)
		if (drop->tables[i] == table)
			return true;
	return false;
}

static void add_to_set(struct drop *drop, const struct schema_table *table)
{
	if (in_set(drop, table))
		return;
	drop->tables = ddl_grow(drop->ddl, drop->tables, drop->count,
				&drop->capacity, sizeof(*drop->tables));
	drop->tables[drop->count++] = table;
}

static bool collect_views(struct drop *drop, const struct schema_table *table)
{
	const struct schema_table *view;
	int at = 0;

	while ((view = next_view(drop->ddl, table, &at))) {
		if (in_set(drop, view))
			continue;
		ddl_cascade(drop->ddl, "%s %s", ddl_kind_word(view),
			    view->name);
		add_to_set(drop, view);
	}
	return true;
}

static bool points_into(const struct drop *drop,
			const struct schema_constraint *row)
{
	for (int i = 0; i < drop->count; i++)
		if (row->kind == CONSTRAINT_FOREIGN &&
		    strcmp(row->foreign_table, drop->tables[i]->name) == 0 &&
		    strcmp(row->foreign_schema, drop->tables[i]->schema) == 0)
			return true;
	return false;
}

/* A table that stays loses its foreign keys to those that go. One that goes
 * loses them too: SQLite deletes the rows of what it drops, one table after
 * the other, and would find the keys broken in between. */
static bool release_keys(struct drop *drop, const struct schema_table *child)
{
	struct ddl *ddl = drop->ddl;
	struct schema_table *copy = table_copy(ddl, child, 0);
	bool going = in_set(drop, child);

	for (int i = copy->constraint_count - 1; i >= 0; i--) {
		const struct schema_constraint *row = &copy->constraints[i];

		if (!points_into(drop, row))
			continue;
		if (!going)
			ddl_cascade_of(ddl, child, "constraint %s on table %s",
				       row->name, shown_name(ddl, child));
		table_drop_constraint(copy, i);
	}
	if (copy->constraint_count == child->constraint_count)
		return true;
	return ddl_change_table(ddl, child, copy, ddl_keep_all(ddl, child));
}

/* Sequences are owned, not dependent: they go without a word. */
static void drop_one(struct ddl *ddl, const struct schema_table *table)
{
	ddl_step(ddl, "DROP %s %s", table->kind == 'v' ? "VIEW" : "TABLE",
		 print_table(ddl->arena, table));
	sequence_drop_owned(ddl, table, NULL);
	facts_remove_table(ddl, table);
	facts_forget_declared(ddl, table);
}

/* Of a table or view that stays. */
static bool stays(const struct schema_table *child,
		  const struct schema_constraint *key, void *context)
{
	return !in_set(context, child);
}

static bool refuse_dependents(struct drop *drop)
{
	struct ddl *ddl = drop->ddl;

	for (int i = 0; i < drop->count; i++) {
		const struct schema_table *table = drop->tables[i];
		const char *what = arena_printf(ddl->arena, "%s %s",
						ddl_kind_word(table),
						shown_name(ddl, table));
		const char *lines = ddl_dependents(ddl, table, what,
						   stays, drop);

		if (*lines)
			return ddl_refuse_drop(ddl, what, lines);
	}
	return true;
}

static bool drop_set(struct drop *drop)
{
	if (drop->node->behavior != DROP_CASCADE && !refuse_dependents(drop))
		return false;
	for (int i = 0; i < drop->count; i++)
		if (!collect_views(drop, drop->tables[i]))
			return false;
	for (int i = 0; i < drop->ddl->schema->table_count; i++)
		if (!drop->ddl->schema->tables[i].catalog &&
		    !release_keys(drop, &drop->ddl->schema->tables[i]))
			return false;
	for (int i = 0; i < drop->count; i++)
		ddl_reshapes(drop->ddl, "DROP TABLE", drop->tables[i]);
	/* views first: SQLite looks at all of them when a table changes */
	for (int i = 0; i < drop->count; i++)
		if (drop->tables[i]->kind == 'v')
			drop_one(drop->ddl, drop->tables[i]);
	for (int i = 0; i < drop->count; i++)
		if (drop->tables[i]->kind != 'v')
			drop_one(drop->ddl, drop->tables[i]);
	return true;
}

/* --- by kind ------------------------------------------------------------ */

static void split_name(List *names, const char **ret_schema,
		       const char **ret_name)
{
	int count = list_length(names);

	*ret_name = strVal(llast(names));
	*ret_schema = count > 1 ? strVal(list_nth(names, count - 2)) : NULL;
}

static bool missing(struct drop *drop, const char *sqlstate, const char *word,
		    const char *schema, const char *name)
{
	const char *dot = schema ? "." : "";

	if (schema && !schema_find_namespace(drop->ddl->schema, schema)) {
		if (!drop->node->missing_ok)
			return error_set(drop->ddl->error,
					 SQLSTATE_INVALID_SCHEMA,
					 "schema \"%s\" does not exist",
					 schema);
		ddl_notice(drop->ddl, SQLSTATE_SUCCESS,
			   "schema \"%s\" does not exist, skipping",
			   schema);
		return true;
	}
	if (!drop->node->missing_ok)
		return error_set(drop->ddl->error, sqlstate,
				 "%s \"%s%s%s\" does not exist", word,
				 schema ? schema : "", dot, name);
	if (strcmp(word, "type") != 0)	/* whose schema is told */
		schema = NULL;
	ddl_notice(drop->ddl, SQLSTATE_SUCCESS,
		   "%s \"%s%s%s\" does not exist, skipping", word,
		   schema ? schema : "", schema ? "." : "", name);
	return true;
}

static bool wrong_kind(struct ddl *ddl, const char *name, const char *asked,
		       const char *is)
{
	char upper[32] = { 0 };

	for (size_t i = 0; is[i] && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((uint8_t)is[i]);
	error_set(ddl->error, "42809", "\"%s\" is not a%s %s", name,
		  asked[0] == 'i' ? "n" : "", asked);
	error_hint(ddl->error, "Use DROP %s to remove a%s %s.", upper,
		   is[0] == 'i' ? "n" : "", is);
	return false;
}

static const char *const *search_path(struct ddl *ddl)
{
	return ddl->state->session->search_path;
}

static bool name_table(struct drop *drop, List *names, char kind)
{
	const char *schema, *name;
	const char *word = ddl_kind_word(&(struct schema_table){
		.kind = kind });
	const struct schema_table *table;

	split_name(names, &schema, &name);
	table = schema_find_table(drop->ddl->schema, search_path(drop->ddl),
				  schema, name);
	if (!table)
		return missing(drop, SQLSTATE_UNDEFINED_TABLE, word, schema,
			       name);
	if (table->catalog)
		return error_set(drop->ddl->error,
				 SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "permission denied: \"%s\" is a system "
				 "catalog", name);
	if (table->kind != kind)
		return wrong_kind(drop->ddl, name, word, ddl_kind_word(table));
	add_to_set(drop, table);
	return true;
}

static bool drop_index(struct drop *drop, List *names)
{
	struct ddl *ddl = drop->ddl;
	const char *schema, *name;
	const char *const *path = search_path(ddl);
	const struct schema_table *table = NULL;
	const struct schema_index *row = NULL;
	struct schema_table *next;

	split_name(names, &schema, &name);
	if (schema)
		row = schema_find_index(ddl->schema, schema, name, &table);
	for (; !schema && !row && path && *path; path++)
		row = schema_find_index(ddl->schema, *path, name, &table);
	if (!row)
		return missing(drop, SQLSTATE_UNDEFINED_OBJECT, "index",
			       schema, name);
	if (row->constraint) {
		error_set(ddl->error, "2BP01", "cannot drop index %s because "
			  "constraint %s on table %s requires it", name,
			  row->constraint, table->name);
		error_hint(ddl->error, "You can drop constraint %s on table %s "
			   "instead.", row->constraint, table->name);
		return false;
	}
	next = table_copy(ddl, table, 0);
	table_drop_index(next, (int)(row - table->indexes));
	lite_drop_index(ddl, table, row);
	if (!table->adopted)
		facts_write_indexes(ddl, next);
	return true;
}

/* Whether a column's value is counted with the sequence. */
static bool counts_with(struct ddl *ddl, const struct schema_table *table,
			const struct schema_column *column,
			const struct schema_sequence *row)
{
	static const char *const kept_path[] = { "public", NULL };
	const char *call = arena_printf(
		ddl->arena, "nextval(%s::regclass)",
		print_text(ddl->arena, name_qualified(
			ddl->arena, ddl->schema, kept_path, row->schema,
			row->name)));

	if (column->default_text)
		return strstr(column->default_text, call) != NULL;
	return column->identity && row->owner_table &&
	       strcmp(row->owner_table, table->name) == 0 &&
	       strcmp(row->schema, table->schema) == 0 &&
	       strcmp(row->owner_column, column->name) == 0;
}

/* The defaults that count with a sequence keep it, or go with it. */
static void release_table(struct drop *drop, const struct schema_table *table,
			  const struct schema_sequence *row,
			  const char **lines)
{
	struct ddl *ddl = drop->ddl;
	struct schema_table *next = NULL;

	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];
		const char *what = arena_printf(
			ddl->arena, "default value for column %s of table %s",
			column->name, shown_name(ddl, table));

		if (!counts_with(ddl, table, column, row))
			continue;
		*lines = arena_printf(ddl->arena,
				      "%s%s%s depends on sequence %s", *lines,
				      **lines ? "\n" : "", what, row->name);
		ddl_cascade_of(ddl, table, "%s", what);
		next = next ? next : table_copy(ddl, table, 0);
		next->columns[i].default_text = NULL;
	}
	if (next)
		facts_write_columns(ddl, next);
}

static bool release_defaults(struct drop *drop,
			     const struct schema_sequence *row)
{
	const char *lines = "";

	for (int i = 0; i < drop->ddl->schema->table_count; i++)
		if (!drop->ddl->schema->tables[i].catalog)
			release_table(drop, &drop->ddl->schema->tables[i], row,
				      &lines);
	return !*lines || drop->node->behavior == DROP_CASCADE ||
	       ddl_refuse_drop(drop->ddl, arena_printf(
			drop->ddl->arena, "sequence %s", row->name), lines);
}

static bool drop_sequence(struct drop *drop, List *names)
{
	struct ddl *ddl = drop->ddl;
	const char *schema, *name;
	const char *const *path = search_path(ddl);
	const struct schema_sequence *row = NULL;

	split_name(names, &schema, &name);
	row = schema_find_sequence(ddl->schema, schema ? schema : SCHEMA_TEMP,
				   name);
	for (; !schema && !row && path && *path; path++)
		row = schema_find_sequence(ddl->schema, *path, name);
	if (!row)
		return missing(drop, SQLSTATE_UNDEFINED_TABLE, "sequence",
			       schema, name);
	if (!release_defaults(drop, row))
		return false;
	facts_remove_sequence(ddl, row);
	return true;
}

static bool enum_in_use(struct drop *drop, const struct schema_enum *row)
{
	for (int i = 0; i < drop->ddl->schema->table_count; i++) {
		const struct schema_table *table =
			&drop->ddl->schema->tables[i];

		for (int j = 0; j < table->column_count; j++) {
			const struct schema_column *column =
				&table->columns[j];

			if (table->catalog || (column->type != row->oid &&
					       column->type != row->array_oid))
				continue;
			error_set(drop->ddl->error, "2BP01", "cannot drop type "
				  "%s because other objects depend on it",
				  row->name);
			error_detail(drop->ddl->error, "column %s of table %s "
				     "depends on type %s", column->name,
				     table->name, row->name);
			error_hint(drop->ddl->error, "Use DROP ... CASCADE to "
				   "drop the dependent objects too.");
			return true;
		}
	}
	return false;
}

static bool drop_type(struct drop *drop, TypeName *type)
{
	struct ddl *ddl = drop->ddl;
	const char *schema, *name;
	const struct schema_enum *row;
	const struct schema_domain *domain;

	split_name(type->names, &schema, &name);
	schema_find_type(ddl->schema, search_path(ddl), schema, name, &row,
			 &domain);
	if (domain)
		return ddl_drop_domain(ddl, type, false, drop->node->behavior ==
							 DROP_CASCADE);
	if (!row)
		return missing(drop, SQLSTATE_UNDEFINED_OBJECT, "type",
			       schema, name);
	if (enum_in_use(drop, row))
		return drop->node->behavior == DROP_CASCADE ?
		       ddl_unsupported(ddl, "DROP TYPE ... CASCADE of a type "
					    "that columns use is") : false;
	ddl_step(ddl, "DELETE FROM main._weir_enum WHERE parent = %u",
		 row->oid);
	ddl_step(ddl, "DELETE FROM main._weir_object WHERE oid = %u",
		 row->oid);
	return true;
}

/* --- schemas ------------------------------------------------------------ */

/* Something is in the schema: it goes along, with CASCADE. */
static bool may_empty(struct drop *drop, const char *schema, const char *kind,
		      const char *name)
{
	struct ddl *ddl = drop->ddl;
	const char *shown = strcmp(kind, "type") == 0 ?
		arena_printf(ddl->arena, "%s.%s", schema, name) :
		name_qualified(ddl->arena, ddl->schema,
			       ddl->state->session->search_path, schema, name);

	if (drop->node->behavior == DROP_CASCADE) {
		ddl_cascade(ddl, "%s %s", kind, shown);
		return true;
	}
	error_set(ddl->error, "2BP01", "cannot drop schema %s because other "
		  "objects depend on it", schema);
	error_detail(ddl->error, "%s %s depends on schema %s", kind, shown,
		     schema);
	error_hint(ddl->error, "Use DROP ... CASCADE to drop the dependent "
		   "objects too.");
	return false;
}

/* Whether columns of tables that stay have the type. */
static bool is_used_elsewhere(struct drop *drop, const char *schema,
			      uint32_t type, uint32_t array)
{
	for (int i = 0; i < drop->ddl->schema->table_count; i++) {
		const struct schema_table *table =
			&drop->ddl->schema->tables[i];

		for (int j = 0; strcmp(table->schema, schema) != 0 &&
		     j < table->column_count; j++)
			if (table->columns[j].type == type ||
			    table->columns[j].type == array ||
			    table->columns[j].domain == type)
				return true;
	}
	return false;
}

static bool drop_type_in(struct drop *drop, const char *schema,
			 const char *name, uint32_t type, uint32_t array)
{
	if (!may_empty(drop, schema, "type", name))
		return false;
	if (is_used_elsewhere(drop, schema, type, array))
		return ddl_unsupported(drop->ddl, "DROP SCHEMA ... CASCADE of "
				       "a type that other columns have is");
	ddl_step(drop->ddl, "DELETE FROM main._weir_enum WHERE parent = %u",
		 type);
	ddl_step(drop->ddl, "DELETE FROM main._weir_object WHERE oid = %u",
		 type);
	return true;
}

static bool drop_types_in(struct drop *drop, const char *schema)
{
	const struct schema *all = drop->ddl->schema;

	for (int i = 0; i < all->enum_count; i++)
		if (strcmp(all->enums[i].schema, schema) == 0 &&
		    !drop_type_in(drop, schema, all->enums[i].name,
				  all->enums[i].oid, all->enums[i].array_oid))
			return false;
	for (int i = 0; i < all->domain_count; i++)
		if (strcmp(all->domains[i].schema, schema) == 0 &&
		    !drop_type_in(drop, schema, all->domains[i].name,
				  all->domains[i].oid,
				  all->domains[i].array_oid))
			return false;
	return true;
}

/* Those that columns own go with their tables. */
static bool drop_sequences_in(struct drop *drop, const char *schema)
{
	const struct schema *all = drop->ddl->schema;

	for (int i = 0; i < all->sequence_count; i++) {
		if (all->sequences[i].owner_table ||
		    strcmp(all->sequences[i].schema, schema) != 0)
			continue;
		if (!may_empty(drop, schema, "sequence",
			       all->sequences[i].name))
			return false;
		facts_remove_sequence(drop->ddl, &all->sequences[i]);
	}
	return true;
}

static bool drop_schema(struct drop *drop, const char *name)
{
	struct ddl *ddl = drop->ddl;
	const struct schema_namespace *row =
		schema_find_namespace(ddl->schema, name);

	if (!row)
		return missing(drop, SQLSTATE_INVALID_SCHEMA, "schema", NULL,
			       name);
	if (row->oid < OID_USER_FIRST)
		return strcmp(name, "public") == 0 ?
		       ddl_unsupported(ddl, "dropping schema public is") :
		       error_set(ddl->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "permission denied for schema %s", name);
	for (int i = 0; i < ddl->schema->table_count; i++)
		if (strcmp(ddl->schema->tables[i].schema, name) == 0) {
			if (!may_empty(drop, name, ddl_kind_word(
					       &ddl->schema->tables[i]),
				       ddl->schema->tables[i].name))
				return false;
			add_to_set(drop, &ddl->schema->tables[i]);
		}
	if (!drop_types_in(drop, name) || !drop_sequences_in(drop, name))
		return false;
	ddl_step(ddl, "DELETE FROM main._weir_object WHERE oid = %u",
		 row->oid);
	return true;
}

static bool drop_object(struct drop *drop, Node *object)
{
	switch (drop->node->removeType) {
	case OBJECT_TABLE:
		return name_table(drop, (List *)object, 'r');
	case OBJECT_VIEW:
		return name_table(drop, (List *)object, 'v');
	case OBJECT_MATVIEW:
		return name_table(drop, (List *)object, 'm');
	case OBJECT_INDEX:
		return drop_index(drop, (List *)object);
	case OBJECT_SEQUENCE:
		return drop_sequence(drop, (List *)object);
	case OBJECT_TYPE:
		return drop_type(drop, (TypeName *)object);
	case OBJECT_SCHEMA:
		return drop_schema(drop, strVal(object));
	case OBJECT_EXTENSION:
		return ddl_drop_extension(drop->ddl, strVal(object),
					  drop->node->missing_ok);
	case OBJECT_DOMAIN:
		return ddl_drop_domain(drop->ddl, (TypeName *)object,
				       drop->node->missing_ok,
				       drop->node->behavior == DROP_CASCADE);
	case OBJECT_FUNCTION:
	case OBJECT_TRIGGER:
		/* there are none; IF EXISTS is what migrations send */
		if (drop->node->missing_ok)
			return true;
		return error_set(drop->ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "object does not exist");
	default:
		return ddl_unsupported(drop->ddl, arena_printf(
			drop->ddl->arena, "%s is", drop->ddl->compiled->tag));
	}
}

bool ddl_drop(struct ddl *ddl, DropStmt *node)
{
	struct drop drop = { .ddl = ddl, .node = node };
	ListCell *cell;

	ddl->compiled->tag = arena_printf(ddl->arena, "DROP %s",
					  ddl_object_words(node->removeType));
	foreach(cell, node->objects)
		if (!drop_object(&drop, lfirst(cell)))
			return false;
	return drop_set(&drop);
}
