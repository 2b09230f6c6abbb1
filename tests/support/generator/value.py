"""The types, and values of them: ordinary ones, those at the end of a range,
and texts that are no value."""

import dataclasses
import struct

WORDS = ["", "a", "b", "abc", "ABC", "Abc", "foo bar", " lead", "trail ", "x_y", "50%", "a\\b", "it's",
         "Ünïcödé", "straße", "日本語", "naïve", "ÀÉ", "emoji 😀", "comma,semi;", "tab\there", "12", "-7", "3.50",
         "true", "2024-02-29", "null", "{}", "[1]", "a.b.c", "hello world", "Hello", "zzz", "ab12cd", "A B C"]
JSONS = ["{}", "[]", "null", "1", '"text"', "true", "-2.5", '{"a": 1}', '{"a": {"b": [1, 2, {"c": null}]}}',
         '{"b": "x", "a": 2, "b": "y"}', "[1, 2, 3]", '["a", "b", null]', '[{"a": 1}, {"a": "z"}]',
         '{"k": "v", "n": null, "t": true, "arr": [3, 1, 2]}', '{"ü": "é", "long key": 12345678901234567890}',
         '{"a": 1.50, "e": 1e3}', '[[1], [2, [3]]]', '"\\u00e9\\n"']
TIMES = ["00:00:00", "12:34:56", "23:59:59.999999", "08:05", "06:30:00.5", "24:00:00"]
DATES = ["2024-02-29", "2000-01-01", "1999-12-31", "2023-07-15", "1970-01-01", "2024-12-30", "2021-03-28",
         "1900-03-01", "2024-01-31"]
INTERVALS = ["1 day", "-3 days", "2 hours", "1 mon", "1 year 2 mons 3 days 04:05:06.7", "00:00:00", "90 minutes",
             "-1 mon +10 days", "25:00:00", "30 days", "1 week", "0.5 sec"]
BYTES = ["\\x", "\\x00", "\\xdeadbeef", "\\x616263", "\\xff00ff", "abc", "\\x0a0d"]
UUIDS = ["00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
         "ffffffff-ffff-ffff-ffff-ffffffffffff", "123e4567-e89b-12d3-a456-426614174000"]
MOODS = ["sad", "ok", "happy", "Very Happy"]
NUMERICS = ["0", "1", "-1", "2.5", "0.10", "-3.75", "100", "12.34", "7", "0.01", "99.99", "-42.42", "3.00"]


@dataclasses.dataclass(frozen=True)
class Kind:
    """A type: its name, the texts of its values, those at its ends, and texts
    that are none. `steady`: what is equal looks equal."""
    name: str
    oid: int
    texts: tuple
    ends: tuple = ()
    broken: tuple = ()
    steady: bool = True
    sorts: bool = True
    element: str = None


def integers(*ends):
    return tuple(map(str, ends))


