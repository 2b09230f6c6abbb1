"""Twenty workers of each Python driver, and of node-postgres, at their defaults
(statement caches on) on a pool of three: every kind of statement, transactions,
savepoints, failures, pipelines, COPY, their own tables made and dropped,
connections closed and opened. No error, and the right values."""

import asyncio
import datetime
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
import uuid

import asyncpg
import psycopg
import pytest
import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

WORKERS, ROUNDS = 20, 8  # more rounds than any driver's threshold for preparing
PATIENCE_S = 240
UTC = datetime.timezone.utc
COLUMNS = "n, price, at, data, tags, numbers, raw, key, ok, note"


def table_of(name):
    return f"""CREATE TABLE {name} (id bigserial PRIMARY KEY, n int NOT NULL UNIQUE, price numeric(12,3),
        at timestamptz, data jsonb, tags text[], numbers int[], raw bytea, key uuid, ok boolean, note text)"""


def values_of(worker, turn):
    """Another row for each; every third has NULLs."""
    if turn % 3 == 2:
        return [turn, None, None, None, None, None, None, None, None, None]
    return [turn, decimal.Decimal(worker * 1000 + turn) / 8,
            datetime.datetime(2024, 1 + turn % 12, 1 + worker, 3, 4, 5, 600 * turn, UTC),
            {"worker": worker, "list": [turn, None, "ö"]}, ["a,b", 'q"uo', None, f"w{worker}"], [turn, None, -worker],
            bytes([worker, turn, 0, 255]), uuid.UUID(int=worker * 1000 + turn), turn % 2 == 0,
            f"note {worker}.{turn} 'ü\\"]


def run_in_threads(work):
    """A worker that hangs is left behind: its thread ends with the tests."""
    failed, deadline = [], time.monotonic() + PATIENCE_S

    def one(worker):
        try:
            work(worker)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(worker,), daemon=True) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    if failed:
        raise failed[0]
    assert not any(thread.is_alive() for thread in threads), "somebody hangs"


async def run_in_tasks(work):
    tasks = [asyncio.ensure_future(work(worker)) for worker in range(WORKERS)]
    done, hanging = await asyncio.wait(tasks, timeout=PATIENCE_S)
    for task in done:
        task.result()
    assert not hanging, f"{len(hanging)} hang"


# --- psycopg

def psycopg_turn(conn, table, worker, turn):
    row = values_of(worker, turn)
    given = [Jsonb(value) if isinstance(value, dict) else value for value in row]
    marks = ", ".join(["%s"] * len(given))
    with conn.transaction():
        made = conn.execute(f"INSERT INTO {table} ({COLUMNS}) VALUES ({marks}) RETURNING id", given).fetchone()[0]
        assert conn.execute(f"SELECT {COLUMNS} FROM {table} WHERE id = %s", (made,)).fetchone() == tuple(row)
    with conn.transaction(force_rollback=True):
        assert conn.execute(f"UPDATE {table} SET note = %s, n = n + 100 WHERE id = %s", ("gone", made)).rowcount == 1
        assert conn.execute(f"SELECT note FROM {table} WHERE n = %s", (turn + 100,)).fetchone() == ("gone",)
    with conn.transaction():
        conn.execute(f"UPDATE {table} SET ok = %s WHERE id = %s", (True, made))
        with pytest.raises(psycopg.errors.UniqueViolation):
            with conn.transaction():
                conn.execute(f"INSERT INTO {table} (n) VALUES (%s)", (turn,))
        assert conn.execute(f"SELECT ok, note FROM {table} WHERE id = %s", (made,)).fetchone() == (True, row[9])
    with pytest.raises(psycopg.errors.DivisionByZero):
        with conn.transaction():
            conn.execute(f"DELETE FROM {table}")
            conn.execute("SELECT %s / 0", (turn,))
    assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (turn + 1,)


def psycopg_work(endpoint, worker):
    table = f"crowd_p{worker}"
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute(f"DROP TABLE IF EXISTS {table}")
        for _ in range(2):  # the same texts again, on a table that is another
            conn.execute(table_of(table))
            for turn in range(ROUNDS):
                psycopg_turn(conn, table, worker, turn)
            with conn.pipeline():
                asked = [conn.execute("SELECT %s::int * 2, %s::text", (turn, f"t{worker}")) for turn in range(20)]
            assert [cursor.fetchone() for cursor in asked] == [(turn * 2, f"t{worker}") for turn in range(20)]
            with conn.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {table} (n, note) VALUES (%s, %s)",
                                   [(200 + turn, f"many {turn}") for turn in range(30)])
                with cursor.copy(f"COPY {table} (n, price, note) FROM STDIN") as copy:
                    for turn in range(100):
                        copy.write_row((1000 + turn, decimal.Decimal(turn) / 4, f"copied {worker}"))
                with cursor.copy(f"COPY (SELECT n, note FROM {table} WHERE n >= 1000 ORDER BY n) TO STDOUT") as copy:
                    copy.set_types(["int4", "text"])
                    assert list(copy.rows()) == [(1000 + turn, f"copied {worker}") for turn in range(100)]
            conn.execute(f"DROP TABLE {table}")
    with psycopg.connect(endpoint.dsn()) as conn:  # comes back, and leaves transactions to the driver
        for turn in range(ROUNDS):
            assert conn.execute("SELECT %s::int + 1", (turn,)).fetchone() == (turn + 1,)
            with pytest.raises(psycopg.errors.UndefinedTable):
                conn.execute(f"SELECT * FROM {table}")
            with pytest.raises(psycopg.errors.InFailedSqlTransaction):
                conn.execute("SELECT 1")
            conn.rollback()
            with conn.cursor("walk") as cursor:
                cursor.itersize = 10
                cursor.execute("SELECT generate_series(1, %s)", (25,))
                assert sum(row[0] for row in cursor) == 325
            conn.commit()


