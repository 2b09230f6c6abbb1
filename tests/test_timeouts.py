"""How long each thing may take: each limit ends what it is about, in time, and
nothing else. The truth is a clock: a limit of a second is met within a tenth
of one. It runs from before the limit does, so nothing makes a limit seem to be
met too early; what is to be done within a limit has seconds left over."""

import socket
import time
import urllib.request

import pytest

from conftest import open_road
from support.cluster import free_port
from support.talk import SENT, Client, startup
from support.weir import Endpoint, Weir

SLOW = {"postgres": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 2000000000) "
                  "SELECT count(*) FROM t"}


@pytest.fixture
def start(request, tmp_path):
    """Starts weirs in front of `road` and clients of them."""
    weirs, clients = [], []

    def start(road, *options):
        directory = tmp_path / str(len(weirs))
        directory.mkdir()
        endpoint = open_road(road, directory, request, *options)
        weirs.append(endpoint.weir)

        def client(name="alice", **parameters):
            one = Client(endpoint, name)
            clients.append(one)
            assert not one.log_in(**parameters)
            return one

        client.endpoint = endpoint
        return client

    start.weirs = weirs
    yield start
    for one in clients:
        one.socket.close()
    for weir in weirs:
        weir.stop()


both = pytest.mark.parametrize("road", ["postgres", "sqlite"])


def told(words, kind):
    return [values for name, values in words if name == kind]


def in_time(attempt, limit=1.0):
    """`attempt` returns how long it took. A machine that stood still for a
    moment proves nothing: then it is tried again."""
    taken = []
    while len(taken) < 15:
        taken.append(attempt())
        assert taken[-1] > limit * 0.9, f"too early: {taken}"
        if taken[-1] < limit * 1.1:
            return
    raise AssertionError(f"too late: {taken}")


def ended(client, sqlstate, since):
    """Seconds from `since` until the client was told why its session ends."""
    words = client.hear()
    taken = time.monotonic() - since
    assert [values[0] for values in told(words, "Error")] == [sqlstate], words
    assert words[-1][0] == "Closed", words
    return taken


# --- client_login_timeout


def test_login_that_is_never_begun_is_ended(start):
    endpoint = start("sqlite", "--client-login-timeout", "1s").endpoint

    def attempt():
        client, begun = Client(endpoint, "silent"), time.monotonic()
        return ended(client, "57014", begun)

    in_time(attempt)


def test_login_of_which_half_came_is_ended(start):
    endpoint = start("sqlite-tls", "--client-login-timeout", "1s").endpoint

    def attempt():
        client, begun = Client(endpoint, "half"), time.monotonic()
        client.start_tls()
        client.send(startup(user=endpoint.user, database="app"))
        assert client.read()[0] == b"R"
        return ended(client, "57014", begun)

    in_time(attempt)


def test_handshake_that_is_never_begun_is_ended_without_a_word(start):
    endpoint = start("sqlite-tls", "--client-login-timeout", "1s").endpoint

    def attempt():
        client, begun = Client(endpoint, "half"), time.monotonic()
        client.send(SENT["SSLRequest"]())
        assert client.take(1) == b"S"
        assert client.read()[0] == "Closed"
        return time.monotonic() - begun

    in_time(attempt)


def test_login_of_a_byte_at_a_time_is_ended(start):
    endpoint = start("sqlite", "--client-login-timeout", "1s").endpoint

    def attempt():
        client, begun = Client(endpoint, "slow"), time.monotonic()
        for at in startup(user="app", database="app", application_name="x" * 100):
            client.socket.sendall(bytes([at]))
            if not client.hears_nothing(0.1):
                break
        return ended(client, "57014", begun)

    in_time(attempt)


def test_login_that_waits_for_a_server_that_is_not_there_is_ended():
    weir = Weir("--client-login-timeout", "1s", f"postgresql://app@127.0.0.1:{free_port()}/app")
    endpoint = Endpoint("postgres", weir.port, weir=weir)
    try:
        def attempt():
            client, begun = Client(endpoint, "early"), time.monotonic()
            assert client.log_in() == "57P03"
            return time.monotonic() - begun

        in_time(attempt)
    finally:
        weir.stop()


@both
def test_login_that_is_done_is_let_be(start, road):
    client = start(road, "--client-login-timeout", "3s")()
    assert client.hears_nothing(3.3)
    assert told(client.ask("SELECT 1"), "DataRow") == [["1"]]


