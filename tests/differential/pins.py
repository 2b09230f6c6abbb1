"""What cannot travel: temporary objects, locks, held cursors, libraries. They
are there for their owner on whatever server, for nobody else, and when they
are gone the server is everybody's again."""

from support.differential import as_superuser, bind, each, execute, parse, sync


def _four_are_served(world, text):
    """Four clients after each other, one more than servers: none may be kept."""
    for client in world.clients("one", "two", "three", "four"):
        client.query(*text)


@each("create temp table mine as select 1 as n", "select 2 as n into temp mine",
      "create temporary view mine as select 3 as n", "select make_temp()", "call make_temp_too()",
      "do $$ begin create temp table mine (n int); end $$", "create table pg_temp.mine (n int)",
      "set search_path = pg_temp, public; create table mine (n int)", "create local temp table mine (n int)",
      "select 1; create temp table mine (n int); select 2", "select make_in_sql()",
      "begin; create temp table mine (n int); commit", "create temp sequence mine",
      "create temp table if not exists mine (n int) on commit preserve rows",
      "do $$ begin execute 'create temp' || ' table mine (n int)'; end $$",
      "explain (analyze, costs off, timing off, summary off) create temp table mine as select 6 as n")
def temporary_table_made_in_every_way(world, text):
    world.sql("""create function make_temp() returns void language plpgsql
                 as $$begin create temp table mine (n int); insert into mine values (4); end$$;
                 create procedure make_temp_too() language plpgsql
                 as $$begin execute 'create temp table mine as select 5 as n'; commit; end$$;
                 create function make_in_sql() returns void language sql
                 as $$create temp table mine (n int)$$""")
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        bob.query("select * from mine")
        alice.query("select count(*) from mine")


