"""Statements for each row of the dialect's tables, and how they are asked in
bulk. A row is read from what weir-counting writes (tests/dialect/row_counts.c);
its statements depend on the seed and on the row alone. An argument is a
literal of the very type the row declares, a column of that type, or a
parameter; the expression stands in a select list, a condition, a CASE, an
ORDER BY, a subquery and so on."""

import dataclasses
import os
import pathlib
import random
import re
import struct
import subprocess
import zlib

from .dialect import Answer, Result, Road, Statement, difference, read_columns, read_row, shown_oid, shown_value
from .row_values import (
    ANY, ANYARRAY, ANYCOMPATIBLE, ANYCOMPATIBLEARRAY, ANYCOMPATIBLENONARRAY, ANYELEMENT, ANYENUM, ANYNONARRAY,
    ANY_TYPES, ARRAYS, NUMBER_FORMATS, POOLS, PRIVILEGES, RECORD, TOGETHER, TYPED_POOLS, TYPES, VALUES)
from .talk import fields
from .weir import Endpoint, Weir

PREFIX = -1     # the place of a prefix operator's operand
AGGREGATE, WINDOW, SET, VOLATILE, VARIADIC = 1, 2, 4, 8, 16

REGISTERED = {24: ["now", "pg_sleep"], 2202: ["now()", "lower(text)"], 2203: ["0"], 2205: ["pg_class", "pg_type", None],
              2206: ["int4", "text[]", "timestamptz", None], 3734: ["simple", "english"], 3769: ["simple"],
              4089: ["public", "pg_catalog", None], 4096: ["0", "10", None]}

# Arguments that are no values: the one table, database or node there is.
EXPRESSIONS = {
    ("pg_database_size", 0, 19): ["current_database()", "'nosuch'::name", "null::name"],
    ("pg_database_size", 0, 26): ["(select oid from pg_database where datname = current_database())", "null::oid"],
    ("pg_get_expr", 1, 26): ["(select adrelid from pg_attrdef limit 1)", "'counted'::regclass", "null::oid"],
    **{(name, 0, 2205): ["'counted_id_seq'::regclass", "'public.counted_id_seq'::regclass", "null::regclass"]
       for name in ("nextval", "currval", "setval", "pg_sequence_last_value")},
    ("setval", 1, 20): ["1", "7", "100::int8", "null::int8"],
    **{(name, 0, 26): ["1299", "870", "'now'::regproc", "4294967295", "null::oid"]
       for name in ("pg_get_function_arguments", "pg_get_function_identity_arguments", "pg_get_function_result")},
    ("obj_description", 0, 26): ["'vals'::regclass", "'counted'::regclass", "4294967295", "null::oid"],
    ("pg_relation_size", 1, 25): ["'main'", "'nosuch'", "null::text"],
    ("format_type", 0, 26): ["23", "25", "1043", "1700", "1042", "0", "99999", "1007", "2249", "null::oid"],
}

# What does not repeat, or is not the same in two databases: only its type and
# whether it is NULL are asked.
OWN = set("""now clock_timestamp statement_timestamp transaction_timestamp timeofday random gen_random_uuid
    txid_current txid_current_if_assigned pg_backend_pid inet_client_addr inet_client_port inet_server_addr
    inet_server_port pg_postmaster_start_time pg_conf_load_time version current_database pg_database_size
    pg_relation_size pg_table_size pg_total_relation_size pg_indexes_size pg_relation_filenode pg_my_temp_schema
    pg_export_snapshot pg_size_pretty_of pg_blocking_pids pg_jit_available pg_stat_get_numscans hashtext_of
    to_regclass to_regnamespace pg_has_role has_database_privilege pg_sequence_last_value pg_current_xact_id""".split())


@dataclasses.dataclass(frozen=True)
class Row:
    kind: str
    name: str
    types: tuple
    result: int
    flags: int = 0
    defaults: int = 0

    def __str__(self):
        types = ", ".join(str(TYPES.get(oid, oid)) for oid in self.types)
        return f"{self.kind} {self.name}({types})"


