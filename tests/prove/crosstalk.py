"""COUNT replies, each with a token that is in its question and nowhere else,
while clients are reset, servers terminated and queries cancelled at random.
No reply may carry another client's token, or an earlier one of its own; nobody
who did not cancel hears 57014; nobody waits in vain.
usage: crosstalk.py [COUNT] [SEED] [--again] [--round NUMBER]

ROAD=direct asks Postgres itself, ROAD=sqlite a SQLite file."""

import asyncio
import collections
import multiprocessing
import os
import pathlib
import random
import re
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from support.cluster import PASSWORD, USER, Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.raw import (DESCRIBE, EXECUTE, FLUSH, SYNC, Gone, Hang, Raw, Refused, bind, parse,  # noqa: E402
                         query, values)
from support.talk import fields, message, zero  # noqa: E402
from support.weir import serve  # noqa: E402

PER_ROUND = 50_000
PROCESSES, CLIENTS, POOL = 2, 20, 5  # clients per process
TOKEN = re.compile(rb"~(\d+)\.(\d+)~")
# What a client may hear because its server was terminated.
LOST = {"57P01", "57P02", "57P03", "08000", "08003", "08006"}
BAD = ("foreign", "wrong_cancels", "hangs", "unexpected")
DESCRIBE_STATEMENT = message(b"D", b"S\0")
TABLE = "CREATE TABLE crosstalk (n int, client int, token text)"


class Astray(Exception):
    """This question has got an error that makes what follows pointless."""


class Item:
    """What one statement is answered with: rows, or an error that quotes the token."""

    def __init__(self, rows=(), code=None, quote=None, lines=(), notice=None):
        self.rows, self.code, self.quote, self.lines, self.notice = list(rows), code, quote, list(lines), notice


