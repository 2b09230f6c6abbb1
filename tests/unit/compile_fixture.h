/*
 * A schema for the compiler's tests, built in memory: the catalogs and a few
 * tables, each described in one line.
 */
#ifndef WEIR_TESTS_COMPILE_FIXTURE_H
#define WEIR_TESTS_COMPILE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "pool/sqlite/catalog_tables.h"
#include "protocol/dialect/compile.h"

#define FIXTURE_TABLES 8

static const char *const fixture_path[] = { "public", NULL };

static const struct type_settings fixture_types = { .time_zone = "UTC",
						    .date_order = 'M' };

static const struct compile_session fixture_session = {
	.user = "app",
	.database = "app",
	.search_path = fixture_path,
	.types = &fixture_types,
};

/* "id int4! =nextval('users_id_seq'::regclass)" */
static inline void fixture_column(struct schema *schema, char *text,
				  struct schema_column *column, int number)
{
	char *rest = strchr(text, ' ');
	char *given = strchr(rest + 1, '=');
	char *open;
	int a = 0, b = 0;

	*column = (struct schema_column){ .number = (int16_t)number,
					  .typmod = -1 };
	*rest++ = '\0';
	if (given != NULL) {
		*given++ = '\0';
		column->default_text = arena_text(&schema->arena, given);
		if (given[-2] == ' ')
			given[-2] = '\0';
	}
	column->name = arena_text(&schema->arena, text);
	if (strchr(rest, '!') != NULL) {
		column->not_null = true;
		*strchr(rest, '!') = '\0';
	}
	open = strchr(rest, '(');
	if (open != NULL) {
		a = atoi(open + 1);
		if (strchr(open, ',') != NULL)
			b = atoi(strchr(open, ',') + 1);
		*open = '\0';
	}
	if (strcmp(rest, "mood") == 0)
		column->type = 16500;
	else if (type_by_name(slice_text(rest)) != NULL)
		column->type = type_by_name(slice_text(rest))->oid;
	else
		abort();
	if (open != NULL)
		column->typmod = column->type == OID_NUMERIC ?
				 ((a << 16) | b) + 4 : a + 4;
}

static inline void fixture_table(struct schema *schema, const char *name,
				 const char *columns)
{
	struct schema_table *table = &schema->tables[schema->table_count];
	char *copy = strdup(columns);
	char *state = NULL;
	int16_t *key = arena_alloc(&schema->arena, sizeof(*key));

	*table = (struct schema_table){
		.oid = 16400 + 10 * (uint32_t)schema->table_count,
		.schema = "public", .name = name, .lite_name = name,
		.lite_database = "main", .kind = 'r',
	};
	table->columns = arena_alloc(&schema->arena, 40 *
				     sizeof(*table->columns));
	for (char *at = strtok_r(copy, ";", &state); at != NULL;
	     at = strtok_r(NULL, ";", &state)) {
		fixture_column(schema, at, &table->columns[
			       table->column_count], table->column_count + 1);
		table->column_count++;
	}
	free(copy);
	*key = 1;
	table->constraints = arena_alloc(&schema->arena,
					 sizeof(*table->constraints));
	table->constraint_count = 1;
	table->constraints[0] = (struct schema_constraint){
		.oid = table->oid + 1, .kind = CONSTRAINT_PRIMARY,
		.name = arena_printf(&schema->arena, "%s_pkey", name),
		.column_count = 1, .columns = key,
	};
	table->indexes = arena_alloc(&schema->arena, sizeof(*table->indexes));
	table->index_count = 1;
	table->indexes[0] = (struct schema_index){
		.oid = table->oid + 2, .unique = true, .primary = true,
		.name = table->constraints[0].name,
		.constraint = table->constraints[0].name,
		.column_count = 1, .key_count = 1, .columns = key,
	};
	schema->table_count++;
}

static inline struct schema *fixture_schema(void)
{
	static const char *labels[] = { "sad", "ok", "happy" };
	struct schema *schema = schema_new();
	int catalogs;
	const struct schema_table *tables = catalog_schema_tables(&catalogs);

	schema->tables = arena_alloc(&schema->arena,
				     ((size_t)catalogs + FIXTURE_TABLES) *
				     sizeof(*schema->tables));
	memcpy(schema->tables, tables, (size_t)catalogs *
	       sizeof(*schema->tables));
	schema->table_count = catalogs;
	schema->enums = arena_alloc(&schema->arena, sizeof(*schema->enums));
	schema->enum_count = 1;
	schema->enums[0] = (struct schema_enum){ 16500, 16501, "public",
						 "mood", 3, labels, NULL };
	schema->sequences = arena_alloc(&schema->arena,
					sizeof(*schema->sequences));
	schema->sequence_count = 1;
	schema->sequences[0] = (struct schema_sequence){ .oid = 16600,
		.schema = "public", .name = "users_id_seq", .type = OID_INT4,
		.start = 1, .increment = 1, .minimum = 1, .maximum = 100,
		.owner_table = "users", .owner_column = "id" };
	fixture_table(schema, "users",
		"id int4! =nextval('users_id_seq'::regclass);"
		"name varchar(50)!;email text;age int4;big int8;small int2;"
		"price numeric(10,2);score float8;active bool =true;"
		"born date;created timestamptz =now();seen timestamp;"
		"at time;span interval;feeling mood;data bytea;doc json;"
		"meta jsonb;uid uuid;tags _text;nums _int4;code bpchar(4);"
		"any_price numeric;ratio float4");
	fixture_table(schema, "posts",
		"id int4!;user_id int4!;title text!;body text;views int8;"
		"created timestamptz");
	fixture_table(schema, "counters", "key text!;value int4!");
	fixture_table(schema, "empty", "id int8!;note text");
	schema->tables[schema->table_count - 1].oid = 16480;
	schema->next_oid = 17000;
	schema_finish(schema);
	return schema;
}

#endif
