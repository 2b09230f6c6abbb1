"""What a transaction has just made leads to an insert-only table at once, by ways that were there before: views, keys,
parents, rules and functions of what it was made for. Directly on the server each of these texts takes or changes rows."""

import itertools
import os
import subprocess

import psycopg
import pytest

from support.cluster import PASSWORD, USER
from support.guarded import direct, guarded_database
from support.waiting import eventually

DATABASE = "just_made"

SCHEMA = """
CREATE TABLE far (id int PRIMARY KEY, n int);
CREATE TABLE plain (id int PRIMARY KEY, n int, far int REFERENCES far ON DELETE CASCADE);
CREATE TABLE other (id int PRIMARY KEY, n int, far int REFERENCES far);
CREATE VIEW shown AS SELECT id, n FROM plain;
CREATE TABLE mid (id int PRIMARY KEY, plain int, other int);
CREATE TABLE grand (id int PRIMARY KEY);
CREATE TABLE keyed (id int PRIMARY KEY, n int, grand int REFERENCES grand ON UPDATE CASCADE);
CREATE TABLE ruled (id int);
CREATE RULE counts AS ON INSERT TO ruled DO ALSO UPDATE keyed SET n = n + 1;
CREATE TABLE coded (id int PRIMARY KEY, n int);
CREATE FUNCTION counts() RETURNS void LANGUAGE sql AS 'UPDATE coded SET n = n + 1';
CREATE TABLE above (id int PRIMARY KEY);
CREATE TABLE below (id int PRIMARY KEY REFERENCES above ON DELETE CASCADE);
CREATE FUNCTION clears() RETURNS void LANGUAGE sql AS 'DELETE FROM above';
CREATE TABLE whole (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (1000);
CREATE TABLE leaf (id int PRIMARY KEY, n int NOT NULL);
CREATE TABLE top (id int NOT NULL, n int NOT NULL) PARTITION BY RANGE (n);
CREATE TABLE branch PARTITION OF top FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (n);
CREATE TABLE rest PARTITION OF top DEFAULT;
CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.id := OLD.id + 100; RETURN NEW; END';
CREATE FUNCTION wipes(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN wipes(); END';
CREATE FUNCTION wipes() RETURNS int LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DELETE FROM audit_log'; RETURN 1; END$$;
CREATE TABLE defaulted (id int, n int DEFAULT wipes());
CREATE TABLE checked (id int, n int CHECK (wipes(n) = 1));
CREATE TABLE computed (id int, n int GENERATED ALWAYS AS (wipes(id)) STORED);
CREATE TABLE indexed (id int); CREATE INDEX ON indexed (wipes(id));
CREATE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := OLD.n + 1; RETURN NEW; END';
CREATE TABLE audit_log (
    id int, mid int REFERENCES mid ON DELETE CASCADE, keyed int REFERENCES keyed ON UPDATE CASCADE,
    coded int REFERENCES coded ON UPDATE CASCADE, whole int REFERENCES whole ON UPDATE CASCADE,
    part int REFERENCES part ON UPDATE CASCADE, leaf int REFERENCES leaf ON DELETE CASCADE);
INSERT INTO far VALUES (1, 1); INSERT INTO plain VALUES (1, 1, 1); INSERT INTO other VALUES (1, 1, NULL);
INSERT INTO above VALUES (1); INSERT INTO below VALUES (1); INSERT INTO mid VALUES (1, 1, 1); INSERT INTO grand VALUES (1); INSERT INTO keyed VALUES (1, 1, 1);
INSERT INTO coded VALUES (1, 1); INSERT INTO whole VALUES (1, 1); INSERT INTO leaf VALUES (1, 1);
INSERT INTO audit_log VALUES (1, 1, 1, 1, 1, 1, 1);
"""

TRIGGER = "CREATE TRIGGER m BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION moves()"
KEY = "ALTER TABLE mid ADD FOREIGN KEY (plain) REFERENCES plain ON DELETE CASCADE"

