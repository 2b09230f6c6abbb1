/*
 * Columns of relations as rows of pg_attribute and pg_attrdef.
 */
#include "pool/sqlite/catalog_filler.h"

#include "protocol/dialect/index_name.h"
#include "protocol/type.h"

/* --- types of columns --------------------------------------------------- */

static int length_of_type(uint32_t type)
{
	const struct type *row = type_by_oid(type);

	return row ? row->length : type >= OID_USER_FIRST ? 4 : -1;
}

static bool is_by_value(uint32_t type)
{
	int length = length_of_type(type);

	return length == 1 || length == 2 || length == 4 || length == 8;
}

static char storage_of_type(uint32_t type)
{
	if (length_of_type(type) != -1)
		return 'p';
	return type == OID_NUMERIC || type == OID_INET || type == OID_CIDR ?
	       'm' : 'x';
}

static char alignment_of_type(uint32_t type)
{
	switch (length_of_type(type)) {
	case 1:
	case 64:
		return 'c';
	case 2:
		return 's';
	case 8:
		return 'd';
	case 16:
		return type == OID_UUID ? 'c' : 'd';
	default:
		return 'i';
	}
}

uint32_t collation_of_column(const struct schema_column *column)
{
	return column->collation ? column->collation :
				   type_collation(column->type);
}

/* --- columns of tables and indexes -------------------------------------- */

/* An array of enums, which no table of types knows, is as one of texts. */
static uint32_t stored_like(const struct filler *filler, uint32_t type)
{
	for (int i = 0; i < filler->schema->enum_count; i++)
		if (filler->schema->enums[i].array_oid == type)
			return OID_TEXT_ARRAY;
	return type;
}

static void put_attribute(struct filler *filler, uint32_t relation,
			  const char *name, uint32_t type, int32_t typmod,
			  int number, uint32_t collation,
			  const struct schema_column *column)
{
	uint32_t like = stored_like(filler, type);
	const struct type *row = type_by_oid(like);
	bool array = row && row->element && row->length == -1;
	bool in_domain = column && column->domain;

	/* A domain lends its base type all but its name. */
	filler_put(filler, "utuiiiiicciiccuii", relation, name,
		   in_domain ? column->domain : type,
		   length_of_type(like), number, array,
		   in_domain ? -1 : typmod,
		   is_by_value(like), alignment_of_type(like),
		   storage_of_type(like), column && column->not_null,
		   column && column->default_text != NULL,
		   column ? column->identity : 0,
		   column ? column->generated : 0, collation, 1, 0);
}

/* GIN keeps parts of what it indexes (pg_opclass.opckeytype). */
static uint32_t kept_in_index(const struct filler *filler,
			      const struct schema_index *row, int i,
			      uint32_t type)
{
	const struct type *known = type_by_oid(type);
	const char *class = row->operator_classes[i];

	if (strcmp(row->method, "gin") != 0)
		return type;
	if (type == OID_JSONB)
		return class && strcmp(class, "jsonb_path_ops") == 0 ?
			       OID_INT4 : OID_TEXT;
	for (int j = 0; j < filler->schema->enum_count; j++)
		if (filler->schema->enums[j].array_oid == type)
			return filler->schema->enums[j].oid;
	return known && known->category == 'A' ? known->element : type;
}

static void put_index_attributes(struct filler *filler,
				 const struct schema_table *table,
				 const struct schema_index *row)
{
	const char **names = index_column_names(&filler->arena, table, row);

	for (int i = 0; i < row->column_count; i++) {
		const struct schema_column *column = row->columns[i] ?
			&table->columns[row->columns[i] - 1] : NULL;
		uint32_t type = column ? column->type : row->types[i];
		uint32_t kept = kept_in_index(filler, row, i, type);

		put_attribute(filler, row->oid, names[i], kept,
			      column && kept == type ? column->typmod : -1,
			      i + 1,
			      column ? collation_of_column(column) :
				       type_collation(row->types[i]), NULL);
	}
}

