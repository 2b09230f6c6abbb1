#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include <sqlite3.h>

#include "pool/sqlite/context.h"

/* A file and what the engine does with DDL: compile, run the steps in a
 * savepoint, load the schema again. */

static const char *const path[] = { "public", NULL };
static const struct type_settings types = { .time_zone = "UTC",
					    .date_order = 'M' };
static const struct compile_session session = {
	.user = "app", .database = "shop", .search_path = path,
	.types = &types,
};

struct file {
	sqlite3 *db;
	struct lite_context context;
	struct schema *schema;
	uint64_t generation;
	struct error error;
	char notice[256];
};

static void reload(struct file *file)
{
	struct error error;

	schema_unref(&file->schema);
	assert_int_equal(schema_load(file->db, ++file->generation,
				     &file->schema, &error), SQLITE_OK);
	file->context.schema = file->schema;
}

static int open_file(void **state)
{
	struct file *file = test_calloc(1, sizeof(*file));
	struct error error;

	assert_int_equal(sqlite3_open(":memory:", &file->db), SQLITE_OK);
	sqlite3_db_config(file->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_exec(file->db, "PRAGMA foreign_keys = on", NULL, NULL, NULL);
	file->context.session = &session;
	assert_int_equal(functions_register(file->db, &file->context),
			 SQLITE_OK);
	assert_int_equal(catalog_attach(file->db, &file->context), SQLITE_OK);
	assert_int_equal(schema_prepare_file(file->db, &error), SQLITE_OK);
	reload(file);
	*state = file;
	return 0;
}

static int close_file(void **state)
{
	struct file *file = *state;

	assert_int_equal(sqlite3_close(file->db), SQLITE_OK);
	schema_unref(&file->schema);
	arena_fini(&file->context.arena);
	test_free(file);
	return 0;
}

static bool run_step(struct file *file, const struct compiled_step *step)
{
	sqlite3_stmt *statement;
	int status;

	if (sqlite3_prepare_v2(file->db, step->sql, -1, &statement, NULL) !=
	    SQLITE_OK)
		fail_msg("%s: %s", step->sql, sqlite3_errmsg(file->db));
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW && step->error)
		file->error = *step->error;
	else if (status != SQLITE_ROW && status != SQLITE_DONE)
		error_set(&file->error, "SQLIT", "%s: %s", step->sql,
			  sqlite3_errmsg(file->db));
	sqlite3_finalize(statement);
	return file->error.sqlstate[0] == 0;
}

static bool run_steps(struct file *file, const struct compiled *compiled)
{
	bool good = true;

	assert_int_equal(compiled->kind, COMPILED_DDL);
	assert_non_null(compiled->tag);
	if (compiled->notices)
		snprintf(file->notice, sizeof(file->notice), "%s",
			 compiled->notices[0].text);
	sqlite3_exec(file->db, "SAVEPOINT s", NULL, NULL, NULL);
	for (int i = 0; good && i < compiled->step_count; i++)
		good = run_step(file, &compiled->steps[i]);
	sqlite3_exec(file->db, good ? "RELEASE s" : "ROLLBACK TO s; RELEASE s",
		     NULL, NULL, NULL);
	return good;
}

/* Runs one statement; its SQLSTATE or "". */
static const char *run(struct file *file, const char *sql)
{
	struct arena arena = { 0 };
	struct compiled compiled = { 0 };
	struct sql_tree *tree = sql_tree_new(slice_text(sql), &file->error);

	assert_non_null(tree);
	file->error = (struct error){ 0 };
	file->notice[0] = 0;
	if (compile_statement(sql_tree_statement(tree, 0), file->schema,
			      &session, NULL, 0, &arena, &compiled,
			      &file->error))
		run_steps(file, &compiled);
	sql_tree_free(&tree);
	arena_fini(&arena);
	reload(file);
	return file->error.sqlstate;
}

static void must(struct file *file, const char *sql)
{
	if (*run(file, sql))
		fail_msg("%s: %s %s", sql, file->error.sqlstate,
			 file->error.message);
}

#define RUN(sql) must(file, sql)
#define FAILS(sql, state, text) do { \
	assert_string_equal(run(file, sql), state); \
	assert_string_equal(file->error.message, text); \
} while (0)

