"""pool_mode session: a private connection in every respect, and clean for whoever
has it next. pool_mode statement: no transaction of several statements, however
it is begun, and nothing is left of one."""

import psycopg
import pytest

from conftest import open_road
from support.talk import SENT, Client, message, zero
from support.waiting import eventually


@pytest.fixture
def start(request, tmp_path):
    weirs, clients = [], []

    def start(road, mode, size):
        endpoint = open_road(road, tmp_path, request, "--pool-mode", mode, "--pool-size", str(size))
        weirs.append(endpoint.weir)

        def client(name="alice"):
            clients.append(Client(endpoint, name))
            assert not clients[-1].log_in()
            return clients[-1]

        client.endpoint = endpoint
        return client

    yield start
    for one in clients:
        one.socket.close()
    for weir in weirs:
        weir.stop()


@pytest.fixture
def table(cluster):
    cluster.sql("DROP TABLE IF EXISTS kept; CREATE TABLE kept (n int); ALTER TABLE kept OWNER TO app", "app")
    yield "kept"
    cluster.sql("DROP TABLE kept", "app")


both = pytest.mark.parametrize("road", ["postgres", "sqlite"])


def rows(client, text):
    words = client.ask(text)
    assert not [values for name, values in words if name == "Error"], words
    return [values for name, values in words if name == "DataRow"]


def errors(words):
    return [values[0] for name, values in words if name == "Error"]


# --- session mode

# what a session may leave behind: it is made, seen by who made it, and what
# a new session sees in its place
STATE = {
    "setting": ("SET statement_timeout = '7s'", "SHOW statement_timeout", "7s", "0"),
    "search path": ("SET search_path = pg_catalog", "SHOW search_path", "pg_catalog", '"$user", public'),
    "set_config": ("SELECT set_config('app.tenant', 't1', false)",
                   "SELECT coalesce(current_setting('app.tenant', true), '')", "t1", ""),
    "temporary table": ("CREATE TEMP TABLE mine AS SELECT 1 AS n",
                        "SELECT count(*) FROM pg_class WHERE relname = 'mine'", "1", "0"),
    "cursor": ("BEGIN; DECLARE held CURSOR WITH HOLD FOR SELECT 1; COMMIT", "SELECT count(*) FROM pg_cursors",
               "1", "0"),
    "lock": ("SELECT pg_advisory_lock(71)",
             "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 71", "1", "0"),
    "SQL-level PREPARE": ("PREPARE mine AS SELECT 1",
                          "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'", "1", "0"),
    "LISTEN": ("LISTEN heard", "SELECT count(*) FROM pg_listening_channels()", "1", "0"),
}


def test_session_mode_keeps_everything_and_leaves_nothing(start):
    client = start("postgres", "session", 1)
    one = client()
    for make, show, mine, _ in STATE.values():
        assert not errors(one.ask(make)), make
    for _ in range(2):
        for make, show, mine, _ in STATE.values():
            assert rows(one, show) == [[mine]], make
    one.leave()
    two = client("bob")
    for make, show, _, fresh in STATE.values():
        assert rows(two, show) == [[fresh]], f"left behind by {make}"


@pytest.mark.parametrize("what", STATE)
def test_session_mode_leaves_nothing_of_who_crashes(start, what):
    make, show, mine, fresh = STATE[what]
    client = start("postgres", "session", 1)
    one = client()
    assert not errors(one.ask(make))
    assert rows(one, show) == [[mine]]
    one.crash()
    assert rows(client("bob"), show) == [[fresh]]


