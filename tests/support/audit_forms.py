"""The ways a message is sent: by a simple query, in the extended protocol in
all its orders, as a function call; and what its session is told."""

import collections
import contextlib
import re
import struct

from .cluster import PASSWORD, USER
from .raw import DESCRIBE, EXECUTE, FLUSH, SYNC, bind, parse, query
from .talk import Client, fields, message, startup, zero

# What is sent at once: the bytes, how many ReadyForQuery come of it, and what
# is copied where that is asked for.
Batch = collections.namedtuple("Batch", "data answers rows")
WHOLE_NUMBER = re.compile(r"(?<=[ (=,])[0-9]+(?=[ ,);]|$)")
NUMBERS = [0, 0, 23, 20, 21, 1700, 25, 1043]    # OIDs of types that read one
TYPES = ["evil", "_evil", "evil_again", "evil_pair", "typed", "positive"]
SETTING = 2078                                  # set_config()
LARGE_OBJECT = 715                              # lo_create()


def execute(portal="", most=0):
    return message(b"E", zero(portal) + struct.pack("!i", most))


def close(name):
    return message(b"C", b"S" + zero(name))


def run(text):
    return parse("", text) + bind("") + DESCRIBE + EXECUTE


def call(oid, *arguments):
    """A function call message."""
    body = struct.pack("!Ihh", oid, 0, len(arguments))
    for each in arguments:
        body += struct.pack("!i", len(each)) + each.encode()
    return message(b"F", body + struct.pack("!h", 0))


# --- forms: of a message, the batches

def simple(each, chance, oids):
    yield query(each.text)


def unnamed(each, chance, oids):
    yield run(each.text) + SYNC


def named(each, chance, oids):
    name = f"n{chance.randrange(1 << 30)}"
    yield parse(name, each.text) + SYNC
    for _ in range(2):
        yield bind(name) + DESCRIBE + EXECUTE + SYNC


def keeping(each, chance, oids):
    """For another message to execute, when its names may mean something else."""
    name = f"kept{chance.randrange(2)}"
    yield close(name) + parse(name, each.text) + SYNC


def kept(each, chance, oids):
    name = chance.choice(["kept0", "kept1", "p"])
    yield bind(name) + EXECUTE + run(each.text) + SYNC
    yield bind(name) + DESCRIBE + EXECUTE + SYNC


def parameters(each, chance, oids):
    """Whole numbers become parameters, of types that are said or not."""
    values = WHOLE_NUMBER.findall(each.text)
    numbers = iter(range(1, len(values) + 1))
    text = WHOLE_NUMBER.sub(lambda found: f"${next(numbers)}", each.text)
    types = [chance.choice(NUMBERS) for _ in values][:chance.randint(0, len(values))]
    yield parse("", text, *types) + bind("", *values) + DESCRIBE + EXECUTE + SYNC


def typed(each, chance, oids):
    """Of a type of the users'."""
    oid = oids.get(chance.choice(TYPES), 25)
    yield parse("", "SELECT $1", oid) + bind("", chance.choice(["x", "{x}", "(x,1)", "(1,x,1)"])) + EXECUTE + SYNC
    yield run(each.text) + SYNC


def suspended(each, chance, oids):
    """A portal that lasts as long as its transaction, a row at a time."""
    yield query("BEGIN")
    yield parse("", each.text) + bind("", portal="c") + execute("c", 1) + SYNC
    if chance.random() < 0.5:
        yield query("SAVEPOINT between")
        yield execute("c", 1) + FLUSH + execute("c", 2) + SYNC
        yield query("ROLLBACK TO between")
    yield bind("", portal="d") + execute("d", 1) + message(b"C", b"Pc") + SYNC
    yield query(chance.choice(["COMMIT", "COMMIT", "ROLLBACK"]))


def limited(each, chance, oids):
    more = execute(most=1) + EXECUTE if chance.random() < 0.3 else b""
    yield parse("", each.text) + bind("") + execute(most=1) + more + SYNC


def flushed(each, chance, oids):
    yield parse("", each.text) + FLUSH + message(b"D", b"S\0") + FLUSH + bind("") + FLUSH + DESCRIBE + EXECUTE + FLUSH + SYNC


def pipeline(each, chance, oids):
    yield run("SELECT 1") + run(each.text) + run("SELECT 2") + SYNC


def batched(each, chance, oids):
    """The statements of the text in a pipeline: one transaction."""
    yield b"".join(run(part) for part in each.parts) + SYNC


def separate(each, chance, oids):
    """The same, each a transaction of its own."""
    yield b"".join(run(part) + SYNC for part in each.parts)


