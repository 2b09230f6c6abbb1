/*
 * The guard with a catalog made by hand: what leads to the guarded table
 * public.audit_log, by each kind of object and deed, by paths and by what the
 * transaction itself has made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "long_body.h"
#include "proxy/guard.h"
#include "proxy/guard_catalog.h"
#include "proxy/guard_overlay.h"

#define BIT(deed) CATALOG_BIT(DEED_##deed)
#define CHANGES (BIT(UPDATE) | BIT(UPSERT) | BIT(DELETE) | BIT(MERGE))
#define FAMILY (CHANGES | BIT(TRUNCATE) | BIT(DROP) | BIT(ALTER) | BIT(RENAME))

static const char *const names[] = { "public.audit_log" };
static const char *const public_path[] = { "public", NULL };
static const char *const other_path[] = { "other", "public", NULL };
static const char *const id[] = { "id", NULL };

static const struct catalog_object objects[] = {
	{ .schema = "public", .name = "audit_log", .refused = FAMILY,
	  .table = "audit_log" },
	{ .schema = "other", .name = "audit_log" },
	{ .schema = "public", .name = "harmless" },
	{ .schema = "public", .name = "tenants" },
	{ .schema = "public", .name = "v_recent", .refused = CHANGES,
	  .table = "audit_log", .through = "view public.v_recent" },
	{ .schema = "other", .name = "v_recent" },
	{ .schema = "public", .name = "v_evil", .refused = BIT(READ),
	  .table = "audit_log", .through = "function public.purge" },
	{ .schema = "public", .name = "users",
	  .refused = BIT(UPDATE) | BIT(UPSERT) | BIT(MERGE), .columns = id,
	  .cascading = BIT(TRUNCATE),
	  .table = "audit_log", .through = "foreign key f" },
	{ .schema = "public", .name = "orders",
	  .refused = BIT(DELETE) | BIT(MERGE),
	  .table = "audit_log", .through = "foreign key g" },
	{ .schema = "public", .name = "ruled", .refused = BIT(INSERT) |
	  BIT(COPY_IN) | BIT(UPSERT) | BIT(MERGE), .table = "audit_log",
	  .through = "rule r" },
	{ .schema = "public", .name = "part", .refused = FAMILY,
	  .table = "audit_log", .through = "partition public.part" },
	{ .kind = CATALOG_FUNCTION, .schema = "public", .name = "purge",
	  .refused = CATALOG_CALL, .table = "audit_log" },
	{ .kind = CATALOG_FUNCTION, .schema = "public", .name = "calm" },
	{ .kind = CATALOG_FUNCTION, .schema = "public", .name = "guarding",
	  .refused = BIT(CREATE) | BIT(ALTER) | BIT(RENAME) | BIT(DROP),
	  .table = "audit_log" },
	{ .kind = CATALOG_TYPE, .schema = "public", .name = "mood",
	  .refused = BIT(ALTER) | BIT(RENAME), .cascading = BIT(DROP),
	  .table = "audit_log" },
	{ .kind = CATALOG_TYPE, .schema = "public", .name = "evil_domain",
	  .refused = CATALOG_CALL, .table = "audit_log" },
	{ .kind = CATALOG_SCHEMA, .name = "other" },
	{ .kind = CATALOG_SCHEMA, .name = "types", .cascading = BIT(DROP),
	  .table = "audit_log" },
	{ .kind = CATALOG_SCHEMA, .name = "public",
	  .refused = BIT(RENAME) | BIT(ALTER), .cascading = BIT(DROP),
	  .table = "audit_log" },
	{ .kind = CATALOG_EXTENSION, .name = "citext", .cascading = BIT(DROP),
	  .table = "audit_log" },
};

static struct guard *guard;
static struct guard_catalog *catalog;
static struct guard_overlay overlay;
static struct error error;

static struct guard_catalog *make_catalog(bool closed)
{
	struct guard_catalog *made = catalog_new();

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		struct catalog_object object = objects[i];

		object.table_schema = object.table ? "public" : NULL;
		catalog_add(made, &object);
	}
	catalog_set_closed(made, closed);
	return made;
}

static int set_up(void **state)
{
	guard = guard_new(names, 1, false, &error);
	catalog = make_catalog(false);
	return guard ? 0 : -1;
}

static int tear_down(void **state)
{
	overlay_fini(&overlay);
	catalog_unref(&catalog);
	guard_free(&guard);
	return 0;
}

static struct guard_state usual(void)
{
	return (struct guard_state){
		.search_path = public_path,
		.standard_conforming_strings = true,
		.client_encoding_safe = true,
		.keeps_catalog = true,
		.catalog = catalog,
		.overlay = &overlay,
	};
}

static enum verdict judge_by(const char *text, const struct guard_state *state)
{
	return guard_judge(guard, slice_text(text), state, &error);
}

/* As it is, or with long code in it where it has some. */
static enum verdict judge_one(const char *text, bool longer,
			      const struct guard_state *state)
{
	char *other = longer ? with_long_body(text) : NULL;
	enum verdict verdict = judge_by(other ? other : text, state);

	free(other);
	return verdict;
}

