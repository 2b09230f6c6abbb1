"""Messages sent before their answers, portals, Flush, and what is told in
between."""

from support.differential import (bind, close, describe, each, execute, flush, function_call, message, parse, query,
                                  sync,
                                  weir)


def _step(text, *values):
    return parse("", text) + bind("", "", *values) + execute()


def error_in_every_place_of_a_pipeline(world):
    alice = world.client("alice")
    bad = (parse("", "this is no sql"), parse("", "select nowhere"), bind("", "nobody"), bind("nobody", ""),
           describe("S", "nobody"), describe("P", "nobody"), execute("nobody"),
           parse("", "select 1/0") + bind() + execute(),
           message(b"C", b"X\0"), message(b"D", b"X\0"))
    for _ in world.everywhere():
        for each in bad:
            alice.ask(_step("select 'before'"), each, _step("select 'skipped'"), close("S", "x"), sync(), ready=1)
            alice.ask(each, sync(), each, flush(), sync(), _step("select 'behind'"), sync(), ready=3)


def two_batches_in_one_write(world):
    world.sql("create table t (n int); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.ask(_step("insert into t values (1)"), _step("select 1/0"), sync(), _step("insert into t values (2)"),
                  sync(),
                  _step("select count(*) from t"), sync(), ready=3)
        bob.query("select count(*) from t")
        alice.ask(_step("begin"), sync(), _step("insert into t values (3)"), sync(), _step("select nowhere"), sync(),
                  _step("select 'failed'"), sync(), _step("rollback"), sync(), ready=5)
        alice.ask(sync(), sync(), flush(), sync())


