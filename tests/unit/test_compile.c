#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/unit/compile_fixture.h"

/* "int4,text -> name varchar, count int8" of one statement, or
 * "!42703 message". */
static const char *outcome(struct arena *arena, struct schema *schema,
			   const char *sql, struct compiled *ret_compiled)
{
	struct error error = { .sqlstate = "" };
	struct sql_tree *tree = sql_tree_new(slice_text(sql), &error);
	const char *text = "";
	bool done;

	if (tree == NULL)
		return arena_printf(arena, "!%s %s", error.sqlstate,
				    error.message);
	done = compile_statement(sql_tree_statement(tree, 0), schema,
				 &fixture_session, NULL, 0, arena,
				 ret_compiled, &error);
	if (!done) {
		sql_tree_free(&tree);
		return arena_printf(arena, "!%s@%d %s", error.sqlstate,
				    error.position, error.message);
	}
	for (int i = 0; i < ret_compiled->parameter_count; i++) {
		const struct type *type =
			type_by_oid(ret_compiled->parameters[i]);

		text = arena_printf(arena, "%s%s%s", text, i > 0 ? "," : "",
				    type != NULL ? type->name : "mood");
	}
	text = arena_printf(arena, "%s ->", text);
	for (int i = 0; i < ret_compiled->column_count; i++) {
		const struct type *type =
			type_by_oid(ret_compiled->columns[i].type);

		text = arena_printf(arena, "%s%s %s %s", text,
				    i > 0 ? "," : "",
				    ret_compiled->columns[i].name,
				    type != NULL ? type->name : "mood");
	}
	sql_tree_free(&tree);
	return text;
}

struct expectation {
	const char *sql;
	const char *outcome;
};

