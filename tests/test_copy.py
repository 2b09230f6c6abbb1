"""COPY as applications and drivers spell it: each statement, with its data, is
said to Postgres and to weir on a SQLite file, and answered alike: rows, tags,
bytes, errors with their position and the line and column they complain of."""

import psycopg
import pytest

from support.weir import serve

TABLES = """
    create table t (a int not null, b text, c text default 'standard', check (a > 0));
    create table wide (a int, b text, c varchar(10));
    create table doubled (a int, b int generated always as (a * 2) stored);
    create table counted (id serial, v text);
    create table keyed (id int primary key, v int not null check (v >= 0));
    insert into wide values (1, 'x', 'y'), (2, null, ''), (3, 'a,b', 'q"q'), (4, E'n\\nl', '\\.'), (5, '\\.', E'\\t\\\\')
"""
CSV = "(format csv, {})"

IN = [
    ("t from stdin csv header", "a,b,c\n1,x,y\n"),
    ("t from stdin " + CSV.format("header match"), "a,b,c\n1,x,y\n"),
    ("t from stdin " + CSV.format("header match"), "a,c,b\n1,x,y\n"),
    ("t from stdin " + CSV.format("header match"), "a,b\n1,x\n"),
    ("t from stdin " + CSV.format("header match"), "a,b,c,d\n1,x\n"),
    ("t from stdin " + CSV.format("header match"), "a,b,\n1,x\n"),
    ("t (c, a) from stdin " + CSV.format("header match"), "c,a\n1,2\n"),
    ("t from stdin (header match)", "a\tb\tc\n1\tx\ty\n"),
    ("t from stdin (header match)", "a\tb\t\\N\n1\tx\ty\n"),
    ("t from stdin csv", "x,b,c\n"),
    ("t from stdin csv", "1,b,c\n,b,c\n"),
    ("t from stdin csv", "1,b,c\n1,b\n"),
    ("t from stdin csv", '1,"b\nb",c\n2,"b\n\nb",c\nx,b,c\n'),
    ("t from stdin csv", '1,b,c\r\n2,"b\r\nb\nb",c\r\nx,b,c\r\n'),
    ("t from stdin csv", "1,b,c\n1,b,c,d\n"),
    ("t from stdin", "1\tb\tc\nzz\tb\tc\n"),
    ("t from stdin", "1\tb\n"),
    ("t from stdin", "99999999999\tb\tc\n"),
    ("t from stdin", "-5\tb\tc\n"),
    ("t from stdin", "1\t" + "é" * 80 + "\n"),
    ("t from stdin " + CSV.format("force_not_null (b)"), "1,,\n"),
    ("t from stdin " + CSV.format("force_not_null (b, c)"), "1,,\n"),
    ("t from stdin " + CSV.format("force_not_null (a)"), ",,\n"),
    ("t from stdin " + CSV.format("force_not_null (b, absent)"), "1,,\n"),
    ("t from stdin " + CSV.format("force_not_null (b, b)"), "1,,\n"),
    ("t (a, b) from stdin " + CSV.format("force_not_null (c)"), "1,\n"),
    ("t from stdin " + CSV.format("force_not_null *"), "1,,\n"),
    ("t from stdin " + CSV.format("force_null (b)"), '1,"",""\n'),
    ("t from stdin " + CSV.format("force_null (b), null 'n'"), '1,"n","n"\n'),
    ("t from stdin " + CSV.format("force_null (b), force_not_null (b), null 'n'"), '1,"n","n"\n2,n,n\n'),
    ("t from stdin (force_null (b))", "1\t2\t3\n"),
    ("t from stdin (force_not_null (b))", "1\t2\t3\n"),
    ("t from stdin " + CSV.format("force_quote (b)"), ""),
    ("t from stdin where a > 1", "1\tb\tc\n2\tb\tc\n"),
    ("t from stdin csv where a > 1 and b = 'x'", "1,x,c\n2,x,c\n3,y,c\n"),
    ("t from stdin csv where t.a > 1 and lower(t.b) = 'x'", "1,x,c\n2,X,c\n3,y,c\n"),
    ("t (b, c) from stdin csv where a is null", "x,c\n"),
    ("t (b, c) from stdin csv where a is not null", "x,c\n"),
    ("t (a) from stdin csv where b is null and c = 'standard'", "1\n2\n"),
    ("t from stdin csv where a", "1,x,c\n"),
    ("t from stdin csv where absent > 1", "1,x,c\n"),
    ("t from stdin csv where a > (select 1)", "1,x,c\n"),
    ("t from stdin csv where sum(a) > 1", "1,x,c\n"),
    ("t from stdin csv where 1 / (a - 1) > 0", "1,b,c\n"),
    ("doubled (a) from stdin csv where b > 2", "1\n2\n"),
    ("doubled (a) from stdin csv where a > 1", "1\n2\n"),
    ("counted (v) from stdin csv where id > 1", "q\nr\n"),
    ("counted (v) from stdin csv", "q\n"),
    ("keyed from stdin csv", "1,1\n1,2\n"),
    ("keyed from stdin csv", "1,\n"),
    ("keyed from stdin csv", "7,-1\n"),
    ("keyed from stdin csv", "7,5\n8,2023-01-01\n"),
]

