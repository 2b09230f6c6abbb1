"""One unmodified service as eight processes on both backends, then compared."""

import hashlib
import json
import pathlib
import subprocess
import sys

import psycopg
import pytest

from support.weir import Endpoint, Weir

SERVICE = pathlib.Path(__file__).parent / "app" / "service.py"
WORKERS, ORDERS, AUDITS = 8, 250, 1250

DIGESTS = [
    "SELECT name, active FROM customer ORDER BY name",
    "SELECT o.worker, o.number, o.id::text, o.state, o.total, o.details, c.name FROM orders o "
    "JOIN customer c ON c.id = o.customer_id ORDER BY o.worker, o.number",
    "SELECT actor, what, data, ok FROM audit_event ORDER BY actor, (data->>'n')::int",
]


def run_service(endpoint):
    """What the database holds afterwards."""
    running = [subprocess.Popen([sys.executable, SERVICE, endpoint.url(), str(worker), str(WORKERS), str(ORDERS),
                                 str(AUDITS)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for worker in range(WORKERS)]
    reports = []
    for process in running:
        out, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-3000:]
        reports.append(json.loads(out))
    assert sum(report["migrated"] for report in reports) == 1
    assert all(report["refused"] == report["attacks"] for report in reports), reports
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        rows = [conn.execute(sql).fetchall() for sql in DIGESTS]
        ids = conn.execute("SELECT count(DISTINCT id), count(*), count(at) FROM audit_event").fetchone()
    assert [len(each) for each in rows] == [WORKERS * ORDERS, WORKERS * ORDERS, WORKERS * AUDITS]
    assert ids == (WORKERS * AUDITS,) * 3
    return [hashlib.sha256(repr(each).encode()).hexdigest() for each in rows]


@pytest.fixture(scope="module")
def results():
    return {}


@pytest.mark.parametrize("road", ["postgres", "sqlite"])
def test_eight_processes_share_one_database(road, request, tmp_path, results):
    cluster = request.getfixturevalue("cluster")
    if road == "postgres":
        cluster.sql("DROP TABLE IF EXISTS orders, customer, audit_event", "app")
    backend = cluster.url() if road == "postgres" else f"sqlite:{tmp_path / 'app.db'}"
    weir = Weir("--pool-size", "5", "--audit-tables", "audit_event", backend)
    results[road] = run_service(Endpoint(road, weir.port))
    log = weir.log()
    weir.stop()
    assert "database is locked" not in log
    if road == "postgres":
        cluster.sql("DROP TABLE orders, customer, audit_event", "app")


def test_both_backends_hold_the_same(results):
    if len(results) < 2:
        pytest.skip("there is one backend to compare: WEIR_TEST_ROADS, or no Postgres here")
    assert results["postgres"] == results["sqlite"]
