/* A session as a client meets it: simple and extended queries, transactions,
 * errors, cursors, COPY. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "pool/sqlite/engine_inner.h"
#include "tests/unit/lite_client.h"

/* The numbers from 1 on, as a table g with a column i. */
#define NUMBERS(most) \
	"WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g " \
	"WHERE i < " #most ") "

static void answers_simple_queries(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "SELECT 1 AS a", "T(a:23) D(1) C(SELECT 1) Z(I)");
	Q(&c, "", "I() Z(I)");
	Q(&c, ";", "I() Z(I)");
	Q(&c, "CREATE TABLE t (id int PRIMARY KEY, name text)",
	  "C(CREATE TABLE) Z(I)");
	Q(&c, "INSERT INTO t VALUES (1, 'one'), (2, NULL)",
	  "C(INSERT 0 2) Z(I)");
	Q(&c, "SELECT id, name FROM t ORDER BY id",
	  "T(id:23,name:25) D(1,one) D(2,NULL) C(SELECT 2) Z(I)");
	Q(&c, "UPDATE t SET name = 'x' WHERE id = 2", "C(UPDATE 1) Z(I)");
	Q(&c, "DELETE FROM t WHERE id = 7", "C(DELETE 0) Z(I)");
	Q(&c, "SELECT 1 AS a; SELECT 2 AS b",
	  "T(a:23) D(1) C(SELECT 1) T(b:23) D(2) C(SELECT 1) Z(I)");
	Q(&c, "SELECT nothing FROM t",
	  "E(42703 column \"nothing\" does not exist) Z(I)");
	Q(&c, "SELEC 1", "E(42601 syntax error at or near \"SELEC\") Z(I)");
	client_close(&c);
}

static void a_query_of_several_is_one_transaction(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int PRIMARY KEY)");
	Q(&c, "INSERT INTO t VALUES (1); SELECT count(*) FROM t; "
	      "INSERT INTO t VALUES (1)",
	  "C(INSERT 0 1) T(count:20) D(1) C(SELECT 1) E(23505 duplicate key "
	  "value violates unique constraint \"t_pkey\" | Key (id)=(1) already "
	  "exists.) Z(I)");
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(0) C(SELECT 1) Z(I)");
	Q(&c, "INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (1)",
	  "C(INSERT 0 1) N(25P01 there is no transaction in progress) "
	  "C(COMMIT) E(23505 duplicate key value violates unique constraint "
	  "\"t_pkey\" | Key (id)=(1) already exists.) Z(I)");
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(1) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void transactions_have_three_states(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int PRIMARY KEY)");
	Q(&a, "BEGIN", "C(BEGIN) Z(T)");
	Q(&a, "BEGIN", "N(25001 there is already a transaction in progress) "
		       "C(BEGIN) Z(T)");
	Q(&a, "INSERT INTO t VALUES (1)", "C(INSERT 0 1) Z(T)");
	Q(&a, "SELECT id FROM t", "T(id:23) D(1) C(SELECT 1) Z(T)");
	Q(&b, "SELECT id FROM t", "T(id:23) C(SELECT 0) Z(I)");
	Q(&a, "INSERT INTO t VALUES (1)",
	  "E(23505 duplicate key value violates unique constraint \"t_pkey\" "
	  "| Key (id)=(1) already exists.) Z(E)");
	Q(&a, "SELECT 1", "E(25P02 current transaction is aborted, commands "
			  "ignored until end of transaction block) Z(E)");
	Q(&a, "COMMIT", "C(ROLLBACK) Z(I)");
	Q(&a, "COMMIT", "N(25P01 there is no transaction in progress) "
			"C(COMMIT) Z(I)");
	ok(&a, "BEGIN");
	ok(&a, "INSERT INTO t VALUES (2)");
	Q(&a, "COMMIT", "C(COMMIT) Z(I)");
	Q(&b, "SELECT id FROM t", "T(id:23) D(2) C(SELECT 1) Z(I)");
	client_close(&a);
	client_close(&b);
}

static uint64_t jobs_of(struct client *client)
{
	struct lite_stats stats;

	lite_engine_stats(client->server->engine, &stats);
	return stats.reads + stats.writes;
}