# --- query_timeout


@both
def test_query_that_takes_too_long_is_cancelled_and_the_session_lives(start, road):
    client = start(road, "--query-timeout", "1s")()

    def attempt():
        begun = time.monotonic()
        words = client.ask(SLOW[road])
        taken = time.monotonic() - begun
        assert told(words, "Notice") == [["57014", "canceling statement due to query_timeout"]]
        assert [values[0] for values in told(words, "Error")] == ["57014"], words
        assert words[-1] == ("ReadyForQuery", ["I"])
        return taken

    in_time(attempt)
    assert told(client.ask("SELECT 1"), "DataRow") == [["1"]]


def test_prepared_query_that_takes_too_long_is_cancelled(start):
    client = start("postgres", "--query-timeout", "1s")()

    def attempt():
        begun = time.monotonic()
        client.send(SENT["Parse"]("", SLOW["postgres"]) + SENT["Bind"]() + SENT["Execute"]() + SENT["Sync"]())
        assert [values[0] for values in told(client.hear(), "Error")] == ["57014"]
        return time.monotonic() - begun

    in_time(attempt)


@both
def test_query_timeout_lets_idle_clients_and_idle_transactions_be(start, road):
    client = start(road, "--query-timeout", "1s")
    idle, busy = client(), client()
    busy.ask("BEGIN")
    busy.ask("SELECT 1")
    assert idle.hears_nothing(1.3) and busy.hears_nothing(0)
    assert told(busy.ask("SELECT 2"), "DataRow") == [["2"]]
    assert told(idle.ask("SELECT 3"), "DataRow") == [["3"]]


@both
def test_time_in_the_queue_is_not_query_time(start, road):
    client = start(road, "--query-timeout", "1s", "--pool-size", "1")
    holder, waiting = client(), client()
    holder.ask("BEGIN")
    holder.ask("SELECT 1")
    waiting.send(SENT["Query"]("SELECT 2"))
    assert waiting.hears_nothing(1.3)
    holder.ask("COMMIT")
    assert told(waiting.hear(), "DataRow") == [["2"]]


def test_what_a_client_thinks_between_its_messages_is_not_query_time(start):
    client = start("postgres", "--query-timeout", "3s")()
    client.send(SENT["Parse"]("", "SELECT pg_sleep(0.3)") + SENT["Describe"]("S") + SENT["Flush"]())
    for _ in range(3):
        client.read()
    assert client.hears_nothing(3.2)
    client.send(SENT["Bind"]() + SENT["Execute"]() + SENT["Sync"]())
    assert not told(client.hear(), "Error")


def test_each_query_of_a_pipeline_has_its_time(start):
    client = start("postgres", "--query-timeout", "3s")()
    client.send(SENT["Query"]("SELECT pg_sleep(1.6)") * 2)
    assert not told(client.hear() + client.hear(), "Error")
    client.send(SENT["Query"]("SELECT pg_sleep(1.6)") + SENT["Query"](SLOW["postgres"]) + SENT["Query"]("SELECT 3"))
    assert not told(client.hear(), "Error")
    assert [values[0] for values in told(client.hear(), "Error")] == ["57014"]
    assert told(client.hear(), "DataRow") == [["3"]]


def test_query_that_does_not_heed_its_cancel_ends_its_session(start):
    client = start("postgres", "--query-timeout", "1s")()

    def attempt():
        begun = time.monotonic()
        client.send(SENT["Query"]("DO $$ BEGIN FOR i IN 1..3 LOOP BEGIN PERFORM pg_sleep(7); "
                                  "EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$"))
        return ended(client, "57014", begun)

    in_time(attempt, 6.0)


def test_session_that_ends_in_the_middle_of_a_row_is_not_told_a_false_one(start):
    """A client that does not read holds the server; what it is told is whole
    messages, and perhaps a last one that is cut, never one with a foreign end."""
    client = start("postgres", "--transaction-timeout", "3s")()
    client.send(SENT["Query"]("SELECT repeat('x', 30000000)"))
    start.weirs[0].wait_for_line("session ended")
    while client.more():
        pass
    assert client.rest.startswith(b"T") and b"25P04" not in client.rest


# --- transaction_timeout


