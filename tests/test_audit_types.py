"""Code that could take rows of an insert-only table and runs without being called, on a real Postgres: a domain's check,
of all that is made of the domain, and functions written as columns. Each of these texts takes rows away when it is not refused."""

import re

import psycopg
import pytest
from psycopg import pq

from support.cluster import PASSWORD, USER
from support.guarded import direct, guarded_database
from support.weir import Endpoint, Weir

DATABASE = "typed"

SCHEMA = """
CREATE TABLE audit_log (id int PRIMARY KEY, what text);
INSERT INTO audit_log VALUES (1, 'first');
CREATE TABLE plain (id int PRIMARY KEY, what text);
INSERT INTO plain VALUES (1, 'p'), (2, 'q');
CREATE FUNCTION wipes(int) RETURNS bool LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DELETE FROM audit_log'; RETURN true; END$$;
CREATE DOMAIN bad AS int CHECK (wipes(VALUE));
CREATE DOMAIN of_bad AS bad;
CREATE DOMAIN of_bads AS int[] CHECK (wipes(VALUE[1]));
CREATE DOMAIN casts AS int CHECK (VALUE::bad IS NOT NULL);
CREATE TABLE holder (v bad, id int, name text);
INSERT INTO holder VALUES (NULL, 1, 'x');
CREATE TABLE "Odd Holder" (v bad);
CREATE TYPE holding AS (v bad);
CREATE TYPE deep AS (h holding, vs bad[]);
CREATE TABLE arrays (vs bad[]);
CREATE TYPE span AS RANGE (subtype = bad, multirange_type_name = spans);
CREATE VIEW shown AS SELECT v FROM holder;
CREATE FUNCTION takes(bads bad[]) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION by_default(int DEFAULT (5::bad)::int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION declares() RETURNS int LANGUAGE plpgsql AS 'DECLARE x holder; BEGIN x.v := 1; RETURN 1; END';
CREATE VIEW casting AS SELECT (id::bad)::int AS id FROM plain;
CREATE VIEW casting_below AS SELECT id FROM casting;
CREATE TABLE defaulted (id int, n int DEFAULT (5::bad)::int);
CREATE TABLE checking (n int CHECK ((n::bad)::int > 0));
CREATE TABLE computed (a int, b int GENERATED ALWAYS AS ((a::bad)::int) STORED);
CREATE TABLE watched (n int);
INSERT INTO watched VALUES (1);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER w BEFORE UPDATE ON watched FOR EACH ROW WHEN ((NEW.n::bad)::int > 0) EXECUTE FUNCTION nothing();
CREATE DOMAIN late AS int;
CREATE TABLE of_late (v late);
INSERT INTO of_late VALUES (1);
ALTER DOMAIN late ADD CONSTRAINT c CHECK (wipes(VALUE)) NOT VALID;
CREATE TABLE late_too (n int);
INSERT INTO late_too VALUES (1);
ALTER TABLE late_too ADD CONSTRAINT c CHECK (wipes(n)) NOT VALID;
CREATE FUNCTION number(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM wipes(1); RETURN 1; END';
CREATE TABLE indexed (n int);
CREATE INDEX ON indexed (number(n));
INSERT INTO indexed VALUES (1);
INSERT INTO arrays VALUES (NULL);
CREATE TABLE holdings (h holding);
INSERT INTO holdings VALUES (NULL);
CREATE TABLE ranges (s span);
INSERT INTO ranges VALUES (NULL);
CREATE FUNCTION apart(float8, float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM wipes(1); RETURN 1; END';
CREATE TYPE reach AS RANGE (subtype = float8, subtype_diff = apart, multirange_type_name = reaches);
CREATE TABLE reaching (r reach);
INSERT INTO reaching SELECT reach(i, i + 1) FROM generate_series(1, 400) i;
CREATE TYPE far AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = fars);
CREATE TABLE fine_reaching (r far);
CREATE FUNCTION either(anyelement, anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT coalesce($1, $2)';
CREATE OPERATOR ~~~ (FUNCTION = either, LEFTARG = anyelement, RIGHTARG = anyelement);
CREATE TABLE parted (LIKE holder) PARTITION BY RANGE (v);
CREATE FUNCTION does(text) RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE $1; RETURN 1; END';
CREATE FUNCTION total(plain) RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM wipes(1); RETURN 1; END';
CREATE FUNCTION total_of(p plain) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN p.id; END';
CREATE FUNCTION is_good(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 > 0; END';
CREATE DOMAIN good AS int CHECK (is_good(VALUE));
CREATE TYPE mood AS ENUM ('fine', 'sad');
CREATE TYPE pair AS (a good, m mood);
CREATE TYPE good_span AS RANGE (subtype = good, multirange_type_name = good_spans);
CREATE TABLE goods (a good, m mood, p pair, many good[], moods mood[]);
CREATE FUNCTION takes_goods(goods) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
INSERT INTO audit_log VALUES (1, 'first') ON CONFLICT DO NOTHING;
"""

