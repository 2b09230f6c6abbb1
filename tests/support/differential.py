"""Is it Postgres, or is it a pooler? A scenario is a function that takes a
World and lets clients talk. It is run with Postgres itself, which is the
truth, and then through a weir of its own with three servers; what its clients
were told must be the same, message by message.

With few clients a pooler tends to give each its last server back, and nothing
shows. So there are holders: clients nobody hears of, which hold every free
server and let go of one. What comes next lands there.

    for _ in world.everywhere():     once on each server, all clients on it
    world.move()                     on to the next server
    with world.occupied():           no server is free: queries queue

With Postgres itself these do nothing, and little with strict_dev, where weir
gives out its servers in turn: there the holders only have all of them opened
at the beginning. Else the holders let go when a client is in a
transaction, or waits for longer than a moment: then it needs another server.

Compared: types, columns, rows, tags, all fields of errors and notices but
those that name places in the server's source, the status, and which reported
parameters have a new value at each ReadyForQuery. Not compared: process ids,
OIDs of what users made, numbers of temporary schemas, and the moment at which
a notification comes (their order and number are)."""

import contextlib
import difflib
import functools
import itertools
import re
import select
import socket
import struct
import time

from .cluster import PASSWORD, USER
from .talk import KINDS, SENT, Client, columns, fields, message, row
from .weir import Endpoint, Weir

DATABASE, POOL_SIZE = "differential", 3
PATIENCE = 0.1          # then whoever waits is thought to need another server
ANSWER_TIMEOUT = 40
FENCES = itertools.count(1)
FIRST_USER_OID = 16384
SENT_KINDS = {"Q": "Query", "P": "Parse", "B": "Bind", "D": "Describe", "E": "Execute", "C": "Close",
              "S": "Sync", "H": "Flush", "d": "CopyData", "c": "CopyDone", "f": "CopyFail",
              "F": "FunctionCall", "X": "Terminate"}

query, parse, bind, describe, execute, close, sync, flush, copy_data, copy_done, copy_fail = (
    SENT[name] for name in ("Query", "Parse", "Bind", "Describe", "Execute", "Close", "Sync", "Flush",
                            "CopyData", "CopyDone", "CopyFail"))


def function_call(oid, *values):
    """The message few remember; text in and out."""
    body = struct.pack("!Ihh", oid, 0, len(values))
    for value in values:
        body += struct.pack("!i", len(value.encode())) + value.encode()
    return message(b"F", body + struct.pack("!h", 0))


class Over(Exception):
    """The conversation cannot go on; the transcript says why."""


# --- what is written down -----------------------------------------------------

def shown(value):
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else value.decode(errors="backslashreplace")
    text = re.sub(r"pg_(toast_)?temp_\d+", r"pg_\1temp_N", text)
    text = text.replace("\0", " ").replace("\n", "\\n")
    return text if len(text) < 200 else f"{text[:60]}... {len(text)} characters, hash {hash(text)}"


def shown_oid(oid):
    return str(oid) if oid < FIRST_USER_OID else "user's"


def shown_columns(body):
    at, told = 2, []
    for name in columns(body):
        at = body.index(b"\0", at) + 1
        table, number, kind, size, modifier, style = struct.unpack_from("!IhIhih", body, at)
        told.append(f"{name} {shown_oid(table)}.{number} {shown_oid(kind)} {size} {modifier} {style}")
        at += 18
    return "; ".join(told)


def shown_message(kind, body):
    name = KINDS.get(kind, repr(kind))
    if name in ("Error", "Notice"):
        told = {letter: text for letter, text in fields(body).items() if letter not in "FLR"}
        return name + " " + ", ".join(f"{letter}={shown(text)}" for letter, text in sorted(told.items()))
    if name == "RowDescription":
        return f"{name} {shown_columns(body)}"
    if name == "ParameterDescription":
        return name + " " + " ".join(map(shown_oid, struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])))
    if name == "DataRow":
        return f"{name} " + "|".join("NULL" if value == "NULL" else shown(value) for value in row(body))
    return f"{name} {shown(body)}".rstrip()


