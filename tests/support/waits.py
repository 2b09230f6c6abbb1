"""Clients that are in each other's way: each waits for rows, tables, advisory
locks or the one writer of a SQLite file, and keeps others waiting, with half a
COPY, half a pipeline or an open transaction. All of them have limits, so each
must be answered; and nobody hears of an error that is weir's own."""

import asyncio
import collections
import random
import struct

from .raw import DESCRIBE, FLUSH, SYNC, Gone, Hang, Raw, Refused, bind, parse, query
from .talk import fields, message, zero

TABLES = ("drop table if exists t, u, k, c, extra", "drop sequence if exists s", "create table t (n int, x text)", "create table u (id serial primary key, v text)",
          "create table k (n int primary key)", "create sequence s",
          "create table c (n int references k deferrable initially deferred, m int)")
NUMBERS = 12        # of keys and locks: few, so that they meet
OWN_FAULTS = {"XX000", "XX001", "08P01"}
LIMIT = 30          # seconds; those below come to 12 at most

BEGINS = ("begin", "commit", "rollback", "savepoint a", "rollback to a", "release a",
          "begin isolation level serializable", "begin isolation level repeatable read", "begin read only",
          "set constraints all deferred")
READS = ("select 1", "select count(*) from t", "select n from t where n < 20", "select generate_series(1, 30000)",
         "show search_path", "select nextval('s')", "table u limit 3", "select 1 / 0", "select * from nope",
         "declare c cursor for select generate_series(1, 1000)", "fetch 3 c", "listen x", "select pg_sleep(0.01)",
         "select pg_try_advisory_lock(1)", "select pg_advisory_unlock_all()", "select pg_advisory_lock({})",
         "select pg_advisory_xact_lock({})", "select * from t order by n limit 5 for update",
         "select * from t limit 2 for update skip locked", "select * from t limit 2 for update nowait",
         "copy t to stdout", "copy (select generate_series(1, 20000)) to stdout")
WRITES = ("insert into t values ({}, 'x')", "insert into t select generate_series(1, 50)", "delete from t where n > {}",
          "update t set x = 'y' where n = {}", "insert into u (v) values (repeat('z', 2000)) returning id",
          "insert into k values ({})", "insert into k values ({}) on conflict do nothing",
          "with d as (delete from t where n = {} returning *) select * from d", "insert into c values ({}, 1)",
          "insert into t select {0}, 'l' from pg_advisory_xact_lock({0})", "notify x, 'hi'", "truncate u",
          "do $$ begin insert into t values ({0}, 'b'); perform pg_advisory_xact_lock({0}); end $$",
          "merge into k using t on k.n = t.n and t.n = {0} when not matched and t.n < 3 then insert values (t.n)"
          " when matched then delete", "update u set v = v returning v",
          "create temp table if not exists tmp (n int)", "insert into tmp values (1)",
          "drop table if exists tmp", "discard temp", "create table if not exists extra (n int)",
          "drop table if exists extra", "alter table t alter column x set not null",
          "alter table t alter column x drop not null", "create index on t (x)", "drop index if exists t_x_idx")
COPIES = ("copy t from stdin", "copy k from stdin")
LINES = ("1\tq", "2\t\\N", "bad", "77")


def execute(most):
    return message(b"E", zero("") + struct.pack("!i", most))


