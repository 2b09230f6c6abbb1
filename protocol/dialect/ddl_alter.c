/*
 * ALTER TABLE: the commands change a copy of the table, in Postgres's order
 * of passes; ddl_rebuild.c brings the stored table to it.
 */
#include "protocol/sql_nodes.h"

#include <ctype.h>

#include "protocol/dialect/ddl_alter.h"
#include "protocol/dialect/domain.h"
#include "protocol/dialect/foreign.h"
#include "protocol/type.h"

/* --- columns ------------------------------------------------------------ */

static const char *sequence_row(struct alter *alter,
				const struct schema_column *column)
{
	struct ddl *ddl = alter->ddl;

	return arena_printf(ddl->arena, "(SELECT oid FROM %s._weir_object"
			    " WHERE kind = 'sequence' AND namespace = %s"
			    " AND name = %s)", ddl_database(alter->next->schema),
			    print_text(ddl->arena, alter->next->schema),
			    print_text(ddl->arena, column->sequence));
}

/* A new serial column counts the rows that are there. The sequence is made
 * by this very statement, so nextval() does not know it yet. */
static const char *numbered(struct alter *alter,
			    const struct schema_column *column)
{
	const char *database = ddl_database(alter->next->schema);
	const char *row = sequence_row(alter, column);

	return arena_printf(alter->ddl->arena,
			    "(SELECT start - increment FROM %s._weir_sequence"
			    " WHERE oid = %s) + row_number() OVER () * (SELECT"
			    " increment FROM %s._weir_sequence WHERE oid = %s)",
			    database, row, database, row);
}

static void count_numbered(struct alter *alter)
{
	struct ddl *ddl = alter->ddl;

	for (int i = 0; i < alter->next->column_count; i++) {
		const struct schema_column *column = &alter->next->columns[i];

		if (!column->sequence ||
		    schema_find_column(alter->old, column->name))
			continue;
		ddl_step(ddl, "UPDATE %s._weir_sequence SET (last_value,"
			 " is_called) = (SELECT start + increment *"
			 " max(count(*) - 1, 0), count(*) > 0 FROM %s)"
			 " WHERE oid = %s", ddl_database(alter->next->schema),
			 print_table(ddl->arena, alter->next),
			 sequence_row(alter, column));
	}
}

bool alter_fill_domain(struct alter *alter, const struct schema_column *column)
{
	const char **fill = &alter->fill[column->number - 1];
	struct expr *value = expr_new(alter->ddl->state, column->type, *fill);

	value = domain_coerce(alter->ddl->state, value, column->domain);
	*fill = value ? value->sql : NULL;
	return value;
}

static bool add_column(struct alter *alter, AlterTableCmd *command)
{
	struct ddl *ddl = alter->ddl;
	ColumnDef *node = (ColumnDef *)command->def;
	struct schema_column *column;
	ListCell *cell;

	if (schema_find_column(alter->next, node->colname)) {
		if (!command->missing_ok)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" of relation \"%s\" "
					 "already exists", node->colname,
					 alter->next->name);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_COLUMN,
			   "column \"%s\" of relation \"%s\" already "
			   "exists, skipping", node->colname,
			   alter->next->name);
		return true;
	}
	if (ddl_natural_view_on(ddl, alter->old))
		return ddl_unsupported(ddl, "adding a column to what a view "
					    "joins naturally is");
	if (!table_fold_attributes(ddl, node->constraints) ||
	    !table_add_column(ddl, alter->next, node))
		return false;
	column = &alter->next->columns[alter->next->column_count - 1];
	foreach(cell, node->constraints)
		if (!table_add_constraint(ddl, alter->next, lfirst(cell),
					  node))
			return false;
	alter->changed = true;
	alter->fill[column->number - 1] = "NULL";
	if (column->generated)
		return true;
	if (column->sequence) {
		alter->fill[column->number - 1] = numbered(alter, column);
		return true;
	}
	if (column->default_text || column->domain_default)
		alter->fill[column->number - 1] = lite_expression(
			ddl, column->default_text ? column->default_text :
			column->domain_default, NULL, column->type,
			column->typmod, "DEFAULT expressions");
	if (column->domain && alter->fill[column->number - 1])
		return alter_fill_domain(alter, column);
	return alter->fill[column->number - 1] != NULL;
}

static bool uses_column(const struct schema_constraint *row, int16_t number)
{
	for (int i = 0; i < row->column_count; i++)
		if (row->columns[i] == number)
			return true;
	return false;
}

