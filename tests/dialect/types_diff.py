#!/usr/bin/env python3
"""Reads the same values with weir's types and with a real Postgres 15, and
compares text, binary, SQLSTATE, message and detail.

Usage: types_diff.py ADDRESS BUILD-DIRECTORY [TYPE...]
ADDRESS is a socket path or HOST:PORT of a Postgres that trusts us; skipped
(exit 77) where there is none. Prints one line per difference, then a figure.
"""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import types_values  # noqa: E402
from probe import build_probe  # noqa: E402
from wire import Wire  # noqa: E402



HEADER = ""


def weir_answers(probe, oid, typmod, form, values):
    lines = HEADER + "".join(f"{oid} {typmod} {form} x{v.hex()}\n" for v in values)
    out = subprocess.run([probe], input=lines, capture_output=True,
                         text=True, errors="replace")
    if out.returncode:
        print(out.stderr[-3000:])
    answers = []
    for line in out.stdout.split("\n")[:-1]:
        if line.startswith("ok "):
            text, binary, stored = line[3:].split(" ")
            answers.append((bytes.fromhex(text[1:]),
                            bytes.fromhex(binary[1:])))
        else:
            state, *texts = line[6:].split(" ")
            answers.append([state] + [
                bytes.fromhex(t[1:]).decode("utf-8", "replace")
                for t in texts])
    while len(answers) < len(values):
        answers.append(["probe died"])
    return answers


def compare(wire, probe, name, quiet=False):
    sql_type, oid, typmod, values = types_values.values_of(name)
    values = [v.encode() if isinstance(v, str) else v for v in values]
    # A typed parameter takes no modifier, so the modifier is a cast; both
    # sides read text as an input function given the modifier would.
    theirs = wire.ask(f"select $1::{sql_type}", oid, values)
    ours = weir_answers(probe, oid, typmod, "t", values)
    different = 0
    for value, a, b in zip(values, ours, theirs):
        if a != b:
            different += 1
            if different <= int(os.environ.get("SHOW", "15")):
                print(f"{name} {value[:100]!r}:\n   weir     {str(a)[:300]}\n"
                      f"   postgres {str(b)[:300]}")
    binaries = [b[1] for b in theirs if isinstance(b, tuple)]
    expected = [b for b in theirs if isinstance(b, tuple)]
    again = weir_answers(probe, oid, -1, "b", binaries)
    for value, a, b in zip(binaries, again, expected):
        if a != b:
            different += 1
            if different <= int(os.environ.get("SHOW", "15")):
                print(f"{name} binary {value.hex()[:80]}:\n   weir     "
                      f"{str(a)[:300]}\n   postgres {str(b)[:300]}")
    print(f"{name}: {len(values)} texts, {len(binaries)} binaries, "
          f"{different} differ")
    return different


def main():
    address, build, *names = sys.argv[1:]
    try:
        wire = Wire(address)
    except OSError as problem:
        print(f"no Postgres at {address}: {problem}")
        return 77
    zone = os.environ.get("ZONE", "UTC")
    order = os.environ.get("ORDER", "MDY")
    wire.query(f"set timezone to '{zone}'")
    wire.query(f"set datestyle to 'ISO, {order}'")
    now = wire.query("select (extract(epoch from now()) * 1000000)::int8"
                     " - 946684800000000")[0][0]
    global HEADER
    HEADER = f"zone {zone}\nnow {now}\norder {order[0]}\n"
    random.seed(int(os.environ.get("SEED", "1")))
    probe = build_probe(build, "type_probe")
    different = sum(compare(wire, probe, name)
                    for name in names or types_values.NAMES)
    print(f"{different} differences")
    return 1 if different else 0


sys.exit(main())
