#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sqlite3.h>

#include "pool/sqlite/context.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

static sqlite3 *open_with(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static struct schema *load(sqlite3 *db)
{
	struct schema *schema = NULL;
	struct error error;

	assert_int_equal(schema_load(db, 1, &schema, &error), SQLITE_OK);
	return schema;
}

static void catalogs_are_in_every_schema(void **unused)
{
	sqlite3 *db = open_with("");
	struct schema *schema = load(db);
	const struct schema_table *table;

	table = schema_find_table(schema, NULL, NULL, "pg_class");
	assert_int_equal(table->oid, 1259);
	assert_string_equal(table->lite_database, "pg_catalog");
	assert_int_equal(schema_find_column(table, "relkind")->type, OID_CHAR);
	assert_int_equal(schema_find_column(table, "relname")->type, OID_NAME);
	assert_int_equal(schema_find_column(table, "reloptions")->type,
			 OID_TEXT_ARRAY);
	table = schema_find_table(schema, NULL, "information_schema",
				  "columns");
	assert_int_equal(schema_find_column(table, "ordinal_position")->type,
			 OID_INT4);
	schema_unref(&schema);
	sqlite3_close(db);
}

static uint32_t type_of(const struct schema *schema, const char *column,
			int32_t *typmod)
{
	const char *const path[] = { "public", NULL };
	const struct schema_table *table =
		schema_find_table(schema, path, NULL, "t");
	const struct schema_column *found;

	assert_non_null(table);
	found = schema_find_column(table, column);
	assert_non_null(found);
	*typmod = found->typmod;
	return found->type;
}

static void a_strangers_table_gets_sensible_types(void **unused)
{
	sqlite3 *db = open_with(
		"CREATE TABLE t(id INTEGER PRIMARY KEY, b BOOLEAN,"
		" v VARCHAR(20), d DATETIME, n NUMERIC(10, 2), x, u uuid text,"
		" w FOO, f DOUBLE, bl BLOB, tz timestamptz text(3))");
	struct schema *schema = load(db);
	int32_t typmod;

	assert_int_equal(type_of(schema, "id", &typmod), OID_INT8);
	assert_int_equal(type_of(schema, "b", &typmod), OID_BOOL);
	assert_int_equal(type_of(schema, "v", &typmod), OID_VARCHAR);
	assert_int_equal(typmod, 24);
	assert_int_equal(type_of(schema, "d", &typmod), OID_TIMESTAMP);
	assert_int_equal(type_of(schema, "n", &typmod), OID_NUMERIC);
	assert_int_equal(typmod, (10 << 16 | 2) + 4);
	assert_int_equal(type_of(schema, "x", &typmod), OID_TEXT);
	assert_int_equal(type_of(schema, "u", &typmod), OID_UUID);
	assert_int_equal(type_of(schema, "f", &typmod), OID_FLOAT8);
	assert_int_equal(type_of(schema, "bl", &typmod), OID_BYTEA);
	assert_int_equal(type_of(schema, "tz", &typmod), OID_TIMESTAMPTZ);
	assert_int_equal(typmod, 3);
	schema_unref(&schema);
	sqlite3_close(db);
}

static void a_strangers_keys_get_the_names_postgres_gives(void **unused)
{
	sqlite3 *db = open_with(
		"CREATE TABLE p(id INTEGER PRIMARY KEY, a TEXT UNIQUE, b INT);"
		"CREATE TABLE c(x INT, y INT, p INT REFERENCES p"
		" ON DELETE CASCADE, PRIMARY KEY(x, y));"
		"CREATE INDEX p_b ON p(b DESC, lower(a)) WHERE b > 0");
	struct schema *schema = load(db);
	const struct schema_table *p, *c, *owner;
	const struct schema_constraint *row;
	const struct schema_index *index;

	p = schema_find_table(schema, NULL, "public", "p");
	c = schema_find_table(schema, NULL, "public", "c");
	assert_true(p->adopted);
	assert_true(p->columns[0].rowid);
	assert_int_equal(p->columns[0].identity, 'd');
	assert_non_null(schema_find_constraint(p, "p_pkey"));
	assert_non_null(schema_find_constraint(p, "p_a_key"));
	assert_non_null(schema_find_constraint(c, "c_pkey"));
	row = schema_find_constraint(c, "c_p_fkey");
	assert_non_null(row);
	assert_string_equal(row->foreign_table, "p");
	assert_int_equal(row->foreign_columns[0], 1);
	assert_int_equal(row->on_delete, 'c');
	assert_ptr_equal(schema_constraint_by_oid(schema, row->oid, &owner),
			 row);
	assert_ptr_equal(owner, c);
	index = schema_find_index(schema, "public", "p_b", &owner);
	assert_int_equal(index->column_count, 2);
	assert_int_equal(index->columns[0], 3);
	assert_true(index->descending[0]);
	assert_int_equal(index->columns[1], 0);
	schema_unref(&schema);
	sqlite3_close(db);
}

static void derived_oids_do_not_change(void **unused)
{
	sqlite3 *db = open_with("CREATE TABLE t(a)");
	struct schema *first = load(db);
	struct schema *second;
	uint32_t oid = schema_find_table(first, NULL, "public", "t")->oid;

	sqlite3_exec(db, "CREATE TABLE s(a); ALTER TABLE t ADD COLUMN b",
		     NULL, NULL, NULL);
	second = load(db);
	assert_true(oid >= OID_USER_FIRST && oid < 0x80000000u);
	assert_int_equal(schema_find_table(second, NULL, "public", "t")->oid,
			 oid);
	schema_unref(&first);
	schema_unref(&second);
	sqlite3_close(db);
}

static void weirs_own_tables_are_hidden(void **unused)
{
	sqlite3 *db = open_with("");
	struct schema *schema, *empty = load(db);
	struct error error = { 0 };

	assert_int_equal(schema_prepare_file(db, &error), SQLITE_OK);
	assert_int_equal(schema_prepare_file(db, &error), SQLITE_OK);
	schema = load(db);
	assert_int_equal(schema->table_count, empty->table_count);
	assert_int_equal(schema->next_oid, OID_USER_FIRST);
	schema_unref(&schema);
	schema_unref(&empty);
	sqlite3_close(db);
}

static void a_broken_view_does_not_hide_the_rest(void **unused)
{
	sqlite3 *db = open_with("CREATE TABLE t(a INT);"
				"CREATE VIEW v AS SELECT no_such(a) FROM t;"
				"CREATE VIEW w AS SELECT a FROM t;"
				"CREATE TEMP TABLE x(a INT)");
	struct schema *schema = load(db);

	assert_non_null(schema_find_table(schema, NULL, "public", "t"));
	assert_non_null(schema_find_table(schema, NULL, "public", "w"));
	assert_null(schema_find_table(schema, NULL, "public", "v"));
	assert_non_null(schema_find_table(schema, NULL, NULL, "x"));
	schema_unref(&schema);
	sqlite3_close(db);
}

static void declared_types_convert_nothing(void **unused)
{
	struct arena arena = { 0 };
	sqlite3 *db = open_with("");

	for (size_t i = 0; i < type_count(); i++) {
		uint32_t oid = type_at(i)->oid;
		const char *declared = facts_declared_type(&arena, NULL, oid,
							   -1);
		sqlite3_stmt *statement;
		char *sql;

		bool array = type_at(i)->element && oid != OID_INT2VECTOR &&
			     oid != OID_OIDVECTOR;
		const char *value = array ? "{0012}" : "0012";

		/* those that are stored as numbers may be converted */
		if (!declared || oid == OID_FLOAT4 || oid == OID_FLOAT8 ||
		    oid == OID_BOOL ||
		    (!array && strstr(declared, "int")))
			continue;
		sqlite3_exec(db, "DROP TABLE IF EXISTS t", NULL, NULL, NULL);
		sql = sqlite3_mprintf("CREATE TABLE t(a %s)", declared);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL),
				 SQLITE_OK);
		sqlite3_free(sql);
		/* what is stored as text must stay text */
		sql = sqlite3_mprintf("INSERT INTO t VALUES(%Q)", value);
		sqlite3_exec(db, sql, NULL, NULL, NULL);
		sqlite3_free(sql);
		sqlite3_prepare_v2(db, "SELECT a FROM t", -1, &statement,
				   NULL);
		assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
		assert_string_equal((const char *)
				    sqlite3_column_text(statement, 0),
				    value);
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
	arena_fini(&arena);
}

