"""COUNT messages made up over a schema with insert-only tables
(support/audit_grammar.py), spelled, wrapped and sent in all the ways there are.
Those that weir lets pass are run, by Postgres and in a SQLite file, and no row
of a guarded table is changed or gone after any. What a role that holds only
SELECT and INSERT on these tables may do, leaving their rows as they are, passes
but for one in a thousand.
usage: audit.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import contextlib
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from psycopg import pq  # noqa: E402

from support import audit_grammar as grammar  # noqa: E402
from support.cluster import PASSWORD, USER, Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import Weir  # noqa: E402

PER_ROUND = 250
RECONNECT = 20      # messages of one session at most
LIMITED = """
GRANT USAGE ON SCHEMA audit TO app; GRANT ALL ON watched, trapped, ruled, v_plain TO app;
GRANT SELECT, INSERT ON audit_log, "AuditTrail", audit.events, audit_part, audit_part_1, audit_part_2, log_child, v_log, v_two TO app
"""
FORMS = ["simple", "simple", "unnamed", "named", "pipeline", "parameters", "row by row"]


# --- where statements are run

class Postgres:
    """The database of the templates, one for each round; and the twin whose
    guarded tables are another's."""

    name = "Postgres"

    def __init__(self, cluster):
        self.cluster = cluster
        self.weir = Weir("--pool-size", "3", "--audit-tables", ",".join(grammar.GUARDED),
                         f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{cluster.port}/")
        self.port = self.weir.port
        self.fixture("audit_fixture", [(USER, [grammar.TABLES, grammar.AUDITED, grammar.AUDITED_POSTGRES])])
        self.fixture("audit_twin", [(USER, [grammar.TABLES, "GRANT ALL ON parent TO PUBLIC"]),
                                    ("keeper", [grammar.AUDITED, grammar.AUDITED_POSTGRES, LIMITED])])

    def direct(self, database):
        owner, password = self.cluster.owner
        return psycopg.connect(f"postgresql://{owner}:{password}@127.0.0.1:{self.cluster.port}/{database}", autocommit=True)

    def fixture(self, name, parts):
        with self.direct("postgres") as conn:
            if not conn.execute("SELECT 1 FROM pg_roles WHERE rolname = 'keeper'").fetchone():
                conn.execute(f"CREATE ROLE keeper; ALTER ROLE {USER} SET lock_timeout = '1s'; ALTER ROLE {USER} SET statement_timeout = '5s'")
            conn.execute(f"CREATE DATABASE {name} OWNER {USER}")
        with self.direct(name) as conn:
            conn.execute("GRANT ALL ON SCHEMA public TO PUBLIC")
            for role, texts in parts:
                conn.execute(f"GRANT CREATE ON DATABASE {name} TO {role}; SET ROLE {role}")
                for text in texts:
                    conn.execute(text)
                conn.execute("RESET ROLE")

    def begin(self, name):
        with self.direct("postgres") as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE audit_fixture")
        self.judge = self.direct(name)
        self.judge.execute("SET lock_timeout = '5s'")

    def rows(self):
        text = " UNION ALL ".join(f"SELECT '{each}', t::text FROM {each} t" for each in grammar.GUARDED)
        return collections.Counter(self.judge.execute(text).fetchall())

    def end(self, name):
        for gid, in self.judge.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").fetchall():
            self.judge.execute(f"ROLLBACK PREPARED '{gid}'")
        self.judge.close()
        with self.direct("postgres") as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self):
        self.weir.stop()


class Sqlite:
    name = "SQLite"

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        plain = Weir(f"sqlite:{self.directory}/fixture.db")
        with psycopg.connect(dsn(plain.port, "fixture"), autocommit=True) as conn:
            for text in (grammar.TABLES + ";" + grammar.AUDITED).split(";\n"):
                conn.execute(text)
        plain.stop()
        self.weir = Weir("--pool-size", "3", "--audit-tables", ",".join(grammar.GUARDED),
                         f"sqlite:{self.directory}/{{database}}.db")
        self.port = self.weir.port

    def begin(self, name):
        shutil.copy(self.directory / "fixture.db", self.directory / f"{name}.db")
        self.judge = sqlite3.connect(f"file:{self.directory}/{name}.db?mode=ro", uri=True)
        self.tables = [each for each, in self.judge.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND "
                       "name IN ('audit_log', 'AuditTrail', 'audit.events')")]
        assert len(self.tables) == 3, self.tables

    def rows(self):
        return collections.Counter((table, *row) for table in self.tables
                                   for row in self.judge.execute(f'SELECT id, who, n, * FROM "{table}"'))

    def end(self, name):
        self.judge.close()

    def stop(self):
        self.weir.stop()


def dsn(port, database):
    return f"host=127.0.0.1 port={port} user={USER} password={PASSWORD} dbname={database} sslmode=disable connect_timeout=10"


# --- how messages are sent

def told(result):
    """SQLSTATE and whether it is the guard's."""
    if result is None:
        return None
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    routine = result.error_field(pq.DiagnosticField.SOURCE_FUNCTION)
    return state and (state.decode(), routine == b"weir_audit_guard")


def gather(pgconn):
    """What all results say, the first error first."""
    first, result = None, pgconn.get_result()
    while result is not None:
        if result.status == pq.ExecStatus.COPY_OUT:
            while pgconn.get_copy_data(0)[0] > 0:
                pass
        elif result.status == pq.ExecStatus.COPY_IN:
            pgconn.put_copy_end(b"enough")
        first = first or told(result)
        result = pgconn.get_result()
    return first


def simple(pgconn, text, chance):
    pgconn.send_query(text)
    return gather(pgconn)


def unnamed(pgconn, text, chance):
    pgconn.send_query_params(text, None)
    return gather(pgconn)


