-- Frames of windows: offsets, windows made of windows, aggregates that forget rows.

create table m (id int primary key, at timestamp, d date, tz timestamptz, g text, v int, n numeric(10,2), f float8, i interval, t time);
insert into m values (1,'2024-01-01 00:00','2024-01-01','2024-01-01 00:00+00','a',10,1.50,1.5,'1 day','01:00'),(2,'2024-01-01 12:00','2024-01-02','2024-01-02 00:00+00','a',10,2.25,2,'24:00','02:00'),(3,'2024-01-03 00:00','2024-01-31','2024-01-31 00:00+00','a',null,null,null,null,null),(4,'2024-01-31 00:00','2024-02-29','2024-02-29 00:00+00','b',-5,0,-0.0,'1 mon','23:00'),(5,'2024-02-29 00:00','2024-03-01','2024-03-01 00:00+00','b',7,3.10,'NaN','30 days','23:30'),(6,null,null,null,null,20,100,'Infinity','-1 day','00:30'),(7,'2024-02-01 00:00','2024-02-29','2024-02-01 00:00+00','b',7,3.1,1e300,'29 days','12:00');
select id, count(*) over (order by at range between interval '1 day' preceding and current row) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type timestamp without time zone and offset type interval
select id, sum(v) over (order by at range between interval '1 month' preceding and interval '1 day' following) from m order by id;
select id, count(*) over (order by d range between '7 days' preceding and '1 day' following) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type date and offset type unknown
select id, count(*) over (order by d desc range between '1 month' preceding and current row) from m order by id;
select id, count(*) over (order by tz range between '1 day' preceding and '1 day' following) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type numeric and offset type numeric
select id, sum(v) over (order by n range between 1.5 preceding and current row) from m order by id;
select id, sum(v) over (order by f range between 1 preceding and 1 following) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type time without time zone and offset type unknown
select id, count(*) over (order by t range between '1 hour' preceding and '30 minutes' following) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type interval and offset type unknown
select id, count(*) over (order by i range between '1 day' preceding and current row) from m order by id;
select id, count(*) over (order by v range between 3 preceding and 3 following) from m order by id;
select id, count(*) over (order by v nulls first range between 3 preceding and 3 following) from m order by id;
select id, count(*) over (order by v desc range between 3 preceding and 3 following) from m order by id;
select id, count(*) over (order by v range between -1 preceding and 3 following) from m order by id;
select id, count(*) over (order by v range between 1.5 preceding and 3 following) from m order by id;
select id, count(*) over (order by g range between 1 preceding and 3 following) from m order by id;
select id, count(*) over (order by v, id range between 1 preceding and 3 following) from m order by id;
select id, count(*) over (order by v range between unbounded preceding and 3 following) from m order by id;
select id, count(*) over (order by v range between 3 following and unbounded following) from m order by id;
select id, count(*) over (order by v range between 5 preceding and 1 preceding) from m order by id;
select id, count(*) over (order by v::bigint range between 5 preceding and 1 preceding) from m order by id;
select id, count(*) over (order by v::smallint range between 5 preceding and 1 preceding) from m order by id;
select id, count(*) over (order by v groups between 1 preceding and 1 following) from m order by id;
select id, count(*) over (order by v groups between 1 preceding and 1 following exclude current row) from m order by id;
select id, count(*) over (order by v groups between 1 preceding and 1 following exclude group) from m order by id;
select id, array_agg(id) over (order by v, id rows between 1 preceding and 1 following exclude group) from m order by id;
select id, array_agg(id) over (order by g nulls first, id rows between unbounded preceding and unbounded following exclude current row) from m order by id;
select id, count(*) over (order by n groups 1 preceding) from m order by id;
select id, count(*) over (order by i groups current row) from m order by id;
select id, first_value(id) over (order by i, id), last_value(id) over (order by i), nth_value(id, 2) over (order by i, id rows between unbounded preceding and unbounded following) from m order by id;
select id, rank() over (order by i), dense_rank() over (order by i), row_number() over (order by i, id) from m order by id;
select id, rank() over (order by n desc), rank() over (order by f), rank() over (order by f desc nulls last) from m order by id;
select id, rank() over (partition by v order by n), count(*) over (partition by n), count(*) over (partition by i) from m order by id;
select id, sum(n) over (order by id), avg(n) over (order by id), sum(v) over (order by id), avg(v) over (order by id) from m order by id;
select id, sum(n) over w, avg(n) over w, min(n) over w, max(n) over w, count(n) over w from m window w as (order by id rows between 1 preceding and 1 following) order by id;
select id, sum(f) over w, avg(f) over w, min(f) over w, max(f) over w from m window w as (order by id rows between 1 preceding and current row) order by id;
select id, sum(i) over w, avg(i) over w, min(i) over w, max(i) over w from m window w as (order by id rows between 1 preceding and current row) order by id;
select id, min(d) over w, max(at) over w, min(tz) over w, max(g) over w, min(t) over w from m window w as (order by id rows between 1 preceding and current row) order by id;
select id, stddev(v) over w, variance(n) over w, stddev_pop(f) over w from m window w as (order by id rows between 2 preceding and current row) order by id;
select id, bool_and(v > 5) over w, bool_or(v > 5) over w, every(v > 5) over w, bit_and(v) over w, bit_or(v) over w from m window w as (order by id) order by id;
select id, string_agg(g, ',') over w, json_agg(v) over w, jsonb_object_agg(id, g) over w from m window w as (order by id rows between 1 preceding and current row) order by id;
select id, corr(v, n) over (order by id), regr_slope(v, n) over (order by id) from m order by id;
select id, lag(n) over (order by id), lead(n, 2, 9.5) over (order by id), lag(d, 1, '2000-01-01') over (order by id), lead(i) over (order by id), lag(f, 0) over (order by id) from m order by id;
select id, lag(v, -1) over (order by id), lag(v, null) over (order by id), lead(g, 1, 'z') over (partition by v order by id) from m order by id;
select id, ntile(3) over (order by n nulls first, id), percent_rank() over (order by n), cume_dist() over (order by n) from m order by id;
select id, nth_value(v, 0) over (order by id) from m;
select id, nth_value(v, null) over (order by id) from m order by id;
select id, ntile(null) over (order by id) from m order by id;
select v, count(*), sum(count(*)) over (order by v nulls first), rank() over (order by count(*) desc), avg(sum(n)) over () from m group by v order by v;
select g, sum(v), sum(sum(v)) over (order by g rows unbounded preceding), lag(sum(v)) over (order by g) from m group by g order by g;
select g, max(n) - min(n), first_value(g) over (order by max(n) - min(n) desc nulls last) from m group by g order by g;
select d, d - lag(d) over (order by d, id) as gap, tz - lag(tz) over (order by tz) from m order by d, id;
select sum(gap) from (select d - lag(d) over (order by d) as gap from m) x;
delete from m where id in (select id from (select id, row_number() over (partition by v order by id) rn from m) x where rn > 1) returning id;
insert into m (id, v, n) values (2, 10, 2.25), (20, 10, 2.25);
update m set v = x.rn from (select id, row_number() over (order by n nulls first, id) rn from m) x where x.id = m.id returning m.id, m.v;
select id, sum(v) filter (where g = 'a') over (order by id), count(*) filter (where n > 2) over (partition by g) from m order by id;
select distinct v, dense_rank() over (order by v) from m order by 1;
select distinct on (g) g, id, row_number() over (order by id) from m order by g, id desc;
select id, row_number() over w1, sum(v) over w2 from m window w1 as (order by id), w2 as (w1 rows between 1 preceding and 1 following) order by id;
select id, sum(v) over (w rows 1 preceding) from m window w as (partition by g order by id) order by id;
select id, sum(v) over (w partition by g) from m window w as (order by id);
select id, sum(v) over (w) from m window w as (order by id rows 1 preceding);
select id, sum(v) over (w order by v) from m window w as (order by id);
select id, sum(v) over w from m window w as (order by id), w as (order by v);
select sum(sum(v)) over () from m;
-- refused: this form of the statement is not supported on SQLite
select sum(row_number() over ()) from m;
select id from m group by id having row_number() over () = 1;
-- refused: this form of the statement is not supported on SQLite
select row_number() over (order by row_number() over ()) from m;
select id, count(distinct v) over () from m;
select id, sum(v order by id) over () from m;
select id, count(*) over (rows between unbounded following and unbounded preceding) from m;
select id, count(*) over (order by id rows between current row and 1 preceding) from m;
select id, count(*) over (order by id rows between 1 following and current row) from m;
select id, count(*) over (order by id rows between -1 preceding and current row) from m;
select id, count(*) over (order by id rows between null preceding and current row) from m;
select id, count(*) over (order by id rows between id preceding and current row) from m;
select id, count(*) over (groups 1 preceding) from m;
select id, count(*) over (range 1 preceding) from m;
-- bind: ["2"]
select id, count(*) over (order by id rows $1 preceding) from m order by id;
-- bind: ["3"]
select id, count(*) over (order by id range between $1 preceding and current row) from m order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type timestamp without time zone and offset type unknown
-- bind: ["10 days"]
select id, count(*) over (order by at range between $1 preceding and current row) from m order by id;
-- refused: an offset of ROWS that is not a constant or a parameter is not supported on SQLite
select id, count(*) over (order by id rows between 1 + 1 preceding and current row) from m order by id;
-- refused: an offset of ROWS that is not a constant or a parameter is not supported on SQLite
select id, count(*) over (order by id rows between (select 1) preceding and current row) from m order by id;
select id, max(v) over (order by id rows between 3 following and 5 following), sum(v) over (order by id rows between 5 preceding and 4 preceding) from m order by id;
select id, first_value(v) over (order by id rows between 1 following and 2 following), last_value(v) over (partition by g order by id rows between 2 preceding and 1 preceding) from m order by id;
select id, (row_number() over (order by id desc))::int % 2 = 0, case when row_number() over (order by id) = 1 then 'first' end from m order by id;
select id from m order by row_number() over (order by n nulls last, id desc);
select id, sum(v) over (order by id) from m order by sum(v) over (order by id) desc nulls last, id limit 3;
select x.id, y.r from m x left join (select id, rank() over (order by v) r from m) y on y.id = x.id + 1 order by 1;
create table xt (id int, v bigint, f float8);
insert into xt values (1, 1, 1), (2, 5, 2.5), (3, 7, null);
-- bind: ["2"]
select id, count(*) over (order by v range between $1 preceding and current row) from xt order by id;
-- bind: ["2"]
select id, count(*) over (order by f range between $1 preceding and current row) from xt order by id;
-- bind: ["-1"]
select id, count(*) over (order by id rows between $1 preceding and current row) from xt order by id;
-- bind: ["1.5"]
select id, count(*) over (order by id rows between $1 preceding and current row) from xt order by id;
select id, count(*) over (order by id rows between '1' preceding and '2' following) from xt order by id;
-- refused: an offset of ROWS that is not a constant or a parameter is not supported on SQLite
select id, count(*) over (order by id rows between 1.5 preceding and '2' following) from xt order by id;
-- refused: RANGE with offset PRECEDING/FOLLOWING is not supported for column type double precision and offset type numeric
select id, count(*) over (order by f range between 1.5 preceding and current row) from xt order by id;
select id, count(*) over (order by f range between 1 preceding and current row) from xt order by id;
select id, sum(f) over (order by id rows between 1 preceding and current row exclude current row) from xt order by id;
select id, sum(f) over (order by id groups between 1 following and 2 following exclude ties), max(v::numeric) over (order by id rows between unbounded preceding and 1 preceding) from xt order by id;
select id, sum(f) over (order by id rows between current row and unbounded following) from xt order by id;
select sum(v) over w from xt window w as (partition by id), w2 as (nosuch order by id);
select 1 from xt window w as (partition by id), w as (order by id);
create table x1 (id int primary key, x float8, n numeric, b bool, i interval);
insert into x1 values (1,0.1,1,true,'1 day'),(2,0.2,2.5,false,null),(3,0.3,3,true,'1 hour'),(4,0.1,4,true,'2 days'),(5,1e16,5,null,'1 mon'),(6,0.7,6,false,'1 s'),(7,0.3,7,true,'1 s');
select id, sum(x) over (order by id rows 2 preceding), avg(x) over (order by id rows 2 preceding) from x1 order by id;
select id, sum(x::float4) over (order by id rows 2 preceding), avg(x::float4) over (order by id rows 2 preceding) from x1 order by id;
select id, min(n) over (order by id rows 2 preceding), max(n) over (order by id rows between 1 following and 2 following) from x1 order by id;
select id, bool_and(b) over (order by id rows 1 preceding), bool_or(b) over (order by id rows 1 preceding), bit_or(id) over (order by id rows 1 preceding) from x1 order by id;
select id, sum(i) over (order by id rows 1 preceding), avg(i) over (order by id rows 1 preceding), max(i) over (order by id rows 1 preceding) from x1 order by id;
select id, stddev(x) over (order by id rows 2 preceding), var_pop(id) over (order by id rows 2 preceding) from x1 order by id;
select id, corr(x, id) over (order by id rows 3 preceding), count(x) over (order by id rows 1 preceding) from x1 order by id;
select id, array_agg(id) over (order by id rows 1 preceding), string_agg(id::text, ',') over (order by id rows 1 preceding), jsonb_agg(n) over (order by id rows 1 preceding) from x1 order by id;
with recursive t(n) as (select 1.0 union select 1.00 from t) select * from t;
with recursive t(n, i) as (select 1, interval '1 day' union select 1, interval '24 hours' from t) select n, i from t;
with recursive t(a, b) as (select 'x '::char(3), 1.50 union select 'x'::char(3), 1.5 from t) select * from t;
create table added (id int, x float8);
insert into added values (1, 0.5), (2, 0.1), (3, 0.2), (4, 0.3), (5, 1e16), (6, -1e16), (7, 1), ('8', 'inf'), (9, 1), (10, 2), (11, 0.3);
select id, sum(x) over w, avg(x) over w, sum(x::float4) over w, stddev(x) over w from added window w as (order by id rows 2 preceding) order by id;
select id, sum(x) over w, avg(x) over w from added window w as (order by id rows between 1 following and 2 following) order by id;
create recursive view nums (n) as values (1) union all select n + 1 from nums where n < 5;