static void a_transaction_that_writes_nothing_ends_without_a_thread(void **state)
{
	uint64_t jobs;
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int)");
	for (int i = 0; i < 2; i++) {	/* a text is read by a thread once */
		ok(&c, "BEGIN");
		ok(&c, "SELECT id FROM t");
		ok(&c, "SAVEPOINT s");
		ok(&c, "ROLLBACK TO s");
		ok(&c, "COMMIT");
	}
	jobs = jobs_of(&c);
	Q(&c, "BEGIN", "C(BEGIN) Z(T)");
	Q(&c, "SELECT id FROM t", "T(id:23) C(SELECT 0) Z(T)");
	Q(&c, "SAVEPOINT s", "C(SAVEPOINT) Z(T)");
	Q(&c, "ROLLBACK TO s", "C(ROLLBACK) Z(T)");
	Q(&c, "COMMIT", "C(COMMIT) Z(I)");
	assert_int_equal(jobs_of(&c), jobs + 1);
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO t VALUES (1)");
	jobs = jobs_of(&c);
	Q(&c, "COMMIT", "C(COMMIT) Z(I)");
	assert_int_equal(jobs_of(&c), jobs + 1);
	Q(&c, "SELECT id FROM t", "T(id:23) D(1) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void a_portal_bound_before_is_not_taken_for_the_begin(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "BEGIN");
	put_parse(&out, "b", "BEGIN");
	put_parse(&out, "q", NUMBERS(2) "SELECT i FROM g");
	put_bind(&out, "p", "q", NULL);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1), "1() 1() 2() Z(T)");
	put_bind(&out, "", "b", NULL);
	put_execute(&out, "p", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "2() D(1) D(2) C(SELECT 2) Z(T)");
	put_bind(&out, "", "b", NULL);
	put_named(&out, 'D', 'S', "q");
	put_execute(&out, "", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "2() t() T(i:23) N(25001 there is already a "
			    "transaction in progress) C(BEGIN) Z(T)");
	client_close(&c);
}

static void a_read_only_transaction_does_not_wait_to_be_refused(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int)");
	ok(&a, "INSERT INTO t VALUES (1)");
	ok(&a, "BEGIN");
	ok(&a, "INSERT INTO t VALUES (1)");
	ok(&b, "BEGIN READ ONLY");
	Q(&b, "INSERT INTO t VALUES (1)",
	  "E(25006 cannot execute INSERT in a read-only transaction) Z(E)");
	Q(&a, "COMMIT", "C(COMMIT) Z(I)");
	client_close(&a);
	client_close(&b);
}

