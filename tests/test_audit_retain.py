"""Rows of insert-only tables that are old enough may go, and no others; exempt
users may change the tables. Both backends, both protocols, and the log."""

import datetime
import random
import re
import struct
import urllib.request

import psycopg
import pytest
from psycopg import pq

from support.cluster import free_port
from support.weir import Endpoint, Weir

NOW = datetime.datetime.now(datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
TYPES = {"ev": "timestamptz", "ev_ts": "timestamp", "ev_day": "date", "ev_text": "text"}
AGES = (1, 100, 360, 363, 500, 4000)  # days
YOUNG = sum(age < 365 for age in AGES)


def ago(days, zone=True):
    return (NOW - days * DAY).strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if zone else "")


def iso(days):
    return (NOW - days * DAY).isoformat()


def day(days):
    return (NOW - days * DAY).date().isoformat()


def value(table, age):
    return {"ev": ago(age), "ev_ts": ago(age, False), "ev_day": day(age), "ev_text": iso(age)}[table]


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def guarded(request, tmp_path_factory):
    direct = request.getfixturevalue("cluster") if request.param == "postgres" else None
    backend = direct.url() if direct else f"sqlite:{tmp_path_factory.mktemp('retain') / 'a.db'}"
    if direct:
        direct.sql("DROP TABLE IF EXISTS ev, ev_ts, ev_day, ev_text, plain, kept CASCADE", "app")
    http = free_port()
    weir = Weir("--pool-size", "2", "--listen-http", f"127.0.0.1:{http}",
                "--audit-tables", "ev,ev_ts,ev_day,ev_text,kept",
                "--audit-retain", "ev.at 365d,ev_ts.at 365d timestamp,ev_day.at 365d date,ev_text.at 365d text",
                "--audit-exempt-users", "migrator", backend)
    endpoint = Endpoint(request.param, weir.port, weir=weir)
    endpoint.http = http
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        for table, kind in TYPES.items():
            conn.execute(f"CREATE TABLE {table} (id int, at {kind}, seen timestamptz, what text)")
        conn.execute("CREATE TABLE plain (id int)")
        conn.execute("CREATE TABLE kept (id int, at timestamptz)")
        conn.execute("INSERT INTO kept VALUES (1, '2000-01-01 00:00:00+00')")
    yield endpoint
    weir.stop()
    if direct:
        direct.sql("DROP TABLE IF EXISTS ev, ev_ts, ev_day, ev_text, plain, kept CASCADE", "app")


@pytest.fixture(scope="module")
def conn(guarded):
    with psycopg.connect(guarded.dsn(application_name="keeper"), autocommit=True) as conn:
        conn.prepare_threshold = None
        yield conn


@pytest.fixture
def filled(conn, guarded):
    """Every table has its young rows, and its old ones again."""
    guarded.weir.log()  # a full pipe would stop it
    for table in TYPES:
        for age in AGES:
            if not conn.execute(f"SELECT 1 FROM {table} WHERE id = {age}").fetchone():
                conn.execute(f"INSERT INTO {table} VALUES ({age}, '{value(table, age)}', now(), 'x')")
    return conn


def young(conn):
    return [conn.execute(f"SELECT count(*) FROM {table} WHERE id < 365").fetchone()[0] for table in TYPES]


