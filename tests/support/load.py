"""Clients that write, and know what they were told: rows that were acknowledged
or seen, and when. Some insert row by row, some several rows in a transaction
as ORMs do, one reads."""

import logging
import threading
import time

import psycopg

from .waiting import eventually

logging.getLogger("psycopg").setLevel(logging.CRITICAL)     # of a ROLLBACK that nobody hears any more

TABLE = "CREATE TABLE acked (id bigserial PRIMARY KEY, key text, batch text, of int, body text)"
INDEX = "CREATE INDEX acked_key ON acked (key)"
ROWS = "SELECT key, batch, of, body FROM acked"
BATCH = 7


def body(key, size):
    return (key * (size // len(key) + 1))[:size]


class Load:
    """`told` has (time in ns, key): whoever reads of a row, or of its COMMIT,
    has been promised it; `refused` those of which an error has said that they
    are not there. With another error than `tolerated` a client ends."""

    def __init__(self, endpoint, name="", clients=8, body_bytes=200, tolerated=()):
        self.endpoint, self.name, self.body_bytes, self.tolerated = endpoint, name, body_bytes, tolerated
        self.told, self.refused, self.errors, self.stopping = [], [], [], threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(self.write, client)) for client in range(clients)]
        self.threads.append(threading.Thread(target=self.run, args=(self.read, clients)))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *ignored):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def has_told(self, count=1):
        """Waits until so many rows were promised, on however slow a machine."""
        eventually(lambda: len(self.told) >= count or self.errors)

    def run(self, deed, client):
        try:
            with psycopg.connect(self.endpoint.dsn(), autocommit=True) as conn:
                deed(conn, client)
        except psycopg.Error as error:
            self.errors.append(error)

    def promise(self, keys):
        now = time.monotonic_ns()
        self.told += [(now, key) for key in keys]

    def insert(self, conn, batch, of):
        keys = [f"{batch}.{number}" for number in range(of)]
        for key in keys:
            conn.execute("INSERT INTO acked (key, batch, of, body) VALUES (%s, %s, %s, %s)",
                         (key, batch, of, body(key, self.body_bytes)))
        return keys

    def write(self, conn, client):
        number = 0
        while not self.stopping.is_set():
            batch = f"{self.name}{client}-{number}"
            number += 1
            try:
                if client % 3 == 2:
                    with conn.transaction():
                        conn.execute("SELECT max(id) FROM acked")
                        keys = self.insert(conn, batch, BATCH)
                else:
                    keys = self.insert(conn, batch, 1)
                self.promise(keys)
            except psycopg.Error as error:
                if error.sqlstate not in self.tolerated:
                    raise
                self.refused += [f"{batch}.{each}" for each in range(BATCH)]

    def read(self, conn, client):
        while not self.stopping.is_set():
            self.promise(row[0] for row in conn.execute("SELECT key FROM acked ORDER BY id DESC LIMIT 5"))


def judge(rows, promised):
    """What is wrong with the rows: (lost, doubled, torn)."""
    there, batches = {}, {}
    doubled = torn = 0
    for key, batch, of, text in rows:
        doubled += key in there
        there[key] = text
        batches.setdefault((batch, of), set()).add(key)
        torn += text != body(key, len(text)) or not text
    torn += sum(len(keys) != of for (_, of), keys in batches.items())
    return sum(key not in there for key in promised), doubled, torn
