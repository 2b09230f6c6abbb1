"""Statements prepared by message, on servers that know some of them."""

from support.differential import bind, close, describe, execute, message, parse, sync, weir


def names_swapped_between_two_clients(world):
    alice, bob = world.clients("alice", "bob")
    for client, names in ((alice, "pq"), (bob, "qp")):
        client.prepare(names[0], "select 'one'")
        client.prepare(names[1], "select 'two', 2")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.run("q")
            client.ask(describe("S", "p"), describe("S", "q"), sync())


def name_in_use_is_refused_and_keeps_its_statement(world):
    alice = world.client("alice")
    alice.prepare("p", "select 'first'")
    for number in world.everywhere():
        alice.prepare("p", f"select 'again {number}'")
        alice.ask(parse("p", "select 'piped'"), bind("", "p"), execute(), sync())
        alice.run("p")


def name_in_use_is_refused_for_the_same_text_as_well(world):
    alice = world.client("alice")
    alice.prepare("p", "select 'same'")
    for _ in world.everywhere():
        alice.prepare("p", "select 'same'")
        alice.query("begin")
        alice.prepare("p", "select 'same'")
        alice.query("rollback")


def unknown_name_is_refused_wherever_it_is_used(world):
    alice, bob = world.clients("alice", "bob")
    bob.prepare("p", "select 'of bob'")
    for _ in world.everywhere():
        bob.run("p")
        alice.run("p")
        alice.ask(describe("S", "p"), sync())
        alice.ask(close("S", "p"), sync())
        alice.ask(describe("P", "c"), sync())
        alice.ask(execute("c"), sync())
        bob.run("p")


def name_is_given_a_new_text_again_and_again(world):
    alice, bob = world.clients("alice", "bob")
    for number in list(world.everywhere()) + list(world.everywhere()):
        alice.ask(close("S", "p"), parse("p", f"select {number}, 'alice'"), bind("", "p"), execute(), sync())
        bob.ask(close("S", "p"), parse("p", f"select {number}, 'bob'"), sync())
        bob.run("p")
        alice.run("p")


def close_frees_only_the_name_it_names(world):
    alice = world.client("alice")
    for name in ("a", "b", "c"):
        alice.prepare(name, "select 'the same text'")
    for number in world.everywhere():
        alice.ask(close("S", "abc"[number]), sync())
        for name in ("a", "b", "c"):
            alice.run(name)


