/*
 * ALTER TABLE: the commands that change a column.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_alter.h"
#include "protocol/dialect/domain.h"
#include "protocol/type.h"

struct schema_column *alter_find_column(struct alter *alter, const char *name)
{
	const struct schema_column *column =
		schema_find_column(alter->next, name);

	if (column)
		return &alter->next->columns[column->number - 1];
	error_set(alter->ddl->error, SQLSTATE_UNDEFINED_COLUMN,
		  "column \"%s\" of relation \"%s\" does not exist", name,
		  alter->next->name);
	return NULL;
}

static bool in_primary_key(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->constraint_count; i++)
		for (int j = 0; j < table->constraints[i].column_count; j++)
			if (table->constraints[i].kind == CONSTRAINT_PRIMARY &&
			    table->constraints[i].columns[j] == number)
				return true;
	return false;
}

struct search {
	const char *name;
	bool found;
};

static void see_column(const char *name, void *context)
{
	struct search *search = context;

	search->found |= strcmp(name, search->name) == 0;
}

bool alter_text_uses(const char *text, const char *name)
{
	struct search search = { name, false };

	if (text)
		ddl_text_columns(text, see_column, &search);
	return search.found;
}

/* --- types, defaults, NOT NULL ------------------------------------------- */

static bool check_generated(struct alter *alter,
			    const struct schema_column *column)
{
	const struct schema_table *table = alter->next;

	for (int i = 0; i < table->column_count; i++) {
		if (!table->columns[i].generated ||
		    !alter_text_uses(table->columns[i].default_text,
				     column->name))
			continue;
		error_set(alter->ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot alter type of a column used by a generated "
			  "column");
		error_detail(alter->ddl->error, "Column \"%s\" is used by "
			     "generated column \"%s\".", column->name,
			     table->columns[i].name);
		return false;
	}
	return true;
}

/* Postgres makes constraints and indexes on such a column again: the casts
 * they are shown with are those of the new type. */
static bool print_index_again(struct alter *alter, struct ddl_text *print,
			      struct schema_index *row, const char *column)
{
	for (int i = 0; i < row->column_count; i++)
		if (alter_text_uses(row->expressions[i], column)) {
			row->expressions[i] = ddl_text_again(
				print, row->expressions[i]);
			if (!lite_expression_type(alter->ddl,
						  row->expressions[i],
						  alter->next, &row->types[i]))
				return false;
		}
	if (alter_text_uses(row->predicate, column))
		row->predicate = ddl_text_again(print, row->predicate);
	return true;
}

static bool print_again(struct alter *alter, const char *column)
{
	struct schema_table *next = alter->next;
	struct error ignored = { 0 };
	struct ddl_text print = {
		.arena = alter->ddl->arena, .schema = alter->ddl->schema,
		.table = next, .error = &ignored,
		.types = alter->ddl->state->session->types,
		.state = alter->ddl->state,
	};

	for (int i = 0; i < next->constraint_count; i++) {
		struct schema_constraint *row = &next->constraints[i];

		if (alter_text_uses(row->check_text, column))
			row->check_text = ddl_text_again(&print,
							 row->check_text);
	}
	for (int i = 0; i < next->index_count; i++)
		if (!print_index_again(alter, &print, &next->indexes[i],
				       column))
			return false;
	return true;
}

