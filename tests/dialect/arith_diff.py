#!/usr/bin/env python3
"""Computes the same things with weir's numeric and with a real Postgres 15.

Usage: arith_diff.py ADDRESS BUILD-DIRECTORY [FUNCTION...]
Environment: COUNT (values per function), SEED, SHOW.
"""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import types_values  # noqa: E402
from probe import build_probe  # noqa: E402
from wire import Wire  # noqa: E402

SPECIAL = ["NaN", "Infinity", "-Infinity", "0", "1", "-1", "0.0", "0.000",
           "2", "0.5", "10", "1.0", "100", "-2", "3", "0.1", "1.1", "0.9",
           "10000", "9999.9999", "1e-20", "1e20", "-0.5", "1.0000001", "1e100",
           "5e-100", "2.5", "-2.5", "0.99999999"]


def pairs(count):
    out = [(a, b) for a in SPECIAL for b in SPECIAL]
    return out + [(types_values.number(), types_values.number())
                  for _ in range(count)]


def small_pairs(count):
    out = [(a, b) for a in SPECIAL for b in SPECIAL]
    for _ in range(count):
        out.append((f"{random.uniform(0, 50):.{random.randint(0, 12)}f}",
                    f"{random.uniform(-40, 40):.{random.choice([0, 0, 1, 2, 5, 12])}f}"))
    return out


def singles(count):
    out = [(a, "0") for a in SPECIAL]
    return out + [(types_values.number(), "0") for _ in range(count)]


def positives(count):
    out = singles(0)
    return out + [(types_values.number().lstrip("-"), "0")
                  for _ in range(count)]


def exponents(count):
    out = singles(0) + [("5999", "0"), ("6001", "0"), ("-6001", "0"),
                        ("-4000", "0"), ("1e9", "0")]
    return out + [(f"{random.uniform(-300, 300):.{random.randint(0, 20)}f}",
                   "0") for _ in range(count)]


def places(count):
    out = [(a, str(n)) for a in SPECIAL for n in (-3, -1, 0, 1, 4, 30)]
    return out + [(types_values.number(), str(random.randint(-8, 25)))
                  for _ in range(count)]


def doubles(count):
    return [(repr(random.uniform(-1, 1) * 10 ** random.randint(-30, 30)), "0")
            for _ in range(count)]


TABLE = {
    "+": ("{a}::numeric + {b}::numeric", pairs),
    "-": ("{a}::numeric - {b}::numeric", pairs),
    "*": ("{a}::numeric * {b}::numeric", pairs),
    "/": ("{a}::numeric / {b}::numeric", pairs),
    "%": ("{a}::numeric % {b}::numeric", pairs),
    "div": ("div({a}::numeric, {b}::numeric)", pairs),
    "cmp": ("numeric_cmp({a}::numeric, {b}::numeric)", pairs),
    "gcd": ("gcd({a}::numeric, {b}::numeric)", pairs),
    "lcm": ("lcm({a}::numeric, {b}::numeric)", pairs),
    "power": ("power({a}::numeric, {b}::numeric)", small_pairs),
    "log": ("log({a}::numeric, {b}::numeric)", small_pairs),
    "neg": ("-({a}::numeric)", singles),
    "abs": ("abs({a}::numeric)", singles),
    "sign": ("sign({a}::numeric)", singles),
    "ceil": ("ceil({a}::numeric)", singles),
    "floor": ("floor({a}::numeric)", singles),
    "trim_scale": ("trim_scale({a}::numeric)", singles),
    "sqrt": ("sqrt({a}::numeric)", positives),
    "ln": ("ln({a}::numeric)", positives),
    "log10": ("log({a}::numeric)", positives),
    "exp": ("exp({a}::numeric)", exponents),
    "round": ("round({a}::numeric, {b}::int)", places),
    "trunc": ("trunc({a}::numeric, {b}::int)", places),
    "int8": ("{a}::numeric::int8", singles),
    "float8": ("{a}::numeric::float8", singles),
    "from_double": ("{a}::float8::numeric", doubles),
}


def weir_answers(probe, name, values):
    lines = "".join(f"{name}\t{a}\t{b}\n" for a, b in values)
    out = subprocess.run([probe], input=lines, capture_output=True,
                         text=True)
    if out.returncode:
        print(out.stderr[-3000:])
    answers = out.stdout.splitlines()
    return answers + ["died"] * (len(values) - len(answers))


def compare(wire, probe, name):
    template, values_of = TABLE[name]
    values = values_of(int(os.environ.get("COUNT", "500")))
    theirs = wire.ask_all(["select " + template.format(a=f"'{a}'", b=f"'{b}'")
                           for a, b in values])
    theirs = [t if not isinstance(t, list) else f"error {t[0]}|{t[1]}"
              for t in theirs]
    different = 0
    for value, a, b in zip(values, weir_answers(probe, name, values), theirs):
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
    probe = build_probe(build, "arith_probe")
    different = sum(compare(wire, probe, name) for name in names or TABLE)
    print(f"{different} differences")
    return 1 if different else 0


sys.exit(main())
