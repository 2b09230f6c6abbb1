"""Code of users that a text runs without calling it, on a real Postgres: operators, casts, defaults, checks, indexes,
policies, what compares values. Each of these statements takes rows away when it is not refused."""

import psycopg
import pytest

from support.guarded import direct, guarded_database

DATABASE = "coded"

# One that is volatile may delete whatever calls it.
FUNCTION = "CREATE FUNCTION {} LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM wipe(); RETURN {}; END$$;"

SCHEMA = """
CREATE TABLE audit_log (id bigserial PRIMARY KEY, what text);
INSERT INTO audit_log (what) VALUES ('first');
CREATE TABLE plain (id int PRIMARY KEY, what text);
INSERT INTO plain VALUES (1, 'p'), (2, 'q');
CREATE FUNCTION wipe() RETURNS void LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DELETE FROM audit_log'; END$$;
""" + "".join(FUNCTION.format(*each) for each in [
    ("wipes(text, text) RETURNS bool", "true"),
    ("wipes(text) RETURNS text", "$1"),
]) + """
CREATE FUNCTION same_text(text, text) RETURNS bool LANGUAGE sql AS 'SELECT $1 = $2';
CREATE OPERATOR @@@ (FUNCTION = wipes, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR &&& (FUNCTION = same_text, LEFTARG = text, RIGHTARG = text);
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION make_pair() RETURNS pair LANGUAGE sql AS 'SELECT ROW(1, 2)::pair';
""" + FUNCTION.format("same_pair(pair, pair) RETURNS bool", "true") + """
CREATE OPERATOR = (FUNCTION = same_pair, LEFTARG = pair, RIGHTARG = pair);
CREATE DOMAIN of_pair AS pair;
CREATE TABLE pairs (id int, p pair);
INSERT INTO pairs VALUES (1, ROW(1, 2)), (2, ROW(3, 4));
CREATE TABLE many_pairs (id int, ps pair[]);
INSERT INTO many_pairs VALUES (1, ARRAY[ROW(1, 2)::pair]);
CREATE VIEW shown_pairs AS SELECT p AS shown FROM pairs;
CREATE DOMAIN checked AS text CHECK (wipes(VALUE) IS NOT NULL);
CREATE DOMAIN twice_checked AS checked;
CREATE TABLE of_array (each checked[]);
CREATE FUNCTION takes_checked(checked) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE TYPE mood AS ENUM ('good', 'bad');
""" + FUNCTION.format("mood_of(int) RETURNS mood", "'good'") + """
CREATE CAST (int AS mood) WITH FUNCTION mood_of AS ASSIGNMENT;
CREATE TABLE moods (m mood);
CREATE AGGREGATE wiping(text) (SFUNC = wipes_also, STYPE = text);
CREATE TABLE fired (id int, what text);
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER fires AFTER UPDATE ON fired FOR EACH ROW WHEN (wipes(NEW.what) IS NOT NULL) EXECUTE FUNCTION nothing();
INSERT INTO fired VALUES (1, 'x');
CREATE FUNCTION wakes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM wipe(); RETURN NULL; END';
CREATE TABLE made_from (id int, n int, made int GENERATED ALWAYS AS (n * 2) STORED);
CREATE TRIGGER wakes AFTER UPDATE OF made ON made_from FOR EACH ROW EXECUTE FUNCTION wakes();
INSERT INTO made_from VALUES (1, 1);
CREATE TABLE scripted (id int, what tsquery);
CREATE TRIGGER fires AFTER UPDATE ON scripted FOR EACH ROW WHEN (ts_rewrite(NEW.what,
    'SELECT ''a''::tsquery, wipes(''b'')::tsquery') IS NOT NULL) EXECUTE FUNCTION nothing();
INSERT INTO scripted VALUES (1, 'a');
CREATE TABLE indexed (id int, what text);
CREATE INDEX ON indexed (wipes(what));
CREATE TABLE measured (id int, what text);
INSERT INTO measured VALUES (1, 'x');
CREATE STATISTICS of_measured ON (wipes(what)), id FROM measured;
CREATE TABLE policed (id int, what text);
INSERT INTO policed VALUES (1, 'x');
ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
ALTER TABLE policed FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON policed USING (what @@@ 'x');
CREATE TABLE made (id int, what text, more text GENERATED ALWAYS AS (wipes(what)) STORED);
CREATE VIEW runs AS SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, wipes(''b'')::tsquery');
CREATE TABLE run_by_default (id int, q tsquery DEFAULT ts_rewrite('a', 'SELECT ''a''::tsquery, wipes(''b'')::tsquery'));
CREATE TABLE sleeping (id int) PARTITION BY RANGE (id);
CREATE TABLE sleeping_one PARTITION OF sleeping FOR VALUES FROM (0) TO (9);
CREATE TRIGGER sleeps AFTER INSERT ON sleeping_one FOR EACH ROW EXECUTE FUNCTION wakes();
ALTER TABLE sleeping_one DISABLE TRIGGER sleeps;
CREATE TABLE ruled (id int);
CREATE RULE sleeps AS ON INSERT TO ruled DO ALSO SELECT wipe();
ALTER TABLE ruled DISABLE RULE sleeps;
CREATE FUNCTION compares_symbols(pair) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 = $1; END';
CREATE FUNCTION compares_rows() RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT p = p FROM pairs LIMIT 1); END';
CREATE TABLE watched_pairs (id int, p pair);
CREATE FUNCTION compares_pairs() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF NEW.p = NEW.p THEN NULL; END IF; RETURN NULL; END';
CREATE TRIGGER compares AFTER INSERT ON watched_pairs FOR EACH ROW EXECUTE FUNCTION compares_pairs();
""".replace("CREATE AGGREGATE", FUNCTION.format("wipes_also(text, text) RETURNS text", "$2") + "CREATE AGGREGATE")

