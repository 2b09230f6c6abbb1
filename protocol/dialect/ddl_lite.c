/*
 * A table as SQLite shall have it. Keys, checks and foreign keys are real
 * and carry Postgres's names; defaults are not here, the compiler gives
 * values for the columns that an INSERT leaves out.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include "protocol/type.h"

#define NAME(name) print_name(ddl->arena, name)

/* The expression of a kept text; the tree is the caller's. NULL: failed. */
static struct sql_tree *read_text(struct ddl *ddl, const char *text,
				  Node **ret_node)
{
	const char *query = arena_printf(ddl->arena, "SELECT %s", text);
	struct sql_tree *tree = sql_tree_new(slice_text(query), ddl->error);
	SelectStmt *select;
	ResTarget *target;

	if (!tree)
		return NULL;
	select = (SelectStmt *)sql_tree_statement(tree, 0).node;
	target = linitial(select->targetList);
	*ret_node = target->val;
	return tree;
}

const char *lite_expression(struct ddl *ddl, const char *text,
			    const struct schema_table *table, uint32_t type,
			    int32_t typmod, const char *what)
{
	Node *node;
	struct sql_tree *tree = read_text(ddl, text, &node);
	const char *sql = NULL;

	if (!tree)
		return NULL;
	ddl->state->kept_depth++;
	if (!compile_value_expr(ddl->state, node, table, type, typmod, what,
				&sql))
		sql = NULL;
	ddl->state->kept_depth--;
	sql_tree_free(&tree);
	return sql;
}

bool lite_expression_type(struct ddl *ddl, const char *text,
			  const struct schema_table *table, uint32_t *ret_type)
{
	Node *node;
	struct sql_tree *tree = read_text(ddl, text, &node);
	bool ok;

	ddl->state->kept_depth++;
	ok = tree && compile_expr_type(ddl->state, node, table, ret_type);
	ddl->state->kept_depth--;
	sql_tree_free(&tree);
	return ok;
}

/* Numbers and intervals are stored as text and sort by a collation. */
static const char *collation(uint32_t type)
{
	if (type == OID_NUMERIC)
		return " COLLATE pg_numeric";
	if (type == OID_INTERVAL)
		return " COLLATE pg_interval";
	return "";
}

/* What keys are compared by. Types of which keys are rare have a collation
 * there alone: a column that has one cannot be sorted by other programs. */
const char *lite_key_collation(struct ddl *ddl, uint32_t type)
{
	return type_has_order(ddl->schema, type) ?
		       arena_printf(ddl->arena, " COLLATE pg_order_%u", type) :
		       collation(type);
}

static bool in_a_key(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];

		if (row->kind != CONSTRAINT_PRIMARY &&
		    row->kind != CONSTRAINT_UNIQUE_KEY)
			continue;
		for (int j = 0; j < row->column_count; j++)
			if (row->columns[j] == number)
				return true;
	}
	return false;
}

/* A column declared INTEGER to the letter that is the whole primary key would
 * be SQLite's rowid: leaving it out, or storing NULL, would invent a value
 * where Postgres says 23502. Another spelling of the type prevents it. */
static bool would_be_rowid(const struct schema_table *table, int16_t number)
{
	if (table->columns[number - 1].type != OID_INT4)
		return false;
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];

		if (row->kind == CONSTRAINT_PRIMARY)
			return row->column_count == 1 &&
			       row->columns[0] == number;
	}
	return false;
}

/* SET DEFAULT is SQLite's to do, so it must know the default. */
static bool is_set_to_default(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];

		for (int j = 0; j < row->column_count; j++)
			if (row->kind == CONSTRAINT_FOREIGN &&
			    row->columns[j] == number &&
			    (row->on_delete == 'd' || row->on_update == 'd'))
				return true;
	}
	return false;
}

static bool print_default(struct ddl *ddl, const struct schema_table *table,
			  const struct schema_column *column,
			  struct buffer *out)
{
	const char *sql;

	if (!column->default_text || column->generated ||
	    !is_set_to_default(table, column->number))
		return true;
	sql = lite_expression(ddl, column->default_text, table, column->type,
			      column->typmod, "DEFAULT expressions");
	if (sql)
		buffer_printf(out, " DEFAULT (%s)", sql);
	return sql != NULL;
}

