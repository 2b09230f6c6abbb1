"""What a session has that cannot travel, on SQLite: transaction mode, pools of
one to three servers, with and without strict_dev. The same must hold with
Postgres; there the talks and the differential scenarios see to it."""

import itertools
import threading
import time

import psycopg
import pytest

from support.waiting import cancelling
from support.weir import Endpoint, Weir

WAYS = list(itertools.product((1, 2, 3), ((), ("--strict-dev",))))


@pytest.fixture
def lite(tmp_path):
    """Starts a weir on a file of its own."""
    weirs = []

    def start(*options):
        weir = Weir(*options, f"sqlite:{tmp_path / 'app.db'}")
        weirs.append(weir)
        return Endpoint("sqlite", weir.port, weir=weir)
    yield start
    for weir in weirs:
        weir.stop()


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}{''.join(way[1])}")
def pooled(request, lite):
    size, options = request.param
    return lite("--pool-size", size, *options)


def connect(endpoint, **more):
    conn = psycopg.connect(endpoint.dsn(), autocommit=True, **more)
    conn.prepare_threshold = None
    return conn


def value(conn, text):
    return conn.execute(text).fetchone()[0]


def test_strict_dev_gives_a_different_server_for_every_transaction(lite):
    endpoint = lite("--pool-size", "3", "--strict-dev")
    with connect(endpoint) as conn:
        pids = [value(conn, "select pg_backend_pid()") for _ in range(20)]
        assert all(one != next for one, next in zip(pids, pids[1:]))


def test_nobody_is_pinned_for_an_unknown_reason(lite):
    endpoint = lite("--pool-size", "1", "--sequence-state", "pin")
    with connect(endpoint) as alice, connect(endpoint) as bob:
        for conn in (alice, bob):
            conn.execute("create table if not exists t (id serial, n int)")
            conn.execute("select set_config(name, '3MB', false) from (values ('work_mem')) as s (name)")
            conn.execute("select pg_try_advisory_xact_lock(1)")
            assert value(conn, "show work_mem") == "3MB"
    log = endpoint.weir.log()
    assert "cannot ask" not in log and "unknown" not in log, log


def test_settings_travel(pooled):
    with connect(pooled, options="-c work_mem=3MB") as alice, connect(pooled) as bob:
        bob.execute("set timezone = 'Asia/Tokyo'")
        for _ in range(4):
            assert value(alice, "show work_mem") == "3MB" and value(bob, "show work_mem") == "4MB"
            assert value(alice, "show timezone") == "UTC" and value(bob, "show timezone") == "Asia/Tokyo"
        alice.execute("select set_config(name, '5MB', false) from (values ('work_mem')) as s (name)")
        assert value(bob, "show work_mem") == "4MB"
        assert value(alice, "show work_mem") == "5MB"
        alice.execute("reset work_mem")
        assert value(bob, "show work_mem") == "4MB"
        assert value(alice, "show work_mem") == "3MB"


def test_names_prepared_by_sql_travel(pooled):
    with connect(pooled) as alice, connect(pooled) as bob:
        alice.execute("prepare p (int) as select 'alice', $1")
        bob.execute("prepare p (int) as select 'bob', $1")
        for n in range(4):
            assert alice.execute(f"execute p({n})").fetchone() == ("alice", n)
            assert bob.execute(f"execute p({n})").fetchone() == ("bob", n)
        alice.execute("deallocate p")
        assert value(bob, "select count(*) from pg_prepared_statements") == 1
        assert value(alice, "select count(*) from pg_prepared_statements") == 0
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            alice.execute("execute p(1)")


def test_a_temporary_table_is_ones_own_and_its_server_is_free_behind_it(pooled):
    with connect(pooled) as alice, connect(pooled) as bob:
        for conn, n in ((alice, 1), (bob, 2), (alice, 3)):
            conn.execute("create temp table mine (n int)")
            conn.execute("insert into mine values (%s)", (n,))
            assert value(conn, "select n from mine") == n
            conn.execute("drop table mine")
        alice.execute("create temp table mine (n int)")
    with connect(pooled) as carol:
        with pytest.raises(psycopg.errors.UndefinedTable):
            carol.execute("table mine")