LEADS = {
    "a trigger moves the key whatever is assigned": [TRIGGER.format("keyed"), "UPDATE keyed SET n = 5"],
    "an upsert fires it too": [TRIGGER.format("keyed"),
                               "INSERT INTO keyed VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = 5"],
    "a key into its table fires it": [TRIGGER.format("keyed"), "UPDATE grand SET id = 5"],
    "a rule fires it": [TRIGGER.format("keyed"), "INSERT INTO ruled VALUES (1)"],
    "a rule made before fires it": ["CREATE RULE r AS ON DELETE TO other DO ALSO UPDATE keyed SET n = n + 1",
                                    TRIGGER.format("keyed"), "DELETE FROM other"],
    "one of a part is fired through the whole": [TRIGGER.format("part"), "UPDATE whole SET n = 5"],
    "one of the whole is fired by a part": [TRIGGER.format("whole"), "UPDATE part SET n = 5"],
    "a function fires it": [TRIGGER.format("coded"), "SELECT counts()"],
    "a function made before fires it": [
        "CREATE FUNCTION c() RETURNS void LANGUAGE sql AS 'UPDATE keyed SET n = n + 1'", TRIGGER.format("keyed"),
        "SELECT c()"],
    "code fires it": [TRIGGER.format("keyed"), "DO 'BEGIN INSERT INTO ruled VALUES (1); END'"],
    "a key is reached by an older view": [KEY, "DELETE FROM shown"],
    "by a view made before it": ["CREATE VIEW v AS SELECT * FROM plain", KEY, "DELETE FROM v"],
    "by another key": [KEY, "DELETE FROM far"],
    "by the old view of a new name": ["ALTER TABLE plain RENAME TO renamed",
                                      KEY.replace("REFERENCES plain", "REFERENCES renamed"), "DELETE FROM shown"],
    "by a function, further up": ["ALTER TABLE mid ADD FOREIGN KEY (other) REFERENCES below ON DELETE CASCADE",
                                  "SELECT clears()"],
    "by a function made before it": ["CREATE FUNCTION c() RETURNS void LANGUAGE sql AS 'DELETE FROM far'", KEY,
                                     "SELECT c()"],
    "by a function, and two keys": ["CREATE TABLE first (id int PRIMARY KEY); INSERT INTO first VALUES (1)",
                                    "CREATE FUNCTION c() RETURNS void LANGUAGE sql AS 'DELETE FROM first'", KEY,
                                    "ALTER TABLE far ADD FOREIGN KEY (n) REFERENCES first ON DELETE CASCADE",
                                    "SELECT c()"],
    "by TRUNCATE, though it does not act": ["ALTER TABLE mid ADD FOREIGN KEY (other) REFERENCES other",
                                            "TRUNCATE far CASCADE"],
    "a partition loses a row that moves": ["ALTER TABLE branch ATTACH PARTITION leaf FOR VALUES FROM (0) TO (5)",
                                           "UPDATE top SET n = 15"],
    "a table made by a DO leads on": [
        "DO 'BEGIN CREATE TABLE new (id int PRIMARY KEY REFERENCES other ON DELETE CASCADE); END'",
        "INSERT INTO new VALUES (1)", "ALTER TABLE mid ADD FOREIGN KEY (other) REFERENCES new ON DELETE CASCADE",
        "DELETE FROM other"],
    "LIKE copies defaults": ["CREATE TABLE copy (LIKE defaulted INCLUDING DEFAULTS)", "INSERT INTO copy VALUES (1)"],
    "LIKE copies checks": ["CREATE TABLE copy (LIKE checked INCLUDING CONSTRAINTS)", "INSERT INTO copy VALUES (1, 1)"],
    "LIKE copies what computes columns": ["CREATE TEMP TABLE copy (LIKE computed INCLUDING ALL)",
                                          "INSERT INTO copy VALUES (1)"],
    "LIKE copies indexes, also of copies": ["CREATE TABLE copy (LIKE indexed INCLUDING INDEXES)",
                                            "CREATE TABLE twice (LIKE copy INCLUDING ALL)",
                                            "INSERT INTO twice VALUES (1)"],
    "and one that is deleted": ["ALTER TABLE branch ATTACH PARTITION leaf FOR VALUES FROM (0) TO (5)",
                                "DELETE FROM top"],
}