WIPES = [
    "SELECT '(1,1,a)'::holder",
    "SELECT ROW(1, 1, 'a')::public.holder",
    "SELECT '{\"(1,1,a)\"}'::holder[]",
    "SELECT '{\"(1,1,a)\"}'::_holder",
    "SELECT '{1}'::_bad",
    "SELECT public._bad '{1}'",
    "SELECT '{1}'::_of_bad",
    "SELECT '{1}'::of_bads",
    "SELECT 1::casts",
    "SELECT '(1)'::shown",
    "SELECT '(\"(1)\",)'::deep",
    "SELECT '[1,2]'::span",
    "SELECT '{[1,2]}'::spans",
    "SELECT span(1, 2)",
    "SELECT jsonb_populate_record(NULL::holder, '{\"v\": 5}')",
    "SELECT * FROM jsonb_populate_recordset(NULL::deep, '[{\"vs\": [5]}]')",
    "SELECT * FROM jsonb_to_recordset('[{\"v\": {\"v\": 1}}]') AS x(v holder)",
    "SELECT takes('{1}')",
    "SELECT by_default()",
    "SELECT declares()",
    "SELECT record_in('(1,1,a)', 'holder'::regtype, -1)",
    "SELECT pg_catalog.array_in('{1}', 'bad'::regtype, -1)",
    "SELECT 1 WHERE domain_in('1', 'bad'::regtype, -1) IS NULL",
    "SELECT range_in('[1,2]', 'span'::regtype, -1)",
    "SELECT multirange_in('{[1,2]}', 'spans'::regtype, -1)",
    "DO $$ BEGIN PERFORM record_in('(1,1,a)', (SELECT oid FROM pg_type WHERE typname = 'hol' || 'der'), -1); END $$",
    "DO $$ DECLARE x holder.v%TYPE; BEGIN x := 1; END $$",
    "DO $$ DECLARE x holder%ROWTYPE; BEGIN x.v := 1; END $$",
    "DO $$ DECLARE x \"Odd Holder\"; BEGIN x.v := 1; END $$",
    "DO $$ DECLARE x _bad; BEGIN x := '{1}'; END $$",
    "CREATE FUNCTION g(holder.v%TYPE) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; SELECT g(1)",
    "INSERT INTO holder VALUES (1)",
    "INSERT INTO shown VALUES (1)",
    "INSERT INTO arrays VALUES ('{1}')",
    "UPDATE holder SET v = 1",
    "CREATE TABLE t (x holder); INSERT INTO t VALUES ('(1,1,a)')",
    "CREATE TABLE t (x _bad); INSERT INTO t VALUES ('{1}')",
    "CREATE TABLE t OF holding; INSERT INTO t VALUES (1)",
    "CREATE TABLE t () INHERITS (holder); INSERT INTO t VALUES (1)",
    "CREATE TABLE t AS SELECT * FROM holder; INSERT INTO t VALUES (1)",
    "ALTER TABLE plain ADD COLUMN v holding DEFAULT '(1)'",
    "SELECT * FROM casting",
    "SELECT * FROM casting_below",
    "INSERT INTO defaulted (id) VALUES (1)",
    "INSERT INTO checking VALUES (1)",
    "INSERT INTO computed VALUES (1)",
    "UPDATE watched SET n = 2",
    "ALTER DOMAIN late VALIDATE CONSTRAINT c",
    "ALTER TABLE late_too VALIDATE CONSTRAINT c",
    "ALTER TABLE indexed ADD COLUMN z float DEFAULT random()",
    "CREATE INDEX ON reaching USING gist (r)",
    "ANALYZE reaching",
]

FIRST = [
    "SELECT 1::bad",
    "SELECT ARRAY[1]::\"bad\"[]",
    "SELECT '(1,1,a)'::public.holder",
    "SELECT ROW(5)::holding",
    "SELECT jsonb_populate_record(NULL::holder, '{\"v\": 5}')",
    "PREPARE p(bad) AS SELECT $1; EXECUTE p(1)",
    "SELECT ((1, 'x')::plain).total",
]

