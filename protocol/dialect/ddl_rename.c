/*
 * ALTER ... RENAME. SQLite renames in its own schema, references of other
 * tables included; what weir keeps as Postgres text is renamed here.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"

static bool check_free(struct ddl *ddl, const char *schema, const char *name)
{
	if (!ddl_name_taken(ddl, schema, name))
		return true;
	return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
			 "relation \"%s\" already exists", name);
}

/* A view's text names the table; only Postgres keeps it by OID. */
static bool check_views(struct ddl *ddl, const struct schema_table *table,
			const char *column)
{
	const char *view = ddl_view_on(ddl, table, column);

	return !view || error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				  "renaming what view \"%s\" uses is not "
				  "supported on a SQLite backend", view);
}

/* --- tables, indexes, sequences ----------------------------------------- */

static bool rename_table(struct ddl *ddl, const struct schema_table *table,
			 const char *name)
{
	struct schema_table *next;
	const struct schema_table *child;
	const struct schema_constraint *key;
	int at = 0;

	if (!check_free(ddl, table->schema, name) ||
	    !check_views(ddl, table, NULL))
		return false;
	if (facts_name_is_reserved(name))
		return error_set(ddl->error, "42939",
				 "table name \"%s\" is reserved", name);
	next = table_copy(ddl, table, 0);
	next->name = name;
	next->lite_name = facts_lite_name(ddl->arena, table->schema, name);
	if (table->kind == 'v')
		return ddl_move_view(ddl, table, next);
	ddl_step(ddl, "ALTER TABLE %s RENAME TO %s",
		 print_table(ddl->arena, table),
		 print_name(ddl->arena, next->lite_name));
	facts_rename_declared(ddl, table, NULL, next->lite_name);
	/* keys that point to itself point to the new name */
	for (int i = 0; i < next->constraint_count; i++) {
		struct schema_constraint *row = &next->constraints[i];

		if (row->kind == CONSTRAINT_FOREIGN &&
		    strcmp(row->foreign_table, table->name) == 0 &&
		    strcmp(row->foreign_schema, table->schema) == 0)
			row->foreign_table = name;
	}
	/* others name it by OID; an adopted child has no row yet */
	facts_write_table(ddl, next);
	while ((child = ddl_next_child(ddl, table, &at, &key)))
		if (child->adopted && child != table)
			return ddl_unsupported(ddl, "renaming a table that one "
					       "of another program references "
					       "is");
	return true;
}

static bool rename_index(struct ddl *ddl, const struct schema_table *table,
			 const struct schema_index *row, const char *name)
{
	struct schema_table *next = table_copy(ddl, table, 0);
	struct schema_index *renamed = &next->indexes[row - table->indexes];

	if (!check_free(ddl, table->schema, name))
		return false;
	renamed->name = name;
	if (row->constraint) {	/* an index and its constraint are one name */
		for (int i = 0; i < next->constraint_count; i++)
			if (strcmp(next->constraints[i].name,
				   row->constraint) == 0)
				next->constraints[i].name = name;
		renamed->constraint = name;
		return ddl_change_table(ddl, table, next,
					ddl_keep_all(ddl, table));
	}
	lite_drop_index(ddl, table, row);
	if (!lite_make_index(ddl, next, renamed))
		return false;
	facts_write_indexes(ddl, next);
	return true;
}

static bool rename_sequence(struct ddl *ddl, const struct schema_sequence *row,
			    const char *name)
{
	if (!check_free(ddl, row->schema, name) ||
	    !sequence_renamed(ddl, row, row->schema, name, NULL))
		return false;
	ddl_step(ddl, "UPDATE %s._weir_object SET name = %s WHERE oid = %u",
		 ddl_database(row->schema), print_text(ddl->arena, name),
		 row->oid);
	return true;
}

/* Whatever of these kinds has the name: ALTER TABLE renames them all. */
static bool rename_relation(struct ddl *ddl, RenameStmt *node)
{
	const char *const *path = ddl->state->session->search_path;
	const char *in = node->relation->schemaname;
	const char *name = node->relation->relname;
	uint32_t oid = relation_oid(ddl->schema, path, in, name);
	const struct schema_table *table = schema_table_by_oid(ddl->schema,
							       oid);
	const struct schema_sequence *sequence =
		schema_sequence_by_oid(ddl->schema, oid);
	const struct schema_index *index;

	if (!oid && node->missing_ok) {
		ddl_notice(ddl, SQLSTATE_SUCCESS,
			   "relation \"%s\" does not exist, skipping",
			   name);
		return true;
	}
	if (!oid)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
				 "relation \"%s\" does not exist", name);
	if (table && table->catalog)
		return error_set(ddl->error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
				 "permission denied: \"%s\" is a system "
				 "catalog", name);
	if (table)
		return rename_table(ddl, table, node->newname);
	if (sequence)
		return rename_sequence(ddl, sequence, node->newname);
	index = schema_index_by_oid(ddl->schema, oid, &table);
	return rename_index(ddl, table, index, node->newname);
}

