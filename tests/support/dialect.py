"""One SQL, two databases: a statement is asked of Postgres and of weir on
SQLite, and both must say the same: parameter types, columns with their types
and modifiers, rows as text and in binary, the command tag, SQLSTATE and the
fields of an error that programs read (schema, table, column, type,
constraint). An answer of 0A000 is a refusal, never a difference; whoever asks
decides whether it was allowed.

A script (tests/dialect/*.sql) is a list of statements for one session in an
empty database. A statement ends with a semicolon at the end of a line. Marks
in comments before it:

    -- bind: ["1", null, "hex:00000001"]    its parameters, text or binary
    -- types: 23 25                         the types Parse declares
    -- simple                               sent as a Query message
    -- refused: why                         answered with 0A000 on SQLite
    -- example bind: ["1"]                  as bind; what a client once sent

Rows are compared in their order where the text has an ORDER BY, else as a
bag. OIDs of what users made are compared by kind, not by number."""

import dataclasses
import json
import math
import re
import struct

from .talk import SENT, Client, columns, fields, message, zero

FIRST_USER_OID = 16384
FLOATS, FLOAT_ARRAYS = {700: "!f", 701: "!d"}, {1021: "!f", 1022: "!d"}
ARRAYS = {199, 1000, 1001, 1005, 1007, 1009, 1014, 1015, 1016, 1115, 1182, 1183, 1185, 1187, 1231, 2951, 3807}
ERROR_FIELDS = "Cstcdn"
NOT_SUPPORTED = "0A000"
READS = ("select", "values", "table", "with", "show")


@dataclasses.dataclass
class Statement:
    text: str
    line: int = 0
    values: list = dataclasses.field(default_factory=list)
    types: tuple = ()
    simple: bool = False
    refused: str = ""

    @property
    def reads(self):
        """May be asked twice without a change of what is asked next."""
        words = self.text.lower().lstrip("( \n\t")
        return words.startswith(READS) and not re.search(
            r"\b(insert|update|delete|merge|nextval|setval|into|lock|set_config|notify)\b", words)

    @property
    def ordered(self):
        """Has an ORDER BY of its own, not only one in parentheses."""
        return "order by" in " ".join(outermost(self.text.lower()).split())


def outermost(text):
    """What is outside of all parentheses and quotes."""
    text, before = re.sub(r"'[^']*'", "", text), None
    while text != before:
        text, before = re.sub(r"\([^()]*\)", "", text), text
    return text


def read_script(path):
    """The statements of a script, in order."""
    found, marks, lines = [], {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not lines and (not line.strip() or line.startswith("--")):
            take_mark(marks, line[2:].strip())
            continue
        if not lines:
            start = number
        lines.append(line)
        if line.rstrip().endswith(";"):
            found.append(Statement("\n".join(lines).rstrip().rstrip(";"), start, **marks))
            marks, lines = {}, []
    assert not lines, f"{path}: the last statement has no end"
    return found


def take_mark(marks, line):
    head, _, rest = line.partition(":")
    if head in ("bind", "example bind"):
        try:
            marks["values"] = json.loads(rest)
        except ValueError:          # an example that was cut off
            marks["values"] = None
    elif head == "types":
        marks["types"] = tuple(map(int, rest.split()))
    elif line == "simple":
        marks["simple"] = True
    elif head == "refused":
        marks["refused"] = rest.strip() or "yes"


@dataclasses.dataclass
class Answer:
    """What a server said to one statement. Several results, of a Query of
    several statements, follow one another in `results`."""
    parameters: list = None
    results: list = dataclasses.field(default_factory=list)
    error: dict = None
    message: str = ""
    notices: list = dataclasses.field(default_factory=list)
    status: str = ""

    @property
    def is_refusal(self):
        return bool(self.error) and self.error["C"] == NOT_SUPPORTED


@dataclasses.dataclass
class Result:
    columns: list = None
    rows: list = dataclasses.field(default_factory=list)
    tag: str = ""


def shown_oid(oid):
    return oid if oid < FIRST_USER_OID else "user's"


def read_columns(body):
    at, told = 2, []
    for name in columns(body):
        at = body.index(b"\0", at) + 1
        table, number, kind, size, modifier, style = struct.unpack_from("!IhIhih", body, at)
        told.append((name, shown_oid(kind), modifier, size, bool(table), number, style))
        at += 18
    return told


def shown_value(value, column):
    """In binary what a user's type is called is a number of the server's own,
    and a NaN may have any sign: that is the processor's (manual 8.1.3), in an
    array too. An array says of itself whether it has NULLs, but a slice of it
    repeats that when there are none left; no reader heeds it, each element
    says so."""
    kind, style = column[1], column[-1]
    if value is None or style != 1:
        return value
    if kind in FLOATS:
        return shown_float(value, FLOATS[kind])
    if kind in FLOAT_ARRAYS:
        return shown_floats(value, FLOAT_ARRAYS[kind])
    if kind in ARRAYS and len(value) >= 12:
        return value[:4] + b"\0\0\0\0" + value[8:]
    if kind == "user's" and len(value) >= 12 and value[:4] < b"\0\0\0\7" and value[4:7] == b"\0\0\0":
        return value[:8] + b"user" + value[12:]         # an array: the OID of its elements
    return value


def shown_float(value, form):
    return b"NaN" if math.isnan(struct.unpack(form, value)[0]) else value


def shown_floats(array, form):
    """An array in binary: the elements come behind its dimensions."""
    at = 12 + 8 * struct.unpack_from("!i", array)[0]
    told = [array[:4], b"\0\0\0\0", array[8:at]]
    while at < len(array):
        length = max(struct.unpack_from("!i", array, at)[0], 0)
        told.append(array[at:at + 4])
        at += 4 + length
        told.append(shown_float(array[at - length:at], form) if length else b"")
    return b"".join(told)


def read_row(body):
    count, at, values = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        length = struct.unpack_from("!i", body, at)[0]
        at += 4
        values.append(None if length < 0 else body[at:at + length])
        at += max(length, 0)
    return tuple(values)


class Road(Client):
    """A session at one of the two."""

    def __init__(self, endpoint, name, database="app", **parameters):
        super().__init__(endpoint, name)
        refused = self.log_in(database=database, **{"TimeZone": "UTC", "DateStyle": "ISO, MDY", **parameters})
        assert not refused, f"{name}: {self.refusal}"

    def put(self, statement, binary=False):
        return self.say(self.asked(statement, binary))

    def asked(self, statement, binary=False):
        """The messages that ask it."""
        if statement.simple:
            return SENT["Query"](statement.text)
        style = struct.pack("!hh", 1, 1) if binary else struct.pack("!h", 0)
        styles = [isinstance(v, str) and v.startswith("hex:") for v in statement.values]
        bound = zero("") + zero("") + struct.pack(f"!h{len(styles)}h", len(styles), *styles)
        bound += struct.pack("!h", len(styles)) + b"".join(map(packed, statement.values)) + style
        return b"".join((
            message(b"P", zero("") + zero(statement.text)
                    + struct.pack(f"!h{len(statement.types)}I", len(statement.types), *statement.types)),
            message(b"D", b"S\0"), message(b"B", bound), message(b"D", b"P\0"), message(b"E", b"\0\0\0\0\0"),
            message(b"S")))

    def say(self, data):
        self.send(data)
        answer, result = Answer(), Result()
        while True:
            kind, body = self.read()
            if kind == "Closed":
                answer.error = answer.error or {"C": "closed"}
                return answer
            if kind == b"t":
                answer.parameters = [shown_oid(oid) for oid in
                                     struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])]
            elif kind == b"T":
                result.columns = read_columns(body)
            elif kind == b"D":
                row = read_row(body)
                result.rows.append(tuple(map(shown_value, row, result.columns)) if result.columns else row)
            elif kind in b"CIs":
                result.tag = body.rstrip(b"\0").decode() if kind == b"C" else kind.decode()
                answer.results.append(result)
                result = Result()
            elif kind == b"G":
                self.send(message(b"f", zero("not here")))
            elif kind == b"E":
                told = fields(body)
                answer.message = told["M"]
                answer.error = {letter: told.get(letter, "") for letter in ERROR_FIELDS}
            elif kind == b"N":
                told = fields(body)
                answer.notices.append((told["S"], told["C"], told["M"]))
            elif kind == b"Z":
                if result.columns and not answer.error:     # described, not executed
                    answer.results.append(result)
                answer.status = body.decode()
                return answer