static void assert_verdicts(const char *const *texts, bool longer,
			    enum verdict expected)
{
	struct guard_state state = usual();
	enum verdict verdict = VERDICT_ALLOW;

	overlay_fini(&overlay);
	for (; *texts; texts++) {
		verdict = judge_one(*texts, longer, &state);
		if (texts[1] && verdict != VERDICT_ALLOW)
			fail_msg("%d before the last: %s", verdict, *texts);
		else if (!texts[1] && verdict != expected)
			fail_msg("verdict %d on: %s: %s", verdict, *texts,
				 verdict == VERDICT_REFUSE ? error.detail : "");
	}
	overlay_fini(&overlay);
}

/* Several texts of one transaction, or one; the last one's verdict. */
static void assert_last(const char *const *texts, enum verdict expected)
{
	assert_verdicts(texts, false, expected);
	assert_verdicts(texts, true, expected);
}

static void assert_each(const char *const *texts, size_t count,
			enum verdict expected)
{
	for (size_t i = 0; i < count; i++)
		assert_last((const char *const[]){ texts[i], NULL }, expected);
}

#define EACH(expected, ...) \
	do { \
		static const char *const texts[] = { __VA_ARGS__ }; \
		assert_each(texts, sizeof(texts) / sizeof(*texts), expected); \
	} while (0)
#define REFUSED(...) EACH(VERDICT_REFUSE, __VA_ARGS__)
#define ALLOWED(...) EACH(VERDICT_ALLOW, __VA_ARGS__)
#define LOOKED_UP(...) EACH(VERDICT_LOOKUP, __VA_ARGS__)
#define TOGETHER(expected, ...) \
	assert_last((const char *const[]){ __VA_ARGS__, NULL }, expected)

/* --- what stands ------------------------------------------------------------ */

static void refuses_what_each_relation_leads_to(void **state)
{
	REFUSED("DELETE FROM v_recent", "UPDATE public.v_recent SET a = 1",
		"INSERT INTO v_recent VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2",
		"WITH d AS (DELETE FROM v_recent RETURNING *) SELECT * FROM d",
		"PREPARE p AS DELETE FROM v_recent",
		"SELECT * FROM v_evil", "DELETE FROM orders",
		"INSERT INTO ruled VALUES (1)", "COPY ruled FROM STDIN",
		"INSERT INTO ruled VALUES (1) ON CONFLICT DO NOTHING",
		"DROP TABLE part", "ALTER TABLE part ADD a int",
		"TRUNCATE part", "ALTER TABLE part RENAME TO x");
	ALLOWED("SELECT * FROM v_recent", "INSERT INTO v_recent VALUES (1)",
		"DROP VIEW v_recent", "DELETE FROM other.v_recent",
		"UPDATE orders SET id = 1", "INSERT INTO orders VALUES (1)",
		"UPDATE ruled SET a = 1", "DELETE FROM ruled",
		"DELETE FROM harmless", "INSERT INTO part VALUES (1)");
}

