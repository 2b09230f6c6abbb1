/*
 * Constraints of a table that is made or altered: checked as Postgres checks
 * them, under the names that Postgres would give them.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_alter.h"
#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/ddl_text.h"
#include "protocol/dialect/immutable.h"
#include "protocol/dialect/index_name.h"
#include "protocol/type.h"

/* No generated column may be made of another, or of itself. */
static bool check_sources(struct ddl *ddl, const struct schema_table *table)
{
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *from = &table->columns[i];

		for (int k = 0; from->generated && k < table->column_count;
		     k++) {
			if (!table->columns[k].generated ||
			    !alter_text_uses(table->columns[k].default_text,
					     from->name))
				continue;
			error_set(ddl->error, "42P17",
				  "cannot use generated column \"%s\" in "
				  "column generation expression", from->name);
			error_detail(ddl->error, "A generated column cannot "
				     "reference another generated column.");
			return false;
		}
	}
	return true;
}

static bool set_generated(struct ddl *ddl, struct schema_table *table,
			  struct schema_column *column, Constraint *node)
{
	struct ddl_text print = {
		.arena = ddl->arena, .schema = ddl->schema, .table = table,
		.error = ddl->error, .types = ddl->state->session->types,
		.state = ddl->state,
	};
	const char *sql;

	column->generated = 's';
	if (!check_immutable(ddl->state, node->raw_expr, table,
			     "column generation expressions",
			     "generation expression is not immutable") ||
	    !compile_value_expr(ddl->state, node->raw_expr, table,
				column->type, column->typmod,
				"column generation expressions", &sql))
		return false;
	column->default_text = ddl_text_print(&print, node->raw_expr,
					      column->type);
	return column->default_text != NULL && check_sources(ddl, table);
}

/* --- constraints -------------------------------------------------------- */

static struct schema_constraint *new_constraint(struct ddl *ddl,
						struct schema_table *table,
						enum constraint_kind kind,
						int columns)
{
	struct schema_constraint *row =
		&table->constraints[table->constraint_count];

	*row = (struct schema_constraint){ .kind = kind,
					   .on_update = 'a',
					   .on_delete = 'a' };
	row->oid = ddl_oid(ddl);
	row->columns = arena_alloc(ddl->arena, ((size_t)columns + 1) *
					       sizeof(*row->columns));
	return row;
}

static bool check_given_name(struct ddl *ddl, const struct schema_table *table,
			     const char *name)
{
	if (schema_find_constraint(table, name))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "constraint \"%s\" for relation \"%s\" "
				 "already exists", name, table->name);
	return true;
}

static bool is_among(const int16_t *numbers, int count, int16_t number)
{
	for (int i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Adds the columns of INCLUDE to the index of a key. */
static bool read_included(struct ddl *ddl, const struct schema_table *table,
			  List *names, struct schema_index *index)
{
	ListCell *cell;

	foreach(cell, names) {
		const struct schema_column *found =
			schema_find_column(table, strVal(lfirst(cell)));

		if (!found)
			return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
					 "column \"%s\" named in key does not "
					 "exist", strVal(lfirst(cell)));
		index->columns[index->column_count++] = found->number;
	}
	return true;
}

/* Adds the columns of a list, or the one the constraint stands at. */
static bool read_columns(struct ddl *ddl, const struct schema_table *table,
			 List *names, const ColumnDef *column,
			 struct schema_constraint *row, const char *format)
{
	int count = column ? 1 : list_length(names);

	for (int i = 0; i < count; i++) {
		const char *name = column ? column->colname :
				   strVal(list_nth(names, i));
		const struct schema_column *found =
			schema_find_column(table, name);

		if (!found)
			return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
					 "column \"%s\" %s does not exist",
					 name, format);
		if (row->kind != CONSTRAINT_FOREIGN &&
		    is_among(row->columns, i, found->number))
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" appears twice in %s "
					 "constraint", name,
					 row->kind == CONSTRAINT_PRIMARY ?
					 "primary key" : "unique");
		row->columns[row->column_count++] = found->number;
	}
	return true;
}

