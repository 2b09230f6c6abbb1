"""Alembic's whole round: revisions it writes itself, up, changed, and down to
nothing, with either driver; and what the schema then is, asked of Postgres and
of SQLite."""

import asyncio
import importlib.resources
import pathlib
import shutil
import sys

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from support.weir import serve

HERE = pathlib.Path(__file__).parent.parent / "app" / "rich"
sys.path.insert(0, str(HERE))

import models  # noqa: E402

FIRST = """revision = "0001"
down_revision = None
from alembic import op

def upgrade():
    op.execute("CREATE SCHEMA shop")
    op.execute("CREATE SEQUENCE ticket_numbers START WITH 100 INCREMENT BY 5")

def downgrade():
    op.execute("DROP TYPE mood")
    op.execute("DROP TYPE shop.state")
    op.execute("DROP SEQUENCE ticket_numbers")
    op.execute("DROP SCHEMA shop")
"""
FILL = """
INSERT INTO person (name, nick, felt, born) SELECT 'n' || i, 'k' || i, '{ok,sad}', date '2000-01-31' + i
    FROM generate_series(1, 9) AS i;
UPDATE person SET friend_id = id - 1 WHERE id > 1;
INSERT INTO shop.item (maker, number, price, extra) SELECT p, n, p * 1.25, jsonb_build_object('p', p, 'n', n)
    FROM generate_series(1, 9) AS p, generate_series(1, 3) AS n;
INSERT INTO shop."Order Line" (maker, number) SELECT maker, number FROM shop.item ORDER BY maker, number;
INSERT INTO everything (a_numeric) VALUES (1.50), (NULL);
"""
ROWS = ["SELECT id, name, nick, feels, felt, friend_id, made IS NOT NULL FROM person ORDER BY id",
        "SELECT * FROM shop.item ORDER BY maker, number", 'SELECT * FROM shop."Order Line" ORDER BY "Id"',
        "SELECT id, other, a_bool, a_smallint, doubled, a_price, texts, an_interval, a_numeric FROM everything ORDER BY id"]
LEFT = ["SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN "
        "('public', 'shop') AND relname NOT LIKE 'alembic%'",
        "SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname IN ('public', 'shop') "
        "AND typname NOT LIKE '%alembic%'",
        "SELECT nspname FROM pg_namespace WHERE nspname = 'shop'"]
REFLECTED = ["columns", "indexes", "unique_constraints", "check_constraints", "foreign_keys", "pk_constraint",
             "table_comment"]


class Round:
    """Alembic over one connection, in a directory of its own."""

    def __init__(self, connection, directory):
        self.connection = connection
        shutil.copy(HERE / "env.py", directory)
        template = importlib.resources.files("alembic") / "templates" / "generic" / "script.py.mako"
        (directory / "script.py.mako").write_text(template.read_text())
        (directory / "versions").mkdir()
        (directory / "versions" / "0001_first.py").write_text(FIRST)
        self.config = Config(stdout=open("/dev/null", "w"))
        self.config.set_main_option("script_location", str(directory))
        self.config.set_main_option("path_separator", "os")
        self.config.attributes["connection"] = connection

    def run(self, metadata, verb, *arguments, **options):
        self.config.attributes["metadata"] = metadata
        getattr(command, verb)(self.config, *arguments, **options)
        self.connection.commit()

    def release(self, metadata, name):
        """What a developer does: has the revision written, applies it, and finds nothing left to do."""
        self.run(metadata, "revision", message=name, autogenerate=True)
        self.run(metadata, "upgrade", "head")
        assert self.differences(metadata) == []

    def differences(self, metadata):
        context = MigrationContext.configure(self.connection, opts={
            "compare_type": True, "compare_server_default": True, "include_schemas": True,
            "include_name": lambda name, kind, parents: kind != "schema" or name in (None, "shop")})
        found = [each for each in compare_metadata(context, metadata) if "alembic_version" not in str(each)]
        self.connection.rollback()
        return found

    def ask(self, statements):
        answers = [self.connection.execute(sa.text(each)).fetchall() for each in statements]
        self.connection.rollback()
        return answers

    def reflect(self):
        inspector, seen = sa.inspect(self.connection), {}
        for schema in (None, "shop"):
            for kind in REFLECTED:
                for table, found in getattr(inspector, f"get_multi_{kind}")(schema=schema).items():
                    seen[kind, table] = repr(found)
            seen["enums", schema] = inspector.get_enums(schema=schema)
            seen["sequences", schema] = sorted(inspector.get_sequence_names(schema=schema))
        self.connection.rollback()
        return seen


def go_round(connection, directory):
    """All of it; what was seen on the way."""
    tour, seen = Round(connection, directory), {}
    tour.run(models.metadata, "upgrade", "0001")
    tour.release(models.metadata, "tables")
    for statement in FILL.split(";"):
        if statement.strip():
            connection.execute(sa.text(statement))
    connection.commit()
    seen["created"], seen["rows"] = tour.reflect(), tour.ask(ROWS)
    tour.release(models.changed(), "changes")
    seen["changed"], seen["rows of changed"] = tour.reflect(), tour.ask(ROWS)
    tour.run(models.metadata, "downgrade", "-1")
    seen["back"], seen["rows again"] = tour.reflect(), tour.ask(ROWS)
    assert tour.differences(models.metadata) == []
    tour.run(models.metadata, "downgrade", "base")
    assert tour.ask(LEFT) == [[], [], []]
    connection.execute(sa.text("DROP TABLE alembic_version"))
    connection.commit()
    return seen


def go_round_async(endpoint, directory):
    async def main():
        engine = create_async_engine(endpoint.url("postgresql+asyncpg"), connect_args={"ssl": False})
        async with engine.connect() as connection:
            seen = await connection.run_sync(go_round, directory)
        await engine.dispose()
        return seen
    return asyncio.run(main())


def go_round_on(endpoint, driver, directory):
    directory.mkdir()
    if driver == "asyncpg":
        return go_round_async(endpoint, directory)
    engine = sa.create_engine(endpoint.url("postgresql+psycopg"), connect_args={"sslmode": "disable"})
    with engine.connect() as connection:
        seen = go_round(connection, directory)
    engine.dispose()
    return seen


@pytest.mark.parametrize("driver", ["psycopg", "asyncpg"])
def test_a_round_of_migrations_is_the_same_on_both(cluster, tmp_path, driver):
    seen = []
    cluster.create_database("migrated")
    for road in ("direct", "sqlite"):
        with serve(road, cluster, database="migrated") as endpoint:
            seen.append(go_round_on(endpoint, driver, tmp_path / road))
    truth, ours = seen
    for stage in truth:
        assert ours[stage] == truth[stage], stage
