-- GROUPING SETS, ROLLUP and CUBE.

create type size as enum ('s', 'm', 'l');
create table s (dep text, yr int, amt numeric, ts timestamp, z size);
insert into s values ('a', 2020, 10.5, '2020-01-01', 'l'), ('a', 2021, 20, '2021-02-03', 's'), ('b', 2020, 5, '2020-05-05', 'm'), ('b', 2021, 7.25, null, 's'), ('b', 2021, 1, '2021-12-31', 'm'), (null, 2020, 2, null, null);
create table empty (a int, b int);
select dep, yr, sum(amt) from s group by rollup (dep, yr) order by dep, yr, 3;
select dep, yr, sum(amt), grouping(dep, yr) from s group by cube (dep, yr) order by 4, 1, 2;
select dep, yr, count(*) from s group by grouping sets ((dep), (yr), ()) order by grouping(dep), grouping(yr), dep, yr;
select dep, count(*) from s group by grouping sets (dep, ()) having count(*) > 2 order by 1;
select dep, yr, z, count(*) from s group by dep, rollup (yr, z) order by 1, 2, 3, 4;
select yr, z from s group by grouping sets ((yr, z), (z), ()) order by yr desc, z;
select coalesce(dep, 'all') as d, sum(amt) + 1 as t from s group by rollup (dep) order by t desc, d;
select date_trunc('year', ts) as y, dep, avg(amt) from s group by rollup (date_trunc('year', ts), dep) order by y nulls first, dep, 3;
select upper(dep), max(dep), count(dep) from s group by rollup (dep) order by 1, 2;
select dep, yr from s group by rollup ((dep, yr)) order by 1, 2;
select 1 as d, yr as y, count(*) from s group by rollup (y) order by y;
select yr, count(*) from s group by rollup (1) order by 2 desc, 1;
select a, count(*), sum(b) from empty group by rollup (a);
select a, count(*) from empty group by grouping sets ((a), ());
select a from empty group by grouping sets (());
select 'x' from empty group by grouping sets ((), ());
select dep, sum(amt) filter (where yr = 2020), string_agg(z::text, ',' order by z, amt) from s group by cube (dep) order by dep;
select dep, (select count(*) from s s2 where s2.dep = s.dep) from s group by rollup (dep) order by 1, 2;
select distinct yr from s group by cube (yr, dep) order by yr;
select dep, yr, count(*) from s group by grouping sets (rollup (dep), cube (yr)) order by 1, 2, 3 limit 5 offset 1;
with t as (select dep, yr, sum(amt) as total from s group by rollup (dep, yr)) select dep, max(total) from t group by dep order by dep;
select q.* from (select dep, count(*) as n from s group by rollup (dep)) q join (values ('a')) v(d) on v.d = q.dep;
select dep, count(*) from s group by rollup (dep) union all select 'total', 0 order by 2, 1;
insert into empty select yr, count(*) from s group by rollup (yr) returning *;
create view v as select dep, sum(amt) from s group by rollup (dep);
-- bind: ["2020"]
select dep, count(*) from s where yr = $1 group by rollup (dep) order by dep;
select amt, dep from s group by rollup (dep);
select grouping(amt) from s group by dep;
select grouping(dep) from s group by dep order by 1;
select dep from s group by grouping sets (nosuch);
select case when grouping(dep) = 1 then 'Total' else coalesce(dep, '?') end as label, sum(amt) from s group by rollup (dep) order by grouping(dep), label;
