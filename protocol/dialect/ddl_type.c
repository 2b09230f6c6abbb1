/*
 * Enums: CREATE TYPE ... AS ENUM and ALTER TYPE. Labels are stored as text in
 * the tables; a CHECK that asks for the labels of the day keeps others out,
 * so adding one changes no table.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/type.h"

#define LABEL_BYTES_MAX 63

static bool type_name(struct ddl *ddl, List *names, const char **ret_schema,
		      const char **ret_name)
{
	RangeVar name = { .type = T_RangeVar };

	name.relname = strVal(llast(names));
	if (list_length(names) > 1)
		name.schemaname = strVal(list_nth(names,
						  list_length(names) - 2));
	*ret_name = name.relname;
	return ddl_target_schema(ddl, &name, ret_schema);
}

bool ddl_find_type(struct ddl *ddl, List *names,
		   const struct schema_enum **ret_enum,
		   const struct schema_domain **ret_domain)
{
	int count = list_length(names);
	const char *name = strVal(llast(names));
	const char *in = count > 1 ? strVal(list_nth(names, count - 2)) : NULL;

	if (schema_find_type(ddl->schema, ddl->state->session->search_path, in,
			     name, ret_enum, ret_domain))
		return true;
	if (in && !schema_find_namespace(ddl->schema, in))
		return error_set(ddl->error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", in);
	return error_set(ddl->error, SQLSTATE_UNDEFINED_OBJECT,
			 "type \"%s%s%s\" does not exist", in ? in : "",
			 in ? "." : "", name);
}

bool ddl_type_taken(struct ddl *ddl, const char *schema, const char *name)
{
	const struct schema_enum *labels;
	const struct schema_domain *domain;

	return schema_find_type(ddl->schema, NULL, schema, name, &labels,
				&domain) ||
	       schema_find_table(ddl->schema, NULL, schema, name);
}

/* ALTER TYPE of values and of names, which only enums have here. */
static const struct schema_enum *find_enum(struct ddl *ddl, List *names)
{
	const struct schema_enum *labels;
	const struct schema_domain *domain;

	if (!ddl_find_type(ddl, names, &labels, &domain))
		return NULL;
	if (!labels)
		error_set(ddl->error, "42809", "%s is not an enum",
			  strVal(llast(names)));
	return labels;
}

static bool check_label(struct ddl *ddl, const char *label)
{
	if (strlen(label) <= LABEL_BYTES_MAX)
		return true;
	error_set(ddl->error, "42602", "invalid enum label \"%s\"", label);
	error_detail(ddl->error, "Labels must be %d bytes or less.",
		     LABEL_BYTES_MAX);
	return false;
}

static void add_label(struct ddl *ddl, uint32_t type, int position,
		      const char *label)
{
	ddl_step(ddl, "INSERT INTO main._weir_enum(parent, position, oid, "
		 "label) VALUES(%u, %d, %u, %s)", type, position, ddl_oid(ddl),
		 print_text(ddl->arena, label));
}

bool ddl_create_enum(struct ddl *ddl, CreateEnumStmt *node)
{
	const char *schema, *name;
	uint32_t oid, array;
	int position = 0;
	ListCell *cell, *other;

	ddl->compiled->tag = "CREATE TYPE";
	if (!type_name(ddl, node->typeName, &schema, &name))
		return false;
	if (ddl_type_taken(ddl, schema, name))
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "type \"%s\" already exists", name);
	array = ddl_oid(ddl);
	oid = ddl_oid(ddl);
	facts_write_object(ddl, schema, oid, "enum", name, 0, array, NULL,
			   NULL);
	foreach(cell, node->vals) {
		if (!check_label(ddl, strVal(lfirst(cell))))
			return false;
		foreach(other, node->vals) {
			if (other == cell)
				break;
			if (strcmp(strVal(lfirst(cell)),
				   strVal(lfirst(other))) == 0)
				return error_set(ddl->error, SQLSTATE_UNIQUE,
						 "duplicate key value violates "
						 "unique constraint \"pg_enum_"
						 "typid_label_index\"");
		}
		add_label(ddl, oid, ++position, strVal(lfirst(cell)));
	}
	return true;
}

static int find_label(const struct schema_enum *row, const char *label)
{
	for (int i = 0; i < row->label_count; i++)
		if (strcmp(row->labels[i], label) == 0)
			return i;
	return -1;
}

static bool add_value(struct ddl *ddl, AlterEnumStmt *node,
		      const struct schema_enum *row)
{
	int at = row->label_count;

	if (!check_label(ddl, node->newVal))
		return false;
	if (find_label(row, node->newVal) >= 0) {
		if (!node->skipIfNewValExists)
			return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
					 "enum label \"%s\" already exists",
					 node->newVal);
		ddl_notice(ddl, SQLSTATE_DUPLICATE_OBJECT,
			   "enum label \"%s\" already exists, skipping",
			   node->newVal);
		return true;
	}
	if (node->newValNeighbor) {
		at = find_label(row, node->newValNeighbor);
		if (at < 0)
			return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
					 "\"%s\" is not an existing enum label",
					 node->newValNeighbor);
		at += node->newValIsAfter;
	}
	/* positions are part of the primary key: make room from behind */
	ddl_step(ddl, "UPDATE main._weir_enum SET position = -position - 1 "
		 "WHERE parent = %u AND position > %d", row->oid, at);
	ddl_step(ddl, "UPDATE main._weir_enum SET position = -position "
		 "WHERE parent = %u AND position < 0", row->oid);
	add_label(ddl, row->oid, at + 1, node->newVal);
	return true;
}