@pytest.mark.parametrize("size", (2, 3))
def test_a_session_lock_is_waited_for_across_servers(lite, size):
    endpoint = lite("--pool-size", size)
    with connect(endpoint) as alice, connect(endpoint) as bob:
        alice.execute("select pg_advisory_lock(1)")
        assert value(bob, "select pg_try_advisory_lock(1)") is False
        waiting = threading.Thread(target=bob.execute, args=("select pg_advisory_lock(1)",))
        waiting.start()
        time.sleep(0.2)
        assert waiting.is_alive()
        assert value(alice, "select pg_advisory_unlock(1)") is True
        waiting.join(60)
        assert not waiting.is_alive()
        with pytest.raises(psycopg.errors.LockNotAvailable):
            alice.execute("set lock_timeout = 100; select pg_advisory_lock(1)")
        bob.close()
        alice.execute("set lock_timeout = '60s'; select pg_advisory_lock(1)")


def test_a_held_cursor_stays_with_its_client(lite):
    endpoint = lite("--pool-size", "2")
    with connect(endpoint) as alice, connect(endpoint) as bob:
        alice.execute("declare c cursor with hold for select generate_series(1, 9)")
        for n in range(1, 5):
            assert value(alice, "fetch c") == n
            with pytest.raises(psycopg.errors.InvalidCursorName):
                bob.execute("fetch c")
            with pytest.raises(psycopg.errors.DivisionByZero):
                alice.execute("select 1/0")
        alice.execute("close c")


@pytest.mark.parametrize("state", ("pin", "learn"))
def test_currval_is_ones_own(lite, state):
    endpoint = lite("--pool-size", "3", "--sequence-state", state)
    with connect(endpoint) as alice, connect(endpoint) as bob:
        alice.execute("create table t (id serial, n int)")
        for _ in range(3):
            first = None
            for conn in (alice, bob):
                try:
                    conn.execute("insert into t (n) values (1)")
                    mine = value(conn, "select currval('t_id_seq')")
                    assert mine == value(conn, "select lastval()") == value(conn, "select max(id) from t")
                    assert mine != first
                    first = mine
                except psycopg.errors.ObjectNotInPrerequisiteState:
                    assert state == "learn"     # the first time only
        if state == "learn":
            alice.execute("insert into t (n) values (1)")
            assert value(alice, "select currval('t_id_seq')") == value(alice, "select max(id) from t")


def test_listen_and_notify_count_from_their_commit(pooled):
    with connect(pooled) as alice, connect(pooled) as bob:
        alice.execute("listen a")
        bob.execute("begin; notify a, 'undone'; rollback")
        bob.execute("begin; notify a, 'one'; savepoint s; notify a, 'two'; rollback to s; commit")
        bob.execute("notify a, 'three'")
        heard = [note.payload for note in alice.notifies(timeout=60, stop_after=2)]
        assert heard == ["one", "three"]
        alice.execute("begin; unlisten a; rollback")
        bob.execute("notify a, 'four'")
        assert [note.payload for note in alice.notifies(timeout=60, stop_after=1)] == ["four"]
        alice.execute("unlisten *")
        bob.execute("notify a, 'five'")
        assert not list(alice.notifies(timeout=0.3))


def test_a_query_is_cancelled_where_it_runs_and_where_it_waits(lite):
    endpoint = lite("--pool-size", "1")
    with connect(endpoint) as alice, connect(endpoint) as bob:
        for conn in (alice, bob):
            if conn is bob:
                bob.execute("begin")
            with pytest.raises(psycopg.errors.QueryCanceled), cancelling(alice.cancel):
                alice.execute("select pg_sleep(60)")
        bob.execute("commit")
        assert value(alice, "select 1") == 1