/* --- columns and constraints -------------------------------------------- */

/* Prints all kept expressions again, with what `print` renames. */
static void rename_in_texts(struct ddl *ddl, struct schema_table *next,
			    struct ddl_text print)
{
	struct error ignored = { 0 };

	print.arena = ddl->arena;
	print.schema = ddl->schema;
	print.error = &ignored;
	for (int i = 0; i < next->column_count; i++)
		if (next->columns[i].default_text &&
		    (next->columns[i].generated || print.type_to))
			next->columns[i].default_text = ddl_text_again(
				&print, next->columns[i].default_text);
	for (int i = 0; i < next->constraint_count; i++)
		if (next->constraints[i].check_text)
			next->constraints[i].check_text = ddl_text_again(
				&print, next->constraints[i].check_text);
	for (int i = 0; i < next->index_count; i++) {
		struct schema_index *row = &next->indexes[i];
		const char **copy = arena_alloc(ddl->arena,
						((size_t)row->column_count +
						 1) * sizeof(*copy));

		for (int j = 0; j < row->column_count; j++)
			if (row->expressions[j])
				copy[j] = ddl_text_again(&print,
							 row->expressions[j]);
		row->expressions = copy;
		if (row->predicate)
			row->predicate = ddl_text_again(&print,
							row->predicate);
	}
}

static const char *rename_in_list(struct ddl *ddl, const char *joined,
				  const char *from, const char *to)
{
	const char **names;
	int count = facts_split(ddl->arena, joined, &names);

	for (int i = 0; i < count; i++)
		if (strcmp(names[i], from) == 0)
			names[i] = to;
	return facts_join(ddl->arena, names, count);
}

/* Foreign keys, other tables' and its own, name the column. */
static void rename_in_keys(struct ddl *ddl, const struct schema_table *table,
			   struct schema_table *next, const char *from,
			   const char *to)
{
	const struct schema_table *child;
	const struct schema_constraint *key;
	int at = 0;

	while ((child = ddl_next_child(ddl, table, &at, &key))) {
		int index = (int)(key - child->constraints);
		const char *names = rename_in_list(ddl, key->foreign_names,
						   from, to);

		if (child == table)
			next->constraints[index].foreign_names = names;
		else if (!child->adopted)
			ddl_step(ddl, "UPDATE %s._weir_constraint SET "
				 "foreign_columns = %s WHERE oid = %u",
				 ddl_database(child->schema),
				 print_text(ddl->arena, names), key->oid);
	}
}

static bool rename_column(struct ddl *ddl, RenameStmt *node)
{
	bool failed;
	const struct schema_table *table = ddl_find_table(
		ddl, node->relation, NULL, node->missing_ok, &failed);
	const struct schema_column *column;
	struct schema_table *next;

	if (!table)
		return !failed;
	column = schema_find_column(table, node->subname);
	if (!column)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
				 "column \"%s\" does not exist",
				 node->subname);
	if (schema_find_column(table, node->newname))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
				 "column \"%s\" of relation \"%s\" already "
				 "exists", node->newname, table->name);
	if (table->kind == 'v')
		return ddl_unsupported(ddl, "renaming a view's column is");
	if (!ddl_check_column_case(ddl, table, node->newname, column) ||
	    !check_views(ddl, table, node->subname) ||
	    !check_views(ddl, table, node->newname))
		return false;
	next = table_copy(ddl, table, 0);
	next->columns[column->number - 1].name = node->newname;
	ddl_step(ddl, "ALTER TABLE %s RENAME COLUMN %s TO %s",
		 print_table(ddl->arena, table),
		 print_name(ddl->arena, node->subname),
		 print_name(ddl->arena, node->newname));
	facts_rename_declared(ddl, table, node->subname, node->newname);
	rename_in_texts(ddl, next, (struct ddl_text){
		.from = node->subname, .to = node->newname });
	rename_in_keys(ddl, table, next, node->subname, node->newname);
	if (!table->adopted)
		facts_write_table(ddl, next);
	ddl_step(ddl, "UPDATE %s._weir_sequence SET owner_column = %s WHERE "
		 "owner_table = %u AND owner_column = %s",
		 ddl_database(table->schema),
		 print_text(ddl->arena, node->newname), table->oid,
		 print_text(ddl->arena, node->subname));
	return true;
}