def shown_request(data):
    told = []
    while data:
        length = struct.unpack_from("!i", data, 1)[0]
        told.append(f"{SENT_KINDS.get(chr(data[0]), data[:1])} {shown(data[5:length + 1])}".rstrip())
        data = data[length + 1:]
    return " | ".join(told) if len(told) < 20 else f"{len(told)} messages"


# --- who speaks ---------------------------------------------------------------

class Party(Client):
    """A client everything of which is written down."""

    def __init__(self, world, name, endpoint, startup):
        super().__init__(endpoint, name)
        self.world, self.reported, self.known, self.heard = world, {}, {}, []
        self.quiet, self.idle, self.heard_before = True, True, 0
        refused = self.log_in(database=DATABASE, **startup)
        self.quiet = False
        self.note(f"logs in {refused}".rstrip())
        self.note_parameters()
        if refused:
            raise Over

    def note(self, text):
        if not self.quiet:
            self.world.transcript.append(f"{self.name} {text}")

    def note_parameters(self):
        for name in sorted(set(self.reported) | set(self.known)):
            if self.reported.get(name) != self.known.get(name):
                self.note(f"< {name} is {shown(self.reported.get(name))}")
        self.known = dict(self.reported)

    # --- bytes

    def more(self, timeout=ANSWER_TIMEOUT):
        if not select.select([self.socket], [], [], PATIENCE)[0]:
            self.world.let_go()
            if not select.select([self.socket], [], [], timeout)[0]:
                self.note("< no answer")
                raise Over
        return super().more(0)

    def read(self):
        """The next message that is an answer: reports and notifications are taken in."""
        while True:
            kind, body = super().read()
            if kind == b"S":
                name, value = body.decode(errors="replace").split("\0")[:2]
                self.reported[name] = value
            elif kind == b"A":
                self.heard.append(" ".join(body[4:].decode().split("\0")[:2]))
            else:
                return kind, body

    def answer(self):
        """The next message, written down."""
        kind, body = self.read()
        if self.idle:               # what came first was sent before the question was read
            self.heard_before = len(self.heard)
        self.idle = kind == b"Z" and body == b"I"
        if kind == b"Z":
            self.note_parameters()
            if body != b"I":
                self.world.let_go()
                if len(self.heard) > self.heard_before:
                    self.note("< a notification, in a transaction")
            self.heard_before = len(self.heard)
        self.note("< Closed" if kind == "Closed" else f"< {shown_message(kind, body)}")
        return kind, body

    def send(self, data):
        if not self.quiet:
            self.note(f"> {shown_request(data)}")
        try:
            super().send(data)
        except OSError:
            pass        # the end is told when reading

    # --- conversations

    def until(self, kinds, count=1):
        """Reads to the `count`th message of these kinds; what came before it too."""
        told = []
        while count:
            kind, body = self.answer()
            told.append((kind, body))
            if kind == "Closed":
                raise Over
            count -= chr(kind[0]) in kinds
        return told

    def ask(self, *messages, ready=None):
        """Sends it all at once; reads a ReadyForQuery for each Sync, or as many as are said."""
        self.send(b"".join(messages))
        if ready is None:
            ready = sum(each[:1] in b"SQF" for each in messages)
        return self.until("Z", ready)

    def query(self, *texts):
        """Simple queries, one after the other."""
        told = []
        for text in texts:
            told += self.ask(query(text))
        return told

    def prepare(self, name, text, *oids):
        return self.ask(parse(name, text, *oids), sync())

    def run(self, name, *values):
        return self.ask(bind("", name, *values), describe("P"), execute(), sync())

    def extended(self, text, *values):
        return self.ask(parse("", text), bind("", "", *values), describe("P"), execute(), sync())

    @contextlib.contextmanager
    def unheard(self):
        """What is said here is not written down."""
        self.quiet = True
        try:
            yield
        finally:
            self.quiet = False

    def rows(self, *messages):
        """Asks without a record, and returns the rows."""
        with self.unheard():
            return [row(body) for kind, body in self.ask(*messages) if kind == b"D"]

    def hears(self):
        """Everything it was notified of, up to a fence of its own; it listens
        to `fence`, and may hear those of others at any time."""
        fence = f"fence {next(FENCES)}"
        self.world.sql("notify fence, '{}'".format(fence.split()[1]))
        while fence not in self.heard:
            self.listen(ANSWER_TIMEOUT)
        for each in self.heard[:self.heard.index(fence)]:
            if not each.startswith("fence "):
                self.note(f"< Notification {each}")
        self.heard = [each for each in self.heard[self.heard.index(fence) + 1:] if not each.startswith("fence ")]
        self.heard_before = 0
        if self.heard:
            self.note(f"< then {self.heard}")

    def hears_nothing(self):
        """Of one that does not listen: a moment must do."""
        with contextlib.suppress(Over), self.unheard():
            self.listen(0.2)
        self.note(f"< heard {self.heard}")

    def listen(self, timeout):
        """Takes in one notification."""
        before = len(self.heard)
        while len(self.heard) == before:
            if len(self.rest) < 5 and not select.select([self.socket], [], [], timeout)[0]:
                self.note("< no notification")
                raise Over
            header = self.take(5)
            if header is None:
                self.note("< Closed")
                raise Over
            body = self.take(struct.unpack("!i", header[1:])[0] - 4)
            if header[:1] == b"A":
                self.heard.append(" ".join(body[4:].decode().split("\0")[:2]))
            elif header[:1] == b"S":
                name, value = body.decode(errors="replace").split("\0")[:2]
                self.reported[name] = value
            else:
                self.note(f"< unasked: {shown_message(header[:1], body)}")

    def leave(self):
        self.note("leaves")
        with contextlib.suppress(OSError):
            super().leave()

    def crash(self):
        self.note("crashes")
        super().crash()

    def cancel_until_answered(self):
        """A cancel that comes too early is lost, with Postgres as well."""
        self.note("cancels")
        for _ in range(200):
            self.cancel()
            if select.select([self.socket], [], [], 0.3)[0]:
                return


