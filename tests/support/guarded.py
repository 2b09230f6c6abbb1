"""A database of the role's own with an insert-only table, audit_log, behind a
weir that has read its catalog."""

import contextlib

import psycopg

from support.cluster import PASSWORD, USER
from support.weir import Endpoint, Weir


def direct(cluster, database):
    return psycopg.connect(host="127.0.0.1", port=cluster.port, user=USER, password=PASSWORD, dbname=database,
                           autocommit=True)


@contextlib.contextmanager
def guarded_database(cluster, database, schema, by_superuser=None):
    cluster.create_database(database)
    with direct(cluster, database) as conn:
        conn.execute(schema)
    if by_superuser:
        cluster.sql(by_superuser, database)
    weir = Weir("--log-level", "debug", "--pool-size", "3", "--audit-tables", "audit_log",
                f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{cluster.port}/{database}")
    weir.wait_for_line('msg="catalog read"')
    yield Endpoint("postgres", weir.port, weir=weir, cluster=cluster, database=database)
    weir.stop()
    cluster.sql(f"DROP DATABASE {database} WITH (FORCE)")
