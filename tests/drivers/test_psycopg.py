"""psycopg 3 at its defaults, on every road."""

import datetime
import decimal
import uuid

import psycopg
import pytest
from psycopg.rows import dict_row

from support.waiting import cancelling


@pytest.fixture
def conn(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def table(conn):
    conn.execute("DROP TABLE IF EXISTS thing")
    conn.execute("""CREATE TABLE thing (
        id bigserial PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, price numeric(10,2),
        made timestamptz NOT NULL DEFAULT now(), good boolean DEFAULT true, data jsonb, raw bytea, key uuid)""")
    yield "thing"
    conn.execute("DROP TABLE IF EXISTS thing")


def test_answers_a_simple_select(conn):
    assert conn.execute("SELECT 1 AS one, 'x' AS x").fetchone() == (1, "x")


def test_reads_back_every_common_type(conn, table):
    key, made = uuid.uuid4(), datetime.datetime(2024, 2, 29, 12, 30, 15, 123456, datetime.timezone.utc)
    row = ("bolt", decimal.Decimal("12.50"), made, False, psycopg.types.json.Jsonb({"b": [1, 2.5], "a": None}),
           b"\x00\xff'", key)
    conn.execute("INSERT INTO thing (name, price, made, good, data, raw, key) VALUES (%s,%s,%s,%s,%s,%s,%s)", row)
    got = conn.execute("SELECT name, price, made, good, data, raw, key FROM thing").fetchone()
    assert got == ("bolt", decimal.Decimal("12.50"), made, False, {"a": None, "b": [1, 2.5]}, b"\x00\xff'", key)


def test_reads_back_in_binary(conn, table):
    with conn.cursor(binary=True) as cursor:
        cursor.execute("INSERT INTO thing (name, price) VALUES ('b', 1.25) RETURNING id, price, made, good")
        row_id, price, made, good = cursor.fetchone()
    assert (row_id, price, good) == (1, decimal.Decimal("1.25"), True)
    assert abs(datetime.datetime.now(datetime.timezone.utc) - made) < datetime.timedelta(seconds=60)


def test_returns_generated_keys(conn, table):
    rows = conn.execute("INSERT INTO thing (name) VALUES ('a'),('b'),('c') RETURNING id, name").fetchall()
    assert rows == [(1, "a"), (2, "b"), (3, "c")]


def test_rolls_back(conn, table):
    with pytest.raises(ZeroDivisionError):
        with conn.transaction():
            conn.execute("INSERT INTO thing (name) VALUES ('gone')")
            raise ZeroDivisionError
    assert conn.execute("SELECT count(*) FROM thing").fetchone() == (0,)


def test_keeps_what_came_before_a_savepoint(conn, table):
    with conn.transaction():
        conn.execute("INSERT INTO thing (name) VALUES ('kept')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            with conn.transaction():
                conn.execute("INSERT INTO thing (name) VALUES ('kept')")
    assert conn.execute("SELECT name FROM thing").fetchall() == [("kept",)]


def test_names_the_violated_constraint(conn, table):
    conn.execute("INSERT INTO thing (name) VALUES ('a')")
    with pytest.raises(psycopg.errors.UniqueViolation) as error:
        conn.execute("INSERT INTO thing (name) VALUES ('a')")
    assert error.value.diag.constraint_name == "thing_name_key"
    assert error.value.diag.table_name == "thing"
    with pytest.raises(psycopg.errors.NotNullViolation) as error:
        conn.execute("INSERT INTO thing (name) VALUES (NULL)")
    assert error.value.diag.column_name == "name"


def test_refuses_everything_after_an_error_in_a_transaction(endpoint):
    with psycopg.connect(endpoint.dsn()) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM no_such_table")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        assert connection.execute("SELECT 2").fetchone() == (2,)


def test_prepares_statements_and_keeps_using_them(endpoint, table):
    with psycopg.connect(endpoint.dsn(), autocommit=True, prepare_threshold=1) as connection:
        for number in range(20):
            connection.execute("INSERT INTO thing (name) VALUES (%s)", (f"n{number}",))
        for number in range(20):
            row = connection.execute("SELECT name FROM thing WHERE name = %s", (f"n{number}",)).fetchone()
            assert row == (f"n{number}",)


def test_inserts_many_in_one_pipeline(conn, table):
    with conn.cursor() as cursor:
        cursor.executemany("INSERT INTO thing (name) VALUES (%s) RETURNING id",
                           [(f"m{i}",) for i in range(50)], returning=True)
    assert conn.execute("SELECT count(*), max(id) FROM thing").fetchone() == (50, 50)


def test_pipelines(conn, table):
    with conn.pipeline():
        cursors = [conn.execute("SELECT %s::int * 2", (i,)) for i in range(10)]
    assert [cursor.fetchone()[0] for cursor in cursors] == [i * 2 for i in range(10)]


def test_copies_in_and_out(conn, table):
    with conn.cursor() as cursor:
        with cursor.copy("COPY thing (name, price) FROM STDIN") as copy:
            for number in range(1000):
                copy.write_row((f"c{number}", decimal.Decimal(number) / 4))
        with cursor.copy("COPY (SELECT name, price FROM thing ORDER BY id LIMIT 3) TO STDOUT") as copy:
            copy.set_types(["text", "numeric"])
            rows = list(copy.rows())
    assert rows == [("c0", decimal.Decimal("0.00")), ("c1", decimal.Decimal("0.25")), ("c2", decimal.Decimal("0.50"))]


def test_streams_with_a_server_side_cursor(endpoint, table):
    with psycopg.connect(endpoint.dsn()) as connection:
        connection.execute("INSERT INTO thing (name) SELECT 's' || n FROM generate_series(1, 300) n")
        with connection.cursor("stream") as cursor:
            cursor.itersize = 50
            cursor.execute("SELECT name FROM thing ORDER BY id")
            assert sum(1 for _ in cursor) == 300
        connection.rollback()


def test_upserts(conn, table):
    statement = ("INSERT INTO thing (name, price) VALUES (%s, %s) ON CONFLICT (name) "
                 "DO UPDATE SET price = excluded.price RETURNING price")
    assert conn.execute(statement, ("u", 1)).fetchone() == (decimal.Decimal("1.00"),)
    assert conn.execute(statement, ("u", 2)).fetchone() == (decimal.Decimal("2.00"),)
    assert conn.execute("INSERT INTO thing (name) VALUES ('u') ON CONFLICT DO NOTHING").rowcount == 0


def test_keeps_its_settings_between_transactions(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as mine, \
            psycopg.connect(endpoint.dsn(), autocommit=True) as other:
        mine.execute("SET statement_timeout = '77s'")
        other.execute("SELECT 1")
        assert mine.execute("SHOW statement_timeout").fetchone() == ("77s",)
        assert other.execute("SHOW statement_timeout").fetchone() != ("77s",)
        mine.execute("RESET statement_timeout")


def test_forgets_a_setting_that_was_rolled_back(endpoint):
    with psycopg.connect(endpoint.dsn()) as mine:
        before = mine.execute("SHOW work_mem").fetchone()
        mine.execute("SET work_mem = '5MB'")
        mine.rollback()
        assert mine.execute("SHOW work_mem").fetchone() == before


def test_takes_options_at_startup(endpoint):
    with psycopg.connect(endpoint.dsn(options="'-c statement_timeout=88s'", application_name="tests")) as mine:
        assert mine.execute("SHOW statement_timeout").fetchone() == ("88s",)
        assert mine.execute("SHOW application_name").fetchone() == ("tests",)


def test_lists_columns_by_name(conn, table):
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute("INSERT INTO thing (name) VALUES ('d')")
        row = cursor.execute("SELECT t.id, t.name AS label, count(*) OVER () AS all FROM thing t").fetchone()
    assert row == {"id": 1, "label": "d", "all": 1}


def test_cancels_a_running_query(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.QueryCanceled), cancelling(connection.cancel):
            connection.execute("SELECT pg_sleep(60)")
        assert connection.execute("SELECT 3").fetchone() == (3,)


@pytest.mark.parametrize("sql, expected", [
    ("SELECT 7 / 2, -7 / 2, 7 % 3, 7.0 / 2", (3, -3, 1, decimal.Decimal("3.5000000000000000"))),
    ("SELECT sum(n), avg(n), count(*), max(n) FROM (VALUES (1),(2),(4)) v(n)",
     (7, decimal.Decimal("2.3333333333333333"), 3, 4)),
    ("SELECT NULL::int, NULL = NULL, coalesce(NULL, 'x')", (None, None, "x")),
    ("SELECT 'abc' LIKE 'A%', 'abc' ILIKE 'A%', 'abc' ~ '^a.c$'", (False, True, True)),
    ("SELECT upper('é'), length('日本'), substring('hello' from 2 for 3)", ("É", 2, "ell")),
    ("SELECT '2024-01-31'::date + interval '1 month', date '2024-03-01' - date '2024-02-01'",
     (datetime.datetime(2024, 2, 29), 29)),
    ("SELECT '{\"a\": {\"b\": [1, 2]}}'::jsonb -> 'a' ->> 'b', '{\"a\":1}'::jsonb @> '{}'::jsonb", ("[1, 2]", True)),
    ("SELECT array_agg(n ORDER BY n DESC) FROM generate_series(1,3) n", ([3, 2, 1],)),
    ("SELECT 2 = ANY(ARRAY[1,2,3]), 5 = ANY('{1,2}'::int[])", (True, False)),
    ("SELECT CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END, greatest(1, NULL, 3), nullif(1, 1)", ("b", 3, None)),
    ("SELECT 0.1::numeric + 0.2, 1e3::numeric, 12345678901234567890.5::numeric * 2",
     (decimal.Decimal("0.3"), decimal.Decimal(1000), decimal.Decimal("24691357802469135781.0"))),
    ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t", (15,)),
])
def test_computes_as_postgres_does(conn, sql, expected):
    assert conn.execute(sql).fetchone() == expected


@pytest.mark.parametrize("sql, sqlstate", [
    ("SELECT 1/0", "22012"), ("SELECT nope", "42703"), ("SELECT * FROM nope", "42P01"), ("SELEC 1", "42601"),
    ("SELECT nope(1)", "42883"), ("SELECT 'x'::int", "22P02"), ("SELECT 2147483647 + 1", "22003"),
    ("SELECT '2024-13-01'::date", "22008"), ("SELECT 'a' + 1", "22P02"), ("DROP TABLE nope", "42P01"),
])
def test_fails_as_postgres_does(conn, sql, sqlstate):
    with pytest.raises(psycopg.Error) as error:
        conn.execute(sql)
    assert error.value.sqlstate == sqlstate