def read_rows(path):
    """[(row, count)]"""
    found = []
    for line in pathlib.Path(path).read_text().splitlines():
        count, kind, *rest = line.split("\t")
        if kind == "cast":
            row = Row(kind, "cast", (int(rest[0]), int(rest[1])), int(rest[1]), ord(rest[2][0]))
        else:
            numbers = [int(word) for word in (rest[3] if kind == "function" else "0 0").split()]
            row = Row(kind, rest[0], tuple(map(int, rest[1].split())), int(rest[2]), *numbers)
        found.append((row, int(count)))
    return found


def list_rows(binary, directory):
    """Every row of the tables compiled into a weir-counting."""
    path = pathlib.Path(directory) / "rows"
    subprocess.run([binary, "--version"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "WEIR_ROW_COUNTS": str(path)})
    return [row for row, _ in read_rows(path)]


# --- the tables the statements read ---------------------------------------------

COLUMNS = [oid for oid in TYPES if oid not in (18, 22, 24, 27, 28, 29, 30, 142, 194, 774, 790, 1002, 1003, 1033, 1560,
                                               1562, 2202, 2203, 2204, 3734, 3769, 4072)]
ROWS = 12


def column(oid):
    return f"c{oid}"


def setup():
    """What both databases are told first."""
    yield "create type mood as enum ('sad', 'ok', 'happy')"
    yield "create table counted (id serial primary key, note text)"
    yield "create table vals (k int primary key, " + ", ".join(
        f"{column(oid)} {TYPES[oid]}" for oid in COLUMNS) + ")"
    for k in range(ROWS):
        values = [stored(VALUES[oid])[(k * 5 + 3) % len(stored(VALUES[oid]))] for oid in COLUMNS]
        yield f"insert into vals values ({k}, " + ", ".join(
            quoted(value) + "::" + TYPES[oid] for oid, value in zip(COLUMNS, values)) + ")"
    # what sequences gave is kept for a client once somebody has asked
    yield "insert into counted (note) values ('one'), ('two'), (null)"
    yield "select lastval()"
    yield "insert into counted (note) values ('three')"
    yield "comment on table counted is 'what is counted'"


COLUMN = re.compile(r"\bc(\d+|enums?)\b")


def stored(pool):
    """SQLite keeps no negative zero (weir(1), CAVEATS)."""
    return [value for value in pool if value != "-0"]


def quoted(text):
    if text is None:
        return "null"
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


# --- one statement --------------------------------------------------------------

def privilege_pool(row, place, oid):
    """What (role, object, column, words) are asked with, which always end the
    list. Numbers are those that both databases have."""
    last = len(row.types) - 1
    has_role = row.name == "pg_has_role"
    if place == last:
        return PRIVILEGES[row.name]
    if has_role or (place == 0 and len(row.types) == (4 if "_column_p" in row.name and "any" not in row.name else 3)):
        return ["app", "nosuch", "app", None] if oid == 19 else ["4294967295" if has_role else "10", None]
    if place == last - 1 and "has_column" in row.name:
        return ["1", "2", "99", None] if oid == 21 else ["k", "c25", "nosuch", None]
    if "schema" in row.name:
        return ["public", "nosuch", None] if oid == 25 else ["4294967295", None]
    if "function" in row.name:
        return ["now()", "nosuch()", None] if oid == 25 else ["1299", "4294967295", None]
    if "database" in row.name:
        return ["nosuch", None] if oid == 25 else ["4294967295", None]
    if "sequence" in row.name:
        return ["counted_id_seq", "vals", "nosuch", None] if oid == 25 else ["4294967295", None]
    return ["vals", "nosuch", "public.vals", "x y", None] if oid == 25 else ["4294967295", None]