static void check(const struct expectation *rows, size_t count)
{
	struct schema *schema = fixture_schema();

	for (size_t i = 0; i < count; i++) {
		struct arena arena = { 0 };
		struct compiled compiled;
		const char *got = outcome(&arena, schema, rows[i].sql,
					  &compiled);

		if (strcmp(got, rows[i].outcome) != 0)
			fail_msg("%s\n  expected %s\n  got      %s",
				 rows[i].sql, rows[i].outcome, got);
		arena_fini(&arena);
	}
	schema_unref(&schema);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

/* What Postgres 15 answers to the same statements. */
static void parameters_take_their_types_from_where_they_stand(void **unused)
{
	static const struct expectation rows[] = {
		{ "select $1", "text -> ?column? text" },
		{ "select $1 + 1, $2 || 'x', coalesce($3, now()), $4 = any($5), $6::date - 1, $7 limit $8",
		  "int4,text,timestamptz,text,_text,date,text,int8 -> ?column? int4, ?column? text, coalesce timestamptz, ?column? bool, ?column? date, ?column? text" },
		{ "select id from users where id = $1 and name like $2",
		  "int4,text -> id int4" },
		{ "select 1 from users where id = any($1)",
		  "_int4 -> ?column? int4" },
		{ "insert into users (name, price, tags, feeling, born) values ($1, $2, $3, $4, $5)",
		  "varchar,numeric,_text,mood,date ->" },
		{ "update users set age = $1, active = $2 where uid = $3 returning id",
		  "int4,bool,uuid -> id int4" },
		{ "insert into posts (id, user_id, title) select $1, $2, $3",
		  "int4,int4,text ->" },
		{ "select case when $1 then $2 else 1.5 end",
		  "bool,numeric -> case numeric" },
		{ "select id from users where age between $1 and $2",
		  "int4,int4 -> id int4" },
		{ "select 1 from users where feeling = $1",
		  "mood -> ?column? int4" },
		{ "select id from users where id in ($1, $2)",
		  "int4,int4 -> id int4" },
	};

	CHECK(rows);
}

static void results_have_the_types_and_names_postgres_gives(void **unused)
{
	static const struct expectation rows[] = {
		{ "select 1, 'a', 2.5, null, true, 3000000000",
		  " -> ?column? int4, ?column? text, ?column? numeric, ?column? text, ?column? bool, ?column? int8" },
		{ "select sum(age), sum(big), avg(age), count(*), max(price) from users",
		  " -> sum int8, sum numeric, avg numeric, count int8, max numeric" },
		{ "select small + age, age / 2.0, 5 ^ 2, born - born, born - 1, seen - seen from users",
		  " -> ?column? int4, ?column? numeric, ?column? float8, ?column? int4, ?column? date, ?column? interval" },
		{ "select array_agg(age), row_number() over (), current_user, array[1, 2] from users group by age",
		  " -> array_agg _int4, row_number int8, current_user name, array _int4" },
		{ "select case when age > 1 then 'x' else name end, coalesce(age, 1), nullif(age, 1), age::text, (select max(id) from posts) from users",
		  " -> name varchar, coalesce int4, nullif int4, age text, max int4" },
		{ "select id from users union select 2.5", " -> id numeric" },
		{ "values (1, 'a'), (2.5, 'b')",
		  " -> column1 numeric, column2 text" },
		{ "select p.* from (select 1 as a, 'x' as b) as p (c)",
		  " -> c int4, b text" },
		{ "select * from posts join counters on key = title limit 0",
		  " -> id int4, user_id int4, title text, body text, views int8, created timestamptz, key text, value int4" },
		{ "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select n from t",
		  " -> n int4" },
		{ "select * from unnest($1::int[], $2::text[]) with ordinality as t(a, b)",
		  "_int4,_text -> a int4, b text, ordinality int8" },
	};

	CHECK(rows);
}

static void refuses_as_postgres_refuses(void **unused)
{
	static const struct expectation rows[] = {
		{ "select nope from users",
		  "!42703@8 column \"nope\" does not exist" },
		{ "select u.nope from users u",
		  "!42703@8 column u.nope does not exist" },
		{ "select id from nope",
		  "!42P01@16 relation \"nope\" does not exist" },
		{ "select x.id from users",
		  "!42P01@8 missing FROM-clause entry for table \"x\"" },
		{ "select id from users, posts",
		  "!42702@8 column reference \"id\" is ambiguous" },
		{ "select id + 'x' from users",
		  "!22P02@13 invalid input syntax for type integer: \"x\"" },
		{ "select name + 1 from users",
		  "!42883@13 operator does not exist: character varying + integer" },
		{ "select lower(5)",
		  "!42883@8 function lower(integer) does not exist" },
		{ "select name, count(*) from users",
		  "!42803@8 column \"users.name\" must appear in the GROUP BY clause or be used in an aggregate function" },
		{ "select 1 where count(*) > 1",
		  "!42803@16 aggregate functions are not allowed in WHERE" },
		{ "select 1 where 5",
		  "!42804@16 argument of WHERE must be type boolean, not type integer" },
		{ "select 1 union select 'x'::text",
		  "!42804@23 UNION types integer and text cannot be matched" },
		{ "insert into users (nope) values (1)",
		  "!42703@20 column \"nope\" of relation \"users\" does not exist" },
		{ "insert into users (age) values (true)",
		  "!42804@33 column \"age\" is of type integer but expression is of type boolean" },
		{ "insert into users (age) values (1, 2)",
		  "!42601@36 INSERT has more expressions than target columns" },
		{ "select $1 is null",
		  "!42P18@0 could not determine data type of parameter $1" },
		{ "select * from users u, posts u",
		  "!42712@0 table name \"u\" specified more than once" },
		{ "select 'angry'::mood",
		  "!22P02@8 invalid input value for enum mood: \"angry\"" },
		{ "select 'nope'::regclass",
		  "!42P01@8 relation \"nope\" does not exist" },
		{ "select 'x'::nope", "!42704@13 type \"nope\" does not exist" },
		{ "insert into users (id) values (1) on conflict (name) do nothing",
		  "!42P10@0 there is no unique or exclusion constraint matching the ON CONFLICT specification" },
		{ "select distinct name from users order by id",
		  "!42P10@42 for SELECT DISTINCT, ORDER BY expressions must appear in select list" },
		{ "select name from users order by 2",
		  "!42P10@33 ORDER BY position 2 is not in select list" },
		{ "update pg_class set relname = 'x'",
		  "!42501@8 permission denied for table pg_class" },
	};

	CHECK(rows);
}

static void says_the_same_to_sqlite(void **unused)
{
	static const struct expectation rows[] = {
		{ "select id, name from users u where u.id = $1 order by id limit $2",
		  "SELECT _t1.\"id\" AS column1, _t1.\"name\" AS column2 FROM \"main\".\"users\" AS _t1 WHERE (_t1.\"id\" = ?1) ORDER BY 1 LIMIT pg_limit(?2, 0)" },
		{ "insert into counters values ($1, 1) on conflict (key) do update set value = counters.value + excluded.value returning value",
		  "INSERT INTO \"main\".\"counters\"(\"key\", \"value\") VALUES (?1, 1) ON CONFLICT (\"key\") DO UPDATE SET \"value\" = (pg_int_add(\"counters\".\"value\",excluded.\"value\",4)) RETURNING \"counters\".\"value\"" },
		{ "delete from posts where created < $1",
		  "DELETE FROM \"main\".\"posts\" WHERE (\"posts\".\"created\" < ?1)" },
		{ "select views from posts order by views desc",
		  "SELECT _t1.\"views\" AS column1 FROM \"main\".\"posts\" AS _t1 ORDER BY 1 DESC NULLS FIRST" },
		{ "select sum(ratio) filter (where active) from users",
		  "SELECT pg_float4_sum(_t1.\"ratio\") FILTER (WHERE _t1.\"active\") AS column1 FROM \"main\".\"users\" AS _t1" },
		{ "select 1 from users where price = 1.50",
		  "SELECT 1 AS column1 FROM \"main\".\"users\" AS _t1 WHERE (_t1.\"price\" COLLATE pg_numeric = '1.50')" },
	};
	struct schema *schema = fixture_schema();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena arena = { 0 };
		struct compiled compiled = { .sql = "" };

		outcome(&arena, schema, rows[i].sql, &compiled);
		assert_string_equal(compiled.sql, rows[i].outcome);
		arena_fini(&arena);
	}
	schema_unref(&schema);
}