static bool print_column(struct ddl *ddl, const struct schema_table *table,
			 const struct schema_column *column, bool keys_only,
			 struct buffer *out)
{
	const char *type = facts_declared_type(ddl->arena, ddl->schema,
					       column->type, column->typmod);
	const char *sql;

	if (!type)
		return error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "columns of type %s are not supported on a "
				 "SQLite backend",
				 type_text(ddl->state, column->type, -1));
	buffer_printf(out, "%s %s", NAME(column->name),
		      would_be_rowid(table, column->number) ? "int4" : type);
	if (in_a_key(table, column->number))
		buffer_put_text(out, lite_key_collation(ddl, column->type));
	if (column->not_null && !keys_only)
		buffer_put_text(out, " NOT NULL");
	if (!keys_only && !print_default(ddl, table, column, out))
		return false;
	if (column->generated) {
		sql = lite_expression(ddl, column->default_text, table,
				      column->type, column->typmod,
				      "column generation expressions");
		if (!sql)
			return false;
		buffer_printf(out, " GENERATED ALWAYS AS (%s) STORED", sql);
	}
	if (schema_enum_by_oid(ddl->schema, column->type) && !keys_only)
		buffer_printf(out, " CONSTRAINT _weir_enum "
			      "CHECK (pg_enum_check(%s, %u))",
			      NAME(column->name), column->type);
	return true;
}

static void print_key_columns(struct ddl *ddl,
			      const struct schema_table *table,
			      const struct schema_constraint *row,
			      struct buffer *out)
{
	for (int i = 0; i < row->column_count; i++)
		buffer_printf(out, "%s%s", i ? ", " : "",
			      NAME(table->columns[row->columns[i] - 1].name));
}

static void print_foreign_key(struct ddl *ddl,
			      const struct schema_constraint *row,
			      struct buffer *out)
{
	const char **names;
	int count = facts_split(ddl->arena, row->foreign_names, &names);

	buffer_printf(out, ") REFERENCES %s(",
		      NAME(facts_lite_name(ddl->arena, row->foreign_schema,
					   row->foreign_table)));
	for (int i = 0; i < count; i++)
		buffer_printf(out, "%s%s", i ? ", " : "", NAME(names[i]));
	buffer_put_text(out, row->match_full ? ") MATCH FULL" : ")");
	if (row->on_update != 'a')
		buffer_printf(out, " ON UPDATE %s",
			      schema_action_words(row->on_update));
	if (row->on_delete != 'a')
		buffer_printf(out, " ON DELETE %s",
			      schema_action_words(row->on_delete));
	if (row->deferrable)
		buffer_printf(out, " DEFERRABLE INITIALLY %s",
			      row->deferred ? "DEFERRED" : "IMMEDIATE");
}

/* SQLite skips a CHECK of which an UPDATE sets no column, and Postgres does
 * not: a row that broke it before may not be changed at all. Naming all of
 * the columns makes SQLite look. */
static const char *naming_all(struct ddl *ddl,
			      const struct schema_table *table,
			      const char *sql)
{
	const char *names = "1";

	for (int i = 0; i < table->column_count; i++)
		names = arena_printf(ddl->arena, "%s, %s", names,
				     NAME(table->columns[i].name));
	return arena_printf(ddl->arena, "CASE WHEN 1 THEN (%s) ELSE "
			    "coalesce(%s, 1) END", sql, names);
}

static bool print_constraint(struct ddl *ddl, const struct schema_table *table,
			     const struct schema_constraint *row,
			     struct buffer *out)
{
	const char *sql;

