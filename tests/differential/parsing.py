"""The same text, read under other settings: what it means was decided when it
was parsed, for its client only."""

import time

from support.differential import bind, execute, message, parse, sync


def same_text_under_two_search_paths(world):
    world.sql("""create schema one; create table one.t (a int); insert into one.t values (1);
                 create schema two; create table two.t (a int); insert into two.t values (2);
                 grant usage on schema one, two to public;
                 grant select on one.t, two.t to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query("set search_path = one")
    bob.query("set search_path = two")
    for client in (alice, bob):
        client.prepare("p", "select * from t")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
        alice.extended("select a from t")
        bob.extended("select a from t")
    alice.query("set search_path = two")
    for _ in world.everywhere():
        alice.run("p")
    alice.query("begin", "set local search_path = one")
    alice.run("p")
    alice.query("commit")
    alice.run("p")


def search_path_of_other_columns(world):
    world.sql("""create schema one; create table one.t (a int); insert into one.t values (1);
                 create schema two; create table two.t (b text, c text); insert into two.t values ('b', 'c');
                 grant usage on schema one, two to public;
                 grant select on one.t, two.t to public""")
    alice, bob = world.clients("alice", "bob")
    alice.query("set search_path = one")
    bob.query("set search_path = two")
    for client in (alice, bob):
        client.prepare("p", "select * from t")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
    alice.query("set search_path = two")
    for _ in world.everywhere():
        alice.run("p")
        bob.run("p")
    alice.query("set search_path = one")
    for _ in world.everywhere():
        alice.run("p")
    alice.query("set search_path = nowhere")
    for _ in world.everywhere():
        alice.run("p")


def date_in_a_text_under_two_date_styles(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set datestyle = 'ISO, DMY'")
    for client in (alice, bob):
        client.prepare("p", "select '01/02/2003'::date")
        client.prepare("v", "select $1::date")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.run("v", "01/02/2003")
            client.extended("select '03/04/2005'::date")


def date_in_a_text_was_read_when_it_was_parsed(world):
    alice = world.client("alice")
    alice.query("set datestyle = 'ISO, DMY'")
    alice.prepare("p", "select '01/02/2003'::date, $1::date")
    alice.query("set datestyle = 'ISO, MDY'")
    for _ in world.everywhere():
        alice.run("p", "01/02/2003")
    alice.query("set datestyle = 'German'")
    for _ in world.everywhere():
        alice.run("p", "01/02/2003")


def moment_in_a_text_under_two_time_zones(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set timezone = 'Asia/Tokyo'")
    bob.query("set timezone = 'UTC'")
    for client in (alice, bob):
        client.prepare("p", "select extract(epoch from '2020-01-01 12:00'::timestamptz)")
        client.prepare("q", "select '2020-01-01 12:00'::timestamptz")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.run("q")


def moment_in_a_text_was_read_when_it_was_parsed(world):
    alice = world.client("alice")
    alice.query("set timezone = 'Asia/Tokyo'")
    alice.prepare("p", "select '2020-01-01 12:00'::timestamptz")
    alice.query("set timezone = 'UTC'")
    for _ in world.everywhere():
        alice.run("p")


def now_in_a_text_is_ones_own(world):
    alice, bob = world.clients("alice", "bob")
    alice.prepare("p", "select 'now'::timestamptz")
    told = [alice.rows(bind("", "p"), execute(), sync())[0][0] for _ in world.everywhere()]
    bob.prepare("p", "select 'now'::timestamptz")
    of_bob = [bob.rows(bind("", "p"), execute(), sync())[0][0] for _ in world.everywhere()]
    world.note(f"bob is told one of alice's: {bool(set(of_bob) & set(told))}")


def now_in_an_unnamed_text_is_never_shared(world):
    alice, bob = world.clients("alice", "bob")
    told = []
    for _ in world.everywhere():
        for client in (alice, bob):
            told += client.rows(parse("", "select 'now'::timestamptz"), bind(), execute(), sync())
            time.sleep(0.002)
    world.note(f"{len(set(map(tuple, told)))} moments")


def backslashes_under_two_ways_to_read_them(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set standard_conforming_strings = off", "set escape_string_warning = off")
    for client in (alice, bob):
        client.prepare("p", "select 'a\\\\b', 'c'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.query("select 'a\\\\b'")
    alice.query("set standard_conforming_strings = on")
    for _ in world.everywhere():
        alice.run("p")


def null_is_an_operand(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set transform_null_equals = on")
    for client in (alice, bob):
        client.prepare("p", "select $1::int = null")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p", "NULL")
    alice.query("set transform_null_equals = off")
    for _ in world.everywhere():
        alice.run("p", "NULL")


def interval_in_a_text_under_two_styles(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set intervalstyle = 'sql_standard'")
    for client in (alice, bob):
        client.prepare("p", "select extract(epoch from interval '-1 2:03')")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")


def money_and_arrays_in_a_text(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set array_nulls = off")
    for client in (alice, bob):
        client.prepare("p", "select ('{NULL}'::text[])[1] is null")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")


def same_bytes_in_two_encodings(world):
    alice = world.client("alice", client_encoding="LATIN1")
    bob = world.client("bob", client_encoding="UTF8")
    text = "select length('é'), 'é'"
    for client in (alice, bob):
        client.prepare("p", text)
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")
            client.query(text)
            client.extended(text)


def zone_abbreviations_in_a_text(world):
    alice, bob = world.clients("alice", "bob")
    alice.query("set timezone_abbreviations = 'India'")
    for client in (alice, bob):
        client.prepare("p", "select '2020-01-01 12:00 IST'::timestamptz at time zone 'UTC'")
    for _ in world.everywhere():
        for client in (alice, bob):
            client.run("p")


def parse_in_the_middle_of_a_pipeline_sees_the_settings_before_it(world):
    alice, bob = world.clients("alice", "bob")
    for number in world.everywhere():
        alice.ask(parse("", "set datestyle = 'ISO, DMY'"), bind(), execute(),
                  parse(f"p{number}", "select '01/02/2003'::date"), bind("", f"p{number}"), execute(), sync())
        bob.ask(parse(f"p{number}", "select '01/02/2003'::date"), bind("", f"p{number}"), execute(), sync())
        alice.query("reset datestyle")
    for _ in world.everywhere():
        alice.run("p0")
        bob.run("p0")


def bytes_that_are_no_text_in_this_encoding(world):
    alice = world.client("alice")
    for _ in world.everywhere():
        alice.ask(message(b"P", b"p\0select '\xff'\0\0\0"), sync())
        alice.ask(message(b"Q", b"select '\xff'\0"))
        alice.ask(message(b"Q", b"set my.own = '\xff'\0"))
        alice.ask(parse("", "select $1::text"), message(b"B", b"\0\0\0\0\0\1\0\0\0\1\xff\0\0"), sync())
        alice.query("select 1")
