"""Postgres is restarted (immediate) COUNT times while 1,000 clients wait for
ten servers. Everybody gets its result, or an error within the queue limit, and
is served afterwards; a transaction that was open fails and does not go on; the
connections weir attempts meanwhile are at most pool_size x (1 + outage /
back-off). Last, a cold start: weir and its clients are there ten seconds
before Postgres is.
usage: outage.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import asyncio
import collections
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import PASSWORD, USER, Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.raw import Gone, Hang, Raw, Refused  # noqa: E402
from support.relay import Relay  # noqa: E402
from support.weir import Weir  # noqa: E402

CLIENTS, POOL, HOLDERS = 1000, 10, 3
QUEUE_S, GRACE_S = 20, 5
BACK_OFF_S = 0.1  # weir's first one; it doubles
COLD_S = 10
# The server is gone, does not answer, or did not become free in time.
HONEST = {"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "53300"}
BAD = ("stuck", "late", "unexpected", "went_on", "unserved", "stormed")


class Outage:
    def __init__(self, cluster, clients=CLIENTS, **options):
        self.cluster, self.count = cluster, clients
        self.relay = Relay(cluster.port)
        backend = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.relay.port}/app?sslmode=disable"
        self.weir = Weir("--pool-size", POOL, "--queue-timeout", f"{QUEUE_S}s", "--max-client-conn",
                         clients + 100, *options, backend)
        self.figures, self.notes, self.longest = collections.Counter(), [], 0.0

    def wrong(self, what, told):
        self.figures[what] += 1
        self.notes.append(f"{what}: {str(told)[:300]}")

    async def connect(self):
        return await Raw.connect(self.weir.port, USER, PASSWORD)

    async def ask(self, conn, text):
        """What comes: a row, an SQLSTATE, or `gone`; and how long it took."""
        start = time.monotonic()
        try:
            rows, error, _ = await conn.ask(text, QUEUE_S + GRACE_S)
            answer = error["C"] if error else rows[0][0] if rows else ""
        except Gone:
            answer = "gone"
        except Hang:
            self.wrong("stuck", f"{text} after {QUEUE_S + GRACE_S} s")
            conn.crash()
            answer = "gone"
        took = time.monotonic() - start
        self.longest = max(self.longest, took)
        if took > QUEUE_S + 2:
            self.wrong("late", f"{text} took {took:.1f} s: {answer}")
        return answer

    # --- one restart

    async def wait_through(self, conn, token, answered, restarted):
        """One client that waits while the server is restarted: its connection."""
        answer = await self.ask(conn, f"SELECT '{token}' FROM pg_sleep(0.02)")
        if answer == token:
            self.figures["answered"] += 1
        elif answer == "gone" or answer in HONEST:
            self.figures["told"] += 1
        else:
            self.wrong("unexpected", f"{token} is told {answer}")
        answered.release()
        await restarted.wait()
        return await self.serve_again(conn, token)

    async def hold(self, conn, token, held, restarted):
        """A transaction that is open meanwhile."""
        await self.ask(conn, "BEGIN")
        await self.ask(conn, "SELECT 1")
        held.release()
        await restarted.wait()
        answer = await self.ask(conn, "SELECT 'went on'")
        if answer == "went on":
            self.wrong("went_on", f"{token}: a transaction goes on after a restart")
        elif answer == "gone" or answer in HONEST:
            self.figures["told"] += 1
        else:
            self.wrong("unexpected", f"{token} in a transaction is told {answer}")
        if answer != "gone":
            await self.ask(conn, "ROLLBACK")
        return await self.serve_again(conn, token)

    async def serve_again(self, conn, token):
        for _ in range(2):
            if conn.gone:
                try:
                    conn = await self.connect()
                except (OSError, Gone, Hang, Refused) as error:
                    self.wrong("unserved", f"{token} cannot log in again: {error!r}")
                    return conn
            answer = await self.ask(conn, f"SELECT '{token} again'")
            if answer == f"{token} again":
                return conn
            if answer != "gone":  # a server that died while it was idle may take its client with it, once
                break
        self.wrong("unserved", f"{token} is told {answer} after the restart")
        return conn

    async def restart(self, chance, conns):
        answered, held, restarted = asyncio.Semaphore(0), asyncio.Semaphore(0), asyncio.Event()
        lives = [asyncio.ensure_future(self.hold(conn, f"h{n}", held, restarted))
                 for n, conn in enumerate(conns[:HOLDERS])]
        for _ in range(HOLDERS):
            await held.acquire()
        lives += [asyncio.ensure_future(self.wait_through(conn, f"w{n}", answered, restarted))
                  for n, conn in enumerate(conns[HOLDERS:])]
        for _ in range(chance.randrange(1, len(conns) // 10)):
            await answered.acquire()
        attempts, start = self.relay.attempts, time.monotonic()
        await asyncio.to_thread(self.cluster.stop)
        await asyncio.to_thread(self.cluster.start)
        outage = time.monotonic() - start
        restarted.set()
        conns = await asyncio.gather(*lives)
        self.judge_attempts(self.relay.attempts - attempts, outage)
        self.figures["restarts"] += 1
        return conns

    def judge_attempts(self, attempts, outage):
        most = POOL * (1 + outage / BACK_OFF_S)
        self.figures["attempts"] += attempts
        self.figures["attempts_allowed"] += int(most)
        if attempts > most:
            self.wrong("stormed", f"{attempts} connections in an outage of {outage:.1f} s, at most {most:.0f}")

    # --- a cold start

    async def arrive_early(self, number):
        start = time.monotonic()
        try:
            conn = await self.connect()
            answer = await self.ask(conn, f"SELECT 'c{number}'")
        except (OSError, Gone, Hang, Refused) as error:
            answer, conn = repr(error), None
        if answer != f"c{number}":
            self.wrong("unserved", f"cold start: {answer} after {time.monotonic() - start:.1f} s")
        else:
            self.figures["served_cold"] += 1
        if conn:
            conn.leave()

    async def cold_start(self, seconds):
        """Postgres is down when this is called, and up afterwards."""
        start = time.monotonic()
        lives = [asyncio.ensure_future(self.arrive_early(n)) for n in range(self.count)]
        await asyncio.sleep(seconds)  # the outage itself
        await asyncio.to_thread(self.cluster.start)
        outage = time.monotonic() - start
        await asyncio.gather(*lives)
        self.judge_attempts(self.relay.attempts, outage)

    # --- whole

    async def with_log_read(self, body):
        """weir must not wait for a reader of its log."""
        asyncio.get_running_loop().add_reader(self.weir.process.stderr, self.weir.log)
        try:
            return await body
        finally:
            asyncio.get_running_loop().remove_reader(self.weir.process.stderr)

    def close(self):
        self.weir.stop()
        self.relay.close()


def run_restarts(cluster, seed, first, count, clients=CLIENTS):
    """The figures and notes of `count` restarts, of the same clients throughout."""
    outage = Outage(cluster, clients)

    async def body():
        conns = await asyncio.gather(*(outage.connect() for _ in range(clients)))
        for number in range(first, first + count):
            conns = await outage.restart(random.Random(f"{seed}/{number}"), conns)
        for conn in conns:
            conn.leave()

    try:
        asyncio.run(outage.with_log_read(body()))
    finally:
        outage.close()
    outage.figures["longest_ms"] = int(outage.longest * 1000)
    return outage.figures, outage.notes


def run_cold_start(cluster, seconds=COLD_S, clients=CLIENTS):
    cluster.stop("fast")
    try:
        outage = Outage(cluster, clients)
        try:
            asyncio.run(outage.with_log_read(outage.cold_start(seconds)))
        finally:
            outage.close()
    except BaseException:
        cluster.start()
        raise
    return outage.figures, outage.notes


def said(figures):
    return (f"{figures['restarts']} restarts, {figures['answered']} answered, {figures['told']} told so, "
            f"{figures['served_cold']} served after a cold start, {figures['attempts']} connections of "
            f"{figures['attempts_allowed']} allowed: " + ", ".join(f"{figures[bad]} {bad}" for bad in BAD))


def main():
    proof = Proof("outage", 20, 5)
    cluster = Cluster()
    try:
        for number, count in proof.rounds():
            figures, notes = run_restarts(cluster, proof.seed, number * proof.per_round, count)
            print(f"round {number}: longest wait {figures.pop('longest_ms')} ms", file=sys.stderr)
            for note in notes[:5]:
                print(f"round {number}: {note}", file=sys.stderr)
            proof.keep(figures)
        figures, notes = run_cold_start(cluster)
        for note in notes[:5]:
            print(f"cold start: {note}", file=sys.stderr)
        proof.figures.update(figures)
    finally:
        cluster.destroy()
    proof.end(said(proof.figures), any(proof.figures[bad] for bad in BAD))


if __name__ == "__main__":
    main()