static void refuses_assignments_to_the_columns_that_matter(void **state)
{
	REFUSED("UPDATE users SET id = 1", "UPDATE users SET (name, id) = (1, 2)",
		"UPDATE users SET name = 1, id = id + 1",
		"INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2",
		"MERGE INTO users u USING orders o ON true WHEN MATCHED THEN "
		"UPDATE SET id = 1");
	ALLOWED("UPDATE users SET name = 'x' WHERE id = 1",
		"INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'",
		"DELETE FROM users",
		"MERGE INTO users u USING orders o ON true WHEN MATCHED THEN "
		"UPDATE SET name = 'x' WHEN NOT MATCHED THEN INSERT VALUES (1)",
		"MERGE INTO users u USING orders o ON true WHEN MATCHED THEN DELETE",
		"MERGE INTO orders o USING users u ON true WHEN MATCHED THEN "
		"UPDATE SET id = 1");
	REFUSED("MERGE INTO orders o USING users u ON true WHEN MATCHED AND "
		"o.a = 1 THEN UPDATE SET a = 1 WHEN MATCHED THEN DELETE",
		"MERGE INTO ruled r USING users u ON true WHEN NOT MATCHED THEN "
		"INSERT VALUES (1) WHEN MATCHED THEN DELETE");
}

static void refuses_some_deeds_with_cascade_only(void **state)
{
	REFUSED("TRUNCATE users CASCADE", "TRUNCATE harmless, users CASCADE",
		"DROP TYPE mood CASCADE", "DROP SCHEMA types CASCADE",
		"DROP EXTENSION citext CASCADE",
		"DROP OPERATOR === (int, int) CASCADE");
	ALLOWED("TRUNCATE users", "TRUNCATE harmless CASCADE", "DROP TYPE mood",
		"DROP EXTENSION citext", "DROP TABLE users CASCADE",
		"DROP SCHEMA other CASCADE", "DROP TYPE other.mood CASCADE",
		"DROP FUNCTION calm() CASCADE",
		"DROP OPERATOR === (int, int)");
}

static void refuses_ddl_on_what_rows_depend_on(void **state)
{
	REFUSED("ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
		"ALTER TYPE mood RENAME TO m", "ALTER TYPE mood SET SCHEMA x",
		"ALTER TYPE mood OWNER TO x", "ALTER DOMAIN mood ADD CHECK (false)",
		"ALTER TYPE mood RENAME ATTRIBUTE a TO b",
		"CREATE OR REPLACE FUNCTION guarding() RETURNS int RETURN 1",
		"ALTER FUNCTION guarding() STABLE", "DROP FUNCTION guarding",
		"ALTER FUNCTION guarding RENAME TO g",
		"ALTER FUNCTION guarding() SET SCHEMA x",
		"ALTER FUNCTION guarding() OWNER TO x",
		"ALTER FUNCTION guarding() DEPENDS ON EXTENSION citext",
		"ALTER SCHEMA public RENAME TO p");
	ALLOWED("ALTER TYPE mood ADD VALUE 'c'", "DROP FUNCTION calm",
		"ALTER FUNCTION calm() STABLE",
		"CREATE OR REPLACE FUNCTION calm() RETURNS int RETURN 1",
		"ALTER DOMAIN mood DROP NOT NULL");
}