@both
def test_transaction_that_takes_too_long_is_ended_and_rolled_back(start, road):
    client = start(road, "--transaction-timeout", "1s")
    other = client()
    other.ask("CREATE TABLE IF NOT EXISTS t_timeout (n int)")

    def attempt():
        alice, begun = client(), time.monotonic()
        words = alice.ask("BEGIN")
        while words[-1][0] != "Closed":
            words = alice.ask("INSERT INTO t_timeout VALUES (1)") if alice.hears_nothing(0.13) else alice.hear()
        taken = time.monotonic() - begun
        assert [values[0] for values in told(words, "Error")] == ["25P04"], words
        return taken

    in_time(attempt)
    assert told(other.ask("SELECT count(*) FROM t_timeout"), "DataRow") == [["0"]]
    other.ask("DROP TABLE t_timeout")


@both
def test_single_statement_that_takes_too_long_is_a_transaction(start, road):
    client = start(road, "--transaction-timeout", "1s")

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.send(SENT["Query"](SLOW[road]))
        return ended(alice, "25P04", begun)

    in_time(attempt)
    assert told(client("bob").ask("SELECT 1"), "DataRow") == [["1"]]


@both
def test_transactions_one_after_the_other_are_let_be(start, road):
    client = start(road, "--transaction-timeout", "3s")()
    until = time.monotonic() + 3.3
    while time.monotonic() < until:
        for text in ("SELECT 1", "BEGIN", "SELECT 2", "COMMIT"):
            assert not told(client.ask(text), "Error")
        assert client.hears_nothing(0.1)
    assert client.hears_nothing(3.2)
    assert not told(client.ask("SELECT 3"), "Error")


def test_each_transaction_of_a_pipeline_has_its_time(start):
    client = start("postgres", "--transaction-timeout", "3s")
    one = client()
    one.send(SENT["Query"]("SELECT pg_sleep(1.6)") * 2)
    assert not told(one.hear() + one.hear(), "Error")

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.send(SENT["Query"]("SELECT pg_sleep(1.6)") + SENT["Query"]("BEGIN"))
        alice.hear(), alice.hear()
        return ended(alice, "25P04", begun) - 1.6

    in_time(attempt, 3.0)


def test_time_in_session_mode_is_of_transactions_too(start):
    client = start("postgres", "--transaction-timeout", "1s", "--pool-mode", "session")

    def attempt():
        alice = client()
        alice.ask("SELECT 1")
        assert alice.hears_nothing(1.3)
        begun = time.monotonic()
        alice.ask("BEGIN")
        return ended(alice, "25P04", begun)

    in_time(attempt)


# --- idle_transaction_timeout


@both
@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_client_that_is_idle_in_a_transaction_is_ended(start, road, mode):
    client = start(road, "--idle-transaction-timeout", "1s", "--pool-mode", mode)

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.ask("BEGIN; SELECT 1")
        return ended(alice, "25P03", begun)

    in_time(attempt)


def test_client_that_keeps_a_batch_open_is_idle_in_a_transaction(start):
    client = start("postgres", "--idle-transaction-timeout", "1s")

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.send(SENT["Parse"]("", "SELECT 1") + SENT["Flush"]())
        assert alice.read()[0] == b"1"
        return ended(alice, "25P03", begun)

    in_time(attempt)


def test_query_in_a_transaction_is_not_idle(start):
    client = start("postgres", "--idle-transaction-timeout", "1s")

    def attempt():
        alice, begun = client(), time.monotonic()
        assert not told(alice.ask("BEGIN; SELECT pg_sleep(1.5)"), "Error")
        return ended(alice, "25P03", begun) - 1.5

    in_time(attempt)


@both
def test_client_that_is_idle_outside_is_not_idle_in_a_transaction(start, road):
    client = start(road, "--idle-transaction-timeout", "1s")()
    for text in ("BEGIN", "SELECT 1", "COMMIT"):
        client.ask(text)
    assert client.hears_nothing(1.3)
    assert told(client.ask("SELECT 2"), "DataRow") == [["2"]]


# --- client_idle_timeout


@both
@pytest.mark.parametrize("mode", ["transaction", "session"])
def test_client_that_is_idle_is_ended(start, road, mode):
    client = start(road, "--client-idle-timeout", "1s", "--pool-mode", mode)

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.ask("SELECT 1")
        return ended(alice, "57P05", begun)

    in_time(attempt)


