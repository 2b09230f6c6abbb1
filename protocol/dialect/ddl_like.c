/*
 * CREATE TABLE ... (LIKE other INCLUDING ...): columns always with their NOT
 * NULL, the rest as it is asked for. Keys and indexes get the names Postgres
 * would choose for the new table; checks keep theirs.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/index_name.h"
#include "protocol/dialect/schema_name.h"

/* What is copied, and from which of the new table's columns on. */
struct like {
	struct ddl *ddl;
	struct schema_table *table;
	const struct schema_table *other;
	uint32_t options;
	int offset;
};

static bool copies(const struct like *like, uint32_t option)
{
	return like->options & option;
}

/* A serial's default is the sequence of the other table. */
static const char *default_of(struct like *like,
			      const struct schema_column *column)
{
	if (column->default_text || !column->sequence || column->identity)
		return column->default_text;
	return arena_printf(like->ddl->arena, "nextval(%s::regclass)",
			    print_text(like->ddl->arena, name_quoted(
				    like->ddl->arena, column->sequence)));
}

static bool copy_identity(struct like *like, struct schema_column *column,
			  const struct schema_column *from)
{
	const struct schema_sequence *sequence = schema_find_sequence(
		like->ddl->schema, like->other->schema, from->sequence);

	if (sequence && (sequence->start != 1 || sequence->increment != 1))
		return ddl_unsupported(like->ddl, "LIKE ... INCLUDING IDENTITY "
				       "of a sequence with options is");
	column->identity = from->identity;
	return sequence_for_column(like->ddl, like->table, column, NULL, true);
}

static bool copy_column(struct like *like, const struct schema_column *from)
{
	struct schema_table *table = like->table;
	struct schema_column *column = &table->columns[table->column_count];

	if (schema_find_column(table, from->name))
		return error_set(like->ddl->error, SQLSTATE_DUPLICATE_COLUMN,
				 "column \"%s\" specified more than once",
				 from->name);
	*column = *from;
	column->number = (int16_t)++table->column_count;
	column->attribute = ++table->attribute_count;
	column->sequence = NULL;
	column->identity = 0;
	column->default_text = copies(like, CREATE_TABLE_LIKE_DEFAULTS) ?
			       default_of(like, from) : NULL;
	if (from->generated) {
		bool keeps = copies(like, CREATE_TABLE_LIKE_GENERATED);

		column->generated = keeps ? from->generated : 0;
		column->default_text = keeps ? from->default_text : NULL;
	}
	if (!copies(like, CREATE_TABLE_LIKE_COMMENTS))
		column->comment = NULL;
	return !from->identity || !copies(like, CREATE_TABLE_LIKE_IDENTITY) ||
	       copy_identity(like, column, from);
}

/* Columns stand behind those that were there before. */
static int16_t *moved(struct like *like, const int16_t *columns, int count)
{
	int16_t *copy = arena_alloc(like->ddl->arena, ((size_t)count + 1) *
						      sizeof(*copy));

	for (int i = 0; i < count; i++)
		copy[i] = (int16_t)(columns[i] ? columns[i] + like->offset : 0);
	return copy;
}

static void copy_check(struct like *like, const struct schema_constraint *from)
{
	struct schema_table *table = like->table;
	struct schema_constraint *row =
		&table->constraints[table->constraint_count++];

	*row = *from;
	row->oid = ddl_oid(like->ddl);
	row->not_valid = false;
	row->columns = moved(like, from->columns, from->column_count);
	if (!copies(like, CREATE_TABLE_LIKE_COMMENTS))
		row->comment = NULL;
}

static const char *key_names(struct like *like, const struct schema_index *row)
{
	struct arena *arena = like->ddl->arena;

	return index_join_names(arena,
				index_column_names(arena, like->other, row),
				row->column_count);
}

static bool copy_index(struct like *like, const struct schema_index *from)
{
	struct schema_table *table = like->table;
	struct schema_index *row = table_new_index(like->ddl, table,
						   from->column_count);
	const struct schema_constraint *source;
	uint32_t oid = row->oid;

	*row = *from;
	row->oid = oid;
	row->columns = moved(like, from->columns, from->column_count);
	row->name = ddl_choose_name(like->ddl, table->schema, table,
				    table->name, from->primary ? NULL :
				    key_names(like, from), from->primary ?
				    "pkey" : from->constraint ? "key" : "idx");
	if (!copies(like, CREATE_TABLE_LIKE_COMMENTS))
		row->comment = NULL;
	for (int i = 0; from->primary && i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_PRIMARY)
			return error_set(like->ddl->error, "42P16",
					 "multiple primary keys for table "
					 "\"%s\" are not allowed",
					 table->name);
	if (!from->constraint)
		return true;
	source = schema_find_constraint(like->other, from->constraint);
	row->constraint = row->name;
	table->constraints[table->constraint_count++] =
		(struct schema_constraint){
			.oid = ddl_oid(like->ddl), .name = row->name,
			.kind = from->primary ? CONSTRAINT_PRIMARY :
						CONSTRAINT_UNIQUE_KEY,
			.column_count = row->key_count,
			.columns = row->columns,
			.deferrable = source->deferrable,
			.deferred = source->deferred,
		};
	return true;
}

bool ddl_copy_like(struct ddl *ddl, struct schema_table *table,
		   TableLikeClause *node)
{
	bool failed;
	struct like like = {
		.ddl = ddl, .table = table, .options = node->options,
		.offset = table->column_count,
		.other = ddl_find_table(ddl, node->relation, NULL, false,
					&failed),
	};

	if (!like.other)
		return false;
	for (int i = 0; i < like.other->column_count; i++)
		if (!copy_column(&like, &like.other->columns[i]))
			return false;
	for (int i = 0; i < like.other->constraint_count; i++)
		if (copies(&like, CREATE_TABLE_LIKE_CONSTRAINTS) &&
		    like.other->constraints[i].kind == CONSTRAINT_CHECKED)
			copy_check(&like, &like.other->constraints[i]);
	for (int i = 0; i < like.other->index_count; i++)
		if (copies(&like, CREATE_TABLE_LIKE_INDEXES) &&
		    !copy_index(&like, &like.other->indexes[i]))
			return false;
	return true;
}
