"""SQLite files of other programs: opened as they are, declared with `weir
adopt`, read and written through real drivers, and still the program's own."""

import asyncio
import contextlib
import datetime
import decimal
import hashlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import time
import uuid

import asyncpg
import psycopg
import pytest

from support import other_programs
from support.other_programs import FIRST, FRACTION, MOMENT, SECOND, UTC
from support.weir import BINARY, Weir

NEW = uuid.UUID("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")


def program(action, path):
    """What another program says when it does something with the file."""
    out = subprocess.run([sys.executable, other_programs.__file__, action, str(path)], check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)


def adopt(*arguments):
    done = subprocess.run([BINARY, "adopt", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def fingerprint(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def dump(path):
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


def proposed(report):
    """Column to type, of what is proposed."""
    lines = [line for line in report.splitlines() if " -> " in line and "ot proposed" not in line
             and "NOT proposed" not in line]
    return {line.split()[0]: re.search(r"-> (.*?)\s{2,}|-> (\S+) ", line).group(1) for line in lines}


@contextlib.contextmanager
def served(path, *options):
    weir = Weir(*options, f"sqlite:{path}")
    try:
        yield weir
    finally:
        weir.stop()


@contextlib.contextmanager
def connected(weir):
    with psycopg.connect(host="127.0.0.1", port=weir.port, user="app", dbname="app", autocommit=True) as connection:
        yield connection


def with_asyncpg(weir, work):
    async def main():
        connection = await asyncpg.connect(host="127.0.0.1", port=weir.port, user="app", database="app")
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(main())


@pytest.fixture
def alchemy(tmp_path):
    path = tmp_path / "alchemy.db"
    program("sqlalchemy_make", path)
    return path


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.db"
    other_programs.plain_make(path)
    return path


# --- proposing and declaring -------------------------------------------------------

def test_looking_changes_nothing_and_says_what_fits(alchemy):
    before = fingerprint(alchemy)
    code, report = adopt(alchemy)
    assert code == 0
    assert fingerprint(alchemy) == before
    assert sorted(path.name for path in alchemy.parent.iterdir()) == ["alchemy.db"]
    assert proposed(report) == {"token": "uuid", "created": "timestamp with time zone", "data": "jsonb"}
    assert "2 of 2 values fit" in report and "3 declarations proposed; nothing was changed" in report


def test_looking_at_a_file_in_wal_mode_leaves_nothing_behind(alchemy):
    other = sqlite3.connect(alchemy)
    other.execute("PRAGMA journal_mode = wal")
    other.close()
    before = fingerprint(alchemy)
    assert "3 declarations proposed" in adopt(alchemy)[1]
    assert [path.name for path in alchemy.parent.iterdir()] == ["alchemy.db"]
    assert fingerprint(alchemy) == before
    # while it is open elsewhere, what stands in the WAL counts
    other = sqlite3.connect(alchemy)
    other.execute("UPDATE users SET token = 'abc' WHERE id = 2")
    other.commit()
    assert "2 declarations proposed" in adopt(alchemy)[1]
    other.close()
    assert adopt("--apply", alchemy)[0] == 0
    copy = sqlite3.connect(alchemy.with_name("alchemy.db.before-adopt"))
    assert copy.execute("SELECT token FROM users WHERE id = 2").fetchone() == ("abc",)
    copy.close()


def test_applying_keeps_a_copy_and_leaves_the_programs_schema_alone(alchemy):
    before = dump(alchemy)
    code, report = adopt("--apply", alchemy)
    assert code == 0, report
    copy = alchemy.with_name("alchemy.db.before-adopt")
    assert str(copy) in report
    assert dump(copy) == before
    after = [line for line in dump(alchemy) if "_weir_declared" not in line]
    assert after == before
    assert "0 declarations proposed" in adopt(alchemy)[1]


def test_a_copy_is_never_replaced(alchemy):
    copy = alchemy.with_name("alchemy.db.before-adopt")
    copy.write_text("mine")
    before = fingerprint(alchemy)
    code, report = adopt("--apply", alchemy)
    assert code == 1 and "is there already" in report
    assert copy.read_text() == "mine" and fingerprint(alchemy) == before


def test_applying_is_refused_while_a_weir_serves_the_file(alchemy):
    with served(alchemy):
        code, report = adopt("--apply", alchemy)
    assert code == 1 and "a weir is serving" in report
    assert not alchemy.with_name("alchemy.db.before-adopt").exists()


def test_applying_is_refused_while_another_process_writes_the_file(alchemy):
    connection = sqlite3.connect(alchemy, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    code, report = adopt("--apply", alchemy)
    connection.close()
    assert code == 1 and "another process has" in report
    assert adopt("--apply", alchemy)[0] == 0


def test_what_does_not_fit_is_not_proposed_and_the_row_is_named(plain):
    connection = sqlite3.connect(plain)
    connection.execute("""INSERT INTO "order items"("what it is", details, created) VALUES ('x', '{"a":', 'soon')""")
    connection.commit()
    connection.close()
    code, report = adopt(plain)
    assert code == 0
    assert set(proposed(report)) == {"done", "at"}
    assert re.search(r"created .*2 of 3 values fit.*NOT proposed\n.*row 3: .*\"soon\"", report)
    assert re.search(r"details .*2 of 3 values fit.*NOT proposed\n.*row 3: ", report)
    code, report = adopt("--apply", "--declare", "order items.created=timestamptz", plain)
    assert code == 1 and "row 3" in report and "soon" in report
    assert not plain.with_name("plain.db.before-adopt").exists()


def test_a_type_may_be_declared_by_hand_and_is_not_proposed_again(alchemy):
    code, report = adopt("--apply", "--declare", "users.created=timestamp", alchemy)
    assert code == 0, report
    assert proposed(adopt(alchemy)[1]) == {}
    with served(alchemy) as weir, connected(weir) as connection:
        row = connection.execute("SELECT created FROM users WHERE id = 1").fetchone()
    assert row == (MOMENT.replace(tzinfo=None),)
    assert adopt("--declare", "users.nothing=uuid", alchemy)[0] == 1
    assert adopt("--declare", "users.name=nonsense", alchemy)[0] == 1
    assert adopt("--declare", "users", alchemy)[0] == 64


def test_a_checksum_is_not_taken_for_a_uuid(tmp_path):
    path = tmp_path / "sums.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE sums(sum CHAR(32), flag INTEGER)")
    connection.executemany("INSERT INTO sums VALUES (?, ?)",
                           [(hashlib.md5(bytes([n])).hexdigest(), n % 2) for n in range(20)])
    connection.commit()
    connection.close()
    code, report = adopt(path)
    assert code == 0 and proposed(report) == {}
    assert "possible, not proposed: --declare 'sums.flag=boolean'" in report


# --- SQLAlchemy's files -----------------------------------------------------------------

def test_serving_adds_nothing_to_another_programs_schema_before_ddl(alchemy):
    def names():
        other = sqlite3.connect(alchemy)
        found = {name for name, in other.execute("SELECT name FROM sqlite_master WHERE name LIKE '\\_weir%' ESCAPE '\\'")}
        other.close()
        return found

    with served(alchemy) as weir, connected(weir) as connection:
        connection.execute("UPDATE users SET active = true")
        assert names() == set()
        connection.execute("CREATE TEMP TABLE mine AS SELECT id FROM users")
        connection.execute("CREATE TABLE own(id serial PRIMARY KEY, user_id bigint REFERENCES users)")
        assert "_weir_object" in names()
        assert connection.execute("INSERT INTO own(user_id) SELECT id FROM mine ORDER BY id RETURNING id, user_id").fetchall() == [
            (1, 1), (2, 2)]
    with served(alchemy) as weir, connected(weir) as connection:
        assert connection.execute("SELECT o.id, u.name, u.born FROM own o JOIN users u ON u.id = o.user_id"
                                  " ORDER BY o.id").fetchall() == [(1, "ann", datetime.date(1990, 1, 2)),
                                                                   (2, "bob", None)]


def test_a_file_of_sqlalchemys_answers_undeclared(alchemy):
    with served(alchemy) as weir, connected(weir) as connection:
        cursor = connection.execute("SELECT id, active, born, wakes, created, balance, score, visits, data, picture"
                                    " FROM users ORDER BY id")
        assert [column.type_code for column in cursor.description] == [20, 16, 1082, 1083, 1114, 1700, 701, 20, 114, 17]
        assert cursor.fetchone() == (1, True, datetime.date(1990, 1, 2), datetime.time(6, 30),
                                     MOMENT.replace(tzinfo=None), decimal.Decimal("12.50"), 1.5, 2 ** 40,
                                     {"a": None, "b": [1, 2]}, b"\x00\xff")
        # as texts, neither of these would be found
        found = connection.execute("SELECT name FROM users WHERE created = '2024-02-29 13:00' AND balance < 13")
        assert found.fetchall() == [("ann",)]


def test_a_file_of_sqlalchemys_is_read_and_written_by_both(alchemy):
    assert adopt("--apply", alchemy)[0] == 0

    async def through_asyncpg(connection):
        await connection.execute(
            "INSERT INTO users(name, active, token, born, wakes, created, balance, score, visits, data, picture)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            "weir", True, NEW, datetime.date(2001, 1, 1), datetime.time(10, 0), MOMENT,
            decimal.Decimal("1.10"), 2.5, 3, json.dumps({"x": [1]}), b"\x01")
        await connection.execute("UPDATE users SET created = $1 WHERE token = $2", MOMENT, SECOND)
        return await connection.fetch("SELECT * FROM users WHERE token = ANY($1) ORDER BY id", [FIRST, NEW])

    with served(alchemy) as weir:
        rows = with_asyncpg(weir, through_asyncpg)
        assert [row["name"] for row in rows] == ["ann", "weir"]
        assert rows[1]["token"] == NEW and rows[1]["created"] == MOMENT
        assert rows[1]["balance"] == decimal.Decimal("1.10") and json.loads(rows[1]["data"]) == {"x": [1]}
        # SQLAlchemy writes while weir serves, and is read at once
        program("sqlalchemy_write", alchemy)
        with connected(weir) as connection:
            row = connection.execute("SELECT token, created, data, balance FROM users WHERE name = 'zoe'").fetchone()
            assert row == (uuid.UUID(int=FIRST.int ^ 1), MOMENT, None, decimal.Decimal("0.01"))
            assert connection.execute("SELECT active FROM users WHERE name = 'ann'").fetchone() == (False,)
            with pytest.raises(psycopg.errors.UniqueViolation) as caught:
                connection.execute("INSERT INTO users(name, active) VALUES ('ann', true)")
            assert caught.value.diag.constraint_name == "users_name_key"
            with pytest.raises(psycopg.errors.ForeignKeyViolation):
                connection.execute("INSERT INTO orders(user_id) VALUES (77)")
    said = program("sqlalchemy_read", alchemy)
    by_name = {row["name"]: row for row in said["rows"]}
    assert by_name["weir"] == {
        "id": 3, "name": "weir", "active": True, "token": str(NEW), "born": "2001-01-01", "wakes": "10:00:00",
        "created": "2024-02-29T13:00:00", "balance": "1.10", "score": 2.5, "visits": 3, "data": {"x": [1]},
        "picture": "b'\\x01'"}
    # found by SQLAlchemy's own equality, so written in its own spelling
    assert said["by_token"] == 1 and said["by_time"] == 4


def test_what_another_program_could_not_keep_is_refused(alchemy):
    assert adopt("--apply", alchemy)[0] == 0
    with served(alchemy) as weir, connected(weir) as connection:
        for sql, state in [
            ("UPDATE users SET balance = 'NaN'", "22003"),
            ("UPDATE users SET created = 'infinity'", "22008"),
        ]:
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(sql)
            assert caught.value.sqlstate == state
            assert caught.value.diag.table_name == "users"
    other = sqlite3.connect(alchemy)
    other.execute("CREATE TABLE sums(n NUMERIC, t FOO)")
    other.close()
    with served(alchemy) as weir, connected(weir) as connection:
        connection.execute("INSERT INTO sums VALUES (1234567.125, 'x')")
        for row in [("12345678901234567890.123", "x"), ("1", "0012")]:
            with pytest.raises(psycopg.errors.NumericValueOutOfRange):
                connection.execute("INSERT INTO sums VALUES (%s::numeric, %s)", row)
        assert connection.execute("SELECT * FROM sums").fetchall() == [(decimal.Decimal("1234567.125"), "x")]


def test_reading_a_value_that_does_not_fit_names_table_column_and_row(alchemy):
    assert adopt("--apply", alchemy)[0] == 0
    other = sqlite3.connect(alchemy)
    other.execute("UPDATE users SET created = 'yesterday', token = 'abc' WHERE id = 2")
    other.commit()
    other.close()
    with served(alchemy) as weir, connected(weir) as connection:
        assert connection.execute("SELECT name FROM users ORDER BY id").fetchall() == [("ann",), ("bob",)]
        for column, word in [("created", "yesterday"), ("token", "abc")]:
            with pytest.raises(psycopg.DataError) as caught:
                connection.execute(f"SELECT {column} FROM users")
            diag = caught.value.diag
            assert f'"{word}"' in diag.message_primary
            assert diag.message_detail == f'It is stored in column "{column}" of table "users", row 2.'
            assert (diag.table_name, diag.column_name) == ("users", column)
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT count(*) FROM users WHERE created > now()")


def test_copy_and_cursors_and_indexes_know_another_programs_forms(alchemy):
    assert adopt("--apply", alchemy)[0] == 0
    with served(alchemy) as weir, connected(weir) as connection:
        with connection.cursor().copy("COPY users(name, active, token, created, balance) FROM STDIN") as copy:
            copy.write_row(("text", True, NEW, MOMENT, "1.10"))
        with connection.cursor().copy("COPY users(name, active, token, created) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["varchar", "bool", "uuid", "timestamptz"])
            copy.write_row(("binary", False, uuid.UUID(int=NEW.int ^ 1), FRACTION))
        other = sqlite3.connect(alchemy)
        assert other.execute("SELECT token, created, balance FROM users WHERE id > 2 ORDER BY id").fetchall() == [
            (NEW.hex, "2024-02-29 13:00:00.000000", 1.1),
            (uuid.UUID(int=NEW.int ^ 1).hex, "2024-07-01 08:30:15.123456", None)]
        other.close()
        with connection.transaction():
            cursor = connection.cursor("c")
            cursor.execute("SELECT token FROM users ORDER BY created DESC, id LIMIT 2")
            assert cursor.fetchall() == [(SECOND,), (uuid.UUID(int=NEW.int ^ 1),)]
        for condition, index in [("token = '%s'" % FIRST, "ix_users_token"), ("name IN ('ann', 'bob')", "autoindex"),
                                 ("id = 1", "PRIMARY KEY")]:
            plan = connection.execute(f"EXPLAIN SELECT * FROM users WHERE {condition}").fetchall()
            assert index in plan[0][0] and "SEARCH" in plan[0][0]


def test_altering_another_programs_table_converts_its_rows(alchemy):
    assert adopt("--apply", alchemy)[0] == 0
    with served(alchemy) as weir, connected(weir) as connection:
        before = connection.execute("SELECT * FROM users ORDER BY id").fetchall()
        connection.execute("ALTER TABLE users ADD COLUMN extra int")
        connection.execute("CREATE INDEX ON orders(note)")
        assert [row[:-1] for row in connection.execute("SELECT * FROM users ORDER BY id")] == before
        assert connection.execute("SELECT name FROM users WHERE token = %s", (FIRST,)).fetchone() == ("ann",)
        assert connection.execute("SELECT note FROM orders").fetchall() == [("first",)]


# --- Django's files ------------------------------------------------------------------------

def test_a_file_of_djangos_is_read_and_written_by_both(tmp_path):
    pytest.importorskip("django", reason="Django is not installed: pip could not fetch it")
    path = tmp_path / "django.db"
    program("django_make", path)
    code, report = adopt("--apply", path)
    assert code == 0, report
    found = proposed(report)
    assert found["slug"] == "uuid" and found["meta"] == "jsonb" and found["at"] == "timestamp with time zone"
    with served(path) as weir, connected(weir) as connection:
        assert connection.execute("SELECT username, is_active, last_login FROM auth_user").fetchall() == [
            ("ada", True, MOMENT)]
        cursor = connection.execute(
            "INSERT INTO blog_post(title, slug, published, at, price, meta, size)"
            " VALUES ('weir', %s, true, %s, 1.5, '{\"tags\": [\"a\"]}', 3) RETURNING id, slug, at, price, meta",
            (NEW, MOMENT))
        assert cursor.fetchone() == (3, NEW, MOMENT, decimal.Decimal("1.5"), {"tags": ["a"]})
        program("django_write", path)
        rows = connection.execute("SELECT title, slug, published, at, day, price, meta->'k' FROM blog_post"
                                  " WHERE published ORDER BY at DESC, id").fetchall()
        assert [row[0] for row in rows] == ["two", "one", "weir", "nine"]
        assert rows[0][3] == FRACTION and rows[3][6] == 1.5
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            connection.execute("UPDATE blog_post SET size = -1")
        assert caught.value.diag.table_name == "blog_post"
    said = program("django_read", path)
    assert [row["title"] for row in said["rows"]] == ["one", "two", "weir", "nine"]
    assert said["rows"][2]["slug"] == str(NEW) and said["rows"][2]["price"] == "1.500"
    assert (said["by_slug"], said["by_time"], said["published"], said["by_meta"]) == (1, 3, 4, 2)


def test_the_same_django_application_moves_to_the_postgres_dialect(tmp_path):
    pytest.importorskip("django", reason="Django is not installed: pip could not fetch it")
    path = tmp_path / "django.db"
    program("django_make", path)
    assert adopt("--apply", "--declare", "blog_post.took=interval",
                 "--declare=blog_post.price=numeric(12,3)", path)[0] == 0
    with served(path) as weir:
        said = program("django_on_postgres", weir.port)
    for field in ("slug = models.UUIDField(unique=True)", "meta = models.JSONField()", "at = models.DateTimeField()",
                  "published = models.BooleanField()", "took = models.DurationField("):
        assert field in said["fields"]
    assert said["password"] and said["id"] == 3 and (said["by_meta"], said["by_year"]) == (1, 1)
    assert said["first"] == ["one", "1:00:00", "1.250", {"tags": ["a", "b"]}]
    rows = program("django_read", path)["rows"]
    assert rows[2]["took"] == "1 day, 0:00:00" and rows[2]["title"] == "pg"


# --- files of the sqlite3 shell's ---------------------------------------------------------------

def test_a_plain_file_opens_and_its_oddities_are_named_at_start(plain):
    with served(plain) as weir, connected(weir) as connection:
        for words in [
            'table="order items" why="has the trigger ',
            "has a default of SQLite's own",
            "is declared FOO(7), for which there is no type here; it is shown as text",
            "has CHECK constraints, which are enforced but not shown",
            'has the index \\"items_lower\\", whose expressions are not shown',
            'column \\"twice\\" is computed',
        ]:
            assert words in weir.log(), words
        shown = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = 'order items' ORDER BY ordinal_position").fetchall()
        assert shown == [("id", "bigint"), ("what it is", "text"), ("done", "bigint"), ("created", "text"),
                         ("details", "text"), ("price", "numeric"), ("anything", "text"), ("odd", "text"),
                         ("twice", "bigint")]
        assert connection.execute('SELECT * FROM "order items" WHERE id = 1').fetchone() == (
            1, "a pen", 0, "2024-02-29 13:00:00", '{"colour": "red"}', decimal.Decimal("1.50"), "5", "x", 2)
        assert connection.execute("SELECT * FROM pairs ORDER BY a").fetchall() == [("x", 1, 0.5), ("y", 2, None)]
        assert connection.execute("SELECT * FROM exact").fetchall() == [(1, 5, "t", 1.5, b"\x00\xff")]


def test_a_plain_file_is_written_and_its_triggers_run(plain):
    assert adopt("--apply", plain)[0] == 0
    with served(plain) as weir, connected(weir) as connection:
        cursor = connection.execute("""INSERT INTO "order items"("what it is", details)
                                       VALUES ('weir', '{"b": 2}') RETURNING id, done, details, created > now()
                                       - interval '1 minute'""")
        assert cursor.fetchone() == (3, False, {"b": 2}, True)
        assert connection.execute("SELECT what FROM log ORDER BY item").fetchall() == [
            ("new a pen",), ("new ink",), ("new weir",)]
        row = connection.execute("INSERT INTO events(ok) VALUES (default) RETURNING ok, at <= now()").fetchone()
        assert row == (True, True)
        connection.execute("""UPDATE "order items" SET done = true, price = 2.25 WHERE "what it is" = 'weir'""")
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            connection.execute("""INSERT INTO "order items"("what it is", created) VALUES ('y', DEFAULT)""")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO pairs VALUES ('x', 1, 2)")
        with connection.cursor().copy("COPY events TO STDOUT") as copy:
            assert b"".join(copy).splitlines()[0] == b"1\t2024-02-29 13:00:00+00\tf"
    other = sqlite3.connect(plain)
    assert other.execute("""SELECT done, price, details, typeof(price) FROM "order items" WHERE id = 3""").fetchone() == (
        1, 2.25, '{"b": 2}', "real")
    assert other.execute("SELECT typeof(ok), length(at) FROM events WHERE id = 2").fetchone()[0] == "integer"
    other.close()


def test_views_of_another_program_have_types(plain):
    other = sqlite3.connect(plain)
    other.execute('CREATE VIEW totals AS SELECT done, count(*) AS n, max(created) AS latest, sum(price) AS paid'
                  ' FROM "order items" GROUP BY done')
    other.execute("CREATE VIEW broken AS SELECT missing FROM nowhere")
    other.close()
    assert adopt("--apply", plain)[0] == 0
    with served(plain) as weir, connected(weir) as connection:
        assert connection.execute("SELECT id, created FROM open_items").fetchall() == [(1, MOMENT)]
        assert connection.execute("SELECT * FROM totals WHERE n > 0 ORDER BY done").fetchall() == [
            (False, 1, MOMENT, decimal.Decimal("1.5")),
            (True, 1, datetime.datetime(2024, 7, 1, 8, 30, 15, tzinfo=UTC), decimal.Decimal("20"))]
        assert "table=broken why=\"is left out:" in weir.log()


def test_names_are_found_again_in_another_case(tmp_path):
    path = tmp_path / "names.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE Users(Id INTEGER PRIMARY KEY, [full name] TEXT, `order` INT)")
    other.execute("INSERT INTO Users VALUES (1, 'ann', 2)")
    other.commit()
    other.close()
    with served(path) as weir, connected(weir) as connection:
        assert connection.execute('SELECT "Id", "full name", "order" FROM "Users"').fetchall() == [(1, "ann", 2)]
        with pytest.raises(psycopg.errors.UndefinedTable) as caught:
            connection.execute("SELECT * FROM users")
        assert caught.value.diag.message_hint == 'Perhaps you meant the table "Users", with its quotes.'


def test_what_sqlite_itself_cannot_read_does_not_keep_the_file_from_opening(tmp_path):
    path = tmp_path / "odd.db"
    other = sqlite3.connect(path)
    other.create_function("theirs", 1, lambda value: value, deterministic=True)
    other.executescript("""
        CREATE VIRTUAL TABLE docs USING fts5(title, body);
        INSERT INTO docs VALUES ('one', 'hello world');
        CREATE TABLE computed(a int, b AS (theirs(a)));
        CREATE VIEW calls AS SELECT theirs(a) FROM computed;
        CREATE TABLE shapes("at %" POINT, name TEXT COLLATE NOCASE UNIQUE);
        INSERT INTO shapes VALUES ('(1,2)', 'Bob');
        PRAGMA writable_schema = on;
        INSERT INTO sqlite_master VALUES ('table', 'far', 'far', 0, 'CREATE VIRTUAL TABLE far USING nowhere(a)');
        """)
    other.close()
    code, report = adopt(path)
    assert code == 0 and "cannot be read: unknown function: theirs()" in report
    with served(path) as weir, connected(weir) as connection:
        log = weir.log()
        assert 'table=far why="is left out: could not read the schema: no such module: nowhere"' in log
        assert 'table=calls why="is left out:' in log and "collation NOCASE" in log
        assert connection.execute("SELECT body FROM docs").fetchall() == [("hello world",)]
        connection.execute("INSERT INTO docs VALUES ('two', 'more')")
        assert connection.execute('SELECT "at %%" FROM shapes WHERE name = %s', ("Bob",)).fetchall() == [("(1,2)",)]
        # Postgres's texts know no case but their own, keys of this table do
        assert connection.execute("SELECT count(*) FROM shapes WHERE name = 'bob'").fetchone() == (0,)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO shapes(name) VALUES ('BOB')")


def eventually(ask, wanted):
    """What a look at the file twice a second lets be seen."""
    deadline = time.monotonic() + 60
    while True:
        try:
            found = ask()
        except psycopg.Error as error:
            found = error
        if found == wanted:
            return
        assert time.monotonic() < deadline, found


def test_what_the_program_does_to_its_schema_is_seen(plain):
    other = sqlite3.connect(plain)
    with served(plain) as weir, connected(weir) as connection:
        assert connection.execute("SELECT count(*) FROM log").fetchone() == (2,)
        other.execute("ALTER TABLE log ADD COLUMN at DATETIME DEFAULT '2024-02-29 13:00:00'")
        other.execute("CREATE TABLE later(id INTEGER PRIMARY KEY, t TEXT)")
        eventually(lambda: connection.execute("SELECT at FROM log WHERE item = 1").fetchone(),
                   (MOMENT.replace(tzinfo=None),))
        eventually(lambda: connection.execute("INSERT INTO later(t) VALUES ('x') RETURNING id").fetchone(), (1,))
        other.execute("DROP TABLE later")
        eventually(lambda: connection.execute("SELECT to_regclass('later')").fetchone(), (None,))
    other.close()


def test_declarations_follow_what_is_renamed_through_weir(alchemy):
    assert adopt("--apply", alchemy)[0] == 0
    with served(alchemy) as weir, connected(weir) as connection:
        connection.execute("ALTER TABLE users RENAME COLUMN token TO ticket")
        assert connection.execute("SELECT ticket FROM users WHERE id = 1").fetchone() == (FIRST,)
    other = sqlite3.connect(alchemy)
    other.execute("ALTER TABLE users RENAME COLUMN ticket TO coin")
    other.close()
    with served(alchemy) as weir:
        assert 'has no column \\"ticket\\" any more' in weir.log()


def test_a_key_that_is_spelled_in_two_ways_is_not_declared(tmp_path):
    path = tmp_path / "keys.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t(u TEXT PRIMARY KEY, v TEXT)")
    other.executemany("INSERT INTO t VALUES (?, ?)", [(str(FIRST), FIRST.hex), (SECOND.hex, str(SECOND))])
    other.execute("INSERT INTO t VALUES (NULL, NULL)")
    other.commit()
    other.close()
    code, report = adopt("--apply", path)
    assert proposed(report) == {"v": "uuid"} and "spelled in several ways" in report
    with served(path) as weir, connected(weir) as connection:
        assert connection.execute("SELECT count(*) FROM t WHERE v = %s", (FIRST,)).fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM t WHERE v IN (%s, %s)", (FIRST, SECOND)).fetchone() == (2,)
        # SQLite lets a key be NULL
        assert connection.execute("SELECT count(*) FROM t WHERE u IS NULL").fetchone() == (1,)


# --- weir's own files -----------------------------------------------------------------------

def test_a_file_of_weirs_is_read_by_the_sqlite3_shell(tmp_path):
    path = tmp_path / "own.db"
    with served(path) as weir, connected(weir) as connection:
        connection.execute("CREATE TABLE t(id serial PRIMARY KEY, at timestamptz, u uuid, n numeric(10, 2),"
                           " j jsonb, b boolean, tags text[])")
        connection.execute("INSERT INTO t(at, u, n, j, b, tags) VALUES (%s, %s, 1.5, '{\"a\":1}', true, '{x,y}')",
                           (MOMENT, FIRST))
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert other.execute("SELECT * FROM t WHERE at < '2025'").fetchall() == [
        (1, "2024-02-29 13:00:00.000000", str(FIRST), "1.50", '{"a": 1}', 1, "{x,y}")]
    other.close()


STAMPED = """
CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, at TEXT);
CREATE TRIGGER stamp AFTER UPDATE ON items BEGIN UPDATE items SET at = 'now' WHERE id = NEW.id; END;
CREATE TABLE moved (id INTEGER PRIMARY KEY, n INTEGER, at TEXT);
CREATE TRIGGER move AFTER UPDATE OF n ON moved BEGIN UPDATE moved SET id = id + 100 WHERE id = NEW.id; END;
CREATE TABLE log (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items ON UPDATE CASCADE, moved INTEGER REFERENCES moved ON UPDATE CASCADE);
INSERT INTO items VALUES (1, 'a', NULL); INSERT INTO moved VALUES (1, 1, NULL); INSERT INTO log VALUES (1, 1, 1);
"""
REPLACING = {
    "a trigger that replaces": "CREATE TRIGGER renew AFTER INSERT ON items BEGIN INSERT OR/* */ REPLACE INTO log (id) VALUES (1); END",
    "a statement that does": "CREATE TRIGGER [renew it's] AFTER INSERT ON items BEGIN -- it's one\n REPLACE INTO log (id) VALUES (1); END",
    "a conflict clause": "DROP TABLE log; CREATE TABLE log (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, item INTEGER); INSERT INTO log VALUES (1, 1);"
                         "CREATE TRIGGER renew AFTER INSERT ON items BEGIN INSERT INTO log (id) VALUES (1); END",
}


def triggered(path, more=""):
    connection = sqlite3.connect(path)
    connection.executescript(STAMPED + more)
    connection.close()
    return path


@pytest.mark.parametrize("guarded", [[], ["--audit-tables", "log"]])
def test_a_trigger_may_change_its_own_tables_row_once_more(tmp_path, guarded):
    with served(triggered(tmp_path / "a.db"), *guarded) as weir, connected(weir) as conn:
        assert conn.execute("UPDATE items SET name = 'b' RETURNING name").fetchall() == [("b",)]
        assert conn.execute("SELECT * FROM items").fetchall() == [(1, "b", "now")]
        if guarded:
            for text in ("UPDATE moved SET n = 2", "UPDATE items SET id = 2"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege, match="log"):
                    conn.execute(text)
        assert conn.execute("SELECT * FROM log").fetchall() == [(1, 1, 1)]


@pytest.mark.parametrize("case", REPLACING)
def test_what_a_file_replaces_by_itself_is_not_taken_from_an_insert_only_table(tmp_path, case):
    with served(triggered(tmp_path / "a.db", REPLACING[case]), "--audit-tables", "log") as weir, connected(weir) as conn:
        before = conn.execute("SELECT * FROM log").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="log"):
            conn.execute("INSERT INTO items VALUES (5, 'e')")
        assert conn.execute("SELECT * FROM log").fetchall() == before


@pytest.mark.parametrize("case", REPLACING)
def test_what_another_program_lets_a_file_replace_is_known_to_the_next_statement(tmp_path, case):
    path = triggered(tmp_path / "a.db")
    with served(path, "--audit-tables", "log") as weir, connected(weir) as conn:
        conn.execute("INSERT INTO items VALUES (4, 'd')")
        other = sqlite3.connect(path)
        other.executescript(REPLACING[case])
        other.close()
        before = conn.execute("SELECT * FROM log").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="log"):
            conn.execute("INSERT INTO items VALUES (5, 'e')")
        assert conn.execute("SELECT * FROM log").fetchall() == before


def test_an_insert_only_table_that_another_program_makes_is_one_at_once(tmp_path):
    with served(tmp_path / "a.db", "--audit-tables", "log") as weir, connected(weir) as conn:
        conn.execute("CREATE TABLE t (n int)")
        other = sqlite3.connect(tmp_path / "a.db")
        other.executescript(STAMPED)
        other.close()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="log"):
            conn.execute("UPDATE items SET id = 2")
        assert conn.execute("SELECT * FROM log").fetchall() == [(1, 1, 1)]