class Maker:
    """Makes the statements of one row."""

    def __init__(self, row, seed):
        self.row = row
        self.random = random.Random(zlib.crc32(repr(row).encode()) + seed)

    def make(self, count):
        made, seen = [], set()
        for number in range(count * 4):
            statement = self.statement(number)
            if (statement.text, tuple(statement.values)) not in seen:
                seen.add((statement.text, tuple(statement.values)))
                made.append(statement)
            if len(made) == count:
                break
        return made

    def statement(self, number):
        self.values, self.bound = [], number % 5 == 3
        self.columns = number % 5 == 4
        self.number, self.plain = number, False
        concrete = self.concrete()
        if self.row.kind == "cast":
            text = self.cast()
        elif self.row.kind == "operator":
            text = self.operator(concrete)
        elif self.row.flags & (AGGREGATE | WINDOW):
            return Statement(self.aggregate(concrete))
        elif self.row.flags & SET:
            return Statement(self.set(concrete), values=self.values)
        else:
            text = self.call(concrete)
        return Statement(self.place(text), values=self.values)

    # --- arguments

    def concrete(self):
        """The row's types with something real for those that are polymorphic."""
        array, element = self.random.choice(ARRAYS)
        if self.row.name in ("||", "array_cat", "array_append", "array_prepend", "array_larger", "array_smaller",
                             "trim_array", "array_fill"):
            array, element = self.random.choice(ARRAYS[:11])
        real = {ANYARRAY: array, ANYELEMENT: element, ANYCOMPATIBLE: element, ANYCOMPATIBLEARRAY: array,
                ANYCOMPATIBLENONARRAY: element, ANYENUM: "enum", ANYNONARRAY: element}
        alone = not {ANYARRAY, ANYCOMPATIBLEARRAY} & set(self.row.types)
        concrete = []
        for oid in self.row.types:
            if oid == ANY and alone:
                # numbers of types are shown: no type of the user's
                concrete.append(self.random.choice(ANY_TYPES if self.row.name != "pg_typeof" else ANY_TYPES[:11]))
            else:
                concrete.append(real.get(oid, oid))
        if self.row.flags & VARIADIC:
            last = concrete.pop()
            last = {1009: 25}.get(last, last)
            # With one name jsonb_delete() is another row.
            extra = [self.random.choice(ANY_TYPES) if self.row.types[-1] == ANY else last
                     for _ in range(self.random.randint(1 + (self.row.name == "jsonb_delete"), 3))]
            if self.row.name.endswith("build_object"):
                concrete, extra = [], [oid for _ in range(self.random.randint(1, 2))
                                       for oid in (25, self.random.choice(ANY_TYPES))]
            concrete += extra
        if self.row.defaults:
            concrete = concrete[:len(concrete) - self.random.randint(0, self.row.defaults)]
        return concrete

    def pool(self, place, oid):
        if self.row.name == "to_char" and place == 1 and self.row.types[0] in (20, 23, 700, 701, 1700):
            return NUMBER_FORMATS
        if PRIVILEGES.get(self.row.name):
            return privilege_pool(self.row, place, oid)
        pool = TYPED_POOLS.get((self.row.name, place, oid), self)
        if pool is self:
            pool = POOLS.get((self.row.name, place))
            if pool and oid in (17, 1186, 3802) and place and self.row.name != "jsonb_set":
                pool = None if oid == 17 else pool
        return pool or VALUES[oid]

    def argument(self, place, oid):
        if oid == 790:      # no value of it can be written
            return f"{self.literal(20, VALUES[20])}::money"
        special = EXPRESSIONS.get((self.row.name, place, oid))
        if special:
            return self.random.choice(special)
        if oid == RECORD:
            return f"row({self.literal(23, VALUES[23])}, {self.literal(25, VALUES[25])})"
        if oid == 194:
            return "(select adbin from pg_attrdef limit 1)"
        pool = self.pool(place, oid)
        if self.columns and oid in COLUMNS and pool is VALUES[oid] and self.random.random() < .8:
            return column(oid)
        if self.bound and self.random.random() < .7:
            value = self.random.choice(pool)
            self.values.append(value)
            return f"${len(self.values)}::{TYPES[oid]}"
        return self.literal(oid, pool)

    def literal(self, oid, pool):
        value = self.random.choice(pool)
        if value is not None and oid in (23, 20, 1700) and self.random.random() < .3 and value.lstrip("-").replace(
                ".", "").isdigit() and plain_type(value) == oid:
            return f"({value})" if value.startswith("-") else value
        return f"{quoted(value)}::{TYPES[oid]}"

    def arguments(self, concrete):
        together = TOGETHER.get(self.row.name)
        if together and len(concrete) == 2:
            return [f"{quoted(value)}::text" for value in self.random.choice(together)]
        return [self.argument(place, oid) for place, oid in enumerate(concrete)]

    # --- expressions

    def cast(self):
        source, target = self.row.types
        if self.number % 3 == 2 and chr(self.row.flags) != "e" and source in COLUMNS:
            self.columns = True
        inner = self.argument(0, source)
        if source in REGISTERED and target in (20, 23, 26):
            # numbers of what a user made are nobody's business
            inner = self.literal(source, REGISTERED[source])
        words = TYPES[target]
        if source == target:
            words = {1042: "char(3)", 1043: "varchar(3)", 1083: "time(2)", 1114: "timestamp(0)", 1184: "timestamptz(3)",
                     1186: self.random.choice(["interval(2)", "interval hour to minute", "interval day", "interval year"]),
                     1266: "timetz(1)", 1560: "bit(3)", 1562: "varbit(2)", 1700: "numeric(6,2)"}[target]
        if source == 194:
            return f"(cast({inner} as {words}) is not null)"
        return f"cast({inner} as {words})" if self.random.random() < .5 else f"({inner})::{words}"

    def operator(self, concrete):
        if self.row.types[0] == 0:
            return f"{self.row.name} {self.argument(PREFIX, concrete[1])}"
        left, right = (self.argument(place, oid) for place, oid in enumerate(concrete))
        return f"{left} {self.row.name} {right}"

    def call(self, concrete):
        name, arguments = self.row.name, self.arguments(concrete)
        self.plain = name in ("nextval", "setval") or "advisory" in name
        text = f"{quoted_name(name)}({', '.join(arguments)})"
        if name in OWN:
            self.columns = False
            text = self.random.choice([f"({text} is null)", f"({text} is not null)", f"(coalesce({text}, {text}) is null)"])
        return text

    def place(self, text):
        """A whole statement around the expression."""
        name = f"v{self.number}"
        if self.columns and COLUMN.search(text):
            low = self.random.randrange(ROWS)
            some = f"from vals where k between {low} and {low + self.random.randint(0, 3)}"
            return self.random.choice([
                f"select k, {text} as {name} {some} order by k",
                f"select k, {text} {some} order by k",
                f"select k {some} and ({text}) is not null order by k",
                f"select count(*), count({text}) {some}",
                f"select k, case when k % 2 = 0 then {text} end as {name} {some} order by k desc"])
        plain = f"select {text}"
        if self.bound or self.plain:
            return f"{plain} as {name}"
        if self.row.kind == "cast":
            # where Postgres computes a constant first, its modifier is lost
            return self.random.choice([plain, f"{plain} as {name}", f"select x from (select {text} as x) as {name}",
                                       f"select ({text}) is null as {name}, pg_typeof({text})"])
        return self.random.choice([
            plain, plain, f"{plain} as {name}", f"{plain}, 1 as {name}",
            f"select ({text}) is null as {name}, pg_typeof({text})",
            f"select x from (select {text} as x) as {name}",
            f"select coalesce({text}, {text}) as {name}",
            f"select case when (select true) then {text} end",
            f"with {name} as (select {text} as x) select * from {name}",
            f"values ({text}), (null)",
            f"select array[{text}] as {name}" if self.arrayable() else plain,
        ])

    def arrayable(self):
        return self.row.result in VALUES and self.row.result + 0 not in (22, 30, 2278) and self.row.kind != "cast"

    # --- rows in and out

    def set(self, concrete):
        text = f"{self.row.name}({', '.join(self.arguments(concrete))})"
        shape = self.random.randrange(6) if self.row.name != "pg_get_keywords" else 0
        if self.row.result == RECORD and shape in (1, 2):
            shape = 0
        limit = f"limit {20 + self.number}"
        if self.columns and COLUMN.search(text):
            return f"select k, t.* from vals, {text} as t where k < 4 order by k {limit}" if shape % 2 == 0 else \
                f"select k, count(*) from vals cross join lateral {text} as t group by k order by k"
        return [f"select * from {text} {limit}", f"select {text} {limit}",
                f"select {text} as v{self.number}, 1 {limit}", f"select count(*) from {text} as v{self.number}",
                f"select * from {text} with ordinality as t {limit}",
                f"select t.* from {text} as t, (values ('y')) as v(x) {limit}"][shape]

    def aggregate(self, concrete):
        # each argument is a column of rows made here, or of the table
        name, ordered = self.row.name, self.row.flags & WINDOW
        pools = [self.pool(place, oid) for place, oid in enumerate(concrete)]
        fixed = [place for place in range(len(concrete)) if POOLS.get((name, place))]
        lines = [[str(k)] + [self.literal(oid, pool) if place not in fixed else "null"
                             for place, (oid, pool) in enumerate(zip(concrete, pools))]
                 for k in range(self.random.choice([1, 3, 5]))]
        if lines[1:] and self.random.random() < .5:
            lines[-1][1:] = lines[0][1:]
        calls = [self.literal(concrete[place], pools[place]) if place in fixed else f"a{place}"
                 for place in range(len(concrete))]
        rows = "(values " + ", ".join(f"({', '.join(line)})" for line in lines) + ") as t(k" + "".join(
            f", a{place}" for place in range(len(concrete))) + ")"
        given = ", ".join(calls)
        if name == "count" and not calls:
            given = "*"
        call, alias = f"{name}({given})", f"v{self.number}"
        if ordered:
            return self.random.choice([
                f"select k, {call} over (order by k) as {alias} from {rows} order by k",
                f"select k, {call} over (order by k desc) from {rows} order by k",
                f"select k, {call} over (partition by k % 2 order by k) as {alias} from {rows} order by k",
                f"select k, {call} over w from {rows} window w as (order by k % 2, k) order by k"])
        choices = [f"select {call} from {rows}", f"select {call} as {alias} from {rows}",
                   f"select {call} filter (where k > 0) as {alias} from {rows}",
                   f"select k % 2 as g, {call} from {rows} group by 1 order by 1",
                   f"select {call} from {rows} where k < 0",
                   f"select k, {call} over (order by k) from {rows} order by k",
                   f"select k, {call} over (order by k rows between 1 preceding and current row) from {rows} order by k",
                   f"select {call} from {rows} having count(*) > 1"]
        if given != "*" and calls and name not in ("json_object_agg", "jsonb_object_agg"):
            choices.append(f"select {name}({given} order by k desc) from {rows}")
            if len(calls) == 1 and concrete[0] not in (114, 27) and name not in ("json_agg", "jsonb_agg"):
                choices.append(f"select {name}(distinct {given}) from {rows}")
        if self.columns and calls and all(oid in COLUMNS for oid in concrete) and not fixed:
            made = ", ".join(column(oid) for oid in concrete)
            choices = [f"select {name}({made}) from vals where k in ({self.number % ROWS}, 3)",
                       f"select k, {name}({made}) from vals group by k order by k",
                       f"select {name}({made} order by k) as {alias} from vals where k < 4"]
        return self.random.choice(choices)