HARMLESS = [
    [TRIGGER.format("keyed"), "INSERT INTO keyed VALUES (2, 1)", "DELETE FROM other", "UPDATE plain SET n = 5"],
    [TRIGGER.format("other"), "UPDATE other SET n = 5"],
    ["CREATE TRIGGER s AFTER UPDATE ON keyed FOR EACH ROW EXECUTE FUNCTION stays()", "UPDATE keyed SET n = 5"],
    ["CREATE TABLE new (id int REFERENCES plain ON DELETE CASCADE)", "DELETE FROM plain", "TRUNCATE new"],
    [KEY, "UPDATE other SET n = 5", "INSERT INTO plain VALUES (2, 2, 1)", "INSERT INTO audit_log VALUES (2)"],
    [KEY, "CREATE VIEW v AS SELECT * FROM above", "SELECT clears(), counts()"],
    ["CREATE VIEW v AS SELECT p.id FROM plain p JOIN audit_log a USING (id)", "UPDATE plain SET n = 5"],
    ["DO $$BEGIN CREATE TYPE mood AS ENUM ('good', 'so so'); CREATE TABLE moods (m mood); END$$",
     "INSERT INTO moods VALUES ('good')", "UPDATE moods SET m = 'so so'",
     "DO $$BEGIN IF EXISTS (SELECT FROM pg_type WHERE typname = 'mood') THEN DELETE FROM moods; END IF; END$$"],
    ["CREATE TABLE copy (LIKE audit_log INCLUDING ALL)", "INSERT INTO copy VALUES (1)", "UPDATE copy SET id = 2",
     "DELETE FROM copy", "TRUNCATE copy", "CREATE TEMP TABLE t (LIKE plain INCLUDING ALL)", "UPDATE t SET n = 1"],
    ["ALTER TABLE keyed RENAME TO k", "INSERT INTO k VALUES (2, 1)", "UPDATE grand SET id = id"],
]


@pytest.fixture(scope="module")
def guarded(cluster):
    with guarded_database(cluster, DATABASE, SCHEMA) as endpoint:
        yield endpoint