	buffer_printf(out, ", CONSTRAINT %s ", NAME(row->name));
	switch (row->kind) {
	case CONSTRAINT_PRIMARY:
		buffer_put_text(out, "PRIMARY KEY (");
		print_key_columns(ddl, table, row, out);
		buffer_put_text(out, ")");
		return true;
	case CONSTRAINT_UNIQUE_KEY:
		buffer_put_text(out, "UNIQUE (");
		print_key_columns(ddl, table, row, out);
		buffer_put_text(out, ")");
		return true;
	case CONSTRAINT_FOREIGN:
		buffer_put_text(out, "FOREIGN KEY (");
		print_key_columns(ddl, table, row, out);
		print_foreign_key(ddl, row, out);
		return true;
	case CONSTRAINT_CHECKED:
		sql = lite_expression(ddl, row->check_text, table, OID_BOOL,
				      -1, "check constraints");
		if (sql)
			buffer_printf(out, "CHECK (%s)", !row->not_valid ? sql :
				      naming_all(ddl, table, sql));
		return sql != NULL;
	}
	return false;
}

/* Postgres looks at them in the order of their names, SQLite in this. */
static bool print_checks(struct ddl *ddl, const struct schema_table *table,
			 struct buffer *out)
{
	const char *after = "";

	for (;;) {
		const struct schema_constraint *next = NULL;

		for (int i = 0; i < table->constraint_count; i++) {
			const struct schema_constraint *row =
				&table->constraints[i];

			if (row->kind == CONSTRAINT_CHECKED &&
			    strcmp(row->name, after) > 0 &&
			    (!next || strcmp(row->name, next->name) < 0))
				next = row;
		}
		if (!next)
			return true;
		if (!print_constraint(ddl, table, next, out))
			return false;
		after = next->name;
	}
}

static bool print_parts(struct ddl *ddl, const struct schema_table *table,
			bool keys_only, struct buffer *out)
{
	for (int i = 0; i < table->column_count; i++) {
		buffer_put_text(out, i ? ", " : "(");
		if (!print_column(ddl, table, &table->columns[i], keys_only,
				  out))
			return false;
	}
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];

		if (row->kind == CONSTRAINT_CHECKED ||
		    row->kind == CONSTRAINT_FOREIGN || row->deferrable)
			continue;
		if (!print_constraint(ddl, table, row, out))
			return false;
	}
	/* SQLite acts for the last of them first, Postgres for the oldest */
	for (int i = table->constraint_count - 1; i >= 0 && !keys_only; i--)
		if (table->constraints[i].kind == CONSTRAINT_FOREIGN &&
		    !print_constraint(ddl, table, &table->constraints[i], out))
			return false;
	if (!keys_only && !print_checks(ddl, table, out))
		return false;
	/* SQLite has no table without columns */
	buffer_put_text(out, table->column_count ? ")" : "(_weir_none)");
	return true;
}

const char *lite_table_sql(struct ddl *ddl, const struct schema_table *table,
			   const char *database, const char *lite_name,
			   bool keys_only)
{
	struct buffer out = { 0 };
	const char *sql = NULL;

	buffer_printf(&out, "CREATE TABLE %s%s%s", database ? database : "",
		      database ? "." : "", NAME(lite_name));
	if (print_parts(ddl, table, keys_only, &out))
		sql = arena_text(ddl->arena, buffer_cstring(&out));
	buffer_fini(&out);
	return sql;
}

/* --- editing in place --------------------------------------------------- */

bool lite_edit_table(struct ddl *ddl, const struct schema_table *table)
{
	const char *sql = lite_table_sql(ddl, table, NULL, table->lite_name,
					 false);
	const char *trial = lite_table_sql(ddl, table, "temp", "_weir_trial",
					   false);
	const char *database = ddl_database(table->schema);

	if (!sql || !trial)
		return false;
	/* a text that SQLite cannot read must not get into the file */
	ddl_step(ddl, "EXPLAIN %s", trial);
	ddl_step(ddl, "PRAGMA writable_schema = on");
	ddl_step(ddl, "UPDATE %s.sqlite_schema SET sql = %s"
		 " WHERE type = 'table' AND name = %s", database,
		 print_text(ddl->arena, sql),
		 print_text(ddl->arena, table->lite_name));
	ddl_step(ddl, "PRAGMA writable_schema = reset");
	/* tells SQLite's other connections, and a rollback, that the schema
	 * has changed */
	ddl_step(ddl, "CREATE TABLE %s._weir_changed(a)", database);
	ddl_step(ddl, "DROP TABLE %s._weir_changed", database);
	return true;
}