def named(pgconn, text, chance):
    name = b"n%d" % chance.randrange(1 << 30)
    pgconn.send_prepare(name, text)
    first = gather(pgconn)
    if first:
        return first
    for _ in range(2):
        pgconn.send_query_prepared(name, None)
        first = gather(pgconn) or first
    return first


def pipeline(pgconn, text, chance):
    if b"copy" in text.lower():
        return simple(pgconn, text, chance)     # libpq has no COPY in a pipeline
    pgconn.enter_pipeline_mode()
    for each in (b"SELECT 1", text, b"SELECT 2"):
        pgconn.send_query_params(each, None)
    pgconn.pipeline_sync()
    first = None
    while pgconn.status == pq.ConnStatus.OK:
        result = pgconn.get_result()
        if result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC:
            pgconn.exit_pipeline_mode()
            break
        first = first or told(result)
    return first


def parameters(pgconn, text, chance):
    """Whole numbers become parameters."""
    values = []

    def take(found):
        values.append(found[0])
        return b"$%d" % len(values)
    pgconn.send_query_params(re.sub(rb"(?<=[ (=,])[0-9]+(?=[ ,);]|$)", take, text), values)
    return gather(pgconn)


def row_by_row(pgconn, text, chance):
    pgconn.send_query_params(text, None)
    pgconn.set_single_row_mode()
    return gather(pgconn)


SEND = {"simple": simple, "unnamed": unnamed, "named": named, "pipeline": pipeline, "parameters": parameters,
        "row by row": row_by_row}


class Session:
    """A client that begins anew when its session has lasted long enough, or is lost."""

    def __init__(self, port, database):
        self.place, self.connection, self.sent = dsn(port, database), None, 0

    def fresh(self):
        if self.connection is None or self.sent >= RECONNECT or self.connection.pgconn.status != pq.ConnStatus.OK:
            self.close()
            self.connection, self.sent = psycopg.connect(self.place, autocommit=True), 0
        return self.connection.pgconn

    def send(self, form, text, chance):
        pgconn = self.fresh()
        self.sent += 1
        try:
            first = SEND[form](pgconn, text, chance)
        except psycopg.OperationalError:
            first = ("closed", False)
        if pgconn.status == pq.ConnStatus.OK and pgconn.transaction_status == pq.TransactionStatus.INERROR:
            pgconn.exec_(b"ROLLBACK")
        return first

    def close(self):
        if self.connection:
            self.connection.close()


# --- the judgement

class Twin:
    """Whether the role with SELECT and INSERT only may run it, and no row is changed by that."""

    def __init__(self, postgres):
        self.session = Session(postgres.cluster.port, "audit_twin")
        self.text = " UNION ALL ".join(f"SELECT '{each}', t::text FROM {each} t" for each in grammar.GUARDED).encode()
        self.before = self.rows(self.session.fresh())

    def rows(self, pgconn):
        result = pgconn.exec_(self.text)
        return collections.Counter((result.get_value(i, 0), result.get_value(i, 1)) for i in range(result.ntuples))

    def may(self, text):
        pgconn = self.session.fresh()
        pgconn.exec_(b"BEGIN")
        pgconn.send_query(text)
        good = gather(pgconn) is None and not self.before - self.rows(pgconn)
        pgconn.exec_(b"ROLLBACK")
        return good


class Round:
    def __init__(self, proof, number, backends, twin):
        self.grammar = grammar.Grammar(proof.seed * 1_000_003 + number)
        self.chance, self.number, self.backends, self.twin = self.grammar.random, number, backends, twin
        # in every other round nothing is defined or kept, so that the twin can tell
        self.plain = number % 2 == 0
        self.figures = collections.Counter()

    def message(self):
        while True:
            text = self.grammar.message()
            if not self.plain or not (grammar.STATE.search(text) or grammar.DEFINES.search(text)):
                return text

    def hold(self, count):
        name = f"audit_round_{self.number}"
        for backend in self.backends:
            backend.begin(name)
        sessions = [Session(backend.port, name) for backend in self.backends]
        before = [backend.rows() for backend in self.backends]
        for _ in range(count):
            self.figures["messages"] += 1
            text, form = self.message(), self.chance.choice(FORMS)
            may = self.plain and not self.grammar.leads_somewhere(text) and self.twin.may(text.encode())
            self.figures["that the role may run"] += may
            for which, backend in enumerate(self.backends):
                first = sessions[which].send(form, text.encode(), self.chance)
                before[which] = self.judge(backend, before[which], text, form, first, may)
        for which, backend in enumerate(self.backends):
            sessions[which].close()
            self.judge(backend, before[which], "the end of the round", "", None, False)
            backend.end(name)
        return self.figures

    def judge(self, backend, before, text, form, first, may):
        refused = bool(first and first[1])
        self.figures[f"{backend.name}: {'refused' if refused else 'let pass'}"] += 1
        if refused and may:
            self.figures[f"{backend.name}: refused needlessly"] += 1
            self.tell(backend, "refused needlessly", text, form)
        try:
            after = backend.rows()
        except (psycopg.Error, sqlite3.Error) as error:
            after, text = before, f"{text}\n({error})"
            lost = True
        else:
            lost = before - after
        if lost:
            self.figures[f"{backend.name}: changed rows"] += 1
            self.tell(backend, f"changed rows {lost}", text, form)
        return after

    def tell(self, backend, what, text, form):
        print(f"round {self.number}, {backend.name}, {form}: {what}: {text!r}", file=sys.stderr)


@contextlib.contextmanager
def ground(cluster):
    with tempfile.TemporaryDirectory(prefix="weir-audit-") as directory:
        backends = [Postgres(cluster), Sqlite(directory)]
        yield backends, Twin(backends[0])
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
