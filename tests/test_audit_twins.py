"""Two entries of the configuration that lead to one database: what a session of one makes in an open transaction counts
for those of the other, which may wait on the server until it is there."""

import contextlib
import signal
import subprocess

import psycopg
import pytest

from support.cluster import PASSWORD, USER
from support.guarded import direct
from support.relay import Relay
from support.weir import BINARY, Endpoint, Weir

DATABASE = "twins"

SCHEMA = """
CREATE TABLE plain (id int PRIMARY KEY);
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE mid (id int PRIMARY KEY, plain int);
CREATE TABLE audit_log (id int PRIMARY KEY, mid int REFERENCES mid ON DELETE CASCADE);
INSERT INTO plain VALUES (1); INSERT INTO mid VALUES (1, 1); INSERT INTO audit_log VALUES (1, 1);
"""

KEY = "ALTER TABLE mid ADD FOREIGN KEY (plain) REFERENCES plain ON DELETE CASCADE"

MAKES = {
    "a view that takes a table's place": [["DROP TABLE plain", "CREATE VIEW plain AS SELECT id FROM audit_log"],
                                          "DELETE FROM plain"],
    "a key that leads there": [[KEY], "DELETE FROM plain"],
    "a rule": [["CREATE VIEW shown AS SELECT id FROM audit_log",
                "CREATE RULE r AS ON INSERT TO plain DO ALSO SELECT 1 FROM shown",
                "ALTER VIEW shown RENAME TO later"], "UPDATE later SET id = 7"],
}


def url(port, query="", user=USER):
    return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}{query}"


def write(path, entries):
    lines = ["databases:"]
    for name, (backend, tables) in entries.items():
        lines += [f"  {name}:", f"    backend: {backend}", "    pool_size: 3"]
        if tables:
            lines.append(f"    audit_tables: [{tables}]")
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def server(cluster):
    cluster.create_database(DATABASE)
    with direct(cluster, DATABASE) as conn:
        conn.execute(SCHEMA)
        yield conn
    cluster.sql(f"DROP DATABASE {DATABASE} WITH (FORCE)")


@contextlib.contextmanager
def serve(path, entries):
    weir = Weir("--config", str(write(path / "weir.yaml", entries)), "--log-level", "debug")
    yield weir
    weir.stop()


def enter(weir, database):
    return psycopg.connect(Endpoint("postgres", weir.port, weir=weir).dsn(dbname=database), autocommit=True,
                           cursor_factory=psycopg.ClientCursor)


@pytest.fixture(scope="module", params=["the same address", "another name of it", "another port"])
def twins(request, cluster, server, tmp_path_factory):
    relay = Relay(cluster.port)
    second = {"the same address": url(cluster.port, "?connect_timeout=7"),
              "another name of it": url(cluster.port).replace("127.0.0.1", "localhost"),
              "another port": url(relay.port)}[request.param]
    with serve(tmp_path_factory.mktemp("twins"), {"app": (url(cluster.port), "audit_log"),
                                                  "app_ro": (second, "audit_log")}) as weir:
        yield weir
    relay.close()


@pytest.mark.parametrize("case", MAKES)
@pytest.mark.parametrize("pair", [("app", "app_ro"), ("app_ro", "app")], ids=["there", "back"])
def test_what_one_entry_makes_in_a_transaction_counts_by_way_of_the_other(twins, case, pair):
    made, deed = MAKES[case]
    with enter(twins, pair[0]) as one, enter(twins, pair[1]) as other:
        other.execute("DELETE FROM other")
        with one.transaction(force_rollback=True):
            for sql in made:
                one.execute(sql)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="audit_log|shown|later"):
                other.execute(deed)
            other.execute("DELETE FROM other")


def test_what_one_entry_has_made_is_refused_by_the_other_until_it_is_gone(twins, server):
    with enter(twins, "app") as one, enter(twins, "app_ro") as other:
        other.execute("SELECT 1")
        one.execute("CREATE VIEW shown AS SELECT id FROM audit_log")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("DELETE FROM shown")
        one.execute("DROP VIEW shown; CREATE TABLE shown (id int)")
        other.execute("DELETE FROM shown")
        one.execute("DROP TABLE shown")
    assert server.execute("SELECT * FROM audit_log").fetchall() == [(1, 1)]


