-- Parse without types: what Postgres infers for parameters and results.

create table ty (i int, s smallint, b bigint, n numeric(10, 2), f double precision, r real, t text, v varchar(20), c char(5), d date, ts timestamp, tz timestamptz, bo boolean, u uuid, j jsonb, ia int[], ta text[], by bytea, iv interval, ti time);
-- bind: [null]
select * from ty where i = $1;
-- bind: [null]
select * from ty where s = $1 or b = $1;
-- bind: [null, null]
select * from ty where n > $1 and f < $2;
-- bind: [null]
select * from ty where v = $1;
-- bind: [null]
select * from ty where c = $1;
-- bind: [null, null]
select * from ty where d = $1 and tz > $2;
-- bind: [null]
select * from ty where u = $1;
-- bind: [null]
select * from ty where j @> $1;
-- bind: [null]
select * from ty where i = any ($1);
-- bind: [null]
select * from ty where $1 = any (ta);
-- bind: [null, null]
select * from ty where i in ($1, $2);
-- bind: [null, null]
select * from ty where i between $1 and $2;
-- bind: [null]
select * from ty where t like $1;
-- bind: [null, null, null]
insert into ty (i, v, n) values ($1, $2, $3);
-- bind: [null, null]
update ty set ts = $1 where bo = $2;
-- bind: ["10"]
select i from ty limit $1;
-- bind: ["10"]
select i from ty offset $1;
-- bind: [null]
select $1;
-- bind: [null]
select $1::int;
-- bind: [null]
select $1 || 'a';
-- bind: [null]
select $1 + 1;
-- bind: [null]
select $1 + 1.5;
-- bind: [null]
select $1 + now();
-- bind: [null]
select now() - $1;
-- bind: [null]
select d - $1 from ty;
-- bind: [null]
select d + $1 from ty;
-- bind: [null]
select ts + $1 from ty;
-- bind: [null]
select coalesce($1, 5);
-- bind: [null]
select coalesce(i, $1) from ty;
-- bind: [null]
select case when $1 then 1 else 2 end;
-- bind: [null, null]
select case i when $1 then $2 else 'x' end from ty;
-- bind: [null]
select length($1);
-- bind: [null]
select abs($1);
-- bind: [null, null]
select round($1, $2);
-- bind: [null]
select array[$1, 2];
-- bind: [null]
select array_append(ia, $1) from ty;
-- bind: [null]
select ia || $1 from ty;
-- bind: [null]
select ta || $1 from ty;
-- bind: [null]
select j -> $1 from ty;
-- bind: [null]
select j - $1 from ty;
-- bind: [null, null]
select ($1, $2) = (i, t) from ty;
-- bind: [null]
select i from ty where exists (select 1 where i = $1);
-- bind: [null]
select i from ty where i = (select $1::int);
-- bind: [null, null]
select $1 = $2;
-- bind: [null, null]
select greatest($1, 1), least($2, now()) is null;
-- bind: [null]
select to_char($1, 'YYYY');
-- bind: [null]
select date_trunc('day', $1);
-- bind: [null]
select extract(year from $1);
-- bind: [null]
select $1 is null;
-- bind: [null]
select $1 in (1, 2);
-- bind: [null]
select not $1;
-- bind: [null]
select i from ty where $1;
-- bind: [null]
select sum($1) from ty;
-- bind: [null]
select string_agg($1, ',') from ty;
-- bind: [null, null]
select $1 union all select i from ty where i = $2;
-- bind: [null]
values ($1), (1);
-- bind: [null]
select i from (values ($1::int)) as x(i);
-- bind: [null]
select generate_series(1, $1);
-- bind: [null]
select ti + $1, iv * 2 from ty;
-- bind: [null]
select iv * $1 from ty;
-- bind: [null]
select concat($1, 'a');
-- bind: [null]
select format('%s', $1);
-- bind: [null, null]
select $2::text, $1::int;
-- bind: [null, null]
select $2::text;
select i, s, b, n, f, r, t, v, c, d, ts, tz, bo, u, j, ia, ta, by, iv, ti from ty;
select i + s, i + b, s + s, i * n, i / f, r * r, r + f, n / 3, n::int, -s, abs(s), i % 2 from ty;
select max(v), min(c), sum(s), sum(i), sum(b), sum(n), sum(r), avg(s), avg(f), count(*) from ty;
select v || v, c || c, upper(v), coalesce(v, c), coalesce(c, t), nullif(v, 'x'), v::text, left(c, 1) from ty;
select case when bo then v else c end, case when bo then n else i end, greatest(s, b), array[s, i], array[v, t] from ty;
select n + 1, n * n, round(n), round(n, 1), sum(n), n::numeric(5, 1), n::text from ty group by n;
select d - d, d + 1, d + ti, ts - ts, tz - tz, ts + iv, d::timestamptz, age(ts), extract(day from d) from ty;
select (select i from ty), exists (select 1), array(select t from ty), null, 'unknown', 1, 1.5, 3000000000, true from ty;
select current_date, current_user, session_user, current_schema, pg_typeof(current_time), pg_typeof(current_timestamp(3)), pg_typeof(localtime), pg_typeof(localtimestamp(0));
