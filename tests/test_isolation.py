"""The anomalies of Hermitage (Martin Kleppmann's, after Adya), each a short
conversation of two or three transactions, at each level. Postgres itself is
asked the same: there each anomaly comes to pass at the levels that permit it,
and so it is known that the conversation shows it when it is there. On SQLite
those that Postgres prevents are prevented; others may be."""

import concurrent.futures
import contextlib
import sqlite3

import psycopg
import pytest

from support import history
from support.waiting import eventually
from support.weir import serve

RC, RR, SER = "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"
LEVELS = (RC, RR, SER)
MOMENT = 0.3    # then a statement is thought to wait for another transaction
PATIENCE = 60

ALL = "select id, value from test order by id"
CASES = {}


class Told:
    """What the statements of a conversation were answered: rows, or a SQLSTATE."""

    def __init__(self):
        self.answers, self.errors, self.final = [], {}, None

    def rows(self, client):
        return [rows for who, rows in self.answers if who == client and isinstance(rows, list)]

    def committed(self, *clients):
        return not any(client in self.errors for client in clients)


def case(*steps, permitted):
    """The function says whether the anomaly is there; `permitted` at these levels."""
    def decorate(function):
        CASES[function.__name__] = (steps, function, permitted)
        return function
    return decorate


@case("1 update test set value = 11 where id = 1", "2 update test set value = 12 where id = 1",
      "1 update test set value = 21 where id = 2", "1 commit", "2 update test set value = 22 where id = 2", "2 commit",
      permitted=())
def g0_dirty_write(told):
    return told.final not in ([(1, 11), (2, 21)], [(1, 12), (2, 22)])


@case("1 update test set value = 101 where id = 1", f"2 {ALL}", "1 rollback", f"2 {ALL}", "2 commit", permitted=())
def g1a_aborted_read(told):
    return any((1, 101) in rows for rows in told.rows(2))


@case("1 update test set value = 101 where id = 1", f"2 {ALL}", "1 update test set value = 11 where id = 1",
      "1 commit", f"2 {ALL}", "2 commit", permitted=())
def g1b_intermediate_read(told):
    return any((1, 101) in rows for rows in told.rows(2))


@case("1 update test set value = 11 where id = 1", "2 update test set value = 22 where id = 2",
      "1 select value from test where id = 2", "2 select value from test where id = 1", "1 commit", "2 commit",
      permitted=())
def g1c_circular_information_flow(told):
    return told.committed(1, 2) and told.rows(1) == [[(22,)]] and told.rows(2) == [[(11,)]]


@case("1 update test set value = 11 where id = 1", "1 update test set value = 19 where id = 2",
      "2 update test set value = 12 where id = 1", "1 commit", "3 select value from test where id = 1",
      "2 update test set value = 18 where id = 2", "3 select value from test where id = 2", "2 commit",
      "3 select value from test where id = 2", "3 select value from test where id = 1", "3 commit", permitted=())
def otv_observed_transaction_vanishes(told):
    told_3 = [rows[0][0] for rows in told.rows(3)]
    return told_3[:2] in ([12, 19], [12, 20]) or (18 in told_3[1:2] and told_3[3] != 12)


@case("1 select id from test where value = 30", "2 insert into test values (3, 30)", "2 commit",
      "1 select id from test where value % 3 = 0", "1 commit", permitted=(RC,))
def pmp_predicate_many_preceders(told):
    return told.rows(1) == [[], [(3,)]]


@case(f"1 {ALL}", f"2 {ALL}", "1 update test set value = value + 1 where id = 1",
      "2 update test set value = 21 where id = 1", "1 commit", "2 commit", permitted=(RC,))
def p4_lost_update(told):
    return told.committed(1, 2) and (1, 21) in told.final


@case("1 select value from test where id = 1", "2 update test set value = 12 where id = 1",
      "2 update test set value = 18 where id = 2", "2 commit", "1 select value from test where id = 2", "1 commit",
      permitted=(RC,))
def g_single_read_skew(told):
    return told.rows(1) == [[(10,)], [(18,)]]


@case("1 select id from test where value % 5 = 0", "2 update test set value = 12 where value = 10", "2 commit",
      "1 select id from test where value % 3 = 0", "1 commit", permitted=(RC,))
def g_single_with_predicates(told):
    return told.rows(1)[1:] == [[(1,)]]


@case("1 select value from test where id = 1", f"2 {ALL}", "2 update test set value = 12 where id = 1",
      "2 update test set value = 18 where id = 2", "2 commit", "1 delete from test where value = 18", "1 commit",
      permitted=(RC,))