static void lite(struct file *file, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(file->db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* All rows of the first column, joined. */
static const char *answer(struct file *file, const char *sql)
{
	static char text[4096];
	sqlite3_stmt *statement;
	size_t length = 0;

	if (sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) !=
	    SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(file->db));
	text[0] = 0;
	while (sqlite3_step(statement) == SQLITE_ROW)
		length += (size_t)snprintf(
			text + length, sizeof(text) - length, "%s%s",
			length ? ";" : "", sqlite3_column_text(statement, 0) ?
			(const char *)sqlite3_column_text(statement, 0) : "");
	sqlite3_finalize(statement);
	return text;
}

#define SAYS(sql, text) assert_string_equal(answer(file, sql), text)

static const struct schema_table *table_of(struct file *file, const char *name)
{
	const struct schema_table *table =
		schema_find_table(file->schema, path, NULL, name);

	assert_non_null(table);
	return table;
}

static void check_file(struct file *file)
{
	SAYS("PRAGMA integrity_check", "ok");
	SAYS("PRAGMA foreign_key_check", "");
}

/* --- making ------------------------------------------------------------- */

static void constraints_get_postgres_names(void **state)
{
	struct file *file = *state;
	const struct schema_table *t;

	RUN("CREATE TABLE p(id serial PRIMARY KEY, a text UNIQUE, b int,"
	    " UNIQUE(a, b))");
	RUN("CREATE TABLE t(id bigint PRIMARY KEY, p int REFERENCES p,"
	    " n int CHECK (n > 0) CHECK (n < 9), CHECK (n > p),"
	    " CONSTRAINT mine CHECK (n <> 7))");
	assert_non_null(schema_find_constraint(table_of(file, "p"), "p_pkey"));
	assert_non_null(schema_find_constraint(table_of(file, "p"),
					       "p_a_b_key"));
	t = table_of(file, "t");
	assert_non_null(schema_find_constraint(t, "t_p_fkey"));
	assert_non_null(schema_find_constraint(t, "t_n_check"));
	assert_non_null(schema_find_constraint(t, "t_n_check1"));
	assert_non_null(schema_find_constraint(t, "t_check"));
	assert_non_null(schema_find_constraint(t, "mine"));
	/* SQLite knows them by the same names */
	assert_non_null(strstr(t->lite_sql, "CONSTRAINT \"t_p_fkey\" FOREIGN "
					    "KEY (\"p\") REFERENCES \"p\""));
	check_file(file);
}

static void a_key_left_out_or_null_is_refused_not_invented(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE t(id int PRIMARY KEY, a int)");
	RUN("CREATE TABLE u(id bigserial PRIMARY KEY, a int)");
	assert_false(table_of(file, "t")->columns[0].rowid);
	assert_false(table_of(file, "u")->columns[0].rowid);
	assert_int_equal(sqlite3_exec(file->db, "INSERT INTO t(a) VALUES(1)",
				      NULL, NULL, NULL), SQLITE_CONSTRAINT);
	assert_int_equal(sqlite3_exec(file->db, "INSERT INTO u VALUES(NULL, 1)",
				      NULL, NULL, NULL), SQLITE_CONSTRAINT);
}

static void columns_keep_types_and_defaults(void **state)
{
	struct file *file = *state;
	const struct schema_table *t;

	RUN("CREATE TABLE t(id serial, v varchar(20) DEFAULT 'x',"
	    " n numeric(10,2) DEFAULT 0, at timestamptz DEFAULT now(),"
	    " b bool DEFAULT 't', i int DEFAULT -1, d date, l text DEFAULT"
	    " NULL)");
	t = table_of(file, "t");
	assert_string_equal(t->columns[0].default_text,
			    "nextval('t_id_seq'::regclass)");
	assert_string_equal(t->columns[0].sequence, "t_id_seq");
	assert_true(t->columns[0].not_null);
	assert_string_equal(t->columns[1].default_text,
			    "'x'::character varying");
	assert_int_equal(t->columns[1].typmod, 24);
	assert_string_equal(t->columns[2].default_text, "0");
	assert_string_equal(t->columns[3].default_text, "now()");
	assert_string_equal(t->columns[4].default_text, "true");
	assert_string_equal(t->columns[5].default_text, "'-1'::integer");
	assert_null(t->columns[7].default_text);
	assert_int_equal(t->columns[2].type, OID_NUMERIC);
	assert_non_null(schema_find_sequence(file->schema, "public",
					     "t_id_seq"));
}

static void oids_are_never_given_twice(void **state)
{
	struct file *file = *state;
	uint32_t first;

	RUN("CREATE TABLE a(x int)");
	first = table_of(file, "a")->oid;
	assert_true(first >= OID_USER_FIRST);
	RUN("DROP TABLE a");
	RUN("CREATE TABLE a(x int)");
	assert_true(table_of(file, "a")->oid > first);
	first = table_of(file, "a")->oid;
	RUN("ALTER TABLE a ALTER COLUMN x TYPE bigint");
	assert_int_equal(table_of(file, "a")->oid, first);
}

static void refuses_as_postgres_does(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE t(id int PRIMARY KEY, a text)");
	RUN("CREATE TABLE c(t int REFERENCES t)");
	FAILS("CREATE TABLE t(x int)", "42P07",
	      "relation \"t\" already exists");
	FAILS("CREATE TABLE b(x int, x int)", "42701",
	      "column \"x\" specified more than once");
	FAILS("CREATE TABLE b(x nosuch)", "42704",
	      "type \"nosuch\" does not exist");
	FAILS("CREATE TABLE b(x int REFERENCES nosuch)", "42P01",
	      "relation \"nosuch\" does not exist");
	FAILS("CREATE TABLE b(x text REFERENCES t)", "42804", "foreign key "
	      "constraint \"b_x_fkey\" cannot be implemented");
	FAILS("CREATE TABLE b(x text REFERENCES t(a))", "42830", "there is no "
	      "unique constraint matching given keys for referenced table "
	      "\"t\"");
	FAILS("CREATE TABLE b(x int PRIMARY KEY, PRIMARY KEY(x))", "42P16",
	      "multiple primary keys for table \"b\" are not allowed");
	FAILS("CREATE TABLE b(PRIMARY KEY(y))", "42703",
	      "column \"y\" named in key does not exist");
	FAILS("CREATE TABLE nowhere.b(x int)", "3F000",
	      "schema \"nowhere\" does not exist");
	FAILS("CREATE TABLE _weir_x(x int)", "42939",
	      "table name \"_weir_x\" is reserved");
	FAILS("DROP TABLE nosuch", "42P01", "table \"nosuch\" does not exist");
	FAILS("DROP TABLE t", "2BP01", "cannot drop table t because other "
	      "objects depend on it");
	FAILS("ALTER TABLE t DROP COLUMN nosuch", "42703",
	      "column \"nosuch\" of relation \"t\" does not exist");
	FAILS("ALTER TABLE t ADD COLUMN a int", "42701",
	      "column \"a\" of relation \"t\" already exists");
	FAILS("ALTER TABLE t DROP CONSTRAINT nosuch", "42704",
	      "constraint \"nosuch\" of relation \"t\" does not exist");
	FAILS("DROP VIEW t", "42809", "\"t\" is not a view");
	FAILS("DROP INDEX t_pkey", "2BP01", "cannot drop index t_pkey because "
	      "constraint t_pkey on table t requires it");
	FAILS("DROP TABLE pg_class", "42501",
	      "permission denied: \"pg_class\" is a system catalog");
	FAILS("ALTER TABLE t ALTER COLUMN id DROP NOT NULL", "42P16",
	      "column \"id\" is in a primary key");
	check_file(file);
}

static void if_not_exists_gives_a_notice(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE t(x int)");
	RUN("CREATE TABLE IF NOT EXISTS t(y int)");
	assert_string_equal(file->notice,
			    "relation \"t\" already exists, skipping");
	RUN("DROP TABLE IF EXISTS nosuch");
	assert_string_equal(file->notice,
			    "table \"nosuch\" does not exist, skipping");
	RUN("CREATE INDEX i ON t(x)");
	RUN("CREATE INDEX IF NOT EXISTS i ON t(x)");
	assert_string_equal(file->notice,
			    "relation \"i\" already exists, skipping");
	RUN("ALTER TABLE t DROP COLUMN IF EXISTS nosuch");
	RUN("CREATE SCHEMA IF NOT EXISTS public");
}

/* --- altering ----------------------------------------------------------- */

static void family(struct file *file)
{
	RUN("CREATE TABLE p(id int PRIMARY KEY, name text, n int)");
	RUN("CREATE TABLE c(id int PRIMARY KEY, p int REFERENCES p"
	    " ON DELETE CASCADE)");
	lite(file, "INSERT INTO p VALUES(1, 'a', 5), (2, 'b', NULL);"
		   "INSERT INTO c VALUES(1, 1), (2, 2), (3, 2)");
}

static void no_rebuild_loses_child_rows(void **state)
{
	static const char *const statements[] = {
		"ALTER TABLE p ALTER COLUMN n TYPE bigint",
		"ALTER TABLE p ADD CONSTRAINT u UNIQUE (name)",
		"ALTER TABLE p DROP CONSTRAINT u",
		"ALTER TABLE p ADD COLUMN s serial",
		"ALTER TABLE p DROP COLUMN name",
		"ALTER TABLE p ADD CHECK (id > 0)",
		"ALTER TABLE p RENAME COLUMN id TO key",
		"ALTER TABLE p RENAME TO parent",
		"ALTER TABLE c ADD COLUMN more int NOT NULL DEFAULT 7",
		"ALTER TABLE parent ALTER COLUMN key TYPE bigint",
	};
	struct file *file = *state;

	family(file);
	lite(file, "BEGIN");
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		RUN(statements[i]);
		SAYS("SELECT count(*) FROM c", "3");
		check_file(file);
	}
	lite(file, "COMMIT");
	SAYS("SELECT s FROM parent", "1;2");
	SAYS("SELECT more FROM c", "7;7;7");
	/* and the key still works */
	lite(file, "DELETE FROM parent WHERE key = 2");
	SAYS("SELECT count(*) FROM c", "1");
}