def temporary_objects_of_other_kinds(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("create function pg_temp.double(n int) returns int language sql as 'select 2 * n'",
                "create type pg_temp.pair as (a int, b int)", "create domain pg_temp.small as int check (value < 10)")
    for _ in world.everywhere():
        alice.query("select pg_temp.double(21)", "select (1, 2)::pg_temp.pair", "select 11::pg_temp.small")
        bob.query("select pg_temp.double(21)", "select (1, 2)::pg_temp.pair", "select 1::pg_temp.small")


def temporary_table_made_in_a_pipeline(world):
    alice, bob = world.clients("alice", "bob")
    alice.ask(parse("make", "create temp table mine (n int)"), bind("", "make"), execute(),
              parse("", "insert into mine values (1)"), bind(), execute(), sync())
    for _ in world.everywhere():
        bob.extended("select * from mine")
        alice.extended("select * from mine")


def same_temporary_name_in_two_clients(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("create temp table mine as select 'alice' as who")
    bob.query("create temp table mine as select 'bob' as who, 2 as more")
    for client in (alice, bob):
        client.prepare("p", "select * from mine")
    for _ in world.everywhere():
        alice.query("select * from mine")
        bob.query("select * from mine")
        alice.run("p")
        bob.run("p")


def temporary_table_that_hides_another(world):
    world.sql("create table t as select 'public' as it; grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for client in (alice, bob):
        client.prepare("p", "select * from t")
    alice.query("create temp table t as select 'temporary' as it")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.query("select * from t")
    alice.query("drop table t")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")


def temporary_table_that_is_dropped_keeps_nobody(world):
    _four_are_served(world, ("create temp table mine (n int)", "insert into mine values (1)", "drop table mine",
                             "select * from mine"))


def temporary_things_that_are_dropped_together(world):
    _four_are_served(world, ("create temp table a (n int)", "create temp view b as select * from a",
                             "create temp sequence c", "drop view b; drop table a; drop sequence c", "select * from a"))


def temporary_table_that_a_block_drops_keeps_nobody(world):
    _four_are_served(world, ("do $$ begin create temp table mine (n int); drop table mine; end $$",
                             "create temp table mine (n int)", "do $$ begin drop table mine; end $$", "table mine"))


@each("discard temp", "discard all")
def discard_frees(world, text):
    _four_are_served(world, ("create temp table mine (n int)", text, "select * from mine"))


def temporary_table_that_ends_with_its_transaction(world):
    _four_are_served(world, ("begin", "create temp table mine (n int) on commit drop", "insert into mine values (1)",
                             "table mine", "commit", "table mine"))


def temporary_table_that_is_rolled_back(world):
    _four_are_served(world, ("begin", "create temp table mine (n int)", "rollback", "table mine",
                             "create temp table mine (n int); select 1/0", "begin", "savepoint s",
                             "create temp table mine (n int)", "rollback to s", "commit", "table mine"))


def temporary_table_whose_drop_is_rolled_back(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("create temp table mine as select 1 as n", "begin", "drop table mine", "rollback")
    for _ in world.everywhere():
        alice.query("table mine")
        bob.query("table mine")


def temporary_table_that_is_emptied_at_commit(world):
    alice = world.client("alice")
    alice.query("create temp table mine (n int) on commit delete rows", "begin", "insert into mine values (1)",
                "table mine", "commit")
    for _ in world.everywhere():
        alice.query("table mine")


def temporary_table_of_a_client_that_is_gone(world):
    for end in ("leave", "crash"):
        alice = world.client("alice")
        alice.query("create temp table mine (n int)", "set work_mem = '701kB'")
        getattr(alice, end)()
        world.until("select count(*) from pg_class where relname = 'mine'", "0")
        for _ in world.everywhere():
            world.client("bob").query("table mine", "show work_mem")


def temporary_table_and_settings_and_statements_together(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set timezone = 'Asia/Tokyo'", "create temp table mine as select 1 as n", "prepare s as table mine")
    alice.prepare("m", "select n, current_setting('timezone') from mine")
    for _ in world.everywhere():
        bob.query("show timezone", "execute s")
        alice.query("execute s", "show timezone")
        alice.run("m")
    alice.query("drop table mine", "create temp table mine as select 2 as n")
    for _ in world.everywhere():
        alice.run("m")
        alice.query("execute s")


def seed_of_random_is_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("select setseed(0.5)")
    for _ in world.everywhere():
        bob.rows(parse("", "select random()"), bind(), execute(), sync())
        alice.query("select random()")
    alice.query("set seed = 0.25", "select random()")


def lock_is_held_till_it_is_given_back(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("select pg_advisory_lock(1)", "select pg_advisory_lock(1)", "select pg_advisory_lock_shared(2)",
                "select pg_try_advisory_lock(3, 4)")
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_lock(1), pg_try_advisory_lock(2), pg_try_advisory_lock(3, 4)")
        bob.query("select pg_advisory_unlock(1), pg_advisory_unlock_shared(2)")
        alice.query("select count(*) from pg_locks where locktype = 'advisory'")
    alice.query("select pg_advisory_unlock(1)", "select pg_advisory_unlock_shared(2)")
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_lock(1)")
    alice.query("select pg_advisory_unlock(1)", "select pg_advisory_unlock(1)", "select pg_advisory_unlock(3, 4)")
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_lock(1), pg_advisory_unlock(1)")


@each("select pg_advisory_lock(7)", "select 1 where pg_try_advisory_lock(7)",
      "do $$ begin perform pg_advisory_lock(7); end $$",
      "select take(7)", "select take_in_sql(7)", "begin; select pg_advisory_lock(7); rollback",
      "select pg_advisory_lock(7); select 1/0", "with c as materialized (select pg_advisory_lock(7)) select 1 from c",
      "begin; savepoint s; select pg_advisory_lock_shared(7); rollback to s; commit",
      "prepare p as select pg_advisory_lock($1::bigint); execute p(7)",
      "do $$ begin execute 'select pg_advisory' || '_lock(7)'; end $$",
      "select pg_catalog.pg_advisory_lock(7) from generate_series(1, 2)",
      "select pg_try_advisory_lock(7), 1 / 0", "create table made as select pg_try_advisory_lock(7)")
def lock_taken_in_every_way(world, text):
    world.sql("""create function take(n int) returns void language plpgsql
                 as $$begin perform pg_advisory_lock(n); end$$;
                 create function take_in_sql(n int) returns void language sql as $$select pg_advisory_lock(n)$$""")
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_lock(7)")
        bob.query("select pg_advisory_unlock(7)")
    alice.query("select pg_advisory_unlock_all()")
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_xact_lock(7)")


def lock_by_a_prepared_statement(world):
    alice, bob = world.clients("alice", "bob")
    for client in (alice, bob):
        client.prepare("lock", "select pg_try_advisory_lock($1::bigint)")
        client.prepare("unlock", "select pg_advisory_unlock($1::bigint)")
    for _ in world.everywhere():
        alice.run("lock", "1")
        bob.run("lock", "1")
        bob.run("unlock", "1")
    for _ in world.everywhere():
        alice.run("unlock", "1")
        bob.run("lock", "1")
        bob.run("unlock", "1")
    alice.run("unlock", "1")


def lock_that_is_refused_keeps_nobody(world):
    world.sql("select pg_advisory_lock(11)")
    _four_are_served(world, ("select pg_try_advisory_lock(11)", "select pg_try_advisory_lock(11)",
                             "select pg_try_advisory_lock_shared(11)"))
    world.sql("select pg_advisory_unlock(11)")


def lock_that_is_given_back_keeps_nobody(world):
    _four_are_served(world, ("select pg_advisory_lock(12)", "select pg_advisory_lock(12)",
                             "select pg_advisory_unlock(12)",
                             "select pg_advisory_unlock(12)", "select pg_advisory_unlock(12)"))
    for client in world.clients("five", "six", "seven", "eight"):
        client.query("select pg_advisory_lock(13), pg_advisory_unlock(13)",
                     "do $$ begin perform pg_advisory_lock(14); perform pg_advisory_unlock(14); end $$",
                     "select pg_advisory_lock(14)", "select pg_advisory_unlock_all()")


def lock_of_a_transaction_keeps_nobody(world):
    _four_are_served(world, ("begin", "select pg_advisory_xact_lock(15)", "commit", "select pg_advisory_xact_lock(15)",
                             "select pg_advisory_unlock(15)", "select pg_try_advisory_xact_lock_shared(15)"))


def lock_of_a_client_that_is_gone(world):
    bob = world.client("bob")
    for end in ("leave", "crash"):
        alice = world.client("alice")
        alice.query("select pg_advisory_lock(16)", "begin", "select pg_advisory_lock(17)")
        getattr(alice, end)()
        world.until("select count(*) from pg_locks where locktype = 'advisory'", "0")
        bob.query("select pg_try_advisory_lock(16), pg_advisory_unlock(16)")


def locks_end_with_discard_all(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("select pg_advisory_lock(18)", "discard all")
    for _ in world.everywhere():
        bob.query("select pg_try_advisory_lock(18)", "select pg_advisory_unlock(18)")


def held_cursor_goes_on(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("begin", "declare held scroll cursor with hold for select generate_series(1, 9)", "fetch 2 from held",
                "commit")
    for _ in world.everywhere():
        bob.query("fetch 1 from held", "select name from pg_cursors")
        alice.query("fetch 2 from held", "fetch prior from held", "select name, is_holdable from pg_cursors")
    alice.query("close held", "fetch 1 from held")


@each("declare held cursor with hold for select generate_series(1, 9)",
      "do $$ begin execute 'declare held cursor with hold for select generate_series(1, 9)'; end $$",
      "select 1; declare held cursor with hold for select generate_series(1, 9); select 2",
      "begin; declare held cursor with hold for select generate_series(1, 9); savepoint s; commit")
def held_cursor_made_in_every_way(world, text):
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        bob.query("fetch 1 from held")
        alice.query("fetch 1 from held")


@each("close held", "close all", "discard all", "do $$ begin execute 'close held'; end $$")
def held_cursor_that_is_closed_keeps_nobody(world, text):
    _four_are_served(world, ("declare held cursor with hold for select 1", text, "fetch 1 from held"))


def held_cursor_of_a_transaction_that_is_rolled_back(world):
    _four_are_served(world, ("begin", "declare held cursor with hold for select 1", "rollback", "fetch 1 from held",
                             "begin", "declare plain cursor for select 1", "commit", "fetch 1 from plain",
                             "declare outside cursor for select 1"))


def close_all_closes_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    for client in (alice, bob):
        client.query("declare held cursor with hold for select generate_series(1, 9)")
    alice.query("begin", "declare other cursor for select 1", "close all", "fetch 1 from held", "rollback")
    for _ in world.everywhere():
        alice.query("fetch 1 from held")
        bob.query("fetch 1 from held")


def held_cursor_is_bound_by_message(world):
    alice = world.client("alice")
    alice.query("begin")
    alice.ask(parse("", "declare held cursor with hold for select generate_series(1, 9)"), bind(), execute(), sync())
    alice.query("commit")
    for _ in world.everywhere():
        alice.ask(execute("held", 2), sync())
        alice.extended("fetch 2 from held")


@as_superuser
def loaded_library_is_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        bob.query("show auto_explain.log_min_duration")
    alice.query("load 'auto_explain'")
    for _ in world.everywhere():
        alice.query("show auto_explain.log_min_duration")
        bob.query("show auto_explain.log_min_duration")


@as_superuser
def library_that_is_not_there(world):
    _four_are_served(world, ("load 'no such library'", "select 1"))


def reasons_come_and_go(world):
    alice, bob, *others = world.clients("alice", "bob", "one", "two", "three")
    alice.query("create temp table mine as select 1 as n", "select pg_advisory_lock(20)",
                "declare held cursor with hold for select generate_series(1, 9)")
    for text in ("drop table mine", "select pg_advisory_unlock(20)", "close held"):
        for _ in world.everywhere():
            alice.query("table mine", "fetch 1 from held")
            bob.query("select pg_try_advisory_lock(20)", "select pg_advisory_unlock(20)", "table mine")
        alice.query(text)
    for client in others:
        client.query("create temp table mine (n int)", "drop table mine")