static void savepoints_nest_and_survive_errors(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int PRIMARY KEY)");
	Q(&c, "SAVEPOINT a", "E(25P01 SAVEPOINT can only be used in "
			     "transaction blocks) Z(I)");
	ok(&c, "BEGIN");
	Q(&c, "SAVEPOINT before_any_write", "C(SAVEPOINT) Z(T)");
	ok(&c, "INSERT INTO t VALUES (1)");
	ok(&c, "SAVEPOINT \"Odd name\"");
	ok(&c, "INSERT INTO t VALUES (2)");
	Q(&c, "INSERT INTO t VALUES (2)",
	  "E(23505 duplicate key value violates unique constraint \"t_pkey\" "
	  "| Key (id)=(2) already exists.) Z(E)");
	Q(&c, "ROLLBACK TO \"Odd name\"", "C(ROLLBACK) Z(T)");
	Q(&c, "SELECT id FROM t", "T(id:23) D(1) C(SELECT 1) Z(T)");
	ok(&c, "INSERT INTO t VALUES (3)");
	Q(&c, "RELEASE \"Odd name\"", "C(RELEASE) Z(T)");
	Q(&c, "ROLLBACK TO nowhere",
	  "E(3B001 savepoint \"nowhere\" does not exist) Z(E)");
	Q(&c, "ROLLBACK TO before_any_write", "C(ROLLBACK) Z(T)");
	ok(&c, "INSERT INTO t VALUES (4)");
	ok(&c, "COMMIT");
	Q(&c, "SELECT id FROM t", "T(id:23) D(4) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void extended_queries_bind_and_describe(void **state)
{
	static const char *const values[] = { "1", "one", NULL };
	static const char *const more[] = { "2", "\\N", NULL };
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int PRIMARY KEY, name text)");
	assert_string_equal(
		extended(&c, "INSERT INTO t VALUES ($1, $2)", values),
		"1() 2() n() C(INSERT 0 1) Z(I)");
	put_parse(&out, "s1", "INSERT INTO t VALUES ($1, $2) RETURNING id");
	put_named(&out, 'D', 'S', "s1");
	put_plain(&out, 'H', "");
	client_send(&c, &out);
	while (c.replies.length == 0)
		pump(*state);
	assert_string_equal(client_line(&c), "1() t(23,25) T(id:23)");
	put_bind(&out, "", "s1", more);
	put_execute(&out, "", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "2() D(2) C(INSERT 0 1) Z(I)");
	/* an error skips to Sync */
	put_bind(&out, "", "s1", more);
	put_execute(&out, "", 0);
	put_bind(&out, "", "s1", more);
	put_execute(&out, "", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(
		await_ready(&c, 1),
		"2() E(23505 duplicate key value violates unique constraint "
		"\"t_pkey\" | Key (id)=(2) already exists.) Z(I)");
	put_parse(&out, "s1", "SELECT 1");
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "E(42P05 prepared statement \"s1\" already "
			    "exists) Z(I)");
	put_named(&out, 'C', 'S', "s1");
	put_bind(&out, "", "s1", more);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "3() E(26000 prepared statement \"s1\" does not "
			    "exist) Z(I)");
	put_execute(&out, "nope", 0);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "E(34000 portal \"nope\" does not exist) Z(I)");
	client_close(&c);
}

static void a_pipeline_is_one_transaction(void **state)
{
	static const char *const one[] = { "1", NULL };
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int PRIMARY KEY)");
	put_parse(&out, "i", "INSERT INTO t VALUES ($1)");
	for (int i = 0; i < 2; i++) {
		put_bind(&out, "", "i", one);
		put_execute(&out, "", 0);
	}
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(
		await_ready(&c, 1),
		"1() 2() C(INSERT 0 1) 2() E(23505 duplicate key value "
		"violates unique constraint \"t_pkey\" | Key (id)=(1) already "
		"exists.) Z(I)");
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(0) C(SELECT 1) Z(I)");
	/* Flush in the middle keeps it open. */
	put_bind(&out, "", "i", one);
	put_execute(&out, "", 0);
	put_plain(&out, 'H', "");
	client_send(&c, &out);
	while (c.replies.length == 0)
		pump(*state);
	assert_string_equal(client_line(&c), "2() C(INSERT 0 1)");
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1), "Z(I)");
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(1) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void a_portal_gives_its_rows_piece_by_piece(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	put_parse(&out, "", NUMBERS(5) "SELECT i FROM g");
	put_bind(&out, "p", "", NULL);
	put_execute(&out, "p", 2);
	put_execute(&out, "p", 2);
	put_execute(&out, "p", 2);
	put_execute(&out, "p", 2);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "1() 2() D(1) D(2) s() D(3) D(4) s() D(5) "
			    "C(SELECT 1) C(SELECT 0) Z(I)");
	client_close(&c);
}

static void deferred_keys_say_whose_row_broke_them(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE p (id int PRIMARY KEY, v int UNIQUE)");
	ok(&c, "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p (v) "
	       "DEFERRABLE INITIALLY DEFERRED)");
	ok(&c, "INSERT INTO p VALUES (1, 10)");
	ok(&c, "INSERT INTO c VALUES (1, 10)");
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO c VALUES (2, 90)");
	Q(&c, "COMMIT",
	  "E(23503 insert or update on table \"c\" violates foreign key "
	  "constraint \"c_p_fkey\" | Key (p)=(90) is not present in table "
	  "\"p\".) Z(I)");
	ok(&c, "BEGIN");
	ok(&c, "DELETE FROM p");
	Q(&c, "COMMIT",
	  "E(23503 update or delete on table \"p\" violates foreign key "
	  "constraint \"c_p_fkey\" on table \"c\" | Key (v)=(10) is still "
	  "referenced from table \"c\".) Z(I)");
	Q(&c, "UPDATE p SET v = 11",
	  "E(23503 update or delete on table \"p\" violates foreign key "
	  "constraint \"c_p_fkey\" on table \"c\" | Key (v)=(10) is still "
	  "referenced from table \"c\".) Z(I)");
	Q(&c, "UPDATE c SET p = 12",
	  "E(23503 insert or update on table \"c\" violates foreign key "
	  "constraint \"c_p_fkey\" | Key (p)=(12) is not present in table "
	  "\"p\".) Z(I)");
	client_close(&c);
}