class Asker:
    """One client; it comes back under the same number after each crash."""

    def __init__(self, crowd, number):
        self.crowd, self.number, self.serial = crowd, number, 0
        self.random = random.Random(f"{crowd.seed}/{crowd.round}/{number}")
        self.conn, self.cancelling = None, False
        self.about, self.prepared, self.application = "", {}, None
        self.hears_again = 0

    # --- tokens

    def token(self):
        self.serial += 1
        size = self.random.choice((0, 0, 0, 10, 100, 1000)) if self.random.random() < 0.98 else 20_000
        return f"~{self.number}.{self.serial}~" + "x" * size

    def wrong(self, what, told):
        self.crowd.figures[what] += 1
        self.crowd.notes.append(f"{what}: client {self.number}, {self.about}: {str(told)[:300]}")

    def scan(self, kind, body):
        """A token in anything at all must be one of one's own."""
        for found in TOKEN.finditer(body):
            if int(found[1]) != self.number:
                self.wrong("foreign", (kind, found[0]))

    # --- talking

    async def ask(self, data, *segments):
        """Sends, and hears the answers up to as many ReadyForQuery as there are
        segments. Now and then the client dies at it instead."""
        if self.random.random() < self.crowd.deaths:
            await self.die(data)
        self.conn.send(data)
        heard = [await self.hear(items) for items in segments]
        status = heard[-1][0]
        if not all(whole for _, whole in heard):
            if status != "I":
                self.conn.send(query("ROLLBACK"))
                status, _ = await self.hear([Item()])
            raise Astray

    async def die(self, data):
        self.crowd.figures["resets"] += 1
        if self.random.random() < 0.4:
            self.conn.send(data[:self.random.randrange(len(data))])
            await asyncio.sleep(0)
        else:
            self.conn.send(data)
            for _ in range(self.random.randrange(4)):
                if (await self.conn.read())[0] == b"Z":
                    break
        self.conn.crash()
        raise Gone

    async def hear(self, items, until=b"Z"):
        """(status, whether everything was as foretold)"""
        waiting, whole, failed = collections.deque(items), True, False
        rows, lines, notices = [], [], []
        while True:
            kind, body = await self.conn.read()
            item = waiting[0] if waiting else None
            if kind == b"D":
                rows.append(values(body))
                if failed or not item or item.rows[len(rows) - 1:len(rows)] != rows[-1:]:
                    self.scan(kind, body)
                    self.wrong("foreign", ("row", rows[-1]))
            elif kind == b"d":
                lines.append(body.decode().rstrip("\n"))
                if failed or not item or item.lines[len(lines) - 1:len(lines)] != lines[-1:]:
                    self.scan(kind, body)
                    self.wrong("foreign", ("line", lines[-1]))
            elif kind == b"C":
                if not item or failed:
                    self.wrong("unexpected", ("CommandComplete", body))
                else:
                    if (len(rows), len(lines)) != (len(item.rows), len(item.lines)):
                        self.wrong("unexpected", f"{len(rows)} rows of {len(item.rows)}, "
                                                 f"{len(lines)} lines of {len(item.lines)}, {body}")
                    if item.code or notices != ([item.notice] if item.notice else []):
                        self.wrong("unexpected", f"no error, or other notices: {item.code} {notices}")
                    self.crowd.figures["replies"] += 1
                    waiting.popleft()
                rows, lines, notices = [], [], []
            elif kind == b"E":
                self.scan(kind, body)
                whole = self.hear_error(fields(body), item) and whole
                failed = True
            elif kind == b"N":
                self.scan(kind, body)
                notices.append(fields(body)["M"])
            elif kind in (b"T", b"S", b"A"):
                self.scan(kind, body)
            elif kind == b"Z":
                if waiting and not failed:
                    self.wrong("unexpected", f"ready with {len(waiting)} answers missing")
                return body.decode(), whole
            if kind == until:
                return "", whole

    def hear_error(self, told, item):
        code = told["C"]
        if item and item.code == code:
            if item.quote not in told["M"]:
                self.wrong("foreign", told)
            self.crowd.figures["replies"] += 1
            return True
        if code == "57014":
            if not self.cancelling:
                self.wrong("wrong_cancels", told)
            self.crowd.figures["cancelled"] += 1
        elif code in LOST:
            self.crowd.figures["lost"] += 1
        else:
            self.wrong("unexpected", told)
        return False

    # --- questions

    async def simple(self):
        token = self.token()
        short = token[:40]
        await self.ask(query(f"SELECT '{token}' AS \"{short}\""), [Item([[token]])])

    async def several(self):
        one, two = self.token(), self.token()
        await self.ask(query(f"SELECT '{one}'; SELECT '{two}', 2"), [Item([[one]]), Item([[two, "2"]])])

    async def failing(self):
        token = self.token()[:200]
        await self.ask(query(f"SELECT '{token}'::int"), [Item(code="22P02", quote=token)])

    async def extended(self):
        token = self.token()
        await self.ask(parse("", "SELECT $1::text") + bind("", token) + DESCRIBE + EXECUTE + SYNC, [Item([[token]])])

    async def flushed(self):
        """What is asked is asked in two parts; the server is theirs in between."""
        token = self.token()
        self.conn.send(parse("", "SELECT $1::text, 'f'::text") + DESCRIBE_STATEMENT + FLUSH)
        _, whole = await self.hear([], until=b"T")
        self.conn.send(bind("", token) + EXECUTE + FLUSH)
        _, whole = await self.hear([Item([[token, "f"]])], until=b"C") if whole else ("", False)
        await self.ask(SYNC, [])
        if not whole:
            raise Astray

    def shape(self, name):
        """Parses under this name now and then; the same name means something
        else to others, and others call the same text by other names."""
        data = b""
        if name not in self.prepared or self.random.random() < 0.05:
            if name in self.prepared:
                data = message(b"C", b"S" + zero(name))
            shape = self.random.randrange(40)
            data += parse(name, f"SELECT $1::text, 'shape {shape}'::text")
            self.prepared[name] = f"shape {shape}"
        return data, self.prepared[name]

    async def by_name(self):
        name, token = f"p{self.random.randrange(4)}", self.token()
        data, shape = self.shape(name)
        try:
            await self.ask(data + bind(name, token) + DESCRIBE + EXECUTE + SYNC, [Item([[token, shape]])])
        except Astray:
            self.doubt(name, data)
            raise

    def doubt(self, name, data):
        """A Parse in what has failed may have been skipped: away with the name."""
        if data:
            self.prepared.pop(name, None)
            self.conn.send(message(b"C", b"S" + zero(name)) + SYNC)
            self.hears_again += 1

    async def pipelined(self):
        data, segments, items = [], [], []
        names = {f"p{n}": self.shape(f"p{n}") for n in range(4)}
        data += [first for first, _ in names.values()] + [SYNC]
        segments.append([])
        for _ in range(self.random.randrange(2, 40)):
            name, token = f"p{self.random.randrange(4)}", self.token()
            chance = self.random.random()
            if chance < 0.03:
                token = token[:200]
                data.append(parse("", "SELECT $1::text::int") + bind("", token) + EXECUTE)
                items.append(Item(code="22P02", quote=token))
            elif chance < 0.1:
                data.append(parse("", "SELECT $1::text") + bind("", token) + EXECUTE)
                items.append(Item([[token]]))
            else:
                data.append(bind(name, token) + EXECUTE)
                items.append(Item([[token, names[name][1]]]))
            if self.random.random() < 0.1 or any(item.code for item in items):
                data.append(SYNC)
                segments.append(items)
                items = []
        data.append(SYNC)
        segments.append(items)
        try:
            await self.ask(b"".join(data), *segments)
        except Astray:
            for name, (first, _) in names.items():
                self.doubt(name, first)
            raise

    async def copy(self):
        token, long = self.token()[:120], self.random.random() < 0.2
        lines = self.random.choice((1, 5, 50, 2000) if long else (1, 5))
        sql = f"COPY (SELECT '{token}' || n FROM generate_series(1, {lines}) n) TO STDOUT"
        await self.ask(query(sql), [Item(lines=[f"{token}{n + 1}" for n in range(lines)])])

    async def transaction(self):
        one, two, three = self.token(), self.token(), self.token()[:200]
        await self.ask(query("BEGIN"), [Item()])
        await self.ask(query(f"INSERT INTO crosstalk VALUES (1, {self.number}, '{one}') RETURNING token"),
                       [Item([[one]])])
        await self.ask(parse("", "INSERT INTO crosstalk VALUES (2, $1::int, $2::text) RETURNING token, $2::text")
                       + bind("", str(self.number), two) + EXECUTE + SYNC, [Item([[two, two]])])
        if self.random.random() < 0.3:
            await self.ask(query("SAVEPOINT s"), [Item()])
            await self.ask(query(f"SELECT '{three}'::int"), [Item(code="22P02", quote=three)])
            await self.ask(query("ROLLBACK TO s"), [Item()])
        await self.ask(query("SELECT token FROM crosstalk ORDER BY n"), [Item([[one], [two]])])
        end = self.random.choice(("ROLLBACK", "DELETE FROM crosstalk; COMMIT"))
        await self.ask(query(end), [Item()] * (1 + end.count(";")))

    async def noticed(self):
        token = self.token()[:200]
        await self.ask(query(f"DO $$ BEGIN RAISE NOTICE '{token}'; END $$"), [Item(notice=token)])

    async def named(self):
        """A setting is a token too, and it follows its client."""
        if self.application:
            await self.ask(query("SHOW application_name"), [Item([[self.application]])])
        if self.application is None or self.random.random() < 0.3:
            token = self.token()[:60]
            self.application = None
            await self.ask(query(f"SET application_name = '{token}'"), [Item()])
            self.application = token

    async def cancelled(self):
        token, pause = self.token(), self.random.uniform(0.0005, 0.03)
        self.cancelling = True
        cancel = asyncio.ensure_future(self.cancel_after(self.random.uniform(0, pause * 1.5)))
        try:
            await self.ask(query(f"SELECT '{token}' FROM pg_sleep({pause:.5f})"), [Item([[token]])])
            if self.random.random() < 0.2:  # in haste: the cancel may hit the next one, but nobody else's
                await self.simple()
        finally:
            await cancel
            self.cancelling = False

    async def cancel_after(self, delay):
        await asyncio.sleep(delay)
        self.crowd.figures["cancels"] += 1
        try:
            await self.conn.cancel(self.crowd.port)
        except OSError:
            pass

    QUESTIONS = {"simple": 16, "several": 4, "failing": 4, "extended": 14, "flushed": 4, "by_name": 14,
                 "pipelined": 14, "copy": 5, "transaction": 6, "noticed": 2, "named": 4, "cancelled": 3}

    async def live(self):
        weights = {name: weight for name, weight in self.QUESTIONS.items() if name not in self.crowd.without}
        names, weights = list(weights), list(weights.values())
        while not self.crowd.enough():
            try:
                if not self.conn or self.conn.gone and not self.conn.messages:
                    await self.come_back()
                self.about = self.random.choices(names, weights)[0]
                await getattr(self, self.about)()
            except Astray:
                try:
                    while self.hears_again:
                        self.hears_again -= 1
                        await self.hear([])
                except (Gone, Hang):
                    self.conn.crash()
                    self.conn = None
            except (Gone, OSError):
                self.conn = None
            except Refused as refused:
                self.conn = None
                if refused.code not in LOST:
                    self.wrong("unexpected", f"login: {refused}")
            except Hang:
                self.wrong("hangs", "no answer")
                if self.conn:
                    self.conn.crash()
                self.conn = None
        if self.conn:
            self.conn.leave()

    async def come_back(self):
        self.about, self.prepared, self.application, self.hears_again = "login", {}, None, 0
        self.conn = await Raw.connect(self.crowd.port, USER, PASSWORD)
        self.crowd.figures["logins"] += 1