static void refuses_calls_of_code_that_is_not_proven(void **state)
{
	REFUSED("SELECT purge()", "CALL public.purge()",
		"SELECT 1 LIMIT purge()", "COPY (SELECT purge()) TO STDOUT",
		"EXECUTE p(purge())", "SELECT 1::evil_domain",
		"SELECT evil_domain '1'", "SELECT a::public.evil_domain FROM users",
		"INSERT INTO audit_log VALUES (1) RETURNING purge()",
		"CREATE TRIGGER t AFTER UPDATE ON harmless EXECUTE FUNCTION purge()",
		"CREATE CAST (int AS mood) WITH FUNCTION purge(int)",
		"CREATE AGGREGATE a (int) (sfunc = purge, stype = int)",
		"CREATE OPERATOR === (function = purge, leftarg = int)",
		"CREATE TABLE t (a int DEFAULT purge())",
		"CREATE VIEW v AS SELECT purge()",
		"ALTER FUNCTION purge() RENAME TO calm2",
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT purge()'",
		"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
		"'BEGIN PERFORM purge(); RETURN 1; END'",
		"DO 'BEGIN PERFORM \"purge\"(); END'");
	ALLOWED("SELECT calm()", "SELECT lower('X'), count(*) FROM users",
		"SELECT pg_catalog.int4pl(1, 2)", "DROP FUNCTION purge");
	LOOKED_UP("SELECT nobody_knows()", "CALL nobody_knows()",
		  "SELECT other.calm()");
}

static void lets_the_database_stop_code_where_it_does(void **state)
{
	struct guard_state closed = usual();

	closed.catalog = make_catalog(true);
	assert_int_equal(judge_by("SELECT purge(), 1::evil_domain", &closed),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("SELECT nobody_knows()", &closed),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("DO 'BEGIN EXECUTE x; END'", &closed),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("DELETE FROM v_recent", &closed),
			 VERDICT_REFUSE);
	assert_int_equal(judge_by("DELETE FROM nobody_knows", &closed),
			 VERDICT_LOOKUP);
	catalog_unref((struct guard_catalog **)(uintptr_t)&closed.catalog);
}

static void judges_bodies_deed_by_deed(void **state)
{
	ALLOWED("DO 'BEGIN UPDATE orders SET a = 1; END'",
		"DO 'BEGIN DELETE FROM users WHERE a = 1; END'",
		"DO 'BEGIN DELETE FROM harmless; SELECT * FROM v_recent; END'",
		"DO 'BEGIN DELETE FROM \"harmless\" WHERE a = 1; "
		"SELECT * FROM \"v_recent\"; END'",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS "
		"'UPDATE users SET name = 1; INSERT INTO audit_log VALUES (1)'");
	REFUSED("DO 'BEGIN DELETE FROM orders; END'",
		"DO 'BEGIN DELETE FROM /* */ orders; END'",
		"DO 'BEGIN DELETE FROM \"v_recent\"; END'",
		"DO 'BEGIN DELETE FROM \"a b c d ; e f\".orders; END'",
		"DO 'BEGIN UPDATE public . v_recent SET a = 1; END'",
		"DO 'BEGIN INSERT INTO ruled VALUES (1); END'",
		"DO 'BEGIN PERFORM * FROM v_evil; END'",
		"DO 'BEGIN TRUNCATE users, part; END'",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS "
		"'DELETE FROM v_recent'",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS "
		"'CREATE TEMP VIEW t AS SELECT * FROM audit_log'",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS "
		"'DROP TABLE other.audit_log'");
	LOOKED_UP("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS "
		  "'DELETE FROM nobody_knows'");
}

/* --- paths ------------------------------------------------------------------- */

static void resolves_names_as_the_server_will(void **state)
{
	struct guard_state other = usual();
	struct guard_state unknown = usual();

	other.search_path = other_path;
	assert_int_equal(judge_by("DELETE FROM audit_log", &other),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("DELETE FROM v_recent", &other),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("DELETE FROM orders", &other),
			 VERDICT_REFUSE);
	assert_int_equal(judge_by("SET search_path = public; "
				  "DELETE FROM v_recent", &other),
			 VERDICT_REFUSE);
	assert_int_equal(judge_by("PREPARE p AS DELETE FROM audit_log", &other),
			 VERDICT_REFUSE);
	unknown.search_path = NULL;
	assert_int_equal(judge_by("DELETE FROM v_recent", &unknown),
			 VERDICT_REFUSE);
	assert_int_equal(judge_by("DELETE FROM other.v_recent", &unknown),
			 VERDICT_ALLOW);
}