def broken(each, chance, oids):
    """An error in the middle: what stands behind it, up to the Sync, is not run."""
    yield run("SELECT 1") + run("SELECT 1 / (SELECT 0)") + run(each.text) + SYNC + run(each.text) + SYNC


def unbound(each, chance, oids):
    """Prepared, and executed after an error only."""
    yield parse("late", each.text) + run("SELECT 1 / (SELECT 0)") + SYNC
    yield bind("late") + EXECUTE + SYNC + close("late") + SYNC


def called(each, chance, oids):
    yield chance.choice([call(SETTING, "search_path", "audit", "f"), call(LARGE_OBJECT, "0"), call(oids.get("f_evil", 1299))])
    yield query(each.text)


FORMS = [simple] * 5 + [unnamed, named, named, keeping, keeping, kept, kept, parameters, parameters, typed, suspended, limited, flushed, pipeline, batched,
                        separate, broken, unbound, called]
COPYING = [simple, simple, unnamed, named]      # what is sent behind one is not for the server
AT_ONCE = [simple, unnamed, pipeline, batched, parameters, flushed]     # one batch
UNTOLD = [called, unbound, keeping, typed]      # what they are told is not about the message


def rows_to_copy(text, chance):
    new = chance.randrange(1 << 20, 1 << 30)
    if new % 8 == 0:
        return []
    if "csv" in text.lower():
        return [f'{new},"a ""b""",1\n'.encode()]
    if "binary" in text.lower():
        whole = struct.pack("!iiihiiisii", 0, 0, 0, 3, 4, new, 1, b"x", 4, 1)
        return [b"PGCOPY\n\xff\r\n\0" + whole[4:], b"\xff\xff"]
    return [f"{new}\tx\t1\n".encode(), f"{new + 1}\t\\N".encode(), b"\t2\n"]


def copied(rows):
    end = message(b"c") if rows else message(b"f", zero("enough"))
    return b"".join(message(b"d", each) for each in rows) + end


def choose(chance, each, together):
    """A form for the message; `together`: it goes at once with another."""
    if "stdin" in each.text.lower():
        return chance.choice(COPYING[:-1] if together else COPYING)
    form = chance.choice(AT_ONCE if together else FORMS)
    # Postgres 15 itself does not survive the EXECUTE of a FETCH whose cursor is gone
    return simple if form is keeping and "fetch" in each.text.lower() else form


def batches(form, each, chance, oids):
    """The same of the same chance. Where rows are asked for the Sync comes behind
    them: nobody knows how the server takes one before that."""
    copies = "stdin" in each.text.lower()
    for data in form(each, chance, oids):
        if copies and EXECUTE in data:
            data = data.removesuffix(SYNC) + FLUSH
        yield Batch(data, data.count(SYNC) or 1, rows_to_copy(each.text, chance))


# --- a session

class Session:
    """A client's, that begins anew when it is lost."""

    def __init__(self, endpoint, always):
        self.endpoint, self.always, self.client, self.options, self.status = endpoint, always, None, {}, "I"

    def begin(self, options):
        self.close()
        self.options = options

    def close(self):
        if self.client:
            self.client.crash()
        self.client = None

    def send(self, batch):
        if not self.client and not self.log_in(self.options):
            assert self.log_in({}), self.client.refusal
        self.write(batch.data)

    def write(self, data):
        with contextlib.suppress(OSError):      # it ends: what is left to read says so
            self.client.send(data)

    def log_in(self, options):
        self.client = Client(self.endpoint, "fuzz")
        return not self.client.log_in(database=self.endpoint.database, **self.always, **options)

    def hear(self, batch):
        """The first error: its SQLSTATE, and whether it is the guard's."""
        first, left, owed = None, batch.answers, SYNC if batch.data.endswith(FLUSH) else b""
        while left:
            kind, body = self.client.read()
            if kind == "Closed":
                self.close()
                return first or ("closed", False)
            if kind == b"E":
                told = fields(body)
                first = first or (told["C"], told.get("R") == "weir_audit_guard")
            elif kind == b"G":
                self.write(copied(batch.rows))
            elif kind == b"Z":
                self.status, left = body.decode(), left - 1
            if kind in (b"E", b"G", b"C"):
                self.write(owed)
                owed = b""
        return first

    def end_failed(self):
        if self.client and self.status == "E":
            self.run("ROLLBACK")

    def run(self, text):
        batch = Batch(query(text), 1, [])
        self.send(batch)
        return self.hear(batch)
