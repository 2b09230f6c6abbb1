"""Checkpoints of audit tables: what was changed behind weir is found."""

import os
import re
import shutil
import subprocess
import time

import psycopg
import pytest

from prove.tamper import TABLES as ATTACKED, attack
from support.digest import Digested, keygen
from support.weir import BINARY, Weir

TABLES = ["digested by id", "public.stamped by at"]
SERIAL = "(id bigserial PRIMARY KEY, what text NOT NULL, n numeric(10,2), f float8, b bytea, extra text)"
STAMPED = "(id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz NOT NULL, what text)"


@pytest.fixture(scope="module", params=["postgres", "sqlite"])
def made(request, tmp_path_factory):
    """Two tables with five buckets each, all sealed; weir is stopped."""
    cluster = request.getfixturevalue("cluster") if request.param == "postgres" else None
    digested = Digested(tmp_path_factory.mktemp("digest"), request.param, TABLES, cluster).start()
    with digested.connect() as conn:
        conn.execute("DROP TABLE IF EXISTS digested, stamped")
        conn.execute(f"CREATE TABLE digested {SERIAL}")
        conn.execute(f"CREATE TABLE stamped {STAMPED}")
        for bucket in range(5):
            conn.execute("INSERT INTO digested (what, n, f, b) SELECT 'row ' || g, g / 8.0, g / 3.0, '\\x00ff'"
                         " FROM generate_series(1, 20) g")
            # 20 rows a minute, four to each instant
            conn.execute("INSERT INTO stamped (at, what) SELECT timestamptz '2026-01-01 00:00+00' + %s * interval"
                         " '1 minute' + g / 4 * interval '1 second', 'row ' || g FROM generate_series(0, 19) g",
                         (bucket,))
            digested.sealed("public.digested", 20 * (bucket + 1))
            digested.sealed("public.stamped", digested.instant(f"2026-01-01 00:{bucket:02}:04"))
    digested.stop()
    yield digested
    digested.direct("DROP TABLE IF EXISTS digested", "DROP TABLE IF EXISTS stamped")


@pytest.fixture
def proven(made, tmp_path):
    """The same; its files are put back after the test."""
    kept = [made.file, made.file.with_suffix(".head"), *([made.directory / "app.db"] if made.kind == "sqlite" else [])]
    for path in kept:
        shutil.copy(path, tmp_path)
    yield made
    made.stop()
    for path in kept:
        shutil.copy(tmp_path / path.name, path)


@pytest.fixture
def digested(proven):
    """So are its tables."""
    if proven.kind == "postgres":
        proven.direct("CREATE TABLE kept_digested AS TABLE digested", "CREATE TABLE kept_stamped AS TABLE stamped")
    yield proven
    proven.stop()
    if proven.kind == "postgres":
        proven.direct("DROP TABLE IF EXISTS digested, stamped", f"CREATE TABLE digested {SERIAL}",
                    f"CREATE TABLE stamped {STAMPED}", "INSERT INTO digested TABLE kept_digested",
                    "INSERT INTO stamped TABLE kept_stamped", "DROP TABLE kept_digested, kept_stamped")


TAMPERED = [
    ("UPDATE digested SET what = 'other' WHERE id = 27", "digested bucket 1 .*changed"),
    ("UPDATE digested SET f = f + 1e-15 WHERE id = 81", "digested bucket 4 .*changed"),
    ("UPDATE digested SET extra = '' WHERE id = 60", "digested bucket 2 .*changed"),
    ("DELETE FROM digested WHERE id = 1", "digested bucket 0 .*1 row fewer"),
    ("DELETE FROM digested WHERE id IN (40, 41)", "digested bucket 1 .*1 row fewer", "digested bucket 2 .*1 row fewer"),
    ("INSERT INTO digested (id, what) VALUES (-5, 'x')", "digested bucket 0 .*1 row more"),
    ("UPDATE digested SET id = 1000 WHERE id = 99", "digested bucket 4 .*1 row fewer"),
    ("UPDATE stamped SET what = 'other' WHERE at = '2026-01-01 00:02:03' AND what = 'row 12'",
     "stamped bucket 2 .*changed"),
    ("UPDATE stamped SET id = '00000000-0000-0000-0000-000000000001' WHERE at = '2026-01-01 00:00:00'"
     " AND what = 'row 1'", "stamped bucket 0 .*changed"),
    ("DELETE FROM stamped WHERE at = '2026-01-01 00:04:04'", "stamped bucket 4 .*4 rows fewer"),
    ("INSERT INTO stamped VALUES ('00000000-0000-0000-0000-000000000002', '2026-01-01 00:01:30', 'late')",
     "stamped bucket 2 .*1 row more"),
    ("DELETE FROM stamped", *(f"stamped bucket {n} .*20 rows fewer" for n in range(5))),
    ("ALTER TABLE digested DROP COLUMN extra", "digested buckets 0 to 4: columns changed: extra"),
    ("DROP TABLE stamped", "stamped buckets 0 to 4: the table is gone"),
]