/* In front of the guarded table, until it is taken away. */
static void doubts_names_that_were_taken_away(void **state)
{
	static const char *const ways[] = {
		"DROP TABLE other.audit_log",
		"ALTER TABLE other.audit_log RENAME TO x",
		"ALTER TABLE other.audit_log SET SCHEMA x",
		"DROP SCHEMA other CASCADE",
		"ALTER SCHEMA other RENAME TO x",
	};
	struct guard_state other = usual();
	char text[256];

	other.search_path = other_path;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		overlay_fini(&overlay);
		assert_int_equal(judge_by("DELETE FROM audit_log", &other),
				 VERDICT_ALLOW);
		assert_int_equal(judge_by(ways[i], &other), VERDICT_ALLOW);
		if (judge_by("DELETE FROM audit_log", &other) != VERDICT_REFUSE)
			fail_msg("behind %s", ways[i]);
		overlay_end_transaction(&overlay);
		snprintf(text, sizeof(text), "%s; DELETE FROM audit_log",
			 ways[i]);
		assert_int_equal(judge_by(text, &other), VERDICT_REFUSE);
		overlay_fini(&overlay);
	}
}

/* --- what the transaction makes ------------------------------------------------ */

static void follows_what_a_transaction_makes(void **state)
{
	TOGETHER(VERDICT_REFUSE, "CREATE VIEW v AS SELECT * FROM audit_log",
		 "DELETE FROM v");
	TOGETHER(VERDICT_REFUSE, "CREATE VIEW v AS SELECT * FROM v_recent",
		 "CREATE VIEW w AS TABLE v", "UPDATE w SET a = 1");
	TOGETHER(VERDICT_REFUSE, "CREATE SCHEMA s CREATE VIEW v AS TABLE audit_log",
		 "DELETE FROM s.v");
	TOGETHER(VERDICT_REFUSE, "CREATE TABLE t (a int)",
		 "CREATE RULE \"_RETURN\" AS ON SELECT TO t DO INSTEAD "
		 "SELECT * FROM audit_log", "DELETE FROM t");
	TOGETHER(VERDICT_REFUSE, "ALTER VIEW v_recent RENAME TO w",
		 "DELETE FROM w");
	TOGETHER(VERDICT_REFUSE, "ALTER VIEW v_recent SET SCHEMA x",
		 "DELETE FROM x.v_recent");
	TOGETHER(VERDICT_REFUSE, "CREATE TABLE p PARTITION OF audit_log DEFAULT",
		 "DELETE FROM p");
	TOGETHER(VERDICT_REFUSE, "CREATE TABLE p (a int) PARTITION BY LIST (a)",
		 "ALTER TABLE p ATTACH PARTITION orders DEFAULT",
		 "DELETE FROM p");
	TOGETHER(VERDICT_REFUSE, "ALTER TABLE orders ADD FOREIGN KEY (t) "
		 "REFERENCES tenants ON DELETE CASCADE", "DELETE FROM tenants");
	TOGETHER(VERDICT_ALLOW, "ALTER TABLE orders ADD FOREIGN KEY (t) "
		 "REFERENCES tenants", "DELETE FROM tenants");
	TOGETHER(VERDICT_ALLOW, "CREATE TABLE t (a int REFERENCES users "
		 "ON DELETE CASCADE)", "DELETE FROM t; DELETE FROM users");
	TOGETHER(VERDICT_REFUSE, "ALTER TABLE users RENAME COLUMN id TO k",
		 "UPDATE users SET k = 1");
	TOGETHER(VERDICT_ALLOW, "CREATE VIEW v AS SELECT * FROM audit_log",
		 "SELECT * FROM v; INSERT INTO v VALUES (1); DROP VIEW v");
	TOGETHER(VERDICT_ALLOW, "CREATE TABLE t (a int)",
		 "ALTER TABLE t ADD b int; UPDATE t SET a = 1; DELETE FROM t");
	TOGETHER(VERDICT_ALLOW, "CREATE FUNCTION f() RETURNS int RETURN 1",
		 "SELECT f()");
	TOGETHER(VERDICT_REFUSE, "CREATE TEMP VIEW v AS SELECT * FROM audit_log",
		 "DO 'BEGIN DELETE FROM v; END'");
}

