/* The lock behind the guard: what the engine itself lets nobody do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pool/sqlite/engine_inner.h"
#include "tests/unit/lite_client.h"

#define REFUSED(command)                                              \
	"E(42501 permission denied for table audit | weir: public.audit " \
	"is configured insert-only; " command ") Z(I)"

static void insert_only_tables_are_guarded_behind_the_guard(void **state)
{
	static const char *const tables[] = { "audit", NULL };
	struct lite_options options = { .protected_tables = tables };
	struct client c;

	server_open(*state, &options);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE audit (id int PRIMARY KEY, n text)");
	ok(&c, "INSERT INTO audit VALUES (1, 'a')");
	Q(&c, "UPDATE audit SET n = 'b'", REFUSED("UPDATE"));
	Q(&c, "DELETE FROM audit", REFUSED("DELETE"));
	Q(&c, "INSERT INTO audit VALUES (1, 'b') ON CONFLICT (id) DO UPDATE "
	      "SET n = 'b'", REFUSED("INSERT"));
	assert_non_null(strstr(query(&c, "DROP TABLE audit"), "E(42501"));
	assert_non_null(strstr(query(&c, "TRUNCATE audit"), "E(42501"));
	ok(&c, "CREATE INDEX i ON audit (n)");
	Q(&c, "DROP INDEX i", REFUSED("DROP INDEX"));
	Q(&c, "ALTER INDEX i RENAME TO j", REFUSED("ALTER INDEX"));
	ok(&c, "REINDEX INDEX i");
	Q(&c, "SELECT * FROM audit",
	  "T(id:23,n:25) D(1,a) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void it_is_said_through_what_a_table_is_reached(void **state)
{
	static const char *const tables[] = { "audit", NULL };
	struct lite_options options = { .protected_tables = tables };
	struct client c;

	server_open(*state, &options);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE one (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE two (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE audit (one int CONSTRAINT k REFERENCES one ON "
	       "DELETE CASCADE, two int REFERENCES two ON UPDATE CASCADE)");
	ok(&c, "INSERT INTO one VALUES (1)");
	ok(&c, "INSERT INTO two VALUES (2)");
	ok(&c, "INSERT INTO audit VALUES (1, 2)");
	Q(&c, "DELETE FROM one",
	  REFUSED("DELETE (through foreign key k of public.audit (ON DELETE "
		  "CASCADE))"));
	Q(&c, "UPDATE two SET id = 3",
	  REFUSED("UPDATE (through foreign key audit_two_fkey of public.audit "
		  "(ON UPDATE CASCADE))"));
	client_close(&c);
}

static void what_is_dropped_takes_nothing_of_such_a_table_along(void **state)
{
	static const char *const tables[] = { "audit", NULL };
	struct lite_options options = { .protected_tables = tables };
	struct client c;

	server_open(*state, &options);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE users (id int PRIMARY KEY)");
	ok(&c, "CREATE SEQUENCE s");
	ok(&c, "CREATE TABLE audit (id int DEFAULT nextval('s'), "
	       "who int REFERENCES users)");
	ok(&c, "CREATE TABLE other (id int DEFAULT nextval('s'), "
	       "who int REFERENCES users)");
	Q(&c, "DROP TABLE users CASCADE", REFUSED("DROP TABLE"));
	Q(&c, "DROP SEQUENCE s CASCADE", REFUSED("DROP SEQUENCE"));
	Q(&c, "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE",
	  REFUSED("ALTER TABLE"));
	Q(&c, "ALTER TABLE users DROP COLUMN id CASCADE",
	  REFUSED("ALTER TABLE"));
	ok(&c, "ALTER TABLE users RENAME TO people");
	ok(&c, "ALTER TABLE people RENAME COLUMN id TO number");
	ok(&c, "INSERT INTO people VALUES (1)");
	ok(&c, "INSERT INTO audit (who) VALUES (1)");
	ok(&c, "INSERT INTO other (who) VALUES (1)");
	Q(&c, "SELECT a.id, o.id FROM audit a, other o",
	  "T(id:23,id:23) D(1,2) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void the_lock_behind_the_guard_knows_schemas(void **state)
{
	static const char *const tables[] = {
		"public.\"Trail\"", "books . events", NULL
	};
	struct lite_options options = { .protected_tables = tables };
	struct client c;

	server_open(*state, &options);
	client_open(*state, &c);
	ok(&c, "CREATE SCHEMA books");
	ok(&c, "CREATE TABLE books.events (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE events (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE \"Trail\" (id int PRIMARY KEY)");
	ok(&c, "INSERT INTO books.events VALUES (1)");
	ok(&c, "INSERT INTO events VALUES (1)");
	ok(&c, "INSERT INTO \"Trail\" VALUES (1)");
	ok(&c, "UPDATE events SET id = 2");
	assert_non_null(strstr(query(&c, "UPDATE \"Trail\" SET id = 2"),
			       "E(42501"));
	assert_non_null(strstr(query(&c, "DELETE FROM books.events"),
			       "E(42501"));
	ok(&c, "SET search_path = books");
	assert_non_null(strstr(query(&c, "DELETE FROM events"), "E(42501"));
	assert_non_null(strstr(query(&c, "DROP SCHEMA books CASCADE"), "E("));
	Q(&c, "SELECT id FROM books.events",
	  "T(id:23) D(1) C(SELECT 1) Z(I)");
	client_close(&c);
}

/* Neither what weir keeps in the file, nor SQLite's own levers. */
static void clients_do_not_reach_weirs_own_tables(void **state)
{
	static const char *const bad[] = {
		"SELECT * FROM _weir_object", "DELETE FROM _weir_object",
		"INSERT INTO _weir_object DEFAULT VALUES",
		"UPDATE _weir_object SET name = 'x'", "DROP TABLE _weir_object",
		"CREATE TABLE _weir_x (a int)",
		"ALTER TABLE t RENAME TO _weir_x",
		"DELETE FROM sqlite_master", "SELECT * FROM sqlite_master",
		"PRAGMA writable_schema = 1", "ATTACH 'x' AS y",
		"SELECT load_extension('x')", "VACUUM INTO 'x'",
	};
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (a int)");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (strncmp(query(&c, bad[i]), "E(", 2) != 0)
			fail_msg("got through: %s", bad[i]);
	client_close(&c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_server, remove_server)
	const struct CMUnitTest tests[] = {
		T(insert_only_tables_are_guarded_behind_the_guard),
		T(it_is_said_through_what_a_table_is_reached),
		T(what_is_dropped_takes_nothing_of_such_a_table_along),
		T(the_lock_behind_the_guard_knows_schemas),
		T(clients_do_not_reach_weirs_own_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