/* INCLUDE of a key has columns that only its index knows. */
static bool includes_column(const struct schema_table *table,
			    const struct schema_constraint *row,
			    int16_t number)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (!index->constraint ||
		    strcmp(index->constraint, row->name) != 0)
			continue;
		for (int j = index->key_count; j < index->column_count; j++)
			if (index->columns[j] == number)
				return true;
	}
	return false;
}

static bool index_uses(const struct schema_index *row, int16_t number,
		       const char *name)
{
	for (int i = 0; i < row->column_count; i++)
		if (row->columns[i] == number ||
		    alter_text_uses(row->expressions[i], name))
			return true;
	return alter_text_uses(row->predicate, name);
}

/* Numbers behind the column that went move down. */
static void renumber(struct schema_table *table, int16_t gone, struct ddl *ddl)
{
	for (int i = 0; i < table->column_count; i++)
		table->columns[i].number = (int16_t)(i + 1);
	for (int i = 0; i < table->constraint_count; i++) {
		struct schema_constraint *row = &table->constraints[i];
		int16_t *copy = arena_alloc(ddl->arena,
					    ((size_t)row->column_count + 1) *
					    sizeof(*copy));

		for (int j = 0; j < row->column_count; j++)
			copy[j] = (int16_t)(row->columns[j] -
					    (row->columns[j] > gone));
		row->columns = copy;
	}
	for (int i = 0; i < table->index_count; i++) {
		struct schema_index *row = &table->indexes[i];
		int16_t *copy = arena_alloc(ddl->arena,
					    ((size_t)row->column_count + 1) *
					    sizeof(*copy));

		for (int j = 0; j < row->column_count; j++)
			copy[j] = (int16_t)(row->columns[j] -
					    (row->columns[j] > gone));
		row->columns = copy;
	}
}

/* Foreign keys of other tables that need the column, or the key over it. */
static bool drop_dependents(struct alter *alter, const char *column,
			    int16_t number, const char *key, bool cascade);

static void remove_column(struct alter *alter, struct schema_column *column)
{
	struct schema_table *next = alter->next;
	int at = column->number - 1;
	int16_t number = column->number;
	const char *name = column->name;

	for (int i = next->constraint_count - 1; i >= 0; i--)
		if (uses_column(&next->constraints[i], number) ||
		    includes_column(next, &next->constraints[i], number))
			table_drop_constraint(next, i);
	for (int i = next->index_count - 1; i >= 0; i--)
		if (index_uses(&next->indexes[i], number, name))
			table_drop_index(next, i);
	memmove(&next->columns[at], &next->columns[at + 1],
		(size_t)(next->column_count - at - 1) *
		sizeof(*next->columns));
	memmove(&alter->fill[at], &alter->fill[at + 1],
		(size_t)(next->column_count - at - 1) * sizeof(*alter->fill));
	next->column_count--;
	renumber(next, number, alter->ddl);
}

static const struct schema_column *made_of(const struct schema_table *table,
					   const struct schema_column *column)
{
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *other = &table->columns[i];

		if (other->generated && other != column &&
		    alter_text_uses(other->default_text, column->name))
			return other;
	}
	return NULL;
}

/* The generated columns that are made of it go along, or it stays. */
static bool drop_made_of(struct alter *alter, const char *name, bool cascade)
{
	const struct schema_column *made;

	while ((made = made_of(alter->next, schema_find_column(
					alter->next, name))) != NULL) {
		if (!cascade)
			return error_set(alter->ddl->error, "2BP01",
					 "cannot drop column %s of table %s "
					 "because other objects depend on it",
					 name, alter->next->name);
		ddl_cascade(alter->ddl, "column %s of table %s", made->name,
			    alter->next->name);
		if (!drop_dependents(alter, made->name, made->number, NULL,
				     true))
			return false;
		remove_column(alter, (struct schema_column *)(uintptr_t)made);
	}
	return true;
}

static bool drop_column(struct alter *alter, AlterTableCmd *command)
{
	const struct schema_column *found =
		schema_find_column(alter->next, command->name);
	struct schema_column *column;

	if (!found && command->missing_ok) {
		ddl_notice(alter->ddl, SQLSTATE_SUCCESS,
			   "column \"%s\" of relation \"%s\" does "
			   "not exist, skipping", command->name,
			   alter->next->name);
		return true;
	}
	column = alter_find_column(alter, command->name);
	if (!column)
		return false;
	if (!drop_made_of(alter, command->name,
			  command->behavior == DROP_CASCADE))
		return false;
	column = alter_find_column(alter, command->name);	/* it moved */
	if (!drop_dependents(alter, column->name, column->number, NULL,
			     command->behavior == DROP_CASCADE))
		return false;
	sequence_drop_owned(alter->ddl, alter->old, column->name);
	remove_column(alter, column);
	alter->changed = true;
	return true;
}

