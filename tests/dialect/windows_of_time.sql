-- RANGE frames that go back and forth in time.

create table m (id int primary key, d date, ts timestamp, tz timestamptz, x numeric(8,2), g text);
insert into m values (1, '2024-01-01', '2024-01-01 10:00', '2024-01-01 10:00+00', 10, 'a'), (2, '2024-01-02', '2024-01-01 10:30', '2024-01-01 10:30+00', 20, 'a'), (3, '2024-01-05', '2024-01-01 12:00:00.5', '2024-01-01 12:00:00.5+00', 5, 'b'), (4, '2024-01-08', '2024-01-03', '2024-01-08 10:00+00', 7, 'b'), (5, null, null, null, 3, 'a'), (6, '2024-03-01', '2024-02-29', '2024-03-31 00:30+00', 1.5, 'b'), (7, 'infinity', 'infinity', 'infinity', 2, 'a'), (8, '-infinity', '-infinity', '-infinity', 4, 'a'), (9, '2024-03-01', '2024-03-01 00:00:00', '2024-04-01 00:30+00', 1, 'a');
select id, sum(x) over (order by d range between interval '6 days' preceding and current row) from m order by id;
select id, avg(x) over (order by d range between '6 days' preceding and '1 day' following) from m order by id;
select id, count(*) over (order by d desc range between interval '1 day' preceding and interval '6 days' following) from m order by id;
select id, count(*) over (order by d desc nulls last range between unbounded preceding and interval '6 days' following) from m order by id;
select id, sum(x) over (partition by g order by d range between interval '3 days 12 hours' preceding and interval '0' following exclude current row) from m order by id;
select id, sum(x) over (order by ts range interval '1 hour' preceding), array_agg(id) over (order by ts range between interval '2 hours' preceding and interval '00:30' preceding) from m order by id;
select id, sum(x) over (order by ts range between interval '1 day -1 hour' preceding and current row), first_value(id) over (order by ts range between interval '40 days' preceding and interval '1 microsecond' preceding) from m order by id;
select id, count(*) over (order by tz range between interval '7 days' preceding and current row), max(x) over (order by tz range between interval '36:00' preceding and current row) from m order by id;
-- refused: it is not a constant
-- bind: ["2 days"]
select id, sum(x) over (order by d range between $1 preceding and current row) from m order by id;
-- refused: it is not a constant
-- bind: [null]
select id, sum(x) over (order by d range between $1::interval preceding and current row) from m order by id;
-- refused: it is not a constant
-- bind: ["-1 day"]
select id, sum(x) over (order by d range between $1::interval preceding and current row) from m order by id;
-- refused: it is not a constant
-- bind: ["3"]
-- types: 23
select id, sum(x) over (order by d range between interval '1 day' * $1 preceding and current row) from m order by id;
-- refused: it is not a constant
select id, sum(x) over (order by d range between interval '1 day' * 3 preceding and current row) from m order by id;
-- refused: it is not a constant
select id, sum(x) over (order by d range between make_interval(days => 3) preceding and current row) from m order by id;
select id, sum(x) over w, count(*) over w from m window w as (order by d range between interval '6 days' preceding and current row) order by id;
select id, sum(x) over (order by d range between interval '-6 days' preceding and current row) from m order by id;
select id, sum(x) over (order by d range between 1 preceding and current row) from m order by id;
select id, sum(x) over (order by ts range between 1 preceding and current row) from m order by id;
select id, sum(x) over (order by ts, id range between interval '1 day' preceding and current row) from m order by id;
select id, sum(x) over (order by g range between interval '1 day' preceding and current row) from m order by id;
select date_trunc('day', tz) as day, sum(x), sum(sum(x)) over (order by date_trunc('day', tz) range between interval '6 days' preceding and current row) from m where tz < '2025-01-01' and tz > '2000-01-01' group by 1 order by 1;
with days as (select d::date as d, coalesce(sum(x), 0) as s from generate_series('2024-01-01'::date, '2024-01-10', '1 day') g(d) left join m using (d) group by 1) select d, s, round(avg(s) over (order by d range between interval '2 days' preceding and current row), 2) as moving from days order by d;
set timezone = 'Europe/Berlin';
select id, count(*) over (order by d range between interval '1 day' preceding and current row), count(*) over (order by tz range between interval '24 hours' preceding and current row) from m order by id;
-- refused: days of a zone with daylight saving differ
select id, count(*) over (order by tz range between interval '1 day' preceding and current row) from m order by id;
-- refused: months differ
select id, count(*) over (order by d range between interval '1 month' preceding and current row) from m order by id;