def plain_type(value):
    """The type Postgres gives a number as it is written."""
    if "." in value:
        return 1700
    size = abs(int(value))
    return 23 if size < 1 << 31 else 20 if size < 1 << 63 else 1700


def quoted_name(name):
    return f'"{name}"' if name in ("char", "overlaps", "position", "substring", "overlay", "timestamp", "time",
                                   "interval", "extract", "normalize", "is_normalized", "timestamptz", "left", "right",
                                   "numeric", "varchar", "bpchar") else name


# --- asking in bulk --------------------------------------------------------------

BATCH = 100


def ask_all(road, statements):
    """The answers, each the list of its messages; a batch is written at once."""
    for start in range(0, len(statements), BATCH):
        batch = statements[start:start + BATCH]
        # in binary the number of a type stands before the items of an array
        road.send(b"".join(road.asked(statement, binary=number % 2 == 1 and "mood" not in statement.text)
                           for number, statement in enumerate(batch, start)))
        for _ in batch:
            messages = []
            while True:
                kind, body = road.read()
                if kind == "Closed":
                    raise AssertionError(f"{road.name} has hung up in: " + "\n".join(s.text for s in batch))
                if kind == b"Z":
                    break
                if kind not in (b"S", b"N"):
                    messages.append((kind, body))
            yield messages