# What only a superuser makes.
CLASSES = """
CREATE EXTENSION citext;
CREATE EXTENSION tablefunc;
CREATE TYPE mark AS (a int);
CREATE FUNCTION below(mark, mark) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a < ($2).a';
CREATE FUNCTION alike(mark, mark) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a = ($2).a';
CREATE OPERATOR < (FUNCTION = below, LEFTARG = mark, RIGHTARG = mark, COMMUTATOR = >);
CREATE OPERATOR > (FUNCTION = below, LEFTARG = mark, RIGHTARG = mark, COMMUTATOR = <);
CREATE OPERATOR = (FUNCTION = alike, LEFTARG = mark, RIGHTARG = mark);
""" + FUNCTION.format("compare_marks(mark, mark) RETURNS int", "($1).a - ($2).a") + """
CREATE OPERATOR CLASS mark_order DEFAULT FOR TYPE mark USING btree AS
    OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 compare_marks(mark, mark);
""" + FUNCTION.format("compare_numbers(int, int) RETURNS int", "$1 - $2") + """
CREATE OPERATOR CLASS number_order FOR TYPE int USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 compare_numbers(int, int);
CREATE TABLE marks (m mark);
CREATE TABLE ordered (id int);
CREATE INDEX ON ordered (id number_order);
CREATE FUNCTION reset_number(regclass, bigint) RETURNS bigint LANGUAGE internal AS 'setval_oid';
INSERT INTO marks VALUES (ROW(1)), (ROW(2));
INSERT INTO audit_log (what) VALUES ('first');
CREATE FUNCTION rewritten(tsquery, text) RETURNS tsquery LANGUAGE internal AS 'tsquery_rewrite_query';
CREATE OPERATOR ### (FUNCTION = pg_catalog.ts_rewrite, LEFTARG = tsquery, RIGHTARG = text);
ALTER TABLE marks OWNER TO app;
ALTER TABLE ordered OWNER TO app;
"""

WIPES = [
    "SELECT 'a' @@@ 'b'",
    "SELECT id FROM plain WHERE what @@@ 'b'",
    "SELECT what OPERATOR(public.@@@) 'b' FROM plain",
    "SELECT 'a' @@@ ANY (ARRAY['b'])",
    "SELECT 1 WHERE 'a' @@@ ANY (SELECT what FROM plain)",
    "INSERT INTO plain SELECT 3, 'c' WHERE 'a' @@@ 'b'",
    "WITH w AS (SELECT 'a' @@@ 'b' AS x) SELECT x FROM w",
    "SELECT p = p FROM pairs",
    "SELECT * FROM pairs a JOIN pairs b USING (p)",
    "SELECT a.id FROM pairs a NATURAL JOIN pairs b",
    "SELECT CASE p WHEN ROW(1, 2)::pair THEN 1 END FROM pairs",
    "SELECT id FROM pairs WHERE p IN (ROW(1, 2)::pair)",
    "SELECT id FROM pairs WHERE p IN (SELECT p FROM pairs)",
    "SELECT nullif(p, p) FROM pairs",
    "SELECT p IS DISTINCT FROM p FROM pairs",
    "SELECT shown = shown FROM shown_pairs",
    "SELECT ps[1] = ps[1] FROM many_pairs",
    "SELECT '(1,2)'::pair = '(1,2)'",
    "SELECT '(1,2)'::of_pair = '(1,2)'",
    "SELECT make_pair() = make_pair()",
    "SELECT 'x'::twice_checked",
    "SELECT takes_checked('x')",
    "INSERT INTO of_array VALUES ('{a}')",
    "INSERT INTO moods VALUES (1)",
    "SELECT 1::mood",
    "SELECT wiping(what) FROM plain",
    "DO $q$BEGIN PERFORM e'a'\n'\\'; CREATE TABLE t (a text DEFAULT '; DELETE FROM audit_log; PERFORM '); '; END$q$",
    "UPDATE fired SET id = 2",
    "UPDATE scripted SET id = 2",
    "UPDATE made_from SET n = 2",
    "SELECT * FROM crosstab('SELECT 1, 2, wipes(''x'')') AS c(a int, b text)",
    "INSERT INTO indexed VALUES (1, 'x')",
    "ANALYZE measured",
    "SELECT * FROM policed",
    "INSERT INTO made VALUES (1, 'x')",
    "SELECT * FROM runs",
    "INSERT INTO run_by_default VALUES (1)",
    "SELECT compares_symbols(ROW(1, 2))",
    "SELECT compares_rows()",
    "INSERT INTO watched_pairs VALUES (1, ROW(1, 2))",
    "SELECT m FROM marks ORDER BY m",
    "SELECT DISTINCT m FROM marks",
    "INSERT INTO ordered VALUES (2), (1)",
    "ALTER TABLE sleeping_one ENABLE TRIGGER sleeps; INSERT INTO sleeping VALUES (1)",
    "ALTER TABLE sleeping_one ENABLE TRIGGER USER; INSERT INTO sleeping_one VALUES (1)",
    "ALTER TABLE sleeping_one ENABLE ALWAYS TRIGGER sleeps; INSERT INTO sleeping VALUES (1)",
    "ALTER TABLE ruled ENABLE RULE sleeps; INSERT INTO ruled VALUES (1)",
    "SELECT 'a'::tsquery ### 'SELECT ''a''::tsquery, wipes(''b'')::tsquery'",
    "SELECT rewritten('a', 'SELECT ''a''::tsquery, wipes(''b'')::tsquery')",
]

