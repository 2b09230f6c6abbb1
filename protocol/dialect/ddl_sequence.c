/*
 * Sequences: CREATE, ALTER, and those of serial and identity columns. The
 * values live in the engine, outside of rollback; _weir_sequence holds the
 * parameters and a high-water mark.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include <stdlib.h>

#include "protocol/type.h"

static int64_t type_maximum(uint32_t type)
{
	return type == OID_INT2 ? INT16_MAX :
	       type == OID_INT4 ? INT32_MAX : INT64_MAX;
}

static int64_t type_minimum(uint32_t type)
{
	return type == OID_INT2 ? INT16_MIN :
	       type == OID_INT4 ? INT32_MIN : INT64_MIN;
}

/* What a list of options says; the rest is settled afterwards. */
struct options {
	struct schema_sequence *row;
	bool has_start, has_minimum, has_maximum;
	bool restart;
	bool has_restart_value;
	int64_t restart_value;
	List *owned_by;
};

static bool read_integer(struct ddl *ddl, DefElem *option, int64_t *ret_value)
{
	char *end;

	if (!option->arg)
		return error_set(ddl->error, SQLSTATE_SYNTAX,
				 "%s requires an integer value",
				 option->defname);
	if (IsA(option->arg, Integer)) {
		*ret_value = intVal(option->arg);
		return true;
	}
	if (!IsA(option->arg, Float))
		return error_set(ddl->error, SQLSTATE_SYNTAX,
				 "%s requires an integer value",
				 option->defname);
	*ret_value = strtoll(((Float *)option->arg)->fval, &end, 10);
	if (*end)
		return error_set(ddl->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "value \"%s\" is out of range for type "
				 "bigint", ((Float *)option->arg)->fval);
	return true;
}

static bool read_type(struct ddl *ddl, DefElem *option,
		      struct schema_sequence *row)
{
	int32_t typmod;

	if (!compile_type_name(ddl->state, (TypeName *)option->arg,
			       &row->type, &typmod))
		return false;
	if (row->type == OID_INT2 || row->type == OID_INT4 ||
	    row->type == OID_INT8)
		return true;
	return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
			 "sequence type must be smallint, integer, or bigint");
}

static bool read_option(struct ddl *ddl, DefElem *option,
			struct options *options)
{
	const char *name = option->defname;
	struct schema_sequence *row = options->row;

	if (strcmp(name, "as") == 0)
		return read_type(ddl, option, row);
	if (strcmp(name, "increment") == 0) {
		if (!read_integer(ddl, option, &row->increment))
			return false;
		return row->increment || error_set(
			ddl->error, SQLSTATE_INVALID_PARAMETER,
			"INCREMENT must not be zero");
	}
	if (strcmp(name, "start") == 0) {
		options->has_start = true;
		return read_integer(ddl, option, &row->start);
	}
	if (strcmp(name, "restart") == 0) {
		options->restart = true;
		options->has_restart_value = option->arg != NULL;
		return !option->arg || read_integer(ddl, option,
						    &options->restart_value);
	}
	if (strcmp(name, "minvalue") == 0) {
		options->has_minimum = option->arg != NULL;
		return !option->arg || read_integer(ddl, option,
						    &row->minimum);
	}
	if (strcmp(name, "maxvalue") == 0) {
		options->has_maximum = option->arg != NULL;
		return !option->arg || read_integer(ddl, option,
						    &row->maximum);
	}
	if (strcmp(name, "cycle") == 0) {
		row->cycle = boolVal(option->arg);
		return true;
	}
	if (strcmp(name, "cache") == 0) {
		if (!read_integer(ddl, option, &row->cache))
			return false;
		return row->cache > 0 || error_set(
			ddl->error, SQLSTATE_INVALID_PARAMETER,
			"CACHE (%lld) must be greater than zero",
			(long long)row->cache);
	}
	if (strcmp(name, "owned_by") == 0) {
		options->owned_by = (List *)option->arg;
		return true;
	}
	if (strcmp(name, "sequence_name") == 0 ||
	    strcmp(name, "generated") == 0)	/* of the column */
		return true;
	return error_set(ddl->error, SQLSTATE_SYNTAX,
			 "sequence option \"%s\" not recognized", name);
}

static bool settle(struct ddl *ddl, struct options *options, bool is_new)
{
	struct schema_sequence *row = options->row;
	bool up = row->increment > 0;

	if (!options->has_minimum && is_new)
		row->minimum = up ? 1 : type_minimum(row->type);
	if (!options->has_maximum && is_new)
		row->maximum = up ? type_maximum(row->type) : -1;
	if (row->minimum >= row->maximum)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "MINVALUE (%lld) must be less than MAXVALUE "
				 "(%lld)", (long long)row->minimum,
				 (long long)row->maximum);
	if (!options->has_start && is_new)
		row->start = up ? row->minimum : row->maximum;
	if (row->start < row->minimum)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "START value (%lld) cannot be less than "
				 "MINVALUE (%lld)", (long long)row->start,
				 (long long)row->minimum);
	if (row->start > row->maximum)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "START value (%lld) cannot be greater than "
				 "MAXVALUE (%lld)", (long long)row->start,
				 (long long)row->maximum);
	return true;
}

