"""How many clients there may be: in all, of a database, of a user in it. They
are judged when a client has proved who it is, and every way a session ends
makes room."""

import time

import pytest

from conftest import open_road
from support.cluster import free_port
from support.talk import SENT, Client, startup
from support.waiting import PATIENCE_S
from support.weir import Endpoint, Weir


CONNECTED = []


@pytest.fixture(autouse=True)
def who_comes_stays():
    """Else a client that no variable holds would be gone at once."""
    yield
    while CONNECTED:
        CONNECTED.pop().socket.close()


@pytest.fixture
def start(request, tmp_path):
    weirs = []

    def start(road, *options):
        endpoint = open_road(road, tmp_path, request, *options)
        weirs.append(endpoint.weir)
        return endpoint

    yield start
    for weir in weirs:
        weir.stop()


@pytest.fixture
def configured(tmp_path):
    """A weir of two SQLite databases and every user, with `options` for "app"."""
    path, weirs = tmp_path / "weir.yaml", []

    def write(*options):
        path.write_text("listen:\n  tcp: ['127.0.0.1:0']\ndatabases:\n" + "".join(
            f"  {name}:\n    backend: sqlite:{tmp_path / name}.db\n" for name in ("other", "app")) + "".join(
            f"    {option}\n" for option in options))

    def start(*options):
        write(*options)
        weirs.append(Weir("--config", path))
        return Endpoint("sqlite", weirs[-1].port, weir=weirs[-1])

    start.write = write
    yield start
    for weir in weirs:
        weir.stop()


def come(endpoint, refused="", **parameters):
    client = Client(endpoint, "client")
    CONNECTED.append(client)
    assert client.log_in(**parameters) == refused, client.refusal
    return client


