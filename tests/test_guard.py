"""Insert-only tables through the wire: both protocols, both backends."""

import pathlib
import sqlite3
import urllib.request

import psycopg
import pytest
from psycopg import pq

from support.cluster import free_port
from support.weir import Endpoint, Weir

CASES = pathlib.Path(__file__).parent / "guard"


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def guarded(request, tmp_path_factory):
    if request.param == "postgres":
        backend = request.getfixturevalue("cluster").url()
    else:
        backend = f"sqlite:{tmp_path_factory.mktemp('guard') / 'a.db'}"
    weir = Weir("--pool-size", "3", "--audit-tables", 'audit_log,public."AuditTrail"', backend)
    endpoint = Endpoint(request.param, weir.port, weir=weir)
    direct = request.getfixturevalue("cluster") if request.param == "postgres" else None
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        if direct:
            direct.sql('DROP TABLE IF EXISTS audit_log, "AuditTrail", plain CASCADE', "app")
        conn.execute("CREATE TABLE audit_log (id bigserial PRIMARY KEY, what text NOT NULL, n int UNIQUE)")
        conn.execute('CREATE TABLE "AuditTrail" (id int PRIMARY KEY, what text)')
        conn.execute("CREATE TABLE plain (id int PRIMARY KEY, what text)")
        conn.execute("INSERT INTO audit_log (what, n) VALUES ('first', 1), ('second', 2)")
        conn.execute("INSERT INTO \"AuditTrail\" VALUES (1, 'one')")
        conn.execute("INSERT INTO plain VALUES (1, 'p')")
    yield endpoint
    weir.stop()
    if direct:
        direct.sql('DROP TABLE audit_log, "AuditTrail", plain CASCADE', "app")


ATTACKS = [
    "UPDATE audit_log SET what = 'x'",
    "DELETE FROM audit_log",
    "DELETE FROM public.audit_log WHERE id = 1",
    "TRUNCATE audit_log",
    "TRUNCATE plain, audit_log",
    "DROP TABLE audit_log",
    "DROP TABLE IF EXISTS public.audit_log CASCADE",
    "ALTER TABLE audit_log DROP COLUMN what",
    "ALTER TABLE audit_log RENAME TO gone",
    "ALTER TABLE audit_log RENAME COLUMN what TO huh",
    "INSERT INTO audit_log (what, n) VALUES ('x', 1) ON CONFLICT (n) DO UPDATE SET what = 'x'",
    "WITH gone AS (DELETE FROM audit_log RETURNING *) SELECT * FROM gone",
    "WITH x AS (SELECT 1) UPDATE audit_log SET what = 'x'",
    "SELECT 1; DELETE FROM audit_log",
    "EXPLAIN ANALYZE DELETE FROM audit_log",
    "PREPARE p AS DELETE FROM audit_log",
    "COPY (DELETE FROM audit_log RETURNING *) TO STDOUT",
    'DELETE FROM "audit_log"',
    'DELETE FROM U&"audit\\005flog"',
    'UPDATE "AuditTrail" SET what = \'x\'',
    'DELETE FROM public."AuditTrail"',
    "/* harmless */ dElEtE /* */ FROM ONLY audit_log -- x",
    "MERGE INTO audit_log a USING plain p ON a.n = p.id WHEN MATCHED THEN DELETE",
    "MERGE INTO audit_log a USING plain p ON a.n = p.id WHEN MATCHED THEN UPDATE SET what = 'm'",
]

LEGITIMATE = [
    ("SELECT count(*) FROM audit_log", True),
    ("SELECT a.what FROM audit_log a JOIN plain p ON p.id = a.n", True),
    ("INSERT INTO audit_log (what) VALUES ('more') RETURNING id", True),
    ("INSERT INTO audit_log (what, n) VALUES ('twice', 1) ON CONFLICT DO NOTHING", False),
    ("INSERT INTO audit_log (what) SELECT what FROM plain", False),
    ("WITH w AS (SELECT 'w' AS what) INSERT INTO audit_log (what) SELECT what FROM w", False),
    ("MERGE INTO audit_log a USING plain p ON a.n = p.id + 50 WHEN MATCHED THEN DO NOTHING "
     "WHEN NOT MATCHED THEN INSERT (what) VALUES ('merged')", False),
    ("MERGE INTO plain p USING audit_log a ON a.n = p.id WHEN MATCHED THEN UPDATE SET what = a.what", False),
    ("UPDATE plain SET what = 'audit_log'", False),
    ("DELETE FROM plain WHERE what = 'DELETE FROM audit_log'", False),
    ("EXPLAIN SELECT * FROM audit_log", True),
]


