"""COUNT messages made up over a schema with insert-only tables
(support/audit_grammar.py), spelled, wrapped and sent (support/audit_forms.py)
in all the ways there are, by two sessions at a time.
Those that weir lets pass are run, by Postgres and in a SQLite file, and no row
of a guarded table is changed or gone after any. What a role that holds only
SELECT and INSERT on these tables may do, leaving their rows as they are, passes
but for one in a thousand.
usage: audit.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import contextlib
import pathlib
import random
import shutil
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402

from support import audit_forms as forms  # noqa: E402
from support import audit_grammar as grammar  # noqa: E402
from support import audit_schema as schema  # noqa: E402
from support.cluster import PASSWORD, USER, Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import Endpoint, Weir  # noqa: E402

PER_ROUND = 250
RECONNECT = 30      # messages of one session at most, about
PATIENCE = {"lock_timeout": "100", "statement_timeout": "5s"}
OPTIONS = [{}, {}, {}, {"options": "-c search_path=audit,public"}, {"options": "-c search_path=other,public"}, {"client_encoding": "LATIN1"}]


# --- where statements are run

def guards():
    return ["--pool-size", "4", "--audit-tables", ",".join(schema.GUARDED), "--audit-retain", schema.RETAIN]


def drain(weir):
    """A full pipe would stop it."""
    if weir:
        weir.log()
        weir.lines.clear()


class Postgres:
    """The database of the templates, one for each round."""

    name = "Postgres"
    always = {}     # roles have their own settings

    def __init__(self, cluster):
        self.cluster = cluster
        self.weir = Weir(*guards(), f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{cluster.port}/")
        with self.direct("postgres") as conn:
            conn.execute("CREATE ROLE keeper")
        self.fixture("audit_fixture", {USER: [schema.TABLES, schema.TABLES_POSTGRES, schema.AUDITED, schema.AUDITED_POSTGRES]})
        self.fixture("audit_twin_fixture", {USER: [schema.TABLES, schema.TABLES_POSTGRES, schema.LENT],
                                            "keeper": [schema.AUDITED, schema.AUDITED_POSTGRES, schema.LIMITED]})
        with self.direct("audit_fixture") as conn:
            self.oids = dict(conn.execute("SELECT typname, oid FROM pg_type UNION ALL SELECT proname, oid FROM pg_proc WHERE proname = 'f_evil'"))

    def direct(self, database):
        owner, password = self.cluster.owner
        return psycopg.connect(f"postgresql://{owner}:{password}@127.0.0.1:{self.cluster.port}/{database}", autocommit=True)

    def fixture(self, name, parts):
        with self.direct("postgres") as conn:
            conn.execute(f"CREATE DATABASE {name} OWNER {USER}")
        with self.direct(name) as conn:
            conn.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
            for role, texts in parts.items():
                conn.execute(f"GRANT CREATE ON DATABASE {name} TO {role}; SET ROLE {role}")
                for text in texts:
                    conn.execute(text)
                conn.execute("RESET ROLE")

    def begin(self, name, fixture="audit_fixture"):
        self.database = name
        with self.direct("postgres") as conn:
            conn.execute(f"ALTER ROLE {USER} RESET ALL")
            for setting, value in PATIENCE.items():
                conn.execute(f"ALTER ROLE {USER} SET {setting} = '{value}'")
            conn.execute(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE {fixture}")
        self.judge = self.direct(name)
        self.judge.execute("SET lock_timeout = '5s'")

    def endpoint(self):
        return Endpoint(self.name, self.weir.port, database=self.database)

    def rows(self):
        text = " UNION ALL ".join(f"SELECT '{each}', t::text FROM {each} t" for each in schema.GUARDED)
        found = collections.Counter(self.judge.execute(text).fetchall())
        old = {("public.audit_kept", text) for text, in self.judge.execute(f"SELECT t::text FROM audit_kept t WHERE {schema.OLD}")}
        return found, old

    def rest(self):
        """Nothing prepared keeps its locks for long."""
        drain(self.weir)
        for gid, in self.judge.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").fetchall():
            self.judge.execute(f"ROLLBACK PREPARED '{gid}'")

    def end(self):
        self.rest()
        self.judge.close()
        with self.direct("postgres") as conn:
            conn.execute(f"DROP DATABASE {self.database} WITH (FORCE)")

    def stop(self):
        self.weir.stop()


class Twin(Postgres):
    """Where the guarded tables are another's: whether a role that holds SELECT
    and INSERT on them may run a message, and no row is changed by that."""

    name = "twin"

    def __init__(self, postgres):
        self.cluster, self.oids, self.weir = postgres.cluster, {}, None

    def begin(self, name):
        super().begin(f"{name}_twin", "audit_twin_fixture")

    def endpoint(self):
        return Endpoint(self.name, self.cluster.port, database=self.database)


class Sqlite:
    name = "SQLite"
    oids, always = {}, PATIENCE

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        plain = Weir(f"sqlite:{self.directory}/fixture.db")
        with psycopg.connect(Endpoint("", plain.port).dsn(), autocommit=True) as conn:
            for text in (schema.TABLES + ";" + schema.AUDITED).split(";\n"):
                conn.execute(text)
        plain.stop()
        self.weir = Weir(*guards(), f"sqlite:{self.directory}/{{database}}.db")

    def begin(self, name):
        self.database = name
        shutil.copy(self.directory / "fixture.db", self.directory / f"{name}.db")
        self.judge = sqlite3.connect(f"file:{self.directory}/{name}.db?mode=ro", uri=True)
        tables = [each for each, in self.judge.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert not set(schema.IN_SQLITE) - set(tables), tables

    def endpoint(self):
        return Endpoint(self.name, self.weir.port, database=self.database)

    def rows(self):
        rows = [(table, *row) for table in schema.IN_SQLITE for row in self.judge.execute(f'SELECT id, who, n, * FROM "{table}"')]
        old = {("audit_kept", *row) for row in self.judge.execute(f"SELECT id, who, n, * FROM audit_kept WHERE {schema.OLD_SQLITE}")}
        return collections.Counter(rows), old

    def rest(self):
        drain(self.weir)

    def end(self):
        self.judge.close()

    def stop(self):
        self.weir.stop()


# --- how messages are sent

class Players:
    """The two sessions of a round with one backend."""

    def __init__(self, backend):
        self.backend = backend
        self.sessions = [forms.Session(backend.endpoint(), backend.always) for _ in range(2)]

    def play(self, step, chosen, seed):
        """What the messages of a step are told: the first error of each."""
        each = [self.batches(message, form, seed) for message, form in zip(step, chosen)]
        if len(each) == 1:
            session = self.sessions[step[0].session]
            return [self.told(session, each[0])]
        for message, (batch,) in zip(step, each):
            self.sessions[message.session].send(batch)
        return [self.sessions[message.session].hear(batch) for message, (batch,) in zip(step, each)]

    def batches(self, message, form, seed):
        own = self.backend.name if self.backend.name == "twin" else "main"
        message = message._replace(text=message.text.replace("gid_", f"gid_{own}_"),
                                   parts=[part.replace("gid_", f"gid_{own}_") for part in message.parts])
        return list(forms.batches(form, message, random.Random(seed), self.backend.oids))

    @staticmethod
    def told(session, batches):
        told = []
        for batch in batches:
            session.send(batch)
            told.append(session.hear(batch))
        return next(filter(None, told), None)

    def settle(self, drop):
        """Failed transactions are over, and these sessions begin anew."""
        for session in self.sessions:
            session.end_failed()
        for number, options in drop.items():
            self.sessions[number].begin(options)

    def close(self):
        for session in self.sessions:
            session.close()


# --- the judgement

def lost(before, after):
    """Rows that were there before and are not now, but for those old enough to
    go, if they are gone."""
    (rows, old), (now, _) = before, after
    kept = {(row[0], identity(row)) for row in now}
    return {row for row in rows - now if row not in old or (row[0], identity(row)) in kept}


def identity(row):
    """Its key: of a whole row as a text, or of one in columns."""
    return row[1].partition(",")[0] if len(row) == 2 else row[1]


class Round:
    def __init__(self, proof, number, backends, twin):
        self.grammar = grammar.Grammar(proof.seed * 1_000_003 + number)
        self.chance, self.number, self.backends, self.twin = self.grammar.random, number, backends, twin
        # in every other round nothing is defined, so that the twin can tell
        self.plain = number % 2 == 0
        self.figures = collections.Counter()

    def sequence(self):
        while True:
            steps = self.grammar.sequence()
            if not self.plain or not any(grammar.DEFINES.search(part) for step in steps for each in step for part in each.parts):
                return steps

    def hold(self, count):
        backends = [*self.backends, *([self.twin] if self.plain else [])]
        for backend in backends:
            backend.begin(f"audit_round_{self.number}")
        self.players = [Players(backend) for backend in backends]
        self.before = [backend.rows() for backend in backends]
        while self.figures["messages"] < count:
            for step in self.sequence():
                self.step(step)
        for which, backend in enumerate(backends):
            self.players[which].close()
            if backend is not self.twin:
                self.judge(which, ["the end of the round"])
            backend.end()
        return self.figures

    def step(self, step):
        """Sends it everywhere, to the twin first, and looks at the rows behind it."""
        self.figures["messages"] += len(step)
        chosen = [forms.choose(self.chance, each, len(step) > 1) for each in step]
        seed = self.chance.random()
        may = self.may(step, chosen, seed)
        for which, backend in enumerate(self.backends):
            told = self.players[which].play(step, chosen, seed)
            texts = [f"{each.session + 1}, {form.__name__}: {each.text!r} {first}" for each, form, first in zip(step, chosen, told)]
            self.count(backend, texts, told, may)
            self.judge(which, texts)
        drop = {number: self.chance.choice(OPTIONS) for number in range(2) if self.chance.random() < 1 / RECONNECT}
        for each in self.players:
            each.settle(drop)
            if drop or len(step) > 1:
                each.backend.rest()

    def may(self, step, chosen, seed):
        """Whether it should pass: not what is refused for what it leads to."""
        if not self.plain or any(each.leads for each in step):
            return False
        told = self.players[-1].play(step, chosen, seed)
        after = self.twin.rows()
        may = not any(told) and not lost(self.before[-1], after) and not set(chosen) & set(forms.UNTOLD)
        self.before[-1] = after
        self.figures["that the role may run"] += may * len(step)
        return may

    def count(self, backend, texts, told, may):
        refused = sum(bool(first and first[1]) for first in told)
        self.figures[f"{backend.name}: refused"] += refused
        self.figures[f"{backend.name}: let pass"] += len(told) - refused
        if refused and may:
            self.figures[f"{backend.name}: refused needlessly"] += refused
            self.tell(backend, "refused needlessly", texts)

    def judge(self, which, texts):
        backend = self.backends[which]
        try:
            after = self.rows(which)
            gone = lost(self.before[which], after)
        except (psycopg.Error, sqlite3.Error) as error:
            after, gone = self.before[which], {str(error)}
        if gone:
            self.figures[f"{backend.name}: changed rows"] += 1
            self.tell(backend, f"changed rows {gone}", texts)
        self.before[which] = after

    def rows(self, which):
        """What a transaction that is open may lock, it must not for long."""
        try:
            return self.backends[which].rows()
        except psycopg.errors.LockNotAvailable:
            self.players[which].close()
            self.backends[which].rest()
            return self.backends[which].rows()

    def tell(self, backend, what, texts):
        print(f"round {self.number}, {backend.name}: {what}: {' & '.join(texts)}", file=sys.stderr)


@contextlib.contextmanager
def ground(cluster):
    with tempfile.TemporaryDirectory(prefix="weir-audit-") as directory:
        backends = [Postgres(cluster), Sqlite(directory)]
        try:
            yield backends, Twin(backends[0])
        finally:
            for backend in backends:
                backend.stop()


def failed(figures):
    """Why it does not hold, in words; none."""
    may = figures["that the role may run"]
    for name in ("Postgres", "SQLite"):
        if figures[f"{name}: changed rows"]:
            yield f"{name}: rows were changed"
        if figures[f"{name}: refused needlessly"] > may / 1000:
            yield f"{name}: too much was refused"


def main():
    proof = Proof("audit", 100_000, PER_ROUND)
    cluster = Cluster()
    try:
        with ground(cluster) as (backends, twin):
            for number, count in proof.rounds():
                proof.keep(Round(proof, number, backends, twin).hold(count))
    finally:
        cluster.destroy()
    figures = proof.figures
    proof.end(f"{figures['messages']} messages. " + "; ".join(f"{name} {figures[name]}" for name in sorted(figures)), list(failed(figures)))


if __name__ == "__main__":
    main()
