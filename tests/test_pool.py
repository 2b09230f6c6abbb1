"""The pool in front of Postgres: bounds, waiting, outages, isolation."""

import concurrent.futures
import signal
import threading
import time
import urllib.request

import psycopg
import pytest

from support.cluster import PASSWORD, USER, Cluster, find_bin, free_port
from support.waiting import cancelling, end_servers, eventually
from support.weir import Endpoint, Weir


@pytest.fixture
def cluster(mortal):
    return mortal


@pytest.fixture
def pooled(cluster):
    weirs = []

    def start(*arguments, url=None):
        weir = Weir(*arguments, url or cluster.url())
        weirs.append(weir)
        return Endpoint("postgres", weir.port, weir=weir, cluster=cluster)

    yield start
    for weir in weirs:
        weir.stop()


@pytest.fixture(scope="module")
def second():
    """Another cluster, for what has to be elsewhere."""
    if not find_bin():
        pytest.skip("no Postgres server is installed here")
    cluster = Cluster()
    yield cluster
    cluster.destroy()


def servers(cluster, where="true"):
    return int(cluster.sql(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}' AND {where}"))


def connect(endpoint, autocommit=True, **more):
    return psycopg.connect(endpoint.dsn(**more), autocommit=autocommit)


def pid_of(conn):
    return conn.execute("SELECT pg_backend_pid()").fetchone()[0]


def port_of(conn):
    return conn.execute("SELECT inet_server_port()").fetchone()[0]


def test_serves_300_clients_on_five_connections(cluster, pooled):
    """A3: the role may hold five connections, and never needs a sixth."""
    endpoint = pooled("--pool-size", "5")
    end_servers(cluster)
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
        waits = []
        # Until one is undisturbed by what else this machine does.
        while len(waits) < 3 or min(waits) > 1.05 and len(waits) < 20:
            start = time.monotonic()
            with pytest.raises(psycopg.errors.TooManyConnections):
                other.execute("SELECT 2")
            waits.append(time.monotonic() - start)
        assert 0.99 < min(waits) < 1.05, waits
        holder.rollback()
        assert other.execute("SELECT 3").fetchone() == (3,)


def test_cancels_a_query_that_waits_in_the_queue(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn()) as holder, psycopg.connect(endpoint.dsn(), autocommit=True) as other:
        holder.execute("SELECT 1")
        with pytest.raises(psycopg.errors.QueryCanceled), cancelling(other.cancel):
            other.execute("SELECT 2")
        holder.rollback()
        assert other.execute("SELECT 3").fetchone() == (3,)


def test_waits_while_the_database_is_down_and_goes_on(cluster, pooled):
    endpoint = pooled("--pool-size", "2", "--queue-timeout", "60s")
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
        assert two.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                           "AND pid = pg_backend_pid()").fetchone() == (0,)
        two.execute("SELECT pg_advisory_lock(42)")  # is there to be had


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
    endpoint = pooled("--pool-size", "1", "--log-level", "debug")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        before = conn.info.parameter_status("TimeZone")
        conn.execute("SELECT 1")
    cluster.sql("ALTER ROLE app SET timezone = 'Asia/Tokyo'")
    try:
        end_servers(cluster)
        endpoint.weir.wait_for_line("server closed.*reason=lost")
        with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
            conn.execute("SELECT 1")
        with psycopg.connect(endpoint.dsn()) as conn:
            assert before != conn.info.parameter_status("TimeZone") == "Asia/Tokyo"
    finally:
        cluster.sql("ALTER ROLE app RESET timezone")


# --- queues and shares ---


def test_who_is_served_in_time_is_not_refused(pooled):
    endpoint = pooled("--pool-size", "1", "--queue-timeout", "20s")
    with connect(endpoint, autocommit=False) as holder, connect(endpoint) as other:
        holder.execute("SELECT 1")
        threading.Timer(0.7, holder.rollback).start()
        assert other.execute("SELECT 2").fetchone() == (2,)


