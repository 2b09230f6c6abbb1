"""Who must wait for another transaction, and what ends it: NOWAIT, SKIP LOCKED
and the timeouts, asked of Postgres and of SQLite. There the other transaction
holds the one writer, not a row: each case is one that must be the same."""

import concurrent.futures
import select
import threading
import time

import psycopg
import pytest


@pytest.fixture
def ground(crowded):
    with connect(crowded) as conn:
        conn.execute("drop table if exists t")
        conn.execute("create table t (id int primary key, v int)")
        conn.execute("insert into t values (1, 0), (2, 0)")
        yield crowded
        conn.execute("drop table t")


def connect(endpoint):
    conn = psycopg.connect(endpoint.dsn(), autocommit=True)
    conn.prepare_threshold = None
    return conn


def outcome(conn, text):
    """Rows, or a tag, or a SQLSTATE and its message."""
    try:
        answer = conn.execute(text)
        return answer.fetchall() if answer.description else answer.statusmessage
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary


@pytest.fixture
def held(ground):
    """Two clients, of whom the first has locked a row."""
    with connect(ground) as holder, connect(ground) as other:
        holder.execute("begin")
        holder.execute("select * from t where id = 1 for update")
        yield holder, other


@pytest.mark.parametrize("begin", ("begin", "begin isolation level serializable", "select 1"))
@pytest.mark.parametrize("text, told", (
    ("select * from t where id = 1 for update nowait",
     ("55P03", 'could not obtain lock on row in relation "t"')),
    ("select * from (select * from t where id = 1 for share nowait) as s",
     ("55P03", 'could not obtain lock on row in relation "t"')),
    ("select * from t where id = 1 for update skip locked", []),
    ("select * from t where id = 1 for no key update of t skip locked", []),
))
def test_who_does_not_want_to_wait_does_not(held, begin, text, told):
    _, other = held
    other.execute(begin)
    assert outcome(other, text) == told


def test_a_table_is_locked_at_once_or_not(held):
    _, other = held
    other.execute("begin")
    assert outcome(other, "lock table t in exclusive mode nowait") == (
        "55P03", 'could not obtain lock on relation "t"')


@pytest.mark.parametrize("setting, told", (
    ("lock_timeout", ("55P03", "canceling statement due to lock timeout")),
    ("statement_timeout", ("57014", "canceling statement due to statement timeout")),
))
def test_a_wait_ends_with_the_clients_own_limit(held, setting, told):
    holder, other = held
    other.execute(f"set {setting} = '200ms'")
    since = time.monotonic()
    assert outcome(other, "update t set v = 1 where id = 1") == told
    assert time.monotonic() - since < 20
    holder.execute("commit")
    assert outcome(other, "update t set v = 1 where id = 1") == "UPDATE 1"


def test_who_waits_goes_on_when_the_other_ends(held):
    holder, other = held
    told = []
    waiting = threading.Thread(target=lambda: told.append(
        outcome(other, "select id from t where id = 1 for update skip locked")))
    holder.execute("rollback")
    waiting.start()
    waiting.join(60)
    assert told == [[(1,)]]


def test_an_idle_transaction_ends_with_its_limit(ground):
    with connect(ground) as idle, connect(ground) as failed, connect(ground) as other:
        for conn, text in ((idle, "update t set v = 5 where id = 1"), (failed, "select 1 / 0")):
            conn.execute("set idle_in_transaction_session_timeout = '200ms'")
            outcome(conn, f"begin; {text}")     # in one: it may not be idle in between
        assert outcome(other, "update t set v = v + 1 where id = 1") == "UPDATE 1"
        assert outcome(other, "select v from t where id = 1") == [(1,)]
        for conn in (idle, failed):
            assert select.select([conn.fileno()], [], [], 60)[0], "it was not ended"
            assert outcome(conn, "select 1")[0] == "25P03"


