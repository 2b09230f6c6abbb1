"""PREPARE, EXECUTE and DEALLOCATE, among statements prepared by message."""

from support.differential import bind, close, describe, execute, parse, query, sync


def execute_works_everywhere(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p (int, text) as select 'alice', $1 + 1, $2")
    bob.query("prepare p as select 'bob'")
    for _ in world.everywhere():
        alice.query("execute p(41, 'it''s')", "execute p(1 + 1, upper('x'))")
        bob.query("execute p")
    bob.query("prepare p as select 'again'")


def bind_to_a_name_prepared_by_sql(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p (int) as select $1 + 1 as more")
    for _ in world.everywhere():
        alice.run("p", "41")
        alice.ask(describe("S", "p"), sync())
        bob.run("p", "41")
    alice.query("begin")
    alice.ask(bind("c", "p", "1"), execute("c"), sync())
    alice.query("commit")


def execute_of_a_name_prepared_by_message(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select $1::int + 1 as more")
    bob.prepare("p", "select 'bob', $1::text")
    for _ in world.everywhere():
        alice.query("execute p(41)")
        bob.query("execute p(41)")
        alice.query("execute p('x')", "execute p", "execute P(1)", 'execute "p"(1)')


def names_are_in_use_whoever_made_them(world):
    alice = world.client("alice")
    alice.query("prepare s as select 'sql'")
    alice.prepare("m", "select 'message'")
    for _ in world.everywhere():
        alice.query("prepare m as select 2", "prepare s as select 2")
        alice.prepare("s", "select 2")
        alice.prepare("m", "select 2")
        alice.query("execute s", "execute m")
        alice.run("s")


def statement_prepared_by_sql_is_closed_by_message(world):
    alice = world.client("alice")
    for number in world.everywhere():
        alice.query(f"prepare s as select {number}")
        alice.ask(close("S", "s"), sync())
        alice.query("execute s")
        alice.prepare("s", f"select 'message {number}'")
        alice.query("execute s", "deallocate s")
        alice.run("s")


def prepare_in_a_transaction_that_is_rolled_back_stays(world):
    alice = world.client("alice")
    alice.query("begin", "prepare p as select 'stays'", "rollback")
    alice.query("begin; prepare q as select 'stays too'; rollback")
    alice.query("prepare r as select 'and this'; select 1/0")
    alice.query("begin", "savepoint s", "prepare t as select 'savepoint'", "rollback to s", "commit")
    for _ in world.everywhere():
        alice.query("execute p", "execute q", "execute r", "execute t")


def deallocate_in_a_transaction_that_is_rolled_back_counts(world):
    alice = world.client("alice")
    alice.query("prepare p as select 1", "prepare q as select 1", "prepare r as select 1")
    alice.query("begin", "deallocate p", "rollback")
    alice.query("deallocate q; select 1/0")
    alice.query("begin", "deallocate all", "rollback")
    for _ in world.everywhere():
        alice.query("execute p", "execute q", "execute r")


def prepare_that_fails_leaves_its_name_free(world):
    alice = world.client("alice")
    for number in world.everywhere():
        alice.query("prepare p as select * from nowhere", "execute p", f"prepare p as select {number}", "execute p",
                    "deallocate p")
        alice.query("begin", "select 1/0", "prepare p as select 1", "deallocate p", "rollback", "execute p")


def whole_life_in_one_text(world):
    alice, bob = world.clients("alice", "bob")
    bob.query("prepare p as select 'bob'")
    for _ in world.everywhere():
        alice.query("prepare p as select 'alice'; execute p; deallocate p")
        alice.query("execute p")
        alice.query("prepare p as select 'one'; deallocate p; prepare p as select 'two'; execute p")
        bob.query("execute p")
        alice.query("deallocate p; prepare p as select 'three'; select 1/0")
        alice.query("execute p; deallocate p; execute p")


def execute_in_a_pipeline(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p (int) as select 'alice', $1")
    alice.prepare("e", "execute p(7)")
    for _ in world.everywhere():
        alice.extended("execute p(5)")
        alice.ask(parse("", "execute p(1)"), describe("S"), bind(), execute(), parse("", "execute p(2)"), bind(),
                  execute(), bind("", "p", "3"), execute(), bind("", "e"), execute(), sync())
        bob.extended("execute p(5)")


def prepare_in_a_pipeline(world):
    alice = world.client("alice")
    for number in world.everywhere():
        alice.ask(parse("", f"prepare p as select {number}"), bind(), execute(), bind("", "p"), execute(),
                  parse("", "execute p"), bind(), describe("P"), execute(), sync())
        alice.ask(parse("", "select 1/0"), bind(), execute(), parse("", "prepare q as select 1"), bind(), execute(),
                  sync())
        alice.query("execute q", "execute p")
        alice.ask(parse("", "deallocate p"), bind(), execute(), bind("", "p"), execute(), sync())


def deallocate_in_a_pipeline_that_fails_behind_it(world):
    alice = world.client("alice")
    alice.prepare("m", "select 'message'")
    alice.query("prepare s as select 'sql'")
    alice.ask(parse("", "deallocate m"), bind(), execute(), parse("", "select 1/0"), bind(), execute(), sync())
    alice.ask(parse("", "select 1/0"), bind(), execute(), parse("", "deallocate s"), bind(), execute(), sync())
    for _ in world.everywhere():
        alice.run("m")
        alice.query("execute s")


def explain_execute(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p (int) as select $1 + 1")
    alice.prepare("m", "select generate_series(1, $1::int)")
    bob.query("prepare p (int) as select generate_series(1, $1)")
    for _ in world.everywhere():
        alice.query("explain (costs off, verbose) execute p(1)")
        alice.query("explain (costs off, analyze, timing off, summary off) execute m(1)")
        bob.query("explain (costs off) execute p(1)")
        alice.extended("explain (costs off) execute p(1)")


def create_table_as_execute(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p (int) as select generate_series(1, $1) as n")
    alice.prepare("m", "select 'message' as word")
    bob.query("prepare p as select 'bob'")
    for number in world.everywhere():
        alice.query(f"create table t{number} as execute p(3)", f"select * from t{number}")
        alice.query(f"create table m{number} as execute m", f"select * from m{number}")
        bob.query(f"create table b{number} as execute p with no data", f"select * from b{number}")


def insert_and_returning_by_execute(world):
    world.sql("create table t (n int); grant all on t to public")
    alice = world.client("alice")
    alice.query("prepare p (int) as insert into t values ($1) returning n + 1",
                "prepare d as delete from t where n = 2", "prepare u (int) as update t set n = $1")
    for number in world.everywhere():
        alice.query(f"execute p({number})", "execute d", f"execute u({number})", "table t")


def deallocate_all_forgets_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    for client in (alice, bob):
        client.query("prepare s as select 'sql'")
        client.prepare("m", "select 'message'")
    for text in ("deallocate all", "discard all", "deallocate prepare all"):
        alice.query(text)
        for _ in world.everywhere():
            alice.query("execute s")
            alice.run("m")
            bob.query("execute s")
            bob.run("m")
        alice.query("prepare s as select 'sql'")
        alice.prepare("m", "select 'message'")


def deallocate_of_what_is_not_there(world):
    alice, bob = world.clients("alice", "bob")
    bob.query("prepare p as select 'bob'")
    bob.prepare("m", "select 'bob'")
    for _ in world.everywhere():
        alice.query("deallocate p", "deallocate prepare m", "deallocate all", "execute p")
        bob.query("execute p")
        bob.run("m")


def discard_plans_keeps_statements(world):
    alice = world.client("alice")
    alice.query("prepare s as select 'sql'")
    alice.prepare("m", "select 'message'")
    for _ in world.everywhere():
        alice.query("discard plans")
        alice.run("m")
        alice.query("execute s", "discard temp", "execute m")


def view_shows_ones_own(world):
    alice, bob, carol = world.clients("alice", "bob", "carol")
    view = "select name, statement, parameter_types, from_sql from pg_prepared_statements order by name"
    alice.query("prepare s (int) as select $1")
    alice.prepare("m", "select $1::text")
    bob.prepare("of bob", "select 'bob'")
    for _ in world.everywhere():
        alice.query(view)
        bob.extended(view)
        carol.query(view, "select count(*) from pg_prepared_statements", "select count(*) from pg_prepared_statement()")
    alice.query("deallocate s")
    for _ in world.everywhere():
        alice.query("begin", view, "commit")


def prepare_inside_a_block(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("do $$ begin execute 'prepare d as select ''from a block'''; end $$")
    for _ in world.everywhere():
        alice.query("execute d")
        bob.query("execute d")
        alice.run("d")


def execute_inside_a_block(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("prepare p as select 'alice'")
    alice.prepare("m", "select 'message'")
    bob.query("prepare p as select 'bob'")
    block = "do $$ declare r text; begin execute 'execute %s' into r; raise notice 'it is %%', r; end $$"
    for _ in world.everywhere():
        alice.query(block % "p", block % "m")
        bob.query(block % "p", block % "m")


def same_text_prepared_under_two_search_paths(world):
    world.sql("""create schema one; create table one.t (a int); insert into one.t values (1);
                 create schema two; create table two.t (a text); insert into two.t values ('two');
                 grant usage on schema one, two to public; grant select on one.t, two.t to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query("set search_path = one", "prepare p as select * from t")
    bob.query("set search_path = two", "prepare p as select * from t")
    for _ in world.everywhere():
        alice.query("execute p")
        bob.query("execute p")


def literal_was_read_at_prepare(world):
    alice = world.client("alice")
    alice.query("set datestyle = 'ISO, DMY'", "prepare p as select '01/02/2003'::date",
                "set datestyle = 'ISO, MDY'")
    for _ in world.everywhere():
        alice.query("execute p")


def errors_of_execute(world):
    alice = world.client("alice")
    alice.query("prepare p (int) as select 1 / $1")
    for _ in world.everywhere():
        alice.query("execute p(0)", "execute p(1, 2)", "execute p('x')", "execute nobody(1)", "execute p(nowhere)")
        alice.query("begin", "execute p(0)", "execute p(1)", "rollback", "execute p(1)")


def names_are_read_as_identifiers(world):
    alice = world.client("alice")
    long = "n" * 70
    alice.query('prepare "We Ird" as select 1', "prepare UPPER as select 2", f"prepare {long} as select 3",
                'prepare "q""uote" as select 4', 'prepare U&"d\\0061t" as select 5')
    for _ in world.everywhere():
        alice.query('execute "We Ird"', 'execute "upper"', 'execute "UPPER"', f"execute {long}", 'execute "q""uote"',
                    "execute dat")
        for name in ("We Ird", "upper", "UPPER", "n" * 63, 'q"uote'):
            alice.run(name)


def comments_and_capitals_around_the_words(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("/* a */ PREPARE /* b */ p /* c */ AS -- d\n SELECT 'commented'")
    bob.query("prepare p as select 'bob'")
    for _ in world.everywhere():
        alice.query("--x\nEXECUTE/**/p", "  Execute\tp ; ", ";;execute p;;")
        bob.query("eXeCuTe p")
    alice.query("DEALLOCATE/*x*/PREPARE p")
    alice.query("execute p")


def statement_that_executes_is_prepared_and_changes_its_meaning(world):
    alice = world.client("alice")
    alice.query("prepare inner_one as select 1 as n")
    alice.prepare("outer", "execute inner_one")
    for _ in world.everywhere():
        alice.run("outer")
    alice.query("deallocate inner_one", "prepare inner_one as select 'text' as t, 2 as n")
    for _ in world.everywhere():
        alice.run("outer")


def two_clients_make_and_forget_in_turn(world):
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.query(f"prepare a as select 'alice {number}'")
        bob.query(f"prepare a as select 'bob {number}'")
        alice.query("execute a", "deallocate a")
        bob.query("execute a")
        alice.query("execute a")
        bob.query("deallocate all")