# A constant becomes a value of the type of what stands beside it.
ADAPTS = [
    "SELECT CASE WHEN id = 0 THEN h ELSE '(5,1,a)' END FROM holder h",
    "SELECT coalesce(CASE WHEN id = 0 THEN h.* END, '(5,1,a)') FROM holder h",
    "SELECT holder FROM holder UNION ALL SELECT '(5,1,a)'",
    "SELECT lead(h, 1, '(5,1,a)') OVER () FROM holder h",
    "DELETE FROM holder WHERE coalesce(CASE WHEN id = 0 THEN holder END, '(5,1,a)') IS NULL",
    "SELECT ARRAY[v] = '{5}' FROM holder",
    "SELECT ARRAY(SELECT v FROM holder) = '{5}'",
    "SELECT array_agg(v) = '{5}' FROM shown",
    "SELECT percentile_disc('{0.5}'::float[]) WITHIN GROUP (ORDER BY v) = '{5}' FROM holder",
    "SELECT jsonb_populate_record(h, '{\"v\": 5}') FROM holder h",
    "SELECT pg_catalog.jsonb_populate_record(s, '{\"v\": 5}') FROM (SELECT v FROM holder) s",
    "WITH w AS (SELECT v FROM holder) SELECT either(v, '5') FROM w",
    "SELECT v ~~~ '5' FROM holder",
    "SELECT coalesce(h, '(5)') FROM holdings",
    "SELECT vs = '{5}' FROM arrays",
    "SELECT s && '[1,5]' FROM ranges",
    "CREATE VIEW t AS SELECT either(v, '5') FROM holder; SELECT * FROM t",
    "CREATE FUNCTION g() RETURNS text LANGUAGE sql AS "
    "$$SELECT (CASE WHEN id = 0 THEN h ELSE '(5,1,a)' END)::text FROM holder h$$; SELECT g()",
    "DO $$ BEGIN PERFORM either(v, '5') FROM holder; END $$",
    "CREATE INDEX ON holder ((coalesce(holder, '(5,1,a)')))",
    "CREATE TABLE t PARTITION OF parted FOR VALUES FROM (1) TO (5)",
    "CREATE TABLE t (LIKE holder); ALTER TABLE parted ATTACH PARTITION t FOR VALUES FROM (1) TO (5)",
    "CREATE FUNCTION one_of(anyelement, anyelement) RETURNS anyelement LANGUAGE sql AS 'SELECT coalesce($1, $2)';"
    "SELECT one_of(v, '5') FROM holder",
    "CREATE OPERATOR ~@~ (FUNCTION = either, LEFTARG = anyelement, RIGHTARG = anyelement); SELECT v ~@~ '5' FROM holder",
]

ATTRIBUTES = [
    "SELECT p.total FROM plain p",
    "SELECT P.Total FROM plain P",
    "SELECT p . --total\n Total FROM plain p",
    "SELECT p.U&\"\\0074otal\" FROM plain p",
    "SELECT public.plain.total FROM public.plain",
    "SELECT (p).total FROM plain p",
    "SELECT (ROW(1, 'x')::plain).total",
    "UPDATE plain p SET what = 'x' WHERE p.total = 7",
    "SELECT (1).wipes",
    "SELECT (p.id).wipes FROM plain p",
    "SELECT ('DELETE FROM audit_log').does",
    "SELECT ('SELECT ''a''::tsvector WHERE does(''DELETE FROM audit_log'') = 1').ts_stat",
    "SELECT (1).bad",
    "SELECT (p.id).of_bad FROM plain p",
    "SELECT ('{1}')._bad",
    "SELECT (ARRAY[1])[1].bad",
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT ((1).bad)::int'; SELECT g()",
    "DO $$ BEGIN PERFORM p.total FROM plain p; END $$",
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT p.total FROM plain p'; SELECT g()",
]