static bool read_options(struct ddl *ddl, List *list, struct options *options,
			 bool is_new)
{
	ListCell *cell;

	foreach(cell, list)
		if (!read_option(ddl, lfirst(cell), options))
			return false;
	return settle(ddl, options, is_new);
}

/* OWNED BY t.c: the column, or no one. */
static bool read_owner(struct ddl *ddl, List *names,
		       const struct schema_table **ret_table,
		       struct schema_sequence *row)
{
	const struct schema_table *table;
	RangeVar name = { .type = T_RangeVar };
	bool failed;
	int count = list_length(names);

	*ret_table = NULL;
	row->owner_table = row->owner_column = NULL;
	if (count < 2)	/* NONE */
		return true;
	name.relname = strVal(list_nth(names, count - 2));
	name.schemaname = count > 2 ? strVal(list_nth(names, count - 3)) :
				      NULL;
	table = ddl_find_table(ddl, &name, "table", false, &failed);
	if (!table)
		return false;
	row->owner_table = table->name;
	row->owner_column = strVal(llast(names));
	*ret_table = table;
	if (schema_find_column(table, row->owner_column))
		return true;
	return error_set(ddl->error, SQLSTATE_UNDEFINED_COLUMN,
			 "column \"%s\" of relation \"%s\" does not exist",
			 row->owner_column, table->name);
}

bool sequence_for_column(struct ddl *ddl, struct schema_table *table,
			 struct schema_column *column, List *list,
			 bool identity)
{
	struct schema_sequence row = { .increment = 1, .cache = 1,
				       .type = column->type };
	struct options options = { .row = &row };
	const char *shown;

	if (column->type != OID_INT2 && column->type != OID_INT4 &&
	    column->type != OID_INT8)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "identity column type must be smallint, "
				 "integer, or bigint");
	if (!read_options(ddl, list, &options, true))
		return false;
	row.oid = ddl_oid(ddl);
	row.schema = table->schema;
	row.name = ddl_choose_name(ddl, table->schema, NULL, table->name,
				   column->name, "seq");
	row.owner_column = column->name;
	row.identity = identity;
	facts_write_sequence(ddl, &row, table->oid);
	column->sequence = row.name;
	if (identity)
		return true;
	shown = name_quoted(ddl->arena, row.name);
	if (strcmp(table->schema, "public") != 0)
		shown = arena_printf(ddl->arena, "%s.%s",
				     name_quoted(ddl->arena, table->schema),
				     shown);
	column->default_text = arena_printf(
		ddl->arena, "nextval(%s::regclass)",
		print_text(ddl->arena, shown));
	return true;
}

bool ddl_create_sequence(struct ddl *ddl, CreateSeqStmt *node)
{
	struct schema_sequence row = { .increment = 1, .cache = 1,
				       .type = OID_INT8 };
	struct options options = { .row = &row };
	const struct schema_table *owner = NULL;

	ddl->compiled->tag = "CREATE SEQUENCE";
	if (!ddl_target_schema(ddl, node->sequence, &row.schema))
		return false;
	row.name = node->sequence->relname;
	if (ddl_name_taken(ddl, row.schema, row.name)) {
		if (!node->if_not_exists)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_TABLE,
					 "relation \"%s\" already exists",
					 row.name);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_TABLE,
			   "relation \"%s\" already exists, skipping",
			   row.name);
		return true;
	}
	if (!read_options(ddl, node->options, &options, true) ||
	    !read_owner(ddl, options.owned_by, &owner, &row))
		return false;
	row.oid = ddl_oid(ddl);
	facts_write_sequence(ddl, &row, owner ? owner->oid : 0);
	return true;
}

/* Parameters are updated in place: the value must stay. */
static void update_sequence(struct ddl *ddl, const struct schema_sequence *row)
{
	ddl_step(ddl, "UPDATE %s._weir_sequence SET type = %u, start = %lld,"
		 " increment = %lld, minimum = %s, maximum = %lld, cycle = %d"
		 " WHERE oid = %u", ddl_database(row->schema), row->type,
		 (long long)row->start, (long long)row->increment,
		 row->minimum == INT64_MIN ? "-9223372036854775807 - 1" :
		 arena_printf(ddl->arena, "%lld", (long long)row->minimum),
		 (long long)row->maximum, row->cycle, row->oid);
	ddl_step(ddl, "UPDATE %s._weir_object SET text = nullif(%lld, 1)"
		 " WHERE oid = %u", ddl_database(row->schema),
		 (long long)row->cache, row->oid);
}

