"""The second lock: what the pool's role could do without weir, and the script
that closes it."""

import pathlib
import re
import subprocess

import psycopg
import pytest

from support.cluster import PASSWORD, USER
from support.weir import BINARY, Endpoint, Weir

PREFLIGHT = pathlib.Path(__file__).parents[2] / "shared/audit-corpus/preflight.sql"
OWNER = "lock owner"
TABLES = ['public.audit_log', 'audit.events', 'audit_part', 'public."Trail of \'$weir$\'"']

# What an application's own migrations leave behind, all owned by its role.
SCHEMA = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN short AS text CHECK (length(value) < 100);
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE FUNCTION said() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'x'::text $$;
CREATE TABLE audit_log (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
  actor text, m mood, s short, said text DEFAULT said(), ref int REFERENCES users ON DELETE SET NULL);
CREATE TABLE "Trail of '$weir$'" (id int PRIMARY KEY, note text);
CREATE SCHEMA audit;
CREATE TABLE audit.events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb);
CREATE TABLE audit_part (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE audit_part_1 PARTITION OF audit_part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE VIEW v_recent AS SELECT * FROM audit_log;
CREATE VIEW v_more AS SELECT * FROM v_recent;
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ DELETE FROM audit_log $$;
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.actor := 'me'; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION stamp();
INSERT INTO users VALUES (1, 'u');
INSERT INTO audit_log (ref) VALUES (1);
INSERT INTO audit.events (body) VALUES ('{}');
INSERT INTO audit_part VALUES (1, '2025-05-05');
"""

TRAIL = 'public."Trail of \'$weir$\'"'
FOUND = {
    "critical": {
        "owns the database: lock", "owns the schema: audit", "owns the schema: public",
        "owns the table: public.audit_log", "owns the table: audit.events",
        "owns the table: public.audit_part", f"owns the table: {TRAIL}",
        "owns a partition or child: public.audit_part_1",
        *(f"holds {word}: {table}" for word in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
          for table in ("public.audit_log", "audit.events", "public.audit_part", TRAIL)),
        *(f"holds {word} on a partition or child: public.audit_part_1"
          for word in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER"))},
    "high": {
        "SECURITY DEFINER code of a role that can change the table: public.purge() as app",
        "foreign key acts on the table: public.audit_log <- public.users: audit_log_ref_fkey"
        " on delete set null on update no action",
        "owns a function the table uses: public.said()", "owns a function the table uses: public.stamp()",
        "owns the type of a column: public.audit_log.m: public.mood",
        "owns the type of a column: public.audit_log.s: public.short",
        "view or rule over the table: public.v_recent", "view or rule over the table: public.v_more"},
    "medium": {
        "may move the sequence: public.audit_log_id_seq", "may move the sequence: audit.events_id_seq"},
    "info": {f"no trigger that refuses: {table}" for table in
             ("public.audit_log", "audit.events", "public.audit_part", "public.audit_part_1", TRAIL)},
}

BY_HAND = {
    "medium": {
        "foreign key acts on the table: public.audit_log <- public.users: audit_log_ref_fkey"
        " on delete set null on update no action"},
    "info": {"view or rule over the table: public.v_recent", "view or rule over the table: public.v_more"},
}


class Place:
    """A database of the application's, and weir's tool asked about it."""

    def __init__(self, cluster, name, tables, *flags):
        self.cluster, self.name, self.tables, self.flags = cluster, name, ",".join(tables), flags
        self.url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{cluster.port}/{name}"
        cluster.create_database(name)

    def audit(self, verb, *arguments):
        return subprocess.run([BINARY, "audit", verb, *arguments, *self.flags, "--audit-tables", self.tables, self.url],
                              capture_output=True, text=True, timeout=60)

    def findings(self, *arguments):
        """By severity, without the note that a human has to decide."""
        done, groups = self.audit("check", *arguments), {}
        assert done.returncode in (0, 1), done.stderr
        for line in done.stdout.splitlines():
            if line in ("critical", "high", "medium", "info"):
                group = groups.setdefault(line, set())
            elif line.startswith("  "):
                group.add(line.strip().removesuffix(" (a human has to decide)"))
        assert done.returncode == (1 if groups.keys() & {"critical", "high"} else 0)
        return groups

    def script(self, *arguments):
        done = self.audit("sql", "--owner", OWNER, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, script):
        """As an operator would; what it says on the way."""
        user, password = self.cluster.owner
        done = subprocess.run(
            [str(self.cluster.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d",
             f"postgresql://{user}:{password}@127.0.0.1:{self.cluster.port}/{self.name}"],
            input=script, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def catalog(self):
        """Everything a script could change, owners and grants included."""
        user, password = self.cluster.owner
        dump = subprocess.run(
            [str(self.cluster.bin / "pg_dump"), "--schema-only",
             f"postgresql://{user}:{password}@127.0.0.1:{self.cluster.port}/{self.name}"],
            check=True, capture_output=True, text=True).stdout
        lasting = self.cluster.sql(
            "SELECT d.datdba::regrole, d.datacl FROM pg_database d WHERE datname = current_database();"
            "SELECT oid, tgrelid, tgname, tgenabled FROM pg_trigger ORDER BY oid;"
            "SELECT rolname, rolsuper, rolcreaterole, rolcanlogin FROM pg_roles ORDER BY oid", self.name)
        return re.sub(r"\\(un)?restrict .*", "", dump) + lasting

    def direct(self):
        return psycopg.connect(self.url, autocommit=True)

    def rows(self):
        return self.cluster.sql("SELECT id, ref FROM audit_log ORDER BY id; SELECT id FROM audit.events ORDER BY id;"
                                "SELECT * FROM audit_part", self.name)


@pytest.fixture(scope="module")
def owners(cluster):
    yield OWNER
    cluster.sql(f'DROP ROLE IF EXISTS "{OWNER}"')


@pytest.fixture(scope="module")
def place(cluster, owners):
    place = Place(cluster, "lock", TABLES)
    with place.direct() as conn:
        conn.execute(SCHEMA)
    yield place
    cluster.sql("DROP DATABASE lock WITH (FORCE)")


@pytest.fixture(scope="module")
def locked(cluster, owners):
    place = Place(cluster, "locked", TABLES)
    with place.direct() as conn:
        conn.execute(SCHEMA)
    place.first = place.script()
    place.said = place.run(place.first)
    yield place
    cluster.sql("DROP DATABASE locked WITH (FORCE)")


def test_check_finds_what_the_owner_of_a_schema_could_do(place):
    assert place.findings() == FOUND


@pytest.mark.skipif(not PREFLIGHT.exists(), reason="../shared/audit-corpus is not here")
def test_check_finds_all_that_the_preflight_of_the_corpus_finds(place):
    user, password = place.cluster.owner
    rows = subprocess.run(
        [str(place.cluster.bin / "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", f"app={USER}", "-v",
         "tabs=" + ",".join("'{}'".format(t.replace("'", "''")) for t in TABLES), "-d",
         f"postgresql://{user}:{password}@127.0.0.1:{place.cluster.port}/lock", "-f", str(PREFLIGHT)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    found = place.findings()
    assert len(rows) >= 17
    for severity, what, detail in (row.split("\t") for row in rows):
        names = re.findall(r'"[^"]+"|\b(?:audit|users|v_|purge)\w*(?:\.\w+)*', detail)
        assert names or what == "owns the schema (may drop)", detail
        word = what.split()[1] if what.startswith("holds") else ""
        assert any(all(name in line for name in names) and word in line for line in found[severity]), \
            (severity, what, detail)


def test_after_the_script_only_what_a_human_decides_is_left(locked):
    assert locked.said == ""
    assert locked.findings() == BY_HAND


def test_running_the_script_again_changes_nothing(locked):
    before = locked.catalog()
    assert locked.run(locked.first) == ""
    assert locked.catalog() == before
    assert "BEGIN" not in locked.script()


def test_the_application_works_on_through_weir(locked):
    weir = Weir("--audit-tables", locked.tables, locked.url)
    try:
        with psycopg.connect(Endpoint("postgres", weir.port).dsn(dbname="locked"), autocommit=True) as conn:
            row = conn.execute("INSERT INTO audit_log (m, s, ref) VALUES ('bad', 's', 1)"
                               " RETURNING id, actor, said").fetchone()
            assert row[0] > 1 and row[1:] == ("me", "x")
            assert conn.execute("INSERT INTO audit.events (body) VALUES ('[]') RETURNING id").fetchone()[0] > 1
            conn.execute("INSERT INTO audit_part VALUES (2, '2025-06-06')")
            conn.execute("INSERT INTO audit_part_1 VALUES (3, '2025-06-06')")
            assert conn.execute("SELECT count(*) FROM v_more").fetchone()[0] >= 2
            conn.execute("CREATE TABLE more (id serial PRIMARY KEY, what text)")
            conn.execute("INSERT INTO more (what) VALUES ('x')")
            conn.execute("UPDATE more SET what = 'y'")
            conn.execute("DROP TABLE more")
    finally:
        weir.stop()


@pytest.mark.parametrize("attack", [
    "UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log", "DROP TABLE audit_log",
    "ALTER TABLE audit_log ADD COLUMN x int", "ALTER TABLE audit_log RENAME TO gone",
    "ALTER INDEX audit_log RENAME TO gone",
    'ALTER TABLE audit_log DISABLE TRIGGER "~weir_insert_only"',
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    'DROP TRIGGER "~weir_insert_only" ON audit_log',
    "CREATE TRIGGER t BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION stamp()",
    "CREATE RULE r AS ON INSERT TO audit_log DO INSTEAD NOTHING",
    "GRANT DELETE ON audit_log TO app; DELETE FROM audit_log", "DELETE FROM users", "UPDATE v_more SET actor = 'x'",
    "DELETE FROM v_recent", "SELECT purge()", "DELETE FROM audit_part", "UPDATE audit_part_1 SET id = 9",
    "TRUNCATE audit_part_1", "DROP TABLE audit_part_1", "ALTER TABLE audit_part DETACH PARTITION audit_part_1",
    "DROP SCHEMA public CASCADE", "DROP SCHEMA audit CASCADE", "ALTER SCHEMA audit RENAME TO gone",
    "ALTER TYPE mood RENAME VALUE 'good' TO 'bad2'", "DROP TYPE mood CASCADE", "DROP DOMAIN short CASCADE",
    "DROP FUNCTION said() CASCADE", "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NULL; END $$", "DROP FUNCTION weir_guard.refuse() CASCADE",
    "DROP SCHEMA weir_guard CASCADE", "SELECT setval('audit_log_id_seq', 1)", "SET session_replication_role = replica",
    f'SET ROLE "{OWNER}"', "DROP OWNED BY app; DELETE FROM audit_log",
    f'REASSIGN OWNED BY "{OWNER}" TO app',
])
def test_the_role_itself_can_change_nothing(locked, attack):
    before = locked.rows()
    with psycopg.connect(locked.url) as conn:
        with pytest.raises(psycopg.Error):
            conn.execute(attack)
        conn.rollback()
    assert locked.rows() == before


def test_a_superuser_in_replica_mode_is_refused_by_the_trigger_too(locked):
    with pytest.raises(subprocess.CalledProcessError) as error:
        locked.cluster.sql("SET session_replication_role = replica; DELETE FROM audit_log", "locked")
    assert "permission denied for table audit_log" in error.value.stderr


@pytest.fixture
def spare(cluster, owners):
    place = Place(cluster, "spare", ["log"])
    yield place
    cluster.sql("DROP DATABASE spare WITH (FORCE)")
    cluster.sql("DROP ROLE IF EXISTS lock_group")


def close(place):
    with place.direct() as conn:
        conn.execute("CREATE TABLE log (id serial PRIMARY KEY, at timestamptz)")
    place.run(place.script())
    assert place.findings() == {}


@pytest.fixture(scope="module")
def closed(cluster, owners):
    place = Place(cluster, "closed", ["log"])
    close(place)
    yield place
    cluster.sql("DROP DATABASE closed WITH (FORCE)")
    cluster.sql("DROP ROLE IF EXISTS lock_members, lock_others")


@pytest.mark.parametrize("opened, found", [
    (["GRANT UPDATE (at) ON log TO app"], "critical: holds UPDATE on a column: public.log"),
    (["GRANT DELETE ON log TO PUBLIC"], "critical: holds DELETE: public.log"),
    (["CREATE ROLE lock_members", "GRANT lock_members TO app", "ALTER ROLE app NOINHERIT",
      "GRANT UPDATE (at) ON log TO lock_members"],
     "high: may become a role that holds UPDATE: lock_members on public.log"),
    (["CREATE ROLE lock_others", "GRANT DELETE ON log TO lock_others WITH GRANT OPTION",
      "SET ROLE lock_others; GRANT DELETE ON log TO app"], "critical: holds DELETE: public.log"),
    (["GRANT UPDATE ON SEQUENCE log_id_seq TO app"], "medium: may move the sequence: public.log_id_seq"),
    (['ALTER TABLE log DISABLE TRIGGER "~weir_insert_only"'],
     "medium: the trigger that refuses is switched off: public.log"),
    (['ALTER TABLE log ENABLE TRIGGER "~weir_insert_only_t"'],
     "medium: the trigger that refuses is not ENABLE ALWAYS: public.log"),
    (['DROP TRIGGER "~weir_insert_only" ON log'], "info: no trigger that refuses: public.log"),
    (["ALTER ROLE app CREATEROLE"], "critical: role attribute: CREATEROLE"),
    (["GRANT pg_write_all_data TO app"], "critical: member of: pg_write_all_data"),
    ([f'GRANT "{OWNER}" TO app'], f"critical: may become the owner to be: {OWNER}"),
    (["GRANT SET ON PARAMETER session_replication_role TO app"],
     "medium: may set session_replication_role: app"),
    (["CREATE TYPE kind AS (a int)", "ALTER TYPE kind OWNER TO app",
      "CREATE DOMAIN kinds AS kind[]", "ALTER TABLE log ADD k kinds"],
     "high: owns the type of a column: public.log.k: public.kind"),
    (["CREATE FUNCTION f(bigint) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT true'",
      "ALTER FUNCTION f OWNER TO app", "ALTER TABLE log ADD CHECK (f(id))"],
     "high: owns a function the table uses: public.f(bigint)"),
    (["CREATE SEQUENCE s", "ALTER SEQUENCE s OWNER TO app", "ALTER TABLE log ADD n int DEFAULT nextval('s')"],
     "high: owns a sequence of the table: public.s"),
    ([f'ALTER DEFAULT PRIVILEGES FOR ROLE "{OWNER}" GRANT DELETE ON TABLES TO app'],
     f"medium: tables to come are granted to it: DELETE of {OWNER}"),
    (["GRANT EXECUTE ON FUNCTION lo_export(oid, text) TO app"], "high: may call: lo_export(oid,text)"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_opened_again_is_found_and_closed_again(closed, opened, found):
    for text in opened:
        closed.cluster.sql(text, closed.name)
    try:
        severity, finding = found.split(": ", 1)
        assert finding in closed.findings("--owner", OWNER)[severity]
        closed.run(closed.script())
        assert closed.findings("--owner", OWNER) == {}
    finally:
        closed.cluster.sql("ALTER ROLE app INHERIT NOCREATEROLE; REVOKE pg_write_all_data FROM app;"
                           "REVOKE SET ON PARAMETER session_replication_role FROM app", closed.name)


@pytest.mark.parametrize("opened, found", [
    (["CREATE RULE r AS ON INSERT TO log DO ALSO NOTHING"], "high: rule on the table: r on public.log"),
    (["CREATE TABLE old () ", "ALTER TABLE log INHERIT old", "ALTER TABLE old OWNER TO app"],
     "critical: owns a parent of the table: public.old"),
    (["CREATE EXTENSION citext", "UPDATE pg_extension SET extowner = 'app'::regrole WHERE extname = 'citext'",
      "ALTER TABLE log ADD c citext"], "high: owns the extension: citext"),
    (["CREATE ROLE lock_group CREATEROLE", "GRANT lock_group TO app"],
     "critical: may become a role with CREATEROLE: lock_group"),
    (["CREATE EXTENSION postgres_fdw", "CREATE SERVER back FOREIGN DATA WRAPPER postgres_fdw OPTIONS (dbname 'spare')",
      "CREATE FOREIGN TABLE far (id int) SERVER back OPTIONS (table_name 'log')", "GRANT DELETE ON far TO app"],
     "medium: foreign table that can be written: public.far"),
    (["CREATE FUNCTION d() RETURNS void SECURITY DEFINER LANGUAGE sql AS ''"],
     "high: SECURITY DEFINER code of a role that can change the table: public.d() as postgres"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_only_a_human_can_decide_stays_found(spare, opened, found):
    close(spare)
    for text in opened:
        spare.cluster.sql(text, spare.name)
    severity, finding = found.split(": ", 1)
    assert finding in spare.findings("--owner", OWNER)[severity]
    spare.run(spare.script())
    assert finding in spare.findings("--owner", OWNER)[severity]


def test_a_superuser_keeps_the_guarded_tables_when_it_is_none_any_more(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE log (id serial PRIMARY KEY)")
    spare.cluster.sql("CREATE ROLE lock_group SUPERUSER LOGIN PASSWORD 'of-group'", "spare")
    spare.url = spare.url.replace(f"{USER}:{PASSWORD}", "lock_group:of-group")
    assert "role attribute: SUPERUSER" in spare.findings()["critical"]
    spare.run(spare.script())
    assert spare.findings() == {}
    with spare.direct() as conn:
        conn.execute("INSERT INTO log DEFAULT VALUES")
        assert conn.execute("SELECT count(*) FROM log").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("DELETE FROM log")


def test_the_superuser_that_made_the_cluster_cannot_be_made_less(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE log (id serial PRIMARY KEY)")
    spare.url = spare.url.replace(f"{USER}:{PASSWORD}", ":".join(spare.cluster.owner))
    spare.run(spare.script())
    left = spare.findings()
    assert "role attribute: SUPERUSER" in left["critical"]
    assert "high" not in left and "ALTER ROLE" not in spare.script()


def test_a_table_that_is_not_there_is_found(spare):
    assert spare.findings()["high"] == {"no such table: log"}


def test_a_foreign_key_is_grave_only_while_no_trigger_stops_it(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE u (id int PRIMARY KEY)")
        conn.execute("CREATE TABLE log (id int PRIMARY KEY REFERENCES u ON DELETE CASCADE)")
    key = "foreign key acts on the table: public.log <- public.u: log_id_fkey on delete cascade on update no action"
    assert key in spare.findings()["high"]
    spare.run(spare.script())
    assert spare.findings() == {"medium": {key}}
    spare.cluster.sql("INSERT INTO u VALUES (1); INSERT INTO log VALUES (1)", "spare")
    with spare.direct() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("DELETE FROM u")


def test_partitions_made_later_by_the_owner_have_the_trigger(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE log (id int) PARTITION BY RANGE (id)")
    spare.run(spare.script())
    assert spare.findings() == {}
    spare.cluster.sql(f'SET ROLE "{OWNER}"; CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (9);'
                      "INSERT INTO log VALUES (1)", "spare")
    assert spare.findings() == {"info": {"no trigger that refuses: public.log_1"}}
    with pytest.raises(subprocess.CalledProcessError):
        spare.cluster.sql("UPDATE log SET id = 2", "spare")
    spare.run(spare.script())
    assert spare.findings() == {}


def test_a_partition_that_was_guarded_alone_is_guarded_with_its_parent(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE all_logs (id int) PARTITION BY RANGE (id)")
        conn.execute("CREATE TABLE log PARTITION OF all_logs FOR VALUES FROM (0) TO (9)")
    spare.run(spare.script())
    assert "owns a parent of the table: public.all_logs" in spare.findings()["critical"]
    spare.tables = "all_logs"
    spare.run(spare.script())
    assert spare.findings() == {}
    before = spare.catalog()
    spare.run(spare.script())
    assert spare.catalog() == before


def start(place, *flags):
    """A weir that may refuse to: its exit code, or None, and its log."""
    try:
        weir = Weir(*flags, "--audit-tables", place.tables, place.url)
    except AssertionError as error:
        return str(error)
    weir.wait_for_line("guard(s)? the audit tables")
    weir.stop()
    return weir.log()


def test_a_start_says_what_is_open_a_line_each(place):
    log = start(place)
    assert "msg=ready" in log
    for severity in ("critical", "high"):
        for found in FOUND[severity]:
            finding, thing = found.split(": ", 1)
            assert any(f"severity={severity}" in line and finding.split()[0] in line and
                       thing.replace('"', '\\"') in line for line in log.splitlines()), found
    assert re.search(rf"level=warn .*critical={len(FOUND['critical'])} high={len(FOUND['high'])} .*weir audit check", log)


def test_a_start_says_that_nothing_is_open(locked):
    log = start(locked)
    assert "the database guards the audit tables too" in log and "level=warn" not in log


def test_the_log_says_again_how_it_stands_when_that_has_changed(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE log (id int)")
    weir = Weir("--audit-tables", spare.tables, spare.url)
    weir.wait_for_line("database does not guard the audit tables")
    spare.run(spare.script())
    weir.wait_for_line("the database guards the audit tables too")
    weir.stop()


def test_require_database_refuses_to_start_until_the_script_has_run(spare):
    with spare.direct() as conn:
        conn.execute("CREATE TABLE log (id int)")
    command = [BINARY, "-l", "127.0.0.1:0", "--audit-require-database", "--audit-tables", "log", spare.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78
    assert "owns the table" in done.stderr and "audit_require_database" in done.stderr
    assert "msg=ready" not in done.stderr
    assert done.stderr.count("does not guard the audit tables") == 1
    spare.run(spare.script())
    weir = Weir("--log-level", "debug", "--audit-require-database", "--audit-tables", "log", spare.url)
    weir.wait_for_line("catalog read")
    weir.stop()
    assert weir.log().count("the database guards the audit tables too") == 1


def test_require_database_says_what_it_could_not_ask():
    command = [BINARY, "-l", "127.0.0.1:0", "--audit-require-database", "--audit-tables", "log",
               "--server-connect-timeout", "600ms"]
    done = subprocess.run([*command, "postgresql://app@127.0.0.1:1/app"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 69 and "refused" in done.stderr
    done = subprocess.run([*command, "postgresql://127.0.0.1:1/app"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "names no user" in done.stderr


@pytest.fixture(scope="module", params=[
    ("timestamptz", "", "now() - interval '{} hours'"),
    ("timestamp", " timestamp", "now() AT TIME ZONE 'UTC' - interval '{} hours'"),
    ("date", " date", "(now() AT TIME ZONE 'UTC' - interval '{} hours')::date"),
    ("text", " text", "to_char(now() AT TIME ZONE 'UTC' - interval '{} hours', 'YYYY-MM-DD\"T\"HH24:MI:SSZ')"),
], ids=lambda param: param[0])
def retained(request, cluster, owners):
    kind, word, when = request.param
    place = Place(cluster, "retained", ["log"], "--audit-retain", f"log.at 30d{word}")
    place.when = when
    with place.direct() as conn:
        conn.execute(f"CREATE TABLE log (id int, at {kind}) PARTITION BY LIST (id)")
        conn.execute("CREATE TABLE log_all PARTITION OF log DEFAULT")
    place.first = place.script()
    place.run(place.first)
    yield place
    cluster.sql("DROP DATABASE retained WITH (FORCE)")


def test_with_retention_only_old_rows_can_be_deleted(retained):
    assert retained.findings() == {}
    old, young = (retained.when.format(hours) for hours in (32 * 24, 28 * 24))
    with retained.direct() as conn:
        conn.execute(f"INSERT INTO log VALUES (1, {old}), (2, {young}), (3, NULL)")
        for attack in ("DELETE FROM log", "DELETE FROM log WHERE id = 2", "DELETE FROM log_all WHERE id = 3",
                       "DELETE FROM log WHERE id = 3", "UPDATE log SET id = 9", "TRUNCATE log"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("SET TimeZone = 'Pacific/Kiritimati'")
                conn.execute(attack)
        assert conn.execute("DELETE FROM log WHERE id = 1").rowcount == 1


def test_a_script_with_retention_changes_nothing_the_second_time(retained):
    before = retained.catalog()
    assert retained.run(retained.first) == ""
    assert retained.catalog() == before


def test_without_the_trigger_the_right_to_delete_is_critical(spare):
    close(spare)
    spare.flags = ("--audit-retain", "log.at 30d")
    assert set(spare.findings()) == {"info"}
    spare.run(spare.script())
    assert spare.findings() == {}
    spare.flags = ("--audit-retain", "log.at 60d")
    assert spare.findings()["critical"] == {"holds DELETE: public.log"}
    spare.run(spare.script())
    assert spare.findings() == {}
    spare.flags = ()
    assert spare.findings()["critical"] == {"holds DELETE: public.log"}
    spare.run(spare.script())
    assert spare.findings() == {}


def test_retention_by_a_column_that_is_no_time_is_found(spare):
    close(spare)
    spare.flags = ("--audit-retain", "log.id 30d")
    assert spare.findings()["high"] == {"retention by a column that holds no time: public.log.id"}


def test_retention_by_another_type_than_the_column_has_is_found(spare):
    close(spare)
    spare.cluster.sql("ALTER TABLE log ADD a timestamptz, ADD b timestamp, ADD c date, ADD d text, ADD e varchar(30)",
                      spare.name)
    spare.flags = ("--audit-retain", "log.a 30d timestamptz,log.b 30d timestamp,log.c 30d date,log.d 30d text,"
                                     "log.e 30d text,log.a 30d")
    assert not [each for each in spare.findings().get("high", ()) if "type" in each]
    spare.flags = ("--audit-retain", "log.a 30d timestamp,log.b 30d date,log.c 30d text,log.d 30d timestamptz")
    assert spare.findings()["high"] == {f"retention names another type than the column has: public.log.{each}" for each in (
        "a is timestamp with time zone", "b is timestamp without time zone", "c is date", "d is text")}


def test_the_script_refuses_another_database(locked, place):
    with pytest.raises(AssertionError, match="for another database"):
        place.run(locked.first)


def test_a_database_that_cannot_be_reached_is_said_clearly(cluster):
    done = subprocess.run([BINARY, "audit", "check", "--audit-tables", "log",
                           "postgresql://app@127.0.0.1:1/app"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 69 and "refused" in done.stderr and not done.stdout


@pytest.mark.parametrize("arguments, code", [
    (["check", "sqlite:x.db"], 78), (["check", "--audit-tables", "a b", "sqlite:x.db"], 78),
    (["check", "--no-such-flag"], 64), (["what"], 64), ([], 64)])
def test_wrong_arguments_have_their_exit_codes(arguments, code, tmp_path):
    done = subprocess.run([BINARY, "audit", *arguments], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == code and done.stderr


def test_an_entry_for_any_database_is_asked_only_about_one_that_is_named(place):
    done = subprocess.run([BINARY, "audit", "check", "--audit-tables", "log", place.url.rsplit("/", 1)[0] + "/"],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 69 and "names no database" in done.stderr and "--audit-tables" in done.stderr


def test_a_configuration_may_have_several_databases(place, locked, tmp_path):
    config = tmp_path / "weir.yaml"
    config.write_text("databases:\n" + "".join(
        f"  {name}:\n    backend: {backend}\n    audit_tables: [audit_log]\n" for name, backend in
        [("open", place.url), ("shut", locked.url), ("file", f"sqlite:{tmp_path}/x.db")]))

    def audit(*arguments):
        return subprocess.run([BINARY, "audit", *arguments, "-c", str(config)], capture_output=True, text=True)
    done = audit("check")
    assert done.returncode == 1
    assert [line.split()[1].rstrip(",") for line in done.stdout.splitlines() if line.startswith("database ")] == \
        ["lock", "locked", "file"]
    assert audit("check", "--database", "shut").returncode == 0
    assert audit("sql").returncode == 78
    done = audit("sql", "--database=open")
    assert done.returncode == 0 and "COMMIT;" in done.stdout
    assert audit("sql", "--database", "none").returncode == 78


def test_another_role_may_be_asked_about(locked):
    assert locked.findings("--role", "no such one")["critical"] == {"no such role: no such one"}
    assert "role attribute: SUPERUSER" in locked.findings("--role", locked.cluster.owner[0])["critical"]


def test_of_a_sqlite_file_it_is_said_what_weir_does_itself(tmp_path):
    done = subprocess.run([BINARY, "audit", "check", "--audit-tables", "log", "sqlite:x.db"],
                          capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0
    assert "authorizer" in done.stdout and "audit_digest" in done.stdout