def meaning(messages):
    """The messages of one answer as support/dialect.py knows answers."""
    answer, result = Answer(), Result()
    for kind, body in messages:
        if kind == b"t":
            answer.parameters = [shown_oid(oid) for oid in struct.unpack(f"!{(len(body) - 2) // 4}I", body[2:])]
        elif kind == b"T":
            result.columns = read_columns(body)
        elif kind == b"D":
            row = read_row(body)
            result.rows.append(tuple(map(shown_value, row, result.columns)) if result.columns else row)
        elif kind == b"C":
            result.tag = body.rstrip(b"\0").decode()
            answer.results.append(result)
        elif kind == b"E":
            told = fields(body)
            answer.message = told["M"]
            answer.error = {letter: told.get(letter, "") for letter in "Cstcdn"}
    return answer


def compare_all(statements, truth, lite):
    """For each that is answered otherwise: (statement, difference, whether it
    is a refusal)."""
    for statement, right, told in zip(statements, ask_all(truth, statements), ask_all(lite, statements)):
        if right == told:
            continue
        right, told = meaning(right), meaning(told)
        found = difference(statement, right, told)
        if found:
            yield statement, found, told.is_refusal


# --- a whole run ----------------------------------------------------------------

DATABASE = "dialect_rows"


def counting_binary(binary):
    return pathlib.Path(binary).with_name("weir-counting")