/* What every relation with rows of its own has; numbered down from -1. */
static void put_system_attributes(struct filler *filler, uint32_t relation)
{
	static const struct {
		const char *name;
		uint32_t type;
		char alignment;
		int length;
	} rows[] = {
		{ "ctid", 27, 's', 6 }, { "xmin", 28, 'i', 4 },
		{ "cmin", 29, 'i', 4 }, { "xmax", 28, 'i', 4 },
		{ "cmax", 29, 'i', 4 }, { "tableoid", 26, 'i', 4 },
	};

	for (int i = 0; i < (int)(sizeof(rows) / sizeof(*rows)); i++)
		filler_put(filler, "utuiiiiicciiccuii", relation, rows[i].name,
			   rows[i].type, rows[i].length, -1 - i, 0, -1,
			   rows[i].length == 4, rows[i].alignment, 'p', 1, 0,
			   0, 0, 0u, 1, 0);
}

/* A column that is gone keeps its number, and Postgres's name for it. */
static void put_dropped(struct filler *filler, const struct schema_table *table,
			int from, int to)
{
	for (int number = from; number < to; number++)
		filler_put(filler, "utuiiiiicciiccuii", table->oid,
			   arena_printf(&filler->arena,
					"........pg.dropped.%d........",
					number), 0u, -1, number, 0, -1, 0, 'i',
			   'x', 0, 0, 0, 0, 0u, 1, 1);
}

static void put_columns(struct filler *filler, const struct schema_table *table)
{
	int next = 1;

	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];

		put_dropped(filler, table, next, column->attribute);
		put_attribute(filler, table->oid, column->name, column->type,
			      column->typmod, column->attribute,
			      collation_of_column(column), column);
		next = column->attribute + 1;
	}
	put_dropped(filler, table, next, table->attribute_count + 1);
	if (table->kind != 'v')
		put_system_attributes(filler, table->oid);
}

static void put_sequence(struct filler *filler, uint32_t oid)
{
	static const struct schema_column filled = { .not_null = true };

	put_attribute(filler, oid, "last_value", OID_INT8, -1, 1, 0,
		      &filled);
	put_attribute(filler, oid, "log_cnt", OID_INT8, -1, 2, 0,
		      &filled);
	put_attribute(filler, oid, "is_called", OID_BOOL, -1, 3, 0,
		      &filled);
	put_system_attributes(filler, oid);
}

void fill_attributes(struct filler *filler)
{
	const struct schema *schema = filler->schema;

	filler_begin(filler, "INSERT INTO pg_catalog.pg_attribute(attrelid,"
		     " attname, atttypid, attlen, attnum, attndims, atttypmod,"
		     " attbyval, attalign, attstorage, attnotnull, atthasdef,"
		     " attidentity, attgenerated, attcollation, attislocal,"
		     " attisdropped) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		     " ?, ?, ?, ?, ?, ?)");
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		if (!filler_means(filler, table))
			continue;
		put_columns(filler, table);
		for (int j = 0; j < table->index_count; j++)
			put_index_attributes(filler, table,
					     &table->indexes[j]);
	}
	for (int i = 0; !filler->own && i < schema->sequence_count; i++)
		put_sequence(filler, schema->sequences[i].oid);
	filler_end(filler);
}

void fill_defaults(struct filler *filler)
{
	filler_begin(filler, "INSERT INTO pg_catalog.pg_attrdef(oid, adrelid,"
		     " adnum, adbin) VALUES(?, ?, ?, ?)");
	for (int i = 0; i < filler->schema->table_count; i++) {
		const struct schema_table *table = &filler->schema->tables[i];

		for (int j = 0; j < table->column_count; j++)
			if (table->columns[j].default_text)
				filler_put(filler, "uuit", filler->minor++,
					   table->oid,
					   table->columns[j].attribute,
					   table->columns[j].default_text);
	}
	filler_end(filler);
}