static void constraints_are_named_and_explained(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE p (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, "
	       "n text NOT NULL, x int CONSTRAINT positive CHECK (x > 0))");
	ok(&c, "INSERT INTO p VALUES (1)");
	ok(&c, "INSERT INTO c VALUES (1, 1, 'a', 1)");
	Q(&c, "INSERT INTO c VALUES (2, 9, 'a', 1)",
	  "E(23503 insert or update on table \"c\" violates foreign key "
	  "constraint \"c_p_fkey\" | Key (p)=(9) is not present in table "
	  "\"p\".) Z(I)");
	Q(&c, "DELETE FROM p",
	  "E(23503 update or delete on table \"p\" violates foreign key "
	  "constraint \"c_p_fkey\" on table \"c\" | Key (id)=(1) is still "
	  "referenced from table \"c\".) Z(I)");
	Q(&c, "INSERT INTO c VALUES (2, 1, NULL, 1)",
	  "E(23502 null value in column \"n\" of relation \"c\" violates "
	  "not-null constraint | Failing row contains (2, 1, null, 1).) Z(I)");
	Q(&c, "INSERT INTO c VALUES (2, 1, 'b', -1)",
	  "E(23514 new row for relation \"c\" violates check constraint "
	  "\"positive\" | Failing row contains (2, 1, b, -1).) Z(I)");
	client_close(&c);
}

static void a_key_that_does_not_wait_any_more_is_named_by_what_broke_it(
	void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE p (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY "
	       "DEFERRED)");
	ok(&c, "INSERT INTO p VALUES (1), (2)");
	ok(&c, "INSERT INTO c VALUES (2), (1)");
	ok(&c, "BEGIN");
	ok(&c, "SET CONSTRAINTS ALL IMMEDIATE");
	Q(&c, "DELETE FROM p",
	  "E(23503 update or delete on table \"p\" violates foreign key "
	  "constraint \"c_p_fkey\" on table \"c\" "
	  "| Key (id)=(1) is still referenced from table \"c\".) Z(E)");
	ok(&c, "ROLLBACK");
	client_close(&c);
}

