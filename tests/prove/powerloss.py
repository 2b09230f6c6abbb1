"""COUNT power cuts: weir writes under load on a disk whose writes and syncs are
recorded, and images are made of random moments, in which what had not been
synced is there or not, sector by sector (support/disk.py). Each is recovered:
it must be sound, and have every row of which a client had been told, whole.
A control on a disk that does nothing when it is told to sync must lose rows.
usage: powerloss.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from support import disk, load  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import Endpoint, Weir  # noqa: E402

PER_ROUND, SECONDS = 150, 1.0


def record(directory, chance, seconds, lies):
    """Runs the load; returns what was recorded, and what clients were told."""
    recorder = disk.Disk(directory)
    recorder.control.sync_delay_us = chance.choice((0, 500, 3000))
    weir = Weir("--pool-size", "16", f"sqlite:{directory}/app.db", environment=recorder.environment)
    endpoint = Endpoint("sqlite", weir.port, weir=weir)
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute(load.TABLE)
        conn.execute(load.INDEX)
    recorder.control.lies = lies
    begun = time.monotonic_ns()
    with load.Load(endpoint, body_bytes=chance.choice((20, 300, 3000))) as made:
        time.sleep(seconds)
        made.has_told(100)
    weir.kill()
    assert not made.errors, made.errors[0]
    return recorder.events(), made.told, begun


def cut(directory, chance, count, seconds=SECONDS, lies=False):
    """The figures of `count` images of one run."""
    events, told, begun = record(directory, chance, seconds, lies)
    first = next(place for place, event in enumerate(events) if event[0] > begun)
    moments = [chance.randint(first + 1, len(events)) for _ in range(count)]
    figures = collections.Counter(images=count, syncs=sum(event[1] == disk.SYNC_ENDED for event in events),
                                  restarts=sum(event[1:4] == (disk.WROTE, 1, 0) for event in events),
                                  told=len(told))
    for now, contents in disk.images(events, moments, chance):
        sound, rows = disk.recovered(directory, contents, load.ROWS)
        lost, doubled, torn = load.judge(rows, {key for when, key in told if when < now})
        figures.update(lost=lost, doubled=doubled, torn=torn, unsound=sound != "ok", losing=lost > 0)
        if lost or doubled or torn or sound != "ok":
            figures["bad"] += 1
    return figures


def main():
    proof = Proof("powerloss", 3000, PER_ROUND)
    for number, count in proof.rounds():
        chance = random.Random(f"{proof.seed}/{number}")
        with tempfile.TemporaryDirectory(prefix="weir-powerloss-") as directory:
            figures = cut(directory, chance, count)
        with tempfile.TemporaryDirectory(prefix="weir-powerloss-") as directory:
            control = cut(directory, chance, max(1, count // 10), SECONDS / 2, lies=True)
        figures.update({f"control {name}": value for name, value in control.items()})
        proof.keep(figures)
    found = proof.figures
    proof.end(f"{found['images']} images after {found['told']} answers, {found['syncs']} syncs and "
              f"{found['restarts']} restarts of the log: {found['lost']} rows "
              f"lost, {found['doubled']} twice, {found['torn']} torn, {found['unsound']} images corrupt; "
              f"on a disk that does not sync (must be some): {found['control losing']} of {found['control images']} "
              f"images lose rows",
              found["bad"] or not found["control losing"])


if __name__ == "__main__":
    main()