def test_a_read_only_transaction_writes_nothing(ground):
    with connect(ground) as conn:
        for text, what in (("insert into t values (9, 9)", "INSERT"), ("update t set v = 1", "UPDATE"),
                           ("delete from t", "DELETE"), ("select * from t for update", "SELECT FOR UPDATE"),
                           ("select * from t for key share", "SELECT FOR KEY SHARE"),
                           ("create table x (a int)", "CREATE TABLE"), ("truncate t", "TRUNCATE TABLE"),
                           ("drop table t", "DROP TABLE"), ("copy t from stdin", "COPY FROM"),
                           ("with d as (delete from t returning *) select * from d", "SELECT")):
            conn.execute("begin read only")
            assert outcome(conn, text) == ("25006", f"cannot execute {what} in a read-only transaction"), text
            conn.execute("rollback")
        conn.execute("begin isolation level serializable read only deferrable")
        assert outcome(conn, "select count(*) from t") == [(2,)]
        conn.execute("commit")


def test_an_isolation_level_is_chosen_first(ground):
    with connect(ground) as conn:
        conn.execute("begin")
        conn.execute("select 1")
        assert outcome(conn, "set transaction isolation level serializable") == (
            "25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query")
        conn.execute("rollback")
        conn.execute("begin")
        conn.execute("savepoint s")
        assert outcome(conn, "set transaction isolation level serializable") == (
            "25001", "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")


# --- many rows at once

def keep_inserting(endpoint, stop, done):
    with connect(endpoint) as conn:
        while not stop.is_set():
            conn.execute("insert into others (n) values (1)")
            done.append(1)


@pytest.mark.parametrize("text", (
    "update many set n = n + 1", "delete from many where n > 0", "insert into many select n from many",
    "update many set n = 1", "insert into many select generate_series(1, 100000000)"))
def test_many_rows_that_take_too_long_harm_nobody_else(crowded, text):
    """While others commit along with it."""
    stop, done = threading.Event(), []
    with connect(crowded) as conn:
        conn.execute("drop table if exists many, others")
        conn.execute("create table many (n int)")
        conn.execute("create table others (n int)")
        conn.execute("insert into many select generate_series(1, 300000)")
        others = [threading.Thread(target=keep_inserting, args=(crowded, stop, done)) for _ in range(2)]
        for thread in others:
            thread.start()
        try:
            conn.execute("set statement_timeout = '20ms'")
            for _ in range(5):
                assert outcome(conn, text)[0] == "57014"
        finally:
            stop.set()
            for thread in others:
                thread.join()
    with connect(crowded) as conn:  # without the limit, which would hold for its own reset too
        assert outcome(conn, "select count(*), sum(n) from many") == [(300000, 45000150000)]
        assert outcome(conn, "select count(*) from others") == [(len(done),)]
        conn.execute("drop table many, others")


def work_off(ground, name):
    """A worker takes a job in a transaction each, until none is left; where
    it gets none, another has them, and it asks again."""
    with connect(ground) as conn:
        while conn.execute("select count(*) from jobs where worker is null").fetchone()[0]:
            with conn.transaction():
                job = conn.execute("select id from jobs where worker is null order by id"
                                   " for update skip locked limit 1").fetchone()
                if job:
                    conn.execute("update jobs set worker = %s where id = %s", (name, *job))
                    conn.execute("insert into done values (%s, %s)", (*job, name))


def test_workers_that_skip_locked_jobs_do_each_job_once(ground):
    with connect(ground) as conn:
        conn.execute("create table jobs (id int primary key, worker int)")
        conn.execute("create table done (job int, worker int)")
        conn.execute("insert into jobs (id) select generate_series(1, 100)")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for worker in [pool.submit(work_off, ground, name) for name in range(8)]:
                worker.result(120)
        assert conn.execute("select job from done order by job").fetchall() == [(n,) for n in range(1, 101)]
        assert conn.execute("select count(*) from jobs join done on job = id"
                            " and done.worker = jobs.worker").fetchone() == (100,)
        conn.execute("drop table jobs, done")