def come_when_there_is_room(endpoint, **parameters):
    """weir hears of an end a moment after the client has made it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        client = Client(endpoint, "client")
        refused = client.log_in(**parameters)
        if not refused:
            CONNECTED.append(client)
            return client
        assert refused == "53300"
        client.socket.close()
    raise AssertionError("there is never room")


@pytest.mark.parametrize("road", ["sqlite-tls", "postgres-tls"])
def test_clients_in_all_are_limited(start, road):
    endpoint = start(road, "--max-client-conn", "2")
    one, two = come(endpoint), come(endpoint)
    third = come(endpoint, "53300")
    assert (third.refusal["V"], third.refusal["M"]) == ("FATAL", "sorry, too many clients already")
    assert third.read()[0] == "Closed"
    assert ("DataRow", ["1"]) in one.ask("SELECT 1") and ("DataRow", ["2"]) in two.ask("SELECT 2")
    one.leave()
    come_when_there_is_room(endpoint)


def test_nobody_learns_of_limits_without_a_password(start):
    endpoint = start("sqlite-tls", "--max-client-conn", "1", "--max-db-client-connections", "1")
    come(endpoint)
    stranger = Endpoint(endpoint.name, endpoint.port, ca=endpoint.ca, password="wrong")
    come(stranger, "28P01")
    come(stranger, "28P01", user="nobody")
    come(endpoint, "53300")


def test_who_has_not_logged_in_takes_nobodys_place(start):
    endpoint = start("sqlite-tls", "--max-client-conn", "2")
    one, half = Client(endpoint, "silent"), Client(endpoint, "half")
    half.start_tls()
    half.send(startup(user=endpoint.user, database="app"))
    assert half.read()[0] == b"R"
    half.crash()
    come_when_there_is_room(endpoint), come(endpoint)
    come(endpoint, "53300")
    one.crash()


def test_those_logging_in_are_limited_among_themselves(start):
    endpoint = start("sqlite", "--max-client-conn", "3")
    silent = [Client(endpoint, "silent") for _ in range(3)]
    assert come(endpoint, "53300")
    for one in silent:
        one.crash()
    come_when_there_is_room(endpoint)


def test_clients_of_a_database_are_limited(configured):
    endpoint = configured("max_db_client_connections: 2")
    one, two = come(endpoint), come(endpoint, user="bob")
    third = come(endpoint, "53300", user="carol")
    assert (third.refusal["V"], third.refusal["M"]) == ("FATAL", 'too many connections for database "app"')
    come(endpoint, database="other")
    come(endpoint, database="other"), come(endpoint, database="other")
    one.leave()
    come_when_there_is_room(endpoint, user="carol")
    two.crash()
    come_when_there_is_room(endpoint, user="carol")
    come(endpoint, "53300")


def test_clients_of_a_user_are_limited(configured):
    endpoint = configured("max_user_client_connections: 2")
    one, _two = come(endpoint), come(endpoint)
    third = come(endpoint, "53300")
    assert (third.refusal["V"], third.refusal["M"]) == ("FATAL", 'too many connections for role "app"')
    come(endpoint, user="bob"), come(endpoint, user="bob")
    come(endpoint, "53300", user="bob")
    come(endpoint, database="other"), come(endpoint, database="other"), come(endpoint, database="other")
    one.crash()
    come_when_there_is_room(endpoint)
    come(endpoint, "53300")


def test_one_user_of_many_databases_behind_one_entry_is_one(start):
    endpoint = start("sqlite", "--max-user-client-connections", "2", "--max-db-client-connections", "3")
    come(endpoint, database="a"), come(endpoint, database="b")
    assert come(endpoint, "53300", database="c").refusal["M"] == 'too many connections for role "app"'
    come(endpoint, database="c", user="bob")
    assert come(endpoint, "53300", database="d", user="carol").refusal["M"] == \
        'too many connections for database "d"'


@pytest.mark.parametrize("road", ["postgres", "sqlite"])
def test_every_way_a_session_ends_makes_room(start, road):
    """Were one of them not counted down, the last clients would not get in."""
    endpoint = start(road, "--max-client-conn", "4", "--max-db-client-connections", "3",
                     "--max-user-client-connections", "2", "--idle-transaction-timeout", "100ms",
                     "--client-idle-timeout", "500ms", "--pool-size", "1")

    def is_refused():
        assert come_or_wait(nonsense_of_weirs="1").startswith(("42", "22"))

    def come_or_wait(**parameters):
        while True:
            client = Client(endpoint, "client")
            refused = client.log_in(**parameters)
            client.socket.close()
            if refused != "53300":
                return refused

    def leaves():
        come_when_there_is_room(endpoint).leave()

    def crashes():
        come_when_there_is_room(endpoint).crash()

    def crashes_in_a_transaction():
        client = come_when_there_is_room(endpoint)
        client.ask("BEGIN; SELECT 1")
        client.crash()

    def crashes_in_the_queue():
        holder = come_when_there_is_room(endpoint)
        holder.ask("BEGIN; SELECT 1")
        other = come_when_there_is_room(endpoint)
        other.send(SENT["Query"]("SELECT 2"))
        other.crash()
        holder.leave()

    def speaks_nonsense():
        client = come_when_there_is_room(endpoint)
        client.send(b"~\0\0\0\4")
        assert [words[0] for name, words in client.hear() if name == "Error"] == ["08P01"]

    def is_late():
        client = come_when_there_is_room(endpoint)
        client.ask("BEGIN; SELECT 1")   # in one: it may not be idle in between
        assert [words[0] for name, words in client.hear() if name == "Error"] == ["25P03"]

    def is_idle():
        client = come_when_there_is_room(endpoint)
        assert [words[0] for name, words in client.hear() if name == "Error"] == ["57P05"]

    for end in (is_refused, leaves, crashes, crashes_in_a_transaction, crashes_in_the_queue, speaks_nonsense,
                is_late, is_idle):
        for _ in range(3):
            end()
    last = [come_when_there_is_room(endpoint), come_when_there_is_room(endpoint)]
    for client in last:
        client.send(SENT["Query"]("SELECT pg_sleep(60)"))   # nobody is idle, who runs it or waits for it
    come(endpoint, "53300")
    for client in last:
        client.crash()


def test_login_that_finds_no_server_makes_room():
    weir = Weir("--max-db-client-connections", "1", "--queue-timeout", "100ms",
                f"postgresql://app@127.0.0.1:{free_port()}/app")
    try:
        for _ in range(3):
            come(Endpoint("postgres", weir.port, weir=weir), "57P03")
    finally:
        weir.stop()


def test_a_reload_takes_limits(configured):
    endpoint = configured("max_db_client_connections: 1")
    come(endpoint)
    come(endpoint, "53300")
    configured.write("max_db_client_connections: 2", "max_user_client_connections: 0")
    endpoint.weir.signal(1)
    endpoint.weir.wait_for_line("msg=reloaded")
    come(endpoint)
    come(endpoint, "53300")


def test_limits_that_are_not_set_are_none(start):
    endpoint = start("sqlite")
    clients = [come(endpoint) for _ in range(50)]
    assert all(not one.refusal for one in clients)