def g_single_that_writes(told):
    return told.committed(1) and told.rows(1) == [[(10,)]] and told.final == [(1, 12)]


@case("1 select count(*) from test", "2 insert into test values (3, 30)", "2 commit", "1 select count(*) from test",
      "1 commit", permitted=(RC,))
def phantom(told):
    return told.rows(1) == [[(2,)], [(3,)]]


@case(f"1 {ALL}", f"2 {ALL}", "1 update test set value = 11 where id = 1", "2 update test set value = 21 where id = 2",
      "1 commit", "2 commit", permitted=(RC, RR))
def g2_item_write_skew(told):
    return told.committed(1, 2)


@case("1 select id from test where value % 3 = 0", "2 select id from test where value % 3 = 0",
      "1 insert into test values (3, 30)", "2 insert into test values (4, 42)", "1 commit", "2 commit",
      permitted=(RC, RR))
def g2_anti_dependency(told):
    return told.committed(1, 2)


@case(f"1 {ALL}", "2 update test set value = value + 5 where id = 2", "2 commit", f"3 {ALL}", "3 commit",
      "1 update test set value = 0 where id = 1", "1 commit", permitted=(RC, RR))
def g2_read_only_anomaly(told):
    """Fekete's: what the third has read is possible only if the first comes after the second."""
    return told.committed(1, 2, 3) and told.rows(3)[0] == [(1, 10), (2, 25)]


# --- running them

class Speaker:
    """A client that can be left waiting while others go on."""

    def __init__(self, endpoint, level):
        self.conn = psycopg.connect(endpoint.dsn(), autocommit=True)
        self.conn.prepare_threshold = None
        self.conn.execute(f"begin isolation level {level}")
        self.thread = concurrent.futures.ThreadPoolExecutor(1)

    def say(self, text):
        return self.thread.submit(self.ask, text)

    def ask(self, text):
        try:
            answer = self.conn.execute(text)
            return answer.fetchall() if answer.description else answer.statusmessage
        except psycopg.Error as error:
            return error

    def end(self):
        self.thread.shutdown()
        self.conn.close()


def settled(endpoint, answers):
    """Who is not answered waits for another. SQLite shows nobody who waits:
    there a moment must do, and what is asserted is true of any order."""
    unanswered = {client for client, answer in answers if not answer.done()}
    return not unanswered or endpoint.is_sqlite or len(unanswered) == int(endpoint.cluster.sql(
        "select count(*) from pg_stat_activity where datname = 'app' and state = 'active' and wait_event_type = 'Lock'"))


def converse(endpoint, level, steps):
    told, speakers, answers = Told(), {}, []
    with contextlib.ExitStack() as stack:
        for step in steps:
            client, text = int(step[0]), step[2:]
            if client not in speakers:
                speakers[client] = Speaker(endpoint, level)
                stack.callback(speakers[client].end)
            answers.append((client, speakers[client].say(text)))
            concurrent.futures.wait([answers[-1][1]], MOMENT)
            eventually(lambda: settled(endpoint, answers))
        for client, answer in answers:
            answer = answer.result(PATIENCE)
            told.answers.append((client, answer))
            if isinstance(answer, psycopg.Error):
                told.errors.setdefault(client, answer.sqlstate)
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        told.final = conn.execute(ALL).fetchall()
    return told


@pytest.fixture
def ground(crowded):
    with psycopg.connect(crowded.dsn(), autocommit=True) as conn:
        conn.execute("drop table if exists test")
        conn.execute("create table test (id int primary key, value int)")
        conn.execute("insert into test values (1, 10), (2, 20)")
        yield crowded
        conn.execute("drop table test")


def cases():
    for name in CASES:
        for level in LEVELS:
            yield pytest.param(name, level, id=f"{name}-{level.replace(' ', '_').lower()}")


@pytest.mark.parametrize("name, level", list(cases()))
def test_anomaly(ground, name, level):
    steps, is_there, permitted = CASES[name]
    told = converse(ground, level, steps)
    assert set(told.errors.values()) <= ({"40001"} if level != RC else set()), told.answers
    if level not in permitted:
        assert not is_there(told), told.answers
    elif not ground.is_sqlite:
        assert is_there(told), told.answers