def test_clients_of_different_users_share_the_servers_of_one_role(pooled):
    endpoint = pooled("--pool-size", "2")
    with connect(endpoint, user="alice") as alice, connect(endpoint, user="bob") as bob:
        assert pid_of(alice) == pid_of(bob) == pid_of(alice)
        alice.execute("SET search_path = pg_catalog")
        assert bob.execute("SHOW search_path").fetchone() == ('"$user", public',)


def test_a_user_with_many_clients_does_not_keep_out_another(pooled):
    endpoint = pooled("--pool-size", "1")
    many, go, stop, served = 15, threading.Barrier(16), threading.Event(), []

    def crowd():
        with connect(endpoint, user="many") as conn:
            go.wait()
            while not stop.is_set():
                conn.execute("SELECT pg_sleep(0.05)")
                served.append(conn)

    with connect(endpoint, user="few") as few, concurrent.futures.ThreadPoolExecutor(many) as executor:
        futures = [executor.submit(crowd) for _ in range(many)]
        go.wait()
        before = []
        for _ in range(5):
            start = len(served)
            few.execute("SELECT 1")
            before.append(len(served) - start)
        stop.set()
        for future in futures:
            future.result(60)
    # In the order of arrival alone it would be all of the others.
    assert sorted(before)[2] < 8, before


def test_a_role_that_comes_late_gets_its_share_of_the_bound(cluster, pooled):
    cluster.sql(f"CREATE ROLE late LOGIN PASSWORD '{PASSWORD}'")
    endpoint = pooled("--pool-size", "2", "--backend-password", PASSWORD,
                      url=f"postgresql://127.0.0.1:{cluster.port}/app")
    go, stop = threading.Barrier(5), threading.Event()

    def crowd():
        with connect(endpoint) as conn:
            go.wait()
            while not stop.is_set():
                conn.execute("SELECT pg_sleep(0.05)")

    try:
        with concurrent.futures.ThreadPoolExecutor(4) as executor:
            futures = [executor.submit(crowd) for _ in range(4)]
            go.wait()
            start = time.monotonic()
            with connect(endpoint, user="late") as late:
                assert late.execute("SELECT current_user").fetchone() == ("late",)
                first = time.monotonic() - start
                pids = {pid_of(late) for _ in range(20)}
            stop.set()
            for future in futures:
                future.result(60)
    finally:
        endpoint.weir.stop()
        cluster.sql("DROP ROLE late")
    assert first < 20
    assert len(pids) <= 5, "it settles: nobody opens a server for each transaction"


def test_the_reserve_serves_who_waited_and_is_closed_again(cluster, pooled):
    endpoint = pooled("--pool-size", "1", "--reserve-pool-size", "1", "--reserve-pool-timeout", "500ms")
    with connect(endpoint, autocommit=False) as holder, connect(endpoint) as other:
        holder.execute("SELECT 1")
        start = time.monotonic()
        assert other.execute("SELECT 2").fetchone() == (2,)
        assert 0.49 < time.monotonic() - start < 20
        holder.rollback()
        eventually(lambda: servers(cluster) == 1)


def test_a_reload_gives_a_reserve_to_who_waits_already(cluster, tmp_path):
    def write(reserve):
        config.write_text(f"databases:\n  app:\n    backend: {cluster.url()}\n    pool_size: 1\n"
                          f"    reserve_pool_timeout: 100ms\n    reserve_pool_size: {reserve}\n")

    config = tmp_path / "weir.yaml"
    write(0)
    weir = Weir("-c", config)
    endpoint = Endpoint("postgres", weir.port, weir=weir, cluster=cluster)
    with connect(endpoint, autocommit=False) as holder, connect(endpoint) as other, \
            concurrent.futures.ThreadPoolExecutor(1) as executor:
        holder.execute("SELECT 1")
        waiting = executor.submit(lambda: other.execute("SELECT 2").fetchone())
        with pytest.raises(concurrent.futures.TimeoutError):
            waiting.result(0.4)
        write(1)
        weir.signal(signal.SIGHUP)
        assert waiting.result(60) == (2,)
    weir.stop()