def contents(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        return (conn.execute("SELECT id, what, n FROM audit_log WHERE id <= 2 ORDER BY id").fetchall(),
                conn.execute('SELECT id, what FROM "AuditTrail" ORDER BY id').fetchall())


UNTOUCHED = ([(1, "first", 1), (2, "second", 2)], [(1, "one")])


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses_in_the_simple_protocol(guarded, attack):
    with psycopg.connect(guarded.dsn(), autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
            conn.execute(attack)
        assert error.value.diag.table_name in ("audit_log", "AuditTrail")
        assert "permission denied for table" in error.value.diag.message_primary
        assert error.value.diag.message_hint
        assert conn.execute("SELECT 1").fetchone() == (1,)
    assert contents(guarded) == UNTOUCHED


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if ";" not in attack])
def test_refuses_in_the_extended_protocol(guarded, attack):
    with psycopg.connect(guarded.dsn(), autocommit=True) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(attack, prepare=True)
        assert conn.execute("SELECT %s::int", (1,)).fetchone() == (1,)
    assert contents(guarded) == UNTOUCHED


@pytest.mark.parametrize("extended", [False, True])
def test_aborts_the_open_transaction_as_a_server_would(guarded, extended):
    with psycopg.connect(guarded.dsn()) as conn:
        conn.execute("INSERT INTO audit_log (what) VALUES ('must vanish')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM audit_log WHERE id = %s" if extended else "DELETE FROM audit_log",
                         (1,) if extended else None, prepare=extended)
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            conn.execute("SELECT 1")
        conn.rollback()
        assert conn.execute("SELECT count(*) FROM audit_log WHERE what = 'must vanish'").fetchone() == (0,)


