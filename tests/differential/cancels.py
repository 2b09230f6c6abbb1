"""Cancel: what runs, what waits, and nobody else."""

from support.differential import bind, execute, parse, query, sync


def _runs(world, mark):
    world.until(f"select count(*) from pg_stat_activity where wait_event = 'PgSleep' and query like '%{mark}%'", "1")


def running_query_is_cancelled_everywhere(world):
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.send(query(f"select pg_sleep(30{number})"))
        _runs(world, f"sleep(30{number})")
        alice.cancel_until_answered()
        alice.until("Z")
        alice.query("select 'after'")
        bob.query("select 'unharmed'")


def cancelled_in_a_transaction(world):
    alice = world.client("alice")
    alice.query("begin", "set local work_mem = '701kB'", "savepoint s")
    alice.send(query("select pg_sleep(31)"))
    _runs(world, "sleep(31)")
    alice.cancel_until_answered()
    alice.until("Z")
    alice.query("select 1", "rollback to s", "show work_mem", "commit", "show work_mem")


def cancelled_in_a_pipeline(world):
    alice = world.client("alice")
    alice.send(parse("", "select 'first'") + bind() + execute() + parse("", "select pg_sleep(32)") + bind() + execute()
               + parse("p", "select 'skipped'") + sync() + parse("", "select 'behind'") + bind() + execute() + sync())
    _runs(world, "sleep(32)")
    alice.cancel_until_answered()
    alice.until("Z", 2)
    alice.run("p")


def waiting_query_is_cancelled(world):
    """Here it waits for a lock, there for a server; Postgres has but one word."""
    world.sql("create table t (n int); grant all on t to public")
    alice = world.client("alice")
    alice.query("set work_mem = '701kB'")
    for _ in range(3):
        world.sql("begin; lock table t")
        with world.occupied():
            alice.send(query("insert into t values (1)"))
            alice.cancel_until_answered()
            alice.until("Z")
        world.sql("rollback")
        alice.query("show work_mem", "select count(*) from t")


def cancel_of_an_idle_client_harms_nobody(world):
    alice, bob = world.clients("alice", "bob")
    for _ in world.everywhere():
        alice.query("select 'idle'")
        alice.cancel()
        bob.query("select 'unharmed'", "begin", "select 'unharmed'", "commit")
    alice.query("select 'still here'")


def cancel_with_somebody_elses_moment(world):
    alice, bob = world.clients("alice", "bob")
    bob.send(query("select pg_sleep(0.3), 'slept'"))
    for _ in range(20):
        alice.cancel()
    bob.until("Z")


def cancel_races_with_the_end(world):
    alice, bob = world.clients("alice", "bob")
    trouble = 0
    for number in range(60):
        with alice.unheard():
            alice.send(query("select 1"))
            alice.cancel()
            told = alice.until("Z")
        bob.query(f"select {number}")
        trouble += bytes(told[-1][1]) != b"I"
    world.note(f"{trouble} ended in a transaction")


def copy_is_cancelled(world):
    alice = world.client("alice")
    alice.send(query("copy (select pg_sleep(33)) to stdout"))
    _runs(world, "sleep(33)")
    alice.cancel_until_answered()
    alice.until("Z")
    alice.query("select 'after'")


def pinned_client_is_cancelled(world):
    alice = world.client("alice")
    alice.query("create temp table mine as select 1 as n")
    for _ in world.everywhere():
        alice.send(query("select n, pg_sleep(34) from mine"))
        _runs(world, "sleep(34)")
        alice.cancel_until_answered()
        alice.until("Z")
        alice.query("table mine")
