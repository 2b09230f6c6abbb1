"""COUNT tampers by a direct connection, each found by `weir audit verify` with
the bucket named and no other; then a table of 1,000 * COUNT rows that nobody
touched verifies clean, and what the checkpoints cost is printed. Postgres and
SQLite in turn, keys from a sequence and UUIDs in the order of a timestamp.
usage: tamper.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import Cluster  # noqa: E402
from support.digest import Digested  # noqa: E402
from support.proof import Proof  # noqa: E402

PER_ROUND = 250
BATCHES, PER_BATCH = 12, 40
KINDS = ["postgres", "sqlite"]
TABLES = ["tampered by id", "stamped by at"]
DROP = ("DROP TABLE IF EXISTS tampered", "DROP TABLE IF EXISTS stamped")


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


class Table:
    """What is in one, as its rows' texts; the key is the first column."""

    def __init__(self, digested, name, columns):
        self.digested, self.name, self.columns = digested, name, columns
        cast = "::text" if digested.kind == "postgres" else ""
        rows = digested.direct("SET TimeZone = 'UTC'" if cast else "SELECT 1",
                               f"SELECT {', '.join(c + cast for c in columns)} FROM {name}")[1]
        self.rows = sorted(rows, key=lambda row: self.place(row[0]))
        self.buckets = [json.loads(line) for line in digested.file.read_text().splitlines()
                        if f'"table":"public.{name}"' in line]

    def place(self, key):
        return int(key) if self.name == "tampered" else key

    def bucket_of(self, key):
        for bucket in self.buckets:
            if self.place(key) <= self.place(bucket["upto"]):
                return bucket["bucket"]
        return None

    def insert(self, *rows):
        return [f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({', '.join(map(literal, row))})"
                for row in rows]

    def delete(self, row):
        which = 1 if self.name == "stamped" else 0
        return [f"DELETE FROM {self.name} WHERE {self.columns[which]} = {literal(row[which])}"]


def between(chance, table):
    """A row that was never there, somewhere in the sealed range."""
    row = list(chance.choice(table.rows))
    if table.name == "tampered":
        row[0] = str(int(row[0]) - 1)
    else:
        row[1] = str(uuid.UUID(int=chance.getrandbits(128)))
    row[-1] = "slipped in"
    return row


def tamper(chance, table, digested):
    """Statements that do it, statements that undo it, the buckets they hit."""
    row, kind = chance.choice(table.rows), chance.choice(["update", "delete", "insert", "replace", "swap", "move", "empty"])
    if kind == "empty" and chance.random() < 0.9:
        kind = "delete"
    bucket = table.bucket_of(row[0])
    if kind == "update":
        changed = [*row]
        at = chance.randrange(2, len(row))
        changed[at] = str(float(row[at]) + 1) if table.columns[at] == "n" else row[at] + chance.choice([" ", "x", "é"])
        return table.delete(row) + table.insert(changed), table.delete(row) + table.insert(row), {bucket}
    if kind == "delete":
        return table.delete(row), table.insert(row), {bucket}
    if kind == "insert":
        new = between(chance, table)
        return table.insert(new), table.delete(new), {table.bucket_of(new[0])}
    if kind == "replace":      # as many rows as before
        new = between(chance, table)
        return (table.delete(row) + table.insert(new), table.delete(new) + table.insert(row),
                {bucket, table.bucket_of(new[0])})
    if kind == "swap":
        other = chance.choice([one for one in table.rows if one[-1] != row[-1]])
        a, b = [*row[:-1], other[-1]], [*other[:-1], row[-1]]
        gone = table.delete(row) + table.delete(other)
        return gone + table.insert(a, b), gone + table.insert(row, other), {bucket, table.bucket_of(other[0])}
    if kind == "move":         # beyond what is sealed
        moved = [str(10**9) if table.name == "tampered" else row[0].replace("2026", "2036"), *row[1:]]
        return table.delete(row) + table.insert(moved), table.delete(moved) + table.insert(row), {bucket}
    emptied = f"TRUNCATE {table.name}" if digested.kind == "postgres" else f"DELETE FROM {table.name}"
    return [emptied], table.insert(*table.rows), {one["bucket"] for one in table.buckets}


def found_in(said):
    return {(table, int(bucket)) for table, bucket in re.findall(r"^  public\.(\w+) bucket (\d+) ", said, re.M)}