static void a_rollback_undoes_all_of_it(void **state)
{
	struct file *file = *state;
	char before[4096];

	family(file);
	snprintf(before, sizeof(before), "%s", answer(
		file, "SELECT sql FROM sqlite_schema ORDER BY name"));
	lite(file, "BEGIN");
	RUN("ALTER TABLE p ALTER COLUMN n TYPE bigint, ADD CHECK (id < 100)");
	RUN("ALTER TABLE p ADD COLUMN x int DEFAULT 3");
	RUN("DROP TABLE c");
	RUN("CREATE TABLE d(y int)");
	lite(file, "ROLLBACK");
	reload(file);
	SAYS("SELECT sql FROM sqlite_schema ORDER BY name", before);
	SAYS("SELECT count(*) FROM c", "3");
	assert_int_equal(table_of(file, "p")->column_count, 3);
	assert_int_equal(table_of(file, "p")->constraint_count, 1);
	check_file(file);
	RUN("CREATE TABLE d(y int)");
}

static void rows_that_break_what_is_new_are_found(void **state)
{
	struct file *file = *state;

	family(file);
	FAILS("ALTER TABLE p ALTER COLUMN n SET NOT NULL", "23502",
	      "column \"n\" of relation \"p\" contains null values");
	FAILS("ALTER TABLE p ADD COLUMN m int NOT NULL", "23502",
	      "column \"m\" of relation \"p\" contains null values");
	FAILS("ALTER TABLE p ADD CONSTRAINT k CHECK (n > 5)", "23514",
	      "check constraint \"k\" of relation \"p\" is violated by some "
	      "row");
	FAILS("ALTER TABLE c ADD CONSTRAINT u UNIQUE (p)", "23505",
	      "could not create unique index \"u\"");
	RUN("CREATE TABLE q(id int PRIMARY KEY)");
	FAILS("ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (p) REFERENCES q",
	      "23503", "insert or update on table \"c\" violates foreign key "
	      "constraint \"f\"");
	assert_int_equal(table_of(file, "p")->column_count, 3);
	RUN("ALTER TABLE p ADD CONSTRAINT k CHECK (n > 4)");
	RUN("ALTER TABLE p ALTER COLUMN name SET NOT NULL");
	assert_int_not_equal(sqlite3_exec(file->db, "INSERT INTO p VALUES(9,"
					  " NULL, 5)", NULL, NULL, NULL),
			     SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(file->db, "INSERT INTO p VALUES(9,"
					  " 'x', 4)", NULL, NULL, NULL),
			     SQLITE_OK);
	RUN("ALTER TABLE p ALTER COLUMN name DROP NOT NULL");
	RUN("ALTER TABLE p DROP CONSTRAINT k");
	lite(file, "INSERT INTO p VALUES(9, NULL, 4)");
	check_file(file);
}

