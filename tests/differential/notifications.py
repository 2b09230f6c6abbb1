"""LISTEN and NOTIFY, with the transaction."""

from support.differential import bind, execute, parse, sync


def notifications_come_in_order_to_all_who_listen(world):
    alice, bob, carol = world.clients("alice", "bob", "carol")
    alice.query("listen fence", "listen news")
    bob.query("listen fence; listen news")
    for number in world.everywhere():
        carol.query(f"notify news, 'number {number}'", f"select pg_notify('news', 'function {number}')")
        alice.query(f"notify news, 'of alice {number}'")
    alice.hears()
    bob.hears()
    carol.hears_nothing()


def listen_counts_from_its_commit(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence")
    alice.query("begin", "listen a")
    bob.query("notify a, 'early'")
    alice.query("rollback")
    bob.query("notify a, 'after the rollback'")
    alice.query("begin", "listen a")
    alice.query("commit")
    bob.query("notify a, 'after the commit'")
    alice.hears()


def own_notification_in_the_transaction_that_listens(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.query("listen fence")
        alice.query("begin; listen x; notify x; commit")
        alice.hears()
        alice.query("begin", "notify x, 'mine'", "unlisten x", "commit")
        alice.hears()
        alice.query("begin", "listen x", "notify x, 'again'", "savepoint s", "notify x, 'rolled back'", "rollback to s",
                    "commit")
        alice.hears()
        alice.query("listen x; notify x, 'one text'; unlisten x")
        alice.hears()
        alice.query("listen x; notify x, 'failed'; select 1/0", "unlisten *")


def notify_counts_from_its_commit(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a")
    bob.query("begin", "notify a, 'rolled back'", "rollback", "begin", "notify a, 'committed'")
    alice.query("select 1")
    world.sql("notify a, 'between'")
    bob.query("commit", "notify a, 'failed'; select 1/0", "begin", "savepoint s", "notify a, 'undone'", "rollback to s",
              "notify a, 'kept'", "commit")
    alice.hears()


def duplicates_of_a_transaction_are_one(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a; listen b")
    bob.query("begin; notify a, 'x'; notify a, 'x'; notify b, 'x'; notify a, 'y'; notify a, 'x'; notify a; commit")
    bob.query("notify a, 'x'", "notify a, 'x'")
    bob.query("begin", "notify a, 'x'", "savepoint s", "notify a, 'x'", "release s", "commit")
    alice.hears()


def nothing_is_heard_within_a_transaction(world):
    alice = world.client("alice")
    alice.query("listen fence; listen a", "begin", "select 1")
    world.sql("notify a, 'during'")
    alice.query("select 2", "savepoint s", "select 3", "select 1/0", "rollback to s", "select 4")
    world.sql("notify a, 'during too'")
    alice.query("commit")
    alice.hears()
    alice.query("begin", "select 1/0")
    world.sql("notify a, 'while failed'")
    alice.query("rollback")
    alice.hears()


def nothing_is_heard_within_a_batch(world):
    alice = world.client("alice")
    alice.query("listen fence; listen a")
    alice.send(parse("", "select 1") + bind() + execute() + b"H\0\0\0\4")
    alice.until("C")
    world.sql("notify a, 'during the batch'")
    alice.send(parse("", "select 2") + bind() + execute() + b"H\0\0\0\4")
    alice.until("C")
    world.note(f"heard {alice.heard}")
    alice.ask(sync())
    alice.hears()


def unlisten_in_all_its_forms(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a; listen b; listen c", "unlisten a")
    for text in ("select 1", "begin; unlisten b; rollback", "begin; unlisten b; commit", "unlisten nowhere",
                 "listen c"):
        alice.query(text)
        for channel in "abc":
            bob.query(f"notify {channel}, 'hello'")
        alice.hears()
    alice.query("unlisten *", "listen fence")
    bob.query("notify c, 'nobody'")
    alice.hears()
    alice.query("listen a", "discard all", "listen fence")
    bob.query("notify a, 'nobody'")
    alice.hears()
    alice.query("listen a; unlisten *; listen fence; select 1/0")
    bob.query("notify a")
    alice.hears()


def listening_channels_are_ones_own(world):
    alice, bob, carol = world.clients("alice", "bob", "carol")
    alice.query('listen a; listen "B b"')
    bob.query("listen bob")
    text = "select * from pg_listening_channels() order by 1"
    for _ in world.everywhere():
        for client in (alice, bob, carol):
            client.query(text)
    alice.query("begin", "unlisten a", "rollback", text, "begin", "listen later", "commit", text, "unlisten *", text)


def names_of_channels_are_identifiers(world):
    alice, bob = world.clients("alice", "bob")
    long = "n" * 70
    alice.query('listen fence', 'listen "Mixed Case"', "listen UPPER", 'listen "q""uote"', "listen dröhnt",
                f"listen {long}",
                'listen "a''b"')
    bob.query("notify \"Mixed Case\", 'x'", "notify mixed", "notify upper, 'x'", 'notify "UPPER"',
              "notify \"q\"\"uote\", 'x'",
              "notify dröhnt", f"notify {long}", "select pg_notify('Mixed Case', 'y')",
              "select pg_notify('UPPER', 'y')",
              f"select pg_notify('{'n' * 63}', 'y')", f"select pg_notify('{long}', 'y')", "select pg_notify('', 'y')",
              "select pg_notify(null, 'y')", "notify \"a''b\"")
    alice.hears()


def payloads_of_all_kinds(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a")
    bob.query("notify a, 'it''s \"quoted\" \\ and é'", "notify a, ''", "notify a", f"notify a, '{'x' * 7999}'",
              f"notify a, '{'x' * 8000}'", "notify a, E'line\\nbreak\\ttab'", "select pg_notify('a', null)")
    bob.extended("select pg_notify('a', $1)", "by value '; --")
    bob.extended("notify a, 'extended'")
    alice.hears()


def payload_in_the_encoding_of_who_hears_it(world):
    alice, bob = world.client("alice", client_encoding="LATIN1"), world.client("bob")
    bob.query("listen fence; listen a", "notify a, 'é'")
    bob.hears()
    alice.query("listen a", "select length('Ã©')")


def notify_from_blocks_functions_and_triggers(world):
    world.sql("""create table t (n int); grant all on t to public;
                 create function tell() returns trigger language plpgsql
                     as $$begin perform pg_notify('a', 'row ' || new.n); return new; end$$;
                 create trigger tells after insert on t for each row execute function tell()""")
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a")
    bob.query("do $$ begin notify a, 'block'; end $$", "insert into t values (1), (2)",
              "select pg_notify('a', n::text) from t",
              "with c as materialized (select pg_notify('a', 'cte')) select 1 from c")
    alice.hears()
    alice.query("insert into t values (3)")
    alice.hears()
    alice.query("begin", "insert into t values (4)", "rollback")
    alice.hears()


def listen_by_message(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence")
    alice.extended("listen a")
    alice.ask(parse("l", "listen b"), bind("", "l"), execute(), parse("", "notify b, 'in the batch'"), bind(),
              execute(), sync())
    alice.ask(parse("", "listen c"), bind(), execute(), parse("", "select 1/0"), bind(), execute(), sync())
    for channel in "abc":
        bob.query(f"notify {channel}")
    alice.hears()
    alice.extended("unlisten b")
    bob.extended("notify b")
    alice.hears()


def listener_works_meanwhile_on_all_servers(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a")
    for number in world.everywhere():
        alice.query("begin", f"select {number}", "commit", "set work_mem = '701kB'")
        bob.query(f"notify a, '{number}'")
        alice.query("create temp table mine (n int)", "drop table mine")
    alice.hears()


def listener_that_is_gone_leaves_nothing(world):
    for end in ("leave", "crash"):
        alice = world.client("alice")
        alice.query("listen a")
        getattr(alice, end)()
    bob = world.client("bob")
    for _ in world.everywhere():
        bob.query("select * from pg_listening_channels()", "notify a, 'anybody?'")
    bob.hears_nothing()


def listen_in_a_transaction_that_failed(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence", "begin", "listen a", "select 1/0", "listen b", "commit")
    alice.query("begin; listen c; savepoint s; listen d; rollback to s; commit")
    for channel in "abcd":
        bob.query(f"notify {channel}")
    alice.hears()


def listener_of_three_hundred_notifications(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("listen fence; listen a")
    bob.query("select count(pg_notify('a', n::text || repeat('x', 100))) from generate_series(1, 300) n")
    alice.query("select 1")
    alice.hears()


def notify_before_a_prepared_transaction(world):
    alice = world.client("alice")
    alice.query("listen fence; listen a", "begin", "notify a", "prepare transaction 'told'", "begin", "listen b",
                "prepare transaction 'heard'")
    alice.hears()


def clients_listen_and_leave_in_turn(world):
    bob = world.client("bob")
    for number in world.everywhere():
        alice = world.client(f"alice {number}")
        alice.query("listen fence; listen a")
        bob.query(f"notify a, '{number}'")
        alice.hears()
        alice.query("unlisten *")
        bob.query("notify a, 'late'")
        alice.hears_nothing()
        alice.leave()