def test_whoever_cannot_wait_for_the_other_is_told_in_time(ground):
    """Two clients of one thread: on SQLite the second writer would wait for the
    first for ever."""
    with psycopg.connect(ground.dsn()) as one, psycopg.connect(ground.dsn()) as other:
        for conn in (one, other):
            conn.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            assert conn.execute(ALL).fetchall() == [(1, 10), (2, 20)]
        one.execute("update test set value = 11 where id = 1")
        with pytest.raises(psycopg.errors.SerializationFailure):
            other.execute("update test set value = 21 where id = 2")
            one.commit()
            other.commit()


def test_a_savepoint_does_not_bring_a_snapshot_back(ground):
    """What was read before and what is read behind it are of one moment, or it is refused."""
    with psycopg.connect(ground.dsn()) as one, psycopg.connect(ground.dsn(), autocommit=True) as other:
        one.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert one.execute(ALL).fetchall() == [(1, 10), (2, 20)]
        one.execute("savepoint s")
        other.execute("update test set value = 12 where id = 1")
        with pytest.raises(psycopg.errors.SerializationFailure):
            one.execute("update test set value = 13 where id = 1")
        one.execute("rollback to savepoint s")
        try:
            assert one.execute(ALL).fetchall() == [(1, 10), (2, 20)]
        except psycopg.errors.SerializationFailure:
            assert ground.is_sqlite


def test_what_another_program_writes_counts_as_well(tmp_path):
    with serve("sqlite", None) as endpoint, psycopg.connect(endpoint.dsn()) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.execute("create table test (id int primary key, value int)")
        conn.execute("insert into test values (1, 10)")
        conn.commit()
        for theirs in (0, 1, 1, 0, 1):
            assert conn.execute("select value from test").fetchall()
            if theirs:
                other = sqlite3.connect(endpoint.weir.arguments[-1].partition(":")[2])
                other.execute("update test set value = value + 1")
                other.commit()
                other.close()
                with pytest.raises(psycopg.errors.SerializationFailure):
                    conn.execute("update test set value = value + 1")
                conn.rollback()
            else:
                with contextlib.suppress(psycopg.errors.SerializationFailure):
                    conn.execute("update test set value = value + 1")
                conn.commit()


# --- histories

@pytest.mark.parametrize("level", history.LEVELS)
def test_a_history_shows_no_anomaly_of_its_level(level):
    with serve("sqlite", None, "--pool-size", "64") as endpoint:
        made = history.make(endpoint, level, 600, seed=7)
    assert not history.anomalies(made, level)
    assert all(each.sqlstate in (None, "40001") for each in made[0])
    if level == RC:
        assert history.anomalies(made, SER), "transactions were not side by side"


def done(*deeds):
    return list(deeds), True


def undone(*deeds):
    return list(deeds), False


@pytest.mark.parametrize("name, transactions, final", [
    ("G0", [done(("a", 1, 1), ("a", 2, 2)), done(("a", 1, 3), ("a", 2, 4))], {1: [1, 3], 2: [4, 2]}),
    ("G1a", [undone(("a", 1, 1)), done(("r", 1, [1]))], {1: []}),
    ("G1a", [undone(("a", 1, 1))], {1: [1]}),
    ("G1b", [done(("a", 1, 1), ("a", 1, 2)), done(("r", 1, [1]))], {1: [1, 2]}),
    ("G1c", [done(("a", 1, 1), ("r", 2, [2])), done(("a", 2, 2), ("r", 1, [1]))], {1: [1], 2: [2]}),
    ("lost", [done(("a", 1, 1))], {1: []}),
    ("lost", [done(("a", 1, 1))], {1: [1, 1]}),
    ("order", [done(("a", 1, 1)), done(("a", 1, 2)), done(("r", 1, [2]))], {1: [1, 2]}),
    ("own", [done(("a", 1, 1), ("r", 1, []))], {1: [1]}),
    ("internal", [done(("r", 1, []), ("r", 1, [1])), done(("a", 1, 1))], {1: [1]}),
    ("G-single", [done(("r", 1, []), ("a", 1, 1)), done(("r", 1, []), ("a", 1, 2))], {1: [1, 2]}),
    ("G2", [done(("r", 1, []), ("a", 2, 1)), done(("r", 2, []), ("a", 1, 2))], {1: [2], 2: [1]}),
])
def test_the_judge_finds_every_anomaly(name, transactions, final):
    made = [history.Transaction(number, deeds, committed)
            for number, (deeds, committed) in enumerate(transactions)]
    assert name in history.anomalies((made, final), SER)
    for level, forbidden in history.LEVELS.items():
        assert (name in forbidden) == (name in history.anomalies((made, final), level))
