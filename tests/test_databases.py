"""Where a SQLite path holds {database}, databases are files: CREATE DATABASE
makes one and DROP DATABASE removes one, as test runners and migrations do."""

import concurrent.futures

import psycopg
import pytest

from support.weir import Endpoint, Weir


@pytest.fixture
def folder(tmp_path):
    weir = Weir(f"sqlite:{tmp_path}/{{database}}.db")
    yield Endpoint("sqlite", weir.port, weir=weir), tmp_path
    weir.stop()


def enter(endpoint, database):
    return psycopg.connect(endpoint.dsn(dbname=database), autocommit=True)


def refusal(connection, text):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(text)
    return caught.value.diag.sqlstate, caught.value.diag.message_primary


def test_a_database_is_made_used_and_removed(folder):
    endpoint, path = folder
    with enter(endpoint, "postgres") as main:
        main.execute("create database app owner app encoding 'UTF8' template template0")
        assert (path / "app.db").stat().st_mode & 0o777 == 0o600
        with enter(endpoint, "app") as app:
            app.execute("create table t (a int)")
            app.execute("insert into t values (1)")
            names = [name for name, in app.execute("select datname from pg_database order by 1")]
            assert names == ["app", "postgres"]
            assert refusal(app, "drop database app")[0] == "55006"
        with enter(endpoint, "app") as app:
            assert app.execute("select a from t").fetchall() == [(1,)]
        main.execute("drop database app")
        assert not list(path.glob("app.db*"))


def test_a_forced_drop_sends_away_who_uses_the_database(folder):
    endpoint, path = folder
    with enter(endpoint, "postgres") as main:
        main.execute("create database app")
        with enter(endpoint, "app") as app:
            app.execute("create table t (a int primary key)")
        idle, open_, busy = (enter(endpoint, "app") for _ in range(3))
        idle.execute("select 1")
        open_.execute("begin")
        open_.execute("insert into t values (1)")
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            answer = thread.submit(busy.execute, "select pg_sleep(60)")
            assert refusal(main, "drop database app")[0] == "55006"
            main.execute("drop database app with (force)")
            assert isinstance(answer.exception(), psycopg.OperationalError)
        for connection in idle, open_:
            with pytest.raises(psycopg.errors.AdminShutdown):
                connection.execute("select 1")
        assert not list(path.glob("app.db*"))
        main.execute("drop database if exists app (force)")
        assert refusal(main, "drop database postgres with (force)")[0] == "55006"


def test_what_cannot_be_is_said_as_postgres_says_it(folder):
    endpoint, path = folder
    with pytest.raises(psycopg.OperationalError, match='database "app" does not exist'):
        enter(endpoint, "app")
    with enter(endpoint, "postgres") as main:
        assert refusal(main, "drop database app") == ("3D000", 'database "app" does not exist')
        main.execute("drop database if exists app")
        main.execute("create database app")
        assert refusal(main, "create database app") == ("42P04", 'database "app" already exists')
        assert refusal(main, 'create database "../outside"')[0] == "0A000"
        assert refusal(main, "create database other template app")[0] == "0A000"
        with enter(endpoint, "app"):
            state, message = refusal(main, "drop database app")
            assert (state, message) == ("55006", 'database "app" is being accessed by other users')
        with main.transaction():
            with pytest.raises(psycopg.errors.ActiveSqlTransaction):
                main.execute("create database other")
            raise psycopg.Rollback
    assert not (path.parent / "outside.db").exists()


def test_a_database_made_again_is_empty(folder):
    """The sessions of the old one wait in the pool: none may be given out."""
    endpoint, _ = folder
    with enter(endpoint, "postgres") as main:
        for _ in range(3):
            main.execute("create database test_app")
            with enter(endpoint, "test_app") as app:
                app.execute("create table t (a int primary key)")
                app.execute("insert into t values (1)")
            main.execute("drop database test_app")


def test_one_file_is_one_database(tmp_path):
    weir = Weir(f"sqlite:{tmp_path}/app.db")
    with enter(Endpoint("sqlite", weir.port), "any") as connection:
        assert refusal(connection, "create database other")[0] == "0A000"
        assert refusal(connection, "drop database other")[0] == "0A000"
    weir.stop()


def test_the_place_must_be_in_the_name_of_the_file(tmp_path):
    with pytest.raises(AssertionError, match="must stand in the name of the file"):
        Weir(f"sqlite:{tmp_path}/{{database}}/app.db")