@pytest.fixture
def conn(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        yield conn


@pytest.fixture(scope="module")
def server(guarded, cluster):
    with direct(cluster, DATABASE) as conn:
        yield conn


def rows(conn):
    return conn.execute("SELECT a::text FROM audit_log a").fetchall()


@pytest.mark.parametrize("case", LEADS)
def test_what_was_made_just_now_counts_along_every_way(conn, server, case):
    before = rows(server)
    with server.transaction(force_rollback=True):
        for sql in LEADS[case]:
            server.execute(sql)
        assert rows(server) != before, "the statements change what was recorded"
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        for sql in LEADS[case]:
            conn.execute(sql)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("; ".join(LEADS[case]))


@pytest.mark.parametrize("statements", HARMLESS)
def test_what_does_not_lead_there_passes_in_the_same_transaction(conn, statements):
    with conn.transaction(force_rollback=True):
        for sql in statements:
            conn.execute(sql)


@pytest.fixture
def other(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as other:
        yield other


def test_a_key_that_another_session_is_making_counts_for_code_that_may_wait_for_it(conn, other):
    with conn.transaction(force_rollback=True):
        conn.execute(KEY)
        for sql in ("DELETE FROM shown", "DO 'BEGIN DELETE FROM plain; END'", "DO 'BEGIN DELETE FROM shown; END'"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute(sql)


NAMES = itertools.count()


def await_snapshot(conn):
    """A name that nobody knows is looked for: by then what was made before is seen, or gone."""
    with pytest.raises(psycopg.errors.UndefinedTable):
        conn.execute(f"SELECT * FROM nowhere_{next(NAMES)}")


def test_a_temporary_view_leads_where_its_table_does_by_now(conn, other):
    await_snapshot(other)
    conn.execute("CREATE TEMP VIEW t AS SELECT * FROM plain; CREATE TEMP VIEW u AS SELECT * FROM t")
    conn.execute("DELETE FROM u WHERE id = 7")
    other.execute(KEY)
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM u")
        await_snapshot(other)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM u")
    finally:
        other.execute("ALTER TABLE mid DROP CONSTRAINT mid_plain_fkey")
    await_snapshot(other)
    conn.execute("DELETE FROM u WHERE id = 7")


def test_what_an_execute_executes_is_judged_at_every_depth(conn, server):
    """EXECUTE is not for PREPARE, but for a Parse."""
    before = rows(server)
    conn.execute("CREATE TABLE emptied (id int); PREPARE first AS DELETE FROM emptied")
    conn.pgconn.prepare(b"second", b"EXECUTE first")
    conn.pgconn.prepare(b"third", b"EXECUTE second")
    conn.execute("EXECUTE third")
    conn.execute("DROP TABLE emptied; CREATE VIEW emptied AS SELECT id FROM audit_log")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="emptied|audit_log"):
        conn.execute("EXECUTE third")
    conn.pgconn.prepare(b"round", b"EXECUTE round")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="EXECUTE"):
        conn.execute("EXECUTE round")
    conn.execute("DROP VIEW emptied")
    assert rows(server) == before


def test_code_of_one_session_is_not_led_to_a_table_by_another(conn, guarded, server):
    before = rows(server)
    with psycopg.connect(guarded.dsn(), autocommit=True) as other:
        other.execute("SELECT 1")
        conn.execute("CREATE TABLE aimed_at (id int)")
        conn.execute("CREATE FUNCTION empties() RETURNS void LANGUAGE sql AS 'DELETE FROM public.aimed_at'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("DROP TABLE aimed_at; CREATE VIEW aimed_at AS SELECT id FROM audit_log")
        conn.execute("SELECT empties()")
    conn.execute("DROP FUNCTION empties(); DROP TABLE aimed_at")
    assert rows(server) == before


def test_what_was_refused_is_not_held_against_others_for_long(conn, guarded):
    """Once the catalog was looked at again, in which there is nothing of it."""
    with psycopg.connect(guarded.dsn(), autocommit=True) as other:
        other.execute("CREATE VIEW from_plain AS SELECT id FROM plain")
        conn.execute("CREATE FUNCTION empties() RETURNS void LANGUAGE sql AS 'DELETE FROM public.from_plain'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("CREATE OR REPLACE VIEW from_plain AS SELECT id FROM audit_log")
        eventually(lambda: allows(conn, "CREATE OR REPLACE VIEW unrelated AS SELECT id FROM far"))
    conn.execute("SELECT empties(); DROP VIEW unrelated; DROP FUNCTION empties(); DROP VIEW from_plain")


def test_a_name_that_nothing_had_is_looked_for_again_each_time(conn, server):
    """What was allowed because it was nothing's is not remembered, as something may be made behind weir."""
    before = rows(server)
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            conn.execute("DELETE FROM made_behind")
    server.execute("CREATE VIEW made_behind AS SELECT id FROM audit_log")
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM made_behind")
    finally:
        server.execute("DROP VIEW made_behind")
    assert rows(server) == before


@pytest.mark.parametrize("ends", ["ROLLBACK", "COMMIT"])
def test_what_was_taken_back_is_held_against_nobody(conn, other, ends):
    """The transaction that failed is rolled back by COMMIT."""
    name = f"taken_back_{next(NAMES)}"
    conn.execute(f"CREATE TABLE {name} (id int)")
    for session in (conn, other):
        conn.execute("BEGIN")
        conn.execute(f"DROP TABLE {name}; CREATE VIEW {name} AS SELECT id FROM audit_log")
        if ends == "COMMIT":
            with pytest.raises(psycopg.errors.DivisionByZero):
                conn.execute("SELECT 1 / 0")
        conn.execute(ends)
        session.execute(f"DELETE FROM {name}")
    conn.execute(f"DROP TABLE {name}")


@pytest.mark.parametrize("options", [["--schema-only"], ["--format=custom"], ["--inserts", "--table=audit_log"]])
def test_a_guarded_database_is_dumped(guarded, cluster, options):
    done = subprocess.run([str(cluster.bin / "pg_dump"), "-h", "127.0.0.1", "-p", str(guarded.port), "-U", USER,
                           *options, DATABASE], env={**os.environ, "PGPASSWORD": PASSWORD}, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b"audit_log" in done.stdout


def allows(conn, sql):
    try:
        conn.execute(sql)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True