class Player:
    """One client; it comes back when it has gone. What it said last is kept, to be told."""

    def __init__(self, endpoint, seed, number, figures):
        self.endpoint, self.figures = endpoint, figures
        self.random = random.Random(f"{seed}/{number}")
        self.said = collections.deque(maxlen=8)
        self.faults = []
        self.behind_copy = b""      # what ends it needs behind it

    async def play(self, steps):
        conn = None
        for _ in range(steps):
            try:
                if not conn:
                    conn = await self.enter()
                await self.step(conn)
            except (Gone, Refused):
                self.figures["came back"] += 1
                conn = None
            except Hang:
                self.faults.append(("no answer", list(self.said)))
                return self.faults
            self.figures["steps"] += 1
        if conn:
            conn.leave()
        return self.faults

    async def enter(self):
        conn = await Raw.connect(self.endpoint.port, self.endpoint.user, self.endpoint.password)
        await self.ask(conn, query(f"set lock_timeout = {self.random.choice((50, 200, 500))}; "
                                   "set statement_timeout = 2000; set idle_in_transaction_session_timeout = 3000"))
        return conn

    async def ask(self, conn, data):
        """Until it is ready; what COPY wants is fed to it on the way."""
        self.say(conn, data)
        while True:
            kind, body = await conn.read(LIMIT)
            if kind == b"E":
                self.hear_error(fields(body))
            elif kind == b"G":
                await self.feed(conn)
            elif kind == b"Z":
                return

    def say(self, conn, data):
        self.said.append(data[:300])
        conn.send(data)

    def hear_error(self, told):
        self.figures[told["C"]] += 1
        if told["C"] in OWN_FAULTS:
            self.faults.append((f"{told['C']}: {told['M']}", list(self.said)))

    async def feed(self, conn):
        await self.pause(0, 0, 0.02, 0.4)
        for _ in range(self.random.randrange(4)):
            self.say(conn, message(b"d", self.random.choice(LINES).encode() + b"\n"))
        await self.pause(0, 0, 0.02, 0.2)
        chance = self.random.random()
        if chance < 0.05:
            conn.crash()
            raise Gone
        self.say(conn, (message(b"c") if chance < 0.7 else message(b"f", zero("no"))) + self.behind_copy)

    async def pause(self, *seconds):
        await asyncio.sleep(self.random.choice(seconds))

    def text(self):
        text = self.random.choice(self.random.choice((READS, WRITES, WRITES, BEGINS)))
        return text.format(self.random.randrange(NUMBERS))

    def statements(self, count, described):
        return b"".join(parse("", self.text()) + bind("") + (DESCRIBE if described else b"") +
                        execute(self.random.choice((0, 0, 2))) for _ in range(count))

    async def step(self, conn):
        kinds = (self.one, self.several, self.pipeline, self.half_a_pipeline, self.copy, self.cancelled, self.other)
        kind = self.random.choices(kinds, (35, 10, 20, 10, 12, 5, 6))[0]
        await kind(conn)

    async def one(self, conn):
        await self.ask(conn, query(self.text()))

    async def several(self, conn):
        await self.ask(conn, query("; ".join(self.text() for _ in range(self.random.randrange(2, 5)))))

    async def pipeline(self, conn):
        await self.ask(conn, self.statements(self.random.choice((1, 1, 1, 2, 3, 6)), True) + SYNC)

    async def half_a_pipeline(self, conn):
        self.say(conn, self.statements(self.random.choice((1, 2, 3)), False) + FLUSH)
        await self.pause(0, 0.01, 0.3)
        await self.ask(conn, SYNC)

    async def copy(self, conn):
        if self.random.random() < 0.3:
            # a Sync that is read during COPY is not answered
            self.behind_copy = SYNC
            await self.ask(conn, parse("", self.random.choice(COPIES)) + bind("") + execute(0) + SYNC)
            return
        self.behind_copy = b""
        before = self.random.choice(("", "insert into t values (1, 'c'); "))
        behind = self.random.choice(("", "; insert into t values (2, 'c')"))
        await self.ask(conn, query(before + self.random.choice(COPIES) + behind))

    async def cancelled(self, conn):
        self.say(conn, query(self.text()))
        await self.pause(0, 0.002, 0.05)
        await conn.cancel(self.endpoint.port)
        await self.ask(conn, b"")

    async def other(self, conn):
        chance = self.random.random()
        if chance < 0.3:
            conn.crash()
            raise Gone
        if chance < 0.6:
            await self.pause(0.1, 0.6)
        await self.ask(conn, query(self.random.choice(("rollback", "commit", "discard all; set lock_timeout = 100"))))


async def crowd(endpoint, seed, clients, steps):
    """(figures, faults): counts by SQLSTATE and steps; and what must not have been."""
    figures = collections.Counter()
    conn = await Raw.connect(endpoint.port, endpoint.user, endpoint.password)
    for text in TABLES:
        _, error, _ = await conn.ask(text)
        assert not error, error
    players = [Player(endpoint, seed, number, figures) for number in range(clients)]
    faults = sum(await asyncio.gather(*(player.play(steps) for player in players)), [])
    conn.leave()
    return figures, faults