# What the first makes is known to no snapshot when the second comes.
MADE = [
    ("CREATE TABLE t (LIKE holder)", "INSERT INTO t VALUES (1)"),
    ("CREATE TABLE t (LIKE holder)", "SELECT '(1,1,a)'::t"),
    ("CREATE TABLE t (LIKE holder)", "SELECT '{\"(1,1,a)\"}'::_t"),
    ("CREATE TABLE t (LIKE holder)", "DO $$ DECLARE x t; BEGIN x.v := 1; END $$"),
    ("CREATE TABLE t (LIKE holder)", "DO $$ DECLARE x _t; BEGIN x := '{\"(1,1,a)\"}'; END $$"),
    ("CREATE TEMP TABLE t (LIKE holder)", "SELECT '(1,1,a)'::t"),
    ("SELECT * INTO t FROM holder", "SELECT '(1,1,a)'::t"),
    ("CREATE VIEW t AS SELECT * FROM shown", "SELECT '(1)'::t"),
    ("ALTER TABLE holder RENAME TO t", "SELECT '(1,1,a)'::t"),
    ("ALTER DOMAIN bad RENAME TO t", "SELECT 1::t"),
    ("ALTER TYPE holding RENAME TO t", "SELECT '(1)'::t"),
]

DECLARED = [("bad", "1"), ("of_bad", "1"), ("bad[]", "{1}"), ("holder", "(1,1,a)"), ("deep", '("(1)",)'), ("span", "[1,2]"),
            ("shown", "(1)")]

HARMLESS = [
    "INSERT INTO goods VALUES (1, 'fine', ROW(1, 'sad'), '{1,2}', '{fine,sad}')",
    "UPDATE goods SET a = 2, p = '(3,fine)'",
    "SELECT '(1,fine)'::pair, '{1}'::_good, '{\"(1,fine)\"}'::pair[], 1::good, '{fine}'::mood[]",
    "SELECT '[1,2]'::good_span, '{[1,2]}'::good_spans, good_span(1::good, 2::good)",
    "SELECT jsonb_populate_record(NULL::goods, '{\"a\": 5}'), takes_goods('(1,fine,,,)')",
    "DO $$ DECLARE x goods; y goods.a%TYPE; z _good; BEGIN y := 1; x.a := 2; z := '{1}'; END $$",
    "CREATE TABLE t (LIKE goods); INSERT INTO t (a) VALUES (4); SELECT '(1,,,,)'::t; CREATE TABLE u (x t[])",
    "CREATE VIEW t AS SELECT (a::good)::int AS b FROM goods; SELECT b FROM t",
    "ALTER DOMAIN good SET DEFAULT 5; ALTER TYPE pair RENAME TO two; SELECT '(1,sad)'::two",
    "SELECT * FROM holder WHERE name = 'x' AND id = 1",
    "SELECT count(*) FROM shown",
    "DELETE FROM holder WHERE id = 7",
    "SELECT h.*, coalesce(name, 'x'), ARRAY[1, 2] FROM holder h WHERE h.id = ANY (ARRAY[1, 2]) AND is_good(id)",
    "SELECT count(*), max(name || 'x') FROM holder GROUP BY name",
    "CREATE VIEW t AS SELECT id, name FROM holder WHERE name = 'x'; SELECT * FROM t",
    "CREATE TABLE t (a good, n int) PARTITION BY RANGE (n); CREATE TABLE u PARTITION OF t FOR VALUES FROM (1) TO (5)",
    "SELECT p.what, p.total_of, (p).id, (p.id).is_good, (1).good, (p.what).upper FROM plain p",
    "SELECT either(id, 5), id ~~~ 5, ARRAY[a, 1], array_agg(a) FROM plain, goods GROUP BY id, a",
]


@pytest.fixture(scope="module")
def guarded(cluster):
    with guarded_database(cluster, DATABASE, SCHEMA) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def server(guarded, cluster):
    with direct(cluster, DATABASE) as conn:
        yield conn


