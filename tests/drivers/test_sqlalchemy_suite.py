"""A part of SQLAlchemy's suite for dialects, where every test passes on both
roads; the whole of it is tests/prove/compliance.py."""

import pytest

from support.cluster import PASSWORD, USER
from support.weir import serve

PART = ("TempTableElementsTest or CompositeKeyReflectionTest or FetchLimitOffsetTest or LikeFunctionsTest "
        "or ReturningTest or SequenceTest or TableNoColumnsTest or (ComponentReflectionTest and collation)")


@pytest.mark.parametrize("road", ["direct", "sqlite"])
def test_a_part_of_the_suite_passes(road, cluster):
    import psycopg
    from support.compliance import SCHEMAS, run_suite

    database = f"suite_{road}" if road == "direct" else "app"
    if road == "direct":
        cluster.create_database(database)
    with serve(road, cluster) as endpoint:
        address = f"{USER}:{PASSWORD}@127.0.0.1:{endpoint.port}/{database}"
        with psycopg.connect(f"postgresql://{address}", autocommit=True) as connection:
            for schema in SCHEMAS:
                connection.execute(f"CREATE SCHEMA {schema}")
        found = run_suite(f"postgresql+psycopg://{address}", "-k", PART)
    failed = {test: why for test, why in found.items() if why not in ("passed", "skipped")}
    assert not failed
    assert list(found.values()).count("passed") > 80