def test_refuses_within_a_pipeline_and_undoes_it(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            with conn.pipeline():
                conn.execute("INSERT INTO audit_log (what) VALUES ('in a pipeline')")
                conn.execute("DELETE FROM audit_log")
                conn.execute("INSERT INTO audit_log (what) VALUES ('skipped')")
        rows = conn.execute("SELECT count(*) FROM audit_log WHERE what IN ('in a pipeline', 'skipped')").fetchone()
        assert rows == (0,)


@pytest.mark.parametrize("sql, rows", LEGITIMATE)
@pytest.mark.parametrize("extended", [False, True])
def test_lets_pass(guarded, sql, rows, extended):
    with psycopg.connect(guarded.dsn(), autocommit=True) as conn:
        cursor = conn.execute(sql, prepare=extended)
        if rows:
            assert cursor.fetchall()


def test_lets_rows_be_copied_in(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True) as conn, conn.cursor() as cursor:
        with cursor.copy("COPY audit_log (what) FROM STDIN") as copy:
            copy.write_row(("copied",))
        assert cursor.execute("SELECT count(*) FROM audit_log WHERE what = 'copied'").fetchone() == (1,)


def test_refuses_a_startup_option_that_a_set_could_not_make(guarded):
    for option in ("standard_conforming_strings=off", "session_replication_role=replica", "client_encoding=SJIS"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(guarded.dsn(), options=f"-c {option}")
    with psycopg.connect(guarded.dsn(), options="-c statement_timeout=9s") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_tells_operators_who_tried_what_and_no_literals(guarded):
    with psycopg.connect(guarded.dsn(), autocommit=True, application_name="curious") as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM audit_log WHERE what = 'literal-that-is-nobodys-business'")
        with pytest.raises(psycopg.errors.SyntaxError):
            conn.execute("DELETE FROM audit_log WHERE 'nobodys-business' 'x'y")
    line = guarded.weir.wait_for_line("refused.*curious.*DELETE")
    for word in ("table=audit_log", "command=DELETE", 'reason="insert-only table"', "user=", "client=127.0.0.1"):
        assert word in line
    assert "through=" not in line and "nobodys-business" not in guarded.weir.log()


def test_sqlite_does_not_refuse_for_what_another_program_has_taken_away(tmp_path):
    path = tmp_path / "a.db"
    audit = "CREATE TABLE audit_log (id INTEGER PRIMARY KEY, ref INTEGER REFERENCES users (id) ON DELETE {});"
    with sqlite3.connect(path) as direct:
        direct.executescript("CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (2);"
                             + audit.format("CASCADE"))
    weir = Weir("--audit-tables", "audit_log", f"sqlite:{path}")
    try:
        with psycopg.connect(Endpoint("sqlite", weir.port, weir=weir).dsn(), autocommit=True) as conn:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("DELETE FROM users WHERE id = 1")
            with sqlite3.connect(path) as direct:
                direct.executescript("DROP TABLE audit_log;" + audit.format("RESTRICT"))
            assert conn.execute("DELETE FROM users WHERE id = 1").rowcount == 1
    finally:
        weir.stop()


def test_counts_refusals_by_table_command_and_reason(tmp_path):
    port = free_port()
    weir = Weir("--audit-tables", "audit_log", "--listen-http", f"127.0.0.1:{port}", f"sqlite:{tmp_path / 'a.db'}")
    try:
        with psycopg.connect(Endpoint("sqlite", weir.port, weir=weir).dsn(), autocommit=True) as conn:
            conn.execute("CREATE TABLE audit_log (id int)")
            for statement in ("DELETE FROM audit_log", "DELETE FROM audit_log WHERE id = 1", "DROP OWNED BY app"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(statement)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    finally:
        weir.stop()
    family = "weir_audit_refused_total"
    assert f"# TYPE {family} counter" in text
    assert (f'{family}{{database="app",table="audit_log",command="DELETE",reason="insert-only table"}} 2') in text
    assert (f'{family}{{database="app",table="",command="DROP OWNED",reason="forbidden command"}} 1') in text


def test_what_the_engine_of_a_file_refuses_is_told_and_counted_too(tmp_path):
    port = free_port()
    weir = Weir("--audit-tables", "audit_log", "--listen-http", f"127.0.0.1:{port}", f"sqlite:{tmp_path / 'a.db'}")
    key = "foreign key audit_log_who_fkey of public.audit_log (ON DELETE CASCADE)"
    try:
        with psycopg.connect(Endpoint("sqlite", weir.port, weir=weir).dsn(), autocommit=True) as conn:
            conn.execute("CREATE TABLE users (id int PRIMARY KEY)")
            conn.execute("CREATE TABLE audit_log (who int REFERENCES users ON DELETE CASCADE)")
            conn.execute("INSERT INTO users VALUES (7)")
            conn.execute("INSERT INTO audit_log VALUES (7)")
            for prepare in (False, True):
                with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
                    conn.execute("DELETE FROM users WHERE id = %s", (7,), prepare=prepare)
                diagnostics = error.value.diag
                assert key in diagnostics.message_detail and key in diagnostics.message_hint
                assert (diagnostics.schema_name, diagnostics.table_name) == ("public", "audit_log")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        lines = [line for line in weir.log().splitlines() if "msg=refused" in line]
    finally:
        weir.stop()
    assert len(lines) == 2
    for word in ("user=app", "schema=public", "table=audit_log", "command=DELETE", f'through="{key}"', 'reason="leads to a table"'):
        assert word in lines[0]
    assert ('weir_audit_refused_total{database="app",table="audit_log",command="DELETE",reason="leads to a table"} 2') in text


# Every line of the guard's own lists, through the wire. ------------------------


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def listed(request, tmp_path_factory):
    if request.param == "postgres":
        backend = request.getfixturevalue("cluster").url()
    else:
        backend = f"sqlite:{tmp_path_factory.mktemp('lists') / 'a.db'}"
    tables = 'public.audit_log,public."AuditTrail",audit.events,public."odd name"'
    weir = Weir("--pool-size", "3", "--audit-tables", tables, backend)
    yield Endpoint(request.param, weir.port, weir=weir)
    weir.stop()


def lines_of(name):
    for line in (CASES / name).read_text().splitlines():
        if line and not line.startswith("-- "):
            yield line


def verdict(endpoint, text, extended):
    """SQLSTATE, and whether weir's guard is who said it. What passes fails or is rolled back."""
    with psycopg.connect(endpoint.dsn()) as conn:
        conn.pgconn.exec_(b"BEGIN")
        result = conn.pgconn.exec_params(text.encode(), None) if extended else conn.pgconn.exec_(text.encode())
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        by = result.error_field(pq.DiagnosticField.SOURCE_FUNCTION) == b"weir_audit_guard"
        if state and by and conn.pgconn.transaction_status == pq.TransactionStatus.INTRANS:
            state = "the transaction goes on"
        conn.pgconn.finish()
    return state, by


@pytest.mark.parametrize("extended", [False, True])
def test_refuses_every_line_of_the_list(listed, extended):
    got = {line: verdict(listed, line, extended) for line in lines_of("refuse.sql")}
    if not listed.is_sqlite:    # what they would reach is not there, and Postgres says so
        got = {line: by for line, by in got.items() if "CASCADE --" not in line or by[0] not in ("42704", "42P01")}
    # one is newer than the parser
    assert {line: by for line, by in got.items() if by not in (("42501", True), ("42601", True))} == {}
    assert sum(state == "42601" for state, _ in got.values()) <= 1


def is_told_apart_by_the_path(line, backend):
    """Postgres: weir cannot know the search path. SQLite: names have no case."""
    return line == "UPDATE events SET a = 1" if backend == "postgres" else '"Audit_Log"' in line


@pytest.mark.parametrize("extended", [False, True])
def test_lets_every_line_of_the_list_pass(listed, extended):
    got = {line: verdict(listed, line, extended) for line in lines_of("allow.sql")
           if not is_told_apart_by_the_path(line, listed.name)}
    assert {line: by for line, by in got.items() if by[1]} == {}


MOVES = ["SET search_path = audit, public", "SET LOCAL search_path = audit",
         "SELECT set_config('search_path', 'audit', true)"]


@pytest.mark.parametrize("move", MOVES)
def test_follows_the_search_path(listed, move):
    passes = psycopg.errors.UndefinedTable
    with psycopg.connect(listed.dsn()) as conn:
        with pytest.raises(passes):
            conn.execute("DELETE FROM events")
        conn.rollback()
        conn.execute(move)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM events")
        conn.rollback()
        with pytest.raises(passes):
            conn.execute("DELETE FROM events")