static void dropping_a_column_takes_what_hangs_on_it(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE t(id serial, a int UNIQUE, b int CHECK (b > a),"
	    " c int)");
	RUN("CREATE INDEX i ON t(a, c)");
	RUN("CREATE INDEX j ON t(c)");
	RUN("ALTER TABLE t DROP COLUMN a");
	assert_int_equal(table_of(file, "t")->constraint_count, 0);
	assert_int_equal(table_of(file, "t")->index_count, 1);
	assert_int_equal(table_of(file, "t")->indexes[0].columns[0], 3);
	SAYS("SELECT count(*) FROM sqlite_schema WHERE name IN ('i', 'j')",
	     "1");
	RUN("ALTER TABLE t DROP COLUMN id");
	assert_int_equal(file->schema->sequence_count, 0);
	check_file(file);
}

static void renaming_follows_into_expressions(void **state)
{
	struct file *file = *state;
	const struct schema_table *t;

	RUN("CREATE TABLE t(a int PRIMARY KEY, b text, up int REFERENCES t,"
	    " CHECK (a > 0 AND b <> 'a'))");
	RUN("CREATE INDEX i ON t(lower(b)) WHERE a > 5");
	RUN("ALTER TABLE t RENAME COLUMN a TO x");
	RUN("ALTER TABLE t RENAME COLUMN b TO y");
	RUN("ALTER TABLE t RENAME TO u");
	RUN("ALTER INDEX i RENAME TO j");
	t = table_of(file, "u");
	assert_string_equal(schema_find_constraint(t, "t_check")->check_text,
			    "((x > 0) AND (y <> 'a'::text))");
	assert_string_equal(schema_find_constraint(t, "t_up_fkey")
			    ->foreign_table, "u");
	assert_int_equal(schema_find_constraint(t, "t_up_fkey")
			 ->foreign_columns[0], 1);
	assert_string_equal(t->indexes[1].name, "j");
	assert_string_equal(t->indexes[1].expressions[0], "lower(y)");
	assert_string_equal(t->indexes[1].predicate, "(x > 5)");
	RUN("ALTER TABLE u ADD CHECK (x < 1000)");
	check_file(file);
}

