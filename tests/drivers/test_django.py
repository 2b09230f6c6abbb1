"""Django as a project uses it: its own migrations and those of its contrib
applications, what inspectdb makes of the tables, and the ORM. Whatever it
prints over Postgres it must print over SQLite."""

import os
import pathlib
import subprocess
import sys

import pytest

pytest.importorskip("django", reason="Django is not installed: pip could not fetch it")

from support.weir import Endpoint, Weir, serve  # noqa: E402

SITE = pathlib.Path(__file__).parent.parent / "app" / "django_site"


@pytest.fixture(scope="module")
def said(cluster):
    """By road, what each step of tour.py printed."""
    said = {}
    cluster.create_database("django")
    for road in ("direct", "sqlite"):
        with serve(road, cluster) as endpoint:
            said[road] = run(endpoint, "tour.py").split("\n== ")
    return said


def run(endpoint, *step):
    environment = {**os.environ, "DBPORT": str(endpoint.port), "DBNAME": "app" if endpoint.is_sqlite else "django",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-W", "ignore", *step], cwd=SITE, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def test_migrations_apply_and_unapply_with_rows_in_the_tables(said):
    for step in (0, 2, 3):
        assert said["sqlite"][step] == said["direct"][step]
        assert "OK" in said["sqlite"][step]


def test_inspectdb_sees_the_same_tables(said):
    assert said["sqlite"][1] == said["direct"][1]
    assert said["sqlite"][4] == said["direct"][4]


def test_the_orm_answers_the_same(said):
    truth, ours = (paragraphs(said[road][5]) for road in ("direct", "sqlite"))
    assert len(truth) == len(ours) > 150
    for expected, answer in zip(truth, ours):
        assert answer == expected


def test_its_test_runner_makes_a_database_and_drops_it(tmp_path):
    weir = Weir(f"sqlite:{tmp_path}/{{database}}.db")
    said = run(Endpoint("sqlite", weir.port, weir=weir), "manage.py", "test", "--noinput", "shop")
    assert "Ran 2 tests" in said and "OK" in said
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("test_")]
    weir.stop()


def paragraphs(text):
    return text.split("\n>> ")
