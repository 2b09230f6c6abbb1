"""Many clients at once, and conversations nobody thought of: the steps are
drawn by lot, the same for both roads."""

import random

from support.differential import bind, close, describe, each, execute, parse, query, sync


def ten_clients_send_before_anybody_reads(world):
    crowd = [world.client(f"client {n}") for n in range(10)]
    for number, client in enumerate(crowd):
        client.query(f"set my.number = '{number}'", f"prepare s as select 'sql of {number}'" if number == 3
                     else "select 1")
        client.prepare("p", f"select {number % 3}, current_setting('my.number')")
    for _ in range(5):
        for number, client in enumerate(crowd):
            client.send(query("begin") + query(f"set local work_mem = '{700 + number}kB'") + bind("", "p") + execute()
                        + parse("", "select pg_sleep(0.002), current_setting('work_mem')") + bind() + execute() + sync()
                        + query("commit" if number % 2 else "rollback") + query("show work_mem"))
        for client in crowd:
            client.until("Z", 5)


def clients_come_and_go(world):
    for number in range(12):
        client = world.client(f"client {number}")
        client.query("show work_mem", f"set work_mem = '{701 + number}kB'",
                     "select count(*) from pg_prepared_statements",
                     "listen news", f"set my.own{number} = 'x'", f"select current_setting('my.own{number - 1}', true)")
        client.prepare("p", f"select {number}")
        client.run("p")
        if number % 3 == 0:
            client.query("create temp table mine (n int)")
        if number % 3 == 1:
            client.query("begin", "select pg_advisory_lock(31)")
        if number % 2:
            client.leave()
        else:
            client.crash()
        world.until("select count(*) from pg_locks where locktype = 'advisory'", "0")


NAMES = ("work_mem", "my.own", "timezone", "search_path", "application_name", "datestyle", "role")
VALUES = {"work_mem": ("701kB", "702kB", "703kB"), "my.own": ("x", "y\\''z", ""),
          "timezone": ("UTC", "Asia/Tokyo", "-03"),
          "search_path": ("public", "other, public", ""), "application_name": ("one", "", "two"),
          "datestyle": ("ISO, DMY", "German", "SQL"), "role": ("reader", "writer", "none")}
TEXTS = ("select * from t", "select '01/02/2003'::date, current_setting('timezone')", "select $1::text, current_user",
         "select count(*), '12:00'::timetz from t where $1 <> ''", "show work_mem", "select 1/0", "select nowhere",
         "set work_mem = '704kB'", "select set_config('my.own', $1, false)", "execute s1", "insert into t values (7)",
         "begin", "commit", "rollback", "select name from pg_prepared_statements order by 1")


def _setting(lot):
    name = lot.choice(NAMES)
    value = lot.choice(VALUES[name])
    return lot.choice((f"set {name} = '{value}'", f"set {name} = '{value}'", f"set local {name} = '{value}'",
                       f"reset {name}",
                       f"select set_config('{name}', '{value}', {lot.choice(('true', 'false'))})",
                       f"set {name} to default",
                       f"do $$ begin perform set_config('{name}', '{value}', false); end $$", f"show {name}"))


def _session(lot):
    name = lot.choice(("s1", "s2"))
    return lot.choice((f"prepare {name} as {lot.choice(TEXTS[:2])}", f"prepare {name} (text) as {TEXTS[2]}",
                       f"execute {name}",
                       f"execute {name}('v')", f"deallocate {name}", "deallocate all", "discard all", "reset all",
                       "create temp table mine (n int)", "create temp table mine (n int) on commit drop",
                       "drop table mine",
                       "table mine", "table t", "select pg_try_advisory_lock(32)", "select pg_advisory_unlock(32)",
                       "select pg_advisory_unlock_all()", "listen news", "unlisten news", "notify news, 'n'",
                       "declare held cursor with hold for select generate_series(1, 3)", "fetch 1 from held",
                       "close held",
                       "select 1/0", "this is no sql", "select current_user"))


def _ending(lot):
    return lot.choice(("begin", "begin", "begin isolation level repeatable read", "commit", "commit", "rollback",
                       "savepoint s",
                       "rollback to s", "release s", "commit and chain", "rollback and chain"))


def _text(lot):
    return "; ".join(lot.choice((_setting, _session, _ending))(lot) for _ in range(lot.choice((1, 1, 1, 1, 2, 3))))


def _batch(lot):
    messages = []
    for _ in range(lot.randint(1, 4)):
        name = lot.choice(("", "s1", "s2", "m1", "m2"))
        text = lot.choice((lot.choice(TEXTS), _setting(lot), _session(lot)))
        values = ("v",) if lot.random() < 0.5 else ()
        messages += lot.choice(([parse(name, text)], [bind("", name, *values), execute()],
                                [bind("", name, *values), execute()],
                                [describe("S", name)], [close("S", name)],
                                [parse("", text), bind("", "", *values), describe("P"), execute()],
                                [close("S", name), parse(name, text), bind("", name, *values), execute("", 1)]))
    return messages


@each(3, 4, 6, 7, 8, 9, 12, 14, 19, 21, 22, 23, 25, 27, 28, 29, 30)
def conversation_drawn_by_lot(world, text):
    lot = random.Random(text)
    world.sql("""create schema other; create table t (a int); insert into t values (1); create table other.t (b text,
                 c int);
                 insert into other.t values ('b', 2); grant usage on schema other to public;
                 grant all on t, other.t to public""")
    crowd = world.clients("alice", "bob", "carol")
    for client in crowd:
        client.query("listen fence")
    for _ in range(120):
        if lot.random() < 0.3:
            world.move()
        client = lot.choice(crowd)
        if lot.random() < 0.6:
            client.query(_text(lot))
        else:
            client.ask(*_batch(lot), sync())
    for client in crowd:
        client.query("rollback", "set client_min_messages = error", "listen fence")
        client.hears()