OUT = ["wide to stdout " + options for options in (
    "(format csv)", "(format csv, header match)", "(format csv, force_null (b))", "(format csv, force_not_null (b))",
    "(force_quote (b))", "(format csv, force_quote (b))", "(format csv, force_quote *)",
    "(format csv, force_quote (b, c), header)", "(format csv, force_quote (b, absent))", "csv force quote b",
    "csv header force quote *", "(format csv, delimiter ';', null 'NIL', quote '''', escape '\\')",
    "(format csv, absent 1)", "(format csv, format text)", "(format csv, header 2)", "(format csv, header yes)",
    "(format csv, header off)", "(format csv, header 1)", "(header)", "(header on, format text)",
    "(format binary, header)", "(format binary, delimiter ',')", "(format binary, null 'x')", "(delimiter 'ab')",
    "(delimiter E'\\n')", "(delimiter 'a')", "(delimiter '.')", "(delimiter)", "(null E'a\\n')",
    "(format csv, delimiter '\"')", "(quote '\"')", "(escape '\"')", "(format csv, quote 'ab')",
    "(format csv, escape 'ab')", "(format csv, delimiter ',', null 'a,b')", "(format csv, null 'a\"b')",
    "(delimiter ',', null 'a,b')", "(freeze)", "(freeze 2)", "(format 'absent')", "where a > 1",
)] + [
    "wide (b) to stdout csv", "wide (a, b) to stdout (format csv, force_quote (c))",
    "(select a, b as x from wide) to stdout (format csv, force_quote (x))",
    "(select a, b as x from wide) to stdout (format csv, force_quote (b))",
]


def answer(connection, statement, data):
    try:
        with connection.cursor() as cursor, cursor.copy("copy " + statement) as copy:
            if data is None:
                return b"".join(map(bytes, copy))
            copy.write(data)
        rows = connection.execute("select * from " + statement.split()[0]).fetchall()
        return cursor.statusmessage, sorted(rows, key=str)
    except psycopg.Error as error:
        said = error.diag
        return (said.sqlstate, said.message_primary, said.message_detail, said.context, said.statement_position,
                said.table_name, said.column_name, said.constraint_name)
    finally:
        if connection.info.transaction_status:
            connection.rollback()


def test_binary_copies_come_in_the_messages_that_postgres_makes(cluster):
    """psycopg looks for the first row behind the signature, in one message."""
    cluster.create_database("messages")
    told = []
    with serve("direct", cluster) as direct, serve("sqlite", cluster) as sqlite:
        for endpoint in (direct, sqlite):
            with psycopg.connect(endpoint.dsn(dbname="messages")) as connection, connection.cursor() as cursor:
                with cursor.copy("copy (select 1, 'a' union all select 2, null) to stdout (format binary)") as copy:
                    copy.set_types(["int4", "text"])
                    rows = list(copy.rows())
                with cursor.copy("copy (select 1 where false) to stdout (format binary)") as copy:
                    told.append((rows, list(map(bytes, copy))))
    assert told[1] == told[0]


def answers(endpoint, database):
    with psycopg.connect(endpoint.dsn(dbname=database)) as connection:
        connection.execute(TABLES)
        connection.commit()
        return [answer(connection, *case) for case in [*IN, *((statement, None) for statement in OUT)]]


def test_copy_takes_the_options_conditions_and_broken_data_that_postgres_takes(cluster):
    cluster.create_database("copied")
    with serve("direct", cluster) as direct, serve("sqlite", cluster) as sqlite:
        truth, told = answers(direct, "copied"), answers(sqlite, "copied")
    wrong = [f"{case}\n   Postgres {right}\n   weir     {said}"
             for case, right, said in zip([*IN, *OUT], truth, told) if right != said]
    if wrong:
        pytest.fail(f"{len(wrong)} answers differ\n" + "\n".join(wrong), pytrace=False)