static const char *joined_columns(struct ddl *ddl,
				  const struct schema_table *table,
				  const int16_t *columns, int count)
{
	const char **names = arena_alloc(ddl->arena, ((size_t)count + 1) *
						     sizeof(*names));

	for (int i = 0; i < count; i++)
		names[i] = table->columns[columns[i] - 1].name;
	index_tell_apart(ddl->arena, names, count);
	return index_join_names(ddl->arena, names, count);
}

/* The index that a key has, with room for `more` columns of INCLUDE. */
static struct schema_index *key_index(struct ddl *ddl,
				      struct schema_table *table,
				      const struct schema_constraint *row,
				      int more)
{
	struct schema_index *index =
		table_new_index(ddl, table, row->column_count + more);

	index->unique = true;
	index->primary = row->kind == CONSTRAINT_PRIMARY;
	index->column_count = index->key_count = row->column_count;
	memcpy(index->columns, row->columns,
	       (size_t)row->column_count * sizeof(*row->columns));
	return index;
}

static bool add_key(struct ddl *ddl, struct schema_table *table,
		    Constraint *node, ColumnDef *column)
{
	bool primary = node->contype == CONSTR_PRIMARY;
	struct schema_constraint *row = new_constraint(
		ddl, table, primary ? CONSTRAINT_PRIMARY :
				      CONSTRAINT_UNIQUE_KEY,
		column ? 1 : list_length(node->keys));
	struct schema_index *index;

	for (int i = 0; primary && i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_PRIMARY)
			return error_set(ddl->error, "42P16",
					 "multiple primary keys for table "
					 "\"%s\" are not allowed",
					 table->name);
	if (node->indexname)
		return ddl_unsupported(ddl, "ADD CONSTRAINT USING INDEX is");
	if (!read_columns(ddl, table, node->keys, column, row,
			  "named in key"))
		return false;
	index = key_index(ddl, table, row, list_length(node->including));
	row->deferrable = index->late = node->deferrable;
	row->deferred = node->initdeferred;
	index->nulls_equal = node->nulls_not_distinct;
	if (!ddl_index_options(ddl, index, node->options, false))
		return false;
	if (!read_included(ddl, table, node->including, index))
		return false;
	if (node->conname && !check_given_name(ddl, table, node->conname))
		return false;
	if (node->conname && ddl_name_taken(ddl, table->schema, node->conname))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
				 "relation \"%s\" already exists",
				 node->conname);
	row->name = node->conname ? node->conname : ddl_choose_name(
		ddl, table->schema, table, table->name,
		primary ? NULL : joined_columns(ddl, table, index->columns,
						index->column_count),
		primary ? "pkey" : "key");
	ddl_take_name(ddl, row->name);
	for (int i = 0; primary && i < row->column_count; i++)
		table->columns[row->columns[i] - 1].not_null = true;
	index->name = index->constraint = row->name;
	table->constraint_count++;
	return true;
}

/* The columns a CHECK names, each once: they are its key, and the one column
 * of it becomes part of its name. */
struct used_columns {
	const struct schema_table *table;
	struct schema_constraint *row;
};

static void use_column(const char *name, void *context)
{
	struct used_columns *used = context;
	const struct schema_column *column =
		schema_find_column(used->table, name);

	for (int i = 0; column && i < used->row->column_count; i++)
		if (used->row->columns[i] == column->number)
			return;
	if (column)
		used->row->columns[used->row->column_count++] = column->number;
}

static bool add_check(struct ddl *ddl, struct schema_table *table,
		      Constraint *node)
{
	struct schema_constraint *row = new_constraint(
		ddl, table, CONSTRAINT_CHECKED, table->column_count);
	struct used_columns used = { table, row };
	struct ddl_text print = {
		.arena = ddl->arena, .schema = ddl->schema, .table = table,
		.error = ddl->error, .types = ddl->state->session->types,
		.state = ddl->state,
	};
	const char *sql;

	if (node->conname && !check_given_name(ddl, table, node->conname))
		return false;
	if (!compile_value_expr(ddl->state, node->raw_expr, table, OID_BOOL,
				-1, "check constraints", &sql))
		return false;
	row->check_text = ddl_text_print(&print, node->raw_expr, OID_BOOL);
	if (!row->check_text)
		return false;
	ddl_text_columns(row->check_text, use_column, &used);
	row->name = node->conname ? node->conname : ddl_choose_name(
		ddl, table->schema, table, table->name,
		row->column_count == 1 ?
		table->columns[row->columns[0] - 1].name : NULL, "check");
	table->constraint_count++;
	return true;
}