bool sequence_alter(struct ddl *ddl, const struct schema_sequence *found,
		    List *list)
{
	struct schema_sequence row;
	struct options options = { .row = &row };
	const struct schema_table *owner;

	if (!found)	/* made by this very statement */
		return ddl_unsupported(ddl, "altering a sequence that is new is");
	row = *found;
	if (!read_options(ddl, list, &options, false))
		return false;
	update_sequence(ddl, &row);
	if (options.owned_by) {
		if (!read_owner(ddl, options.owned_by, &owner, &row))
			return false;
		ddl_step(ddl, "UPDATE %s._weir_sequence SET owner_table = %u,"
			 " owner_column = %s WHERE oid = %u",
			 ddl_database(row.schema), owner ? owner->oid : 0,
			 ddl_text_or_null(ddl, row.owner_column), row.oid);
	}
	if (options.restart)
		ddl_step(ddl, "SELECT pg_setval(%u, %lld, 0)", row.oid,
			 (long long)(options.has_restart_value ?
				     options.restart_value : row.start));
	return true;
}

bool ddl_alter_sequence(struct ddl *ddl, AlterSeqStmt *node)
{
	const struct schema_sequence *found = NULL;
	const char *const *path = ddl->state->session->search_path;

	ddl->compiled->tag = "ALTER SEQUENCE";
	found = schema_find_sequence(ddl->schema, node->sequence->schemaname ?
				     node->sequence->schemaname : SCHEMA_TEMP,
				     node->sequence->relname);
	for (; !node->sequence->schemaname && !found && path && *path; path++)
		found = schema_find_sequence(ddl->schema, *path,
					     node->sequence->relname);
	if (!found && node->missing_ok) {
		ddl_notice(ddl, SQLSTATE_SUCCESS,
			   "relation \"%s\" does not exist, skipping",
			   node->sequence->relname);
		return true;
	}
	if (!found)
		return error_set(ddl->error, SQLSTATE_UNDEFINED_TABLE,
				 "relation \"%s\" does not exist",
				 node->sequence->relname);
	return sequence_alter(ddl, found, node->options);
}

void sequence_drop_owned(struct ddl *ddl, const struct schema_table *table,
			 const char *column)
{
	for (int i = 0; i < ddl->schema->sequence_count; i++) {
		const struct schema_sequence *row = &ddl->schema->sequences[i];

		if (row->owner_table &&
		    strcmp(row->owner_table, table->name) == 0 &&
		    strcmp(row->schema, table->schema) == 0 &&
		    (!column || strcmp(row->owner_column, column) == 0))
			facts_remove_sequence(ddl, row);
	}
}

/* --- other names -------------------------------------------------------------- */

/* As defaults name it. */
static const char *literal_of(struct ddl *ddl, const char *schema,
			      const char *name)
{
	name = name_quoted(ddl->arena, name);
	if (strcmp(schema, "public") != 0)
		name = arena_printf(ddl->arena, "%s.%s",
				    name_quoted(ddl->arena, schema), name);
	return arena_printf(ddl->arena, "%s::regclass",
			    print_text(ddl->arena, name));
}

/* nextval() of it and nothing else is what a default may say. */
static bool rename_in_default(struct ddl *ddl, struct schema_column *column,
			      const char *old, const char *new,
			      bool *ret_changed)
{
	const char *call = arena_printf(ddl->arena, "nextval(%s)", old);

	if (!column->default_text || !strstr(column->default_text, old))
		return true;
	if (strcmp(column->default_text, call) != 0)
		return ddl_unsupported(ddl, "another name of a sequence that "
					    "an expression names is");
	column->default_text = arena_printf(ddl->arena, "nextval(%s)", new);
	*ret_changed = true;
	return true;
}

static bool rename_in_columns(struct ddl *ddl, struct schema_table *next,
			      const char *old, const char *new,
			      bool *ret_changed)
{
	*ret_changed = false;
	for (int i = 0; i < next->column_count; i++)
		if (!rename_in_default(ddl, &next->columns[i], old, new,
				       ret_changed))
			return false;
	return true;
}

static bool rename_in_table(struct ddl *ddl, const struct schema_table *table,
			    const char *old, const char *new)
{
	struct schema_table *next = table_copy(ddl, table, 0);
	bool changed;

	if (table->view_text && strstr(table->view_text, old))
		return ddl_unsupported(ddl, "another name of a sequence that "
					    "a view names is");
	if (!rename_in_columns(ddl, next, old, new, &changed))
		return false;
	if (changed)
		facts_write_columns(ddl, next);
	return true;
}

bool sequence_renamed(struct ddl *ddl, const struct schema_sequence *row,
		      const char *schema, const char *name,
		      struct schema_table *changing)
{
	const char *old = literal_of(ddl, row->schema, row->name);
	const char *new = literal_of(ddl, schema, name);
	bool changed;

	for (int i = 0; i < ddl->schema->table_count; i++) {
		const struct schema_table *table = &ddl->schema->tables[i];

		if (table->catalog)
			continue;
		if (!(changing && changing->oid == table->oid ?
		      rename_in_columns(ddl, changing, old, new, &changed) :
		      rename_in_table(ddl, table, old, new)))
			return false;
	}
	return true;
}
