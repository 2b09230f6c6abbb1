-- Aggregates and grouping.

create table g (id int primary key, k text, v int, w numeric, f boolean);
insert into g values (1, 'a', 1, 1.5, true), (2, 'a', 2, 2.5, false), (3, 'b', null, null, null), (4, 'b', 4, 0, true), (5, null, 5, 5, false), (6, 'a', 2, 2.50, true);
select count(*), count(v), count(distinct v), sum(v), avg(v), min(v), max(v), sum(distinct v), avg(distinct w) from g;
select k, count(*), sum(v), avg(w), bool_and(f), bool_or(f), every(f) from g group by k order by k;
select k, v, count(*) from g group by k, v order by k, v nulls first;
select count(*) from g group by k having count(*) > 1 order by 1;
select k from g group by k having sum(v) > 4 order by k;
select sum(v) from g where false;
select count(*) from g where false;
select k, sum(v) from g where false group by k;
select k, string_agg(id::text, ',' order by id desc), array_agg(v order by v nulls first), array_agg(distinct v) from g group by k order by k;
select sum(v) filter (where k = 'a'), count(*) filter (where f), count(*) filter (where not f) from g;
select k, count(*) filter (where v > 1) * 100 / count(*) as pct from g group by k order by k;
select upper(k) as u, count(*) from g group by u order by u;
select upper(k), count(*) from g group by 1 order by 1;
select v % 2 as odd, count(*) from g group by v % 2 order by odd;
select k, v from g group by k;
select k, count(*) from g order by k;
select sum(sum(v)) from g;
select count(*) from g where count(*) > 1;
select k, max(v) - min(v), sum(v) / count(*), sum(v)::float / count(v), round(avg(v), 2) from g group by k order by k;
select g.k, count(h.id) from g left join g h on h.k = g.k and h.id > g.id group by g.k order by g.k;
select id, k, count(*) from g group by id order by id;
-- refused: distinct rows
select count(distinct (k, v)) from g;
select k, sum(w), sum(w) = 6.50, max(w), min(w) from g group by k order by k;
select distinct k from g order by k;
select distinct on (k) k, id, v from g order by k, v desc nulls last, id;
select count(*) over (), k from g group by k order by k;
select k, sum(count(*)) over (order by k) from g group by k order by k;
select rank() over (order by sum(v) desc nulls last), k from g group by k order by 1, 2;
select coalesce(k, 'total'), sum(v) from g group by rollup (k) order by k nulls last, 2;
select k, f, count(*) from g group by cube (k, f) order by k, f, 3;
select k, f, count(*) from g group by grouping sets ((k), (f), ()) order by k, f, 3;
select k, grouping(k), count(*) from g group by rollup (k) order by 2, 1;
select percentile_cont(0.5) within group (order by v), percentile_disc(0.5) within group (order by v), mode() within group (order by k) from g;
select max(k), min(k), max(f::int), bool_and(v > 0) from g;
select array_agg(k), array_agg(k order by k desc nulls last), array_agg(distinct k order by k) from g;
select string_agg(distinct k, '-' order by k), string_agg(k, null order by id) from g;
select string_agg(k, ',' order by id) from g where k is null;
select sum(v * 1.0) / nullif(count(v), 0), sum(case when f then v else 0 end), count(nullif(f, false)) from g;
select k, (select count(*) from g h where h.k = g.k) as same from g group by k order by k;
select avg(v)::int, avg(v)::numeric(5, 2), avg(v::float8), sum(v::bigint), sum(v::smallint) from g;
select min(v), max(v) from g group by () having true;
select 1 from g having true;
select count(*) + 1 as n, 'x' as c from g order by n;
select k, v, sum(v) from g group by k, v having v is not null order by sum(v) desc, k, v;
-- bind: ["a"]
select sum(v), count(*) from g where k = $1;
-- bind: ["2"]
select k, count(*) from g group by k having count(*) >= $1 order by k;
-- what is grouped by may hold a subquery of weir's own
create table members (x int, a int[]);
insert into members values (1, '{1,2}'), (3, '{1}'), (1, null), (4, '{4}');
select x <> all (a) from members group by x <> all (a) order by 1;
select x = any (a) as b, count(*), sum(x) from members group by x = any (a) having count(*) > 0 order by x = any (a) nulls first;
select x = any (a), x from members group by x = any (a);