/* --- constraints -------------------------------------------------------- */

static bool drop_constraint(struct alter *alter, AlterTableCmd *command)
{
	struct schema_table *next = alter->next;
	const struct schema_constraint *row =
		schema_find_constraint(next, command->name);

	if (!row && command->missing_ok) {
		ddl_notice(alter->ddl, SQLSTATE_SUCCESS,
			   "constraint \"%s\" of relation \"%s\" "
			   "does not exist, skipping", command->name,
			   next->name);
		return true;
	}
	if (!row)
		return error_set(alter->ddl->error, SQLSTATE_UNDEFINED_OBJECT,
				 "constraint \"%s\" of relation \"%s\" does "
				 "not exist", command->name, next->name);
	if ((row->kind == CONSTRAINT_PRIMARY ||
	     row->kind == CONSTRAINT_UNIQUE_KEY) &&
	    !drop_dependents(alter, NULL, 0, row->name,
			     command->behavior == DROP_CASCADE))
		return false;
	for (int i = next->index_count - 1; i >= 0; i--)
		if (next->indexes[i].constraint &&
		    strcmp(next->indexes[i].constraint, command->name) == 0) {
			ddl_free_name(alter->ddl, next->indexes[i].name);
			table_drop_index(next, i);
		}
	table_drop_constraint(next, (int)(row - next->constraints));
	alter->changed = true;
	return true;
}

/* What goes: a column, or the key of a constraint. */
struct need {
	struct alter *alter;
	const char *column;
	int16_t number;
	const char *key_name;
	bool by_view;		/* a view, which cannot be released */
};

static bool points_to_key(const struct schema_constraint *foreign,
			  const struct schema_constraint *key)
{
	if (!key || key->column_count != foreign->column_count)
		return false;
	for (int i = 0; i < foreign->column_count; i++)
		if (!uses_column(key, foreign->foreign_columns[i]))
			return false;
	return true;
}

static bool depends_on_key(struct alter *alter,
			   const struct schema_constraint *key,
			   int16_t number, const char *name)
{
	const struct schema_table *table = alter->old;

	if (name)
		return points_to_key(key, schema_find_constraint(table, name));
	for (int i = 0; i < key->column_count; i++)
		if (key->foreign_columns[i] == number)
			return true;
	for (int i = 0; i < table->constraint_count; i++)
		if (includes_column(table, &table->constraints[i], number) &&
		    points_to_key(key, &table->constraints[i]))
			return true;
	return false;
}

/* A table without those of its foreign keys that need what goes. */
static bool release_child(struct alter *alter,
			  const struct schema_table *child, const char *column,
			  int16_t number, const char *key_name)
{
	bool own = child == alter->old;
	struct schema_table *copy = own ? alter->next :
				    table_copy(alter->ddl, child, 0);

	for (int i = child->constraint_count - 1; i >= 0; i--) {
		const struct schema_constraint *key = &child->constraints[i];
		const struct schema_constraint *row;

		if (!ddl_points_to(key, alter->old) ||
		    !depends_on_key(alter, key, number, key_name) ||
		    (own && column))	/* goes with its own column */
			continue;
		row = schema_find_constraint(copy, key->name);
		if (!own)
			ddl_cascade_of(alter->ddl, child,
				       "constraint %s on table %s", key->name,
				       child->name);
		if (row)
			table_drop_constraint(copy, (int)(row -
							  copy->constraints));
	}
	return own || copy->constraint_count == child->constraint_count ||
	       ddl_change_table(alter->ddl, child, copy,
				ddl_keep_all(alter->ddl, child));
}

static bool needs(const struct schema_table *child,
		  const struct schema_constraint *key, void *context)
{
	struct need *need = context;

	if (!key && need->column && ddl_view_says(child, need->column))
		return need->by_view = true;
	if (!key || (child == need->alter->old && need->column))
		return false;
	return depends_on_key(need->alter, key, need->number, need->key_name);
}