static void deferred_keys_are_checked_at_commit(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE p (id int PRIMARY KEY)");
	ok(&c, "CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY "
	       "DEFERRED)");
	ok(&c, "BEGIN");
	Q(&c, "INSERT INTO c VALUES (1)", "C(INSERT 0 1) Z(T)");
	Q(&c, "COMMIT",
	  "E(23503 insert or update on table \"c\" violates "
	  "foreign key constraint \"c_p_fkey\" | Key (p)=(1) is not "
	  "present in table \"p\".) Z(I)");
	Q(&c, "INSERT INTO c VALUES (1)",
	  "E(23503 insert or update on table \"c\" violates "
	  "foreign key constraint \"c_p_fkey\" | Key (p)=(1) is not "
	  "present in table \"p\".) Z(I)");
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO c VALUES (1)");
	ok(&c, "INSERT INTO p VALUES (1)");
	Q(&c, "COMMIT", "C(COMMIT) Z(I)");
	Q(&c, "SELECT * FROM c", "T(p:23) D(1) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void settings_are_shown_set_and_reported(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "SHOW transaction isolation level",
	  "T(transaction_isolation:25) D(read committed) C(SHOW) Z(I)");
	Q(&c, "SET application_name TO 'x'",
	  "C(SET) S(application_name=x) Z(I)");
	Q(&c, "SET nonsense = 1",
	  "E(42704 unrecognized configuration parameter \"nonsense\") Z(I)");
	ok(&c, "BEGIN");
	ok(&c, "SET LOCAL statement_timeout = '5s'");
	Q(&c, "SHOW statement_timeout",
	  "T(statement_timeout:25) D(5s) C(SHOW) Z(T)");
	ok(&c, "COMMIT");
	Q(&c, "SHOW statement_timeout",
	  "T(statement_timeout:25) D(0) C(SHOW) Z(I)");
	Q(&c, "SET LOCAL jit = on",
	  "N(25P01 SET LOCAL can only be used in transaction blocks) C(SET) "
	  "Z(I)");
	Q(&c, "BEGIN READ ONLY", "C(BEGIN) Z(T)");
	Q(&c, "CREATE TABLE t (a int)", "E(25006 cannot execute CREATE TABLE "
					"in a read-only transaction) Z(E)");
	ok(&c, "ROLLBACK");
	Q(&c, "SET search_path TO \"Odd\", public", "C(SET) Z(I)");
	Q(&c, "SHOW search_path",
	  "T(search_path:25) D(\"Odd\", public) C(SHOW) Z(I)");
	Q(&c, "DISCARD ALL", "C(DISCARD ALL) S(application_name=) Z(I)");
	Q(&c, "SET TIME ZONE 'Europe/Berlin'",
	  "C(SET) S(TimeZone=Europe/Berlin) Z(I)");
	Q(&c, "SELECT timestamptz '2024-07-01 12:00+00' AS t",
	  "T(t:1184) D(2024-07-01 14:00:00+02) C(SELECT 1) Z(I)");
	Q(&c, "SET TIME ZONE 'Nowhere/Else'",
	  "E(22023 invalid value for parameter \"TimeZone\": "
	  "\"Nowhere/Else\") Z(I)");
	Q(&c, "SET TIME ZONE 5.5", "C(SET) S(TimeZone=<+05:30>-05:30) Z(I)");
	client_close(&c);
}

static void prepared_statements_in_sql(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "PREPARE add (int, int) AS SELECT $1 + $2 AS sum",
	  "C(PREPARE) Z(I)");
	Q(&c, "EXECUTE add(1, 2)", "T(sum:23) D(3) C(SELECT 1) Z(I)");
	Q(&c, "EXECUTE add(1)",
	  "E(42601 wrong number of parameters for prepared statement \"add\" "
	  "| Expected 2 parameters but got 1.) Z(I)");
	Q(&c, "DEALLOCATE add", "C(DEALLOCATE) Z(I)");
	Q(&c, "EXECUTE add(1, 2)",
	  "E(26000 prepared statement \"add\" does not exist) Z(I)");
	client_close(&c);
}

static void cursors_move_both_ways(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "DECLARE k CURSOR FOR SELECT 1",
	  "E(25P01 DECLARE CURSOR can only be used in transaction blocks) "
	  "Z(I)");
	ok(&c, "BEGIN");
	Q(&c, "DECLARE k CURSOR FOR " NUMBERS(4) "SELECT i FROM g",
	  "C(DECLARE CURSOR) Z(T)");
	Q(&c, "FETCH 2 FROM k", "T(i:23) D(1) D(2) C(FETCH 2) Z(T)");
	Q(&c, "FETCH BACKWARD 1 FROM k", "T(i:23) D(1) C(FETCH 1) Z(T)");
	Q(&c, "FETCH ALL FROM k",
	  "T(i:23) D(2) D(3) D(4) C(FETCH 3) Z(T)");
	Q(&c, "MOVE ABSOLUTE 0 FROM k", "C(MOVE 0) Z(T)");
	Q(&c, "CLOSE k", "C(CLOSE CURSOR) Z(T)");
	Q(&c, "FETCH k", "E(34000 cursor \"k\" does not exist) Z(E)");
	ok(&c, "ROLLBACK");
	client_close(&c);
}

