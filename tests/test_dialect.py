"""What applications say in Postgres's SQL, said to Postgres and to weir on a
SQLite file: tests/dialect/*.sql, each a session in an empty database
(support/dialect.py). Postgres says what is right; nothing is written down but
the statements. A statement marked as refused is answered with 0A000.

    tests/run BINARY -k dialect          WEIR_DIALECT=NAME for one script"""

import os
import pathlib

import pytest

from support.dialect import Road, compare, read_script
from support.weir import serve

SCRIPTS = sorted((pathlib.Path(__file__).parent / "dialect").glob("*.sql"))
CHOSEN = os.environ.get("WEIR_DIALECT")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SCRIPTS
                                  if CHOSEN in (None, path.stem)])
def test_a_script_is_answered_as_by_postgres(path, cluster):
    database = f"dialect_{path.stem}"
    cluster.create_database(database)
    found = []
    with serve("direct", cluster) as direct, serve("sqlite", cluster) as sqlite:
        truth, lite = Road(direct, "Postgres", database), Road(sqlite, "weir", database)
        for statement in read_script(path):
            wrong = fault(statement, *compare(statement, truth, lite))
            if wrong:
                found.append(f"{path.name}:{statement.line}: {statement.text}\n   {wrong}")
        truth.leave(), lite.leave()
    if found:
        pytest.fail(f"{len(found)} answers differ\n" + "\n".join(found[:40]), pytrace=False)


def fault(statement, truth, told, difference):
    """What is wrong with an answer, or nothing."""
    if statement.refused:
        return "" if told.is_refusal else f"marked as refused, but weir says {told.error or told.results}"
    return difference
