#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "protocol/dialect/schema.h"

static struct schema *schema_of(int count, ...)
{
	struct schema *schema = schema_new();
	va_list args;

	schema->table_count = count;
	schema->tables = arena_alloc(&schema->arena,
				     (size_t)count * sizeof(*schema->tables));
	va_start(args, count);
	for (int i = 0; i < count; i++) {
		schema->tables[i].schema = va_arg(args, const char *);
		schema->tables[i].name = va_arg(args, const char *);
		schema->tables[i].oid = (uint32_t)(16384 + i);
	}
	va_end(args);
	schema_finish(schema);
	return schema;
}

static void finds_a_table_along_the_path(void **unused)
{
	const char *const path[] = { "one", "two", NULL };
	struct schema *schema = schema_of(3, "two", "t", "one", "t",
					  "three", "u");

	assert_string_equal(schema_find_table(schema, path, NULL, "t")->schema,
			    "one");
	assert_string_equal(schema_find_table(schema, path, "two", "t")->schema,
			    "two");
	assert_null(schema_find_table(schema, path, NULL, "u"));
	assert_null(schema_find_table(schema, path, "one", "u"));
	schema_unref(&schema);
	assert_null(schema);
}

static void pg_catalog_comes_first_unless_the_path_says_where(void **unused)
{
	const char *const path[] = { "public", NULL };
	const char *const late[] = { "public", "pg_catalog", NULL };
	struct schema *schema = schema_of(2, "public", "pg_class",
					  "pg_catalog", "pg_class");

	assert_string_equal(
		schema_find_table(schema, path, NULL, "pg_class")->schema,
		"pg_catalog");
	assert_string_equal(
		schema_find_table(schema, late, NULL, "pg_class")->schema,
		"public");
	schema_unref(&schema);
}

static void temporary_tables_shadow_all_others(void **unused)
{
	const char *const path[] = { "public", NULL };
	struct schema *schema = schema_of(2, "public", "t", SCHEMA_TEMP, "t");

	assert_string_equal(schema_find_table(schema, path, NULL, "t")->schema,
			    SCHEMA_TEMP);
	assert_string_equal(
		schema_find_table(schema, path, "pg_temp", "t")->schema,
		SCHEMA_TEMP);
	schema_unref(&schema);
}

static void lives_until_the_last_reference_goes(void **unused)
{
	struct schema *schema = schema_of(1, "public", "t");
	struct schema *other = schema_ref(schema);

	schema_unref(&schema);
	assert_non_null(schema_find_table(other, NULL, "public", "t"));
	schema_unref(&other);
	schema_unref(&other);
}

static void an_empty_schema_has_nothing(void **unused)
{
	struct schema *schema = schema_new();

	assert_null(schema_find_table(schema, NULL, "public", "t"));
	schema_finish(schema);
	assert_null(schema_find_table(schema, NULL, "public", "t"));
	assert_null(schema_find_sequence(schema, NULL, "s"));
	assert_null(schema_enum_by_oid(schema, 1));
	schema_unref(&schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_table_along_the_path),
		cmocka_unit_test(
			pg_catalog_comes_first_unless_the_path_says_where),
		cmocka_unit_test(temporary_tables_shadow_all_others),
		cmocka_unit_test(lives_until_the_last_reference_goes),
		cmocka_unit_test(an_empty_schema_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