/* Whether a kept text says the label otherwise than as a default alone:
 * conditions are compiled against the labels there are. */
static bool holds_label(const char *text, const char *quoted)
{
	return text && strstr(text, quoted);
}

static bool has_type(const struct schema_table *table,
		     const struct schema_constraint *row, uint32_t type)
{
	for (int i = 0; i < row->column_count; i++)
		if (table->columns[row->columns[i] - 1].type == type)
			return true;
	return false;
}

/* What keeps a label from being renamed; NULL: nothing. */
static const char *label_in_texts(const struct schema_table *table,
				  uint32_t type, const char *quoted)
{
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].generated &&
		    holds_label(table->columns[i].default_text, quoted))
			return "a generated column";
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_FOREIGN &&
		    has_type(table, &table->constraints[i], type))
			return "a foreign key of that type";
	for (int i = 0; i < table->constraint_count; i++)
		if (holds_label(table->constraints[i].check_text, quoted))
			return "a check constraint";
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *row = &table->indexes[i];

		if (holds_label(row->predicate, quoted))
			return "an index";
		for (int j = 0; j < row->column_count; j++)
			if (holds_label(row->expressions[j], quoted))
				return "an index";
	}
	return holds_label(table->view_text, quoted) ? "a view" : NULL;
}

/* 'old'::mood becomes 'new'::mood; false: a default that says it in another
 * way. */
static bool rename_default(struct ddl *ddl, struct schema_column *column,
			   const struct schema_enum *row, const char *old,
			   const char *new)
{
	size_t length = strlen(old);

	if (!column->default_text || column->generated ||
	    !strstr(column->default_text, row->name))
		return true;
	if (column->type == row->oid &&
	    strncmp(column->default_text, old, length) == 0)
		column->default_text = arena_printf(
			ddl->arena, "%s%s", new, column->default_text + length);
	return column->type == row->oid ||
	       !strstr(column->default_text, arena_printf(
			ddl->arena, "%.*s", (int)length - 2, old + 1));
}

static bool relabel_table(struct ddl *ddl, const struct schema_table *table,
			  const struct schema_enum *row, const char *old,
			  const char *new)
{
	struct schema_table *next = table_copy(ddl, table, 0);
	const char *where = label_in_texts(table, row->oid, old);

	if (where)
		return ddl_unsupported(ddl, arena_printf(
			ddl->arena, "ALTER TYPE ... RENAME VALUE of a label "
			"that %s uses is", where));
	for (int i = 0; table->kind == 'r' && i < table->column_count; i++) {
		const char *name = print_name(ddl->arena,
					      table->columns[i].name);

		if (!rename_default(ddl, &next->columns[i], row, old, new))
			return ddl_unsupported(
				ddl, "ALTER TYPE ... RENAME VALUE of a label "
				     "in a default of arrays is");
		if (table->columns[i].generated)
			continue;
		if (table->columns[i].type == row->oid)
			ddl_step(ddl, "UPDATE %s SET %s = %s WHERE %s = %s",
				 print_table(ddl->arena, table), name, new,
				 name, old);
		else if (table->columns[i].type == row->array_oid)
			ddl_step(ddl, "UPDATE %s SET %s = pg_array_replace(%s,"
				 " %s, %s, %u) WHERE %s IS NOT NULL",
				 print_table(ddl->arena, table), name, name,
				 old, new, row->oid, name);
		else
			continue;
		facts_write_columns(ddl, next);
	}
	return true;
}

static bool rename_value(struct ddl *ddl, AlterEnumStmt *node,
			 const struct schema_enum *row)
{
	const char *old = print_text(ddl->arena, node->oldVal);
	const char *new = print_text(ddl->arena, node->newVal);

	if (find_label(row, node->oldVal) < 0)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "\"%s\" is not an existing enum label",
				 node->oldVal);
	if (find_label(row, node->newVal) >= 0)
		return error_set(ddl->error, SQLSTATE_DUPLICATE_OBJECT,
				 "enum label \"%s\" already exists",
				 node->newVal);
	ddl_step(ddl, "UPDATE main._weir_enum SET label = %s WHERE parent = %u"
		 " AND label = %s", new, row->oid, old);
	/* values are stored as labels */
	for (int i = 0; i < ddl->schema->table_count; i++)
		if (!ddl->schema->tables[i].catalog &&
		    !relabel_table(ddl, &ddl->schema->tables[i], row, old, new))
			return false;
	return true;
}

bool ddl_alter_enum(struct ddl *ddl, AlterEnumStmt *node)
{
	const struct schema_enum *row = find_enum(ddl, node->typeName);

	ddl->compiled->tag = "ALTER TYPE";
	if (!row)
		return false;
	return node->oldVal ? rename_value(ddl, node, row) :
			      add_value(ddl, node, row);
}
