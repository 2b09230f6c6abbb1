"""Recordings of real clients (../shared/driver-traffic, where it is), replayed
on Postgres and on weir on a SQLite file: some of them here, one of each family;
all of them in `make prove ARGS=traffic`."""

import pytest

from support.cluster import USER, Cluster
from support.traffic import RECORDINGS, Explained, read_recording, replay

CLIENTS = ("asyncpg", "psycopg3", "pgx4.15.0", "lib-pq1.10.7", "node-pg8.23.1", "pgjdbc42.5.5", "prisma-client6.19",
           "drizzle-kit0.31.11", "typeorm1.1.1", "sequelize6.37.8", "psql", "sqlalchemy2.0.52-psycopg",
           "sqlalchemy1.4.46-asyncpg", "alembic1.19.2-sa2.0.52-asyncpg")
PATHS = [RECORDINGS / f"{client}.sql" for client in CLIENTS if (RECORDINGS / f"{client}.sql").exists()]


@pytest.fixture(scope="module")
def own_cluster():
    """On weir the user is the superuser: there, too, for this."""
    cluster = Cluster(owner=USER)
    yield cluster
    cluster.destroy()


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in PATHS])
def test_a_recording_is_answered_as_by_postgres(path, own_cluster):
    explained = Explained([path.name])
    found = [f"{told.block.place} {told.what}: {' '.join(told.block.text.split())[:200]}\n   {told.difference}"
             for told in replay(read_recording(path), own_cluster) if told.difference and not explained.covers(told)]
    found += [f"explained, but not so: {each}" for each in explained.stale()]
    if found:
        pytest.fail(f"{len(found)} blocks differ\n" + "\n".join(found[:20]), pytrace=False)