static void copies_in_and_out(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int PRIMARY KEY, name text)");
	put_query(&out, "COPY t FROM STDIN");
	put_plain(&out, 'd', "1\ton");
	put_plain(&out, 'd', "e\n2\t\\N\n3\ta\\tb");
	put_plain(&out, 'd', "\n");
	put_plain(&out, 'c', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1), "G() C(COPY 3) Z(I)");
	Q(&c, "COPY t TO STDOUT",
	  "H() d(1\tone\\n) d(2\t\\N\\n) d(3\ta\\tb\\n) c() C(COPY 3) Z(I)");
	put_query(&out, "COPY t (id, name) FROM STDIN WITH (FORMAT csv, "
			"HEADER)");
	put_plain(&out, 'd', "id,name\n4,\"a, \"\"b\"\"\n");
	put_plain(&out, 'd', "c\"\n5,\n");
	put_plain(&out, 'c', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1), "G() C(COPY 2) Z(I)");
	Q(&c, "COPY (SELECT * FROM t WHERE id > 3 ORDER BY id) TO STDOUT CSV",
	  "H() d(4,\"a, \"\"b\"\"\\nc\"\\n) d(5,\\n) c() C(COPY 2) Z(I)");
	put_query(&out, "COPY t FROM STDIN");
	put_plain(&out, 'd', "9\tx\nnine\ty\n");
	put_plain(&out, 'c', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "G() E(22P02 invalid input syntax for type "
			    "integer: \"nine\") Z(I)");
	put_query(&out, "COPY t FROM STDIN");
	put_plain(&out, 'd', "9\tx\n");
	put_plain(&out, 'f', "no more");
	client_send(&c, &out);
	await_ready(&c, 1);
	Q(&c, "SELECT count(*) FROM t", "T(count:20) D(5) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void large_results_flow_in_bounded_pieces(void **state)
{
	struct client c;
	unsigned rows = 0;
	struct buffer out = { 0 };
	struct frame frame;
	struct slice bytes;

	server_open(*state, NULL);
	client_open(*state, &c);
	put_query(&out, NUMBERS(5000) "SELECT repeat('x', 1000) FROM g");
	client_send(&c, &out);
	while (c.replies.length == 0)
		pump(*state);
	c.backend->ops->pause(c.backend, true);
	for (int i = 0; i < 20; i++) {
		usleep(1000);
		uv_run(&c.server->loop, UV_RUN_NOWAIT);
	}
	assert_true(c.replies.length < 1000000);
	c.backend->ops->pause(c.backend, false);
	while (!c.ready)
		pump(*state);
	bytes = buffer_slice(&c.replies);
	while (frame_read(bytes, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		rows += frame.type == 'D';
		bytes.at += frame.length;
		bytes.length -= frame.length;
	}
	assert_int_equal(rows, 5000);
	client_close(&c);
}

static void a_slow_reader_can_be_closed(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	put_query(&out, NUMBERS(100000) "SELECT repeat('x', 1000) FROM g");
	client_send(&c, &out);
	while (c.replies.length == 0)
		pump(*state);
	c.backend->ops->pause(c.backend, true);
	usleep(5000);
	uv_run(&c.server->loop, UV_RUN_NOWAIT);
	client_close(&c);
}

static void closing_in_a_transaction_rolls_back(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int)");
	ok(&a, "BEGIN");
	ok(&a, "INSERT INTO t VALUES (1)");
	client_close(&a);
	Q(&b, "INSERT INTO t VALUES (2)", "C(INSERT 0 1) Z(I)");
	Q(&b, "SELECT * FROM t", "T(id:23) D(2) C(SELECT 1) Z(I)");
	client_close(&b);
}

static void a_read_only_snapshot_stands_still(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int)");
	ok(&a, "CREATE SEQUENCE s");
	ok(&a, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(0) C(SELECT 1) Z(T)");
	ok(&b, "INSERT INTO t VALUES (1)");
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(0) C(SELECT 1) Z(T)");
	Q(&a, "SELECT nextval('s')",
	  "T(nextval:20) E(25006 cannot execute SELECT in a read-only "
	  "transaction) Z(E)");
	ok(&a, "ROLLBACK");
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(1) C(SELECT 1) Z(I)");
	/* One that may write is alone with the writer. */
	ok(&a, "BEGIN ISOLATION LEVEL SERIALIZABLE");
	Q(&a, "SELECT count(*) FROM t", "T(count:20) D(1) C(SELECT 1) Z(T)");
	ok(&a, "INSERT INTO t VALUES (2)");
	ok(&a, "COMMIT");
	Q(&b, "SELECT count(*) FROM t", "T(count:20) D(2) C(SELECT 1) Z(I)");
	client_close(&b);
	client_close(&a);
}

static void sequences_count_and_are_not_rolled_back(void **state)
{
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id bigserial PRIMARY KEY, n text)");
	Q(&c, "INSERT INTO t (n) VALUES ('a') RETURNING id",
	  "T(id:20) D(1) C(INSERT 0 1) Z(I)");
	ok(&c, "BEGIN");
	ok(&c, "INSERT INTO t (n) VALUES ('b')");
	ok(&c, "ROLLBACK");
	Q(&c, "INSERT INTO t (n) VALUES ('c') RETURNING id",
	  "T(id:20) D(3) C(INSERT 0 1) Z(I)");
	Q(&c, "SELECT currval('t_id_seq'), lastval()",
	  "T(currval:20,lastval:20) D(3,3) C(SELECT 1) Z(I)");
	Q(&c, "SELECT nextval('t_id_seq')",
	  "T(nextval:20) D(4) C(SELECT 1) Z(I)");
	client_close(&c);
	server_close(*state);
	server_open(*state, NULL);
	client_open(*state, &c);
	Q(&c, "SELECT nextval('t_id_seq')",
	  "T(nextval:20) D(5) C(SELECT 1) Z(I)");
	client_close(&c);
}

