"""What real clients sent, recorded (../shared/driver-traffic/*.sql): each file
is one client's session, its statements in the order of their first appearance,
those that differ in literals only written down once. Here the recordings are
read and replayed, on Postgres and on weir.

A recording is not a whole session: what made an object may have been left out
as the repetition of another statement. tests/traffic/*.sql are the objects that
were there when a client came. Other things are put right as they are replayed:
- a transaction ends, as it did, with the phase that began it;
- in a transaction every statement has a savepoint, so that one that fails does
  not take along those that come after it;
- an example of parameters that was cut off is completed by plain values of the
  types that Postgres describes;
- what a server makes up is compared by kind: the time, UUIDs that were not
  sent, the number of a temporary schema;
- OIDs of what users made are other ones on each road. tests/traffic/recorded_oids
  names those that were recorded; they are sent as that name's OID, and what
  comes back is compared by name."""

import dataclasses
import datetime
import json
import pathlib
import re
import struct
import uuid

from .dialect import FIRST_USER_OID, Road, Statement, difference
from .talk import message, zero
from .weir import serve

HERE = pathlib.Path(__file__).parents[1] / "traffic"
RECORDINGS = HERE.parents[2] / "shared" / "driver-traffic"


@dataclasses.dataclass
class Block:
    place: str                  # file:line
    phases: tuple
    text: str
    values: list
    whole: bool                 # the example of parameters is not cut off
    types: tuple
    simple: bool

    @property
    def is_transaction(self):
        """Opens, ends or marks one: no savepoint can be around it."""
        bare = re.sub(r"(?s)\$(\w*)\$.*?\$\1\$|'[^']*'", "", self.text.lower())
        return any(re.match(r"\s*(begin|start|commit|end|rollback|savepoint|release|abort|set\s+transaction)\b", each)
                   for each in bare.split(";"))


@dataclasses.dataclass
class Recording:
    name: str
    startup: dict
    database: str
    blocks: list


def read_recording(path):
    head, *parts = re.split(r"(?m)^(?=-- sent: )", path.read_text())
    startup = json.loads(re.search(r"-- startup: (.*)", head)[1])
    line, blocks = head.count("\n") + 1, []
    for part in parts:
        blocks.append(read_block(f"{path.name}:{line}", part))
        line += part.count("\n")
    startup = {key: value for key, value in startup.items() if key not in ("protocol", "user")}
    return Recording(path.stem, startup, startup.pop("database"), blocks)


def read_block(place, part):
    marks, text = re.match(r"((?:-- .*\n)+)([\s\S]*)", part).groups()
    phases, how = re.match(r"-- sent: (.*) \[(.*?)\]", marks).groups()
    phases = re.sub(r" \.\.\. \(\d+ phases\)$", "", phases)
    text = text.rstrip("\n")
    text = text[:-1] if text.endswith(";") else text
    values, whole, types = read_values(marks), True, ()
    if values is not None:
        values, whole = values
    if "param OIDs" in how:
        types = [tuple(map(int, re.findall(r"\d+", each))) for each in how.split("param OIDs ")[1].split("|")]
        types = next((each for each in types if values is None or len(each) == len(values) or not whole), ())
    simple = not how.startswith("extended") or "a lone semicolon" in marks
    return Block(place, tuple(phases.split("; ")), text, values, whole, types, simple)


def read_values(marks):
    """(the values of the example, whether it is all of them), or None without one."""
    found = re.search(r"-- example bind: (.*)", marks)
    if not found:
        return None
    try:
        return json.loads(found[1]), True
    except ValueError:
        values, rest, decoder = [], found[1][1:], json.JSONDecoder()
        while rest:
            try:
                value, end = decoder.raw_decode(rest)
            except ValueError:
                break
            values.append(value)
            rest = rest[end:].lstrip(", ")
        return values, False


# --- a road on which recordings are replayed ------------------------------------