def test_psycopg(crowded):
    run_in_threads(lambda worker: psycopg_work(crowded, worker))


# --- asyncpg

async def asyncpg_turn(conn, table, worker, turn):
    row = values_of(worker, turn)
    given = [json.dumps(value) if isinstance(value, dict) else value for value in row]
    marks = ", ".join(f"${n + 1}" for n in range(len(given)))
    async with conn.transaction():
        made = await conn.fetchval(f"INSERT INTO {table} ({COLUMNS}) VALUES ({marks}) RETURNING id", *given)
        got = dict(await conn.fetchrow(f"SELECT {COLUMNS} FROM {table} WHERE id = $1", made))
        got["data"] = got["data"] and json.loads(got["data"])
        assert list(got.values()) == row
    transaction = conn.transaction()
    await transaction.start()
    assert await conn.execute(f"UPDATE {table} SET note = $1, n = n + 100 WHERE id = $2", "gone", made) == "UPDATE 1"
    assert await conn.fetchval(f"SELECT note FROM {table} WHERE n = $1", turn + 100) == "gone"
    await transaction.rollback()
    async with conn.transaction():
        await conn.execute(f"UPDATE {table} SET ok = $1 WHERE id = $2", True, made)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with conn.transaction():
                await conn.execute(f"INSERT INTO {table} (n) VALUES ($1)", turn)
        assert tuple(await conn.fetchrow(f"SELECT ok, note FROM {table} WHERE id = $1", made)) == (True, row[9])
        walked = [row[0] async for row in conn.cursor("SELECT generate_series(1, $1::int)", 30, prefetch=10)]
        assert walked == list(range(1, 31))
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with conn.transaction():
            await conn.execute(f"DELETE FROM {table}")
            await conn.fetchval("SELECT $1::int / 0", turn)
    assert await conn.fetchval(f"SELECT count(*) FROM {table}") == turn + 1


async def asyncpg_work(pool, endpoint, worker):
    table = f"crowd_a{worker}"
    async with pool.acquire() as conn:
        await conn.execute(f"DROP TABLE IF EXISTS {table}")
        for _ in range(2):
            await conn.execute(table_of(table))
            for turn in range(ROUNDS):
                await asyncpg_turn(conn, table, worker, turn)
            await conn.executemany(f"INSERT INTO {table} (n, note) VALUES ($1, $2)",
                                   [(200 + turn, f"many {turn}") for turn in range(30)])
            copied = [(1000 + turn, decimal.Decimal(turn) / 4, f"copied {worker}") for turn in range(100)]
            await conn.copy_records_to_table(table, records=copied, columns=["n", "price", "note"])
            assert await conn.fetchval(f"SELECT sum(price) FROM {table} WHERE n >= 1000") == decimal.Decimal("1237.5")
            told = []

            async def hear(data):
                told.append(data)

            await conn.copy_from_query(f"SELECT n, note FROM {table} WHERE n >= $1 ORDER BY n", 1000, output=hear)
            assert b"".join(told).decode() == "".join(f"{1000 + turn}\tcopied {worker}\n" for turn in range(100))
            await conn.execute(f"DROP TABLE {table}")
    for turn in range(2 * ROUNDS):  # whichever connection of the pool is free
        async with pool.acquire() as conn:
            assert await conn.fetchval("SELECT $1::int + 1", turn) == turn + 1
            with pytest.raises(asyncpg.UndefinedTableError):
                await conn.fetch(f"SELECT * FROM {table}")
    for _ in range(2):
        conn = await asyncpg.connect(endpoint.url(), ssl=False)
        assert await conn.fetchval("SELECT $1::text[]", ["a", None, f"w{worker}"]) == ["a", None, f"w{worker}"]
        await conn.close()


def test_asyncpg(crowded):
    async def main():
        pool = await asyncpg.create_pool(crowded.url(), ssl=False, max_size=WORKERS)
        try:
            await run_in_tasks(lambda worker: asyncpg_work(pool, crowded, worker))
        finally:
            pool.terminate()  # close() would wait for whoever hangs
    asyncio.run(main())