def test_keeps_min_pool_size_open_before_anybody_came(cluster, pooled):
    pooled("--pool-size", "5", "--min-pool-size", "3")
    eventually(lambda: servers(cluster) == 3)
    end_servers(cluster)
    eventually(lambda: servers(cluster) == 3)


def test_strict_dev_gives_a_different_server_for_every_transaction(pooled):
    endpoint = pooled("--pool-size", "3", "--strict-dev")
    with connect(endpoint) as conn:
        conn.prepare_threshold = None  # which would be a transaction of its own
        pids = [pid_of(conn) for _ in range(20)]
        assert all(one != next for one, next in zip(pids, pids[1:]))


def test_strict_dev_works_with_a_single_server(pooled):
    endpoint = pooled("--pool-size", "1", "--strict-dev")
    with connect(endpoint) as conn:
        assert len({pid_of(conn) for _ in range(5)}) == 1


# --- outages ---


def test_starting_before_the_database_is_there_is_waiting(cluster, pooled):
    cluster.stop()
    try:
        endpoint = pooled("--pool-size", "2", "--queue-timeout", "30s")
        with concurrent.futures.ThreadPoolExecutor(1) as executor:
            early = executor.submit(lambda: connect(endpoint))
            endpoint.weir.wait_for_line("cannot connect to the database")
            cluster.start()
            with early.result(60) as conn:
                assert conn.execute("SELECT 1").fetchone() == (1,)
    finally:
        if not (cluster.data / "postmaster.pid").exists():
            cluster.start()


def test_an_outage_under_twenty_clients_makes_no_storm(cluster, pooled):
    endpoint = pooled("--pool-size", "20", "--queue-timeout", "60s")
    clients = [connect(endpoint, autocommit=False) for _ in range(20)]
    for conn in clients:
        conn.execute("SELECT 1")
    start = time.monotonic()
    cluster.stop()
    for conn in clients:
        with pytest.raises(psycopg.OperationalError):
            conn.execute("SELECT 2")
        conn.close()

    def client():
        with connect(endpoint) as conn:
            return conn.execute("SELECT 3").fetchone()

    with concurrent.futures.ThreadPoolExecutor(20) as executor:
        futures = [executor.submit(client) for _ in range(20)]
        endpoint.weir.wait_for_line("retry_ms=[0-9]{4}")
        cluster.start()
        for future in futures:
            assert future.result(60) == (3,)
    # One after the other, at a distance that grows to four seconds, whoever waits.
    most = 9 + (time.monotonic() - start) / 4
    assert 4 <= endpoint.weir.log().count("cannot connect to the database") <= most


# --- several hosts ---


def hosts(*ports, query=""):
    return f"postgresql://{USER}:{PASSWORD}@" + ",".join(f"127.0.0.1:{port}" for port in ports) + f"/app{query}"


def test_passes_over_a_host_that_refuses(cluster, pooled):
    endpoint = pooled("--pool-size", "1", url=hosts(free_port(), cluster.port))
    with connect(endpoint) as conn:
        assert port_of(conn) == cluster.port
        with pytest.raises(psycopg.errors.QueryCanceled), cancelling(conn.cancel):
            conn.execute("SELECT pg_sleep(60)")


def test_passes_over_a_host_that_is_silent_after_the_connect_timeout(cluster, pooled):
    import socket
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = pooled("--pool-size", "1", "--server-connect-timeout", "1s",
                          url=hosts(silent.getsockname()[1], cluster.port))
        start = time.monotonic()
        with connect(endpoint) as conn:
            assert port_of(conn) == cluster.port
            assert 0.9 < time.monotonic() - start < 14, "the limit of its own is 15 s"


