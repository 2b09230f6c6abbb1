"""Ten pods start at once and migrate with Alembic, guarded by a session-level
advisory lock (tests/app/migration/env.py)."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from conftest import open_road

HERE = pathlib.Path(__file__).parent / "app" / "migration"
PODS, PATIENCE_S = 10, 240
REVISIONS = ["0001", "0002", "0003"]
CASES = [("direct", 0, "psycopg"), ("direct", 0, "asyncpg"), ("postgres", 3, "psycopg"), ("postgres", 5, "asyncpg"),
         ("sqlite", 3, "psycopg"), ("sqlite", 5, "asyncpg")]
ROADS = os.environ.get("WEIR_TEST_ROADS", "direct,postgres,sqlite").split(",")


@pytest.fixture(params=[case for case in CASES if case[0] in ROADS],
                ids=lambda case: "-".join(str(each) for each in case if each))
def pods(request, tmp_path):
    """Starts that many, and has an endpoint whose database is empty."""
    road, size, driver = request.param
    endpoint = open_road(road, tmp_path, request, *(("--pool-size", size) if size else ()))
    running = []

    def start(count, **environment):
        environment = {**os.environ, "DATABASE_URL": endpoint.url(f"postgresql+{driver}"), **environment}
        started = [subprocess.Popen([sys.executable, "-m", "alembic", "-c", HERE / "alembic.ini", "upgrade", "head"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)
                   for _ in range(count)]
        running.extend(started)
        return started

    clear(endpoint)
    start.endpoint = endpoint
    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
    try:
        clear(endpoint)
    finally:
        if endpoint.weir:
            endpoint.weir.stop()


def clear(endpoint):
    """Straight at Postgres where there is one: it must not depend on what is tested."""
    tables = "applied, ship, alembic_version"
    if endpoint.cluster:
        endpoint.cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' "
                             "AND (wait_event_type = 'Lock' OR state = 'idle in transaction'); "
                             f"DROP TABLE IF EXISTS {tables}", "app")


def wait_for(processes):
    """What each said at its end, or that it hangs."""
    deadline, said = time.monotonic() + PATIENCE_S, []
    for process in processes:
        try:
            _, errors = process.communicate(timeout=max(0.1, deadline - time.monotonic()))
            said.append((process.returncode, errors[-600:]))
        except subprocess.TimeoutExpired:
            said.append(("hangs", ""))
    return said


def assert_migrated_once(endpoint):
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        applied = conn.execute("SELECT revision, pid FROM applied ORDER BY revision").fetchall()
        assert [revision for revision, _ in applied] == REVISIONS
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [("0003",)]
        assert conn.execute("SELECT count(*), count(flag), sum(tons) FROM ship").fetchone() == (50, 50, 306.25)
        assert conn.execute("SELECT pg_try_advisory_lock(8154711), pg_advisory_unlock(8154711)").fetchone() == (
            True, True), "the lock is still held"
    return [pid for _, pid in applied]


def test_one_of_ten_migrates_and_nobody_hangs(pods):
    said = wait_for(pods(PODS))
    assert [code for code, _ in said] == [0] * PODS, said
    assert len(set(assert_migrated_once(pods.endpoint))) == 1


def test_another_one_migrates_when_the_locks_owner_is_killed(pods, tmp_path):
    mark = tmp_path / "mark"
    started = pods(PODS, MIGRATION_MARK=str(mark))
    deadline = time.monotonic() + PATIENCE_S
    while not mark.exists():
        assert time.monotonic() < deadline, "nobody has begun to migrate"
        assert any(process.poll() is None for process in started), wait_for(started)
        time.sleep(0.02)  # a file has no event that everybody has
    victim = next(process for process in started if process.pid == int(mark.read_text()))
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    said = wait_for([process for process in started if process is not victim])
    assert [code for code, _ in said] == [0] * (PODS - 1), said
    pids = assert_migrated_once(pods.endpoint)
    assert len(set(pids)) == 1 and victim.pid not in pids