PASSES = [
    f"DELETE FROM ev WHERE at < '{ago(400)}'",
    f"DELETE FROM ev WHERE at <= '{ago(400)}'",
    f"DELETE FROM ev WHERE '{ago(400)}' > at",
    f"DELETE FROM ev WHERE '{iso(400)}' >= at",
    f"DELETE FROM ev WHERE at < timestamptz '{ago(365)}'",
    f"DELETE FROM ev WHERE at < '{ago(366)}'::timestamptz",
    f"DELETE FROM ev WHERE at < CAST('{iso(366)}' AS timestamp with time zone)",
    f"DELETE FROM ev WHERE at < DATE '{day(400)}'",
    f"DELETE FROM ev WHERE at < '{day(400)}'",
    f"DELETE FROM ev WHERE at < timestamp '{ago(400, False)}'",
    f"DELETE FROM ev WHERE at BETWEEN '2000-01-01' AND '{ago(400)}'",
    f"DELETE FROM ev WHERE at > '2001-01-01' AND at < '{ago(400)}'",
    f"DELETE FROM ev WHERE (id > 3 AND (what = 'x' AND at < '{ago(400)}'))",
    f"DELETE FROM ev WHERE at < '{ago(400)}' AND (id = 500 OR what LIKE 'y%')",
    f"DELETE FROM ev WHERE at < '{ago(400)}' AND id IN (SELECT id FROM plain)",
    f"DELETE FROM public.ev WHERE at < '{ago(400)}'",
    f"DELETE FROM ev AS e WHERE e.at < '{ago(400)}'",
    f"DELETE FROM public.ev WHERE public.ev.at < '{ago(400)}'",
    f"DELETE FROM ev WHERE at < '{ago(400)}' RETURNING id",
    f"DELETE FROM ev USING plain WHERE ev.at < '{ago(400)}' AND plain.id = ev.id",
    f"BEGIN; DELETE FROM ev WHERE at < '{ago(400)}'; COMMIT",
    f"EXPLAIN DELETE FROM ev WHERE at < '{ago(400)}'",
    "DELETE FROM ev WHERE at < now() - interval '365 days'",
    "DELETE FROM ev WHERE at < now() - interval '1 year'",
    "DELETE FROM ev WHERE at < now() - '13 months'::interval",
    "DELETE FROM ev WHERE at < current_timestamp - interval '52 weeks 2 days'",
    "DELETE FROM ev WHERE at < transaction_timestamp() - interval '400 days'",
    "DELETE FROM ev WHERE at < pg_catalog.now() - interval '365 days'",
    "DELETE FROM ev WHERE at < CURRENT_DATE - interval '365 days'",
    "DELETE FROM ev WHERE at < CURRENT_DATE - 365",
    "DELETE FROM ev WHERE at < localtimestamp - interval '365 days'",
    "DELETE FROM ev WHERE at < now() - interval '200 days' - interval '165 days'",
    "DELETE FROM ev WHERE at < now() - interval '1 day' * 365",
    "DELETE FROM ev WHERE at < now() - make_interval(days => 365)",
    "DELETE FROM ev WHERE at < date_trunc('day', now() - interval '365 days')",
    "DELETE FROM ev WHERE at < (now() - interval '365 days')::date",
    f"DELETE FROM ev_ts WHERE at < '{ago(365, False)}'",
    f"DELETE FROM ev_ts WHERE at < timestamp '{ago(365, False)}'",
    "DELETE FROM ev_ts WHERE at < now() - interval '366 days'",
    f"DELETE FROM ev_day WHERE at < '{day(366)}'",
    f"DELETE FROM ev_day WHERE at <= date '{day(366)}'",
    "DELETE FROM ev_day WHERE at < CURRENT_DATE - 366",
    f"DELETE FROM ev_text WHERE at < '{day(365)}'",
    f"DELETE FROM ev_text WHERE at < '{iso(367)}'",
]

