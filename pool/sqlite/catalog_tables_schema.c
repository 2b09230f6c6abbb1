#include "pool/sqlite/catalog_tables.h"

#include <assert.h>
#include <pthread.h>

#include "protocol/type.h"

/* The catalogs never change, so their columns are spelled out once and every
 * schema points at them. */
static struct schema_table *all;
static int all_count;
static struct arena memory;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* What the names mean that are no types of their own here: "char" is not
 * character(1), and domains go on the wire as what they are made of. */
static const struct {
	const char *name;
	uint32_t type;
	int32_t typmod;
} named[] = {
	{ "char", OID_CHAR, -1 },
	{ "yes_or_no", OID_VARCHAR, 7 },
	{ "time_stamp", OID_TIMESTAMPTZ, 2 },
};

static void read_type(struct slice name, struct schema_column *column)
{
	const struct type *type = type_by_name(name);

	column->type = type ? type->oid : OID_TEXT;
	column->typmod = -1;
	for (size_t i = 0; i < sizeof(named) / sizeof(*named); i++)
		if (slice_is(name, named[i].name)) {
			column->type = named[i].type;
			column->typmod = named[i].typmod;
		}
}

static int count_columns(const char *columns)
{
	int count = 1;

	for (; *columns; columns++)
		count += *columns == ',';
	return count;
}

/* "name type!" up to a comma or the end; returns what follows. */
static const char *read_column(const char *at, struct schema_column *column)
{
	size_t name = strcspn(at, " ");
	size_t type;

	column->name = arena_dup(&memory, slice_make(at, name));
	at += name + 1;
	type = strcspn(at, "!,");
	read_type(slice_make(at, type), column);
	at += type;
	column->not_null = *at == '!';
	at += column->not_null;
	return *at ? at + 2 : at;
}

static void read_table(const struct catalog_table *row, const char *in,
		       struct schema_table *table)
{
	const char *at = row->columns;

	table->oid = row->oid;
	table->type_oid = row->type_oid;
	table->schema = in;
	table->name = row->name;
	table->lite_name = row->name;
	table->lite_database = in;
	table->kind = row->kind;
	table->catalog = true;
	table->column_count = count_columns(at);
	table->attribute_count = (int16_t)table->column_count;
	table->columns = arena_alloc(&memory, (size_t)table->column_count *
					      sizeof(*table->columns));
	for (int i = 0; i < table->column_count; i++) {
		at = read_column(at, &table->columns[i]);
		table->columns[i].number = (int16_t)(i + 1);
		table->columns[i].attribute = (int16_t)(i + 1);
	}
}

static int count_rows(const struct catalog_table *rows)
{
	int count = 0;

	while (rows[count].name)
		count++;
	return count;
}

static void read_all(void)
{
	int system = count_rows(catalog_tables);
	int information = count_rows(information_tables);

	all_count = system + information;
	all = arena_alloc(&memory, (size_t)all_count * sizeof(*all));
	for (int i = 0; i < system; i++)
		read_table(&catalog_tables[i], "pg_catalog", &all[i]);
	for (int i = 0; i < information; i++)
		read_table(&information_tables[i], "information_schema",
			   &all[system + i]);
}

const struct schema_table *catalog_schema_tables(int *ret_count)
{
	int failed = pthread_once(&once, read_all);

	assert(!failed);
	*ret_count = all_count;
	return all;
}
