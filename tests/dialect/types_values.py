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


ARRAY_OIDS = {
    "bool": 1000, "bytea": 1001, "int2": 1005, "int4": 1007, "text": 1009, "int8": 1016,
    "float8": 1022, "varchar": 1015, "timestamp": 1115, "date": 1182, "timestamptz": 1185,
    "interval": 1187, "numeric": 1231, "uuid": 2951, "json": 199, "jsonb": 3807, "time": 1183,
    "inet": 1041,
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


def json_value(depth=0):
    kind = random.randint(0, 9 if depth < 4 else 5)
    if kind < 2:
        return random.choice(["0", "-0", "1", "12.50", "1e5", "1E-3", "-0.0", "1.5e+2",
                              "123456789012345678901234567890", "0.000", "1e-30"])
    if kind < 4:
        return '"' + "".join(random.choice(
            ["a", "bc", "é", "😀", "\\n", "\\u0041", "\\\\", "\\\"", "\\/", "/",
             "\\u00e9", "\\ud83d\\ude00", " ", "\\b", "\\u0001", "\x7f"])
            for _ in range(random.randint(0, 5))) + '"'
    if kind < 6:
        return random.choice(["true", "false", "null"])
    space = random.choice(["", "", " ", "\n\t "])
    count = random.randint(0, 5)
    if kind < 8:
        return ("[" + space + ("," + space).join(
            json_value(depth + 1) for _ in range(count)) + space + "]")
    return ("{" + space + ("," + space).join(
        '"' + random.choice(["a", "b", "aa", "c", "é", "zz", "", "\\u0061"]) + '"' + space
        + ":" + space + json_value(depth + 1) for _ in range(count)) + space + "}")


def jsons():
    out = ['{"a":1,}', '{"a" 1}', "{1:1}", "[1 2]", "[1,]", "", "  ", "[1", "{", '{"a"',
           '{"a":', '{"a":1', "1 2", "tru", "TRUE", "01", "1.", ".5", "-", "+1", "1e",
           '"abc', '"a\\qb"', '"a\nb"', '"\\u00"', '"\\u0000"', '"\\ud800"',
           '"\\ud800\\ud800"', '"\\udc00"', '"\\ud800a"', '"\\ud800\\n"',
           "-0", "1e-20000", "1e400000", "abc def", '{"a":1}}', "]", "[}", "@", "[é]",
           '{"a":1 "b":2}', "[1,\n2,\n x3]", '"\\u00zz"', '"\\', '"\\u', '"\\u12', '{"a":1,"a":2}',
           '{"bb":1,"a":2}', "nul", "nulll", "-x", "1.x", "1e+", "1e+x", "- 1", "{,}", "[,]",
           ",", ":", "{:}", '{"a"}', '{"a":}', "[[]", "[]]", "{}{}", "\x0b1", "1\x0c", "\x01",
           "'a'", "[1;2]", '"\\é"', "{\"a\":1,b:2}", "true false", "é", "--1", "1e5.5",
           "[" * 5000 + "]" * 5000, "[" * 20, '{"a":' * 1000 + "1" + "}" * 1000]
    for _ in range(800):
        text = json_value()
        if random.random() < .2 and text:
            at = random.randint(0, len(text) - 1)
            text = text[:at] + random.choice(["", ",", "]", "x", "\\", '"']) + text[at + 1:]
        out.append(text)
    return out


def networks():
    out = ["10.0.0.1", "10.0.0.0/8", "10.0.0.1/8", "192.168.1/24", "10", "10/8", "10.1", "10.1/16",
           "128.1", "192.168.1", "224", "224.1", "240", "1.2.3.4.5", "256.1.1.1", "1.2.3", "1.2.3/24", "",
           "x", " 10.0.0.1", "10.0.0.1 ", "10.0.0.1/33", "10.0.0.1/", "/8", "::", "::1", "::/0", "::1/128",
           "1::", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::/32", "2001:db8::1/32",
           "::ffff:1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4/96", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
           "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1", "1:",
           "12345::", "g::", "1:2:3:4:5:6:1.2.3.4", "::1/129", "fe80::1%eth0", "1:0:0:2:0:0:0:3",
           "0:0:1::", "::1:0:0", "1.2.3.4/01", "01.02.03.04", "1.2.3.4/0", "0.0.0.0/0", "::7:0",
           "255.255.255.255", "10.", "10..1", "1.2.3.4:", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"]
    for _ in range(200):
        out.append(".".join(str(random.randint(0, 255)) for _ in range(4))
                   + random.choice(["", f"/{random.randint(0, 32)}"]))
        out.append(":".join(random.choice(["0", "0", f"{random.getrandbits(16):x}"]) for _ in range(8))
                   + random.choice(["", f"/{random.randint(0, 128)}"]))
    return out


def macaddrs():
    return ["08:00:2b:01:02:03", "08-00-2b-01-02-03", "08002b:010203", "08002b-010203", "0800.2b01.0203",
            "0800-2b01-0203", "08002b010203", "0800:2b01:0203", "", "x", "08:00:2b:01:02:0g",
            "8:0:2b:1:2:3", " 08:00:2b:01:02:03 ", "08:00:2b:01:02", "08:00:2b:01:02:03:04", "FF:ff:fF:00:11:22"]


def bitses():
    out = ["", "0", "1", "101", "b101", "B11", "x1F", "Xff", "2", "12", "xg", "1 0", " 1", "b", "x", "1é"]
    return out + ["".join(random.choice("01") for _ in range(random.randint(1, 40))) for _ in range(50)]


def array_item(value):
    if random.random() < .1:
        return random.choice(["NULL", "null", "Null"])
    if not value or random.random() < .7 or any(c in value for c in '{},"\\ \t\n'):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return random.choice(["", " "]) + value + random.choice(["", " "])


def arrays(name):
    values = [v if isinstance(v, str) else v.decode("latin1") for v in scalar(name)]
    values = [v for v in values if len(v) < 60]
    out = ["{}", "{ }", "{{}}", "{{},{}}", "", " ", "x", "{", "}", "{1", "{1,}", "{,1}", "{1,,2}",
           "{1}{2}", "{1} x", " {1} ", "{{1,2},{3}}", "{{1},2}", "{1,{2}}", "{{{{{{1}}}}}}",
           "{{{{{{{1}}}}}}}", "[1:2]={1,2}", "[0:1]={1,2}", "[2]={1,2}", "[1:2]={1}", "[2:1]={}",
           "[1:2]{1,2}", "[1:2]=1", "[a]={1}", "[1:]={1}", "[1={1}", "[-1:0]={1,0}", "[1:1][1:1]={{1}}",
           "[1:1]={}", "{\"1\"}", "{\"1}", "{1\"}", "{\"1\"2}", "{1 2}", "{\\1}", "{1\\}", "{NULL}",
           "{\"NULL\"}", "{\\NULL}", "{nul\\l}", "{NULL,NULL}", "{ 1 , 2 }", "{1\\ }", "{\"\"}",
           "{a{b}", "{a}b}", "[1:2] = {1,2}", " [1:1]={1}"]
    for _ in range(300):
        count = random.randint(1, 4)
        if random.random() < .7:
            out.append("{" + ",".join(array_item(random.choice(values)) for _ in range(count)) + "}")
        else:
            out.append("{" + ",".join("{" + ",".join(
                array_item(random.choice(values)) for _ in range(count)) + "}"
                for _ in range(random.randint(1, 3))) + "}")
    return out


MONTHS = ("Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec january "
          "FEBRUARY march april june july august September october november "
          "december").split()
ZONES = ["MSK", "msk", "NOVT", "yekt", "MSK", "VET", "sgt", "GET", "ART", "Z", "z", "UTC", "GMT", "EST", "pst", "CEST", "+02", "-03:30", "+0530",
         "-8", "+5", "+01:02:03", "Europe/Berlin", "America/New_York",
         "america/new_york", "Asia/Kolkata", "EST5EDT", "Nowhere/City",
         "nozone", "+16", "-15:59", "+15:60", "MSK", "zulu", "MET DST",
         "Europe/Berlin DST", "+2:3", "UTC+3", "<+03>-3", "PST8PDT", "etc/gmt-5"]


def day():
    y, m, d = random.randint(1, 9999), random.randint(1, 12), random.randint(1, 31)
    if random.random() < .8:
        y = random.randint(1890, 2060)
    if random.random() < .05:
        y, m, d = random.randint(0, 12000), random.randint(0, 14), random.randint(0, 33)
    mon = random.choice(MONTHS)
    yy = y % 100
    doy = random.randint(0, 367)
    return random.choice([
        f"{y:04}-{m:02}-{d:02}", f"{y:04}-{m:02}-{d:02}", f"{y:04}-{m:02}-{d:02}",
        f"{y:04}-{m:02}-{d:02}", f"{y}-{m}-{d}", f"{y:04}{m:02}{d:02}",
        f"{yy:02}{m:02}{d:02}", f"{m}/{d}/{y}", f"{m}/{d}/{yy:02}", f"{d}/{m}/{y}",
        f"{mon} {d} {y}", f"{mon} {d}, {y}", f"{d} {mon} {y}", f"{y} {mon} {d}",
        f"{d}-{mon}-{y}", f"{d}-{mon}-{yy:02}", f"{y}-{mon}-{d}", f"{mon}-{d}-{y}",
        f"{yy:02}-{mon}-{d}", f"{d}{mon}{y}", f"{mon}{d} {y}", f"{m}.{d}.{y}",
        f"{d}.{m}.{y}", f"{y}.{m}.{d}", f"{y}/{m:02}/{d:02}", f"{y}.{doy:03}",
        f"{y} {doy:03}", f"{y}-{doy:03}", f"y{y}m{m:02}d{d:02}", f"J{2400000 + doy * 300}",
        f"julian {2400000 + doy * 300}.25", f"{y:04}-{m:02}-{d:02} BC",
        f"{y:04}-{m:02}-{d:02} AD", f"Mon {mon} {d} {y}", f"{m} {d} {y}",
        f"{mon} {d}", f"{y:04}-{m:02}", f"{m}-{d}-{y}", f"{m}-{d}-{yy:02}"])


def clock():
    h, m, s = random.randint(0, 23), random.randint(0, 59), random.randint(0, 59)
    f = random.randint(0, 9999999)
    if random.random() < .05:
        h, m, s = random.randint(0, 30), random.randint(0, 65), random.randint(0, 65)
    return random.choice([
        f"{h:02}:{m:02}:{s:02}", f"{h:02}:{m:02}:{s:02}.{f}", f"{h}:{m:02}",
        f"{h:02}:{m:02}:{s:02}.{f % 1000:03}", f"{h:02}{m:02}{s:02}", f"{h:02}{m:02}",
        f"{h % 13}:{m:02} AM", f"{h % 13}:{m:02}:{s:02} pm", f"{h:02}:{m:02}:{s:02}.",
        f"{h:02}{m:02}{s:02}.{f}", f"{h} AM", f"h{h}mm{m}s{s}", f"T{h:02}:{m:02}",
        f"{m:02}:{s:02}.{f % 1000}", "24:00:00", "24:00:01", "23:59:60", "23:59:59.9999999",
        "allballs", f"{h:02}:{m:02}:{s:02}"])


WORDS = ["today", "tomorrow", "yesterday", "epoch", "infinity",
         "-infinity", "+infinity", "Infinity", "today 12:00",
         "tomorrow 13:00:00", "yesterday allballs", "", " ", "x", "2024-02-30",
         "2023-02-29", "2024-02-29", "2024-13-01", "2024-00-10", "0000-01-01",
         "2024-01-01 25:00", "2024-01-01T", "2024-01-01T12", "2024-01-01 12",
         "2024-01-01T12:00:00Z", "20240101T120000", "20240101T120000Z",
         "20240101T120000-0800", "20240101 120000", "2024-01-01t12:00",
         "12:00 2024-01-01", "2024-01-01 12:00 2024-01-01", "1/2/3",
         "01/02/03", "99-01-02", "1999-01-08 04:05:06 PST",
         "January 8 04:05:06 1999 PST", "Jan 8 1999 noon", "2024-1-1 1:2:3",
         "2024-01-01 00:00:00.0000005", "2024-01-01 00:00:00.9999996",
         "1999.008", "1999-008", "19990108", "990108", "J2451187", "08-Jan-1999",
         "Jan-08-1999", "January 8, 99 BC", "1/8/1999", "1/18/1999", "18/1/1999",
         "@ 2024-01-01", "2024-01-01,12:00", "(2024-01-01)", "2024_01_01",
         "2024-01-01 12:00:00 +02:00", "2024-01-01 12:00:00+02:00:30",
         "2024-01-01 12:00:00 - 05", "Sat 2024-01-06", "saturday", "2024-01-01 pm",
         "2024-01-01 13:00 pm", "2024-01-01 12:00 am", "2024-01-01 0:00 am",
         "4714-11-24 BC", "4714-11-23 BC", "10000-01-01", "9999-12-31",
         "294276-12-31", "294277-01-01", "5874897-12-31", "5874898-01-01",
         "0001-01-01", "0001-01-01 BC", "2024-01-01 12:00:00.123456789",
         "2024-01-01\t12:00", "2024-06-15 12:00 Europe/Berlin",
         "2024-03-31 02:30 Europe/Berlin", "2024-10-27 02:30 Europe/Berlin",
         "1900-01-01 00:00 Europe/Berlin", "2100-07-01 12:00 America/New_York",
         "é", "2024-01-01 é", "a" * 200, "1 " * 30, "9" * 20, "2024-01-01 99999999999",
         "99999999999-01-01", "2024-99999999999-01", "12:99999999999", "t", "y", "j",
         "y2024", "2024y", "dst", "2024-01-01 dst", "2024-01-01 EST DST", "1999-01-08 BC AD",
         "am", "mon", "on at", "04:05:06.789-8", "04:05:06-08:00", "040506-08",
         "2003-04-12 04:05:06 America/New_York", "04:05 PM", "04:05:06 PST", "t040506",
         "2024-01-01 t040506", "13:00 America/New_York", "13:00 UTC", "040506.789+08",
         "2001-02-03 04:05 EST5EDT", "epoch 1"]


def moments():
    out = list(WORDS)
    for _ in range(1500):
        text = day()
        if random.random() < .8:
            text += random.choice([" ", " ", " ", "T", ",", "  ", "t"]) + clock()
        if random.random() < .4:
            text += random.choice([" ", ""]) + random.choice(ZONES)
        if random.random() < .05:
            text = clock() + " " + text
        out.append(text)
    return out


def clocks():
    out = list(WORDS)
    for _ in range(1000):
        text = clock()
        if random.random() < .5:
            text += random.choice([" ", ""]) + random.choice(ZONES)
        if random.random() < .1:
            text = day() + " " + text
        out.append(text)
    return out


def span():
    units = ("year years yr y month mon months mons m week weeks w day days d hour hours hr "
             "hrs h minute minutes min mins second seconds sec secs s ms msec "
             "millisecond milliseconds us usec microseconds decade decades dec century c "
             "centuries millennium mil millennia quarter qtr fortnight microsecond timezone").split()
    parts = []
    for _ in range(random.randint(1, 4)):
        n = random.choice([str(random.randint(-20, 20)), str(random.randint(0, 500)),
                           f"{random.uniform(-5, 5):.{random.randint(1, 7)}f}", "1", "0.5", ".5", "5."])
        parts.append(n + random.choice([" ", " ", ""]) + random.choice(units))
    if random.random() < .4:
        parts.append(random.choice(["", "-", "+"]) + clock())
    text = random.choice(["", "", "", "@ "]) + " ".join(parts)
    return text + random.choice(["", "", "", " ago"])


def iso_span():
    def n():
        return random.choice([str(random.randint(-9, 40)), f"{random.uniform(-3, 3):.2f}",
                              str(random.randint(0, 99999999))])
    letters = "".join(n() + u for u in "YMWD" if random.random() < .5)
    times = "".join(n() + u for u in "HMS" if random.random() < .5)
    return "P" + letters + ("T" + times if times or random.random() < .1 else "")


def spans():
    out = ["", " ", "x", "1", "1.5", "-1", "1 day", "1 day 02:03:04", "P1DT2H", "1-2",
           "-1-2", "+1-2", "1-12", "1-2 3 4:05:06", "1-2 3", "@ 1 minute ago", "@ 1 day ago",
           "1 day ago ago", "ago", "1 ago day", "1 day 1 day", "1 hour 02:03", "1:2", "1:2:3.4",
           "12:34.5", "-12:34", "1 day -02:03:04", "-1 day 02:03:04", "1 day -2",
           "1 mon -1 day", "-1 mon +1 day", "1 year 13 mons", "100000000 years",
           "178956970 years", "178956971 years", "2147483647 days", "2147483648 days",
           "-2147483648 days", "9223372036854775807 us", "9223372036854775808 us",
           "-9223372036854775808 us", "2562047788 hours", "2562047789 hours",
           "2562047788:00:54.775807", "2562047788:00:54.775808", "P", "PT", "P1", "P1Y",
           "P0001-02-03T04:05:06", "P0001-02-03", "P1-2", "P20010203T040506", "PT040506",
           "PT04:05:06", "P1Y2M3W4DT5H6M7.8S", "p1d", "P1D ", " P1D", "P1H", "PT1D", "P1.5Y",
           "P-1Y", "PT-1.5S", "P1DT", "P1Y1Y", "1.5 months", "1.5 years", "0.1 mons",
           "1.0000005 seconds", "0.0000005 s", "1 fortnight", "1e3 days", "infinity",
           "1 day 25:00", "99:59:60", "1:60", "01:02:03.", "1 2 3", "1 2:3", "2 days 3",
           "1 sec 500 ms", "1.5 sec 500 ms", "1 s 1 us", "1 +2:3", "1 day + 2:3", "1y2m",
           "1y 2mon 3d", "3d4h", "1day", "1 day,2 hours", "1 days 1 us ago", "-1 years -1 mons",
           "0", "0 days", "00:00", "-0:0:1", "1 quarter", "1 dec", "1 c", "1 mil", "1 millenniums",
           "1 microsecondz", "-.5 day", "1.-5 day", "1..5 day", "99999999999999999999 days"]
    return out + [span() for _ in range(1500)] + [iso_span() for _ in range(400)]


def scalar(name):
    table = {
        "bool": bools, "int2": lambda: integers(16),
        "int4": lambda: integers(32), "int8": lambda: integers(64),
        "oid": lambda: integers(33), "float4": lambda: floats(True),
        "date": moments, "timestamp": moments, "timestamptz": moments,
        "inet": networks, "cidr": networks, "macaddr": macaddrs, "varbit": bitses,
        "json": jsons, "jsonb": jsons, "time": clocks, "timetz": clocks, "interval": spans,
        "float8": lambda: floats(False), "numeric": numerics,
        "text": texts, "varchar": texts,
        "bpchar": texts, "name": texts, "bytea": byteas, "uuid": uuids,
    }
    return table[name]()


NAMES = ["bool", "int2", "int4", "int8", "oid", "float4", "float8", "text",
         "varchar", "bpchar", "name", "bytea", "uuid", "numeric",
         "date", "time", "timetz", "timestamp", "timestamptz", "interval", "json", "jsonb",
         "inet", "cidr", "macaddr", "varbit",
         "int4[]", "text[]", "bool[]", "timestamptz[]", "numeric[]", "uuid[]", "bytea[]",
         "jsonb[]", "float8[]", "interval[]", "date[]",
         "numeric(5,2)", "numeric(3,-2)", "numeric(2,5)", "numeric(30,0)", "timestamp(3)",
         "timestamptz(0)", "time(2)", "timetz(1)", "interval(2)"]


# Where the cast of a value read without modifier says what reading it with
# one says.
MODIFIED = {
    "numeric(5,2)": ("numeric", (5 << 16 | 2) + 4),
    "numeric(3,-2)": ("numeric", (3 << 16 | (-2 & 0x7ff)) + 4),
    "numeric(2,5)": ("numeric", (2 << 16 | 5) + 4),
    "numeric(30,0)": ("numeric", (30 << 16) + 4),
    "timestamp(3)": ("timestamp", 3), "timestamptz(0)": ("timestamptz", 0),
    "time(2)": ("time", 2), "timetz(1)": ("timetz", 1), "interval(2)": ("interval", 0x7FFF0002),
}


def values_of(name):
    """SQL type, OID of the parameter, typmod, values."""
    if name in MODIFIED:
        base, typmod = MODIFIED[name]
        # At the end of 64 bits Postgres rounds to a wrong sign.
        return name, OIDS[base], typmod, [
            v for v in scalar(base) if "922337203685477" not in v and "2562047788:" not in v]
    if name.endswith("[]"):
        return name, ARRAY_OIDS[name[:-2]], -1, arrays(name[:-2])
    return name, OIDS[name], -1, scalar(name)