REFUSED = [
    "DELETE FROM ev",
    "DELETE FROM ev WHERE true",
    "DELETE FROM ev WHERE id = 1",
    f"DELETE FROM ev WHERE at < '{ago(364)}'",
    f"DELETE FROM ev WHERE at < '{ago(0)}'",
    f"DELETE FROM ev WHERE at > '{ago(400)}'",
    f"DELETE FROM ev WHERE '{ago(400)}' < at",
    f"DELETE FROM ev WHERE at <> '{ago(400)}'",
    f"DELETE FROM ev WHERE at < '{ago(400)}' OR true",
    f"DELETE FROM ev WHERE at < '{ago(400)}' OR id = 1",
    f"DELETE FROM ev WHERE NOT (at < '{ago(400)}')",
    f"DELETE FROM ev WHERE NOT (at >= '{ago(400)}')",
    f"DELETE FROM ev WHERE (at < '{ago(400)}') IS NOT TRUE",
    f"DELETE FROM ev WHERE (at < '{ago(400)}') = false",
    f"DELETE FROM ev WHERE seen < '{ago(400)}'",
    f"DELETE FROM ev WHERE at::text < '{day(400)}'",
    f"DELETE FROM ev WHERE at::date < '{day(400)}'",
    f"DELETE FROM ev WHERE date_trunc('year', at) < '{ago(400)}'",
    f"DELETE FROM ev WHERE at - interval '2 years' < '{ago(400)}'",
    f"DELETE FROM ev WHERE at BETWEEN '{ago(400)}' AND '{ago(0)}'",
    f"DELETE FROM ev WHERE at NOT BETWEEN '2000-01-01' AND '{ago(400)}'",
    f"DELETE FROM ev WHERE at BETWEEN SYMMETRIC '{ago(0)}' AND '{ago(400)}'",
    f"DELETE FROM ev WHERE coalesce(at < '{ago(400)}', true)",
    f"DELETE FROM ev WHERE CASE WHEN at < '{ago(400)}' THEN true ELSE true END",
    f"DELETE FROM ev WHERE (SELECT max(e.at) FROM ev e) < '{ago(-1)}'",
    "DELETE FROM ev WHERE at < (SELECT max(at) FROM ev)",
    "DELETE FROM ev WHERE at < (SELECT timestamptz '2000-01-01')",
    f"DELETE FROM ev WHERE EXISTS (SELECT 1 FROM ev e WHERE e.at < '{ago(400)}')",
    f"DELETE FROM ev WHERE id IN (SELECT id FROM ev WHERE at < '{ago(400)}')",
    f"DELETE FROM ev USING ev AS e WHERE e.at < '{ago(400)}'",
    f"DELETE FROM ev AS x USING kept AS y WHERE y.at < '{ago(400)}'",
    f"DELETE FROM ev USING plain WHERE at < '{ago(400)}'",
    f"WITH x AS (SELECT 1) DELETE FROM ev WHERE at < '{ago(400)}'",
    f"WITH gone AS (DELETE FROM ev WHERE at < '{ago(400)}' RETURNING *) SELECT * FROM gone",
    f"WITH gone AS (DELETE FROM ev WHERE id = 1) DELETE FROM ev WHERE at < '{ago(400)}'",
    "DELETE FROM ev WHERE at < now()",
    "DELETE FROM ev WHERE at < now() - interval '364 days'",
    "DELETE FROM ev WHERE at < now() - interval '364 days 23:59:59'",
    "DELETE FROM ev WHERE at < now() - interval '11 months'",
    "DELETE FROM ev WHERE at < now() - interval '12 months -2 days'",
    "DELETE FROM ev WHERE at < now() + interval '365 days'",
    "DELETE FROM ev WHERE at < now() - interval '-365 days'",
    "DELETE FROM ev WHERE at < now() - interval '365 days ago'",
    "DELETE FROM ev WHERE at < now() - interval '365 days' + interval '300 days'",
    "DELETE FROM ev WHERE at < now() - (interval '365 days' - interval '300 days')",
    "DELETE FROM ev WHERE at < now() - interval '365'",
    "DELETE FROM ev WHERE at < now() - interval '1 day' * 364",
    "DELETE FROM ev WHERE at < now() - interval '400 days' * 0.5",
    "DELETE FROM ev WHERE at < now() - interval '400 days' * -1",
    "DELETE FROM ev WHERE at < now() - make_interval(days => 100)",
    "DELETE FROM ev WHERE at < now() - make_interval(secs => 365)",
    "DELETE FROM ev WHERE at < CURRENT_DATE - 364",
    "DELETE FROM ev WHERE at < CURRENT_DATE - -400",
    "DELETE FROM ev WHERE at < CURRENT_DATE + 400",
    "DELETE FROM ev WHERE at < 'now'",
    "DELETE FROM ev WHERE at < 'tomorrow'",
    "DELETE FROM ev WHERE at < 'infinity'",
    "DELETE FROM ev WHERE at < timestamptz 'now' - interval '365 days'",
    "DELETE FROM ev WHERE at < to_timestamp(0)",
    "DELETE FROM ev WHERE at < greatest(now() - interval '400 days', now())",
    "DELETE FROM ev WHERE at < date_trunc('day', now() - interval '300 days')",
    "DELETE FROM ev WHERE at < '1 Jan 2000'",
    "DELETE FROM ev WHERE at < '2000-1-1'",
    "DELETE FROM ev WHERE at < '01/01/2000'",
    "DELETE FROM ev WHERE at < seen - interval '400 days'",
    f"DELETE FROM ev WHERE (at, id) < ('{ago(400)}', 1)",
    f"DELETE FROM ev WHERE at < ANY (ARRAY[timestamptz '{ago(400)}', now()])",
    f"DELETE FROM ev WHERE at = ANY (ARRAY[timestamptz '{ago(400)}', now()])",
    f"DELETE FROM ev WHERE at < '{ago(364)}' AND at < '{ago(300)}'",
    f"SET TimeZone = 'UTC'; DELETE FROM ev WHERE at < '{ago(366, False)}'",
    f"SET LOCAL TimeZone = 'X+160'; DELETE FROM ev WHERE at < '{ago(369, False)}'",
    f"SELECT set_config('TimeZone', 'X+160', true); DELETE FROM ev WHERE at < '{ago(369, False)}'",
    f"DELETE FROM ev WHERE at < '{ago(366, False)}' AND set_config('TimeZone', 'X+160', false) <> ''",
    f"DELETE FROM ev WHERE at < '{ago(400)}'; DELETE FROM ev",
    f"DELETE FROM ev WHERE at < '{ago(400)}'; UPDATE ev SET what = 'y'",
    f"UPDATE ev SET what = 'y' WHERE at < '{ago(400)}'",
    f"INSERT INTO ev SELECT * FROM ev WHERE at < '{ago(400)}' ON CONFLICT (id) DO UPDATE SET what = 'y'",
    f"DELETE FROM kept WHERE at < '{ago(400)}'",
    "TRUNCATE ev",
    "DROP TABLE ev",
    f"DELETE FROM ev_ts WHERE at < '{ago(364, False)}'",
    f"DELETE FROM ev_ts WHERE at < timestamp '{ago(364, False)}'",
    f"DELETE FROM ev_day WHERE at <= '{day(364)}'",
    "DELETE FROM ev_day WHERE at < CURRENT_DATE - 364",
    f"DELETE FROM ev_text WHERE at < '{iso(364)}'",
    f"DELETE FROM ev_text WHERE at < '{day(363)}'",
    "DELETE FROM ev_text WHERE at < 'a'",
    "DELETE FROM ev_text WHERE at < '~'",
    f"DELETE FROM ev_text WHERE at || 'x' < '{day(400)}'",
    f"PREPARE gone AS DELETE FROM ev WHERE at < $1; EXECUTE gone('{ago(1)}')",
    "PREPARE gone AS DELETE FROM ev WHERE at < now()",
]


