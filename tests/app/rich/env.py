"""Alembic's environment: the connection and the models come from the test."""

from alembic import context

given = context.config.attributes


def is_ours(name, kind, parents):
    return kind != "schema" or name in (None, "shop")


context.configure(connection=given["connection"], target_metadata=given["metadata"], compare_type=True,
                  compare_server_default=True, include_schemas=True, include_name=is_ours)
with context.begin_transaction():
    context.run_migrations()