/* --- dropping, enums, views, sequences ---------------------------------- */

static void drop_cascade_releases_the_children(void **state)
{
	struct file *file = *state;

	family(file);
	RUN("DROP TABLE p CASCADE");
	assert_string_equal(file->notice,
			    "drop cascades to constraint c_p_fkey on table c");
	SAYS("SELECT count(*) FROM c", "3");
	assert_int_equal(table_of(file, "c")->constraint_count, 1);
	lite(file, "INSERT INTO c VALUES(4, 99)");
	check_file(file);
}

static void tables_that_reference_each_other_go_together(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE a(id int PRIMARY KEY, b int)");
	RUN("CREATE TABLE b(id int PRIMARY KEY, a int REFERENCES a)");
	RUN("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b");
	lite(file, "INSERT INTO a VALUES(1, NULL); INSERT INTO b VALUES(1, 1);"
		   "UPDATE a SET b = 1");
	RUN("DROP TABLE a, b");
	SAYS("SELECT count(*) FROM _weir_constraint", "0");
	SAYS("SELECT count(*) FROM _weir_object", "0");
	check_file(file);
}

static void enums_keep_other_labels_out(void **state)
{
	struct file *file = *state;

	RUN("CREATE TYPE mood AS ENUM ('sad', 'happy')");
	RUN("CREATE TABLE t(m mood DEFAULT 'sad')");
	lite(file, "INSERT INTO t VALUES('happy'), (NULL)");
	assert_int_not_equal(sqlite3_exec(file->db,
					  "INSERT INTO t VALUES('ok')", NULL,
					  NULL, NULL), SQLITE_OK);
	assert_string_equal(file->context.error.sqlstate, "22P02");
	assert_string_equal(file->context.error.message,
			    "invalid input value for enum mood: \"ok\"");
	RUN("ALTER TYPE mood ADD VALUE 'ok' BEFORE 'happy'");
	lite(file, "INSERT INTO t VALUES('ok')");
	assert_string_equal(file->schema->enums[0].labels[1], "ok");
	assert_string_equal(table_of(file, "t")->columns[0].default_text,
			    "'sad'::mood");
	FAILS("DROP TYPE mood", "2BP01",
	      "cannot drop type mood because other objects depend on it");
	FAILS("CREATE TYPE mood AS ENUM ('x')", "42710",
	      "type \"mood\" already exists");
	RUN("DROP TABLE t");
	RUN("DROP TYPE mood");
	SAYS("SELECT count(*) FROM _weir_enum", "0");
}