/* Code is proven by what its names mean when it is made. */
static void refuses_to_slip_a_view_under_code(void **state)
{
	catalog_add_target(catalog, "staging");
	catalog_add_target(catalog, "v_recent");
	REFUSED("CREATE VIEW Staging AS SELECT * FROM audit_log",
		"ALTER VIEW v_recent RENAME TO staging",
		"CREATE TEMP VIEW staging AS SELECT * FROM v_recent");
	ALLOWED("CREATE VIEW staging AS SELECT * FROM harmless",
		"CREATE TABLE staging AS SELECT * FROM audit_log",
		"CREATE OR REPLACE VIEW v_recent AS SELECT * FROM audit_log");
	TOGETHER(VERDICT_REFUSE, "CREATE TABLE mine (a int)",
		 "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS "
		 "'BEGIN DELETE FROM mine; RETURN 1; END'",
		 "ALTER TABLE mine RENAME TO m; "
		 "CREATE VIEW mine AS SELECT * FROM audit_log");
}

/* Nothing was refused of the view until then. */
static void follows_the_ways_of_what_code_names(void **state)
{
	const struct catalog_object shown = { .schema = "public",
					      .name = "shown" };

	catalog_add(catalog, &shown);
	catalog_add_onward(catalog, "shown", ONWARD_SAME, "tenants");
	ALLOWED("DO 'BEGIN DELETE FROM shown; END'");
	TOGETHER(VERDICT_REFUSE, "ALTER TABLE orders ADD FOREIGN KEY (a) "
		 "REFERENCES tenants ON DELETE CASCADE",
		 "DO 'BEGIN DELETE FROM shown; END'");
	TOGETHER(VERDICT_REFUSE, "ALTER TABLE orders ADD FOREIGN KEY (a) "
		 "REFERENCES tenants ON DELETE CASCADE",
		 "DO 'BEGIN DELETE FROM \"Shown\"; DELETE FROM shown; END'");
}

static struct slice prepared(void *context, const char *name)
{
	return strcmp(name, "p") == 0 ? slice_text(context) :
					slice_make(NULL, 0);
}

static void judges_what_is_executed_by_what_names_mean_now(void **state)
{
	struct guard_state now = usual();

	now.prepared = prepared;
	now.context = (char[]){ "PREPARE p AS DELETE FROM harmless" };
	assert_int_equal(judge_by("EXECUTE p", &now), VERDICT_ALLOW);
	overlay_end_transaction(&overlay);
	judge_by("ALTER TABLE harmless RENAME TO x; "
		 "CREATE VIEW harmless AS SELECT * FROM audit_log", &now);
	assert_int_equal(judge_by("EXECUTE p", &now), VERDICT_REFUSE);
	assert_int_equal(judge_by("CREATE TABLE t AS EXECUTE p", &now),
			 VERDICT_REFUSE);
	assert_int_equal(judge_by("EXECUTE q", &now), VERDICT_ALLOW);
	overlay_fini(&overlay);
	assert_int_equal(judge_by("PREPARE q AS DELETE FROM harmless; "
				  "ALTER TABLE harmless RENAME TO x; "
				  "CREATE VIEW harmless AS TABLE audit_log; "
				  "EXECUTE q", &now),
			 VERDICT_REFUSE);
	overlay_fini(&overlay);
}

