"""Statements, and tables that change under them."""

from support.differential import bind, close, describe, execute, parse, sync


def _table(world):
    world.sql("create table t (a int); insert into t values (1); alter table t owner to app")


def column_added_by_a_third_party(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select * from t")
    alice.run("p")
    world.sql("alter table t add b text default 'b'")
    for _ in world.everywhere():
        alice.run("p")
        alice.ask(describe("S", "p"), sync())
    alice.ask(close("S", "p"), parse("p", "select * from t"), describe("S", "p"), sync())
    for _ in world.everywhere():
        alice.run("p")


def column_added_while_every_server_knows_the_statement(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select * from t")
    bob.prepare("p", "select * from t")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
    world.sql("alter table t add b text default 'b'")
    bob.ask(close("S", "p"), parse("p", "select * from t"), sync())
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")


def client_that_prepares_after_the_change_is_served(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.ask(parse("", "select * from t"), bind(), execute(), sync())
    alice.prepare("p", "select * from t")
    world.sql("alter table t add b text default 'b'")
    bob.prepare("other", "select * from t")
    alice.prepare("q", "select * from t")
    for _ in world.everywhere():
        bob.ask(describe("S", "other"), bind("", "other"), describe("P"), execute(), sync())
        alice.run("q")
        alice.run("p")
    carol = world.client("carol")
    for _ in world.everywhere():
        carol.extended("select * from t")


def own_change_in_a_transaction_that_is_rolled_back(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select * from t")
    for _ in world.everywhere():
        alice.query("begin", "alter table t add b int")
        alice.run("p")
        alice.query("rollback")
        alice.run("p")
    alice.query("begin", "alter table t add b int")
    alice.ask(parse("q", "select * from t"), sync())
    alice.run("q")
    alice.query("rollback")
    for _ in world.everywhere():
        alice.run("q")
        alice.run("p")


def change_by_a_third_party_in_the_middle_of_a_transaction(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select * from t")
    alice.query("begin", "select 1")
    world.sql("alter table t add b int")
    alice.run("p")
    alice.run("p")
    alice.query("rollback", "begin")
    alice.prepare("q", "select * from t")
    alice.run("q")
    alice.query("commit")
    for _ in world.everywhere():
        alice.run("q")


def change_in_the_middle_of_a_pipeline(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select * from t")
    alice.prepare("alter", "alter table t add b int")
    alice.ask(bind("", "p"), execute(), bind("", "alter"), execute(), bind("", "p"), execute(), sync())
    for _ in world.everywhere():
        alice.run("p")
    alice.run("alter")
    for _ in world.everywhere():
        alice.run("p")


def change_that_leaves_the_columns_alone(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select a from t")
    alice.prepare("i", "insert into t values ($1)")
    for text in ("alter table t add b int", "create index on t (a)", "alter table t drop b",
                 "drop table t; create table t (a int); insert into t values (2); grant all on t to public"):
        world.sql(text)
        for _ in world.everywhere():
            alice.run("p")
        alice.run("i", "7")


def table_that_goes_and_comes_back_otherwise(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select a from t")
    alice.run("p")
    world.sql("drop table t")
    for _ in world.everywhere():
        alice.run("p")
    world.sql("create table t (a text); insert into t values ('one'); grant select on t to public")
    for _ in world.everywhere():
        alice.run("p")
    world.sql("drop table t; create table t (a int); insert into t values (1); grant select on t to public")
    for _ in world.everywhere():
        alice.run("p")


def type_of_a_parameter_changes(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("p", "select 1 from t where a = $1")
    alice.run("p", "1")
    world.sql("alter table t alter a type text")
    for _ in world.everywhere():
        alice.run("p", "1")


def unnamed_statement_and_a_change(world):
    _table(world)
    alice = world.client("alice")
    alice.prepare("", "select * from t")
    alice.run("")
    world.sql("alter table t add b int")
    for _ in world.everywhere():
        alice.run("")
    alice.extended("select * from t")


def statement_described_after_the_change(world):
    _table(world)
    alice = world.client("alice")
    world.sql("alter table t add b int")
    for number in world.everywhere():
        alice.ask(parse(f"p{number}", "select * from t"), describe("S", f"p{number}"), sync())
        for known in range(number + 1):
            alice.run(f"p{known}")


def enumeration_grows(world):
    world.sql("create type mood as enum ('sad'); create table moods (m mood); grant all on moods to public")
    alice = world.client("alice")
    alice.prepare("i", "insert into moods values ($1) returning m")
    alice.run("i", "happy")
    world.sql("alter type mood add value 'happy'")
    for _ in world.everywhere():
        alice.ask(describe("S", "i"), bind("", "i", "happy"), execute(), sync())


def function_is_replaced(world):
    world.sql("create function f() returns int language sql as 'select 1'")
    alice = world.client("alice")
    alice.prepare("p", "select f()")
    for _ in world.everywhere():
        alice.run("p")
    world.sql("create or replace function f() returns int language sql as 'select 2'")
    for _ in world.everywhere():
        alice.run("p")
    world.sql("drop function f(); create function f() returns text language sql as $$select 'three'$$")
    for _ in world.everywhere():
        alice.run("p")
