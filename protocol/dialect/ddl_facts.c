/*
 * Rows of the _weir_ tables. The facts of a table are written as a whole:
 * those of before go, those of the table as it shall be come. schema_load.c
 * reads them.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#define TEXT(text) ddl_text_or_null(ddl, text)

static const char *letter(struct ddl *ddl, char c)
{
	return c ? arena_printf(ddl->arena, "'%c'", c) : "NULL";
}

void facts_write_object(struct ddl *ddl, const char *schema, uint32_t oid,
			const char *kind, const char *name,
			uint32_t row_type, uint32_t array_type,
			const char *text, const char *comment)
{
	ddl_step(ddl, "INSERT OR REPLACE INTO %s._weir_object(oid, kind,"
		 " namespace, name, row_type, array_type, text, comment)"
		 " VALUES(%u, '%s', %s, %s, %u, %u, %s, %s)",
		 ddl_database(schema), oid, kind, TEXT(schema), TEXT(name),
		 row_type, array_type, TEXT(text), TEXT(comment));
}

/* At the position of its attnum each; where the last ones have been dropped,
 * one without a name keeps their numbers from being given again. */
void facts_write_columns(struct ddl *ddl, const struct schema_table *table)
{
	ddl_step(ddl, "DELETE FROM %s._weir_column WHERE parent = %u",
		 ddl_database(table->schema), table->oid);
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];

		ddl_step(ddl, "INSERT INTO %s._weir_column(parent, position,"
			 " name, type, typmod, default_text, identity,"
			 " generated, comment, collation) VALUES(%u, %d, %s,"
			 " %u, %d, %s, %s, %s, %s, nullif(%u, 0))", ddl_database(table->schema),
			 table->oid, column->attribute, TEXT(column->name),
			 column->domain ? column->domain : column->type,
			 column->typmod, TEXT(column->default_text),
			 letter(ddl, column->identity),
			 letter(ddl, column->generated),
			 TEXT(column->comment), column->collation);
	}
	if (!table->column_count ||
	    table->columns[table->column_count - 1].attribute <
		    table->attribute_count)
		ddl_step(ddl, "INSERT INTO %s._weir_column(parent, position,"
			 " name, type, typmod) VALUES(%u, %d, '', 0, -1)",
			 ddl_database(table->schema), table->oid,
			 table->attribute_count);
}

static const char *column_list(struct ddl *ddl,
			       const struct schema_table *table,
			       const int16_t *numbers, int count)
{
	const char **names = arena_alloc(ddl->arena, ((size_t)count + 1) *
						     sizeof(*names));

	for (int i = 0; i < count; i++)
		names[i] = table->columns[numbers[i] - 1].name;
	return facts_join(ddl->arena, names, count);
}

static uint32_t foreign_oid(struct ddl *ddl, const struct schema_table *table,
			    const struct schema_constraint *row)
{
	const struct schema_table *found;

	if (strcmp(row->foreign_table, table->name) == 0 &&
	    strcmp(row->foreign_schema, table->schema) == 0)
		return table->oid;
	found = schema_find_table(ddl->schema, NULL, row->foreign_schema,
				  row->foreign_table);
	return found ? found->oid : 0;
}

/* A key to a table of another program: from now on that table needs a row
 * of its own, or nobody would know what the OID means. */
static void name_foreign(struct ddl *ddl, const struct schema_table *table,
			 const struct schema_constraint *row)
{
	const struct schema_table *found =
		schema_find_table(ddl->schema, NULL, row->foreign_schema,
				  row->foreign_table);

	if (found && found->adopted && found->oid != table->oid)
		facts_write_table(ddl, found);
}

void facts_write_constraints(struct ddl *ddl, const struct schema_table *table)
{
	const char *database = ddl_database(table->schema);

	ddl_step(ddl, "DELETE FROM %s._weir_constraint WHERE parent = %u",
		 database, table->oid);
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *row = &table->constraints[i];
		bool foreign = row->kind == CONSTRAINT_FOREIGN;

		if (foreign)
			name_foreign(ddl, table, row);
		ddl_step(ddl, "INSERT INTO %s._weir_constraint(oid, parent,"
			 " position, name, kind, columns, check_text,"
			 " foreign_table, foreign_columns, on_update,"
			 " on_delete, is_deferrable, is_deferred, comment,"
			 " not_valid, match_full)"
			 " VALUES(%u, %u, %d, %s, '%c', %s, %s, %u, %s, %s,"
			 " %s, %d, %d, %s, %d, %d)", database, row->oid, table->oid,
			 i + 1, TEXT(row->name), (char)row->kind,
			 TEXT(column_list(ddl, table, row->columns,
					  row->column_count)),
			 TEXT(row->check_text),
			 foreign ? foreign_oid(ddl, table, row) : 0,
			 TEXT(row->foreign_names), letter(ddl, row->on_update),
			 letter(ddl, row->on_delete), row->deferrable,
			 row->deferred, TEXT(row->comment), row->not_valid,
			 row->match_full);
	}
}

/* Four texts for each key: flags, the column (of an expression: its type),
 * the expression, the operator class. */
