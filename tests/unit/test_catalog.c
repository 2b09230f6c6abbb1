#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include <sqlite3.h>

#include "pool/sqlite/context.h"

static const char *const path[] = { "public", NULL };
static const struct compile_session session = {
	.user = "app", .database = "shop", .search_path = path,
};

struct file {
	sqlite3 *db;
	struct lite_context context;
	struct schema *schema;
	uint64_t generation;
};

static void show(struct file *file)
{
	struct error error;

	schema_unref(&file->schema);
	assert_int_equal(schema_load(file->db, ++file->generation,
				     &file->schema, &error), SQLITE_OK);
	file->context.schema = file->schema;
	assert_int_equal(catalog_fill(file->db, file->schema), SQLITE_OK);
}

static void open_with(struct file *file, const char *sql)
{
	*file = (struct file){ .context = { .session = &session } };
	assert_int_equal(sqlite3_open(":memory:", &file->db), SQLITE_OK);
	sqlite3_db_config(file->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	assert_int_equal(catalog_attach(file->db, &file->context), SQLITE_OK);
	assert_int_equal(sqlite3_exec(file->db, sql, NULL, NULL, NULL),
			 SQLITE_OK);
	show(file);
}

static void close_file(struct file *file)
{
	schema_unref(&file->schema);
	arena_fini(&file->context.arena);
	assert_int_equal(sqlite3_close(file->db), SQLITE_OK);
}

/* The first column of the first row, "" for NULL, "-" for no row. */
static const char *answer(struct file *file, const char *sql)
{
	static char text[1024];
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) !=
	    SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(file->db));
	strcpy(text, "-");
	if (sqlite3_step(statement) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s",
			 sqlite3_column_text(statement, 0) ?
			 (const char *)sqlite3_column_text(statement, 0) : "");
	sqlite3_finalize(statement);
	return text;
}

#define SAYS(sql, text) assert_string_equal(answer(&file, sql), text)

static const char sample[] =
	"CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
	"CREATE TABLE book(id INTEGER PRIMARY KEY, title VARCHAR(20) UNIQUE,"
	" author INT REFERENCES author(id) ON DELETE CASCADE,"
	" price NUMERIC(10,2) DEFAULT 0);"
	"CREATE INDEX book_author ON book(author DESC);"
	"CREATE VIEW v AS SELECT title FROM book";

static void shows_the_tables_of_the_file(void **unused)
{
	struct file file;

	open_with(&file, sample);
	SAYS("SELECT group_concat(relname || relkind) FROM (SELECT * FROM"
	     " pg_catalog.pg_class WHERE relnamespace = 2200 ORDER BY"
	     " relname)", "authorr,author_pkeyi,bookr,book_authori,"
	     "book_pkeyi,book_title_keyi,vv");
	SAYS("SELECT pg_format_type(atttypid, atttypmod) FROM"
	     " pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON"
	     " c.oid = attrelid WHERE relname = 'book' AND"
	     " attname = 'price'", "numeric(10,2)");
	SAYS("SELECT adbin FROM pg_catalog.pg_attrdef", "0");
	SAYS("SELECT indkey || '/' || indoption FROM pg_catalog.pg_index"
	     " WHERE indexrelid = pg_to_regclass('book_author')", "3/3");
	SAYS("SELECT count(*) FROM pg_catalog.pg_class WHERE oid = 1259", "1");
	close_file(&file);
}

static void prints_definitions_as_postgres_does(void **unused)
{
	struct file file;

	open_with(&file, sample);
	SAYS("SELECT pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
	     " WHERE contype = 'f'", "FOREIGN KEY (author) REFERENCES"
	     " author(id) ON DELETE CASCADE");
	SAYS("SELECT pg_get_constraintdef(oid, 1) FROM"
	     " pg_catalog.pg_constraint WHERE conname = 'book_title_key'",
	     "UNIQUE (title)");
	SAYS("SELECT pg_get_indexdef(pg_to_regclass('book_author'))",
	     "CREATE INDEX book_author ON public.book USING btree"
	     " (author DESC)");
	SAYS("SELECT pg_get_indexdef(pg_to_regclass('book_title_key'), 1, 1)",
	     "title");
	SAYS("SELECT indexdef FROM pg_catalog.pg_indexes WHERE indexname ="
	     " 'book_pkey'", "CREATE UNIQUE INDEX book_pkey ON public.book"
	     " USING btree (id)");
	close_file(&file);
}