class Plain(Client):
    """A client nobody hears of: the ground's, and the holders'."""

    def more(self, timeout=ANSWER_TIMEOUT):
        return super().more(timeout)

    def answers(self, timeout):
        return self.rest or select.select([self.socket], [], [], timeout)[0]

    def run(self, text):
        self.send(query(text))
        return self.finish(text)

    def finish(self, text):
        rows, trouble = [], None
        while True:
            kind, body = self.read()
            if kind == b"D":
                rows.append(row(body))
            elif kind == b"E":
                trouble = fields(body)
            elif kind == "Closed":
                raise OSError("closed")
            elif kind == b"Z":
                assert trouble is None, f"{text}: {trouble}"
                return rows


class Holders:
    """They hold servers, by process id. A server that is pinned to somebody
    cannot be had: whoever waits for it in vain takes its wish back, and waits
    less the next time."""

    HOLD = "begin; select pg_catalog.pg_backend_pid()"

    def __init__(self, endpoint):
        self.held, self.target, self.patience = {}, 0, PATIENCE / 2
        self.idle = [Plain(endpoint, "holder") for _ in range(POOL_SIZE)]
        for holder in self.idle:
            assert not holder.log_in(database=DATABASE)

    def hold(self):
        holder = self.idle.pop()
        try:
            holder.send(query(self.HOLD))
            if not holder.answers(self.patience):
                self.patience = PATIENCE / 5
                holder.cancel()
            self.held[int(holder.finish(self.HOLD)[0][0])] = holder
            return True
        except AssertionError:
            self.idle.append(holder)
        except OSError:
            holder.socket.close()
        return False

    def hold_all(self):
        while self.idle and self.hold():
            pass

    def release(self, pid):
        holder = self.held.pop(pid)
        try:
            holder.run("commit")
            self.idle.append(holder)
        except (AssertionError, OSError):
            holder.socket.close()

    def release_all(self):
        for pid in list(self.held):
            self.release(pid)

    def release_next(self):
        pids = sorted(self.held)
        if pids:
            self.target = next((pid for pid in pids if pid > self.target), pids[0])
            self.release(self.target)

    def leave(self):
        for holder in self.idle + list(self.held.values()):
            holder.socket.close()


