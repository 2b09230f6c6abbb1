"""`weir explain-sql`, and the manual page that shows what it says."""

import shutil
import sqlite3
import subprocess

import psycopg
import pytest

import manual_sql
from support.weir import BINARY, Weir


def explain(*arguments):
    done = subprocess.run([BINARY, "explain-sql", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


def test_the_manual_shows_what_weir_says(monkeypatch):
    monkeypatch.setenv("WEIR", BINARY)
    page = manual_sql.PAGE.read_text()
    assert len(manual_sql.statements(page)) >= 10
    assert page == manual_sql.renewed(page), "the manual is stale: `make manual` writes it anew"


def test_the_manual_page_is_sound():
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is not installed")
    subprocess.run(["mandoc", "-T", "lint", "-W", "warning", manual_sql.PAGE], check=True)


def test_types_are_inferred_and_shown():
    code, said = explain("--schema", "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t(a int, e m, n numeric(10, 2))",
                         "SELECT a + $1, e, n FROM t WHERE e = ANY ($2) LIMIT $3")
    assert code == 0
    assert "parameters: $1 integer, $2 m[], $3 bigint" in said
    assert "result: ?column? integer, e m, n numeric(10,2)" in said
    assert 'FROM "main"."t"' in said


def test_an_error_is_shown_as_a_client_would_get_it():
    code, said = explain("SELECT 1;\nSELECT nothing FROM pg_class")
    assert code == 1
    assert said.endswith('ERROR:  42703: column "nothing" does not exist\n'
                         "LINE 2: SELECT nothing FROM pg_class\n"
                         "               ^\n")


def test_a_files_own_tables_are_used_and_nothing_is_written(tmp_path):
    path = tmp_path / "app.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, at DATETIME)")
    other.close()
    before = path.read_bytes()
    code, said = explain("--file", str(path), "SELECT at FROM t; DROP TABLE t; SELECT id FROM t")
    assert code == 0 and "result: at timestamp without time zone" in said
    assert path.read_bytes() == before
    assert explain("--file", str(tmp_path / "none.db"), "SELECT 1")[0] == 1


def test_usage_is_checked():
    assert explain()[0] == 64
    assert explain("--file")[0] == 64
    assert explain("--supported", "SELECT 1")[0] == 64
    assert explain("--help")[0] == 0


HINTS = [
    ("SELECT * FROM t WHERE a = ?", "42601", "$1"),
    ("INSERT INTO t VALUES (?, ?)", "42601", "$1"),
    ("INSERT OR REPLACE INTO t VALUES (1)", "42601", "ON CONFLICT"),
    ("INSERT OR IGNORE INTO t VALUES (1)", "42601", "DO NOTHING"),
    ("REPLACE INTO t VALUES (1)", "42601", "ON CONFLICT"),
    ("SELECT 1; PRAGMA table_info(t)", "42601", "information_schema"),
    ("CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT)", "42601", "IDENTITY"),
    ("SELECT ifnull(a, 1) FROM t", "42883", "coalesce"),
    ("SELECT datetime('now')", "42883", "now()"),
    ("SELECT strftime('%Y', b) FROM t", "42883", "to_char"),
    ("SELECT * FROM t WHERE b GLOB 'x*'", "42601", "LIKE"),
    ("SELECT `a` FROM t", "42601", '"name"'),
    ("SELECT [a] FROM t", "42601", '"name"'),
    ('SELECT * FROM t WHERE b = "x"', "42703", "single quotes"),
    ("CREATE TABLE x (at DATETIME)", "42704", "timestamptz"),
    ("SELECT max(a, 1) FROM t", "42883", "greatest"),
    ("SELECT group_concat(b) FROM t", "42883", "string_agg"),
    ("SELECT * FROM t WHERE a IS 5", "42601", "DISTINCT FROM"),
    ("SELECT a == 1 FROM t", "42883", "Use =."),
    ("BEGIN IMMEDIATE", "42601", "BEGIN"),
    ("SELECT a FROM t LIMIT 1, 2", "42601", "OFFSET"),
]


@pytest.fixture(scope="module")
def lite(tmp_path_factory):
    weir = Weir(f"sqlite:{tmp_path_factory.mktemp('hints') / 'app.db'}")
    with psycopg.connect(host="127.0.0.1", port=weir.port, user="app", dbname="app", autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int, b text)")
        yield connection
    weir.stop()


@pytest.mark.parametrize("sql,state,words", HINTS, ids=[row[0] for row in HINTS])
def test_a_spelling_of_sqlites_is_refused_with_postgress_in_the_hint(lite, sql, state, words):
    for statement in (lite.execute, lite.cursor(binary=True).execute):
        with pytest.raises(psycopg.Error) as caught:
            statement(sql.encode())
        assert caught.value.sqlstate == state
        assert words in caught.value.diag.message_hint


def test_what_only_looks_like_one_of_them_gets_no_hint(lite):
    for sql in ("SELECT 'a?' frm x y", "SELECT a -- `?\n FROM FROM", "SELECT nothing FROM t"):
        with pytest.raises(psycopg.Error) as caught:
            lite.execute(sql.encode())
        assert caught.value.diag.message_hint is None
    assert lite.execute("SELECT data ? 'a' FROM (SELECT '{\"a\": 1}'::jsonb AS data) AS x").fetchone() == (True,)
