#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/guard_catalog.h"

static const char *const key_column[] = { "id", NULL };
static const char *const other_column[] = { "code", NULL };

static void finds_a_name_in_every_schema(void **state)
{
	struct guard_catalog *catalog = catalog_new();
	const struct catalog_object *found;

	catalog_add(catalog, &(struct catalog_object){
		.kind = CATALOG_RELATION, .schema = "a", .name = "t" });
	catalog_add(catalog, &(struct catalog_object){
		.kind = CATALOG_RELATION, .schema = "b", .name = "t" });
	catalog_add(catalog, &(struct catalog_object){
		.kind = CATALOG_SCHEMA, .name = "t" });
	found = catalog_find(catalog, CATALOG_RELATION, "t");
	assert_non_null(found);
	assert_non_null(found->next);
	assert_null(found->next->next);
	assert_string_not_equal(found->schema, found->next->schema);
	assert_null(catalog_find(catalog, CATALOG_FUNCTION, "t"));
	assert_null(catalog_find(catalog, CATALOG_RELATION, "T"));
	catalog_unref(&catalog);
	assert_null(catalog);
}

static void adds_up_what_is_refused(void **state)
{
	struct guard_catalog *catalog = catalog_new();
	struct catalog_object object = {
		.kind = CATALOG_RELATION, .schema = "public", .name = "orders",
	};
	const struct catalog_object *found;

	catalog_add(catalog, &object);
	object.refused = CATALOG_BIT(DEED_UPDATE);
	object.columns = key_column;
	object.table = "audit_log";
	object.through = "foreign key f";
	catalog_add(catalog, &object);
	object.columns = other_column;
	object.cascading = CATALOG_BIT(DEED_TRUNCATE);
	object.through = "another";
	catalog_add(catalog, &object);
	object.refused = CATALOG_BIT(DEED_DELETE);
	object.columns = NULL;
	catalog_add(catalog, &object);
	found = catalog_find(catalog, CATALOG_RELATION, "orders");
	assert_null(found->next);
	assert_int_equal(found->refused, CATALOG_BIT(DEED_UPDATE) |
			 CATALOG_BIT(DEED_DELETE));
	assert_int_equal(found->cascading, CATALOG_BIT(DEED_TRUNCATE));
	assert_string_equal(found->columns[0], "id");
	assert_string_equal(found->columns[1], "code");
	assert_null(found->columns[2]);
	assert_string_equal(found->through, "foreign key f");
	object.refused = CATALOG_BIT(DEED_UPSERT);
	catalog_add(catalog, &object);
	assert_null(found->columns);
	catalog_unref(&catalog);
}

static void finds_a_type_by_its_oid_where_something_is_refused_of_it(void **state)
{
	struct guard_catalog *catalog = catalog_new();
	struct catalog_object object = {
		.kind = CATALOG_TYPE, .schema = "public", .name = "bad",
		.oid = 20000, .refused = CATALOG_CALL,
	};

	catalog_add(catalog, &object);
	catalog_add(catalog, &object);
	object.name = "fine";
	object.oid = 0;
	object.refused = 0;
	catalog_add(catalog, &object);
	assert_string_equal(catalog_find_type(catalog, 20000)->name, "bad");
	assert_null(catalog_find_type(catalog, 0));
	assert_null(catalog_find_type(catalog, 20001));
	catalog_unref(&catalog);
}

static void finds_the_first_along_a_path(void **state)
{
	static const char *const path[] = { "none", "b", "a", NULL };
	static const char *const elsewhere[] = { "none", NULL };
	struct guard_catalog *catalog = catalog_new();
	const struct catalog_object *found;
	static const char *const schemas[] = { "a", "b", "c" };

	catalog_add(catalog, &(struct catalog_object){
		.kind = CATALOG_RELATION, .schema = "a", .name = "once" });
	for (int i = 0; i < 3; i++)
		catalog_add(catalog, &(struct catalog_object){
			.kind = CATALOG_RELATION, .schema = schemas[i],
			.name = "often" });
	found = catalog_find_along(catalog, CATALOG_RELATION, path, "once");
	assert_string_equal(found->schema, "a");
	found = catalog_find_along(catalog, CATALOG_RELATION, path, "often");
	assert_string_equal(found->schema, "b");
	found = catalog_find_in(catalog, CATALOG_RELATION, "c", "often");
	assert_string_equal(found->schema, "c");
	assert_null(catalog_find_in(catalog, CATALOG_RELATION, "c", "once"));
	assert_null(catalog_find_in(catalog, CATALOG_RELATION, "c", "never"));
	assert_null(catalog_find_along(catalog, CATALOG_RELATION, elsewhere,
				       "often"));
	assert_null(catalog_find_along(catalog, CATALOG_RELATION, elsewhere,
				       "once"));
	assert_null(catalog_find_along(catalog, CATALOG_RELATION, path,
				       "never"));
	catalog_unref(&catalog);
}

static void lives_as_long_as_it_is_held(void **state)
{
	struct guard_catalog *catalog = catalog_new();
	struct guard_catalog *held = catalog_ref(catalog);

	catalog_set_epoch(catalog, 7);
	catalog_set_closed(catalog, true);
	catalog_unref(&catalog);
	assert_int_equal(catalog_epoch(held), 7);
	assert_true(catalog_is_closed(held));
	catalog_unref(&held);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_name_in_every_schema),
		cmocka_unit_test(adds_up_what_is_refused),
		cmocka_unit_test(
			finds_a_type_by_its_oid_where_something_is_refused_of_it),
		cmocka_unit_test(finds_the_first_along_a_path),
		cmocka_unit_test(lives_as_long_as_it_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