def fill(digested):
    """Batches that are sealed one after the other; serial keys leave gaps."""
    with digested.connect() as conn:
        for statement in DROP:
            conn.execute(statement)
        conn.execute("CREATE TABLE tampered (id bigserial PRIMARY KEY, code text, n float8, what text)")
        conn.execute("CREATE TABLE stamped (at timestamptz NOT NULL, id uuid PRIMARY KEY, n float8, what text)")
        for batch in range(BATCHES):
            conn.execute("INSERT INTO tampered (id, code, n, what) SELECT 2 * (%s + g), 'c' || g, g / 7.0, 'row ' || g"
                         " FROM generate_series(1, %s) g", (batch * PER_BATCH, PER_BATCH))
            conn.execute("INSERT INTO stamped SELECT timestamptz '2026-01-01 00:00+00' + (%s + g / 3) * interval '1 s',"
                         " gen_random_uuid(), g / 7.0, 'row ' || g FROM generate_series(1, %s) g",
                         (batch * 60, PER_BATCH))
            digested.sealed("public.tampered", 2 * (batch + 1) * PER_BATCH)
            digested.sealed("public.stamped", digested.instant(f"2026-01-01 00:{batch:02}:{PER_BATCH // 3}"))


def attack(digested, count, seed):
    """What was counted, and what went wrong."""
    figures, notes, chance = collections.Counter(), [], random.Random(seed)
    digested.start()
    fill(digested)
    digested.stop()
    tables = [Table(digested, "tampered", ["id", "code", "n", "what"]),
              Table(digested, "stamped", ["at", "id", "n", "what"])]
    for number in range(count):
        table = chance.choice(tables)
        doing, undoing, buckets = tamper(chance, table, digested)
        digested.direct(*doing)
        code, said = digested.verify()
        figures["tampers"] += 1
        if code != 1 or found_in(said) != {(table.name, bucket) for bucket in buckets}:
            figures["missed"] += 1
            notes.append(f"tamper {number} of seed {seed}: {doing}: {sorted(buckets)}, but {code}:\n{said}")
        digested.direct(*undoing)
    code, said = digested.verify()
    if code != 0:
        figures["alarms"] += 1
        notes.append(f"after all was undone, seed {seed}: {code}:\n{said}")
    digested.direct(*DROP)
    return figures, notes


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(digested, rows):
    """Seconds of a processor to seal a table, seconds to verify it; the exit code."""
    digested.start()
    with digested.connect() as conn:
        conn.execute("DROP TABLE IF EXISTS big")
        conn.execute("CREATE TABLE big (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),"
                     " actor text, what text, n int)")
        digested.weir.wait_for_line("checkpoints go on")
        conn.execute("INSERT INTO big (actor, what, n) SELECT 'actor ' || g %% 100, 'changed the thing ' || g, g"
                     " FROM generate_series(1, %s) g", (rows,))
        inserted, began = processor_s(digested.weir.process.pid), time.monotonic()
        digested.weir.wait_for_line("msg=checkpoint .*table=public.big ", timeout=600)
        sealing_s, took_s = processor_s(digested.weir.process.pid) - inserted, time.monotonic() - began
    digested.stop()
    began = time.monotonic()
    code, said = digested.verify()
    verify_s = time.monotonic() - began
    clean = code == 0 and f" {rows} rows: all as sealed" in said
    digested.direct("DROP TABLE big")
    return clean, sealing_s, took_s, verify_s, said


def main():
    proof = Proof("tamper", 1000, PER_ROUND)
    cluster, notes, cost = Cluster(), [], []
    try:
        for number, count in proof.rounds():
            with tempfile.TemporaryDirectory(prefix="weir-tamper-") as directory, \
                    Digested(directory, KINDS[number % 2], TABLES, cluster) as digested:
                figures, told = attack(digested, count, f"{proof.seed}/{number}")
            notes += told
            proof.keep(figures)
        for kind in KINDS:
            rows = 1000 * proof.count
            with tempfile.TemporaryDirectory(prefix="weir-tamper-") as directory, \
                    Digested(directory, kind, ["big by id"], cluster) as digested:
                clean, sealing_s, took_s, verify_s, said = measure(digested, rows)
            if not clean:
                proof.figures["alarms"] += 1
                notes.append(f"{kind}: {said}")
            cost.append(f"{kind}: {rows} untouched rows clean, sealed in {took_s:.1f} s with {sealing_s / rows * 1e6:.2f} us"
                        f" of a processor a row in weir, verified in {verify_s:.1f} s")
    finally:
        cluster.destroy()
    for note in notes[:20]:
        print(note, file=sys.stderr)
    figures = proof.figures
    proof.end(f"{figures['tampers']} tampers, {figures['missed']} not found or in another bucket, {figures['alarms']} "
              f"false alarms; {'; '.join(cost)}", figures["missed"] or figures["alarms"])


if __name__ == "__main__":
    main()