/* --- foreign keys ------------------------------------------------------- */

static bool same_columns(const struct schema_constraint *key,
			 const struct schema_constraint *row)
{
	if (key->column_count != row->column_count)
		return false;
	for (int i = 0; i < row->column_count; i++) {
		bool found = false;

		for (int j = 0; j < key->column_count; j++)
			found |= key->columns[j] == row->foreign_columns[i];
		if (!found)
			return false;
	}
	return true;
}

static bool refuse_late(struct ddl *ddl, const struct schema_table *other,
			const char *what)
{
	return error_set(ddl->error, SQLSTATE_NOT_IN_PREREQUISITE_STATE,
			 "cannot use a deferrable %s for referenced table "
			 "\"%s\"", what, other->name);
}

static bool check_referenced_key(struct ddl *ddl,
				 const struct schema_table *other,
				 const struct schema_constraint *row)
{
	bool late = false;

	for (int i = 0; i < other->index_count; i++) {
		const struct schema_index *index = &other->indexes[i];
		struct schema_constraint key = {
			.column_count = index->key_count,
			.columns = index->columns,
		};

		if (!index->unique || index->predicate ||
		    !same_columns(&key, row))
			continue;
		if (!index->late)
			return true;
		late = true;
	}
	if (late)
		return refuse_late(ddl, other, "unique constraint");
	return error_set(ddl->error, "42830", "there is no unique constraint "
			 "matching given keys for referenced table \"%s\"",
			 other->name);
}

static const struct schema_constraint *
primary_key(const struct schema_table *table)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_PRIMARY)
			return &table->constraints[i];
	return NULL;
}

static bool read_foreign_columns(struct ddl *ddl,
				 const struct schema_table *other,
				 Constraint *node,
				 struct schema_constraint *row)
{
	struct schema_constraint named = { .kind = CONSTRAINT_FOREIGN };
	const struct schema_constraint *key = primary_key(other);
	const char **names;

	named.columns = arena_alloc(ddl->arena,
				    ((size_t)list_length(node->pk_attrs) + 1) *
				    sizeof(*named.columns));
	if (node->pk_attrs) {
		if (!read_columns(ddl, other, node->pk_attrs, NULL, &named,
				  "referenced in foreign key constraint"))
			return false;
		key = &named;
	} else if (!key) {
		return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "there is no primary key for referenced "
				 "table \"%s\"", other->name);
	} else if (key->deferrable) {
		return refuse_late(ddl, other, "primary key");
	}
	if (key->column_count != row->column_count)
		return error_set(ddl->error, "42830", "number of referencing "
				 "and referenced columns for foreign key "
				 "disagree");
	row->foreign_columns = key->columns;
	names = arena_alloc(ddl->arena, ((size_t)key->column_count + 1) *
					sizeof(*names));
	for (int i = 0; i < key->column_count; i++) {
		if (is_among(key->columns, i, key->columns[i]))
			return error_set(ddl->error, "42830",
					 "foreign key referenced-columns list "
					 "must not contain duplicates");
		names[i] = other->columns[key->columns[i] - 1].name;
	}
	row->foreign_names = facts_join(ddl->arena, names, key->column_count);
	return check_referenced_key(ddl, other, row);
}