static void keeps_what_is_temporary_beyond_the_transaction(void **state)
{
	struct guard_state now = usual();

	judge_by("CREATE TEMP VIEW v AS SELECT * FROM audit_log", &now);
	judge_by("ALTER VIEW v RENAME TO w", &now);
	judge_by("CREATE VIEW p AS SELECT * FROM audit_log", &now);
	judge_by("CREATE TEMP TABLE t (a int)", &now);
	judge_by("CREATE INDEX i ON t (a); CREATE INDEX j ON harmless (a)",
		 &now);
	overlay_end_transaction(&overlay);
	assert_int_equal(judge_by("DELETE FROM v", &now), VERDICT_REFUSE);
	assert_int_equal(judge_by("DELETE FROM w", &now), VERDICT_REFUSE);
	assert_int_equal(judge_by("DELETE FROM t", &now), VERDICT_ALLOW);
	assert_int_equal(judge_by("DELETE FROM p", &now), VERDICT_LOOKUP);
	assert_null(overlay_find(&overlay, "j"));
	overlay_fini(&overlay);
}

static void follows_only_so_many(void **state)
{
	struct guard_state now = usual();
	enum verdict verdict = VERDICT_ALLOW;
	char text[128];
	int made = 0;

	for (; made <= OVERLAY_ITEMS_MAX && verdict == VERDICT_ALLOW; made++) {
		snprintf(text, sizeof(text),
			 "CREATE VIEW v%d AS TABLE audit_log", made);
		verdict = judge_by(text, &now);
	}
	assert_int_equal(verdict, VERDICT_REFUSE);
	assert_int_equal(made, OVERLAY_ITEMS_MAX + 1);
	assert_int_equal(judge_by("CREATE TABLE t (a int)", &now),
			 VERDICT_ALLOW);
	overlay_fini(&overlay);
}

/* --- what is not known ----------------------------------------------------------- */

static void looks_up_what_it_does_not_know(void **state)
{
	struct guard_state now = usual();

	LOOKED_UP("DELETE FROM nobody_knows", "INSERT INTO nobody_knows VALUES (1)",
		  "SELECT * FROM nobody_knows");
	ALLOWED("WITH c AS (SELECT 1) SELECT * FROM c",
		"SELECT * FROM pg_class, information_schema.tables",
		"CREATE TABLE nobody_knows (a int)");
	now.looked_up = true;
	assert_int_equal(judge_by("DELETE FROM nobody_knows", &now),
			 VERDICT_ALLOW);
	REFUSED("DELETE FROM nobody_knows; DELETE FROM v_recent");
}

static void is_careful_without_a_catalog(void **state)
{
	struct guard_state now = usual();
	static const char *const doubtful[] = {
		"DELETE FROM harmless", "UPDATE harmless SET a = 1",
		"SELECT my_function()", "TRUNCATE harmless CASCADE",
		"DROP TYPE mood CASCADE", "ALTER TYPE mood RENAME VALUE 'a' TO 'b'",
		"DO 'BEGIN NULL; END'", "DROP SCHEMA other CASCADE",
	};

	now.catalog = NULL;
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(*doubtful); i++) {
		now.looked_up = false;
		if (judge_by(doubtful[i], &now) != VERDICT_LOOKUP)
			fail_msg("not looked up: %s", doubtful[i]);
		now.looked_up = true;
		if (judge_by(doubtful[i], &now) != VERDICT_REFUSE)
			fail_msg("not refused: %s", doubtful[i]);
		assert_string_equal(error.sqlstate, "57P03");
	}
	assert_int_equal(judge_by("INSERT INTO harmless VALUES (1)", &now),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("SELECT lower(a) FROM harmless", &now),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("DELETE FROM audit_log", &now),
			 VERDICT_REFUSE);
	assert_string_equal(error.sqlstate, "42501");
	now.keeps_catalog = false;
	assert_int_equal(judge_by("DELETE FROM harmless", &now),
			 VERDICT_ALLOW);
	assert_int_equal(judge_by("TRUNCATE harmless CASCADE", &now),
			 VERDICT_REFUSE);
	overlay_fini(&overlay);
}

