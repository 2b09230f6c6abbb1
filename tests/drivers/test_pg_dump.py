"""pg_dump of a SQLite file: what it writes is what it writes of Postgres with
the same schema, and can be read back by either."""

import pathlib
import re
import shutil
import subprocess

import pytest

from support.weir import serve

pytestmark = pytest.mark.skipif(not shutil.which("pg_dump"), reason="pg_dump is not installed")

SCHEMA = pathlib.Path(__file__).parent / "rich_schema.sql"
ROWS = """
INSERT INTO person (name, nick, feels, born) VALUES ('Ann', 'a', 'sad', '2000-01-01'), ('Bob', E'tab\\there', 'ok', null);
UPDATE person SET friend = 1 WHERE id = 2;
INSERT INTO all_types (a_json, ints, moods, a_real, a_timetz) VALUES ('{"a":1}', '{1,2}', '{ok,"very happy"}', 1.5,
    '10:00+02'), (null, null, null, 'NaN', null);
INSERT INTO shop.item (maker, number, price, tags, extra) VALUES (1, 1, 10, '{a,"b c"}', '{"k": [1, 2]}'),
    (1, 2, 12.5, null, null);
INSERT INTO shop."Order Line" (item_maker, item_number, at) VALUES (1, 1, '2024-01-01 00:00:00.123456+00');
SELECT setval('ticket', 205);
"""


def run(tool, endpoint, *arguments, **options):
    done = subprocess.run([tool, "-d", endpoint.dsn(), *arguments], capture_output=True, text=True, timeout=240, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def load(endpoint, text):
    run("psql", endpoint, "-X", "-q", "-v", "ON_ERROR_STOP=1", input=text)


def dump(endpoint, *options):
    """Without the lines that differ between two dumps of one database."""
    return [line for line in run("pg_dump", endpoint, *options).splitlines()
            if not re.match(r"\\(un)?restrict|-- Dumped from", line)]


@pytest.fixture
def both(cluster):
    cluster.create_database("dumped")
    with serve("direct", cluster, database="dumped") as truth, serve("sqlite", cluster, database="dumped") as ours:
        for endpoint in (truth, ours):
            load(endpoint, SCHEMA.read_text())
        yield truth, ours


def test_a_schema_is_dumped_as_postgres_would(both):
    truth, ours = both
    assert dump(ours, "--schema-only") == dump(truth, "--schema-only")


def test_a_dump_of_postgres_is_read_by_sqlite_and_the_other_way_round(cluster, both):
    truth, ours = both
    load(truth, ROWS)
    written = dump(truth)
    with serve("sqlite", cluster) as copy:
        load(copy, "\n".join(written))
        again = dump(copy)
    assert again == written
    cluster.create_database("dumped")
    load(truth, "\n".join(again))
    assert dump(truth) == written