NAMES = (
    "select oid, 'relation ' || relnamespace::regnamespace::text || '.' || relname from pg_class where oid >= 16384",
    "select oid, 'type ' || typnamespace::regnamespace::text || '.' || typname from pg_type where oid >= 16384",
    "select oid, 'constraint ' || coalesce(conrelid, contypid)::text || conname from pg_constraint where oid >= 16384",
    "select oid, 'default ' || adrelid::text || ' ' || adnum from pg_attrdef where oid >= 16384",
    "select oid, 'label ' || enumtypid::text || ' ' || enumlabel from pg_enum where oid >= 16384",
    "select oid, 'schema ' || nspname from pg_namespace where oid >= 16384",
    "select oid, 'rule ' || ev_class::text || rulename from pg_rewrite where oid >= 16384",
    "select oid, 'trigger ' || tgrelid::text || tgname from pg_trigger where oid >= 16384",
    "select oid, 'function ' || proname from pg_proc where oid >= 16384",
    "select oid, 'role ' || rolname from pg_roles where oid >= 16384",
    "select oid, 'database ' || datname from pg_database where oid >= 16384",
    "select oid, 'extension ' || extname from pg_extension where oid >= 16384",
)
OID_TYPES = {20, 23, 26, 30, 1028, 24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191}
OF_OIDS = OID_TYPES - {20, 23}
TEXT_TYPES = {18, 19, 25, 1003, 1009, 1015, 1043, 114, 3802, 1114, 1184, 1082, 2951, 2287, 2249}
SAME_IN_BINARY = {18, 19, 25, 114, 1043}
OID = re.compile(rb"(?<![\d.])\d{5,10}(?![\d.])")
TEMPORARY = re.compile(rb"pg_(toast_)?temp_\d+")
UUID = 2950
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(\+00(:00)?|Z)?")
COPIED_BINARY = (b"PGCOPY\n\xff\r\n\0" + bytes(8) + struct.pack("!hiii1s", 2, 4, 1, 1, b"x") + b"\xff\xff")


class Replay(Road):
    """A session at one of the two, that knows what its users' OIDs mean."""

    def __init__(self, endpoint, name, database, startup):
        super().__init__(endpoint, name, database=database, **startup)
        self.names, self.copying, self.started, self.sent = {}, "", datetime.datetime.utcnow(), ""

    def say(self, data):
        self.copied = []
        return super().say(data)

    def read(self):
        kind, body = super().read()
        if kind == b"G":
            self.send(message(b"d", self.copied_row(body)) + message(b"c"))
            return b"S", b""
        if kind == b"d":
            self.copied.append((body,))
            return b"S", b""
        return kind, body

    def copied_row(self, body):
        if body[0]:
            return COPIED_BINARY
        return b"1,x\n" if "csv" in self.copying.lower() else b"1\tx\n"

    def ask(self, block, recorded, values, binary=False):
        """Sends the block, its OIDs being those of this road."""
        self.copying = block.text
        statement = self.statement(block, recorded, values)
        self.sent += statement.text + "".join(filter(None, statement.values))
        answer = self.put(statement, binary)
        if self.copied and answer.results:
            answer.results[-1].rows += self.copied
        return self.named(answer, binary)

    def statement(self, block, recorded, values):
        oids = {old: self.oid_of(name) for old, name in recorded.items()}
        text = re.sub(r"(?<![\w.])\d{5}(?![\w.])", lambda found: str(oids.get(int(found[0]), found[0])), block.text)
        return Statement(text, values=[self.value(each, oids) for each in values],
                         types=block.types, simple=block.simple)

    def describe(self, block, recorded):
        """What it would be prepared as."""
        statement = self.statement(block, recorded, [])
        return self.say(message(b"P", zero("") + zero(statement.text) + struct.pack(
            f"!h{len(block.types)}I", len(block.types), *block.types)) + message(b"D", b"S\0") + message(b"S"))

    def encoded(self, value, oid):
        if value is None or oid == "user's":
            return value
        name = Road.put(self, Statement(f"select quote_ident(typname) from pg_type where oid = {oid}", simple=True))
        told = Road.put(self, Statement(f"select $1::text::{name.results[0].rows[0][0].decode()}", values=[value]), True)
        return "hex:" + told.results[0].rows[0][0].hex()

    @staticmethod
    def value(value, oids):
        if not isinstance(value, str):
            return None if value is None else json.dumps(value)
        if re.fullmatch(r"hex:0000[0-9a-f]{4}", value):
            return f"hex:{oids.get(int(value[4:], 16), int(value[4:], 16)):08x}"
        return value

    def oid_of(self, name):
        answer = super().put(Statement(f"select '{name}'::regclass::oid" if not name.startswith("type ")
                                       else f"select '{name[5:]}'::regtype::oid", simple=True))
        return int(answer.results[0].rows[0][0]) if answer.results else 99999

    # --- names instead of OIDs

    def named(self, answer, binary):
        if any(self.strange(result, binary) for result in answer.results):
            self.learn()
        for result in answer.results:
            result.rows = [tuple(self.name_value(value, column, binary)
                                 for value, column in zip(row, result.columns or row)) for row in result.rows]
        return answer

    def strange(self, result, binary):
        return any(int(found) >= FIRST_USER_OID and int(found) not in self.names
                   for row in result.rows for value, column in zip(row, result.columns or ())
                   if value and column[1] in OID_TYPES for found in numbers(value, binary))

    def learn(self):
        for text in NAMES:
            answer = super().put(Statement(text, simple=True))
            for result in answer.results:
                self.names.update((int(oid), name) for oid, name in result.rows)
        for oid, name in self.names.items():        # those that are named by another
            self.names[oid] = OID.sub(lambda found: self.names.get(int(found[0]), found[0]), name)

    def name_value(self, value, column, binary):
        if value is None or not isinstance(column, tuple):
            return value
        kind = column[1]
        if kind in OID_TYPES and binary:
            named = str([self.names.get(each, each) for each in numbers(value, True)]).encode()
            return TEMPORARY.sub(rb"pg_\1temp_N", named)
        if kind == UUID:
            return self.random(value)
        if kind in OID_TYPES or kind in SAME_IN_BINARY or kind in TEXT_TYPES and not binary:
            value = OID.sub(lambda found: self.names.get(int(found[0]), found[0]), value)
            value = TEMPORARY.sub(rb"pg_\1temp_N", value)
        return self.moment(value, kind, binary)

    def moment(self, value, kind, binary):
        """What is told as the time of the replay is "now"."""
        if not binary:
            return MOMENT.sub(lambda found: b"now" if self.is_now(found[0]) else found[0], value)
        if kind in (1114, 1184) and abs(struct.unpack("!q", value)[0] / 1e6 - seconds(self.started)) < 3600:
            return b"now"
        return value

    def random(self, value):
        """A UUID that nobody sent is one that the server made up."""
        told = value.decode() if len(value) == 36 else str(uuid.UUID(bytes=value))
        return value if told in self.sent else b"a new one"

    def is_now(self, text):
        told = datetime.datetime.fromisoformat(text[:19].decode().replace("T", " "))
        return abs(seconds(told) - seconds(self.started)) < 3600


