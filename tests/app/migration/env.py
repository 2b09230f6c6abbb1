"""As people write it: a session-level advisory lock around the migration, so
that of many pods that start at once one migrates and the others find it done."""

import os

import sqlalchemy as sa
from alembic import context

MIGRATION_LOCK = 815_4711

engine = sa.create_engine(os.environ["DATABASE_URL"], poolclass=sa.pool.NullPool)

with engine.connect() as connection:
    connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.commit()
    try:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()