static void lists_come_back_as_they_were(void **unused)
{
	const char *const items[] = { "a", "b\"c", "", "d,e" };
	struct arena arena = { 0 };
	const char **back;
	const char *joined = facts_join(&arena, items, 4);

	assert_string_equal(joined, "\"a\",\"b\"\"c\",\"\",\"d,e\"");
	assert_int_equal(facts_split(&arena, joined, &back), 4);
	for (int i = 0; i < 4; i++)
		assert_string_equal(back[i], items[i]);
	assert_int_equal(facts_split(&arena, "", &back), 0);
	assert_int_equal(facts_split(&arena, "\"a", &back), 1);
	assert_int_equal(facts_split(&arena, "junk", &back), 0);
	arena_fini(&arena);
}

static void a_file_of_an_older_weir_gets_what_is_new(void **unused)
{
	sqlite3 *db = open_with(
		"CREATE TABLE t(a text);"
		"CREATE TABLE _weir_object(oid INTEGER PRIMARY KEY,"
		" kind TEXT NOT NULL, namespace TEXT NOT NULL,"
		" name TEXT NOT NULL, row_type INTEGER, array_type INTEGER,"
		" text TEXT, comment TEXT);"
		"INSERT INTO _weir_object VALUES(20000, 'table', 'public', 't',"
		" 20001, 20002, NULL, NULL);"
		"CREATE TABLE _weir_column(parent INTEGER NOT NULL,"
		" position INTEGER NOT NULL, name TEXT NOT NULL,"
		" type INTEGER NOT NULL, typmod INTEGER NOT NULL,"
		" default_text TEXT, identity TEXT, generated TEXT,"
		" comment TEXT, PRIMARY KEY(parent, position)) WITHOUT ROWID;"
		"INSERT INTO _weir_column(parent, position, name, type, typmod)"
		" VALUES(20000, 1, 'a', 25, -1)");
	struct schema *schema;
	struct error error;

	for (int again = 0; again < 2; again++) {
		const struct schema_table *table;

		assert_int_equal(schema_prepare_file(db, &error), SQLITE_OK);
		schema = load(db);
		table = schema_table_by_oid(schema, 20000);
		assert_int_equal(table->columns[0].collation, again ? 951 : 0);
		schema_unref(&schema);
		assert_int_equal(sqlite3_exec(db, "UPDATE _weir_column SET"
					      " collation = 951", NULL, NULL,
					      NULL), SQLITE_OK);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogs_are_in_every_schema),
		cmocka_unit_test(a_strangers_table_gets_sensible_types),
		cmocka_unit_test(a_strangers_keys_get_the_names_postgres_gives),
		cmocka_unit_test(derived_oids_do_not_change),
		cmocka_unit_test(weirs_own_tables_are_hidden),
		cmocka_unit_test(a_broken_view_does_not_hide_the_rest),
		cmocka_unit_test(declared_types_convert_nothing),
		cmocka_unit_test(lists_come_back_as_they_were),
		cmocka_unit_test(a_file_of_an_older_weir_gets_what_is_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