def ask(conn, statement, extended=False):
    """The SQLSTATE of a text, or of a statement by messages; None: it passed."""
    text = statement.encode()
    result = conn.pgconn.exec_params(text, []) if extended else conn.pgconn.exec_(text)
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    return state.decode() if state else None


def numbers(statements):
    """Their names: the texts hold the time, which is another one in each process of a run."""
    return [str(index) for index, _ in enumerate(statements)]


@pytest.mark.parametrize("extended", [False, True], ids=["simple", "extended"])
@pytest.mark.parametrize("statement", PASSES, ids=numbers(PASSES))
def test_what_touches_only_old_rows_passes(filled, guarded, statement, extended):
    if extended and ";" in statement:
        pytest.skip("the extended protocol takes one statement at a time")
    assert ask(filled, statement, extended) is None
    assert young(filled) == [YOUNG] * 4


@pytest.mark.parametrize("extended", [False, True], ids=["simple", "extended"])
@pytest.mark.parametrize("statement", REFUSED, ids=numbers(REFUSED))
def test_what_might_touch_others_is_refused(filled, statement, extended):
    before = [filled.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TYPES]
    assert ask(filled, statement, extended) in ("42501", "42601" if extended and ";" in statement else "42501")
    assert [filled.execute(f"SELECT count(*) FROM {table}").fetchone() for table in TYPES] == before