def portal_outlives_the_close_of_its_statement(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("begin")
        alice.ask(parse("p", "select generate_series(1, 3)"), bind("c", "p"), close("S", "p"), execute("c", 2),
                  sync())
        alice.ask(execute("c"), sync())
        alice.query("commit")


@weir("--max-prepared-statements", "1")
def server_may_know_one(world):
    alice, bob = world.clients("alice", "bob")
    for name in ("a", "b", "c"):
        alice.prepare(name, f"select 'alice {name}', $1::int")
        bob.prepare(name, f"select 'bob {name}', $1::int")
    pipeline = [each for name in "abcabc" for each in (bind("", name, "7"), execute())]
    for _ in world.everywhere():
        alice.ask(*pipeline, sync())
        bob.ask(*pipeline, sync())
        alice.ask(bind("", "a", "x"), execute(), bind("", "b", "1"), execute(), sync())
        alice.ask(describe("S", "c"), describe("S", "b"), sync())
        alice.ask(close("S", "nobody"), bind("", "b", "1"), bind("", "nobody"), bind("", "c", "1"), sync())
        alice.ask(bind("", "c", "1"), execute(), sync())


@weir("--max-prepared-statements", "1")
def server_may_know_one_and_a_portal_is_open_on_it(world):
    alice = world.client("alice")
    alice.prepare("a", "select generate_series(1, 4)")
    alice.prepare("b", "select generate_series(11, 14)")
    for _ in world.everywhere():
        alice.query("begin")
        alice.ask(bind("x", "a"), execute("x", 1), bind("y", "b"), execute("y", 1), sync())
        alice.ask(execute("x", 1), execute("y", 1), bind("z", "a"), execute("z", 1), execute("x", 1), sync())
        alice.query("commit")


def parse_that_fails_is_unknown_to_the_binds_behind_it(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.ask(parse("p", "select * from nowhere"), bind("", "p"), execute(), parse("q", "select 1"), sync(),
                  bind("", "p"), execute(), sync(), bind("", "q"), execute(), sync())
        bob.ask(parse("p", "select * from nowhere"), sync())


def text_that_failed_works_once_its_table_is_there(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.prepare("p", "select * from later")
        bob.prepare("p", "select * from later")
    world.sql("create table later (n int); insert into later values (1); grant select on later to public")
    for _ in world.everywhere():
        alice.ask(parse("p", "select * from later"), bind("", "p"), describe("P"), execute(), close("S", "p"), sync())
    bob.prepare("p", "select * from later")
    for _ in world.everywhere():
        bob.run("p")


def statement_of_another_kind_of_parameters(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select $1 as it", 23)
    bob.prepare("p", "select $1 as it", 25)
    for _ in world.everywhere():
        for client in (alice, bob):
            client.ask(describe("S", "p"), bind("", "p", "12"), describe("P"), execute(), sync())
        alice.run("p", "twelve")


def values_and_rows_in_binary(world):
    alice = world.client("alice")
    alice.prepare("p", "select $1::int + 1, 'text'")
    binary = message(b"B", b"\0p\0" + b"\0\1\0\1" + b"\0\1" + b"\0\0\0\4\0\0\0\51" + b"\0\2\0\1\0\0")
    for _ in world.everywhere():
        alice.ask(binary, describe("P"), execute(), sync())


def wrong_number_of_values_names_the_clients_own_statement(world):
    alice = world.client("alice")
    alice.prepare("own name", "select $1::int")
    alice.prepare("", "select $1::int")
    for _ in world.everywhere():
        alice.run("own name")
        alice.run("own name", "1", "2")
    alice.prepare("", "select $1::int")
    alice.run("", "1", "2")


def long_names_count_to_their_63rd_byte(world):
    alice = world.client("alice")
    alice.prepare("n" * 63, "select 'long'")
    for _ in world.everywhere():
        alice.prepare("n" * 70, "select 'longer'")
        alice.run("n" * 64)
        alice.run("n" * 63)
        alice.run("n" * 62)
    alice.ask(close("S", "n" * 99), sync())
    for _ in world.everywhere():
        alice.run("n" * 63)


def strange_names_are_names(world):
    alice = world.client("alice")
    names = ["P", "p", "we ird", "q'uo\"te", "\\", "dröhnt", "select", "weir_1", "__weir_1", "s1"]
    for name in names:
        alice.ask(parse(name, "select '" + name.replace("'", "''") + "'"), sync())
    for _ in world.everywhere():
        for name in names:
            alice.run(name)


def nothing_and_too_much_in_one_statement(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(parse("empty", ""), describe("S", "empty"), bind("", "empty"), describe("P"), execute(),
                  close("S", "empty"), sync())
        alice.prepare("two", "select 1; select 2")
        alice.prepare("what", "select $1 is null or $2")
        alice.prepare("where", "select $1")
        alice.ask(parse("comment", "-- nothing"), bind("", "comment"), execute(), close("S", "comment"), sync())


def statement_prepared_in_a_transaction_that_is_rolled_back_stays(world):
    alice = world.client("alice")
    alice.query("begin")
    alice.prepare("p", "select 'stays'")
    alice.query("rollback")
    alice.query("begin", "select 1/0")
    alice.prepare("q", "select 'refused'")
    alice.prepare("r", "rollback")
    alice.run("r")
    for _ in world.everywhere():
        for name in "pqr":
            alice.run(name)


def statement_on_a_table_that_is_rolled_back_too(world):
    alice = world.client("alice")
    alice.query("begin", "create table mine (n int)")
    alice.prepare("p", "select * from mine")
    alice.run("p")
    alice.query("rollback")
    for _ in world.everywhere():
        alice.run("p")
    alice.query("create table mine (n int)")
    for _ in world.everywhere():
        alice.run("p")


def unnamed_statement_goes_along(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("", "select 'alice', $1::text")
    bob.prepare("", "select 'bob'")
    for _ in world.everywhere():
        alice.run("", "x")
        bob.run("")
        alice.ask(describe("S"), sync())


def unnamed_statement_ends_with_a_simple_query(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.prepare("", "select 'here'")
        alice.run("")
        alice.query("select 1")
        alice.run("")
        alice.ask(describe("S"), sync())
        alice.prepare("", "select 'here'")
        alice.query("")
        alice.run("")
        alice.prepare("", "select 'here'")
        alice.query("this is no sql")
        alice.run("")


def unnamed_statement_ends_with_a_parse_that_fails(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        bob.prepare("", "select 'bob'")
        alice.prepare("", "select 'here'")
        alice.prepare("", "select * from nowhere")
        alice.run("")
        bob.run("")


def unnamed_statement_is_closed(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.prepare("", "select 'here'")
        alice.ask(close("S"), sync())
        alice.run("")


def utilities_are_prepared_and_run_everywhere(world):
    alice, bob = world.clients("alice", "bob")
    for name, text in (("b", "begin"), ("c", "commit"), ("r", "rollback"), ("show", "show work_mem"),
                       ("set", "set work_mem = '777kB'"), ("reset", "reset work_mem")):
        alice.prepare(name, text)
        bob.prepare(name, text)
    for _ in world.everywhere():
        for name in ("b", "set", "r", "show", "b", "set", "c", "show"):
            alice.run(name)
        bob.run("show")
        alice.run("reset")
        bob.run("show")


def role_counts_when_a_statement_runs(world):
    world.sql("create table secret (n int); insert into secret values (1); grant select on secret to app")
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select * from secret")
    bob.query("set role reader")
    bob.prepare("p", "select * from secret")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
    alice.query("set role reader")
    bob.query("reset role")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")


def policies_count_by_role(world):
    world.sql("""create table rows (who text); insert into rows values ('app'), ('reader');
                 alter table rows enable row level security;
                 create policy own on rows using (who = current_user);
                 grant select on rows to public""")
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select * from rows")
    bob.query("set role reader")
    bob.prepare("p", "select * from rows")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
    alice.query("set role reader")
    for _ in world.everywhere():
        alice.run("p")


def warnings_of_a_parse_are_given_once(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set standard_conforming_strings = off")
    alice.prepare("p", "select 'a\\\\b'")
    bob.prepare("p", "select 'a\\\\b'")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")


def large_text_is_prepared_everywhere(world):
    alice = world.client("alice")
    alice.prepare("large", "select length('" + "x" * 300000 + "'), $1::int")
    for _ in world.everywhere():
        alice.run("large", "1")


def three_hundred_statements_and_a_failure_among_them(world):
    alice = world.client("alice")
    alice.ask(*(parse(f"s{n}", f"select {n}") for n in range(300)), sync())
    for number in world.everywhere():
        alice.ask(*(each for n in range(number, 300, 7) for each in (bind("", f"s{n}"), execute())), sync())
        alice.ask(*(each for n in range(number, 300, 5) for each in (bind("", f"s{n}"), execute())),
                  bind("", "nobody"), bind("", "s1"), sync())