static void fills_again_when_the_schema_has_changed(void **unused)
{
	struct file file;

	open_with(&file, sample);
	sqlite3_exec(file.db, "CREATE TABLE more(a)", NULL, NULL, NULL);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'more'", "-");
	show(&file);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'more'", "1");
	sqlite3_exec(file.db, "DROP TABLE more", NULL, NULL, NULL);
	show(&file);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'more'", "-");
	SAYS("SELECT count(*) FROM information_schema.tables WHERE"
	     " table_schema = 'public'", "3");
	close_file(&file);
}

static void a_rollback_undoes_the_filling_too(void **unused)
{
	struct file file;

	open_with(&file, sample);
	sqlite3_exec(file.db, "BEGIN; CREATE TABLE more(a)", NULL, NULL, NULL);
	show(&file);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'more'", "1");
	sqlite3_exec(file.db, "ROLLBACK", NULL, NULL, NULL);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'more'", "-");
	show(&file);
	SAYS("SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'book'", "1");
	close_file(&file);
}

static void information_schema_follows_the_catalogs(void **unused)
{
	struct file file;

	open_with(&file, sample);
	SAYS("SELECT group_concat(data_type) FROM information_schema.columns"
	     " WHERE table_name = 'book'",
	     "bigint,character varying,bigint,numeric");
	SAYS("SELECT numeric_precision || ',' || numeric_scale FROM"
	     " information_schema.columns WHERE column_name = 'price'",
	     "10,2");
	SAYS("SELECT column_name || position_in_unique_constraint FROM"
	     " information_schema.key_column_usage WHERE constraint_name ="
	     " 'book_author_fkey'", "author1");
	SAYS("SELECT table_name || column_name FROM"
	     " information_schema.constraint_column_usage WHERE"
	     " constraint_name = 'book_author_fkey'", "authorid");
	SAYS("SELECT constraint_type FROM"
	     " information_schema.table_constraints WHERE constraint_name ="
	     " 'author_pkey'", "PRIMARY KEY");
	SAYS("SELECT unique_constraint_name || delete_rule FROM"
	     " information_schema.referential_constraints",
	     "author_pkeyCASCADE");
	SAYS("SELECT table_catalog FROM information_schema.tables WHERE"
	     " table_name = 'book'", "shop");
	close_file(&file);
}

static void knows_the_built_in_types(void **unused)
{
	struct file file;

	open_with(&file, "");
	SAYS("SELECT typarray FROM pg_catalog.pg_type WHERE typname = 'int4'",
	     "1007");
	SAYS("SELECT proname FROM pg_catalog.pg_type t JOIN"
	     " pg_catalog.pg_proc p ON p.oid = typinput WHERE t.oid = 25",
	     "textin");
	SAYS("SELECT pg_get_userbyid(10)", "app");
	SAYS("SELECT pg_encoding_to_char(6)", "UTF8");
	SAYS("SELECT rolname FROM pg_catalog.pg_roles", "app");
	SAYS("SELECT pg_current_schemas(1)", "{pg_catalog,public}");
	SAYS("SELECT pg_size_pretty(10239)", "10239 bytes");
	SAYS("SELECT pg_size_pretty(10240)", "10 kB");
	SAYS("SELECT pg_size_pretty(123456789)", "118 MB");
	SAYS("SELECT pg_to_regclass('nothing')", "");
	SAYS("SELECT count(*) FROM pg_partition_ancestors(1)", "0");
	close_file(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_the_tables_of_the_file),
		cmocka_unit_test(prints_definitions_as_postgres_does),
		cmocka_unit_test(fills_again_when_the_schema_has_changed),
		cmocka_unit_test(a_rollback_undoes_the_filling_too),
		cmocka_unit_test(information_schema_follows_the_catalogs),
		cmocka_unit_test(knows_the_built_in_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
