"""What no text says: state that is changed by functions of other names, from
views, operators, triggers and policies; and names that are captured."""

from support.differential import as_superuser, bind, each, execute, parse, query, sync

_PLACES = """
create function touch() returns text language plpgsql as $$begin perform set_config('work_mem', '701kB', false);
    return 'touched'; end$$;
create table t (n int, s text default touch()); insert into t values (1, 'x');
create view v as select touch();
create function touch_op(a int, b int) returns text language sql as 'select touch()';
create operator ~~~> (leftarg = int, rightarg = int, function = touch_op);
create domain touched as int check (touch() is not null);
create function add(s text, n int) returns text language sql as 'select touch()';
create aggregate touch_all(int) (sfunc = add, stype = text, initcond = '');
create table p (n int); insert into p values (1); alter table p enable row level security;
create policy touches on p using (touch() is not null);
create table r (n int); create rule touches as on insert to r do instead select touch();
create table g (n int check (touch() is not null));
create function touch_row() returns trigger language plpgsql as $$begin perform touch(); return null; end$$;
create table d (n int); create constraint trigger touches after insert on d initially deferred
    for each row execute function touch_row();
create schema evil; grant usage on schema evil to public;
create function evil.lower(text) returns text language sql as 'select public.touch()';
create function evil.now() returns text language sql as 'select public.touch()';
create type pair as (a int, b text);
create function touch_cast(pair) returns int language plpgsql as $$begin perform touch(); return 1; end$$;
create cast (pair as int) with function touch_cast(pair) as implicit;
grant all on all tables in schema public to public"""


@each("select touch()",
      "select touch_all(n) from t",
      "begin; insert into d values (1); set constraints all immediate; rollback",
      "delete from t where touch() is null",
      "create materialized view m as select touch()",
      "create index on t ((n + 1)) where n > 0",
      "select count(*) from generate_series(1, 2) where touch() > ''",
      "declare c cursor with hold for select touch()",
      "explain analyze verbose select 'no' where touch() is null",
      "do $$ begin begin perform touch(); raise 'x'; exception when others then null; end; end $$",
      "do $$ begin begin perform touch(); end; begin raise 'x'; exception when others then null; end; end $$",
      "merge into t using p on t.n = p.n when matched then update set s = touch()",
      "values (touch())",
      "call touch()",
      "select touch() from t for update",
      "select exists (select touch())",
      "select case when false then touch() end",
      "prepare x as select touch(); execute x",
      "select xmlelement(name x, touch())",
      "select array(select touch())",
      "copy v to stdout",
      "copy (select touch()) to stdout",
      "select query_to_xml('select touch()', true, true, '') is not null",
      "select 1 from t order by touch() limit 1",
      "set work_mem = '702kB'; select touch()",
      "select touch(); set work_mem = '703kB'")
def setting_touched_from_a_hidden_place(world, text):
    world.sql(_PLACES)
    alice, bob = world.clients("alice", "bob")
    if text.startswith("explain"):
        alice.rows(query(text))
    else:
        alice.query(text)
    for _ in world.everywhere():
        bob.query("show work_mem")
        alice.query("show work_mem")


def function_that_is_replaced_by_one_that_touches(world):
    world.sql("create function f() returns text language sql as $$select 'harmless'$$")
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select f()")
    for _ in world.everywhere():
        alice.run("p")
        alice.query("select f()")
    world.sql("create or replace function f() returns text language sql "
              "as $$select set_config('work_mem', '701kB', false)$$")
    alice.run("p")
    for _ in world.everywhere():
        bob.query("show work_mem")
        alice.query("show work_mem")
    alice.query("reset work_mem", "select f()")
    for _ in world.everywhere():
        bob.query("show work_mem")
        alice.query("show work_mem")