def test_asyncpg_recovers_when_a_table_has_changed(crowded):
    """Its cache holds a statement as it was described: whichever server it comes
    to, it must fail with 0A000 when its rows have another shape by now. asyncpg
    knows what to do then, outside a transaction."""
    async def work(worker):
        table, conn = f"crowd_c{worker}", await asyncpg.connect(crowded.url(), ssl=False)
        for _ in range(5):
            await conn.execute(f"DROP TABLE IF EXISTS {table}")
            await conn.execute(f"CREATE TABLE {table} (n int)")
            await conn.execute(f"INSERT INTO {table} VALUES (1)")
            for _ in range(3):
                assert tuple(await conn.fetchrow(f"SELECT * FROM {table}")) == (1,)
            await conn.execute(f"ALTER TABLE {table} ADD COLUMN extra int DEFAULT 7")
            assert tuple(await conn.fetchrow(f"SELECT * FROM {table}")) == (1, 7)
        await conn.execute(f"DROP TABLE {table}")
        await conn.close()
    asyncio.run(run_in_tasks(work))


# --- SQLAlchemy

def alchemy_table(name):
    return sa.Table(
        name, sa.MetaData(), sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("n", sa.Integer, unique=True),
        sa.Column("price", sa.Numeric(12, 3)), sa.Column("at", sa.DateTime(timezone=True)), sa.Column("data", JSONB),
        sa.Column("tags", ARRAY(sa.Text)), sa.Column("numbers", ARRAY(sa.Integer)), sa.Column("raw", sa.LargeBinary),
        sa.Column("key", sa.Uuid), sa.Column("ok", sa.Boolean), sa.Column("note", sa.Text))


def alchemy_row(worker, turn):
    row = dict(zip(COLUMNS.split(", "), values_of(worker, turn)))
    row["data"] = sa.null() if row["data"] is None else row["data"]
    return row


def alchemy_turn(session, table, worker, turn):
    """Of a Session, or of an AsyncSession's inside."""
    row = alchemy_row(worker, turn)
    made = session.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one()
    got = session.execute(sa.select(*list(table.c)[1:]).where(table.c.id == made)).one()
    assert list(got) == values_of(worker, turn)
    session.commit()
    session.execute(sa.update(table).where(table.c.id == made).values(note="gone", n=table.c.n + 100))
    assert session.scalar(sa.select(table.c.note).where(table.c.n == turn + 100)) == "gone"
    session.rollback()
    session.execute(sa.update(table).where(table.c.id == made).values(ok=True))
    with pytest.raises(sa.exc.IntegrityError):
        with session.begin_nested():
            session.execute(sa.insert(table).values(n=turn))
    assert session.execute(sa.select(table.c.ok, table.c.note).where(table.c.id == made)).one() == (True, row["note"])
    session.commit()
    session.execute(sa.delete(table))
    with pytest.raises(sa.exc.DBAPIError):
        session.execute(sa.select(sa.literal(turn) / sa.literal(0)))
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(table)) == turn + 1
    session.commit()


def alchemy_life(session, bind, table, worker):
    for _ in range(2):
        table.create(session.connection())
        session.commit()
        for turn in range(ROUNDS):
            alchemy_turn(session, table, worker, turn)
        made = session.execute(sa.insert(table).returning(table.c.id, sort_by_parameter_order=True),
                               [{"n": 200 + turn, "note": f"many {turn}"} for turn in range(50)]).scalars().all()
        assert len(made) == 50
        assert session.scalar(sa.select(sa.func.count()).where(table.c.n.in_([200, 249, 250]))) == 2
        session.commit()
        assert table.name in sa.inspect(session.connection()).get_table_names()
        table.drop(session.connection())
        session.commit()
        session.invalidate()  # the next one is a new connection


def test_sqlalchemy_with_psycopg(crowded):
    engine = sa.create_engine(crowded.url("postgresql+psycopg"), pool_timeout=100)

    def work(worker):
        table = alchemy_table(f"crowd_s{worker}")
        table.drop(engine, checkfirst=True)
        with Session(engine) as session:
            alchemy_life(session, engine, table, worker)
    run_in_threads(work)
    engine.dispose()


def test_sqlalchemy_with_asyncpg(crowded):
    async def work(engine, worker):
        table = alchemy_table(f"crowd_t{worker}")
        async with engine.begin() as conn:
            await conn.run_sync(table.drop, checkfirst=True)
        async with AsyncSession(engine) as session:
            await session.run_sync(alchemy_life, engine, table, worker)

    async def main():
        engine = create_async_engine(crowded.url("postgresql+asyncpg"), pool_timeout=100, connect_args={"ssl": False})
        await run_in_tasks(lambda worker: work(engine, worker))
        await engine.dispose()
    asyncio.run(main())


# --- node-postgres

@pytest.mark.skipif(not shutil.which("node") or
                    not pathlib.Path(os.environ.get("NODE_PATH", ""), "pg").exists(),
                    reason="node-postgres is not installed (tests/run brings it)")
def test_node_postgres(crowded):
    done = subprocess.run(["node", pathlib.Path(__file__).parent / "crowd.js", str(WORKERS), str(ROUNDS)],
                          capture_output=True, text=True, timeout=PATIENCE_S,
                          env={**os.environ, "PGURL": crowded.url()})
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == f"{WORKERS} workers"
