"""Values to try: the awkward ones by hand, the rest at random."""
import random
import struct

OIDS = {
    "bool": 16, "bytea": 17, "char": 18, "name": 19, "int8": 20, "int2": 21,
    "int4": 23, "text": 25, "oid": 26, "json": 114, "float4": 700,
    "float8": 701, "bpchar": 1042, "varchar": 1043, "date": 1082,
    "time": 1083, "timestamp": 1114, "timestamptz": 1184, "interval": 1186,
    "timetz": 1266, "numeric": 1700, "uuid": 2950, "jsonb": 3802,
    "inet": 869, "cidr": 650, "macaddr": 829, "bit": 1560, "varbit": 1562,
    "tid": 27,
}


def bools():
    words = "t tr tru true T TRUE f fa false y ye yes n no on of off o 1 0 11"
    return words.split() + ["", " ", " t ", "\ttrue\n", "tru e", "2", "yess",
                            "ON", "Off", "nope", "true1", "\x0bon"]


def integers(bits):
    edge = 1 << (bits - 1)
    out = [str(edge + d) for d in (-2, -1, 0, 1)]
    out += [str(-edge + d) for d in (-1, 0, 1)]
    out += ["", " ", "+", "-", "--1", "+-1", " 12 ", "\t-7\n", "1 2", "1.0",
            "1e3", "0x10", "00012", "+0", "-0", "x", "12x", "9" * 30,
            "-" + "9" * 30, "0" * 40, "1_000", "\u0661", "é",
            "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "4294967295", "4294967296", "-1"]
    return out + [str(random.randint(-edge, edge)) for _ in range(500)]


def float_of(pattern, single):
    if single:
        return struct.unpack("!f", struct.pack("!I", pattern))[0]
    return struct.unpack("!d", struct.pack("!Q", pattern))[0]


def floats(single):
    out = ["NaN", "nan", "Infinity", "-Infinity", "inf", "-inf", "+inf",
           "+infinity", " iNf ", "infinit", "1e400", "-1e400", "1e-400",
           "1e39", "1e-46", "5e-324", "4.9e-324", "2.2250738585072014e-308",
           "1.17549435e-38", "1e-45", "", " ", ".", "1.", ".5", "-.5e1",
           "1e", "1e+", "e5", "0x1p3", "1,5", "1 2", "0", "-0", "-0.0",
           "1e15", "1e14", "123456789012345", "1234567890123456", "1e-4",
           "1e-5", "0.0001", "0.00001", "1e6", "999999", "1e5", "100000",
           "1e22", "1e23", "9007199254740993", "0.1", "0.3", "1/2", "NaN ",
           "nanx", "1e99999999999", "0e99999", "1.5x"]
    bits = 32 if single else 64
    for k in range(-1075 if not single else -150, 1025 if not single else 129,
                   1 if not single else 1):
        try:
            out.append(repr(2.0 ** k))
        except OverflowError:
            pass
    for _ in range(2000):
        out.append(repr(float_of(random.getrandbits(bits), single)))
        out.append(repr(random.uniform(-1000, 1000)))
        out.append(f"{random.uniform(-1, 1) * 10 ** random.randint(-9, 20):.{random.randint(1, 17)}g}")
    return out


def texts():
    out = ["", "abc", "a b ", "é", "日本語", "😀", "x" * 100, "abc   ", "ab c ",
           b"\xff", b"\xc3", b"a\xc3(", b"\xe2\x82", b"\xed\xa0\x80",
           b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe0\x80\x80",
           b"abcdefgh\xf8", b"\xf0\x9f\x98", "日本", "日本語語"]
    alphabet = "ab é日😀\t\\\"'{},"
    for _ in range(300):
        out.append("".join(random.choice(alphabet)
                           for _ in range(random.randint(0, 80))))
    return out


def byteas():
    out = ["", "abc", "\\x", "\\x00", "\\xFFee", "\\x 12 34", "\\x1 2", "\\x1",
           "\\x1g", "\\xé", "\\\\", "\\000", "\\377", "\\400", "\\08", "\\",
           "a\\", "\\1", "\\12", "é\\\\x", "\\X41", "\\x41\\x42", "\\x4142\n"]
    for _ in range(300):
        out.append("\\x" + random.randbytes(random.randint(0, 40)).hex())
    return out


def uuids():
    out = ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
           "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
           "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
           "a0eebc999c0b4ef8bb6d6bb9bd380a11",
           "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "", "x",
           "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "{a0eebc99",
           "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
           "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
           "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
           " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
           "a0-eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
           "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
           "-a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
           "a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11"]
    return out + [random.randbytes(16).hex() for _ in range(200)]


def number():
    """A numeric of any shape, mostly of the everyday ones."""
    digits = random.choice([1, 2, 3, 4, 5, 8, 12, 20, 40])
    whole = "".join(random.choice("0123456789") for _ in range(digits))
    scale = random.choice([0, 0, 1, 2, 2, 3, 4, 6, 10, 20])
    fraction = "".join(random.choice("00123456789") for _ in range(scale))
    if random.random() < .2:
        whole = "0"
    text = whole + ("." + fraction if fraction else "")
    return random.choice(["", "", "-"]) + text


def numerics():
    out = ["NaN", "nan", " NaN ", "Infinity", "-inf", "+Infinity", "inf",
           "+nan", "-nan", "infi", "0", "-0", "-0.00", "+1", "00012.50",
           ".5", "5.", ".", "", " ", "-", "1e5", "1E+5", "1e-5", "1.5e3",
           "1.50e1", "e5", "1e", "1e+", "1e1e1", "1..2", "1 2", "1,2",
           "\t12.0\n", "0x10", "1_0", "1e131071", "1e131072", "1e-16383",
           "1e-16384", "0e200000", "0e-16384", "1e99999999999", "1e-99999999999",
           "1e1073741823", "9" * 131072, "9" * 131073, "0." + "0" * 16382 + "1",
           "0." + "0" * 16383 + "1", "0" * 140000 + "1", "x", "1x", "--1",
           "123456789012345678901234567890.123456789",
           "10000", "9999", "0.0001", "0.00001", "10000.0001", "100000000"]
    return out + [number() for _ in range(1500)]


def scalar(name):
    table = {
        "bool": bools, "int2": lambda: integers(16),
        "int4": lambda: integers(32), "int8": lambda: integers(64),
        "oid": lambda: integers(33), "float4": lambda: floats(True),
        "float8": lambda: floats(False), "numeric": numerics,
        "text": texts, "varchar": texts,
        "bpchar": texts, "name": texts, "bytea": byteas, "uuid": uuids,
    }
    return table[name]()


NAMES = ["bool", "int2", "int4", "int8", "oid", "float4", "float8", "text",
         "varchar", "bpchar", "name", "bytea", "uuid", "numeric"]


def values_of(name):
    """SQL type, OID of the parameter, typmod, values."""
    return name, OIDS[name], -1, scalar(name)
