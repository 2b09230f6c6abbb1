"""As people write it: a session-level advisory lock around the migration, so
that of many pods that start at once one migrates and the others find it done."""

import asyncio
import os

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

MIGRATION_LOCK = 815_4711
URL = os.environ["DATABASE_URL"]


def migrate(connection):
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.commit()
    try:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()


async def migrate_async():
    engine = create_async_engine(URL, poolclass=sa.pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)


if "+asyncpg" in URL:
    asyncio.run(migrate_async())
else:
    with sa.create_engine(URL, poolclass=sa.pool.NullPool).connect() as connection:
        migrate(connection)