HARMLESS = [
    "SELECT 1 = 1, 'a' || 'b', 'a' &&& 'b'",
    "SELECT id FROM plain WHERE what = 'p' AND id BETWEEN 1 AND 2",
    "SELECT * FROM pairs",
    "SELECT (p).a FROM pairs ORDER BY id",
    "INSERT INTO pairs VALUES (3, ROW(1, 2))",
    "UPDATE pairs SET id = 4",
    "SELECT make_pair()",
    "SELECT set_config('timezone', 'UTC', false), ts_rewrite('a'::tsquery, 'b', 'c')",
    "SELECT count(*) FROM plain a JOIN plain b USING (id)",
    "ANALYZE plain",
    "INSERT INTO sleeping VALUES (1); ALTER TABLE sleeping_one DISABLE TRIGGER sleeps, ALTER COLUMN id SET NOT NULL",
    "INSERT INTO ruled VALUES (1)",
    "INSERT INTO fired VALUES (2, 'y'); DELETE FROM fired WHERE id = 2; TRUNCATE fired",
    "INSERT INTO scripted VALUES (2, 'y'); DELETE FROM scripted WHERE id = 2",
    "INSERT INTO made_from VALUES (2, 2); DELETE FROM made_from WHERE id = 2",
    "SELECT count(*) FROM normal_rand(3, 1, 1)",
    "CREATE OPERATOR &&@& (FUNCTION = same_text, LEFTARG = text, RIGHTARG = text)",
    "CREATE TABLE more_pairs (id int, p pair); SELECT id FROM more_pairs",
    "SELECT 'A'::citext = 'a'::citext, lower('A'::citext), strpos('A'::citext, 'a')",
    "CREATE TABLE names (name citext PRIMARY KEY); INSERT INTO names VALUES ('A'); DELETE FROM names WHERE name = 'a'",
]

HIDDEN = [
    "DO $q$BEGIN COPY (SELECT e'a' -- more\n'\\'' ) TO '/tmp/x'; END$q$",
    "CREATE OPERATOR @&@ (FUNCTION = ts_rewrite, LEFTARG = tsquery, RIGHTARG = text)",
    "CREATE OPERATOR @&@ (FUNCTION = pg_catalog.setval, LEFTARG = regclass, RIGHTARG = bigint)",
    "CREATE AGGREGATE rewrites(text) (SFUNC = ts_rewrite, STYPE = tsquery)",
    "CREATE OPERATOR @&@ (FUNCTION = wipes, LEFTARG = text, RIGHTARG = text)",
]


@pytest.fixture(scope="module")
def guarded(cluster):
    with guarded_database(cluster, DATABASE, SCHEMA, CLASSES) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def server(guarded, cluster):
    with direct(cluster, DATABASE) as conn:
        yield conn


@pytest.fixture
def conn(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        yield conn


@pytest.mark.parametrize("sql", WIPES)
def test_code_that_is_run_without_a_call_is_refused_when_it_would_take_rows(conn, server, sql):
    with server.transaction(force_rollback=True):
        server.execute(sql)
        assert server.execute("SELECT count(*) FROM audit_log").fetchone() == (0,), "the statement takes nothing away"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(sql)


@pytest.mark.parametrize("sql", HARMLESS)
def test_operators_and_types_that_do_no_harm_pass(conn, sql):
    with conn.transaction(force_rollback=True):
        conn.execute(sql)


@pytest.mark.parametrize("sql", HIDDEN)
def test_nothing_is_made_that_runs_what_a_call_would_be_refused_for(conn, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(sql)


def test_an_operator_is_refused_to_what_the_transaction_made_with_its_type(conn):
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE TEMP TABLE own_pairs (id int, p pair)")
        conn.execute("INSERT INTO own_pairs VALUES (1, ROW(1, 2))")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT p = p FROM own_pairs")
