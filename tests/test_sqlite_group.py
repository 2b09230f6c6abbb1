"""Autocommit statements of many clients share one SQLite transaction and are
answered when it is committed. So nobody is in it who may stay: who waits for
his own client, or for a lock, keeps the writer, but no answer of others.

Here both are in the writer's queue while another program has the file locked:
when it lets go, the writer runs the one directly behind the other."""

import sqlite3

import pytest

from support.talk import SENT, Client
from support.weir import Endpoint, Weir

ROUNDS = 10     # that both are queued cannot be seen from outside


def said(*words):
    return b"".join(SENT[name](*rest) for name, *rest in words)


INSERT = said(("Parse", "", "insert into t values (1)"), ("Bind",), ("Execute",))
SYNC, FLUSH = said(("Sync",)), said(("Flush",))
COPY = "copy other from stdin"
LOCKED = "insert into other select 2 from pg_advisory_xact_lock(7)"

# what the other one sends, and what ends it
STAYS = {
    "copy": (said(("Query", COPY)), said(("CopyDone",))),
    "copy, parsed": (said(("Parse", "", COPY), ("Bind",), ("Execute",)) + SYNC, said(("CopyDone",)) + SYNC),
    "copy, one of two": (said(("Query", "insert into other values (3); " + COPY)), said(("CopyDone",))),
    "pipeline": (INSERT + FLUSH, SYNC),
    "pipeline of two": (INSERT + INSERT + FLUSH, SYNC),
    "lock": (said(("Query", LOCKED)), b""),
    "lock, parsed": (said(("Parse", "", LOCKED), ("Bind",), ("Execute",)) + SYNC, b""),
    "lock, one of two": (said(("Query", "insert into other values (3); select pg_advisory_xact_lock(7)")), b""),
    "lock in a block": (said(("Query", "do $$ begin insert into other values (3);"
                                       " perform pg_advisory_xact_lock(7); end $$")), b""),
}


@pytest.fixture
def endpoint(tmp_path):
    weir = Weir("--pool-size", "5", f"sqlite:{tmp_path / 'app.db'}")
    yield Endpoint("sqlite", weir.port, weir=weir)
    weir.stop()


def client(endpoint, name):
    made = Client(endpoint, name)
    assert made.log_in() == ""
    return made


@pytest.mark.parametrize("first, last", STAYS.values(), ids=STAYS)
def test_who_waits_keeps_nobody_from_being_answered(endpoint, tmp_path, first, last):
    alice, bob, carol = (client(endpoint, name) for name in ("alice", "bob", "carol"))
    carol.ask("create table t (n int)")
    carol.ask("create table other (n int)")
    file = sqlite3.connect(tmp_path / "app.db", isolation_level=None)
    for _ in range(ROUNDS):
        carol.ask("select pg_advisory_lock(7)")
        file.execute("begin immediate")
        alice.send(INSERT + SYNC)
        bob.send(first)
        carol.ask("select 1")
        file.execute("rollback")
        assert ("CommandComplete", ["INSERT", "0", "1"]) in alice.hear()
        carol.ask("select pg_advisory_unlock(7)")
        bob.send(last)
        assert bob.hear()[-1] == ("ReadyForQuery", ["I"])
    file.close()
    for each in (alice, bob, carol):
        each.leave()


def test_who_waits_for_a_lock_before_he_has_written_leaves_the_writer_to_others(endpoint):
    """The owner of the lock writes, too, before it gives it back: so does Postgres."""
    alice, bob = (client(endpoint, name) for name in ("alice", "bob"))
    alice.ask("create table other (n int)")
    alice.ask("select pg_advisory_lock(7)")
    bob.send(SENT["Query"](LOCKED))
    assert bob.hears_nothing(0.2)
    assert ("CommandComplete", ["INSERT", "0", "1"]) in alice.ask("insert into other values (1)")
    alice.ask("select pg_advisory_unlock(7)")
    assert ("CommandComplete", ["INSERT", "0", "1"]) in bob.hear()
    assert ("DataRow", ["2"]) in alice.ask("select count(*) from other")
    for each in (alice, bob):
        each.leave()


@pytest.mark.parametrize("text", ("insert into t values (1)", "select * from t for update nowait"))
def test_who_is_refused_the_writer_gives_back_his_locks_and_wakes_who_waits_for_them(endpoint, text):
    alice, bob, carol = (client(endpoint, name) for name in ("alice", "bob", "carol"))
    alice.ask("create table t (n int)")
    alice.ask("begin; insert into t values (2)")
    bob.ask("set lock_timeout = '1s'")
    bob.send(SENT["Query"]("select pg_advisory_xact_lock(7); select pg_sleep(1); " + text))
    while bob.hears_nothing(0) and carol.ask("select pg_try_advisory_lock(7), pg_advisory_unlock_all()")[1] != ("DataRow", ["f", ""]):
        pass
    carol.send(SENT["Query"]("select pg_advisory_lock(7)"))
    assert [words[0] for name, words in bob.hear() if name == "Error"] == ["55P03"]
    assert carol.hear()[-1] == ("ReadyForQuery", ["I"])
    assert alice.ask("commit")[-1] == ("ReadyForQuery", ["I"])
    for each in (alice, bob, carol):
        each.leave()