@pytest.mark.parametrize("statement, expected", [(case[0], case[1:]) for case in TAMPERED],
                         ids=[case[0] for case in TAMPERED])
def test_names_the_bucket_that_was_tampered_with(digested, statement, expected):
    digested.direct(re.sub(r"'(2026.*?)'", lambda found: f"'{digested.instant(found[1])}'", statement))
    code, said = digested.verify()
    assert code == 1, said
    lines = [line for line in said.splitlines() if line.startswith("  ")]
    assert len(lines) == len(expected), said
    for line, pattern in zip(lines, expected):
        assert_like(pattern, line)


def assert_like(pattern, text):
    assert re.search(pattern, text), f"{pattern!r} is not in:\n{text}"


def test_what_nobody_touched_is_as_it_was(proven):
    code, said = proven.verify()
    assert code == 0 and "public.digested by id: 5 buckets, 100 rows: all as sealed" in said, said


def test_a_table_that_has_no_checkpoint_is_named(proven):
    kept = proven.config.read_text()
    proven.config.write_text(kept.replace("'digested by id'", "'digested by id', 'misspelt by id'"))
    code, said = proven.verify()
    proven.config.write_text(kept)
    assert code == 0 and "public.misspelt by id: no checkpoint yet" in said and said.count("no checkpoint") == 1


def test_a_truncated_table_is_found(digested):
    digested.direct("TRUNCATE digested" if digested.kind == "postgres" else "DELETE FROM digested")
    code, said = digested.verify()
    assert code == 1 and said.count("20 rows fewer") == 5, said


def test_a_column_that_was_added_changes_no_sealed_row(digested):
    digested.direct("ALTER TABLE digested ADD COLUMN later text DEFAULT 'x'")
    code, said = digested.verify()
    assert code == 0, said


def edit(path, change):
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(change(lines)))


@pytest.mark.parametrize("change, expected", [
    (lambda lines: [*lines[:3], lines[3].replace('"rows":20', '"rows":19'), *lines[4:]], "line 4: .* was changed"),
    (lambda lines: [*lines[:3], *lines[4:]], "line 4: .*removed, moved or added"),
    (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "line 4: .*removed, moved or added"),
    (lambda lines: lines[:-1], "its end was cut off"),
    (lambda lines: [*lines, lines[-1]], "removed, moved or added"),
    (lambda lines: [*lines[:-1], lines[-1][:-40]], "its end was cut off"),
    (lambda lines: [], "its end was cut off"),
    (lambda lines: ["{}\n", *lines[1:]], "line 1: it is no checkpoint"),
    (lambda lines: [*lines[:-1], lines[-1][:-8] + "00000" + lines[-1][-3:]], "signature is not of this key"),
], ids=["edited", "removed", "reordered", "cut", "repeated", "torn", "emptied", "no checkpoint", "signature"])
def test_a_changed_file_is_no_proof(proven, change, expected):
    edit(proven.file, change)
    code, said = proven.verify()
    assert code == 1 and "TAMPERED" in said, said
    assert_like(expected, said)


def test_a_file_without_its_head_is_no_proof(proven):
    proven.file.with_suffix(".head").unlink()
    code, said = proven.verify()
    assert code == 1, said


def test_another_key_does_not_verify(proven, tmp_path):
    keygen(tmp_path / "other")
    code, said = proven.verify("--public-key", tmp_path / "other.pub")
    assert code == 1 and "signed with another key" in said
    assert proven.verify("--public-key", f"{proven.key}.pub")[0] == 0


def test_buckets_before_from_are_left_out(digested):
    digested.direct("DELETE FROM digested WHERE id = 1")
    assert digested.verify()[0] == 1
    assert digested.verify("--from", "3")[0] == 0


def test_what_cannot_be_reached_cannot_be_verified(proven, tmp_path):
    code, said = proven.verify("--file", tmp_path / "nothing")
    assert code == 2, said
    done = subprocess.run([BINARY, "audit", "verify", "--file", proven.file, "--public-key", f"{proven.key}.pub",
                           "sqlite:/nonexistent/app.db"], capture_output=True, text=True)
    assert done.returncode == 2, done.stdout + done.stderr