def simple_and_extended_in_one_write(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(query("select 1"), _step("select 2"), sync(), query("select 3; select 4"),
                  _step("select 5") + query("select 6"),
                  sync(), ready=5)


def pipeline_is_one_transaction(world):
    world.sql("create table t (n int unique); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.send(_step(f"insert into t values ({number})") + flush())
        alice.until("C")
        bob.query("select count(*) from t")
        alice.send(_step("insert into t values (0)") + flush())
        alice.until("CE")
        alice.ask(sync())
        bob.query("select count(*) from t")


def pipeline_that_begins_and_ends(world):
    world.sql("create table t (n int); grant all on t to public")
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(_step("begin"), _step("insert into t values (1)"), _step("commit"), _step("select 1/0"), sync(),
                  ready=1)
        alice.ask(_step("insert into t values (2)"), _step("begin"), _step("insert into t values (3)"),
                  _step("rollback"),
                  _step("select 4"), sync(), ready=1)
        alice.ask(_step("savepoint s"), sync(), ready=1)
        alice.ask(_step("insert into t values (5)"), _step("vacuum t"), sync(), ready=1)
        alice.ask(_step("vacuum t"), sync(), ready=1)
        alice.query("select n from t order by n")


def transactional_words_in_one_text(world):
    world.sql("create table t (n int); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        for text in ("insert into t values (1); select 1/0", "insert into t values (2); commit; select 1/0",
                     "begin; insert into t values (3)", "rollback; insert into t values (4)",
                     "insert into t values (5); begin",
                     "insert into t values (6); rollback", "savepoint s", "begin; begin; commit; commit", "rollback",
                     "insert into t values (7); vacuum t", "select 1;; select 2;",
                     "begin; select 1/0; rollback; select 2", "commit"):
            alice.query(text)
        bob.query("select n from t order by n")


def chains_of_transactions(world):
    world.sql("create table t (n int); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("begin isolation level serializable", "insert into t values (1)", "commit and chain",
                    "show transaction_isolation", "insert into t values (2)", "rollback and chain",
                    "show transaction_isolation",
                    "set local work_mem = '701kB'", "commit and chain", "show work_mem", "set work_mem = '702kB'",
                    "rollback and chain", "select 1/0", "commit and chain", "show work_mem", "commit",
                    "commit and chain")
        alice.query("begin; insert into t values (3); commit and chain; rollback; show transaction_isolation")
        bob.query("select n from t order by n", "show work_mem")


def transaction_that_is_prepared(world):
    world.sql("create table t (n int); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.query("begin", f"insert into t values ({number})", "set work_mem = '701kB'",
                    f"prepare transaction 'x{number}'",
                    "show work_mem")
        bob.query("select count(*) from t", f"commit prepared 'x{number}'", "select count(*) from t", "show work_mem")
        alice.query("begin", "select 1/0", "prepare transaction 'failed'", "rollback prepared 'nobody'")
        alice.query("begin; create temp table mine (n int); prepare transaction 'temporary'",
                    "prepare transaction 'none'")


def errors_in_transactions(world):
    world.sql("create table t (n int unique deferrable initially deferred); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("begin", "select 1/0", "select 1", "show work_mem", "set work_mem = '701kB'", "", "commit")
        alice.query("begin", "insert into t values (1), (1)", "commit", "select count(*) from t")
        alice.query("begin", "savepoint a", "select 1/0", "rollback to nowhere", "rollback to a", "release a",
                    "release a",
                    "end")
        alice.query("begin", "declare c cursor for select 1/0", "fetch 1 from c", "commit")
        alice.query("start transaction read only", "insert into t values (2)", "abort", "end", "begin read write",
                    "commit work")
        bob.query("select count(*) from t")


def savepoints_by_message(world):
    alice = world.client("alice")
    alice.prepare("s", "savepoint s")
    alice.prepare("back", "rollback to s")
    for _ in world.everywhere():
        alice.query("begin")
        alice.run("s")
        alice.extended("select 1/0")
        alice.ask(bind("", "back"), execute(), _step("select 'back'"), sync(), ready=1)
        alice.query("commit")


def portals_with_a_limit_of_rows(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select generate_series(1, $1::int)")
    for _ in world.everywhere():
        alice.ask(bind("", "p", "5"), execute("", 2), execute("", 2), execute("", 2), execute("", 2), sync())
        alice.ask(bind("c", "p", "5"), execute("c", 2), sync(), execute("c", 2), sync())
        alice.query("begin")
        alice.ask(bind("c", "p", "5"), execute("c", 2), bind("d", "p", "3"), execute("d", 1), sync())
        bob.query("select 'between'")
        alice.ask(execute("d", 1), execute("c", 2), describe("P", "c"), sync())
        alice.query("fetch 1 from c", "select name from pg_cursors order by name", "close d")
        alice.ask(execute("d", 1), sync())
        alice.query("rollback")
        alice.ask(execute("c", 1), sync())


def portals_are_closed_and_named_again(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("begin")
        alice.ask(parse("", "select generate_series(1, 3)"), bind("c"), bind("c"), sync())
        alice.query("rollback", "begin")
        alice.ask(parse("", "select generate_series(1, 3)"), bind("c"), execute("c", 1), close("P", "c"), bind("c"),
                  execute("c", 1), close("P", "nobody"), sync())
        alice.ask(bind(), execute("", 1), query("select 'ends the unnamed one'"), execute(), sync(), ready=2)
        alice.query("rollback")


def cursor_of_sql_is_read_by_message(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("begin", "declare c cursor for select generate_series(1, 9)")
        alice.ask(describe("P", "c"), execute("c", 2), sync())
        alice.extended("fetch 2 from c")
        alice.query("move 1 in c", "fetch 1 from c", "close c", "fetch 1 from c", "commit")


@weir("--pool-size", "1")
def flush_by_flush_while_others_hammer(world):
    alice, bob = world.clients("alice", "bob")
    for _ in range(5):
        alice.send(parse("p", "select $1::int") + describe("S", "p") + flush())
        alice.until("T")
        bob.send(query("select 'bob'") * 5)
        alice.send(bind("", "p", "1") + execute() + flush())
        alice.until("C")
        alice.send(bind("", "p", "x") + flush())
        alice.until("E")
        alice.send(close("S", "p") + flush())
        alice.ask(sync())
        alice.ask(close("S", "p"), sync())
        bob.until("Z", 5)


def flush_with_nothing_to_tell(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.send(flush())
        bob.query("select 1")
        alice.query("select 2")
        alice.send(flush() + flush())
        alice.ask(sync())


def describe_first_and_ask_later(world):
    world.sql("create table t (n int, s text); grant all on t to public")
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.send(parse(f"q{number}", "insert into t values ($1, $2) returning *") + describe("S", f"q{number}")
                   + flush())
        alice.until("T")
        alice.ask(sync())
        bob.query("select 1")
        alice.send(bind("", f"q{number}", "1", "é") + describe("P") + execute() + flush())
        alice.until("C")
        bob.query("select count(*) from t")
        alice.ask(sync())


def notices_come_where_they_were_raised(world):
    alice, bob = world.clients("alice", "bob")
    world.sql("""create function tell(n int) returns int language plpgsql
                 as $$begin raise notice 'row % of %', n, current_setting('my.who'); return n; end$$""")
    for client in (alice, bob):
        client.query(f"set my.who = '{client.name}'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("select tell(n) from generate_series(1, 3) n",
                         "do $$ begin for n in 1..3 loop raise notice 'n is %', n; end loop; raise warning 'w'; "
                         "raise info 'i'; "
                         "raise debug 'd'; raise notice using errcode = '01234', detail = 'd', hint = 'h', "
                         "column = 'c'; end $$",
                         "drop table if exists nowhere", "select 1; drop table if exists nowhere; select 2")
            client.ask(parse("", "select tell(n) from generate_series(1, 4) n"), bind(), execute("", 2),
                       execute("", 2), sync())
    alice.query("set client_min_messages = warning")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.query("drop table if exists nowhere", "select tell(1)")
    alice.query("set client_min_messages = debug1", "select tell(1)", "reset client_min_messages")


def errors_with_all_their_fields(world):
    world.sql("""create domain small as int check (value < 10); create table t (n int not null check (n > 0), s small,
                 constraint own unique (n)); insert into t values (1); grant all on t to public;
                 create function fail() returns int language plpgsql as $$begin raise 'own % error', 'made'
                 using errcode = 'AB123', detail = 'more', hint = 'do', table = 'tt', schema = 'ss', constraint =
                 'cc'; end$$""")
    alice = world.client("alice")
    for _ in world.everywhere():
        for text in ("insert into t values (1)", "insert into t values (0)", "insert into t values (null)",
                     "insert into t values (5, 11)", "select fail()", "select * form t", "select 1 + 'x'", "selec",
                     "select $1",
                     "select 'unclosed", "select nowhere.x from t", "select no_such_function(1)",
                     "do $$ begin perform 1/0; end $$"):
            alice.query(text)
            alice.extended(text)


def function_call_message(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set my.own = 'alice'")
    # upper(text), current_setting(text), int4div
    for _ in world.everywhere():
        bob.query("select 1")
        alice.ask(function_call(871, "shout"))
        alice.ask(function_call(2077, "my.own"))
        alice.ask(function_call(154, "1", "0"))
        alice.ask(function_call(1), query("select 'behind'"))
        alice.query("begin")
        alice.ask(function_call(154, "7", "2"), function_call(154, "7", "0"), function_call(871, "in the failed"),
                  query("rollback"))


@each(message(b"P", b"no end"), message(b"B", b"\0\0\0\5\0"), message(b"E", b"\0"), message(b"D", b"S"),
      message(b"C", b""),
      message(b"Q", b"no zero"), message(b"Q", b"select 1\0more\0"), message(b"F", b"\0"),
      message(b"P", b"\0select 1\0\0\x09"), message(b"P", b"\0select 1\0\0\0more"),
      message(b"E", b"\0\0\0\0\0more"), message(b"C", b"Sp\0more"))
def messages_that_are_malformed(world, text):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.send(text + (b"" if text[:1] in b"QSF" else sync()))
        alice.until("Z")
        alice.query("select 1")
        bob.query("select 'unharmed'")


def bind_with_wrong_formats_and_values(world):
    alice = world.client("alice")
    alice.prepare("p", "select $1::int, $2::text")
    for _ in world.everywhere():
        for body in (b"\0p\0\0\0\0\1\0\0\0\0011\0\0", b"\0p\0\0\3\0\0\0\0\0\0\0\2\0\0\0\0011\0\0\0\1x\0\0",
                     b"\0p\0\0\1\0\7\0\2\0\0\0\0011\0\0\0\1x\0\0", b"\0p\0\0\1\0\1\0\2\0\0\0\0011\0\0\0\1x\0\0",
                     b"\0p\0\0\0\0\2\0\0\0\1x\xff\xff\xff\xff\0\0",
                     b"\0p\0\0\0\0\2\xff\xff\xff\xff\0\0\0\1x\0\3\0\0\0\0\0\0",
                     b"\0p\0\0\0\0\2\xff\xff\xff\xff\0\0\0\1x\0\1\0\7"):
            alice.ask(message(b"B", body), execute(), sync())


def large_values_and_many_rows(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.extended("select length($1), $1 = repeat('x', 1500000)", "x" * 1500000)
        alice.query("select repeat('y', 1000000)", f"select length('{'z' * 400000}')")
        bob.query("select 'small'")
        with alice.unheard():
            told = alice.query("select n, repeat('x', n % 300) from generate_series(1, 20000) n")
        world.note((len(told), sum(len(body) for _, body in told)))
        alice.ask(*(_step("select length($1)", "x" * 20000) for _ in range(40)), sync(), ready=1)


def row_of_a_thousand_columns(world):
    alice = world.client("alice")
    text = "select " + ", ".join(f"{n} as c{n}" for n in range(1000))
    alice.prepare("wide", text)
    for _ in world.everywhere():
        alice.ask(describe("S", "wide"), bind("", "wide"), execute(), sync())
        alice.extended("select " + " + ".join(f"${n}::int" for n in range(1, 1001)), *["1"] * 1000)


def hundred_queries_in_one_write(world):
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.send(b"".join(query(f"select {n}") for n in range(100)))
        bob.send(b"".join(_step(f"select 'bob {n}'") + sync() for n in range(100)))
        alice.until("Z", 100)
        bob.until("Z", 100)


def goodbye_with_work_before_it(world):
    world.sql("create table t (n int); grant all on t to public")
    for data in (query("insert into t values (1)"), _step("insert into t values (2)") + sync(),
                 _step("insert into t values (3)"),
                 query("begin") + query("insert into t values (4)"), query("insert into t values (5); select 1/0")):
        alice = world.client("alice")
        alice.send(data + b"X\0\0\0\4")
        while alice.answer()[0] != "Closed":
            pass
    bob = world.client("bob")
    bob.query("select n from t order by n")