static void temporary_tables_are_nobody_elses(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "CREATE TABLE t (id int)");
	ok(&a, "CREATE TEMP TABLE x (id bigserial, v int)");
	ok(&a, "INSERT INTO x (v) VALUES (1), (2)");
	Q(&a, "SELECT id, v FROM x", "T(id:20,v:23) D(1,1) D(2,2) C(SELECT 2) "
				     "Z(I)");
	Q(&b, "SELECT v FROM x",
	  "E(42P01 relation \"x\" does not exist) Z(I)");
	ok(&b, "CREATE TEMP TABLE x (w text)");
	Q(&b, "SELECT w FROM x", "T(w:25) C(SELECT 0) Z(I)");
	ok(&a, "BEGIN");
	ok(&a, "INSERT INTO t SELECT v FROM x");
	Q(&b, "SELECT * FROM t", "T(id:23) C(SELECT 0) Z(I)");
	ok(&a, "COMMIT");
	Q(&b, "SELECT * FROM t", "T(id:23) D(1) D(2) C(SELECT 2) Z(I)");
	ok(&b, "ALTER TABLE t ADD COLUMN n text");
	Q(&a, "SELECT * FROM t WHERE id = 1",
	  "T(id:23,n:25) D(1,NULL) C(SELECT 1) Z(I)");
	ok(&a, "DISCARD ALL");
	Q(&a, "SELECT v FROM x",
	  "E(42P01 relation \"x\" does not exist) Z(I)");
	client_close(&b);
	client_open(*state, &b);
	Q(&b, "SELECT w FROM x",
	  "E(42P01 relation \"x\" does not exist) Z(I)");
	client_close(&b);
	client_close(&a);
}

static void notifications_come_after_commit(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	Q(&a, "LISTEN news", "C(LISTEN) Z(I)");
	ok(&b, "BEGIN");
	ok(&b, "NOTIFY news, 'one'");
	assert_int_equal(a.replies.length, 0);
	ok(&b, "COMMIT");
	assert_string_equal(client_line(&a), "A(news:one)");
	ok(&a, "UNLISTEN *");
	ok(&b, "SELECT pg_notify('news', 'two')");
	assert_int_equal(a.replies.length, 0);
	client_close(&a);
	client_close(&b);
}

static void cancel_ends_a_long_query(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	put_query(&out, NUMBERS(100000000) "SELECT count(*) FROM g");
	client_send(&c, &out);
	usleep(20000);
	c.backend->ops->cancel(c.backend);
	assert_string_equal(await_ready(&c, 1),
			    "T(count:20) E(57014 canceling statement due to "
			    "user request) Z(I)");
	ok(&c, "SET statement_timeout = 50");
	Q(&c, NUMBERS(100000000) "SELECT count(*) FROM g",
	  "T(count:20) E(57014 canceling statement due to statement timeout) "
	  "Z(I)");
	client_close(&c);
}

