"""COUNT cancels that race with the completion of what they are for, on a pool
of one server that others use too: nobody else's query is ever hit, nor the
next one of the client that cancelled, once its CancelRequest has been answered
by the end of that connection.
usage: cancel.py [COUNT] [SEED] [--again] [--round NUMBER]   (ROAD=direct|postgres|sqlite)"""

import asyncio
import collections
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import PASSWORD, USER, Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.raw import Gone, Hang, Raw  # noqa: E402
from support.weir import serve  # noqa: E402

PER_ROUND = 2000
CANCELLERS, BYSTANDERS = 3, 3
BAD = ("wrong", "foreign", "hangs", "unexpected")


class Race:
    def __init__(self, port, seed, number, count):
        self.port, self.count = port, count
        self.seed, self.number = seed, number
        self.figures, self.notes, self.started = collections.Counter(), [], 0

    def over(self):
        return self.started >= self.count or self.figures["hangs"] > 0

    def wrong(self, what, who, told):
        self.figures[what] += 1
        self.notes.append(f"{what}: {who}: {str(told)[:300]}")

    def judge(self, who, token, answer, cancelling):
        """Whether it was cancelled."""
        rows, error, status = answer
        if error and error["C"] == "57014":
            if not cancelling:
                self.wrong("wrong", who, error)
            return True
        if error:
            self.wrong("unexpected", who, error)
        elif rows != [[token]] or status != "I":
            self.wrong("foreign", who, (token, answer))
        else:
            self.figures["answers"] += 1
        return False

    async def cancel_and_go_on(self, index):
        who, chance = f"canceller {index}", random.Random(f"{self.seed}/{self.number}/{index}")
        conn, serial, delay = await Raw.connect(self.port, USER, PASSWORD), 0, 0.004
        while not self.over():
            self.started += 1
            serial += 1
            asked = asyncio.ensure_future(conn.ask(f"SELECT 'a{index}.{serial}' FROM pg_sleep(0.003)"))
            await asyncio.sleep(chance.uniform(0, delay))
            await conn.cancel(self.port)
            hit = self.judge(who, f"a{index}.{serial}", await asked, True)
            self.figures["hit" if hit else "late"] += 1
            # the race is where half of them hit
            delay = min(max(delay * (1.05 if hit else 0.95), 0), 0.05)
            for _ in range(chance.randrange(3)):
                serial += 1
                self.judge(who, f"a{index}.{serial}", await conn.ask(f"SELECT 'a{index}.{serial}'"), False)
        conn.leave()

    async def look_on(self, index):
        conn, serial = await Raw.connect(self.port, USER, PASSWORD), 0
        while not self.over():
            serial += 1
            self.judge(f"bystander {index}", f"b{index}.{serial}",
                       await conn.ask(f"SELECT 'b{index}.{serial}'"), False)
        conn.leave()

    async def one(self, life):
        try:
            await life
        except Hang:
            self.wrong("hangs", "somebody", "no answer")
        except Gone:
            self.wrong("unexpected", "somebody", "the connection has ended")

    async def run(self):
        lives = [self.cancel_and_go_on(n) for n in range(CANCELLERS)] + [self.look_on(n) for n in range(BYSTANDERS)]
        await asyncio.gather(*map(self.one, lives))


def run_round(endpoint, seed, number, count):
    race = Race(endpoint.port, seed, number, count)
    asyncio.run(race.run())
    return race.figures, race.notes


def said(figures):
    return (f"{figures['hit'] + figures['late']} cancels, {figures['hit']} in time and {figures['late']} too late, "
            f"{figures['answers']} answers: {figures['wrong']} wrong cancels, {figures['foreign']} foreign, "
            f"{figures['hangs']} hangs, {figures['unexpected']} unexpected")


def main():
    proof, road = Proof("cancel", 10_000, PER_ROUND), os.environ.get("ROAD", "postgres")
    cluster = None if road == "sqlite" else Cluster()
    try:
        for number, count in proof.rounds():
            with serve(road, cluster, "--pool-size", "1") as endpoint:
                figures, notes = run_round(endpoint, proof.seed, number, count)
            for note in notes[:5]:
                print(f"round {number}: {note}", file=sys.stderr)
            proof.keep(figures)
    finally:
        if cluster:
            cluster.destroy()
    proof.end(said(proof.figures), any(proof.figures[bad] for bad in BAD))


if __name__ == "__main__":
    main()