@pytest.fixture
def conn(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        yield conn


def left(conn):
    return conn.execute("SELECT count(*) FROM audit_log").fetchone()[0]


def is_refused_though_it_would_take_rows(conn, server, sql):
    with server.transaction(force_rollback=True):
        server.execute(sql)
        assert left(server) == 0, "the statement takes nothing away"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(sql)


@pytest.mark.parametrize("sql", WIPES)
def test_a_text_that_makes_a_value_of_a_type_that_could_take_rows_is_refused(conn, server, sql):
    is_refused_though_it_would_take_rows(conn, server, sql)


@pytest.mark.parametrize("sql", FIRST)
def test_the_very_first_text_is_judged_by_the_catalog_too(guarded, server, cluster, sql):
    weir = Weir("--audit-tables", "public.audit_log", f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{cluster.port}/{DATABASE}")
    try:
        with psycopg.connect(Endpoint("postgres", weir.port, database=DATABASE).dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
            is_refused_though_it_would_take_rows(conn, server, sql)
    finally:
        weir.stop()


@pytest.mark.parametrize("sql", ADAPTS)
def test_a_constant_that_becomes_of_such_a_type_by_what_it_stands_beside_is_refused(conn, server, sql):
    is_refused_though_it_would_take_rows(conn, server, sql)


@pytest.mark.parametrize("sql", ATTRIBUTES)
def test_a_function_that_is_written_as_a_column_of_a_row_is_refused_as_if_it_were_called(conn, server, sql):
    is_refused_though_it_would_take_rows(conn, server, sql)


LONG = [" /*" + "x" * 40_000 + "*/", " -- " + ".total" * 7000]


@pytest.mark.parametrize("padding", LONG, ids=["a comment", "the name of a function"])
@pytest.mark.parametrize("prepare", [False, True])
def test_a_long_text_that_reads_such_a_type_is_judged_like_any_other(conn, server, padding, prepare):
    for sql in (*ADAPTS[:4], *ATTRIBUTES[:4]):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(sql + padding)
    with psycopg.connect(conn.info.dsn, password=conn.info.password, autocommit=True) as extended:
        for sql in ("SELECT name FROM holder WHERE id <> 7", "DELETE FROM holder WHERE id = 77",
                    "SELECT p.what FROM plain p WHERE what <> 'menu'"):
            extended.execute(sql + padding, prepare=prepare)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            extended.execute(ATTRIBUTES[0] + padding, prepare=prepare)


@pytest.mark.parametrize("makes,uses", MADE)
def test_what_the_transaction_made_of_such_a_type_is_refused_as_a_type_too(conn, server, makes, uses):
    with server.transaction(force_rollback=True):
        server.execute(makes)
        server.execute(uses)
        assert left(server) == 0, "the statement takes nothing away"
    with conn.transaction(force_rollback=True):
        conn.execute(makes)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(uses)


def bind(conn, server, type_name, value):
    oid = server.execute("SELECT %s::regtype::oid", (type_name,)).fetchone()[0]
    return conn.pgconn.exec_params(b"SELECT $1", [value.encode()], param_types=[oid])


@pytest.mark.parametrize("type_name,value", DECLARED)
def test_a_parameter_that_is_declared_to_be_of_such_a_type_is_refused(conn, server, type_name, value):
    with server.transaction(force_rollback=True):
        assert bind(server, server, type_name, value).status == pq.ExecStatus.TUPLES_OK
        assert left(server) == 0, "the statement takes nothing away"
    assert bind(conn, server, type_name, value).error_field(pq.DiagnosticField.SQLSTATE) == b"42501"


def test_a_parameter_may_be_of_a_type_that_does_no_harm_and_of_one_it_could_not_be_before(conn, server):
    for type_name, value in [("good", "1"), ("mood", "fine"), ("goods[]", "{}"), ("pair", "(1,sad)")]:
        assert bind(conn, server, type_name, value).status == pq.ExecStatus.TUPLES_OK
    assert bind(conn, server, "bad", "1").error_field(pq.DiagnosticField.SQLSTATE) == b"42501"


def test_a_parameter_of_a_type_that_the_transaction_made_of_such_a_one_is_refused(conn, server):
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE TABLE t (LIKE holder)")
        oid = conn.execute("SELECT 't'::regtype::oid").fetchone()[0]
        result = conn.pgconn.exec_params(b"SELECT $1", [b"(1,1,a)"], param_types=[oid])
        assert result.error_field(pq.DiagnosticField.SQLSTATE) == b"42501"


@pytest.mark.parametrize("table,row", [("holder (v)", "1"), ("arrays", "{1}")])
def test_a_copy_into_columns_of_such_a_type_is_refused(conn, table, row):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        with conn.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(row + "\n")


@pytest.mark.parametrize("sql", HARMLESS)
def test_types_that_do_no_harm_pass_and_so_does_reading_what_is_there(conn, sql):
    with conn.transaction(force_rollback=True):
        conn.execute(sql)


def test_a_column_of_such_a_type_that_is_added_behind_weir_is_seen(guarded, server, conn):
    server.execute("CREATE TABLE grows (id int)")
    conn.execute("INSERT INTO grows VALUES (1)")
    read = re.findall(r'msg="catalog read".* epoch=(\d+)', guarded.weir.log())
    server.execute("ALTER TABLE grows ADD COLUMN v bad")
    guarded.weir.wait_for_line(rf'msg="catalog read".* epoch={int(read[-1]) + 1}\b')
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("INSERT INTO grows (v) VALUES (1)")