static void ddl_is_transactional_and_seen_by_all(void **state)
{
	struct client a, b;

	server_open(*state, NULL);
	client_open(*state, &a);
	client_open(*state, &b);
	ok(&a, "BEGIN");
	ok(&a, "CREATE TABLE t (id int)");
	Q(&b, "SELECT * FROM t",
	  "E(42P01 relation \"t\" does not exist) Z(I)");
	Q(&a, "SELECT * FROM t", "T(id:23) C(SELECT 0) Z(T)");
	ok(&a, "ROLLBACK");
	Q(&a, "SELECT * FROM t",
	  "E(42P01 relation \"t\" does not exist) Z(I)");
	ok(&a, "CREATE TABLE t (id int)");
	Q(&b, "SELECT * FROM t", "T(id:23) C(SELECT 0) Z(I)");
	ok(&b, "ALTER TABLE t ADD COLUMN n text");
	Q(&a, "SELECT * FROM t", "T(id:23,n:25) C(SELECT 0) Z(I)");
	client_close(&a);
	client_close(&b);
}

static void a_changed_result_type_is_told(void **state)
{
	struct buffer out = { 0 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	ok(&c, "CREATE TABLE t (id int)");
	put_parse(&out, "s", "SELECT * FROM t");
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	await_ready(&c, 1);
	ok(&c, "ALTER TABLE t ADD COLUMN n text");
	put_bind(&out, "", "s", NULL);
	put_plain(&out, 'S', "");
	client_send(&c, &out);
	assert_string_equal(await_ready(&c, 1),
			    "E(0A000 cached plan must not change result type) "
			    "Z(I)");
	client_close(&c);
}

static void survives_nonsense(void **state)
{
	static const uint8_t bytes[] = { 'B', 0, 0, 0, 5, 0, 'S', 0, 0, 0, 4 };
	struct slice piece = slice_make(bytes, sizeof(bytes));
	static const uint8_t broken[] = { 'Q', 0, 0, 0, 1 };
	struct client c;

	server_open(*state, NULL);
	client_open(*state, &c);
	c.backend->ops->send(c.backend, &piece, 1);
	assert_string_equal(await_ready(&c, 1),
			    "E(08P01 invalid message format) Z(I)");
	Q(&c, "SELECT 1 AS a", "T(a:23) D(1) C(SELECT 1) Z(I)");
	piece = slice_make(broken, sizeof(broken));
	c.backend->ops->send(c.backend, &piece, 1);
	assert_true(c.lost);
	client_close(&c);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make_server, remove_server)
	const struct CMUnitTest tests[] = {
		T(answers_simple_queries),
		T(a_query_of_several_is_one_transaction),
		T(transactions_have_three_states),
		T(a_transaction_that_writes_nothing_ends_without_a_thread),
		T(a_portal_bound_before_is_not_taken_for_the_begin),
		T(a_read_only_transaction_does_not_wait_to_be_refused),
		T(savepoints_nest_and_survive_errors),
		T(extended_queries_bind_and_describe),
		T(a_pipeline_is_one_transaction),
		T(a_portal_gives_its_rows_piece_by_piece),
		T(deferred_keys_say_whose_row_broke_them),
		T(constraints_are_named_and_explained),
		T(a_key_that_does_not_wait_any_more_is_named_by_what_broke_it),
		T(deferred_keys_are_checked_at_commit),
		T(settings_are_shown_set_and_reported),
		T(prepared_statements_in_sql),
		T(cursors_move_both_ways),
		T(copies_in_and_out),
		T(large_results_flow_in_bounded_pieces),
		T(a_slow_reader_can_be_closed),
		T(closing_in_a_transaction_rolls_back),
		T(a_read_only_snapshot_stands_still),
		T(sequences_count_and_are_not_rolled_back),
		T(temporary_tables_are_nobody_elses),
		T(notifications_come_after_commit),
		T(cancel_ends_a_long_query),
		T(ddl_is_transactional_and_seen_by_all),
		T(a_changed_result_type_is_told),
		T(survives_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