@pytest.fixture
def standby(second):
    """What libpq takes for one."""
    def set_standby(yes):
        second.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if yes else 'off'}")
        second.sql("SELECT pg_reload_conf()")
        eventually(lambda: second.sql("SHOW default_transaction_read_only") == ("on" if yes else "off"))

    set_standby(True)
    yield set_standby
    set_standby(False)


def test_finds_the_host_that_can_be_written_to(cluster, second, standby, pooled):
    endpoint = pooled("--pool-size", "2", url=hosts(second.port, cluster.port, query="?target_session_attrs=read-write"))
    with connect(endpoint) as conn:
        assert port_of(conn) == cluster.port
        with pytest.raises(psycopg.errors.QueryCanceled), cancelling(conn.cancel):
            conn.execute("SELECT pg_sleep(60)")


def test_leaves_the_old_primary_when_a_new_server_is_elsewhere(cluster, second, standby, pooled):
    standby(False)
    endpoint = pooled("--pool-size", "3", url=hosts(second.port, cluster.port, query="?target_session_attrs=read-write"))
    with connect(endpoint, autocommit=False) as one, connect(endpoint, autocommit=False) as two, \
            connect(endpoint, autocommit=False) as three:
        assert port_of(one) == port_of(two) == second.port
        standby(True)
        # It is opened at the new primary; what is leased goes on.
        assert port_of(three) == cluster.port
        assert port_of(one) == second.port
        for conn in (one, two, three):
            conn.rollback()
        for conn in (one, two, three) * 3:
            assert port_of(conn) == cluster.port
            conn.rollback()
        eventually(lambda: servers(second) == 0)


def test_leaves_a_server_that_reports_to_be_read_only(cluster, second, standby, pooled):
    standby(False)
    endpoint = pooled("--pool-size", "1", url=hosts(second.port, cluster.port, query="?target_session_attrs=read-write"))
    with connect(endpoint) as conn:
        assert port_of(conn) == second.port
        standby(True)
        conn.execute("SELECT 1")
        eventually(lambda: port_of(conn) == cluster.port)
        # A client that sets this itself keeps its servers.
        pid = pid_of(conn)
        conn.execute("SET default_transaction_read_only = on")
        assert pid_of(conn) == pid_of(conn) == pid


# --- a server that vanishes ---


def socket_to(weir, port):
    """weir's own socket to a server, borrowed to look at it."""
    import ctypes
    import os
    import socket
    pidfd = os.pidfd_open(weir.process.pid)
    for entry in os.listdir(f"/proc/{weir.process.pid}/fd"):
        # pidfd_getfd(2)
        fd = ctypes.CDLL(None, use_errno=True).syscall(438, pidfd, int(entry), 0)
        if fd < 0:
            if ctypes.get_errno() == 1:
                pytest.skip("this machine does not let one look into a process")
            continue
        try:
            found = socket.socket(fileno=fd)
            if found.getpeername()[1] == port:
                return found
            found.close()
        except (OSError, IndexError, TypeError):
            pass
    raise AssertionError(f"no socket to port {port}")


@pytest.mark.parametrize("arguments, query, expected", [
    ([], "", (1, 30, 10, 3, 30000)),
    (["--tcp-keepidle", "5s", "--tcp-keepintvl", "2s", "--tcp-keepcnt", "4", "--tcp-user-timeout", "9000"], "",
     (1, 5, 2, 4, 9000)),
    (["--tcp-user-timeout", "9s"], "?keepalives_idle=7&tcp_user_timeout=1000", (1, 7, 10, 3, 1000)),
])
def test_a_dead_server_is_noticed_in_the_time_that_was_asked_for(cluster, pooled, arguments, query, expected):
    import socket as s
    endpoint = pooled("--pool-size", "1", *arguments, url=cluster.url(query))
    with connect(endpoint) as conn:
        conn.execute("SELECT 1")
        with socket_to(endpoint.weir, cluster.port) as found:
            assert (found.getsockopt(s.SOL_SOCKET, s.SO_KEEPALIVE),
                    *(found.getsockopt(s.IPPROTO_TCP, option) for option in
                      (s.TCP_KEEPIDLE, s.TCP_KEEPINTVL, s.TCP_KEEPCNT, s.TCP_USER_TIMEOUT))) == expected