class Crowd:
    """The clients of one process."""

    def __init__(self, port, seed, number, replies, deaths, without):
        self.port, self.seed, self.round, self.replies = port, seed, number, replies
        self.deaths, self.without = deaths, without
        self.figures, self.notes = collections.Counter(), []

    def enough(self):
        return self.figures["replies"] >= self.replies or self.figures["hangs"] > 2 or len(self.notes) > 50

    async def live(self, first):
        await asyncio.gather(*(Asker(self, first + n).live() for n in range(CLIENTS)))


def crowd_process(pipe, first, *arguments):
    crowd = Crowd(*arguments)
    try:
        asyncio.run(crowd.live(first))
    except BaseException as error:  # what a test of weir must not hide is a mistake in itself
        crowd.figures["unexpected"] += 1
        crowd.notes.append(f"the crowd failed: {error!r}")
        raise
    finally:
        pipe.send((dict(crowd.figures), crowd.notes))


def terminate_servers(cluster, chance, over, figures):
    """Strikes a random server of weir's every so often."""
    with psycopg.connect(f"host=127.0.0.1 port={cluster.port} user=postgres password=postgres-password dbname=app",
                         autocommit=True) as conn:
        while not over.wait(chance.uniform(0.01, 0.12)):
            hit = conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s "
                               "ORDER BY random() LIMIT 1", (USER,)).fetchall()
            figures["terminated"] += len(hit)


