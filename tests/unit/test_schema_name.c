#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/dialect/schema_name.h"
#include "protocol/type.h"

static const char *const path[] = { "public", NULL };
static const struct compile_session session = {
	.user = "app", .database = "db", .search_path = path,
};

static struct schema *sample(void)
{
	static struct schema_table tables[3];
	static struct schema_enum enums[1];
	static struct schema_sequence sequences[1];
	static struct schema_namespace namespaces[2];
	struct schema *schema = schema_new();

	tables[0] = (struct schema_table){ .oid = 16400, .type_oid = 16401,
		.array_oid = 16402, .schema = "public", .name = "My Table" };
	tables[1] = (struct schema_table){ .oid = 16410, .schema = "audit",
		.name = "event" };
	tables[2] = (struct schema_table){ .oid = 1259, .schema = "pg_catalog",
		.name = "pg_class", .catalog = true };
	enums[0] = (struct schema_enum){ .oid = 16420, .array_oid = 16419,
		.schema = "public", .name = "mood" };
	sequences[0] = (struct schema_sequence){ .oid = 16430,
		.schema = "public", .name = "t_id_seq" };
	namespaces[0] = (struct schema_namespace){ 2200, "public", NULL };
	namespaces[1] = (struct schema_namespace){ 11, "pg_catalog", NULL };
	schema->tables = tables;
	schema->table_count = 3;
	schema->enums = enums;
	schema->enum_count = 1;
	schema->sequences = sequences;
	schema->sequence_count = 1;
	schema->namespaces = namespaces;
	schema->namespace_count = 2;
	schema_finish(schema);
	return schema;
}

static void quotes_only_where_it_must(void **unused)
{
	struct arena arena = { 0 };

	assert_string_equal(name_quoted(&arena, "abc_1"), "abc_1");
	assert_string_equal(name_quoted(&arena, "Abc"), "\"Abc\"");
	assert_string_equal(name_quoted(&arena, "a\"b"), "\"a\"\"b\"");
	assert_string_equal(name_quoted(&arena, "user"), "\"user\"");
	assert_string_equal(name_quoted(&arena, "name"), "name");
	assert_string_equal(name_quoted(&arena, "int"), "\"int\"");
	assert_string_equal(name_quoted(&arena, "1a"), "\"1a\"");
	assert_string_equal(name_quoted(&arena, ""), "\"\"");
	arena_fini(&arena);
}

static uint32_t read_as(uint32_t type, const char *text, struct error *error)
{
	struct schema *schema = sample();
	struct arena arena = { 0 };
	uint32_t oid = 0;

	*error = (struct error){ 0 };
	if (!reg_read(schema, &session, type, slice_text(text), &arena, &oid,
		      error))
		oid = 0;
	arena_fini(&arena);
	schema_unref(&schema);
	return oid;
}

static void reads_names_of_relations(void **unused)
{
	struct error error;

	assert_int_equal(read_as(OID_REGCLASS, "pg_class", &error), 1259);
	assert_int_equal(read_as(OID_REGCLASS, "pg_catalog.PG_CLASS", &error),
			 1259);
	assert_int_equal(read_as(OID_REGCLASS, "\"My Table\"", &error), 16400);
	assert_int_equal(read_as(OID_REGCLASS, "audit.event", &error), 16410);
	assert_int_equal(read_as(OID_REGCLASS, "t_id_seq", &error), 16430);
	assert_int_equal(read_as(OID_REGCLASS, "1259", &error), 1259);
	assert_int_equal(read_as(OID_REGCLASS, "event", &error), 0);
	assert_string_equal(error.sqlstate, "42P01");
	assert_string_equal(error.message,
			    "relation \"event\" does not exist");
	read_as(OID_REGCLASS, "", &error);
	assert_string_equal(error.sqlstate, "42602");
}

static void reads_names_of_types(void **unused)
{
	struct error error;

	assert_int_equal(read_as(OID_REGTYPE, "int4", &error), OID_INT4);
	assert_int_equal(read_as(OID_REGTYPE, "integer[]", &error),
			 OID_INT4_ARRAY);
	assert_int_equal(read_as(OID_REGTYPE, "character varying(20)", &error),
			 OID_VARCHAR);
	assert_int_equal(read_as(OID_REGTYPE, "timestamp(3) with time zone",
				 &error), OID_TIMESTAMPTZ);
	assert_int_equal(read_as(OID_REGTYPE, "pg_catalog.text", &error),
			 OID_TEXT);
	assert_int_equal(read_as(OID_REGTYPE, "mood", &error), 16420);
	assert_int_equal(read_as(OID_REGTYPE, "public.mood[]", &error), 16419);
	assert_int_equal(read_as(OID_REGTYPE, "\"My Table\"", &error), 16401);
	assert_int_equal(read_as(OID_REGTYPE, "hstore", &error), 0);
	assert_string_equal(error.sqlstate, "42704");
	assert_string_equal(error.message, "type \"hstore\" does not exist");
}

static void prints_names_where_there_are_any(void **unused)
{
	struct schema *schema = sample();
	struct arena arena = { 0 };

#define TEXT(type, oid) reg_text(schema, &session, type, oid, &arena)
	assert_string_equal(TEXT(OID_REGCLASS, 1259), "pg_class");
	assert_string_equal(TEXT(OID_REGCLASS, 16400), "\"My Table\"");
	assert_string_equal(TEXT(OID_REGCLASS, 16410), "audit.event");
	assert_string_equal(TEXT(OID_REGCLASS, 0), "-");
	assert_string_equal(TEXT(OID_REGCLASS, 77), "77");
	assert_string_equal(TEXT(OID_REGTYPE, 16419), "mood[]");
	assert_string_equal(TEXT(OID_REGTYPE, OID_VARCHAR),
			    "character varying");
	assert_string_equal(TEXT(OID_REGNAMESPACE, 2200), "public");
	assert_string_equal(TEXT(OID_REGROLE, ROLE_OID), "app");
#undef TEXT
	arena_fini(&arena);
	schema_unref(&schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_only_where_it_must),
		cmocka_unit_test(reads_names_of_relations),
		cmocka_unit_test(reads_names_of_types),
		cmocka_unit_test(prints_names_where_there_are_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
