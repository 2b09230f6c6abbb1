"""Which table a name means to the guard: along the session's search path, on Postgres."""

import psycopg
import pytest

from support.weir import PASSWORD, USER, Weir


@pytest.fixture(scope="module")
def guarded(own_cluster):
    own_cluster.create_database("names")
    own_cluster.sql("CREATE SCHEMA audit AUTHORIZATION app; CREATE SCHEMA other AUTHORIZATION app", "names")
    url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{own_cluster.port}/names"
    with psycopg.connect(url, autocommit=True) as direct:
        for schema in ("audit", "other", "public"):
            direct.execute(f"CREATE TABLE {schema}.events (id int PRIMARY KEY, who text)")
            direct.execute(f"INSERT INTO {schema}.events VALUES (1, '{schema}')")
    weir = Weir("--pool-size", "2", "--audit-tables", "audit.events", url)
    yield f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{weir.port}/names", url
    weir.stop()


@pytest.fixture(scope="module")
def own_cluster():
    from support.cluster import Cluster
    cluster = Cluster()
    yield cluster
    cluster.destroy()


def touched(url):
    with psycopg.connect(url) as direct:
        return direct.execute("SELECT who FROM audit.events").fetchall() != [("audit",)]


def refused(conn, statement, **more):
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
        conn.execute(statement, **more)
    return error.value.diag


def test_a_bare_name_is_the_table_that_the_usual_path_leads_to(guarded):
    with psycopg.connect(guarded[0], autocommit=True) as conn:
        assert conn.execute("UPDATE events SET who = 'public'").rowcount == 1
        assert refused(conn, "UPDATE audit.events SET who = 'x'").schema_name == "audit"
    assert not touched(guarded[1])


@pytest.mark.parametrize("prepare", [False, True])
def test_a_bare_name_follows_the_path_that_the_session_has_set(guarded, prepare):
    with psycopg.connect(guarded[0], autocommit=True) as conn:
        conn.execute("SET search_path TO other, audit")
        assert conn.execute("UPDATE events SET who = 'other'", prepare=prepare).rowcount == 1
        conn.execute("SELECT set_config('search_path', 'audit, public', false)")
        refused(conn, "UPDATE events SET who = 'x'", prepare=prepare)
        conn.execute("RESET search_path")
        assert conn.execute("UPDATE events SET who = 'public'", prepare=prepare).rowcount == 1
    assert not touched(guarded[1])


@pytest.mark.parametrize("prepare", [False, True])
def test_a_bare_name_follows_a_path_that_was_set_by_a_name_that_the_server_computed(guarded, prepare):
    """As pg_dump sets a parameter that not every server has."""
    with psycopg.connect(guarded[0], autocommit=True) as conn:
        for path in ("public, other", "audit, public"):
            conn.execute("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = 'search_path'" % f"'{path}'",
                         prepare=prepare)
            if path.startswith("audit"):
                refused(conn, "UPDATE events SET who = 'x'", prepare=prepare)
            else:
                assert conn.execute("UPDATE events SET who = 'public'", prepare=prepare).rowcount == 1
        conn.execute("RESET search_path; BEGIN")
        conn.execute("SELECT set_config(name, 'audit, public', true) FROM pg_settings WHERE name = 'search_path'")
        refused(conn, "UPDATE events SET who = 'x'", prepare=prepare)
        conn.execute("ROLLBACK")
    assert not touched(guarded[1])


@pytest.mark.parametrize("nothing", [
    "SELECT set_config('search_path', 'public', false) WHERE false",
    "SELECT CASE WHEN false THEN set_config('search_path', 'public', false) END",
    "EXPLAIN SELECT set_config('search_path', 'public', false)",
])
def test_a_set_config_that_is_not_called_moves_no_path(guarded, nothing):
    with psycopg.connect(guarded[0], autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        conn.execute("SET search_path TO audit")
        conn.execute(nothing)
        refused(conn, "UPDATE events SET who = 'x'")
    assert not touched(guarded[1])


@pytest.mark.parametrize("local", ["NULL", "1 = 0"])
def test_a_set_config_for_the_session_is_known_however_that_is_said(guarded, local):
    with psycopg.connect(guarded[0], autocommit=True, cursor_factory=psycopg.ClientCursor) as conn:
        conn.execute(f"SELECT set_config('search_path', 'audit', {local})")
        refused(conn, "UPDATE events SET who = 'x'")
        conn.execute(f"SELECT set_config('search_path', 'public', {local})")
        assert conn.execute("UPDATE events SET who = 'public'").rowcount == 1
    assert not touched(guarded[1])


def test_a_rollback_within_a_pipeline_takes_the_path_back(guarded):
    with psycopg.connect(guarded[0], autocommit=True) as conn:
        conn.execute("SET search_path TO audit")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.pipeline():
            for text in ("SET search_path TO public", "ROLLBACK", "UPDATE events SET who = 'x'"):
                conn.execute(text)
    assert not touched(guarded[1])


def test_a_path_asked_for_at_startup_counts(guarded):
    with psycopg.connect(guarded[0], autocommit=True, options="-csearch_path=audit") as conn:
        refused(conn, "DELETE FROM events")
    assert not touched(guarded[1])


def test_a_prepared_statement_is_judged_again_under_another_path(guarded):
    with psycopg.connect(guarded[0], autocommit=True) as conn:
        assert conn.execute("UPDATE events SET who = who WHERE id = %s", (1,), prepare=True).rowcount == 1
        conn.execute("SET search_path TO audit")
        refused(conn, "UPDATE events SET who = who WHERE id = %s", params=(1,), prepare=True)
        conn.execute("SET search_path TO public")
        assert conn.execute("UPDATE events SET who = who WHERE id = %s", (1,), prepare=True).rowcount == 1
    assert not touched(guarded[1])


def test_a_path_set_for_a_transaction_makes_a_name_uncertain_until_its_end(guarded):
    with psycopg.connect(guarded[0]) as conn:
        conn.execute("SET LOCAL search_path TO audit")
        hint = refused(conn, "DELETE FROM events").message_hint
        assert "write its schema" in hint
        conn.rollback()
        assert conn.execute("UPDATE events SET who = 'public'").rowcount == 1
        conn.commit()
    assert not touched(guarded[1])


def update_by_name(url):
    """What a client does whose server was ended under it: it asks again."""
    for _ in range(20):
        try:
            with psycopg.connect(url, autocommit=True) as conn:
                return conn.execute("UPDATE events SET who = 'public'").rowcount
        except psycopg.OperationalError:
            continue
    raise AssertionError("no server comes back")


def test_a_new_server_is_asked_before_a_name_is_judged(guarded, own_cluster):
    for _ in range(3):
        own_cluster.sql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                        " WHERE datname = 'names' AND pid <> pg_backend_pid()")
        assert update_by_name(guarded[0]) == 1
    assert not touched(guarded[1])


def test_a_path_that_a_role_is_given_later_is_not_taken_for_the_old_one(guarded, own_cluster):
    own_cluster.sql("ALTER ROLE app IN DATABASE names SET search_path TO audit")
    try:
        with psycopg.connect(guarded[0], autocommit=True) as conn, psycopg.connect(guarded[0]) as other:
            other.execute("SELECT 1")   # its server is held: a new one must come
            conn.execute("SET statement_timeout TO 1000")
            own_cluster.sql("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
                            " WHERE datname = 'names' AND state = 'idle'")
            try:
                conn.execute("DELETE FROM events")
            except psycopg.Error:
                pass
        assert not touched(guarded[1])
    finally:
        own_cluster.sql("ALTER ROLE app IN DATABASE names RESET search_path")