class Rounds:
    """Postgres and a weir that counts, with the same tables in both."""

    def __init__(self, cluster, directory, binary):
        self.counted = pathlib.Path(directory) / "counts"
        cluster.create_database(DATABASE)
        self.weir = Weir(f"sqlite:{directory}/rows.db", binary=binary,
                         environment={"WEIR_ROW_COUNTS": str(self.counted)})
        self.truth = Road(Endpoint("direct", cluster.port), "Postgres", DATABASE)
        self.lite = Road(Endpoint("sqlite", self.weir.port), "weir")
        self.asked = self.refused = 0
        self.differences = []

    def __enter__(self):
        for text in setup():
            for road in (self.truth, self.lite):
                answer = road.put(Statement(text))
                assert not answer.error or "lastval" in text, f"{road.name}: {text}: {answer.message}"
        return self

    def __exit__(self, *problem):
        self.truth.leave(), self.lite.leave()
        self.weir.stop()

    def ask(self, rows, per_row, seed):
        statements = [statement for row in rows for statement in Maker(row, seed).make(per_row)]
        self.asked += len(statements)
        for statement, found, is_refusal in compare_all(statements, self.truth, self.lite):
            if is_refusal:
                self.refused += 1
            else:
                self.differences.append(f"{statement.text} {statement.values or ''}\n   {found}")

    def counts(self, rows):
        """[(row, how often weir chose it)], after the end."""
        told = dict(read_rows(self.counted))
        return [(row, told[row]) for row in rows]