def metrics_of(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line[0] != "#"}


def test_counts_and_names_what_is_pinned(pooled):
    http = free_port()
    endpoint = pooled("--pool-size", "3", "--listen-http", f"127.0.0.1:{http}")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one:
        one.execute("SELECT pg_advisory_lock(1)")
        one.execute("CREATE TEMP TABLE mine (n int)")
        one.execute("SELECT 1")
        metrics = metrics_of(http)
        assert metrics['weir_sessions_pinned{reason="lock"}'] == 1
        assert metrics['weir_sessions_pinned{reason="temp"}'] == 1
        assert metrics['weir_servers_pinned{database="app"}'] == 1
        one.execute("DROP TABLE mine")
        one.execute("SELECT pg_advisory_unlock_all()")
        one.execute("SELECT 1")
        metrics = metrics_of(http)
        assert metrics['weir_sessions_pinned{reason="lock"}'] == 0
        assert metrics['weir_servers_pinned{database="app"}'] == 0


def test_ends_who_pins_one_server_too_many(pooled):
    endpoint = pooled("--pool-size", "3", "--max-pinned-servers", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one, \
            psycopg.connect(endpoint.dsn(), autocommit=True) as two, \
            psycopg.connect(endpoint.dsn(), autocommit=True) as three:
        one.execute("SELECT pg_advisory_lock(1)")
        one.execute("SELECT 1")
        with pytest.raises(psycopg.OperationalError):
            two.execute("SELECT pg_advisory_lock(2)")
            for _ in range(1000):
                two.execute("SELECT 1")
        three.execute("SELECT pg_advisory_lock(2)")  # waits until the server of the ended session has ended too
        assert one.execute("SELECT pg_advisory_unlock(1)").fetchone() == (True,)


LISTENING = "query LIKE 'LISTEN %'"


def test_says_when_notifications_may_have_been_lost(cluster, pooled):
    endpoint = pooled("--pool-size", "2")
    heard = []
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one:
        one.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        one.execute("LISTEN news")
        end_servers(cluster, LISTENING)
        eventually(lambda: one.execute("SELECT 1") and heard)
        assert heard == ["notifications may have been lost"]
        with psycopg.connect(endpoint.dsn(), autocommit=True) as two:
            two.execute("NOTIFY news, 'again'")
        assert [notify.payload for notify in one.notifies(timeout=60, stop_after=1)] == ["again"]


def test_listeners_take_no_server_of_the_pool(cluster, pooled):
    endpoint = pooled("--pool-size", "1")
    listeners = [psycopg.connect(endpoint.dsn(), autocommit=True) for _ in range(5)]
    try:
        for conn in listeners:
            conn.execute("LISTEN news")
        # those of the tests before may not have ended yet
        eventually(lambda: servers(cluster, LISTENING) == 1)
        listeners[0].execute("NOTIFY news, 'to all'")
        for conn in listeners:
            assert [notify.payload for notify in conn.notifies(timeout=60, stop_after=1)] == ["to all"]
    finally:
        for conn in listeners:
            conn.close()


def test_replaces_a_server_whose_statements_code_has_thrown_away(pooled):
    endpoint = pooled("--pool-size", "1")
    with psycopg.connect(endpoint.dsn(), autocommit=True, prepare_threshold=0) as one, \
            psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        assert one.execute("SELECT %s::int", (1,)).fetchone() == (1,)
        two.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
        with pytest.raises(psycopg.errors.InvalidSqlStatementName):
            one.execute("SELECT %s::int", (2,))
        assert one.execute("SELECT %s::int", (3,)).fetchone() == (3,)