class World:
    """One run of a scenario, on one road."""

    def __init__(self, endpoint, ground, in_turn=False):
        self.endpoint, self.ground, self.in_turn = endpoint, ground, in_turn
        self.transcript, self.parties = [], []
        self.holders = None if endpoint.is_direct else Holders(endpoint)
        if in_turn:
            self.holders.hold_all()
            self.holders.release_all()

    def client(self, name, **startup):
        return self.log_in(name, application_name=name, **startup)

    def log_in(self, name, **startup):
        """With these parameters and no other."""
        party = Party(self, name, self.endpoint, startup)
        self.parties.append(party)
        return party

    def clients(self, *names):
        return [self.client(name) for name in names]

    def sql(self, text):
        """Behind the pooler's back, as the superuser."""
        return self.ground.run(text)

    def until(self, text, value="t"):
        """Waits until the superuser is told so."""
        if self.endpoint.is_sqlite:
            return time.sleep(3 * PATIENCE)     # it shows nobody what others do
        for _ in range(2000):
            if self.sql(text) == [[value]]:
                return
            time.sleep(0.02)
        self.note(f"never {value}: {text}")
        raise Over

    def note(self, text):
        self.transcript.append(str(text))

    def move(self):
        if self.holders and not self.in_turn:
            self.holders.hold_all()
            self.holders.release_next()

    def everywhere(self):
        for number in range(POOL_SIZE):
            self.note(f"--- {number + 1}")
            self.move()
            yield number

    @contextlib.contextmanager
    def occupied(self):
        if not self.holders:
            yield
            return
        self.holders.hold_all()
        held, self.holders.held = self.holders.held, {}
        try:
            yield
        finally:
            self.holders.held.update(held)
            self.let_go()

    def let_go(self):
        if self.holders and self.holders.held:
            self.holders.release_all()

    def close(self):
        if self.holders:
            self.holders.leave()
        for party in self.parties:
            with contextlib.suppress(OSError):
                Client.leave(party)


# --- the ground ---------------------------------------------------------------

CLEAN = """
do $$
declare each text;
begin
	for each in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
		execute format('drop schema %I cascade', each);
	end loop;
end $$;
create schema public authorization app;
grant usage, create on schema public to public;
alter role app reset all;
alter database differential reset all"""


class Ground:
    """The database of the scenarios, and a superuser who makes it ready."""

    def __init__(self, cluster):
        self.cluster = cluster
        for role in ("reader", "writer"):
            cluster.sql(f"create role {role}")
            cluster.sql(f"grant {role} to {USER}")
        cluster.sql(f"create database {DATABASE} owner {USER}")
        self.roads = {name: self.direct(name, password)
                      for name, password in ((USER, PASSWORD), ("postgres", "postgres-password"))}
        self.enter()

    def enter(self):
        self.superuser = Plain(self.roads["postgres"], "ground")
        assert not self.superuser.log_in(database=DATABASE, application_name="ground",
                                         options="-c client_min_messages=error")

    def direct(self, user, password):
        endpoint = Endpoint("direct", self.cluster.port, cluster=self.cluster, password=password)
        endpoint.user = user
        return endpoint

    def run(self, text):
        return self.superuser.run(text)

    def clean(self):
        """Empty, whoever was there before being gone. One scenario that costs
        the superuser its connection must not cost every later one its ground."""
        try:
            self.run("rollback; select pg_advisory_unlock_all()")
        except OSError:
            self.enter()
        self.run("select pg_terminate_backend(pid) from pg_stat_activity "
                 f"where datname = '{DATABASE}' and pid <> pg_backend_pid()")
        for gid, in self.run("select gid from pg_prepared_xacts where database = current_database()"):
            self.run(f"rollback prepared '{gid}'")
        self.run(CLEAN)

    def truth(self, scenario):
        return self.hold(scenario, self.roads[user_of(scenario)])

    def through_weir(self, scenario, *options):
        road = self.roads[user_of(scenario)]
        backend = f"postgresql://{road.user}:{road.password}@127.0.0.1:{road.port}/{DATABASE}"
        weir = Weir("--pool-size", POOL_SIZE, *options, *getattr(scenario, "options", ()), backend)
        endpoint = Endpoint("postgres", weir.port, weir=weir, cluster=self.cluster)
        endpoint.user = road.user
        try:
            told = self.hold(scenario, endpoint, "--strict-dev" in options)
        except BaseException:
            weir.kill()
            raise
        weir.stop()
        return told

    def hold(self, scenario, endpoint, in_turn=False):
        """The transcript of one run."""
        self.clean()
        world = World(endpoint, self, in_turn)
        try:
            scenario(world)
        except (Over, socket.timeout):
            world.note("the conversation ends here")
        finally:
            world.close()
        return world.transcript


