"""Keys of which SQLite knows less than Postgres: UNIQUE and PRIMARY KEY that
are deferrable, and those for which NULLs are the same. What they answer is in
tests/dialect; here are the file, other programs, other clients and COPY."""

import concurrent.futures
import contextlib
import sqlite3

import psycopg
import pytest

from support.weir import Endpoint, Weir

TABLES = """
create table later (id int primary key deferrable initially deferred, n int unique deferrable, who text);
create table same (a int, b text, unique nulls not distinct (a, b));
"""


@pytest.fixture
def served(tmp_path):
    path = tmp_path / "app.db"
    weir = Weir(f"sqlite:{path}")
    endpoint = Endpoint("sqlite", weir.port, weir=weir)
    with connect(endpoint) as client:
        client.execute(TABLES)
    yield endpoint, path
    weir.stop()


def connect(endpoint):
    return psycopg.connect(endpoint.dsn(), autocommit=True)


@contextlib.contextmanager
def violated(constraint, detail):
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        yield
    found = caught.value.diag
    assert (found.constraint_name, found.message_detail) == (constraint, detail)


def test_one_commit_that_breaks_a_key_harms_no_other(served):
    """All of them share commits; every third one breaks the key at its end."""
    endpoint, path = served

    def work(who):
        kept = 0
        with connect(endpoint) as client:
            for turn in range(30):
                row = who * 1000 + turn
                try:
                    with client.transaction():
                        client.execute("insert into later values (%s, %s, %s)", (row, row, str(who)))
                        if turn % 3 == 2:
                            client.execute("insert into later values (%s, %s, 'twice')", (row, -row))
                    kept += 1
                except psycopg.errors.UniqueViolation as error:
                    assert turn % 3 == 2 and error.diag.message_detail == f"Key (id)=({row}) already exists."
        return kept

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(1, 9))) == [20] * 8
    with connect(endpoint) as client:
        assert client.execute("select count(*), count(distinct id) from later").fetchone() == (160, 160)
    with sqlite3.connect(path) as other:
        assert other.execute("select count(*) from later where who = 'twice'").fetchone() == (0,)


def test_copy_is_looked_at_when_it_ends(served):
    endpoint, _ = served

    def copy(client, rows):
        with client.cursor().copy("copy later from stdin") as into:
            for row in rows:
                into.write_row(row)

    with connect(endpoint) as client:
        copy(client, [(row, row, "c") for row in range(1000)])
        with violated("later_n_key", "Key (n)=(2000) already exists."):
            copy(client, [(2000, 2000, "c"), (2001, 2000, "c")])
        with violated("later_pkey", "Key (id)=(7) already exists."):
            copy(client, [(7, 7000, "c")])
        with client.transaction():
            copy(client, [(7, 7000, "c")])
            client.execute("delete from later where n = 7")
        assert client.execute("select n from later where id = 7").fetchall() == [(7000,)]


def test_a_table_of_many_rows_is_numbered_anew_in_one_statement(served):
    endpoint, _ = served
    with connect(endpoint) as client:
        client.execute("insert into later select g, g, 'x' from generate_series(1, 5000) g")
        client.execute("update later set n = n + 1, id = 5001 - id")
        with violated("later_n_key", "Key (n)=(2) already exists."):
            client.execute("update later set n = n / 2 * 2")
        assert client.execute("select sum(id), sum(n), count(distinct n) from later").fetchone() == (
            5000 * 5001 // 2, 5000 * 5001 // 2 + 5000, 5000)


def test_rows_that_wait_are_complained_of_where_the_second_was_written(served):
    endpoint, _ = served
    with connect(endpoint) as client:
        client.execute("insert into later values (1, 1, 'old')")
        for rows, told in [("(10, 10), (11, 11), (11, 12), (10, 13)", 11), ("(10, 10), (1, 11), (10, 12)", 1)]:
            with violated("later_pkey", f"Key (id)=({told}) already exists."):
                client.execute(f"insert into later values {rows}")


def test_keys_survive_a_restart_and_stay_readable(tmp_path):
    path = tmp_path / "app.db"
    for start in range(2):
        weir = Weir(f"sqlite:{path}")
        with connect(Endpoint("sqlite", weir.port, weir=weir)) as client:
            if start == 0:
                client.execute(TABLES + "insert into later values (1, 1, 'a'); insert into same values (null, 'a')")
            with violated("same_a_b_key", "Key (a, b)=(null, a) already exists."):
                client.execute("insert into same values (null, 'a')")
            with violated("later_pkey", "Key (id)=(1) already exists."):
                client.execute("insert into later values (1, 2, 'a')")
            with client.transaction():
                client.execute("insert into later values (1, 2, 'b')")
                client.execute("delete from later where who = 'b'")
        weir.stop()
        with sqlite3.connect(path) as other:
            assert other.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert other.execute("select * from later").fetchall() == [(1, 1, "a")]
            assert other.execute("select a from same where b = 'a'").fetchall() == [(None,)]


def test_another_program_keeps_the_keys_of_equal_nulls(served):
    endpoint, path = served
    with connect(endpoint) as client:
        client.execute("insert into same values (null, 'a'), (1, null)")
    with sqlite3.connect(path) as other:
        other.execute("insert into same values (1, 'a'), (2, null), (null, null)")
        for row in "(null, 'a')", "(1, null)", "(1, 'a')", "(null, null)":
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(f"insert into same values {row}")


def test_an_adopted_table_gets_such_keys(tmp_path):
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as other:
        other.execute("create table theirs (id integer primary key, a integer, b text)")
        other.execute("insert into theirs values (1, null, 'x'), (2, 2, 'y')")
    other.close()
    weir = Weir(f"sqlite:{path}")
    with connect(Endpoint("sqlite", weir.port, weir=weir)) as client:
        client.execute("create unique index theirs_a on theirs (a) nulls not distinct")
        with violated("theirs_a", "Key (a)=(null) already exists."):
            client.execute("insert into theirs values (3, null, 'z')")
    with sqlite3.connect(path) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute("insert into theirs values (3, null, 'z')")
    other.close()
    with connect(Endpoint("sqlite", weir.port, weir=weir)) as client:
        client.execute("alter table theirs add constraint later unique (b) deferrable")
        client.execute("update theirs set b = case b when 'x' then 'y' else 'x' end")
        with violated("later", "Key (b)=(x) already exists."):
            client.execute("insert into theirs values (3, 3, 'x')")
        with violated("theirs_a", "Key (a)=(null) already exists."):
            client.execute("insert into theirs values (3, null, 'z')")
    weir.stop()