@both
def test_session_mode_keeps_one_server_for_each(start, road):
    client = start(road, "session", 2)
    one, two = client(), client("bob")
    for turn in range(3):
        assert not errors(one.ask(f"SET app.name = 'one{turn}'")) and not errors(two.ask(f"SET app.name = 'two{turn}'"))
        assert rows(one, "SHOW app.name") == [[f"one{turn}"]] and rows(two, "SHOW app.name") == [[f"two{turn}"]]
    if road == "postgres":
        pids = [{rows(each, "SELECT pg_backend_pid()")[0][0] for _ in range(3)} for each in (one, two)]
        assert len(pids[0]) == len(pids[1]) == 1 and pids[0] != pids[1]
    three = client("carol")
    three.send(SENT["Query"]("SELECT 3"))
    assert three.hears_nothing(0.3)
    one.leave()
    assert ("DataRow", ["3"]) in three.hear()


@both
def test_session_mode_delivers_notifications_to_who_is_idle(start, road):
    client = start(road, "session", 2)
    one, two = client(), client("bob")
    assert not errors(one.ask("LISTEN news"))
    assert not errors(two.ask("NOTIFY news, 'it rains'"))
    kind, body = one.read()
    assert kind == b"A" and body[4:] == zero("news") + zero("it rains")
    assert not errors(one.ask("UNLISTEN news"))
    assert not errors(two.ask("NOTIFY news, 'it pours'"))
    assert one.hears_nothing(0.2)


@both
def test_session_mode_prepares_by_message_and_forgets(start, road):
    client = start(road, "session", 1)
    one = client()
    one.send(SENT["Parse"]("p", "SELECT 41 + 1") + SENT["Sync"]())
    assert not errors(one.hear())
    for _ in range(2):
        one.send(SENT["Bind"]("", "p") + SENT["Execute"]() + SENT["Sync"]())
        assert ("DataRow", ["42"]) in one.hear()
    one.leave()
    two = client("bob")
    two.send(SENT["Bind"]("", "p") + SENT["Execute"]() + SENT["Sync"]())
    assert errors(two.hear()) == ["26000"]
    two.send(SENT["Parse"]("p", "SELECT 43") + SENT["Bind"]("", "p") + SENT["Execute"]() + SENT["Sync"]())
    assert ("DataRow", ["43"]) in two.hear()


@both
def test_session_mode_fetches_from_a_held_cursor(start, road):
    one = start(road, "session", 1)()
    for text in ("BEGIN", "DECLARE held CURSOR WITH HOLD FOR SELECT 1 UNION ALL SELECT 2", "COMMIT"):
        assert not errors(one.ask(text)), text
    assert rows(one, "FETCH 1 FROM held") == [["1"]]
    assert rows(one, "FETCH 1 FROM held") == [["2"]]


def half_a_message(client, table):
    client.ask("BEGIN")
    client.ask(f"INSERT INTO {table} VALUES (1)")
    client.send(message(b"Q", zero(f"INSERT INTO {table} VALUES (2)"))[:-5])


def half_a_value(client, table):
    client.send(SENT["Parse"]("", f"INSERT INTO {table} SELECT length($1)") + SENT["Bind"]("", "", "x*100000")[:-5000])


CRASHES = {
    "in a transaction": lambda client, table: (client.ask("BEGIN"), client.ask(f"INSERT INTO {table} VALUES (1)")),
    "in a failed transaction": lambda client, table: (client.ask("BEGIN"), client.ask("SELECT 1/0")),
    "in a query": lambda client, table: client.send(
        SENT["Query"](f"INSERT INTO {table} SELECT 1 FROM pg_sleep(120)")),
    "in a COPY": lambda client, table: (client.send(SENT["Query"](f"COPY {table} FROM STDIN")), client.read(),
                                        client.send(SENT["CopyData"]("1") * 3)),
    "in a row of a COPY": lambda client, table: (client.send(SENT["Query"](f"COPY {table} FROM STDIN")), client.read(),
                                                 client.send(SENT["CopyData"]("1") + b"d\0\0\1\0" + b"1")),
    "in a COPY of an extended query": lambda client, table: (
        client.send(SENT["Parse"]("", f"COPY {table} FROM STDIN") + SENT["Bind"]() + SENT["Execute"]() +
                    SENT["Sync"]()), client.read(), client.send(SENT["CopyData"]("1"))),
    "in a COPY to it": lambda client, table: (
        client.send(SENT["Query"]("COPY (SELECT repeat('x', 1000) FROM generate_series(1, 200000)) TO STDOUT")),
        client.read()),
    "in a result": lambda client, table: (
        client.send(SENT["Query"]("SELECT repeat('x', 1000) FROM generate_series(1, 200000)")), client.read()),
    "in a batch": lambda client, table: client.send(
        SENT["Parse"]("", f"INSERT INTO {table} VALUES (1)") + SENT["Bind"]() + SENT["Execute"]() + SENT["Flush"]()),
    "in a message": half_a_message,
    "in a value": half_a_value,
}