def test_a_restart_goes_on_with_the_chain(digested):
    before = digested.file.read_text()
    digested.start()
    with digested.connect() as conn:
        conn.execute("INSERT INTO digested (id, what) VALUES (500, 'after the restart')")
    digested.sealed("public.digested", 500)
    digested.stop()
    assert digested.file.read_text().startswith(before)
    assert digested.verify()[0] == 0
    digested.direct("UPDATE digested SET what = 'x' WHERE id = 500")
    code, said = digested.verify()
    assert code == 1
    assert_like("digested bucket 5 .*after 100 up to 500.*changed", said)


def test_a_line_that_a_crash_cut_is_written_again(digested):
    with open(digested.file, "a") as file:
        file.write('{"n":11,"kind":"buck')
    code, said = digested.verify()
    assert code == 0 and "has no end" in said, said
    digested.start()
    with digested.connect() as conn:
        conn.execute("INSERT INTO digested (id, what) VALUES (600, 'after the crash')")
    digested.sealed("public.digested", 600)
    digested.stop()
    assert digested.verify()[0] == 0


def test_weir_does_not_go_on_with_a_file_that_was_cut(proven):
    edit(proven.file, lambda lines: lines[:-1])
    cut = proven.file.read_text()
    proven.start()
    assert "its end was cut off" in proven.weir.wait_for_line("no checkpoint can be made")
    proven.stop()
    assert proven.file.read_text() == cut


def test_one_weir_writes_and_the_other_stands_by(proven):
    proven.start()
    proven.weir.wait_for_line("checkpoints go on")
    first, proven.weir = proven.weir, None
    try:
        if proven.kind == "sqlite":   # a file has one weir; two can only share the checkpoints
            config = proven.config.read_text().replace("app.db", "other.db")
        else:
            config = proven.config.read_text()
        other = proven.directory / "other.yaml"
        other.write_text(re.sub(r', http: "[^"]*"', "", config))
        second = Weir("-c", other)
        second.wait_for_line("checkpoints stand by")
        first.stop()
        second.wait_for_line("checkpoints go on")
        second.stop()
    finally:
        if first.process.poll() is None:
            first.stop()


def test_metrics_tell_rows_and_age(digested):
    digested.start()
    with digested.connect() as conn:
        conn.execute("INSERT INTO digested (id, what) VALUES (501, 'a'), (502, 'b')")
    digested.sealed("public.digested", 502)
    metrics = digested.metrics()
    assert metrics["rows_total"] == 2 and 0 <= metrics["age_seconds"] < 120
    digested.stop()


@pytest.mark.parametrize("tables, expected", [
    ("'digested'", "not understood"),
    ("'digested by id desc'", "not understood"),
    ("'digested by id', 'public.digested by n'", "names a table a second time"),
])
def test_a_configuration_that_makes_no_sense_is_refused(proven, tmp_path, tables, expected):
    config = tmp_path / "weir.yaml"
    config.write_text(re.sub(r"audit_digest: \[.*\]", f"audit_digest: [{tables}]", proven.config.read_text()))
    done = subprocess.run([BINARY, "-c", config, "--check-config"], capture_output=True, text=True)
    assert done.returncode == 78 and expected in done.stderr


def test_checkpoints_need_a_file_and_a_key(tmp_path):
    done = subprocess.run([BINARY, "--audit-digest", "a by id", "--check-config", f"sqlite:{tmp_path}/x.db"],
                          capture_output=True, text=True)
    assert done.returncode == 78 and "audit_digest_file and audit_digest_key" in done.stderr


def test_a_key_that_others_can_read_is_refused(proven):
    os.chmod(proven.key, 0o644)
    try:
        done = subprocess.run([BINARY, "-c", proven.config], capture_output=True, text=True)
        assert done.returncode == 78 and "can be read by others" in done.stderr
    finally:
        os.chmod(proven.key, 0o600)


def test_a_key_is_not_written_over(proven):
    before = proven.key.read_text()
    done = subprocess.run([BINARY, "audit", "keygen", proven.key], capture_output=True, text=True)
    assert done.returncode == 1 and "exists" in done.stderr
    assert proven.key.read_text() == before


def test_localhost_needs_no_certificate_in_production(cluster, tmp_path):
    cluster.sql("DROP TABLE IF EXISTS near; CREATE TABLE near (id int PRIMARY KEY); INSERT INTO near VALUES (1);"
                " ALTER TABLE near OWNER TO app", "app")
    digested = Digested(tmp_path, "postgres", ["near by id"], cluster)
    config = digested.config.read_text().replace(f"127.0.0.1:{cluster.port}", f"localhost:{cluster.port}")
    assert "localhost" in config
    digested.config.write_text(f"environment: production\n{config}")
    with digested.start():
        digested.sealed("public.near", 1)
        digested.stop()
        assert digested.verify()[0] == 0
    cluster.sql("DROP TABLE near", "app")


