"""asyncpg at its defaults (statement cache on, everything binary)."""

import asyncio
import datetime
import decimal
import json
import ssl
import uuid

import asyncpg
import pytest


def run(endpoint, body, connections=1):
    async def main():
        context = ssl.create_default_context(cafile=endpoint.ca) if endpoint.ca else False
        opened = [await asyncpg.connect(endpoint.url(), ssl=context) for _ in range(connections)]
        try:
            return await body(*opened)
        finally:
            for each in opened:
                await each.close()
    return asyncio.run(asyncio.wait_for(main(), 60))


def test_infers_parameter_types_as_postgres(endpoint):
    async def body(conn):
        statement = await conn.prepare(
            "select $1 + 1, $2 || 'x', coalesce($3, now()), $4::text = any($5), $6::date - 1 limit $7")
        return [parameter.name for parameter in statement.get_parameters()]
    assert run(endpoint, body) == ["int4", "text", "timestamptz", "text", "text[]", "date", "int8"]


def test_writes_and_reads_every_common_type(endpoint):
    async def body(conn):
        await conn.execute("DROP TABLE IF EXISTS kinds")
        await conn.execute("""CREATE TABLE kinds (id serial PRIMARY KEY, small int2, big int8, f float8, n numeric,
            t text, b bool, u uuid, d date, ts timestamp, tz timestamptz, j jsonb, raw bytea, tags text[], i interval)""")
        values = [3, 2**40, 0.1, decimal.Decimal("1234.5678"), "zwölf", True, uuid.UUID(int=7),
                  datetime.date(2024, 2, 29), datetime.datetime(2024, 1, 2, 3, 4, 5, 6),
                  datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
                  json.dumps({"a": [1, None]}), b"\x00\x01", ["x", None, 'q"uo,te'],
                  datetime.timedelta(days=3, seconds=5)]
        await conn.execute("""INSERT INTO kinds (small, big, f, n, t, b, u, d, ts, tz, j, raw, tags, i)
            VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)""", *values)
        row = await conn.fetchrow("SELECT small, big, f, n, t, b, u, d, ts, tz, j, raw, tags, i FROM kinds")
        await conn.execute("DROP TABLE kinds")
        return values, list(row)
    values, row = run(endpoint, body)
    values[10] = '{"a": [1, null]}'
    assert row == values


def test_uses_its_statement_cache_across_transactions(endpoint):
    async def body(one, two):
        for number in range(30):
            assert await one.fetchval("SELECT $1::int + 1", number) == number + 1
            async with two.transaction():
                assert await two.fetchval("SELECT $1::int + 1", number) == number + 1
                assert await two.fetchval("SELECT $1::text || 'b'", "a") == "ab"
    run(endpoint, body, connections=2)


def test_runs_many_at_once_on_a_small_pool(endpoint):
    async def body(conn):
        context = ssl.create_default_context(cafile=endpoint.ca) if endpoint.ca else False
        async with asyncpg.create_pool(endpoint.url(), ssl=context, min_size=2, max_size=20) as pool:
            async def work(number):
                async with pool.acquire() as each, each.transaction():
                    return await each.fetchval("SELECT $1::int * 2", number)
            return await asyncio.gather(*(work(n) for n in range(200)))
    assert run(endpoint, body) == [n * 2 for n in range(200)]


def test_copies_records_in_binary(endpoint):
    async def body(conn):
        await conn.execute("DROP TABLE IF EXISTS copied")
        await conn.execute("CREATE TABLE copied (id int PRIMARY KEY, name text, at timestamptz)")
        at = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
        await conn.copy_records_to_table("copied", records=[(i, f"r{i}", at) for i in range(500)])
        result = await conn.fetchrow("SELECT count(*), max(name), min(at) FROM copied")
        await conn.execute("DROP TABLE copied")
        return tuple(result), at
    got, at = run(endpoint, body)
    assert got == (500, "r99", at)


def test_walks_a_cursor_in_a_transaction(endpoint):
    async def body(conn):
        async with conn.transaction():
            return [record[0] async for record in conn.cursor("SELECT generate_series(1, 120)", prefetch=25)]
    assert run(endpoint, body) == list(range(1, 121))


def test_returns_a_clean_connection_to_its_own_pool(endpoint):
    async def body(conn):
        await conn.execute("SET statement_timeout = '66s'")
        await conn.reset()
        return await conn.fetchval("SHOW statement_timeout")
    assert run(endpoint, body) == "0"


def test_reports_errors_with_their_class(endpoint):
    async def body(conn):
        with pytest.raises(asyncpg.UndefinedTableError):
            await conn.fetch("SELECT * FROM nowhere")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await conn.fetchval("SELECT 1 / $1::int", 0)
        return await conn.fetchval("SELECT 1")
    assert run(endpoint, body) == 1