IN_TRANSACTIONS = ("in a transaction", "in a failed transaction", "in a message")


@pytest.mark.parametrize("mode,where", [
    (mode, where) for mode in ("session", "transaction", "statement") for where in CRASHES
    if mode != "statement" or where not in IN_TRANSACTIONS])
def test_client_that_crashes_leaves_nothing(start, table, mode, where):
    client = start("postgres", mode, 1)
    one = client()
    assert not errors(one.ask("SET statement_timeout = '77s'"))
    CRASHES[where](one, table)
    one.crash()
    two = client("bob")
    assert rows(two, "SHOW statement_timeout") == [["0"]]
    assert rows(two, f"SELECT count(*) FROM {table}") == [["0"]]
    # a server that was closed ends a moment later, and long before what it ran would have
    eventually(lambda: rows(two, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND state <> 'idle' "
                                 "AND pid <> pg_backend_pid() AND query LIKE '%kept%'") == [["0"]], 60)


@pytest.mark.parametrize("where", ["in a transaction", "in a failed transaction", "in a COPY",
                                   "in a COPY of an extended query", "in a batch"])
def test_the_server_of_a_client_that_crashes_between_messages_is_kept(start, table, where):
    client = start("postgres", "transaction", 1)
    one = client()
    pid = rows(one, "SELECT pg_backend_pid()")
    CRASHES[where](one, table)
    one.crash()
    assert rows(client("bob"), "SELECT pg_backend_pid()") == pid


@pytest.mark.parametrize("where", ["in a transaction", "in a failed transaction", "in a COPY", "in a batch",
                                   "in a message", "in a value"])
def test_client_of_a_file_that_crashes_leaves_nothing(start, where):
    client = start("sqlite", "session", 1)
    one = client()
    assert not errors(one.ask("CREATE TABLE kept (n int)"))
    assert not errors(one.ask("SET statement_timeout = '77s'"))
    CRASHES[where](one, "kept")
    one.crash()
    two = client("bob")
    assert rows(two, "SHOW statement_timeout") == [["0"]]
    assert rows(two, "SELECT count(*) FROM kept") == [["0"]]


# --- statement mode

OPENED = {
    "BEGIN": lambda table: SENT["Query"]("BEGIN"),
    "START TRANSACTION": lambda table: SENT["Query"]("START TRANSACTION"),
    "one text": lambda table: SENT["Query"](f"BEGIN; INSERT INTO {table} VALUES (1)"),
    "a text that commits and begins": lambda table: SENT["Query"]("BEGIN; COMMIT; BEGIN"),
    "an extended query": lambda table: (SENT["Parse"]("", "BEGIN") + SENT["Bind"]() + SENT["Execute"]() +
                                        SENT["Sync"]()),
    "a pipeline": lambda table: b"".join(
        SENT["Parse"]("", text) + SENT["Bind"]() + SENT["Execute"]()
        for text in ("BEGIN", f"INSERT INTO {table} VALUES (1)")) + SENT["Sync"](),
    "queries in one write": lambda table: (SENT["Query"]("BEGIN") +
                                           SENT["Query"](f"INSERT INTO {table} VALUES (1)")),
    "one that failed": lambda table: SENT["Query"]("BEGIN; SELECT 1/0"),
}


