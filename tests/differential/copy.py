"""COPY in every form of the protocol."""

from support.differential import (bind, copy_data, copy_done, copy_fail, describe, execute, flush, message,
                                  parse, query, sync)


def _table(world):
    world.sql("create table t (n int primary key); grant all on t to public")


def _start(text):
    return parse("", text) + bind() + execute()


def in_by_simple_query(world):
    _table(world)
    alice = world.client("alice")
    for number in world.everywhere():
        alice.send(query("copy t from stdin"))
        alice.until("G")
        alice.ask(copy_data(str(10 * number)), copy_data(str(10 * number + 1)), copy_done(), ready=1)
        alice.ask(query("copy t from stdin") + copy_data(str(10 * number + 2)) + copy_done(), ready=1)
    alice.query("table t")


def in_by_message_and_by_a_prepared_statement(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    alice.prepare("load", "copy t from stdin")
    for number in world.everywhere():
        alice.send(bind("", "load") + describe("P") + execute() + flush())
        alice.until("G")
        bob.query("select 1")
        alice.ask(copy_data(str(10 * number)), copy_done(), sync())
        alice.ask(_start("copy t from stdin") + copy_data(str(10 * number + 1)) + copy_done(), parse("", "select 1"),
                  bind(),
                  execute(), sync())
    alice.query("table t")


def in_with_early_and_late_syncs(world):
    _table(world)
    alice = world.client("alice")
    for number in world.everywhere():
        alice.send(_start("copy t from stdin") + sync())
        alice.until("G")
        alice.send(copy_data(str(number)) + sync() + flush() + copy_data(str(number + 10)) + copy_done() + sync())
        alice.until("Z")
        alice.ask(_start("copy t from stdin"), sync(), copy_data(str(number + 20)), copy_done(), sync(), ready=1)
        alice.query("select count(*) from t")


def in_that_fails_before_its_end(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.ask(query("copy t from stdin") + copy_data("1") + copy_data("x") + copy_data("2") + copy_done(), ready=1)
        alice.query("select 1")
        alice.ask(_start("copy t from stdin"), copy_data("x"), copy_data("2"), copy_done(), sync(), ready=1)
        alice.send(_start("copy t from stdin") + flush())
        alice.until("G")
        alice.send(copy_data("x") + b"".join(copy_data(str(n)) for n in range(1000)))
        alice.send(copy_done() + sync())
        alice.until("Z")
        alice.ask(copy_data("stray"), copy_done(), query("select 'after strays'"), ready=1)
        bob.query("select count(*) from t")


def in_that_fails_at_its_end(world):
    world.sql("""create table t (n int unique deferrable initially deferred); grant all on t to public;
                 create function refuse() returns trigger language plpgsql as $$begin raise 'refused'; end$$;
                 create table r (n int); grant all on r to public;
                 create trigger refuses after insert on r for each statement execute function refuse()""")
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(query("copy t from stdin") + copy_data("1") + copy_data("1") + copy_done(), ready=1)
        alice.ask(_start("copy t from stdin"), copy_data("1"), copy_data("1"), copy_done(), sync(), ready=1)
        alice.ask(query("copy r from stdin") + copy_data("1") + copy_done(), ready=1)
        alice.ask(_start("copy r from stdin"), copy_data("1"), copy_done(), parse("", "select 1"), sync(), ready=1)
        alice.ask(query("copy r from stdin; select 1") + copy_data("1") + copy_done(), ready=1)


def in_that_is_called_off(world):
    _table(world)
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(query("copy t from stdin") + copy_data("1") + copy_fail("no more"), ready=1)
        alice.ask(_start("copy t from stdin"), copy_data("1"), copy_fail("é"), sync(), ready=1)
        alice.ask(query("begin"), query("copy t from stdin"), copy_fail(""), query("select 1"), query("rollback"),
                  ready=4)


def in_that_fails_at_once(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(query("copy nowhere from stdin"), copy_data("1"), copy_done(), query("select 1"), ready=2)
        alice.ask(parse("", "copy nowhere from stdin"), bind(), execute(), copy_data("1"), copy_done(), sync(), ready=1)


def in_interrupted_by_another_message(world):
    _table(world)
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.send(query("copy t from stdin"))
        alice.until("G")
        alice.send(copy_data("1") + query("select 1"))
        alice.until("Z")
        alice.query("select 2")
        alice.send(_start("copy t from stdin") + flush())
        alice.until("G")
        alice.send(parse("", "select 3") + sync())
        alice.until("Z")
        alice.query("select 4")


def in_within_a_transaction(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.ask(query("begin"), query("copy t from stdin"), copy_data(str(number)), copy_done(), query("rollback"),
                  ready=3)
        alice.ask(query("begin"), query("savepoint s"), query("copy t from stdin"), copy_data("x"), copy_done(),
                  query("rollback to s"), query("copy t from stdin"), copy_data(str(number)), copy_done(),
                  query("commit"),
                  ready=6)
        bob.query("table t")


def several_copies_in_one_text(world):
    _table(world)
    alice = world.client("alice")
    for number in world.everywhere():
        alice.ask(query("copy t from stdin; copy t to stdout; copy t from stdin; select count(*) from t")
                  + copy_data(str(10 * number)) + copy_done() + copy_data(str(10 * number + 1)) + copy_done(), ready=1)
        alice.ask(query("copy t from stdin; select 1/0; copy t from stdin") + copy_data("1000") + copy_done(), ready=1)


def out_in_every_form(world):
    alice = world.client("alice")
    alice.prepare("out", "copy (select n, 'x' from generate_series(1, 3) n) to stdout")
    for _ in world.everywhere():
        alice.query("copy (select 1, 'a' union all select 2, null) to stdout with (format csv, header)")
        alice.query("copy (select 1/n from generate_series(1, 0, -1) n) to stdout", "copy nowhere to stdout")
        alice.ask(bind("", "out"), describe("P"), execute(), sync())
        alice.extended("copy (select 1/n from generate_series(1, 0, -1) n) to stdout")
        alice.ask(_start("copy (select 1) to stdout"), _start("select 2"), sync(), ready=1)
        alice.query("begin", "copy (select 1) to stdout (format binary)", "copy (select 1/0) to stdout", "rollback")


def out_of_many_rows(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        told = alice.rows(query("select 1"))
        with alice.unheard():
            told = alice.query("copy (select n, repeat('x', 500) from generate_series(1, 5000) n) to stdout")
        world.note((len(told), sum(len(body) for _, body in told), [kind for kind, _ in told[:2] + told[-3:]]))


def in_of_many_bytes(world):
    world.sql("create table t (n int, s text); grant all on t to public")
    alice = world.client("alice")
    for number in world.everywhere():
        with alice.unheard():
            alice.send(query("copy t from stdin"))
            alice.until("G")
            alice.send(b"".join(copy_data(f"{number}\t{'x' * 900}") for _ in range(3000)))
            alice.send(message(b"d", (f"{number}\t" + "y" * 300000 + "\n").encode()) + copy_done())
            alice.until("Z")
        alice.query("select n, count(*), sum(length(s)) from t group by n order by n")


def in_of_ten_megabytes_behind_an_error(world):
    _table(world)
    alice, bob = world.clients("alice", "bob")
    alice.send(query("copy t from stdin"))
    alice.until("G")
    with alice.unheard():
        alice.send(copy_data("x") + copy_data("1" * 1000) * 10000 + copy_done() + query("select 'after'"))
    alice.until("Z", 2)
    bob.query("select count(*) from t")


def pieces_that_do_not_end_where_rows_do(world):
    _table(world)
    alice = world.client("alice")
    alice.send(query("copy t from stdin"))
    alice.until("G")
    for piece in (b"1\n", b"2", b"", b"3\n4", b"5\n", b"\\.\n", b"garbage behind the end\n"):
        alice.send(message(b"d", piece))
    alice.send(copy_done())
    alice.until("Z")
    alice.query("table t")


def client_that_vanishes_while_it_copies(world):
    _table(world)
    for number, piece in enumerate((b"", copy_data("1"), copy_data("1")[:-1], b"d", copy_data("x") + copy_data("2"))):
        for begin in (query("copy t from stdin"), _start("copy t from stdin") + flush(),
                      query("begin; copy t from stdin")):
            alice = world.client("alice")
            alice.send(begin)
            alice.until("G")
            alice.quiet = True
            alice.send(piece)
            alice.crash()
    bob = world.client("bob")
    for _ in world.everywhere():
        bob.query("select count(*) from t", "insert into t values (1)", "delete from t")


def client_that_vanishes_while_it_is_told(world):
    _table(world)
    for _ in range(3):
        alice = world.client("alice")
        alice.send(query("copy (select repeat('x', 10000) from generate_series(1, 2000)) to stdout"))
        alice.until("d")
        alice.crash()
    bob = world.client("bob")
    for _ in world.everywhere():
        bob.query("copy (select 'of bob') to stdout", "select 1")


def settings_go_before_a_copy(world):
    world.sql("create table d (d date); grant all on d to public")
    alice, bob = world.clients("alice", "bob")
    alice.query("set datestyle = 'SQL, DMY'")
    for _ in world.everywhere():
        bob.query("select 1")
        alice.ask(query("copy d from stdin") + copy_data("01/02/2003") + copy_done(), ready=1)
        bob.query("select 1")
        alice.query("copy d to stdout")
        bob.query("copy d to stdout")