def binary(moment):
    return struct.pack(">q", int((moment - datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds() * 1e6))


def bind(conn, value, oid=0, form=0):
    result = conn.pgconn.exec_prepared(b"gone", [value], [form])
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    return state.decode() if state else None


VALUES = [(0, 0, lambda days: ago(days).encode()), (1184, 0, lambda days: ago(days).encode()),
          (1184, 1, lambda days: binary(NOW - days * DAY)), (0, 1, lambda days: binary(NOW - days * DAY)),
          (1082, 0, lambda days: day(days).encode()), (1114, 1, lambda days: binary(NOW - days * DAY))]


@pytest.mark.parametrize("oid, form, value_of", VALUES)
def test_a_parameter_is_judged_at_each_bind(filled, oid, form, value_of):
    prepared = filled.pgconn.prepare(b"gone", b"DELETE FROM ev WHERE at < $1", [oid])
    assert prepared.status == pq.ExecStatus.COMMAND_OK, prepared.error_message
    for days, expected in [(400, None), (100, "42501"), (400, None), (0, "42501"), (-400, "42501"), (5000, None)]:
        assert bind(filled, value_of(days), oid, form) == expected
    assert young(filled) == [YOUNG] * 4
    for argument, expected in [(ago(400), None), (ago(1), "42501"), (day(400), None), ("infinity", "42501")]:
        assert ask(filled, f"EXECUTE gone('{argument}')") == expected
    assert young(filled) == [YOUNG] * 4
    filled.pgconn.exec_(b"DEALLOCATE gone")


def test_the_argument_of_each_execute_is_judged(filled):
    assert ask(filled, "PREPARE gone (timestamptz) AS DELETE FROM ev WHERE at < $1") is None
    for days, expected in [(400, None), (100, "42501"), (400, None), (-9, "42501")]:
        assert ask(filled, f"EXECUTE gone('{ago(days)}')") == expected
    assert ask(filled, "EXECUTE gone(now())") == "42501"
    assert ask(filled, f"SELECT 1; EXECUTE gone('{ago(400)}')") == "42501"
    assert young(filled) == [YOUNG] * 4
    filled.pgconn.exec_(b"DEALLOCATE gone")


def test_no_condition_made_up_loses_a_young_row(filled):
    """Whatever passes has been run: the young rows are all there."""
    chance = random.Random(7)
    cuts = [f"'{ago(d)}'" for d in (1, 364, 366, 400)] + [f"'{day(d)}'" for d in (363, 400)] + [
        "now()", "now() - interval '1 year'", "now() - interval '3 months'", "CURRENT_DATE - 400", "'infinity'"]
    passed = 0
    for _ in range(300):
        atoms = [chance.choice(("at {} {}", "{1} {0} at", "seen {} {}", "NOT at {} {}", "at BETWEEN '2000-01-01' AND {1}"))
                 .format(chance.choice(("<", "<=", ">", ">=", "=")), chance.choice(cuts)) for _ in range(chance.randint(1, 3))]
        condition = atoms[0]
        for atom in atoms[1:]:
            condition = f"({condition}) {chance.choice(('AND', 'AND', 'OR'))} {atom}"
        passed += ask(filled, f"DELETE FROM {chance.choice(('ev', 'ev_ts'))} WHERE {condition}") is None
        assert young(filled) == [YOUNG] * 4, condition
    assert passed > 20


MIGRATION = [
    ("ALTER TABLE", "ALTER TABLE kept ADD COLUMN more text"),
    ("CREATE INDEX", "CREATE INDEX kept_more ON kept (more)"),
    ("ALTER TABLE", "ALTER TABLE kept DROP COLUMN more"),
    ("DROP TABLE", "DROP TABLE kept"),
]


def exempted(endpoint):
    return [line for line in endpoint.weir.log().splitlines() if "msg=exempted" in line]


def test_an_exempt_user_migrates_and_leaves_a_record(guarded, conn):
    guarded.weir.log()
    for _, statement in MIGRATION:
        if "INDEX" not in statement:
            assert ask(conn, statement) == "42501"
    with psycopg.connect(guarded.dsn(user="migrator", application_name="alembic"), autocommit=True) as other:
        for change in ("UPDATE kept SET id = 2", "DELETE FROM kept", "TRUNCATE kept",
                       "DELETE FROM ev WHERE id = 1", "DO $$ BEGIN EXECUTE 'DELETE FROM kept'; END $$",
                       "DO $$ BEGIN ALTER TABLE kept ADD more int; END $$"):
            assert ask(other, change) == "42501"
        for command, statement in MIGRATION:
            before = len(exempted(guarded))
            assert ask(other, statement) is None
            lines = exempted(guarded)[before:]
            assert len(lines) == (command != "CREATE INDEX"), statement
            for line in lines:
                assert re.search(f"user=migrator .*application=alembic .*table=kept .*{command.split()[0]}.*exempt user", line)
                assert "less" not in line.split("command")[0]
        other.execute("CREATE TABLE kept (id int, at timestamptz)")
        assert ask(other, "DELETE FROM kept") == "42501"
    with urllib.request.urlopen(f"http://127.0.0.1:{guarded.http}/metrics") as page:
        assert re.search(r'weir_audit_exempted_total\{.*reason="exempt user"', page.read().decode())


UNNAMED = ["DROP INDEX by_at", "ALTER INDEX by_id RENAME TO by_number", "ALTER TYPE mood RENAME VALUE 'good' TO 'fine'",
           "DROP SEQUENCE numbers CASCADE", "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE"]


def test_what_an_exempt_user_changes_without_naming_it_leaves_a_record_in_sqlite_too(tmp_path):
    weir = Weir("--audit-tables", "kept", "--audit-exempt-users", "migrator", f"sqlite:{tmp_path / 'a.db'}")
    endpoint = Endpoint("sqlite", weir.port, weir=weir)
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute("CREATE TABLE users (id int PRIMARY KEY); CREATE SEQUENCE numbers; CREATE TYPE mood AS ENUM ('good', 'bad')")
        conn.execute("CREATE TABLE kept (id int DEFAULT nextval('numbers'), who int REFERENCES users, at mood)")
        conn.execute("CREATE INDEX by_at ON kept (at); CREATE INDEX by_id ON kept (id); INSERT INTO kept (at) VALUES ('bad')")
        assert {ask(conn, statement) for statement in UNNAMED} == {"42501"}
    with psycopg.connect(endpoint.dsn(user="migrator"), autocommit=True) as other:
        other.execute("CREATE TABLE plain (id int); CREATE INDEX of_plain ON plain (id); DROP INDEX of_plain; DROP TABLE plain")
        assert exempted(endpoint) == []
        for count, statement in enumerate(UNNAMED, 1):
            assert ask(other, statement) is None
            lines = exempted(endpoint)
            assert len(lines) == count and "table=kept" in lines[-1] and " ".join(statement.split()[:2]) in lines[-1]
        assert other.execute("SELECT id, at FROM kept").fetchall() == [(1, "bad")]
    weir.stop()