@both
@pytest.mark.parametrize("how", OPENED)
def test_statement_mode_refuses_a_transaction_that_stays_open(start, road, how, request):
    client = start(road, "statement", 1)
    name = "kept"
    if road == "postgres":
        request.getfixturevalue("table")
    else:
        assert not errors(client().ask("CREATE TABLE kept (n int)"))
    one = client()
    one.send(OPENED[how](name))
    words = one.hear()
    while words[-1][0] != "Closed":
        words += one.hear()
    told = [values for kind, values in words if kind == "Error"][-1]
    assert told[0] == "0A000" and "pool_mode statement" in told[1], words
    assert rows(client("bob"), f"SELECT count(*) FROM {name}") == [["0"]]
    if road == "postgres":
        eventually(lambda: client.endpoint.cluster.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' "
                                                       "AND state LIKE 'idle in transaction%'") == "0")


@both
def test_statement_mode_serves_single_statements(start, road):
    client = start(road, "statement", 1)
    one, two = client(), client("bob")
    assert not errors(one.ask("CREATE TABLE IF NOT EXISTS singles (n int)"))
    assert not errors(one.ask("INSERT INTO singles VALUES (1); INSERT INTO singles VALUES (2)"))
    two.send(SENT["Parse"]("p", "INSERT INTO singles VALUES ($1)", "23") + SENT["Bind"]("", "p", "3") +
             SENT["Execute"]() + SENT["Sync"]())
    assert not errors(two.hear())
    one.send(SENT["Query"]("SELECT 1") + SENT["Query"]("INSERT INTO singles VALUES (4)") + SENT["Query"]("SELECT 2"))
    assert not errors(one.hear() + one.hear() + one.hear())
    two.send(b"".join(SENT["Bind"]("", "p", str(n)) + SENT["Execute"]() + SENT["Sync"]() for n in (5, 6)))
    assert not errors(two.hear() + two.hear())
    two.send(b"".join(SENT["Bind"]("", "p", str(n)) + SENT["Execute"]() for n in (7, 8)) + SENT["Sync"]())
    assert not errors(two.hear())
    one.send(SENT["Query"]("COPY singles FROM STDIN"))
    assert one.read()[0] == b"G"
    one.send(SENT["CopyData"]("9") + SENT["CopyDone"]())
    assert not errors(one.hear())
    assert errors(one.ask("SELECT 1/0")) == ["22012"]
    assert rows(two, "SELECT count(*), sum(n) FROM singles") == [["9", "45"]]
    assert rows(one, "SELECT count(*), sum(n) FROM singles") == [["9", "45"]]
    assert not errors(one.ask("DROP TABLE singles"))


@both
def test_statement_mode_undoes_a_text_that_fails(start, road):
    """Statements of one text are one transaction, which ends with it."""
    one = start(road, "statement", 1)()
    assert not errors(one.ask("CREATE TABLE IF NOT EXISTS texts (n int)"))
    assert errors(one.ask("INSERT INTO texts VALUES (1); SELECT 1/0; INSERT INTO texts VALUES (2)")) == ["22012"]
    assert rows(one, "SELECT count(*) FROM texts") == [["0"]]
    assert not errors(one.ask("BEGIN; INSERT INTO texts VALUES (1); COMMIT"))
    assert rows(one, "SELECT count(*) FROM texts") == [["1"]]
    assert not errors(one.ask("DROP TABLE texts"))


def test_statement_mode_serves_a_driver_in_autocommit(start):
    endpoint = start("postgres", "statement", 1).endpoint
    with psycopg.connect(endpoint.dsn(), autocommit=True) as one, psycopg.connect(endpoint.dsn(), autocommit=True) as two:
        for number in range(10):
            assert one.execute("SELECT %s::int", (number,)).fetchone() == (number,)
            assert two.execute("SELECT %s::text", (str(number),)).fetchone() == (str(number),)
        with pytest.raises(psycopg.Error), two.transaction():
            two.execute("SELECT 1")
        assert one.execute("SELECT 1").fetchone() == (1,)