SMALL = tuple(map(str, (0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 20, 42, 100, -1, -2, -5, -10)))
NOT_NUMBERS = ("abc", "", "1x", "--1", "1 2")
SCALARS = [
    Kind("int2", 21, SMALL, integers(32767, -32768), (*NOT_NUMBERS, "32768", "1.5")),
    Kind("int4", 23, SMALL, integers(2147483647, -2147483648), (*NOT_NUMBERS, "2147483648", "1.5")),
    Kind("int8", 20, SMALL, integers(2**63 - 1, -2**63, 2**31), (*NOT_NUMBERS, "9223372036854775808", "1.5")),
    Kind("numeric", 1700, tuple(NUMERICS), ("NaN", "123456789012345678901234567890.123456789", "1e-20", "-1e30"),
         NOT_NUMBERS, steady=False),
    Kind("float4", 700, ("0", "1", "-1.5", "2.25", "0.5", "10", "-0.75"), ("1e30", "NaN", "Infinity", "3.4e38"),
         (*NOT_NUMBERS, "1e40")),
    Kind("float8", 701, ("0", "1", "-1.5", "2.25", "0.5", "100", "-0.75", "12.125"),
         ("1e300", "NaN", "-Infinity", "1e-300", "0.1", "123456789.123456789"), (*NOT_NUMBERS, "1e400")),
    Kind("text", 25, tuple(WORDS), ("x" * 300,)),
    Kind("varchar", 1043, tuple(WORDS)),
    Kind("bpchar", 1042, ("a", "b", "abc", "ab ", "ü", "", "  x")),
    Kind("bool", 16, ("t", "f", "true", "no", "on", "0"), (), ("maybe", "")),
    Kind("date", 1082, tuple(DATES), ("infinity", "-infinity", "0044-03-15 BC", "5874897-12-31", "0001-01-01"),
         ("2024-02-30", "yesterdax", "", "99999999-01-01", "2024-13-01")),
    Kind("time", 1083, tuple(TIMES), (), ("25:00", "x", "", "12:60")),
    Kind("timestamp", 1114, tuple(f"{d} {t}" for d, t in zip(DATES, TIMES * 2) if "24:" not in t),
         ("infinity", "0044-03-15 01:02:03 BC", "294276-12-31 23:59:59"), ("2024-02-30 00:00", "x", "")),
    Kind("timestamptz", 1184, tuple(f"{d} {t}{z}" for d, t, z in zip(DATES, TIMES * 2, ["+00", "+02", "-05:30", "Z"] * 3)
                                    if "24:" not in t),
         ("-infinity", "0044-03-15 01:02:03+00 BC"), ("2024-02-30 00:00+00", "x", "2024-01-01 00:00 Nowhere/Land")),
    Kind("interval", 1186, tuple(INTERVALS), ("178000000 years", "-2000000000 days"), ("1 parsec", "x", ""), steady=False),
    Kind("uuid", 2950, tuple(UUIDS), (), ("a0eebc99", "g", "")),
    Kind("json", 114, tuple(JSONS), (), ("{", "{a: 1}", "", "[1,]"), sorts=False, steady=False),
    Kind("jsonb", 3802, tuple(JSONS), (), ("{", "{a: 1}", "", "[1,]"), steady=False),
    Kind("bytea", 17, tuple(BYTES), (), ("\\x1", "\\xzz", "\\9")),
    Kind("mood", 0, tuple(MOODS), (), ("angry", "SAD", "")),
]
KINDS = {kind.name: kind for kind in SCALARS}
ARRAY_OIDS = {"int4": 1007, "int8": 1016, "text": 1009, "numeric": 1231, "bool": 1000, "date": 1182, "uuid": 2951,
              "float8": 1022, "varchar": 1015, "timestamp": 1115, "jsonb": 3807, "int2": 1005, "timestamptz": 1185,
              "interval": 1187}


def array_text(items):
    return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' if item is not None else "NULL"
                          for item in items) + "}"


def array_of(kind):
    some = kind.texts[:8]
    texts = ["{}", array_text(some[:1]), array_text(some[:3]), array_text([some[-1], None, some[0]]),
             array_text(some[2:7]), array_text([some[1], some[1]])]
    broken = ("{", "{a,}", "}", "x") + tuple("{" + text + "}" for text in kind.broken[:1] if text)
    return Kind(kind.name + "[]", ARRAY_OIDS[kind.name], tuple(texts), ("{{%s},{%s}}" % (
        array_text(some[:2])[1:-1], array_text(some[2:4])[1:-1]),), broken, steady=kind.steady,
        sorts=kind.sorts, element=kind.name)


for each in ARRAY_OIDS:
    KINDS[each + "[]"] = array_of(KINDS[each])
OIDS = {kind.oid: kind.name for kind in KINDS.values() if kind.oid}
NUMBERS = ("int2", "int4", "int8", "numeric", "float4", "float8")
WHOLE = ("int2", "int4", "int8")
STRINGS = ("text", "varchar", "bpchar")
MOMENTS = ("date", "timestamp", "timestamptz")
# How often a column has which type.
COMMON = (["int4"] * 5 + ["text"] * 5 + ["int8", "numeric", "varchar", "bool", "date", "timestamp", "timestamptz"] * 2 +
          ["int2", "float8", "float4", "bpchar", "time", "interval", "uuid", "json", "jsonb", "jsonb", "bytea", "mood",
           "int4[]", "text[]", "numeric[]", "date[]", "float8[]"])


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def binary(name, text):
    """The value in Postgres's binary form, or None where that is too hard."""
    if name in WHOLE:
        return int(text).to_bytes({"int2": 2, "int4": 4, "int8": 8}[name], "big", signed=True)
    if name == "bool":
        return bytes([text in ("t", "true", "on")])
    if name == "float8":
        return struct.pack("!d", float(text))
    if name in ("text", "varchar"):
        return text.encode()
    if name == "uuid":
        return bytes.fromhex(text.replace("-", ""))
    if name == "jsonb":
        return b"\1" + text.encode()
    return None
