"""COUNT steps of clients that keep each other waiting, over Postgres and over a
SQLite file: all are answered within their limits, nobody hears of an error of
weir's own, and weir stops in order behind it.
usage: waits.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import asyncio
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.waits import crowd  # noqa: E402
from support.weir import serve  # noqa: E402

PER_ROUND = 2000
CROWDS = (6, 14, 22)


def play(endpoint, seed, figures):
    clients = CROWDS[seed % len(CROWDS)]
    heard, faults = asyncio.run(crowd(endpoint, seed, clients, PER_ROUND // clients))
    for what, said in faults:
        print(f"{endpoint.name}, seed {seed}: {what}\n  " + "\n  ".join(map(repr, said)), file=sys.stderr)
    figures["faults"] += len(faults)
    figures["steps"] += heard["steps"]
    figures["limits"] += heard["55P03"] + heard["57014"]


def main():
    proof = Proof("waits", 40_000, PER_ROUND)
    cluster = Cluster()
    try:
        for number, _ in proof.rounds():
            figures = collections.Counter()
            for road in ("postgres", "sqlite"):
                with serve(road, cluster, "--pool-size", max(CROWDS) + 2) as endpoint:
                    play(endpoint, proof.seed * 1_000_003 + number, figures)
            proof.keep(figures)
    finally:
        cluster.destroy()
    figures = proof.figures
    proof.end(f"{figures['steps']} steps, {figures['limits']} waits that a limit ended, {figures['faults']} faults",
              figures["faults"] or not figures["limits"])


main()