static bool drop_dependents(struct alter *alter, const char *column,
			    int16_t number, const char *key_name, bool cascade)
{
	struct ddl *ddl = alter->ddl;
	struct need need = { alter, column, number, key_name, false };
	const char *what = column ?
		arena_printf(ddl->arena, "column %s of table %s", column,
			     alter->old->name) :
		arena_printf(ddl->arena, "index %s", key_name);
	const char *lines = ddl_dependents(ddl, alter->old, what, needs, &need);

	if (cascade && need.by_view)
		return ddl_unsupported(ddl, "dropping a column with the views "
					    "that use it is");
	if (*lines && !cascade)
		return ddl_refuse_drop(ddl, column ? what : arena_printf(
			ddl->arena, "constraint %s on table %s", key_name,
			alter->old->name), lines);
	for (int i = 0; i < ddl->schema->table_count; i++)
		if (!ddl->schema->tables[i].catalog &&
		    !release_child(alter, &ddl->schema->tables[i], column,
				   number, key_name))
			return false;
	return true;
}

/* NOT VALID: the rows that are there are not looked at. A table that is made
 * has none, and Postgres takes the words for nothing there. */
static bool add_constraint(struct alter *alter, AlterTableCmd *command)
{
	const Constraint *node = (Constraint *)command->def;
	struct schema_table *next = alter->next;

	alter->changed = true;
	if (!table_add_constraint(alter->ddl, next, (Constraint *)command->def,
				  NULL))
		return false;
	next->constraints[next->constraint_count - 1].not_valid =
		node->skip_validation;
	return true;
}

static struct schema_constraint *find_constraint(struct alter *alter,
						 const char *name)
{
	const struct schema_table *next = alter->next;
	const struct schema_constraint *found =
		schema_find_constraint(next, name);

	if (!found)
		error_set(alter->ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			  "constraint \"%s\" of relation \"%s\" does not "
			  "exist", name, next->name);
	return found ? &next->constraints[found - next->constraints] : NULL;
}

/* The rows are looked at as those of a new constraint are. */
static bool validate_constraint(struct alter *alter, AlterTableCmd *command)
{
	struct schema_constraint *row = find_constraint(alter, command->name);

	if (!row)
		return false;
	if (row->kind != CONSTRAINT_FOREIGN && row->kind != CONSTRAINT_CHECKED)
		return error_set(alter->ddl->error, "42809",
				 "constraint \"%s\" of relation \"%s\" is not "
				 "a foreign key or check constraint", row->name,
				 alter->next->name);
	alter->changed |= row->not_valid;
	row->not_valid = false;
	return true;
}

static bool alter_constraint(struct alter *alter, AlterTableCmd *command)
{
	const Constraint *node = (const Constraint *)command->def;
	struct schema_constraint *row = find_constraint(alter, node->conname);

	if (!row)
		return false;
	if (row->kind != CONSTRAINT_FOREIGN)
		return error_set(alter->ddl->error, "42809",
				 "constraint \"%s\" of relation \"%s\" is not "
				 "a foreign key constraint", node->conname,
				 alter->next->name);
	row->deferrable = node->deferrable;
	row->deferred = node->initdeferred;
	alter->changed = true;
	return true;
}

/* --- the statement ------------------------------------------------------ */

/* Postgres's passes: what is dropped goes first, constraints come last. */
static int pass_of(const AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_DropColumn:
	case AT_DropConstraint:
	case AT_DropNotNull:
		return 0;
	case AT_AlterColumnType:
		return 1;
	case AT_AddColumn:
		return 2;
	case AT_AddConstraint: {
		Constraint *node = (Constraint *)command->def;

		return node->contype == CONSTR_FOREIGN ? 5 : 4;
	}
	default:
		return 3;
	}
}

static bool run_command(struct alter *alter, AlterTableCmd *command)
{
	switch (command->subtype) {
	case AT_AddColumn:
		return add_column(alter, command);
	case AT_DropColumn:
		return drop_column(alter, command);
	case AT_AlterColumnType:
		return alter_set_type(alter, command);
	case AT_ColumnDefault:
		return alter_set_default(alter, command);
	case AT_SetNotNull:
		return alter_set_not_null(alter, command, true);
	case AT_DropNotNull:
		return alter_set_not_null(alter, command, false);
	case AT_AddIdentity:
		return alter_add_identity(alter, command);
	case AT_DropIdentity:
		return alter_drop_identity(alter, command);
	case AT_SetIdentity:
		return alter_set_identity(alter, command);
	case AT_AddConstraint:
		return add_constraint(alter, command);
	case AT_DropConstraint:
		return drop_constraint(alter, command);
	case AT_AlterConstraint:
		return alter_constraint(alter, command);
	case AT_ValidateConstraint:
		return validate_constraint(alter, command);
	case AT_ChangeOwner:
		return ddl_check_role(alter->ddl, command->newowner);
	case AT_SetStatistics:
	case AT_SetStorage:
	case AT_SetOptions:
	case AT_ResetOptions:
	case AT_SetRelOptions:
	case AT_ResetRelOptions:
	case AT_SetCompression:
	case AT_ClusterOn:
	case AT_ReplicaIdentity:
	case AT_SetLogged:
	case AT_SetUnLogged:
	case AT_SetTableSpace:
		return true;
	default:
		return ddl_unsupported(alter->ddl,
				       "this form of ALTER TABLE is");
	}
}

