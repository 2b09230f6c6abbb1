"""asyncpg's pool with enums, arrays, JSONB and codecs, its COPY, its cursors:
what comes back must be the same from Postgres and from SQLite."""

import asyncio
import datetime
import decimal
import io
import json
import uuid

import asyncpg

from support.weir import serve


async def talk(port):
    out = []

    def rec(name, v):
        out.append((name, repr(v)))

    async def init(c):
        await c.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        await c.set_type_codec("json", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")

    c = await asyncpg.connect(
        host="127.0.0.1", port=port, user="app", password="s3cret-of-app", database="app", ssl=False
    )
    await c.execute(
        "drop table if exists thing; drop type if exists hue; create type hue as enum ('red','green','dark blue'); create table thing (id serial primary key, h hue not null, hs hue[], ns int[], ts text[][], j jsonb, n numeric(10,3), at timestamptz default now(), u uuid, b bytea, d date, iv interval, ip inet, t time, f float8, ok bool, m varchar(10))"
    )
    await c.close()
    pool = await asyncpg.create_pool(
        host="127.0.0.1",
        port=port,
        user="app",
        password="s3cret-of-app",
        database="app",
        ssl=False,
        min_size=2,
        max_size=4,
        init=init,
    )

    async def tryit(name, coro):
        try:
            rec(name, await coro)
        except Exception as e:
            rec(name, (type(e).__name__, getattr(e, "sqlstate", None), str(e)))

    row = (
        "green",
        ["red", "dark blue", None],
        [1, None, 3],
        [["a", "b"], ["c", "d"]],
        {"a": [1, {"b": None}]},
        decimal.Decimal("1.500"),
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc),
        uuid.UUID(int=5),
        b"\x00\xff",
        datetime.date(2024, 2, 29),
        datetime.timedelta(days=3, seconds=5),
        None,
        datetime.time(1, 2, 3),
        1.5,
        True,
        "abc",
    )
    cols = "h,hs,ns,ts,j,n,at,u,b,d,iv,ip,t,f,ok,m"
    async with pool.acquire() as c:
        await tryit(
            "insert",
            c.fetchrow(
                f'insert into thing ({cols}) values ({",".join("$%d"%(i+1) for i in range(16))}) returning *', *row
            ),
        )
        await tryit("select", c.fetch("select * from thing"))
        await tryit("any enum", c.fetch("select id from thing where h = any($1::hue[])", ["red", "green"]))
        await tryit("any", c.fetchval("select count(*) from thing where id = any($1)", [1, 2, 3]))
        await tryit("enum cmp", c.fetch("select h from thing where h > $1", "red"))
        await tryit("bad enum", c.fetch("select h from thing where h = $1", "pink"))
        await tryit("contains", c.fetch("select id from thing where j @> $1", {"a": [1]}))
        await tryit("path", c.fetch("select j->'a'->0 as x, j->>'a' as y, j #> '{a,1}' as z from thing"))
        await tryit("unnest", c.fetch("select * from unnest($1::int[], $2::text[]) as t(a,b)", [1, 2], ["x", "y"]))
        await tryit("many", c.executemany("insert into thing (h,ns) values ($1,$2)", [("red", [i]) for i in range(10)]))
        recs = [
            (
                "dark blue",
                ["red"],
                [i],
                None,
                {"i": i},
                decimal.Decimal(i),
                row[6],
                uuid.UUID(int=i),
                b"",
                None,
                datetime.timedelta(i),
                None,
                None,
                float(i),
                False,
                str(i),
            )
            for i in range(20)
        ]
        await tryit("copy", c.copy_records_to_table("thing", records=recs, columns=cols.split(",")))
        await tryit(
            "agg", c.fetch("select h, count(*), array_agg(id order by id), sum(n) from thing group by h order by h")
        )
        async with c.transaction():
            cur = await c.cursor("select id, h from thing order by id")
            rec("fetch", await cur.fetch(3))
            rec("forward", await cur.forward(5))
            rec("row", await cur.fetchrow())
            c2 = await c.cursor("select id from thing order by id")
            rec("f2", await c2.forward(4))
            rec("f3", await c2.fetch(2))
            rec("f4", await c2.forward(1))
            rec("f5", await c2.fetchrow())
            ids = []
            async for r in c.cursor("select id from thing order by id desc", prefetch=7):
                ids.append(r["id"])
            rec("iter", ids)
        st = await c.prepare("select $1::hue as a, $2::hue[] as b, $3::jsonb as c, $4::numeric as d")
        rec("params", [(p.oid if p.oid < 16384 else "user", p.name, p.kind) for p in st.get_parameters()])
        rec("attrs", [(a.name, a.type.name, a.type.kind) for a in st.get_attributes()])
        await tryit("prep", st.fetchrow("red", ["green"], {"x": 1}, decimal.Decimal("1e-3")))
        await tryit("codec", c.set_type_codec("hue", encoder=str.lower, decoder=str.upper, format="text"))
        await tryit("codec2", c.fetch("select h, hs from thing order by id limit 2"))
        await c.reset_type_codec("hue")
        b = io.BytesIO()
        await tryit(
            "copy out", c.copy_from_query("select id, h, ns from thing order by id limit 3", output=b, format="csv")
        )
        rec("csv", b.getvalue())
        await tryit(
            "copy table", c.copy_to_table("thing", source=io.BytesIO(b"red,{1}\n"), columns=["h", "ns"], format="csv")
        )
        b = io.BytesIO()
        await tryit("copy out", c.copy_from_table("thing", output=b, columns=["id", "h"]))
        rec("txt", b.getvalue()[-30:])
        await tryit("copy bad", c.copy_records_to_table("thing", records=[("pink",)], columns=["h"]))
        async with c.transaction():
            try:
                async with c.transaction():
                    await c.execute("insert into thing(h) values('red')")
                    await c.execute("select 1/0")
            except Exception as e:
                rec("sp", type(e).__name__)
            await tryit("after", c.fetchval("select count(*) from thing"))
        await tryit("iso", c.fetchval("select 1"))
        async with c.transaction(isolation="serializable", readonly=True):
            await tryit("ro", c.fetchval("show transaction_isolation"))
        async with c.transaction(readonly=True):
            await tryit("ro2", c.execute("insert into thing(h) values('red')"))
        await tryit("alter", c.execute("alter type hue add value 'pink'"))
        await tryit("pink", c.execute("insert into thing(h) values($1)", "pink"))
        await tryit("pink2", c.fetch("select h from thing where h = 'pink'"))
        await tryit("altertab", c.execute("alter table thing add column z int default 7"))
        await tryit("after alter", c.fetchrow("select * from thing where id = 1"))
        await tryit("listen", c.fetch("select pg_notify('x','y')"))
        q = asyncio.Queue()
        await c.add_listener("ch", lambda *a: q.put_nowait(a[2:]))
        await c.execute("notify ch, 'hello'")
        rec("note", await asyncio.wait_for(q.get(), 5))
        await c.reset()

    async def worker(i):
        async with pool.acquire() as c:
            async with c.transaction():
                await c.execute("insert into thing (h,ns,j) values ($1,$2,$3)", ["red", "green"][i % 2], [i], {"w": i})
                return await c.fetchval("select count(*) from thing where j @> $1", {"w": i})

    rec("workers", sorted(await asyncio.gather(*[worker(i) for i in range(20)])))
    rec("total", await pool.fetchval("select count(*), 1 from thing"))
    await pool.execute("drop table thing; drop type hue")
    await pool.close()
    return out


def test_a_pool_says_the_same_on_both(cluster):
    said = []
    for road in ("direct", "sqlite"):
        with serve(road, cluster) as endpoint:
            said.append(asyncio.run(talk(endpoint.port)))
    truth, ours = said
    assert len(truth) > 40
    for expected, answer in zip(truth, ours, strict=True):
        assert answer == expected