def built_in_names_are_captured(world):
    """Whoever asks the server something on a client's behalf must not be overheard."""
    world.sql("""create table overheard (what text); grant all on overheard to public; create schema evil; grant
                 usage on schema evil to public;
        create function evil.set_config(text, text, boolean) returns text language sql
            as $$insert into public.overheard values ('set_config') returning 'evil'$$;
        create function evil.current_setting(text) returns text language sql
            as $$insert into public.overheard values ('current_setting') returning 'evil'$$;
        create function evil.pg_listening_channels() returns text language sql
            as $$insert into public.overheard values ('channels') returning 'evil'$$;
        create function evil.pg_advisory_unlock_all() returns text language sql
            as $$insert into public.overheard values ('unlock') returning 'evil'$$;
        create function evil.pg_backend_pid() returns int language sql
            as $$insert into public.overheard values ('pid') returning 1$$;
        create function evil.count("any") returns int language internal as 'pg_backend_pid';
        create function evil.same(text, text) returns boolean language sql
            as $$insert into public.overheard values ('=') returning false$$;
        create operator evil.= (leftarg = text, rightarg = text, function = evil.same);
        create view evil.pg_settings as select 'evil'::text as name;
        create view evil.pg_locks as select 'evil'::text as locktype;
        create view evil.pg_class as select 'evil'::text as relname;
        create view evil.pg_cursors as select 'evil'::text as name;
        create view evil.pg_prepared_statements as select 'evil'::text as name;
        grant select on all tables in schema evil to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query("set search_path = evil, pg_catalog, public")
    alice.query("create temp table mine (n int)", "listen news", "select pg_catalog.pg_advisory_lock(30)",
                "declare held cursor with hold for select 1", "prepare s as select 1",
                "do $$ begin perform pg_catalog.set_config('work_mem', '701kB', false); end $$")
    alice.prepare("m", "select 1")
    for _ in world.everywhere():
        bob.query("show work_mem", "table mine")
        alice.query("show work_mem", "execute s", "fetch 1 from held")
        alice.run("m")
    alice.query("drop table mine", "unlisten *", "select pg_catalog.pg_advisory_unlock(30)", "close held",
                "deallocate all")
    alice.query("select * from public.overheard")
    for _ in world.everywhere():
        alice.query("show work_mem", "select * from public.overheard")


def temporary_names_are_captured(world):
    world.sql("create table t (n int); insert into t values (1); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    alice.query("create temp view pg_settings as select 'mine' as name", "create temp table pg_class (n int)",
                "create temp table t (n int)", "set work_mem = '701kB'")
    for _ in world.everywhere():
        bob.query("select n from t", "select count(*) > 5 from pg_class", "show work_mem")
        alice.query("select n from t", "select count(*) > 5 from pg_class", "show work_mem",
                    "select * from pg_temp.pg_settings")


def text_of_the_query_is_the_clients_own(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "set my.own = 'x'")
    own = "select query from pg_stat_activity where pid = pg_backend_pid()"
    alice.prepare("p", "select current_query()")
    for _ in world.everywhere():
        bob.query("select current_query()", own)
        alice.query("select current_query()", "select 1; select current_query()", own,
                    "-- c\nselect current_query() ; ")
        alice.extended("select current_query(), 'extended'")
        alice.extended(own)
        alice.run("p")


def transactions_begin_when_they_begin(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'")
    for _ in world.everywhere():
        bob.query("select 1")
        alice.query("select now() = statement_timestamp(), pg_current_xact_id_if_assigned()")
        alice.extended("select now() = statement_timestamp(), pg_current_xact_id_if_assigned()")
        alice.query("begin", "select now() = transaction_timestamp(), pg_current_xact_id_if_assigned()", "commit")
        alice.query("select now() = statement_timestamp(); select now() = statement_timestamp()")


def settings_are_explained(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "set enable_hashjoin = off")
    for _ in world.everywhere():
        alice.query("explain (settings, costs off) select 1")
        bob.query("explain (settings, costs off) select 1")


def error_at_the_commit_takes_settings_back(world):
    world.sql("create table t (n int unique deferrable initially deferred); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '700kB'")
    alice.query("begin", "set work_mem = '701kB'", "insert into t values (1), (1)", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")
    alice.query("set work_mem = '702kB'; insert into t values (1), (1)")
    alice.ask(parse("", "set work_mem = '703kB'"), bind(), execute(), parse("", "insert into t values (1), (1)"),
              bind(),
              execute(), sync())
    alice.query("begin", "set work_mem = '704kB'", "listen a", "create temp table mine (n int)",
                "insert into t values (1), (1)")
    alice.extended("commit")
    for _ in world.everywhere():
        alice.query("show work_mem", "table mine", "select * from pg_listening_channels()")
        bob.query("show work_mem")


def unnamed_portal_lives_in_its_transaction(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'")
    for _ in world.everywhere():
        bob.query("select 1")
        alice.query("begin")
        alice.ask(parse("", "select generate_series(1, 3), set_config('my.own', 'x', false)"), bind(), execute("", 1),
                  sync())
        alice.ask(execute("", 1), sync())
        alice.ask(execute("", 1), sync())
        alice.query("commit")


def unnamed_statement_and_settings(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "set search_path = public", "set role reader")
    alice.prepare("", "select current_setting('work_mem'), current_user")
    for _ in world.everywhere():
        bob.query("select current_user")
        alice.run("")


def discard_all_where_it_may_not_be(world):
    alice = world.client("alice")
    alice.query("set work_mem = '701kB'", "prepare s as select 1", "begin", "discard all", "rollback",
                "select 1; discard all", "discard all; select 1")
    alice.prepare("m", "select 1")
    alice.ask(parse("", "select 1"), bind(), execute(), parse("", "discard all"), bind(), execute(), sync())
    for _ in world.everywhere():
        alice.query("show work_mem", "execute s")
        alice.run("m")


def client_that_sits_in_its_transaction_is_ended(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set idle_in_transaction_session_timeout = '60ms'", "begin")
    while alice.answer()[0] != "Closed":
        pass
    for _ in world.everywhere():
        bob.query("begin", "select pg_sleep(0.1)", "commit", "show idle_in_transaction_session_timeout")


def server_that_is_ended_in_a_transaction(world):
    for mark, begin in (("first", "begin; select 'first'"), ("second", "select 'second', pg_sleep(40)")):
        alice, bob = world.clients("alice", "bob")
        alice.send(query(begin))
        if begin[0] == "b":
            alice.until("Z")
        world.until("select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity "
                    f"where query like '%''{mark}''%' "
                    "and (state = 'idle in transaction' or wait_event = 'PgSleep')) x", "1")
        while alice.answer()[0] != "Closed":
            pass
        for _ in world.everywhere():
            bob.query("select 1")


def notices_at_the_commit(world):
    world.sql("""create function tell() returns trigger language plpgsql as $$begin raise notice 'deferred %', new.n;
                 return null; end$$;
                 create table t (n int); grant all on t to public;
                 create constraint trigger tells after insert on t initially deferred for each row execute function
                 tell()""")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("begin", "insert into t values (1)", "commit")
        bob.query("insert into t values (2)", "select 1")
        alice.ask(parse("", "insert into t values (3)"), bind(), execute(), parse("", "select 'last'"), bind(),
                  execute(), sync())