def is_binary(value):
    return isinstance(value, str) and value.startswith("hex:")


def seconds(moment):
    return (moment - datetime.datetime(2000, 1, 1)).total_seconds()


def numbers(value, binary):
    if not binary:
        return list(map(int, OID.findall(value)))
    return struct.unpack(f"!{len(value) // 4}I", value[len(value) % 4:])


# --- replaying -------------------------------------------------------------------

PLAIN = {16: "t", 17: "\\x01", 18: "r", 19: "x", 20: "1", 21: "1", 23: "1", 25: "x", 26: "0", 114: '{"a": 1}',
         650: "10.0.0.0/8", 700: "1.5", 701: "1.5", 869: "127.0.0.1", 1042: "x", 1043: "x", 1082: "2024-01-02",
         1083: "04:05:06", 1114: "2024-01-02 03:04:05", 1184: "2024-01-02 03:04:05+00", 1186: "1 day",
         1700: "1.5", 2950: "00000000-0000-0000-0000-000000000001", 3802: '{"a": 1}'}


@dataclasses.dataclass
class Told:
    """One block, replayed."""
    block: Block
    difference: str             # "" when both said the same
    worked: bool                # on Postgres
    refused: bool               # 0A000 on weir

    @property
    def what(self):
        """In a word, what differs."""
        first = re.sub(r"^(in|by|with|described)\b[^:]*: ", "", self.difference).split()[:1]
        return "0A000" if self.refused else first[0] if first else ""