/* --- the cache ------------------------------------------------------------------- */

static void remembers_only_what_holds_for_all(void **state)
{
	struct guard_state now = usual();
	struct guard_catalog *next = make_catalog(false);
	uint64_t before = guard_counters(guard).remembered;

	judge_by("SELECT 1 FROM harmless, tenants", &now);
	judge_by("SELECT 1 FROM harmless, tenants", &now);
	assert_int_equal(guard_counters(guard).remembered, before + 1);
	catalog_set_epoch(next, 2);
	now.catalog = next;
	judge_by("SELECT 1 FROM harmless, tenants", &now);
	assert_int_equal(guard_counters(guard).remembered, before + 1);
	/* by what only this session has */
	judge_by("CREATE TEMP TABLE mine (a int)", &now);
	judge_by("DELETE FROM mine", &now);
	judge_by("DELETE FROM mine", &now);
	assert_int_equal(guard_counters(guard).remembered, before + 1);
	judge_by("SELECT 1 FROM harmless, tenants", &now);
	assert_int_equal(guard_counters(guard).remembered, before + 2);
	overlay_fini(&overlay);
	assert_int_equal(judge_by("DELETE FROM mine", &now), VERDICT_LOOKUP);
	now.catalog = catalog;
	catalog_unref(&next);
}

/* --- words ------------------------------------------------------------------------ */

static void says_through_what(void **state)
{
	struct guard_state now = usual();

	judge_by("SELECT 1; DELETE FROM v_recent", &now);
	assert_string_equal(error.sqlstate, "42501");
	assert_string_equal(error.message,
			    "permission denied for table audit_log");
	assert_string_equal(error.detail,
			    "weir: public.audit_log is configured "
			    "insert-only; DELETE in statement 2 of 2 "
			    "(through view public.v_recent)");
	assert_string_equal(error.table, "audit_log");
	assert_string_equal(error.routine, "weir_audit_guard");
	judge_by("DELETE FROM orders", &now);
	assert_non_null(strstr(error.hint, "foreign key g"));
	judge_by("SELECT purge()", &now);
	assert_string_equal(error.message,
			    "permission denied for function purge");
	assert_non_null(strstr(error.detail, "cannot be shown"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_each_relation_leads_to),
		cmocka_unit_test(refuses_assignments_to_the_columns_that_matter),
		cmocka_unit_test(refuses_some_deeds_with_cascade_only),
		cmocka_unit_test(refuses_ddl_on_what_rows_depend_on),
		cmocka_unit_test(refuses_calls_of_code_that_is_not_proven),
		cmocka_unit_test(lets_the_database_stop_code_where_it_does),
		cmocka_unit_test(judges_bodies_deed_by_deed),
		cmocka_unit_test(resolves_names_as_the_server_will),
		cmocka_unit_test(doubts_names_that_were_taken_away),
		cmocka_unit_test(follows_what_a_transaction_makes),
		cmocka_unit_test(refuses_to_slip_a_view_under_code),
		cmocka_unit_test(follows_the_ways_of_what_code_names),
		cmocka_unit_test(
			judges_what_is_executed_by_what_names_mean_now),
		cmocka_unit_test(keeps_what_is_temporary_beyond_the_transaction),
		cmocka_unit_test(follows_only_so_many),
		cmocka_unit_test(looks_up_what_it_does_not_know),
		cmocka_unit_test(is_careful_without_a_catalog),
		cmocka_unit_test(remembers_only_what_holds_for_all),
		cmocka_unit_test(says_through_what),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
