"""Another program changes the schema of the SQLite file while weir serves it:
the next statement knows. One that was prepared before may be a few
milliseconds late to notice that its columns are others."""

import sqlite3

import psycopg
import pytest

from support.weir import Endpoint, Weir


@pytest.fixture
def both(tmp_path):
    """A client of weir, and another program with the same file."""
    weir = Weir(f"sqlite:{tmp_path}/app.db")
    client = psycopg.connect(Endpoint("sqlite", weir.port, weir=weir).dsn(), autocommit=True)
    client.execute("create table t (a int)")
    client.execute("insert into t values (1)")
    other = sqlite3.connect(tmp_path / "app.db", isolation_level=None)
    yield client, other
    client.close(), other.close(), weir.stop()


def test_a_new_table_is_there_for_the_next_statement(both):
    client, other = both
    for number in range(20):
        other.execute(f"create table b{number} (y integer primary key)")
        other.execute(f"insert into b{number} values (5)")
        if number % 2:
            assert client.execute(f"insert into b{number} values (6)").rowcount == 1
        else:
            assert client.execute(f"select y from b{number}").fetchall() == [(5,)]


def test_a_new_column_is_part_of_a_star_that_was_asked_before(both):
    client, other = both
    for number in range(10):
        assert len(client.execute("select * from t", prepare=False).fetchall()[0]) == 1 + number
        other.execute(f"alter table t add column z{number} text")
        assert len(client.execute("select * from t", prepare=False).fetchall()[0]) == 2 + number


def test_a_prepared_statement_is_told_that_its_columns_have_changed(both):
    client, other = both
    for _ in range(3):
        client.execute("select * from t", prepare=True)
    other.execute("alter table t add column z text")
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan must not change result type"):
        for _ in range(1000):       # what was bound just before is still answered
            assert client.execute("select * from t", prepare=True).fetchall() == [(1,)]
    assert client.execute("insert into t (a, z) values (2, 'x') returning *").fetchone() == (2, "x")


def test_a_dropped_table_is_missed_by_its_name(both):
    client, other = both
    for kind in "select * from gone", "insert into gone values (1)", "table gone":
        other.execute("create table gone (y integer)")
        client.execute(kind)
        other.execute("drop table gone")
        with pytest.raises(psycopg.errors.UndefinedTable):
            client.execute(kind)


def test_the_catalogs_show_what_is_there_now(both):
    client, other = both
    asked = "select count(*) from pg_class where relname like 'seen%'"
    for number in range(10):
        other.execute(f"create table seen{number} (y integer)")
        assert client.execute(asked).fetchone() == (number + 1,)


def test_ddl_goes_by_the_schema_as_it_is(both):
    client, other = both
    for number in range(5):
        other.execute(f"create table made{number} (y integer)")
        with pytest.raises(psycopg.errors.DuplicateTable):
            client.execute(f"create table made{number} (y int)")
        other.execute(f"alter table made{number} add column z text")
        client.execute(f"alter table made{number} drop column z")


def test_a_snapshot_keeps_the_schema_it_has_seen(both):
    client, other = both
    client.execute("begin isolation level repeatable read")
    assert client.execute("select * from t").fetchall() == [(1,)]
    other.execute("alter table t add column z text")
    assert client.execute("select * from t").fetchall() == [(1,)]
    client.execute("commit")
    assert client.execute("select * from t").fetchall() == [(1, None)]