class Session:
    """One recording on both roads."""

    def __init__(self, recording, truth, lite, recorded_oids):
        self.recording, self.truth, self.lite, self.recorded = recording, truth, lite, recorded_oids
        self.began, self.status, self.lite_status = None, "I", "I"

    def replay(self):
        for block in self.recording.blocks:
            yield self.tell(block)

    def tell(self, block):
        if self.began and not set(block.phases) & set(self.began.phases):
            self.both("COMMIT")
        guarded = self.status == "T" and not block.is_transaction
        if guarded:
            self.both("SAVEPOINT of_the_replay")
        told = self.compare(block)
        if guarded:
            self.both(*("ROLLBACK TO of_the_replay" if status == "E" else "RELEASE of_the_replay"
                        for status in (self.status, self.lite_status)))
        if self.status == "E" or told.difference:
            self.settle()
        self.began = None if self.status == "I" else self.began or block
        return told

    def both(self, text, to_lite=""):
        self.status = Road.put(self.truth, Statement(text, simple=True)).status
        Road.put(self.lite, Statement(to_lite or text, simple=True))
        self.began = self.began if self.status != "I" else None

    def settle(self):
        """After a difference both shall be where they can go on."""
        if self.status == "E":
            self.both("ROLLBACK")

    def values(self, block):
        if block.values is not None and block.whole:
            return block.values
        if block.simple or not re.search(r"\$\d", block.text):
            return []
        described = self.truth.describe(block, self.recorded).parameters or []
        known = block.values or []
        return known + [PLAIN.get(oid, "{}" if oid != "user's" else None) for oid in described[len(known):]]

    def compare(self, block):
        values = self.values(block)
        found = self.compare_described(block) if block.simple else ""
        right, told = self.ask(block, values)
        self.status, self.lite_status = right.status, told.status
        statement = Statement(block.text)
        found = found or difference(statement, right, told)
        if not found and not right.error and statement.reads and "pg_sleep" not in block.text:
            found = self.compare_forms(block, values) if len(right.results) == 1 else ""
        return Told(block, found, not right.error, told.is_refusal)

    def ask(self, block, values, binary=False):
        return [road.ask(block, self.recorded, values, binary) for road in (self.truth, self.lite)]

    def compare_described(self, block):
        """What one who prepares it would be told. That may be an error, which
        must not be what the transaction ends with."""
        marked = self.status == "T" and not block.is_transaction
        if marked:
            self.both("SAVEPOINT of_the_description")
        found = difference(Statement(block.text), *(road.describe(block, self.recorded)
                                                    for road in (self.truth, self.lite)))
        if marked:
            self.both("ROLLBACK TO of_the_description; RELEASE of_the_description")
        return found and "described: " + found

    def compare_forms(self, block, values):
        """The same once more, in the ways in which this client did not ask."""
        forms = {"in binary": (False, values, True)}
        if not values:
            forms["by the other protocol"] = (not block.simple, values, False)
        elif not any(is_binary(value) for value in values):
            forms["with binary parameters"] = (False, self.in_binary(block, values), False)
        for form, (simple, sent, binary) in forms.items():
            answers = self.ask(dataclasses.replace(block, simple=simple), sent, binary)
            found = difference(Statement(block.text), *answers)
            if found:
                return f"{form}: {found}"
        return ""

    def in_binary(self, block, values):
        """Values as Postgres puts them; those of its users' types are texts, and
        names that stand for OIDs stay names: the OIDs are each road's own."""
        types = self.truth.describe(block, self.recorded).parameters
        return [value if oid in OF_OIDS else self.truth.encoded(value, oid) for value, oid in zip(values, types)]


def read_recorded_oids():
    """By recording: what the OIDs in it were."""
    found = {}
    for line in (HERE / "recorded_oids").read_text().splitlines():
        if line and not line.startswith("#"):
            client, *pairs = line.split("\t")
            found[client] = {int(number): name for number, name in (pair.split(" ", 1) for pair in pairs)}
    return found


def prepare(recording, roads):
    """The objects that were there when the client came."""
    path = HERE / f"{recording.database}.sql"
    if not path.exists():
        return
    for road in roads:
        answer = Road.put(road, Statement(path.read_text(), simple=True))
        assert not answer.error, f"{road.name}: {path.name}: {answer.message}"


def replay(recording, cluster):
    """Told of each block; both databases are empty at first."""
    database = "traffic_" + re.sub(r"\W", "_", recording.name)
    cluster.create_database(database)
    with serve("direct", cluster) as direct, serve("sqlite-each", cluster) as sqlite:
        maker = Road(sqlite, "weir", "postgres")
        maker.put(Statement(f"create database {database}", simple=True))
        maker.leave()
        roads = [Replay(direct, "Postgres", database, recording.startup),
                 Replay(sqlite, "weir", database, recording.startup)]
        prepare(recording, roads)
        yield from Session(recording, *roads, read_recorded_oids().get(recording.name, {})).replay()
        for road in roads:
            road.leave()


class Explained:
    """tests/traffic/explained: a line of `what: why`, then the places it is
    true of, indented. What is listed and not so is as wrong as what is not
    listed."""

    def __init__(self, recordings):
        recordings, self.places, self.seen, what = set(recordings), {}, set(), ""
        for line in (HERE / "explained").read_text().splitlines():
            if line.startswith((" ", "\t")):
                self.places.update((place, what) for place in line.split() if place.split(":")[0] in recordings)
            elif line and not line.startswith("#"):
                what = line.split(":")[0]

    def covers(self, told):
        if self.places.get(told.block.place) != told.what:
            return False
        self.seen.add(told.block.place)
        return True

    def stale(self):
        return sorted(set(self.places) - self.seen)