static bool rename_constraint(struct ddl *ddl, RenameStmt *node)
{
	bool failed;
	const struct schema_table *table = ddl_find_table(
		ddl, node->relation, "table", node->missing_ok, &failed);
	const struct schema_constraint *row;
	const struct schema_index *index;
	const struct schema_table *owner;
	struct schema_table *next;

	if (!table)
		return !failed;
	row = schema_find_constraint(table, node->subname);
	if (!row)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "constraint \"%s\" for table \"%s\" does not "
				 "exist", node->subname, table->name);
	if (schema_find_constraint(table, node->newname))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "constraint \"%s\" for relation \"%s\" "
				 "already exists", node->newname, table->name);
	index = schema_find_index(ddl->schema, table->schema, row->name,
				  &owner);
	if (index && owner == table && index->constraint)
		return rename_index(ddl, table, index, node->newname);
	next = table_copy(ddl, table, 0);
	next->constraints[row - table->constraints].name = node->newname;
	return ddl_change_table(ddl, table, next, ddl_keep_all(ddl, table));
}

/* --- types -------------------------------------------------------------- */

static void rename_type_in(struct ddl *ddl, const struct schema_table *table,
			   const struct schema_enum *row, const char *name)
{
	struct schema_table *next = table_copy(ddl, table, 0);

	rename_in_texts(ddl, next, (struct ddl_text){
		.type_from = row, .type_to = name });
	if (!table->adopted)
		facts_write_table(ddl, next);
}

/* Views keep their text as it is. */
static bool check_views_of_type(struct ddl *ddl, const struct schema_enum *row)
{
	for (int i = 0; i < ddl->schema->table_count; i++) {
		const struct schema_table *view = &ddl->schema->tables[i];

		if (view->view_text && strstr(view->view_text, row->name))
			return ddl_unsupported(ddl, "another name of a type "
					       "that a view names is");
	}
	return true;
}

bool ddl_type_renamed(struct ddl *ddl, const struct schema_enum *row,
		      const char *schema, const char *name)
{
	if (!check_views_of_type(ddl, row))
		return false;
	name = name_quoted(ddl->arena, name);
	if (strcmp(schema, "public") != 0)
		name = arena_printf(ddl->arena, "%s.%s",
				    name_quoted(ddl->arena, schema), name);
	for (int i = 0; i < ddl->schema->table_count; i++)
		if (!ddl->schema->tables[i].catalog &&
		    ddl->schema->tables[i].kind == 'r')
			rename_type_in(ddl, &ddl->schema->tables[i], row,
				       name);
	return true;
}

static bool rename_type(struct ddl *ddl, RenameStmt *node)
{
	const struct schema_enum *row;
	const struct schema_domain *domain;

	ddl->compiled->tag = "ALTER TYPE";
	if (!ddl_find_type(ddl, (List *)node->object, &row, &domain))
		return false;
	if (!row)
		return ddl_unsupported(ddl, "renaming a domain is");
	if (ddl_type_taken(ddl, row->schema, node->newname))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "type \"%s\" already exists", node->newname);
	if (!ddl_type_renamed(ddl, row, row->schema, node->newname))
		return false;
	/* columns know it by its OID; only their declared types keep the old
	 * name, which nobody reads while there are facts */
	ddl_step(ddl, "UPDATE main._weir_object SET name = %s WHERE oid = %u",
		 print_text(ddl->arena, node->newname), row->oid);
	return true;
}

bool ddl_rename(struct ddl *ddl, RenameStmt *node)
{
	switch (node->renameType) {
	case OBJECT_TABLE:
		ddl->compiled->tag = "ALTER TABLE";
		return rename_relation(ddl, node);
	case OBJECT_INDEX:
		ddl->compiled->tag = "ALTER INDEX";
		return rename_relation(ddl, node);
	case OBJECT_SEQUENCE:
		ddl->compiled->tag = "ALTER SEQUENCE";
		return rename_relation(ddl, node);
	case OBJECT_VIEW:
		ddl->compiled->tag = "ALTER VIEW";
		return rename_relation(ddl, node);
	case OBJECT_MATVIEW:
		ddl->compiled->tag = "ALTER MATERIALIZED VIEW";
		return rename_relation(ddl, node);
	case OBJECT_COLUMN:
		ddl->compiled->tag = node->relationType == OBJECT_MATVIEW ?
				     "ALTER MATERIALIZED VIEW" : "ALTER TABLE";
		return rename_column(ddl, node);
	case OBJECT_TABCONSTRAINT:
		ddl->compiled->tag = "ALTER TABLE";
		return rename_constraint(ddl, node);
	case OBJECT_TYPE:
		return rename_type(ddl, node);
	default:
		return ddl_unsupported(ddl, "renaming this is");
	}
}