def test_a_reload_does_not_part_them(cluster, server, tmp_path):
    """Which tables, and which databases, waits for a restart."""
    entries = {"app": (url(cluster.port), "audit_log"), "app_ro": (url(cluster.port), "audit_log")}
    with serve(tmp_path, entries) as weir, enter(weir, "app") as one, enter(weir, "app_ro") as other:
        other.execute("DELETE FROM other")
        with one.transaction(force_rollback=True):
            one.execute(KEY)
            entries["app_ro"] = (url(cluster.port, "?application_name=moved"), None)
            write(tmp_path / "weir.yaml", entries)
            weir.signal(signal.SIGHUP)
            weir.wait_for_line("msg=reloaded")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute("DELETE FROM plain")


def test_databases_of_other_names_do_not_count(cluster, server, tmp_path):
    """Tenants: what is made in one is not held against another."""
    cluster.create_database("twin_b")
    with direct(cluster, "twin_b") as conn:
        conn.execute(SCHEMA)
    with serve(tmp_path, {"app": (url(cluster.port), "audit_log"),
                          "b": (url(cluster.port).replace(f"/{DATABASE}", "/twin_b"), "audit_log")}) as weir:
        with enter(weir, "app") as one, enter(weir, "b") as other:
            with one.transaction(force_rollback=True):
                one.execute("DROP TABLE plain; CREATE VIEW plain AS SELECT id FROM audit_log")
                other.execute("DELETE FROM plain")
    cluster.sql("DROP DATABASE twin_b WITH (FORCE)")


def warnings(path, entries):
    done = subprocess.run([BINARY, "--config", str(write(path / "weir.yaml", entries)), "--check-config"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [line for line in (done.stdout + done.stderr).splitlines() if "leads to the same database" in line]


OPEN_ROADS = [
    ("postgresql://app@db.internal/app", "postgresql://ro@DB.internal:5432/app?sslmode=disable"),
    ("postgresql://app@a,b/app", "postgresql://ro@b/app"),
    ("postgresql://app@localhost/app", "postgresql:///app?host=/var/run/postgresql"),
    ("postgresql://app@127.0.0.1/app", "postgresql://[::1]/app"),
    ("postgresql://app@db:5433/app", "postgresql:///app?host=db&port=5433"),
]

OTHERS = [
    ("postgresql://app@db.internal/app", "postgresql://app@db.internal/shop"),
    ("postgresql://app@db.internal/app", "postgresql://app@db2.internal/app"),
    ("postgresql://app@db:5433/app", "postgresql://app@db/app"),
]


@pytest.mark.parametrize("pair", OPEN_ROADS)
def test_an_entry_that_leads_to_a_guarded_table_of_another_and_does_not_guard_it_is_warned_of(tmp_path, pair):
    first, second = pair
    said = warnings(tmp_path, {"app": (first, "audit_log, other.events"), "ro": (second, "audit_log")})
    assert len(said) == 1 and said[0].startswith("databases.ro: audit_tables: other.events"), said
    said = warnings(tmp_path, {"app": (first, "public.audit_log"), "ro": (second, None)})
    assert len(said) == 1 and "public.audit_log" in said[0], said


@pytest.mark.parametrize("pair", OTHERS)
def test_entries_of_different_databases_are_no_matter(tmp_path, pair):
    assert not warnings(tmp_path, {"app": (pair[0], "audit_log"), "ro": (pair[1], None)})


def test_an_entry_for_any_database_is_an_open_road_where_another_has_a_guarded_one(tmp_path):
    guarded = ("postgresql://app@db/app", "audit_log")
    assert warnings(tmp_path, {"shop": guarded, "'*'": ("postgresql://app@db", None)})
    assert not warnings(tmp_path, {"app": guarded, "'*'": ("postgresql://app@db", None)})


def test_the_log_says_so_where_only_the_server_knows_that_it_is_the_same(cluster, server, tmp_path):
    relay = Relay(cluster.port)
    entries = {"app": (url(cluster.port), "audit_log"), "ro": (url(relay.port), "other_log")}
    with serve(tmp_path, entries) as weir, enter(weir, "app") as one, enter(weir, "ro") as other:
        one.execute("DELETE FROM plain WHERE false")
        other.execute("DELETE FROM plain WHERE false")
        assert "database=ro" in weir.wait_for_line("only one of them guards a table.*table=audit_log")
    relay.close()
