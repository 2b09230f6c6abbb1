"""The pool in front of Postgres: bounds, waiting, outages, isolation."""

import concurrent.futures
import threading
import time

import psycopg
import pytest

from support.weir import Endpoint, Weir


@pytest.fixture
def pooled(cluster):
    weirs = []

    def start(*arguments):
        weir = Weir(*arguments, cluster.url())
        weirs.append(weir)
        return Endpoint("postgres", weir.port, weir=weir, cluster=cluster)

    yield start
    for weir in weirs:
        weir.stop()


def test_serves_300_clients_on_five_connections(cluster, pooled):
    """A3: the role may hold five connections, and never needs a sixth."""
    endpoint = pooled("--pool-size", "5")
    cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
    cluster.sql("ALTER ROLE app CONNECTION LIMIT 5")
    waits, go = [], threading.Barrier(301)

    def client(number):
        with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
            go.wait()
            for turn in range(5):
                start = time.monotonic()
                with conn.transaction():
                    assert conn.execute("SELECT %s::int", (number,)).fetchone() == (number,)
                waits.append(time.monotonic() - start)

    try:
        with concurrent.futures.ThreadPoolExecutor(300) as executor:
            futures = [executor.submit(client, number) for number in range(300)]
            go.wait()
            for future in futures:
                future.result(120)
    finally:
        cluster.sql("ALTER ROLE app CONNECTION LIMIT -1")
    mean = sum(waits) / len(waits)
    print(f"\nlongest wait {max(waits):.3f} s, mean {mean:.3f} s, ratio {max(waits) / mean:.1f}")
    assert len(waits) == 1500
    assert "53300" not in endpoint.weir.log()


def test_refuses_who_waits_too_long_and_the_session_lives(pooled):
    endpoint = pooled("--pool-size", "1", "--queue-timeout", "1s")
    with psycopg.connect(endpoint.dsn()) as holder, psycopg.connect(endpoint.dsn(), autocommit=True) as other:
        holder.execute("SELECT 1")
        start = time.monotonic()
        with pytest.raises(psycopg.errors.TooManyConnections):
            other.execute("SELECT 2")
        assert 0.9 < time.monotonic() - start < 2
        holder.rollback()
        assert other.execute("SELECT 3").fetchone() == (3,)


def test_cancels_a_query_that_waits_in_the_queue(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn()) as holder, psycopg.connect(endpoint.dsn(), autocommit=True) as other:
        holder.execute("SELECT 1")
        threading.Timer(0.3, other.cancel).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute("SELECT 2")
        holder.rollback()
        assert other.execute("SELECT 3").fetchone() == (3,)


def test_waits_while_the_database_is_down_and_goes_on(cluster, pooled):
    endpoint = pooled("--pool-size", "2", "--queue-timeout", "30s")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
        cluster.stop()
        timer = threading.Timer(1.5, cluster.start)
        timer.start()
        with psycopg.connect(endpoint.dsn(), autocommit=True) as late:
            assert late.execute("SELECT 2").fetchone() == (2,)
        timer.join()
        assert conn.execute("SELECT 3").fetchone() == (3,)


def test_rolls_back_what_a_killed_client_left(cluster, pooled):
    endpoint = pooled("--pool-size", "1")
    cluster.sql("DROP TABLE IF EXISTS left_over; CREATE TABLE left_over (n int); "
                "ALTER TABLE left_over OWNER TO app", "app")
    victim = psycopg.connect(endpoint.dsn())
    victim.execute("INSERT INTO left_over VALUES (1)")
    import socket
    socket.socket(fileno=victim.fileno()).close()
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        assert conn.execute("SELECT count(*) FROM left_over").fetchone() == (0,)
    cluster.sql("DROP TABLE left_over", "app")


def test_no_client_sees_anothers_session_state(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one, \
            psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        one.execute("SET search_path = pg_catalog")
        assert two.execute("SHOW search_path").fetchone() == ('"$user", public',)
        assert one.execute("SHOW search_path").fetchone() == ("pg_catalog",)


def test_gives_a_server_that_was_pinned_back_clean(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one:
        one.execute("CREATE TEMP TABLE mine (n int)")
        one.execute("SELECT pg_advisory_lock(42)")
        assert one.execute("SELECT count(*) FROM mine").fetchone() == (0,)
    with psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        with pytest.raises(psycopg.errors.UndefinedTable):
            two.execute("SELECT * FROM mine")
        assert two.execute("SELECT pg_try_advisory_lock(42)").fetchone() == (True,)


def test_session_mode_keeps_one_server_per_client(pooled):
    endpoint = pooled("--pool-mode", "session", "--pool-size", "2")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one:
        pids = {one.execute("SELECT pg_backend_pid()").fetchone()[0] for _ in range(5)}
        assert len(pids) == 1
        one.execute("SET statement_timeout = '5s'")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        assert two.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_statement_mode_refuses_transactions_and_rolls_them_back(pooled):
    endpoint = pooled("--pool-mode", "statement", "--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one:
        assert one.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.Error):
            one.execute("BEGIN")
            one.execute("SELECT 2")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        assert two.execute("SELECT 3").fetchone() == (3,)


def test_a_large_result_passes_whole(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        rows = conn.execute("SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n").fetchall()
        assert len(rows) == 20000 and rows[-1] == (20000, "x" * 1000)
        big = conn.execute("SELECT %s::text", ("y" * 5_000_000,)).fetchone()[0]
        assert len(big) == 5_000_000


def test_tells_new_clients_what_a_changed_server_reports(cluster, pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        before = conn.info.parameter_status("TimeZone")
        conn.execute("SELECT 1")
    cluster.sql("ALTER ROLE app SET timezone = 'Asia/Tokyo'")
    try:
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
        time.sleep(0.3)
        with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
            conn.execute("SELECT 1")
        with psycopg.connect(endpoint.dsn()) as conn:
            assert before != conn.info.parameter_status("TimeZone") == "Asia/Tokyo"
    finally:
        cluster.sql("ALTER ROLE app RESET timezone")