static void views_keep_their_text_and_types(void **state)
{
	struct file *file = *state;
	const struct schema_table *v;

	family(file);
	RUN("CREATE VIEW v(a, b) AS SELECT id, name FROM p WHERE n > 1;");
	v = table_of(file, "v");
	assert_int_equal(v->kind, 'v');
	assert_string_equal(v->view_text,
			    "SELECT * FROM (SELECT p.id, p.name FROM public.p WHERE p.n > 1) AS v(a, b)");
	assert_int_equal(v->columns[0].type, OID_INT4);
	assert_int_equal(v->columns[1].type, OID_TEXT);
	SAYS("SELECT a || b FROM v", "1a");
	FAILS("DROP TABLE p", "2BP01", "cannot drop table p because other "
	      "objects depend on it");
	FAILS("ALTER TABLE p ALTER COLUMN name TYPE varchar(5)", "0A000",
	      "cannot alter type of a column used by a view or rule");
	RUN("CREATE OR REPLACE VIEW v AS SELECT id AS a, name AS b, n FROM p");
	assert_int_equal(table_of(file, "v")->column_count, 3);
	RUN("DROP VIEW v");
	RUN("DROP TABLE p CASCADE");
}

static void sequences_stand_alone_too(void **state)
{
	struct file *file = *state;
	const struct schema_sequence *row;

	RUN("CREATE SEQUENCE s AS int START 5 INCREMENT -2 MINVALUE -10"
	    " MAXVALUE 100 CYCLE");
	row = schema_find_sequence(file->schema, "public", "s");
	assert_int_equal(row->start, 5);
	assert_int_equal(row->increment, -2);
	assert_int_equal(row->minimum, -10);
	assert_true(row->cycle);
	FAILS("CREATE SEQUENCE s", "42P07", "relation \"s\" already exists");
	FAILS("CREATE SEQUENCE x INCREMENT 0", "22023",
	      "INCREMENT must not be zero");
	RUN("CREATE TABLE t(id int GENERATED ALWAYS AS IDENTITY)");
	assert_int_equal(table_of(file, "t")->columns[0].identity, 'a');
	FAILS("DROP SEQUENCE t_id_seq", "2BP01", "cannot drop sequence "
	      "t_id_seq because other objects depend on it");
	RUN("DROP SEQUENCE s");
	RUN("DROP TABLE t");
	assert_int_equal(file->schema->sequence_count, 0);
}

static void other_schemas_and_temporary_tables(void **state)
{
	struct file *file = *state;
	const struct schema_table *table;

	RUN("CREATE SCHEMA audit");
	RUN("CREATE TABLE audit.event(id serial PRIMARY KEY)");
	RUN("CREATE TABLE event(x int)");
	table = schema_find_table(file->schema, NULL, "audit", "event");
	assert_string_equal(table->lite_name, "audit.event");
	assert_string_equal(table->columns[0].default_text,
			    "nextval('audit.event_id_seq'::regclass)");
	RUN("CREATE TEMP TABLE event(y int, z serial)");
	assert_string_equal(table_of(file, "event")->schema, SCHEMA_TEMP);
	RUN("DROP TABLE event");
	assert_string_equal(table_of(file, "event")->schema, "public");
	FAILS("DROP SCHEMA audit", "2BP01", "cannot drop schema audit because "
	      "other objects depend on it");
	RUN("DROP SCHEMA audit CASCADE");
	assert_null(schema_find_table(file->schema, NULL, "audit", "event"));
	assert_null(schema_find_namespace(file->schema, "audit"));
}

static void a_strangers_table_is_altered_or_left_alone(void **state)
{
	struct file *file = *state;

	lite(file, "CREATE TABLE t(id INTEGER PRIMARY KEY, a VARCHAR(20)"
		   " UNIQUE, b INT);INSERT INTO t VALUES(1, 'x', 2);"
		   "CREATE TABLE k(a INT CHECK (a > 0))");
	reload(file);
	RUN("ALTER TABLE t ALTER COLUMN a TYPE text");
	RUN("ALTER TABLE t ADD COLUMN c int DEFAULT 9");
	SAYS("SELECT id || a || b || c FROM t", "1x29");
	assert_false(table_of(file, "t")->adopted);
	assert_string_equal(run(file, "ALTER TABLE k ALTER COLUMN a TYPE text"),
			    "0A000");
	RUN("CREATE TABLE f(t int REFERENCES t)");
	check_file(file);
}