bool alter_set_type(struct alter *alter, AlterTableCmd *command)
{
	struct ddl *ddl = alter->ddl;
	struct schema_column *column = alter_find_column(alter, command->name);
	ColumnDef *node = (ColumnDef *)command->def;
	const char *name, *view;
	const struct schema_domain *domain =
		domain_named(ddl->state, node->typeName);
	uint32_t type, collation;
	int32_t typmod;

	if (!column || !compile_type_name(ddl->state, node->typeName, &type,
					  &typmod) ||
	    !compile_column_collation(ddl->state, node->collClause, type,
				      &collation))
		return false;
	view = ddl_view_on(ddl, alter->old, column->name);
	if (view) {
		error_set(ddl->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot alter type of a column used by a view or rule");
		error_detail(ddl->error, "rule _RETURN on view %s depends on "
			     "column \"%s\"", view, column->name);
		return false;
	}
	if (!check_generated(alter, column))
		return false;
	name = name_quoted(ddl->arena, column->name);
	if (node->raw_default) {	/* USING */
		if (!compile_value_expr(ddl->state, node->raw_default,
					alter->old, type, typmod,
					"transform expressions",
					&alter->fill[column->number - 1]))
			return false;
	} else {
		const char *fill = lite_expression(
			ddl, name, alter->old, type, typmod,
			"transform expressions");

		if (!fill &&
		    (error_is(ddl->error, SQLSTATE_DATATYPE_MISMATCH) ||
		     error_is(ddl->error, SQLSTATE_CANNOT_COERCE))) {
			error_set(ddl->error, SQLSTATE_DATATYPE_MISMATCH,
				  "column \"%s\" cannot be cast automatically "
				  "to type %s", column->name,
				  type_text(ddl->state, type, typmod));
			error_hint(ddl->error, "You might need to specify "
				   "\"USING %s::%s\".", name,
				   type_text(ddl->state, type, typmod));
		}
		if (!fill)
			return false;
		alter->fill[column->number - 1] = fill;
	}
	column->type = type;
	column->typmod = typmod;
	column->collation = collation;
	column->domain = domain ? domain->oid : 0;
	column->domain_default = domain ? domain->default_text : NULL;
	if (domain && !alter_fill_domain(alter, column))
		return false;
	if (column->default_text && !column->sequence && !column->generated) {
		/* shown with the new type; refused if it has no such value */
		if (!lite_expression(ddl, column->default_text, NULL, type,
				     typmod, "DEFAULT expressions")) {
			return error_set(ddl->error, SQLSTATE_DATATYPE_MISMATCH,
					 "default for column \"%s\" cannot be "
					 "cast automatically to type %s",
					 column->name,
					 type_text(ddl->state, type, typmod));
		}
	}
	alter->changed = true;
	return print_again(alter, column->name);
}

bool alter_set_default(struct alter *alter, AlterTableCmd *command)
{
	struct schema_column *column = alter_find_column(alter, command->name);

	if (!column)
		return false;
	if (column->identity)
		return error_set(alter->ddl->error, SQLSTATE_SYNTAX,
				 "column \"%s\" of relation \"%s\" is an "
				 "identity column", column->name,
				 alter->next->name);
	if (column->generated)
		return error_set(alter->ddl->error, SQLSTATE_SYNTAX,
				 "column \"%s\" of relation \"%s\" is a "
				 "generated column", column->name,
				 alter->next->name);
	return table_set_default(alter->ddl, alter->next, column,
				 command->def);
}

bool alter_set_not_null(struct alter *alter, AlterTableCmd *command,
			 bool not_null)
{
	struct schema_column *column = alter_find_column(alter, command->name);

	if (!column)
		return false;
	if (!not_null && column->identity)
		return error_set(alter->ddl->error, SQLSTATE_SYNTAX,
				 "column \"%s\" of relation \"%s\" is an "
				 "identity column", column->name,
				 alter->next->name);
	if (!not_null && in_primary_key(alter->next, column->number))
		return error_set(alter->ddl->error, "42P16",
				 "column \"%s\" is in a primary key",
				 column->name);
	alter->changed |= column->not_null != not_null;
	column->not_null = not_null;
	return true;
}

/* --- identity ----------------------------------------------------------- */

bool alter_add_identity(struct alter *alter, AlterTableCmd *command)
{
	struct schema_column *column = alter_find_column(alter, command->name);
	Constraint *node = (Constraint *)command->def;

	if (!column)
		return false;
	if (column->identity)
		return error_set(alter->ddl->error,
				 SQLSTATE_NOT_IN_PREREQUISITE_STATE,
				 "column \"%s\" of relation \"%s\" is already "
				 "an identity column", column->name,
				 alter->next->name);
	if (!column->not_null)
		return error_set(alter->ddl->error,
				 SQLSTATE_NOT_IN_PREREQUISITE_STATE,
				 "column \"%s\" of relation \"%s\" must be "
				 "declared NOT NULL before identity can be "
				 "added", column->name, alter->next->name);
	if (column->default_text)
		return error_set(alter->ddl->error,
				 SQLSTATE_NOT_IN_PREREQUISITE_STATE,
				 "column \"%s\" of relation \"%s\" already has "
				 "a default value", column->name,
				 alter->next->name);
	column->identity = node->generated_when;
	return sequence_for_column(alter->ddl, alter->next, column,
				   node->options, true);
}

bool alter_drop_identity(struct alter *alter, AlterTableCmd *command)
{
	struct schema_column *column = alter_find_column(alter, command->name);

	if (!column)
		return false;
	if (!column->identity) {
		if (!command->missing_ok)
			return error_set(alter->ddl->error,
					 SQLSTATE_NOT_IN_PREREQUISITE_STATE,
					 "column \"%s\" of relation \"%s\" is "
					 "not an identity column",
					 column->name, alter->next->name);
		ddl_notice(alter->ddl, SQLSTATE_SUCCESS,
			   "column \"%s\" of relation \"%s\" is "
			   "not an identity column, skipping", column->name,
			   alter->next->name);
		return true;
	}
	column->identity = 0;
	column->sequence = NULL;
	sequence_drop_owned(alter->ddl, alter->old, column->name);
	return true;
}

bool alter_set_identity(struct alter *alter, AlterTableCmd *command)
{
	struct schema_column *column = alter_find_column(alter, command->name);
	bool counts = false;
	ListCell *cell;

	if (!column)
		return false;
	if (!column->identity)
		return error_set(alter->ddl->error,
				 SQLSTATE_NOT_IN_PREREQUISITE_STATE,
				 "column \"%s\" of relation \"%s\" is not an "
				 "identity column", column->name,
				 alter->next->name);
	foreach(cell, (List *)command->def) {
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "generated") == 0)
			column->identity = (char)intVal(option->arg);
		else
			counts = true;
	}
	return !counts || sequence_alter(alter->ddl, schema_find_sequence(
		alter->ddl->schema, alter->next->schema, column->sequence),
		(List *)command->def);
}