static int room_for(List *commands)
{
	int room = 8;
	ListCell *cell;

	foreach(cell, commands) {
		AlterTableCmd *command = lfirst(cell);

		room += 2;
		if (command->subtype == AT_AddColumn)
			room += list_length(((ColumnDef *)command->def)
					    ->constraints);
	}
	return room;
}

static bool run_commands(struct alter *alter, List *commands)
{
	ListCell *cell;

	for (int pass = 0; pass <= 5; pass++)
		foreach(cell, commands) {
			AlterTableCmd *command = lfirst(cell);

			if (!IsA(command, AlterTableCmd))
				return ddl_unsupported(alter->ddl,
						       "this ALTER is");
			if (pass_of(command) == pass &&
			    !run_command(alter, command))
				return false;
		}
	return true;
}

static bool alter_table(struct ddl *ddl, const struct schema_table *table,
			List *commands)
{
	struct alter alter = { .ddl = ddl, .old = table };
	int room = room_for(commands);

	ddl_reshapes(ddl, "ALTER TABLE", table);
	alter.next = table_copy(ddl, table, room);
	alter.fill = arena_alloc(ddl->arena, ((size_t)table->column_count +
					      (size_t)room) *
					     sizeof(*alter.fill));
	for (int i = 0; i < table->column_count; i++)
		if (!table->columns[i].generated)
			alter.fill[i] = foreign_read_sql(
				ddl->arena, &table->columns[i], "");
	if (!run_commands(&alter, commands))
		return false;
	if (alter.changed) {
		if (!ddl_change_table(ddl, table, alter.next, alter.fill))
			return false;
		count_numbered(&alter);
		return true;
	}
	if (table->adopted)
		return true;
	facts_write_columns(ddl, alter.next);
	return true;
}

static bool only_owner(List *commands)
{
	ListCell *cell;

	foreach(cell, commands)
		if (!IsA(lfirst(cell), AlterTableCmd) ||
		    ((AlterTableCmd *)lfirst(cell))->subtype != AT_ChangeOwner)
			return false;
	return true;
}

/* ALTER TABLE ... OWNER may name a view or a sequence, as pg_dump does. */
static bool names_other_relation(struct ddl *ddl, const RangeVar *name)
{
	const char *const *path = ddl->state->session->search_path;
	const struct schema_table *table = schema_find_table(
		ddl->schema, path, name->schemaname, name->relname);

	if (table)
		return table->kind == 'v' && !table->catalog;
	if (name->schemaname)
		return schema_find_sequence(ddl->schema, name->schemaname,
					    name->relname);
	for (; path && *path; path++)
		if (schema_find_sequence(ddl->schema, *path, name->relname))
			return true;
	return false;
}

bool ddl_alter_table(struct ddl *ddl, AlterTableStmt *node)
{
	const struct schema_table *table;
	bool failed;

	ddl->compiled->tag = node->objtype == OBJECT_INDEX ? "ALTER INDEX" :
			     node->objtype == OBJECT_SEQUENCE ?
			     "ALTER SEQUENCE" : node->objtype == OBJECT_VIEW ?
			     "ALTER VIEW" : "ALTER TABLE";
	if (node->objtype == OBJECT_INDEX || node->objtype == OBJECT_SEQUENCE
	    || node->objtype == OBJECT_VIEW)
		return ddl_alter_other(ddl, node);
	if (node->objtype != OBJECT_TABLE)
		return ddl_unsupported(ddl, arena_printf(
			ddl->arena, "ALTER %s is",
			ddl_object_words(node->objtype)));
	if (only_owner(node->cmds) && names_other_relation(ddl, node->relation))
		return ddl_alter_other(ddl, node);
	table = ddl_find_table(ddl, node->relation, "table", node->missing_ok,
			       &failed);
	if (!table)
		return !failed;
	return alter_table(ddl, table, node->cmds);
}