static void harmless_statements_are_accepted(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE t(a int)");
	RUN("GRANT SELECT ON t TO public");
	RUN("REVOKE ALL ON t FROM public");
	RUN("ALTER TABLE t OWNER TO app");
	RUN("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"");
	RUN("COMMENT ON TABLE t IS 'about t'");
	RUN("COMMENT ON COLUMN t.a IS 'about a'");
	assert_string_equal(table_of(file, "t")->comment, "about t");
	assert_string_equal(table_of(file, "t")->columns[0].comment,
			    "about a");
	assert_string_equal(run(file, "CREATE FUNCTION f() RETURNS int AS"
				" 'SELECT 1' LANGUAGE sql"), "0A000");
	assert_string_equal(run(file, "CREATE TABLE x(a int) PARTITION BY"
				" LIST (a)"), "0A000");
}

static void what_is_not_there_at_all_is_named(void **state)
{
	static const char *const statements[][2] = {
		{ "CREATE COLLATION c (locale = 'C')", "CREATE COLLATION" },
		{ "CREATE AGGREGATE a (sfunc = f, stype = int)",
		  "CREATE AGGREGATE" },
		{ "CREATE PUBLICATION p", "CREATE PUBLICATION" },
		{ "CREATE STATISTICS s ON a, b FROM t", "CREATE STATISTICS" },
		{ "ALTER FUNCTION f() STABLE", "ALTER FUNCTION" },
		{ "ALTER TYPE c ADD ATTRIBUTE a int", "ALTER TYPE" },
		{ "DROP COLLATION c", "DROP COLLATION" },
		{ "DROP POLICY p ON t", "DROP POLICY" },
	};
	struct file *file = *state;

	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++) {
		char text[80];

		snprintf(text, sizeof(text),
			 "%s is not supported on a SQLite backend",
			 statements[i][1]);
		FAILS(statements[i][0], "0A000", text);
	}
}

static void hostile_names_do_no_harm(void **state)
{
	struct file *file = *state;

	RUN("CREATE TABLE \"a\"\"b'; DROP TABLE x; --\"(\"c\"\"d'\" int"
	    " PRIMARY KEY DEFAULT 5, \"select\" text DEFAULT 'it''s; \\')");
	RUN("ALTER TABLE \"a\"\"b'; DROP TABLE x; --\" ADD CONSTRAINT"
	    " \"'\"\";\" CHECK (\"c\"\"d'\" > 0 AND \"select\" <> '\"')");
	RUN("ALTER TABLE \"a\"\"b'; DROP TABLE x; --\" ALTER COLUMN \"c\"\"d'\""
	    " TYPE bigint");
	RUN("ALTER TABLE \"a\"\"b'; DROP TABLE x; --\" RENAME TO \"%s%n\"");
	RUN("CREATE INDEX \"i%s\" ON \"%s%n\"(\"c\"\"d'\")");
	assert_string_equal(table_of(file, "%s%n")->columns[0].name, "c\"d'");
	check_file(file);
	RUN("DROP TABLE \"%s%n\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_file, close_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(constraints_get_postgres_names),
		TEST(a_key_left_out_or_null_is_refused_not_invented),
		TEST(columns_keep_types_and_defaults),
		TEST(oids_are_never_given_twice),
		TEST(refuses_as_postgres_does),
		TEST(if_not_exists_gives_a_notice),
		TEST(no_rebuild_loses_child_rows),
		TEST(a_rollback_undoes_all_of_it),
		TEST(rows_that_break_what_is_new_are_found),
		TEST(dropping_a_column_takes_what_hangs_on_it),
		TEST(renaming_follows_into_expressions),
		TEST(drop_cascade_releases_the_children),
		TEST(tables_that_reference_each_other_go_together),
		TEST(enums_keep_other_labels_out),
		TEST(views_keep_their_text_and_types),
		TEST(sequences_stand_alone_too),
		TEST(other_schemas_and_temporary_tables),
		TEST(a_strangers_table_is_altered_or_left_alone),
		TEST(harmless_statements_are_accepted),
		TEST(what_is_not_there_at_all_is_named),
		TEST(hostile_names_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