def run_round(endpoint, seed, number, replies, processes=PROCESSES, deaths=1 / 150):
    """One round against an endpoint whose database has TABLE: figures and notes."""
    figures, notes, over = collections.Counter(), [], threading.Event()
    without = {"noticed"} if endpoint.is_sqlite else set()
    fork, crowds = multiprocessing.get_context("fork"), []
    for index in range(processes):
        ours, theirs = fork.Pipe(False)
        process = fork.Process(target=crowd_process, args=(
            theirs, index * CLIENTS, endpoint.port, seed, number, replies // processes, deaths, without))
        process.start()
        theirs.close()
        crowds.append((process, ours))
    killer = None
    if endpoint.cluster:
        killer = threading.Thread(target=terminate_servers, args=(
            endpoint.cluster, random.Random(f"{seed}/{number}/terminate"), over, figures))
        killer.start()
    try:
        for process, pipe in crowds:
            while not pipe.poll(0.2):
                if endpoint.weir:
                    endpoint.weir.log()  # it must not wait for a reader of its log
            told, said = pipe.recv()
            figures.update(told)
            notes += said
            process.join()
    finally:
        over.set()
        if killer:
            killer.join()
    return figures, notes


def prepare(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS crosstalk")
        conn.execute(TABLE)


def said(figures):
    return (f"{figures['replies']} replies, {figures['resets']} clients reset, {figures['terminated']} servers "
            f"terminated ({figures['lost']} noticed), {figures['cancels']} cancels ({figures['cancelled']} hit): "
            f"{figures['foreign']} foreign, {figures['wrong_cancels']} wrong cancels, {figures['hangs']} hangs, "
            f"{figures['unexpected']} unexpected")


def main():
    proof, road = Proof("crosstalk", 1_000_000, PER_ROUND), os.environ.get("ROAD", "postgres")
    cluster = None if road == "sqlite" else Cluster()
    try:
        for number, replies in proof.rounds():
            with serve(road, cluster, "--pool-size", POOL) as endpoint:
                prepare(endpoint)
                figures, notes = run_round(endpoint, proof.seed, number, replies)
            for note in notes[:5]:
                print(f"round {number}: {note}", file=sys.stderr)
            proof.keep(figures)
    finally:
        if cluster:
            cluster.destroy()
    proof.end(said(proof.figures), any(proof.figures[bad] for bad in BAD))


if __name__ == "__main__":
    main()