def test_a_bucket_waits_for_transactions_that_have_a_smaller_key(cluster, tmp_path):
    cluster.sql("DROP TABLE IF EXISTS late; CREATE TABLE late (id bigserial PRIMARY KEY, what text);"
                " ALTER TABLE late OWNER TO app", "app")
    digested = Digested(tmp_path, "postgres", ["late by id"], cluster).start()
    with psycopg.connect(cluster.url()) as slow, digested.connect() as conn:
        # the key is taken, and no transaction number yet
        slow.execute("SELECT nextval('late_id_seq')")
        conn.execute("INSERT INTO late (what) VALUES ('second')")
        digested.weir.wait_for_line("checkpoints go on")
        time.sleep(0.5)     # several looks
        assert digested.file.read_text().count("\n") == 1
        slow.execute("INSERT INTO late VALUES (1, 'first')")
        slow.commit()
        digested.sealed("public.late", 2)
    digested.stop()
    assert digested.verify()[0] == 0
    assert '"rows":2,' in digested.file.read_text()
    cluster.sql("DROP TABLE late", "app")


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_random_tampers_are_found_and_nothing_else(request, tmp_path, kind):
    cluster = request.getfixturevalue("cluster") if kind == "postgres" else None
    with Digested(tmp_path, kind, ATTACKED, cluster) as digested:
        figures, notes = attack(digested, 15, "quick")
    assert figures == {"tampers": 15}, notes



@pytest.fixture(params=["postgres", "sqlite"])
def retained(request, tmp_path):
    """Rows of 1 to 60 days ago in three buckets; those older than 30 may go."""
    cluster = request.getfixturevalue("cluster") if request.param == "postgres" else None
    more = "    audit_tables: [retained]\n    audit_retain: ['retained.at 30d']\n"
    with Digested(tmp_path, request.param, ["retained by id"], cluster, more=more) as digested:
        digested.direct("DROP TABLE IF EXISTS retained")
        digested.start()
        with digested.connect() as conn:
            conn.execute("CREATE TABLE retained (id bigserial PRIMARY KEY, at timestamptz, what text)")
            for first, last in ((60, 41), (40, 21), (20, 1)):
                conn.execute("INSERT INTO retained (at, what) SELECT now() - g * interval '1 day' - interval '1 hour',"
                             " 'day ' || g FROM generate_series(%s, %s, -1) g", (first, last))
                digested.sealed("public.retained", 61 - last)
            # the bucket that the cut-off goes through is known when it was looked at
            digested.weir.wait_for_line("msg=checkpoint .*upto=60 ")
            conn.execute("INSERT INTO retained (at, what) VALUES (now(), 'another look')")
            digested.sealed("public.retained", 61)
        yield digested
        digested.stop()
        digested.direct("DROP TABLE retained")


def days_gone(digested, days):
    """Deletes rows of these days, not through weir."""
    digested.direct(f"DELETE FROM retained WHERE what IN ({', '.join(repr(f'day {day}') for day in days)})")


def test_rows_that_retention_lets_go_are_not_missed(retained):
    days_gone(retained, range(30, 61))
    retained.weir.wait_for_line('msg="old rows are gone" .*bucket=0 left=0')
    retained.weir.wait_for_line('msg="old rows are gone" .*bucket=1 left=9')
    code, said = retained.verify()
    assert code == 0 and "31 gone by audit_retain" in said, said
    retained.direct("UPDATE retained SET what = 'x' WHERE what = 'day 25'")
    code, said = retained.verify()
    assert code == 1 and "retained bucket 1 " in said, said


def test_a_younger_row_is_missed_although_old_ones_went(retained):
    days_gone(retained, [*range(30, 61), 22])
    retained.weir.wait_for_line('msg="old rows are gone" .*bucket=0 left=0')
    code, said = retained.verify()
    assert code == 1 and "retained bucket 1 " in said and "12 rows fewer" in said, said


def test_a_young_bucket_may_lose_nothing(retained):
    days_gone(retained, [*range(41, 61), 5])
    retained.weir.wait_for_line('msg="old rows are gone" .*bucket=0 left=0')
    code, said = retained.verify()
    assert code == 1 and "retained bucket 2 " in said and "retained bucket 0" not in said, said