class Lite:
    """Instead of the ground: a weir on a file of its own. The superuser is one
    more client of it, so the holders let go before he speaks."""

    def __init__(self, directory, scenario, *options):
        self.weir = Weir("--pool-size", POOL_SIZE, *options, *getattr(scenario, "options", ()),
                         f"sqlite:{directory / 'differential.db'}")
        self.endpoint = Endpoint("sqlite", self.weir.port, weir=self.weir)
        self.endpoint.user = user_of(scenario)
        self.client, self.world = None, None

    def run(self, text):
        self.world.let_go()
        if not self.client:
            self.client = Plain(self.endpoint, "ground")
            assert not self.client.log_in(database=DATABASE)
        return self.client.run(text)

    def hold(self, scenario, in_turn=False):
        self.world = World(self.endpoint, self, in_turn)
        try:
            scenario(self.world)
        except (Over, socket.timeout):
            self.world.note("the conversation ends here")
        except AssertionError as refused:
            self.world.note(f"the superuser is refused: {refused}")
        finally:
            self.world.close()
        return self.world.transcript

    def stop(self):
        if self.client:
            self.client.socket.close()
        self.weir.stop()


OWN_PARAMETERS = re.compile(r".* < (server_version|is_superuser|session_authorization|TimeZone) is ")


def comparable(transcript):
    """Without what a SQLite backend may say of itself."""
    return [re.sub(", W=.*", "", line.replace("Etc/UTC", "UTC")) for line in transcript if not OWN_PARAMETERS.match(line)]


def on_sqlite(directory, scenario, *options):
    lite = Lite(directory, scenario, *options)
    try:
        told = lite.hold(scenario, "--strict-dev" in options)
    except BaseException:
        lite.weir.kill()
        raise
    lite.stop()
    return told


def user_of(scenario):
    return getattr(scenario, "user", USER)


# --- what a scenario may say of itself ----------------------------------------

def as_superuser(scenario):
    """Its clients are superusers."""
    scenario.user = "postgres"
    return scenario


def weir(*options):
    """Its weir has these options besides."""
    def mark(scenario):
        scenario.options = options
        return scenario
    return mark


def each(*texts):
    """It is as many scenarios, one with each of these texts."""
    def mark(scenario):
        scenario.texts = texts
        return scenario
    return mark


def with_texts(scenario):
    """The scenarios that a function is, by what is behind its name."""
    if not hasattr(scenario, "texts"):
        yield "", scenario
    for number, text in enumerate(getattr(scenario, "texts", ()), 1):
        one = functools.partial(scenario, text=text)
        functools.update_wrapper(one, scenario)
        yield f".{number}", one


def difference(truth, told):
    """Empty, or what a reader needs: `-` is Postgres, `+` is weir."""
    return "\n".join(list(difflib.unified_diff(truth, told, "Postgres", "weir", n=3, lineterm=""))[2:])