static bool types_compare(uint32_t a, uint32_t b)
{
	static const uint32_t groups[][4] = {
		{ OID_INT2, OID_INT4, OID_INT8, OID_OID },
		{ OID_TEXT, OID_VARCHAR, OID_NAME, OID_BPCHAR },
		{ OID_DATE, OID_TIMESTAMP, OID_TIMESTAMPTZ, 0 },
		{ OID_FLOAT4, OID_FLOAT8, 0, 0 },
	};

	if (a == b)
		return true;
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		bool has_a = false, has_b = false;

		for (int j = 0; j < 4; j++) {
			has_a |= groups[i][j] == a;
			has_b |= groups[i][j] == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

static bool check_foreign_types(struct ddl *ddl,
				const struct schema_table *table,
				const struct schema_table *other,
				const struct schema_constraint *row)
{
	for (int i = 0; i < row->column_count; i++) {
		const struct schema_column *from =
			&table->columns[row->columns[i] - 1];
		const struct schema_column *to =
			&other->columns[row->foreign_columns[i] - 1];

		if (types_compare(from->type, to->type))
			continue;
		error_set(ddl->error, SQLSTATE_DATATYPE_MISMATCH,
			  "foreign key constraint \"%s\" cannot be "
			  "implemented", row->name);
		error_detail(ddl->error, "Key columns \"%s\" and \"%s\" are "
			     "of incompatible types: %s and %s.", from->name,
			     to->name,
			     type_text(ddl->state, from->type, from->typmod),
			     type_text(ddl->state, to->type, to->typmod));
		return false;
	}
	return true;
}

static const struct schema_table *
referenced_table(struct ddl *ddl, const struct schema_table *table,
		 const RangeVar *name)
{
	bool failed;

	if (strcmp(name->relname, table->name) == 0 &&
	    (!name->schemaname ||
	     strcmp(name->schemaname, table->schema) == 0))
		return table;
	return ddl_find_table(ddl, name, "table", false, &failed);
}

static bool add_foreign_key(struct ddl *ddl, struct schema_table *table,
			    Constraint *node, ColumnDef *column)
{
	const struct schema_table *other = referenced_table(ddl, table,
							    node->pktable);
	struct schema_constraint *row;

	if (!other)
		return false;
	if (node->fk_del_set_cols)
		return ddl_unsupported(ddl, "SET NULL of some columns is");
	if (strcmp(ddl_database(table->schema), ddl_database(other->schema)))
		return error_set(ddl->error, "42P16",
				 "constraints on %s tables may reference only "
				 "%s tables", strcmp(table->schema, SCHEMA_TEMP)
				 ? "permanent" : "temporary",
				 strcmp(table->schema, SCHEMA_TEMP) ?
				 "permanent" : "temporary");
	row = new_constraint(ddl, table, CONSTRAINT_FOREIGN,
			     column ? 1 : list_length(node->fk_attrs));
	if (!read_columns(ddl, table, node->fk_attrs, column, row,
			  "referenced in foreign key constraint"))
		return false;
	if (node->conname && !check_given_name(ddl, table, node->conname))
		return false;
	row->name = node->conname ? node->conname : ddl_choose_name(
		ddl, table->schema, table, table->name,
		joined_columns(ddl, table, row->columns, row->column_count),
		"fkey");
	row->foreign_schema = other->schema;
	row->foreign_table = other->name;
	row->match_full = node->fk_matchtype == 'f';
	row->on_update = node->fk_upd_action;
	row->on_delete = node->fk_del_action;
	row->deferrable = node->deferrable;
	row->deferred = node->initdeferred;
	if (!read_foreign_columns(ddl, other, node, row) ||
	    !check_foreign_types(ddl, table, other, row))
		return false;
	table->constraint_count++;
	return true;
}

bool table_add_constraint(struct ddl *ddl, struct schema_table *table,
			  Constraint *node, ColumnDef *column)
{
	switch (node->contype) {
	case CONSTR_PRIMARY:
	case CONSTR_UNIQUE:
		return add_key(ddl, table, node, column);
	case CONSTR_CHECK:
		return add_check(ddl, table, node);
	case CONSTR_FOREIGN:
		return add_foreign_key(ddl, table, node, column);
	case CONSTR_GENERATED:
		return set_generated(ddl, table,
				     &table->columns[schema_find_column(
					table, column->colname)->number - 1],
				     node);
	case CONSTR_EXCLUSION:
		return ddl_unsupported(ddl, "an exclusion constraint is");
	default:
		return true;	/* of the first round, or an attribute */
	}
}
