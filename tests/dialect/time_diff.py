#!/usr/bin/env python3
"""Reckons with dates and times in weir and in a real Postgres 15.

Usage: time_diff.py ADDRESS BUILD-DIRECTORY [FUNCTION...]
Environment: COUNT, SEED, SHOW, ZONE.
"""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from probe import build_probe  # noqa: E402
from wire import Wire  # noqa: E402

FIELDS = ("microseconds milliseconds second minute hour day week month quarter "
          "year decade century millennium epoch dow isodow doy isoyear julian "
          "timezone timezone_hour timezone_minute DAYS mons nonsense us qtr").split()
AT = ["UTC", "Europe/Berlin", "america/new_york", "EST", "pdt", "+02", "-05:30",
      "EST5EDT", "Nowhere", "<+03>-3", "Asia/Kolkata", "z", "MSK", "NOVT", "vet", "ART"]


def moment():
    year = random.choice([random.randint(1970, 2037), random.randint(2, 9998)])
    text = (f"{year:04}-{random.randint(1, 12):02}-{random.randint(1, 28):02} "
            f"{random.randint(0, 23):02}:{random.randint(0, 59):02}:"
            f"{random.randint(0, 59):02}")
    if random.random() < .5:
        text += f".{random.randint(0, 999999):06}"
    return random.choice([text] * 20 + ["infinity", "-infinity",
                                        "2024-03-31 02:30:00", "2024-10-27 02:30:00",
                                        "2024-01-31 00:00:00", "2024-02-29 12:00:00",
                                        "2001-01-01 00:00:00", "2000-12-31 23:59:59",
                                        "2024-11-03 01:30:00",
                                        "2024-03-10 02:30:00"])


def finite():
    """Of infinity Postgres 15 computes an age that means nothing; weir
    refuses it with 22008."""
    text = moment()
    return finite() if "inf" in text else text


def span():
    out = []
    for unit, size in (("years", 30), ("mons", 50), ("days", 400)):
        if random.random() < .5:
            out.append(f"{random.randint(-size, size)} {unit}")
    if random.random() < .6 or not out:
        out.append(f"{random.choice(['', '-'])}{random.randint(0, 90)}:"
                   f"{random.randint(0, 59):02}:{random.randint(0, 59):02}"
                   f"{random.choice(['', '.5', '.123456'])}")
    return " ".join(out)


def factor():
    return random.choice([f"{random.uniform(-9, 9):.4f}", "2", "-1", "0.5", "1.5",
                          "0", "1e10", "0.3333333333", "100"])


def field():
    return random.choice(FIELDS)


def at():
    return random.choice(AT)


def none():
    return ""


def clock():
    return moment()[11:] or "12:00:00"


def clock_zone():
    return clock() + random.choice(["+02", "-05:30", "Z"])


def day():
    return moment().split(" ")[0]


TABLE = {
    "ts_add": ("{a}::timestamp + {b}::interval", moment, span),
    "ts_sub": ("{a}::timestamp - {b}::interval", moment, span),
    "tz_add": ("{a}::timestamptz + {b}::interval", moment, span),
    "tz_sub": ("{a}::timestamptz - {b}::interval", moment, span),
    "ts_mi": ("{a}::timestamp - {b}::timestamp", moment, moment),
    "tz_mi": ("{a}::timestamptz - {b}::timestamptz", moment, moment),
    "ts_age": ("age({a}::timestamp, {b}::timestamp)", finite, finite),
    "tz_age": ("age({a}::timestamptz, {b}::timestamptz)", finite, finite),
    "ts_trunc": ("date_trunc({a}, {b}::timestamp)", field, moment),
    "tz_trunc": ("date_trunc({a}, {b}::timestamptz)", field, moment),
    "ts_at": ("{b}::timestamp at time zone {a}", at, moment),
    "tz_at": ("{b}::timestamptz at time zone {a}", at, moment),
    "timestamp": ("extract({f} from {b}::timestamp)", field, moment),
    "timestamptz": ("extract({f} from {b}::timestamptz)", field, moment),
    "date": ("extract({f} from {b}::date)", field, day),
    "time": ("extract({f} from {b}::time)", field, clock),
    "timetz": ("extract({f} from {b}::timetz)", field, clock_zone),
    "interval": ("extract({f} from {b}::interval)", field, span),
    "i_add": ("{a}::interval + {b}::interval", span, span),
    "i_sub": ("{a}::interval - {b}::interval", span, span),
    "i_cmp": ("interval_cmp({a}::interval, {b}::interval)", span, span),
    "i_mul": ("{a}::interval * {b}::float8", span, factor),
    "i_div": ("{a}::interval / {b}::float8", span, factor),
    "i_hours": ("justify_hours({a}::interval)", span, none),
    "i_days": ("justify_days({a}::interval)", span, none),
    "i_justify": ("justify_interval({a}::interval)", span, none),
    "i_trunc": ("date_trunc({a}, {b}::interval)", field, span),
}


def weir_answers(probe, name, values, zone):
    lines = "".join(f"{name}\t{a}\t{b}\n" for a, b in values)
    out = subprocess.run([probe, zone], input=lines, capture_output=True,
                         text=True)
    if out.returncode:
        print(out.stderr[-3000:])
    answers = out.stdout.splitlines()
    return answers + ["died"] * (len(values) - len(answers))


def compare(wire, probe, name, zone):
    template, first, second = TABLE[name]
    values = [(first(), second())
              for _ in range(int(os.environ.get("COUNT", "500")))]
    theirs = wire.ask_all(["select " + template.format(
        a=f"'{a}'", b=f"'{b}'", f=f"\"{a}\"") for a, b in values])
    theirs = ["null" if t is None else t if not isinstance(t, list)
              else f"error {t[0]}|{t[1]}" for t in theirs]
    different = 0
    for value, a, b in zip(values, weir_answers(probe, name, values, zone),
                           theirs):
        if a != b:
            different += 1
            if different <= int(os.environ.get("SHOW", "10")):
                print(f"{name} {value}:\n   weir     {a[:300]}\n"
                      f"   postgres {b[:300]}")
    print(f"{name}: {len(values)}, {different} differ")
    return different


def main():
    address, build, *names = sys.argv[1:]
    try:
        wire = Wire(address)
    except OSError as problem:
        print(f"no Postgres at {address}: {problem}")
        return 77
    random.seed(int(os.environ.get("SEED", "1")))
    zone = os.environ.get("ZONE", "Europe/Berlin")
    wire.query(f"set timezone to '{zone}'")
    probe = build_probe(build, "time_probe")
    different = sum(compare(wire, probe, name, zone)
                    for name in names or TABLE)
    print(f"{different} differences")
    return 1 if different else 0


sys.exit(main())
