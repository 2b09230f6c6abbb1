"""Settings: one's own, with the transaction, and nobody else's."""

from support.differential import as_superuser, bind, describe, each, execute, parse, sync


def set_in_every_kind_of_end(world):
    alice, bob = world.clients("alice", "bob")
    for number, end in enumerate(("commit", "rollback", "end", "abort", "commit and no chain")):
        alice.query("begin", f"set work_mem = '{701 + number}kB'", "show work_mem", end)
        for _ in world.everywhere():
            alice.query("show work_mem")
            bob.query("show work_mem")


def set_in_a_transaction_that_failed(world):
    alice = world.client("alice")
    alice.query("set work_mem = '700kB'", "begin", "set work_mem = '701kB'", "select 1/0", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")


def savepoints_in_savepoints(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("begin", "set work_mem = '701kB'", "savepoint a", "set work_mem = '702kB'", "savepoint b",
                "set work_mem = '703kB'", "release b", "show work_mem", "rollback to a", "show work_mem",
                "set work_mem = '704kB'", "savepoint a", "set work_mem = '705kB'", "rollback to a", "show work_mem",
                "release a", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")


def savepoint_brings_a_failed_transaction_back(world):
    alice = world.client("alice")
    alice.query("begin", "set work_mem = '701kB'", "savepoint a", "set work_mem = '702kB'", "select 1/0",
                "set work_mem = '703kB'", "rollback to a", "show work_mem", "set statement_timeout = '4s'", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem", "show statement_timeout")


def savepoint_of_a_transaction_that_is_rolled_back(world):
    alice = world.client("alice")
    alice.query("begin", "savepoint a", "set work_mem = '702kB'", "release a", "rollback")
    for _ in world.everywhere():
        alice.query("show work_mem")


def set_local_in_all_places(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set local work_mem = '701kB'", "show work_mem")
    for _ in world.everywhere():
        alice.query("begin", "set local work_mem = '702kB'", "show work_mem", "commit", "show work_mem")
        bob.query("show work_mem")
    alice.query("begin", "set local work_mem = '703kB'", "set work_mem = '704kB'", "show work_mem", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")
    alice.query("begin", "set work_mem = '705kB'", "set local work_mem = '706kB'", "show work_mem", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")
    alice.query("begin; set local work_mem = '707kB'; savepoint a; set work_mem = '708kB'; rollback to a; commit")
    for _ in world.everywhere():
        alice.query("show work_mem")


def set_local_lives_as_long_as_a_text(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("set local work_mem = '701kB'; show work_mem", "show work_mem")
        alice.ask(parse("", "set local work_mem = '702kB'"), bind(), execute(), parse("", "show work_mem"), bind(),
                  execute(), sync())
        alice.query("show work_mem")


def reset_in_a_transaction(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "begin", "reset work_mem", "show work_mem", "rollback")
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")
    alice.query("begin", "reset work_mem", "commit")
    for _ in world.everywhere():
        alice.query("show work_mem")


def set_to_default_is_a_reset(world):
    alice = world.client("alice", options="-c work_mem=701kB")
    for text in ("set work_mem to default", "reset work_mem", "reset all", "discard all",
                 "begin; set local work_mem to default; commit", "set session work_mem = default"):
        alice.query("set work_mem = '702kB'", text)
        for _ in world.everywhere():
            alice.query("show work_mem")


@each("select set_config('work_mem', '701kB', false)",
      "select pg_catalog.set_config('work_mem', '701kB', false)",
      "with c as (select set_config('work_mem', '701kB', false) as v) select * from c",
      "select * from t where set_config('work_mem', '701kB', false) <> ''",
      "update t set n = n + 1 returning set_config('work_mem', '701kB', false)",
      "insert into t select length(set_config('work_mem', '701kB', false))",
      "values (set_config('work_mem', '701kB', false))",
      "select 1 order by set_config('work_mem', '701kB', false)",
      "do $$ begin perform set_config('work_mem', '701kB', false); end $$",
      "do $$ begin set work_mem = '701kB'; end $$",
      "do $$ begin execute 'set work_mem = ''701kB'''; end $$",
      "select set_config('work' || '_mem', '701kB', 1 = 0)",
      "select set_config('WORK_MEM', '701kB', false)",
      "select set_config('work_mem', '701kB', true)",
      "begin; select set_config('work_mem', '701kB', true); commit",
      "begin; select set_config('work_mem', '701kB', false); rollback",
      "create table made as select set_config('work_mem', '900kB', false)",
      "explain (analyze, costs off, timing off, summary off) select set_config('work_mem', '701kB', false)",
      "copy (select set_config('work_mem', '701kB', false)) to stdout")
def set_config_in_every_kind_of_statement(world, text):
    world.sql("create table t (n int); insert into t values (1); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")


def set_config_in_a_prepared_statement(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select set_config($1, $2, $3)")
    bob.prepare("p", "select set_config($1, $2, $3)")
    alice.query("prepare s as select set_config('work_mem', '750kB', false)")
    for number in world.everywhere():
        alice.run("p", "work_mem", f"{701 + number}kB", "f")
        bob.query("show work_mem")
        bob.run("p", "work_mem", "799kB", "t")
        bob.query("show work_mem")
        alice.query("show work_mem")
    alice.query("execute s")
    for _ in world.everywhere():
        alice.query("show work_mem")


@each("select choose('701kB')", "select choose_in_sql('702kB')", "select for_itself()",
      "select for_itself_and_more()", "call commits()",
      "begin; select choose('704kB'); rollback", "select choose('705kB'), 1/0")
def function_that_sets(world, text):
    world.sql("""create function choose(v text) returns text language plpgsql
                     as $$begin perform set_config('work_mem', v, false); return current_setting('work_mem'); end$$;
                 create function choose_in_sql(v text) returns text language sql
                     as $$select set_config('work_mem', v, false)$$;
                 create function for_itself() returns text language sql set work_mem = '888kB'
                     as $$select current_setting('work_mem')$$;
                 create function for_itself_and_more() returns text language plpgsql set work_mem = '888kB'
                     as $$begin perform set_config('work_mem', '889kB', false);
                        perform set_config('statement_timeout', '77s', false); return 'done'; end$$;
                 create procedure commits() language plpgsql
                     as $$begin set work_mem = '901kB'; commit; set work_mem = '902kB'; rollback; end$$""")
    alice, bob = world.clients("alice", "bob")
    alice.query(text)
    for _ in world.everywhere():
        alice.query("show work_mem", "show statement_timeout")
        bob.query("show work_mem", "show statement_timeout")


@each("select 1; set work_mem = '701kB'", "set work_mem = '702kB'; select 1",
      "set work_mem = '703kB'; select 1/0", "select 1/0; set work_mem = '704kB'",
      "set work_mem = '705kB'; commit; select 1/0", "set work_mem = '706kB'; rollback",
      "begin; set work_mem = '707kB'; commit; set work_mem = '708kB'; select 1/0",
      "set work_mem = '709kB'; begin; select 1/0", "set work_mem = '710kB'; begin; rollback",
      "set work_mem = '711kB'; set work_mem = '712kB'", "set work_mem = '713kB'; reset work_mem",
      "set work_mem = '714kB'; set work_mem = 'nonsense'", "set work_mem = '715kB'; this is no sql",
      "begin; set work_mem = '716kB'; select 1/0; commit",
      "set work_mem = '717kB'; show work_mem; set work_mem = '718kB'; show work_mem")
def settings_among_statements_in_one_text(world, text):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '700kB'", text, "rollback")
    for _ in world.everywhere():
        bob.query("show work_mem")
        alice.query("show work_mem")


@each(("set work_mem = '701kB'", "show work_mem"), ("set work_mem = '702kB'", "select 1/0"),
      ("select 1/0", "set work_mem = '703kB'"), ("begin", "set work_mem = '704kB'", "rollback"),
      ("begin", "set work_mem = '705kB'", "commit", "select 1/0"), ("set work_mem = '706kB'", "rollback", "select 1/0"),
      ("set work_mem = '707kB'", "commit", "select 1/0"))
def settings_in_a_pipeline(world, text):
    alice, bob = world.clients("alice", "bob")
    piped = [step for one in text for step in (parse("", one), bind(), execute())]
    alice.ask(*piped, sync(), parse("", "show work_mem"), bind(), execute(), sync())
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")


def set_that_is_parsed_and_never_executed(world):
    alice = world.client("alice")
    alice.ask(parse("p", "set work_mem = '701kB'"), bind("", "p"), describe("P"), sync())
    for _ in world.everywhere():
        alice.query("show work_mem")
    alice.ask(bind("", "p"), execute(), sync())
    for _ in world.everywhere():
        alice.query("show work_mem")


def values_that_are_refused(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "set work_mem = 'nonsense'", "set work_mem = 1", "set no_such = 1",
                "set timezone = 'Mars/Olympus'", "set search_path = 'unclosed, \"'", "set datestyle = 'Klingon'",
                "set max_connections = 5", "set session_replication_role = replica", "set log_statement = 'all'",
                "select set_config('work_mem', 'x', false)", "set transaction_isolation = 'what'",
                "set client_encoding = 'KLINGON'", "set role nobody_there", "set session authorization nobody_there")
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")


def values_are_shown_in_their_unit(world):
    alice = world.client("alice")
    alice.query("set work_mem = 65536", "set statement_timeout = '1.5 min'", "set extra_float_digits = 0",
                "set enable_seqscan = 'of'", "set random_page_cost = 1e0", "set bytea_output = ESCAPE",
                "set constraint_exclusion = on", "set lock_timeout = 1000", "set geqo = no")
    for _ in world.everywhere():
        alice.query("show work_mem", "show statement_timeout", "show extra_float_digits", "show enable_seqscan",
                    "show random_page_cost", "select '\\x00ff'::bytea, 0.1::float8 + 0.2", "show constraint_exclusion",
                    "show lock_timeout", "show geqo")


def setting_does_what_it_says(world):
    world.sql("create table t (n int); insert into t values (1); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    alice.query("set statement_timeout = '500ms'")
    bob.query("set default_transaction_read_only = on")
    for _ in world.everywhere():
        alice.query("select pg_sleep(20)", "insert into t values (2)")
        bob.query("insert into t values (3)", "select 1 from pg_sleep(0.6)")


@each("begin; set role writer; rollback", "begin; set local role writer; select current_user; commit",
      "set role none", "set role 'writer'", "reset role", "select set_config('role', 'reader', false)",
      "reset all", "discard all", "set role reader; select 1/0", "begin; set role reader; commit",
      "set local role none", "begin; reset role; rollback", "begin; savepoint s; set role writer; rollback to s; end",
      "set session authorization default")
def role_is_ones_own(world, text):
    alice, bob = world.clients("alice", "bob")
    who = "select current_user, session_user, current_role"
    alice.query("set role reader", who)
    for _ in world.everywhere():
        alice.query(who, "show role")
        bob.query(who, "show role")
    alice.query(text)
    for _ in world.everywhere():
        alice.query(who)
        bob.query(who)


def role_that_is_dropped_meanwhile(world):
    world.sql("drop role if exists passing; create role passing; grant passing to app")
    alice, bob = world.clients("alice", "bob")
    alice.query("set role passing", "select current_user")
    alice.query("reset role")
    world.sql("drop role passing")
    for _ in world.everywhere():
        alice.query("set role passing", "select current_user")
        bob.query("select current_user")


@as_superuser
def session_authorization_is_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    who = "select current_user, session_user, current_setting('is_superuser')"
    alice.query("set session authorization app", who)
    for _ in world.everywhere():
        alice.query(who, "show session_authorization")
        bob.query(who)
    for text in ("set role reader", "reset role", "reset session authorization",
                 "begin; set local session authorization app; commit", "begin; set session authorization app; rollback",
                 "set session authorization 'app'; select 1/0", "set session authorization app; set role reader",
                 "discard all", "set role app", "set session authorization default", "reset all", "set role none",
                 "select set_config('session_authorization', 'app', false)", "set session authorization default"):
        alice.query(text)
        for _ in world.everywhere():
            alice.query(who)
            bob.query(who)


@as_superuser
def settings_of_a_superuser(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set session_replication_role = replica", "set log_min_messages = panic", "set row_security = off")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("show session_replication_role", "show log_min_messages", "show row_security")
    alice.query("begin", "reset session_replication_role", "set local log_min_messages = fatal", "commit")
    for _ in world.everywhere():
        alice.query("show session_replication_role", "show log_min_messages")


def session_characteristics(world):
    world.sql("create table t (n int); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    alice.query("set session characteristics as transaction isolation level serializable, read only, deferrable")
    for _ in world.everywhere():
        alice.query("insert into t values (1)", "show default_transaction_isolation")
        alice.query("begin", "show transaction_isolation", "show transaction_read_only", "show transaction_deferrable",
                    "commit")
        bob.query("insert into t values (1)", "begin", "show transaction_isolation", "commit")
    alice.query("begin", "set session characteristics as transaction read write", "rollback")
    for _ in world.everywhere():
        alice.query("insert into t values (1)")
    alice.query("set session characteristics as transaction read write")
    for _ in world.everywhere():
        alice.query("insert into t values (1)")


def properties_of_a_transaction_end_with_it(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("begin isolation level repeatable read read only", "show transaction_isolation", "commit")
        alice.query("begin", "set transaction isolation level serializable", "show transaction_isolation", "commit")
        alice.query("begin", "set transaction_read_only = on", "create table t (n int)", "rollback")
        alice.query("show transaction_isolation", "show transaction_read_only", "set transaction read only")
        alice.query("begin", "select 1", "set transaction isolation level serializable", "rollback")


def reset_goes_back_to_what_the_startup_said(world):
    alice = world.client("alice", TimeZone="Asia/Tokyo", options="-c work_mem=701kB -c my.own=started")
    bob = world.client("bob", TimeZone="America/New_York")
    names = ("timezone", "work_mem", "application_name")
    for text in ("select 1", "set timezone = 'UTC'; set work_mem = '702kB'; set application_name = 'other'",
                 "reset timezone; reset work_mem; reset application_name",
                 "set timezone = 'UTC'; set work_mem = '702kB'; set application_name = 'other'",
                 "begin; reset timezone; reset work_mem; rollback", "begin; reset timezone; reset work_mem; commit",
                 "set timezone = 'UTC'", "reset timezone", "set timezone = 'UTC'; reset all",
                 "set timezone to default", "set work_mem = '709kB'; reset all",
                 "set timezone = 'UTC'; discard all", "discard all"):
        alice.query(text)
        for _ in world.everywhere():
            alice.query(*(f"show {name}" for name in names), "show my.own")
            bob.query(*(f"show {name}" for name in names))


def reset_in_a_transaction_of_several_messages(world):
    alice = world.client("alice", TimeZone="Asia/Tokyo", DateStyle="German", options="-c work_mem=701kB")
    alice.query("set timezone = 'UTC'", "set datestyle = 'ISO'", "set work_mem = '702kB'")
    for _ in world.everywhere():
        alice.query("begin", "reset all", "show timezone", "show datestyle", "show work_mem", "rollback",
                    "show timezone", "show datestyle", "show work_mem")
        alice.query("begin", "reset timezone", "show timezone", "savepoint a", "set timezone = 'Asia/Kolkata'",
                    "reset timezone", "show timezone", "rollback to a", "show timezone", "rollback", "show timezone")
        alice.query("set timezone = 'UTC'")


def options_of_the_startup_in_all_spellings(world):
    alice = world.client("alice", options="-c work_mem=701kB --statement-timeout=5s -cgeqo=off "
                                          "-c search_path=one,\\ two -c my.path=back\\\\slash")
    bob = world.client("bob", options="", DateStyle="SQL, DMY", extra_float_digits="0", search_path='"$user", three')
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("show work_mem", "show statement_timeout", "show geqo", "show search_path", "show datestyle",
                         "show application_name", "select current_setting('my.path', true)")


def startup_that_is_refused(world):
    for startup in ({"options": "-c work_mem=nonsense"}, {"options": "-c no_such_thing=1"}, {"timezone": "Mars"},
                    {"client_encoding": "KLINGON"}, {"options": "--"}, {"options": "-c"}, {"max_connections": "5"},
                    {"role": "nobody_there"}):
        try:
            world.log_in("alice", **startup)
        except Exception as error:
            world.note(f"{startup}: {type(error).__name__}")


def role_at_startup(world):
    alice = world.client("alice", role="reader")
    bob = world.client("bob", options="-c role=writer")
    carol = world.client("carol")
    for _ in world.everywhere():
        for client in (alice, bob, carol):
            client.query("select current_user, session_user")
    alice.query("set role writer", "reset role")
    bob.query("set role none")
    for _ in world.everywhere():
        alice.query("select current_user")
        bob.query("select current_user")


def long_values_with_quotes_and_backslashes(world):
    alice = world.client("alice")
    for length in (63, 127, 128, 300, 8000):
        value = ("a'\"\\" * length)[:length]
        alice.query("set standard_conforming_strings = on", "set my.long = '" + value.replace("'", "''") + "'")
        for _ in world.everywhere():
            alice.query("show my.long", "set standard_conforming_strings = off", "show my.long",
                        "set standard_conforming_strings = on")


def long_values_by_set_config(world):
    alice = world.client("alice")
    for length in (127, 300, 8000, 100000):
        alice.extended("select length(set_config('my.long', $1, false))", ("é'\\\n" * length)[:length])
        for _ in world.everywhere():
            alice.query("select length(current_setting('my.long')), md5(current_setting('my.long'))")


def application_names_of_all_kinds(world):
    alice, bob, carol = world.clients("alice", "bob", "carol")
    text = ("select application_name, current_setting('application_name') from pg_stat_activity "
            "where pid = pg_backend_pid()")
    for name in ("", "plain", "'" * 63, "n" * 70, "dröhnt\t?", "\\"):
        alice.query("set application_name = '" + name.replace("'", "''") + "'")
        for _ in world.everywhere():
            for client in (alice, bob, carol):
                client.query(text, "show application_name")
    alice.query("reset application_name")
    for _ in world.everywhere():
        alice.query(text)


def no_application_name_is_an_empty_one(world):
    alice, bob = world.log_in("alice"), world.log_in("bob", application_name="")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("show application_name", "select application_name from pg_stat_activity "
                         "where pid = pg_backend_pid()")


def search_paths_of_all_kinds(world):
    world.sql("""create schema "We Ird"; create schema "a,b"; create schema app; grant all on schema "We Ird", "a,b",
                 app
                 to public""")
    alice, bob = world.clients("alice", "bob")
    for number, value in enumerate(('"We Ird", public', '"$user", public', "'a,b'", "'\"a,b\"'", "public, 'We Ird'",
                                    "''",
                                    "nowhere, public", "pg_catalog, public", "default", "'$user'", "app")):
        alice.query(f"set search_path = {value}")
        for _ in world.everywhere():
            alice.query("show search_path", "select current_schema(), current_schemas(true)")
            bob.query("show search_path", "select current_schema()")
        alice.query(f"create table t{number} (n int)",
                    f"select relnamespace::regnamespace from pg_class where relname = 't{number}'")
    alice.query("select set_config('search_path', '\"We Ird\",public', false)",
                "begin", "set local search_path = app", "select current_schema()", "commit")
    for _ in world.everywhere():
        alice.query("show search_path", "select current_schema()")


def custom_parameters_of_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    ask = ("select current_setting('a.b', true)", "select current_setting('a.b')", "show a.b")
    for _ in world.everywhere():
        alice.query(*ask)
    for text in ("set a.b = 'x'", "begin; set a.b = 'y'; rollback", "reset a.b", "set a.b = 'z'", "discard all"):
        alice.query(text)
        for _ in world.everywhere():
            alice.query(*ask)
            bob.query(*ask)


def custom_parameter_of_a_transaction_that_is_rolled_back(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("begin", "set local a.b = 'x'", "show a.b", "commit")
    for _ in world.everywhere():
        alice.query("select current_setting('a.b', true) is null, current_setting('a.b', true)")
        bob.query("select current_setting('a.b', true) is null")
    bob.query("begin", "select set_config('c.d', 'x', true)", "rollback")
    for _ in world.everywhere():
        bob.query("select current_setting('c.d', true) is null", "select current_setting('a.b', true) is null")
        alice.query("select current_setting('c.d', true) is null")


def custom_parameter_as_a_tenant(world):
    world.sql("""create table t (who text); insert into t values ('one'), ('two');
                 alter table t enable row level security;
                 create policy own on t using (who = current_setting('app.tenant', true));
                 grant all on t to public""")
    alice, bob, carol = world.clients("alice", "bob", "carol")
    alice.query("set app.tenant = 'one'")
    bob.query("select set_config('app.tenant', 'two', false)")
    for _ in world.everywhere():
        for client in (alice, bob, carol):
            client.query("select * from t")
        carol.query("begin", "select set_config('app.tenant', 'two', true)", "select * from t", "commit",
                    "select * from t")


def reports_are_those_of_a_private_connection(world):
    alice, bob = world.clients("alice", "bob")
    for text in ("set timezone = 'Asia/Tokyo'", "begin; set timezone = 'UTC'; rollback", "begin",
                 "set timezone = 'UTC'",
                 "rollback", "begin", "set local datestyle = 'German'", "commit", "set intervalstyle = 'iso_8601'",
                 "set standard_conforming_strings = off", "set default_transaction_read_only = on",
                 "set client_encoding = 'LATIN1'", "set application_name = 'mine'",
                 "do $$ begin set timezone = 'Europe/Oslo'; end $$", "select set_config('timezone', 'UTC', false)",
                 "set timezone = 'Asia/Tokyo'; set timezone = 'UTC'", "set timezone = 'utc'", "reset all",
                 "set names 'UTF8'",
                 "set time zone interval '-08:30' hour to minute", "set time zone 5.5", "set time zone local",
                 "set time zone 'EST5EDT'", "set datestyle = iso, ymd", "set datestyle = sql", "set datestyle = iso",
                 "discard all"):
        alice.query(text)
        for _ in world.everywhere():
            bob.query("select 1")
            alice.query("select 1")


def date_style_changes_in_parts(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set datestyle = 'SQL, DMY'", "set datestyle = 'ISO'")
    bob.query("set datestyle = 'German'", "set datestyle = 'ISO'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("show datestyle", "select '2003-02-01'::date, '01/02/2003'::date")
    alice.query("begin", "set datestyle = 'MDY'", "set local datestyle = 'Postgres'", "show datestyle", "commit")
    for _ in world.everywhere():
        alice.query("show datestyle")


def encodings_of_two_clients(world):
    alice, bob = world.client("alice", client_encoding="LATIN1"), world.client("bob")
    carol = world.client("carol", client_encoding="'utf-8'")
    for _ in world.everywhere():
        for client in (alice, bob, carol):
            client.query("show client_encoding", "select 'Ã©' as \"Ã©\"", "select length('Ã©')", "select \"Ã©\"",
                         "do $$ begin raise notice 'Ã©'; end $$", "select chr(233)")
    alice.query("set client_encoding = 'UTF8'")
    bob.query("set client_encoding to 'WIN1252'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("select chr(8364)", "select chr(233)", "select chr(19968)")
    alice.query("begin", "set client_encoding = 'LATIN1'", "select chr(233)", "rollback", "select chr(233)")


def settings_do_not_outlive_their_client(world):
    for number in range(3):
        alice = world.client("alice")
        alice.query("show work_mem", f"set work_mem = '{701 + number}kB'", "begin", "set statement_timeout = '1s'")
        alice.crash()
        for _ in world.everywhere():
            world.client("bob").query("show work_mem", "show statement_timeout")


def show_all_and_the_view_tell_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set work_mem = '701kB'", "set my.own = 'x'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("select setting from pg_settings where name = 'work_mem'",
                         "select count(*) from pg_settings where name = 'my.own'",
                         "select setting from pg_show_all_settings() where name = 'work_mem'")


def update_of_the_settings_view_sets(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("update pg_settings set setting = '701' where name = 'work_mem'")
    for _ in world.everywhere():
        alice.query("show work_mem")
        bob.query("show work_mem")


def many_settings_go_along(world):
    alice, bob = world.clients("alice", "bob")
    alice.query(*(f"set my.s{n} = 'value {n}'" for n in range(100)))
    for _ in world.everywhere():
        alice.query("select " + ", ".join(f"current_setting('my.s{n}')" for n in range(0, 100, 9)))
        bob.query("select current_setting('my.s1', true)")
