"""Texts that take long to read are read beside the loop: everything else goes on."""

import pathlib
import re
import select
import signal

import psycopg
import pytest
from psycopg import pq

from support.weir import Endpoint, Weir, serve

PADDING = "/*" + "x" * 70_000 + "*/"
SLOW = "SELECT " + "+".join(["1"] * 500_000)      # a megabyte, and too deep
HOSTILE = {
    "operators": "SELECT " + "+".join(["1"] * 100_000),
    "unions": " UNION ALL ".join(["SELECT 1"] * 10_000),
    "parentheses": "SELECT " + "(" * 250_000 + "1" + ")" * 250_000,
    "a megabyte": SLOW,
    "more": "SELECT '" + "x" * (1 << 20) + "'",
}


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def guarded(request, tmp_path_factory):
    cluster = request.getfixturevalue("cluster")
    backend = cluster.url() if request.param == "postgres" else f"sqlite:{tmp_path_factory.mktemp('long') / 'a.db'}"
    weir = Weir("--pool-size", "3", "--audit-tables", "long_log", "--audit-retain", "long_log.at 30d", backend)
    endpoint = Endpoint(request.param, weir.port, weir=weir)
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute("CREATE TABLE long_log (id int, what text, at timestamptz DEFAULT now())")
        conn.execute("INSERT INTO long_log VALUES (1, 'first')")
    yield endpoint
    weir.stop()
    if request.param == "postgres":
        cluster.sql("DROP TABLE long_log", "app")


def connect(endpoint):
    return psycopg.connect(endpoint.dsn(), autocommit=True, prepare_threshold=None)


def simple(conn, text):
    """The SQLSTATE, or None."""
    result = conn.pgconn.exec_(text.encode())
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    return state and state.decode()


def extended(conn, text):
    result = conn.pgconn.exec_params(text.encode(), None)
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    return state and state.decode()


@pytest.mark.parametrize("ask", [simple, extended])
@pytest.mark.parametrize("kind", HOSTILE)
def test_what_nests_too_deeply_or_is_too_long_is_refused_and_the_session_goes_on(guarded, kind, ask):
    with connect(guarded) as conn:
        assert ask(conn, HOSTILE[kind]) == ("54000" if kind == "more" else "54001")
        assert ask(conn, "SELECT 1") is None


@pytest.mark.parametrize("ask", [simple, extended])
def test_a_long_text_is_judged_like_any_other(guarded, ask):
    rows = ", ".join(f"({number}, 'row')" for number in range(1000, 5000))
    with connect(guarded) as conn:
        assert ask(conn, f"INSERT INTO long_log VALUES {rows}") is None
        assert ask(conn, f"SELECT count(*) FROM long_log {PADDING}") is None
        for attack in ("DELETE FROM long_log", "UPDATE long_log SET what = 'x'", "TRUNCATE long_log",
                       "WITH gone AS (DELETE FROM long_log RETURNING 1) SELECT * FROM gone"):
            assert ask(conn, f"{attack} {PADDING}") == "42501"
        assert ask(conn, f"SELEC 1 {PADDING}") == "42601"
        assert conn.execute("SELECT count(*) FROM long_log WHERE what = 'first'").fetchone() == (1,)


def test_what_a_long_text_sets_and_prepares_is_the_sessions(guarded):
    with connect(guarded) as one, connect(guarded) as other:
        assert simple(one, f"SET application_name = 'long' {PADDING}") is None
        assert simple(one, f"PREPARE p AS SELECT 7 {PADDING}") is None
        assert other.execute("SHOW application_name").fetchone() != ("long",)
        assert one.execute("SHOW application_name").fetchone() == ("long",)
        assert one.execute("EXECUTE p").fetchone() == (7,)
        assert simple(one, f"PREPARE q AS DELETE FROM long_log {PADDING}") == "42501"


def test_a_rule_of_retention_is_for_texts_that_are_short(guarded):
    old = "DELETE FROM long_log WHERE at < now() - interval '400 days'"
    with connect(guarded) as conn:
        assert simple(conn, old) is None
        assert simple(conn, f"{old} {PADDING}") == "42501"


def test_others_are_answered_while_a_long_text_is_read(guarded):
    """Once of twenty times is enough: a loop that reads itself never does."""
    with connect(guarded) as slow, connect(guarded) as quick:
        for _ in range(20):
            slow.pgconn.send_query(SLOW.encode())
            while slow.pgconn.flush():
                select.select([], [slow.pgconn.socket], [])
            quick.execute("SELECT 1")
            quick.execute("SELECT 1")
            still_read = not select.select([slow.pgconn.socket], [], [], 0)[0]
            while slow.pgconn.get_result():
                pass
            if still_read:
                return
    raise AssertionError("the answer to the long text was always there first")


def resident(weir):
    status = pathlib.Path(f"/proc/{weir.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024


def test_clients_that_wait_for_a_server_do_not_keep_all_that_was_read(cluster, monkeypatch):
    # AddressSanitizer keeps what was freed, else: 256 MB of it
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=8:thread_local_quarantine_size_kb=256")
    many = "SELECT FROM " + ", ".join(["pg_class"] * 80_000)        # some 10 MB of facts
    with serve("postgres", cluster, "--pool-size", "1", "--audit-tables", "long_log") as weir:
        with connect(weir) as first, connect(weir) as watch:
            first.execute("SELECT 1")
            before = resident(weir.weir)
            first.execute("BEGIN")
            waiting = [connect(weir) for _ in range(24)]
            for conn in waiting:
                conn.pgconn.send_query(many.encode())
            # the last in line: when it is refused, all before it have been read
            assert simple(watch, HOSTILE["operators"]) == "54001"
            assert resident(weir.weir) - before < 160
            first.execute("COMMIT")
        for conn in waiting:
            result = conn.pgconn.get_result()
            assert result.error_field(pq.DiagnosticField.SQLSTATE) == b"42712"     # more than once
            conn.close()


def test_clients_that_leave_while_their_texts_are_in_line_hold_up_nobody(guarded):
    leaving = [connect(guarded) for _ in range(4)]
    staying = [connect(guarded) for _ in range(4)]
    for conn in (*leaving, *staying):
        conn.pgconn.nonblocking = 1
        conn.pgconn.send_query(HOSTILE["operators"].encode())
        conn.pgconn.flush()
    for conn in leaving:
        conn.close()
    for conn in staying:
        conn.pgconn.nonblocking = 0
        result = conn.pgconn.get_result()
        assert result.error_field(pq.DiagnosticField.SQLSTATE) == b"54001"
        conn.close()


@pytest.mark.parametrize("road", ["postgres", "sqlite"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP])
def test_a_signal_while_long_texts_are_read_and_in_line_is_obeyed(cluster, road, number):
    with serve(road, cluster, "--audit-tables", "long_log") as endpoint:
        clients = [connect(endpoint) for _ in range(4)]
        for conn in clients:
            conn.pgconn.nonblocking = 1
            conn.pgconn.send_query(HOSTILE["operators"].encode())
            while conn.pgconn.flush():
                select.select([], [conn.pgconn.socket], [])
        endpoint.weir.signal(number)
        if number == signal.SIGHUP:
            for conn in clients:
                result = conn.pgconn.get_result()
                assert result.error_field(pq.DiagnosticField.SQLSTATE) == b"54001"
            return
        assert endpoint.weir.wait() == 0
        for conn in clients:
            result = conn.pgconn.get_result()
            assert result.error_field(pq.DiagnosticField.SQLSTATE) in (b"57P01", b"54001")
            conn.close()