static const char *key_list(struct ddl *ddl, const struct schema_table *table,
			    const struct schema_index *row)
{
	const char **items = arena_alloc(ddl->arena,
					 ((size_t)row->column_count * 4 + 1) *
					 sizeof(*items));

	for (int i = 0; i < row->column_count; i++) {
		const char **item = items + (size_t)i * 4;
		bool plain = row->columns[i] != 0;

		item[0] = arena_printf(ddl->arena, "%s%s",
				       row->descending[i] ? "d" : "",
				       row->nulls_first[i] ? "f" : "");
		item[1] = plain ? table->columns[row->columns[i] - 1].name :
			  arena_printf(ddl->arena, "%u", row->types[i]);
		item[2] = plain ? "" : row->expressions[i];
		item[3] = row->operator_classes[i] ? row->operator_classes[i] :
						     "";
	}
	return facts_join(ddl->arena, items, row->column_count * 4);
}

void facts_write_indexes(struct ddl *ddl, const struct schema_table *table)
{
	const char *database = ddl_database(table->schema);

	ddl_step(ddl, "DELETE FROM %s._weir_index WHERE parent = %u",
		 database, table->oid);
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *row = &table->indexes[i];

		ddl_step(ddl, "INSERT INTO %s._weir_index(oid, parent,"
			 " position, name, is_unique, is_primary, method,"
			 " keys, included, predicate, serves, comment,"
			 " nulls_equal, options) VALUES(%u, %u, %d, %s, %d, %d,"
			 " %s, %s, %d, %s, %s, %s, %d, %s)", database, row->oid, table->oid, i + 1,
			 TEXT(row->name), row->unique, row->primary,
			 TEXT(row->method), TEXT(key_list(ddl, table, row)),
			 row->column_count - row->key_count,
			 TEXT(row->predicate), TEXT(row->constraint),
			 TEXT(row->comment), row->nulls_equal,
			 TEXT(row->options));
	}
}

static const char *table_kind(const struct schema_table *table)
{
	if (table->kind == 'm')
		return table->unpopulated ? "unfilled" : "matview";
	return table->kind == 'v' ? "view" : "table";
}

static const char *table_text(const struct schema_table *table)
{
	if (table->on_commit != ON_COMMIT_NOTHING)
		return table->on_commit == ON_COMMIT_DROP ?
			       FACTS_ON_COMMIT_DROP :
			       FACTS_ON_COMMIT_DELETE_ROWS;
	return table->foreign ? FACTS_FOREIGN : table->view_text;
}

void facts_write_table(struct ddl *ddl, const struct schema_table *table)
{
	facts_write_object(ddl, table->schema, table->oid,
			   table_kind(table), table->name,
			   table->type_oid, table->array_oid,
			   table_text(table),
			   table->comment);
	facts_write_columns(ddl, table);
	facts_write_constraints(ddl, table);
	facts_write_indexes(ddl, table);
}

void facts_forget_declared(struct ddl *ddl, const struct schema_table *table)
{
	if (table->foreign && ddl->schema->has_declarations)
		ddl_step(ddl, "DELETE FROM main._weir_declared WHERE \"table\""
			 " = %s", TEXT(table->lite_name));
}

void facts_rename_declared(struct ddl *ddl, const struct schema_table *table,
			   const char *column, const char *name)
{
	if (!table->foreign || !ddl->schema->has_declarations)
		return;
	ddl_step(ddl, "UPDATE main._weir_declared SET \"%s\" = %s WHERE"
		 " \"table\" = %s%s%s", column ? "column" : "table",
		 TEXT(name), TEXT(table->lite_name),
		 column ? " AND \"column\" = " : "",
		 column ? TEXT(column) : "");
}

void facts_remove_table(struct ddl *ddl, const struct schema_table *table)
{
	static const char *const parts[] = { "column", "constraint", "index" };
	const char *database = ddl_database(table->schema);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		ddl_step(ddl, "DELETE FROM %s._weir_%s WHERE parent = %u",
			 database, parts[i], table->oid);
	ddl_step(ddl, "DELETE FROM %s._weir_object WHERE oid = %u", database,
		 table->oid);
}

void facts_write_sequence(struct ddl *ddl, const struct schema_sequence *row,
			  uint32_t owner_table)
{
	facts_write_object(ddl, row->schema, row->oid, "sequence", row->name,
			   0, 0, row->cache == 1 ? NULL :
			   arena_printf(ddl->arena, "%lld",
					(long long)row->cache), row->comment);
	ddl_step(ddl, "INSERT OR REPLACE INTO %s._weir_sequence(oid, type,"
		 " start, increment, minimum, maximum, cycle, owner_table,"
		 " owner_column, is_identity, last_value, is_called)"
		 " VALUES(%u, %u, %lld, %lld, %s, %lld, %d, %s, %s, %d, %lld,"
		 " 0)", ddl_database(row->schema), row->oid, row->type,
		 (long long)row->start, (long long)row->increment,
		 row->minimum == INT64_MIN ? "-9223372036854775807 - 1" :
		 arena_printf(ddl->arena, "%lld", (long long)row->minimum),
		 (long long)row->maximum, row->cycle,
		 owner_table ? arena_printf(ddl->arena, "%u", owner_table) :
			       "NULL",
		 TEXT(row->owner_column), row->identity,
		 (long long)row->start);
}

void facts_remove_sequence(struct ddl *ddl, const struct schema_sequence *row)
{
	const char *database = ddl_database(row->schema);

	ddl_step(ddl, "DELETE FROM %s._weir_sequence WHERE oid = %u", database,
		 row->oid);
	ddl_step(ddl, "DELETE FROM %s._weir_object WHERE oid = %u", database,
		 row->oid);
}