def packed(value):
    if value is None:
        return struct.pack("!i", -1)
    data = bytes.fromhex(value[4:]) if value.startswith("hex:") else value.encode()
    return struct.pack("!i", len(data)) + data


# --- comparing ----------------------------------------------------------------

def same_rows(truth, told, ordered):
    if truth == told:
        return True
    key = lambda row: [(value is None, value or b"") for value in row]  # noqa: E731
    return not ordered and len(truth) == len(told) and sorted(truth, key=key) == sorted(told, key=key)


def difference(statement, truth, told):
    """"" when both said the same, else what is not the same in a few lines."""
    if truth.error or told.error:
        if truth.error != told.error:
            return (f"error    {truth.error and (truth.error, truth.message)}\n"
                    f"   weir  {told.error and (told.error, told.message)}")
    elif truth.parameters != told.parameters:
        return f"parameters {truth.parameters}\n   weir    {told.parameters}"
    for one, other in zip(truth.results, told.results):
        if one.columns != other.columns:
            return "columns  {}\n   weir  {}".format(*shown_columns(one.columns, other.columns))
        if statement.ordered and one.rows != other.rows and same_rows(one.rows, other.rows, False):
            return f"order    {shown_rows(one.rows)}\n   weir  {shown_rows(other.rows)}"
        if not same_rows(one.rows, other.rows, statement.ordered):
            left, right = only_in(one.rows, other.rows), only_in(other.rows, one.rows)
            return (f"rows     {shown_rows(left or one.rows)}\n   weir  {shown_rows(right or other.rows)}")
        if one.tag != other.tag:
            return f"tag {one.tag}, weir {other.tag}"
    if len(truth.results) != len(told.results):
        return f"{len(truth.results)} results, weir {len(told.results)}"
    if truth.notices != told.notices:
        return f"notices  {truth.notices}\n   weir  {told.notices}"
    return "" if truth.status == told.status else f"status {truth.status}, weir {told.status}"


def only_in(rows, others):
    """None where it is only the order that differs."""
    seen = set(others)
    return [row for row in rows if row not in seen]


def shown_columns(one, other):
    """Only those that differ, where there are as many."""
    if not one or not other or len(one) != len(other):
        return one, other
    return zip(*((left, right) for left, right in zip(one, other) if left != right))


def shown_rows(rows):
    text = str([[value if value is None else value.decode(errors="backslashreplace") for value in row]
                for row in rows[:12]])
    return f"{len(rows)}: {text[:600]}"


def compare(statement, truth, lite):
    """Asks both: (answer of Postgres, answer on SQLite, difference)."""
    right, told = truth.put(statement), lite.put(statement)
    found = difference(statement, right, told)
    if not found and not right.error and not statement.simple and statement.reads:
        binary = truth.put(statement, True), lite.put(statement, True)
        found = difference(statement, *binary)
        found = found and "in binary: " + found
    return right, told, found
