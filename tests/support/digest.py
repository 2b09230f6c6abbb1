"""A weir that makes checkpoints, and the tables behind it."""

import contextlib
import pathlib
import re
import sqlite3
import subprocess
import urllib.request

import psycopg

from .cluster import PASSWORD, USER, free_port
from .weir import BINARY, Weir

CONFIG = """
listen: {{tcp: ["127.0.0.1:0"], http: "127.0.0.1:{http}"}}
databases:
  app:
    backend: "{backend}"
    audit_digest: [{tables}]
    audit_digest_file: {directory}/checkpoints
    audit_digest_key: {directory}/key
    audit_digest_interval: 100ms
    audit_digest_settle: {settle}
{more}
"""


class Digested:
    """`tables` as audit_digest has them; `direct` is a connection that does
    not go through weir."""

    def __init__(self, directory, kind, tables, cluster=None, settle="0", more=""):
        self.directory, self.kind, self.cluster = pathlib.Path(directory), kind, cluster
        self.file, self.key = self.directory / "checkpoints", self.directory / "key"
        backend = cluster.url() if kind == "postgres" else f"sqlite:{self.directory}/app.db"
        self.config = self.directory / "weir.yaml"
        self.http = free_port()
        self.config.write_text(CONFIG.format(backend=backend, http=self.http, directory=self.directory, settle=settle, more=more,
                                             tables=", ".join(f"'{table}'" for table in tables)))
        keygen(self.key)
        self.weir = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.weir and self.weir.process.poll() is None:
            self.weir.process.kill()

    def start(self):
        self.weir = Weir("-c", self.config)
        return self

    def stop(self):
        if self.weir:
            self.weir.stop()
        self.weir = None

    def connect(self):
        return psycopg.connect(host="127.0.0.1", port=self.weir.port, user=USER, password=PASSWORD, dbname="app",
                               autocommit=True)

    def direct(self, *statements):
        if self.kind == "sqlite":
            with contextlib.closing(sqlite3.connect(self.directory / "app.db", timeout=10)) as db, db:
                return [db.execute(statement).fetchall() for statement in statements]
        with psycopg.connect(self.cluster.url(), autocommit=True) as db:
            return [fetch(db.execute(statement)) for statement in statements]

    def instant(self, text):
        """One of a whole second in UTC, as the database writes it."""
        return text + ("+00" if self.kind == "postgres" else ".000000")

    def sealed(self, table, upto):
        """Waits until the key is in a checkpoint."""
        self.weir.wait_for_line(f'msg=checkpoint .*table={re.escape(table)} .*upto="?{re.escape(str(upto))}"? ')

    def metrics(self):
        """Those of the checkpoints, by name."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics") as answer:
            return {name: float(value) for name, value in
                    re.findall(r"^weir_audit_digest_(\w+){.*} (.*)$", answer.read().decode(), re.M)}

    def verify(self, *arguments):
        """The exit code and what is printed."""
        done = subprocess.run([BINARY, "audit", "verify", "-c", self.config, *arguments],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def fetch(cursor):
    return cursor.fetchall() if cursor.description else []


def keygen(path):
    subprocess.run([BINARY, "audit", "keygen", path], check=True, capture_output=True)