static void knows_what_writes_and_what_reads_the_catalogs(void **unused)
{
	struct schema *schema = fixture_schema();
	struct arena arena = { 0 };
	struct compiled compiled;

	outcome(&arena, schema, "select 1 from users", &compiled);
	assert_false(compiled.writes);
	assert_false(compiled.uses_catalog);
	outcome(&arena, schema, "select id from users for update", &compiled);
	assert_true(compiled.writes);
	outcome(&arena, schema, "select nextval('users_id_seq')", &compiled);
	assert_true(compiled.writes);
	outcome(&arena, schema, "select relname from pg_class", &compiled);
	assert_true(compiled.uses_catalog);
	outcome(&arena, schema, "copy users from stdin", &compiled);
	assert_int_equal(compiled.kind, COMPILED_COPY_IN);
	assert_int_equal(compiled.parameter_count, 24);
	outcome(&arena, schema, "begin", &compiled);
	assert_int_equal(compiled.kind, COMPILED_UTILITY);
	arena_fini(&arena);
	schema_unref(&schema);
}

/* Depth a stranger chooses ends in an error, never in a crash. */
static void deep_nesting_is_refused(void **unused)
{
	struct schema *schema = fixture_schema();
	struct arena arena = { 0 };
	struct compiled compiled;
	static char text[20000];
	const char *got;
	size_t at = 0;

	at += (size_t)sprintf(text, "select ");
	for (int i = 0; i < 900; i++)
		at += (size_t)sprintf(text + at, "abs(");
	at += (size_t)sprintf(text + at, "1");
	for (int i = 0; i < 900; i++)
		text[at++] = ')';
	text[at] = '\0';
	got = outcome(&arena, schema, text, &compiled);
	assert_non_null(strstr(got, "!54001"));
	arena_fini(&arena);
	schema_unref(&schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			parameters_take_their_types_from_where_they_stand),
		cmocka_unit_test(
			results_have_the_types_and_names_postgres_gives),
		cmocka_unit_test(refuses_as_postgres_refuses),
		cmocka_unit_test(says_the_same_to_sqlite),
		cmocka_unit_test(
			knows_what_writes_and_what_reads_the_catalogs),
		cmocka_unit_test(deep_nesting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
