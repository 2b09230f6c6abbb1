"""SQLAlchemy's suite for dialects, against Postgres and against weir on a
SQLite file: of the tests that pass on Postgres, at least 90 % pass on SQLite.
usage: compliance.py [--list] [-k WORDS]    --list: what fails, and why"""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import Cluster  # noqa: E402
from support.compliance import SCHEMAS, run_suite  # noqa: E402
from support.weir import serve  # noqa: E402

LEAST = 0.9


def run_on(road, cluster, options):
    import psycopg
    with serve(road, cluster) as endpoint:
        with psycopg.connect(endpoint.dsn(), autocommit=True) as connection:
            for schema in SCHEMAS:
                connection.execute(f"CREATE SCHEMA {schema}")
        return run_suite(endpoint.url("postgresql+psycopg"), *options)


def reason(why):
    """What a traceback ends with, in few lines."""
    lines = why.strip().splitlines()
    calls = [i for i, line in enumerate(lines) if line.startswith('  File "')]
    return lines[calls[-1] + 2 if calls else 0:][:6]


def main():
    parser = argparse.ArgumentParser(prog="compliance.py")
    parser.add_argument("--list", action="store_true", help="say what fails, and why")
    parser.add_argument("-k", metavar="WORDS", help="only the tests that pytest finds by these")
    chosen = parser.parse_args()
    options = ["-k", chosen.k] if chosen.k else []
    cluster = Cluster()
    try:
        truth, told = (run_on(road, cluster, options) for road in ("direct", "sqlite"))
    finally:
        cluster.destroy()
    expected = [test for test, outcome in truth.items() if outcome == "passed"]
    passed = [test for test in expected if told.get(test) == "passed"]
    for test in expected if chosen.list else ():
        if test not in passed:
            print(test, *reason(told.get(test, "not run")), sep="\n    ")
    share = len(passed) / len(expected) if expected else 0
    print(f"compliance: passed on Postgres {len(expected)}, of these on SQLite {len(passed)} "
          f"({100 * share:.1f} %)")
    sys.exit(share < LEAST)


main()