@pytest.mark.parametrize("text", ["LISTEN heard", "CREATE TEMP TABLE held (n int)", "SELECT pg_advisory_lock(7)"])
def test_client_that_is_idle_is_ended_whatever_it_holds(start, text):
    client = start("postgres", "--client-idle-timeout", "1s")

    def attempt():
        alice, begun = client(), time.monotonic()
        alice.ask(text)
        return ended(alice, "57P05", begun)

    in_time(attempt)


def test_client_that_never_asked_anything_is_idle(start):
    client = start("sqlite", "--client-idle-timeout", "1s")

    def attempt():
        begun = time.monotonic()
        return ended(client(), "57P05", begun)

    in_time(attempt)


@both
def test_client_that_asks_now_and_then_is_not_idle(start, road):
    client = start(road, "--client-idle-timeout", "3s")()
    for _ in range(4):
        assert client.hears_nothing(0.9)
        assert told(client.ask("SELECT 1"), "DataRow") == [["1"]]


@both
def test_client_in_a_transaction_or_in_the_queue_is_not_idle(start, road):
    client = start(road, "--client-idle-timeout", "2s", "--pool-size", "1")
    holder, waiting = client(), client()
    holder.ask("BEGIN")
    holder.ask("SELECT 1")
    waiting.send(SENT["Query"]("SELECT 2"))
    assert holder.hears_nothing(2.3) and waiting.hears_nothing(0)
    holder.ask("COMMIT")
    assert told(waiting.hear(), "DataRow") == [["2"]]


def test_query_that_runs_is_not_idle(start):
    client = start("postgres", "--client-idle-timeout", "1s")()
    assert not told(client.ask("SELECT pg_sleep(1.5)"), "Error")


def test_a_reload_takes_limits(start, tmp_path):
    path = tmp_path / "weir.yaml"
    text = f"listen:\n  tcp: ['127.0.0.1:0']\ndatabases:\n  app:\n    backend: sqlite:{tmp_path / 'a.db'}\n"
    path.write_text(text)
    weir = Weir("--config", path)
    client = Client(Endpoint("sqlite", weir.port, weir=weir), "alice")
    try:
        assert not client.log_in()
        assert client.hears_nothing(0.5)
        path.write_text(text + "    client_idle_timeout: 1s\n")
        weir.signal(1)
        weir.wait_for_line("msg=reloaded")
        assert [values[0] for values in told(client.hear(), "Error")] == ["57P05"]
    finally:
        client.socket.close()
        weir.stop()


# --- a host that vanishes


def test_kernel_watches_over_a_silent_client(start):
    """/proc/net/tcp shows which timer runs on a connection: 02 is keepalive."""
    client = start("sqlite")()
    ends = "".join(f"{'%02X' * 4}:%04X " % (*reversed(socket.inet_aton(host)), port) for host, port in (
        ("127.0.0.1", client.endpoint.port), client.socket.getsockname()))
    [line] = [line for line in open("/proc/net/tcp") if ends in line]
    timer, left = line.split()[5].split(":")
    assert timer == "02" and int(left, 16) <= 3000


def test_timeouts_are_counted(start):
    port = free_port()
    client = start("sqlite", "--query-timeout", "1s", "--idle-transaction-timeout", "100ms",
                   "--listen-http", f"127.0.0.1:{port}")()
    client.ask(SLOW["sqlite"])
    client.ask("BEGIN")
    assert [values[0] for values in told(client.hear(), "Error")] == ["25P03"]
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
    assert "\nweir_queries_timed_out_total 1\n" in metrics and "\nweir_sessions_timed_out_total 1\n" in metrics


def test_many_idle_clients_cost_nothing(start):
    """Limits that are far away are not looked for: the ticks of 300 sessions
    with every limit set take no more of a processor than those of one."""
    client = start("sqlite", "--client-idle-timeout", "1h", "--query-timeout", "1h",
                   "--transaction-timeout", "1h", "--idle-transaction-timeout", "1h")
    clients = [client() for _ in range(300)]
    pid = client.endpoint.weir.process.pid

    def ticks():
        return sum(int(word) for word in open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13])

    before = ticks()
    assert clients[0].hears_nothing(2)
    assert ticks() - before <= 6, "hundredths of a second in two seconds"
