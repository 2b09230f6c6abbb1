-- Window functions.

create table w (id int primary key, g text, v int);
insert into w values (1, 'a', 10), (2, 'a', 20), (3, 'a', 20), (4, 'b', 5), (5, 'b', null), (6, 'c', 7);
select id, row_number() over (order by id), rank() over (order by v), dense_rank() over (order by v), percent_rank() over (order by v), cume_dist() over (order by v), ntile(2) over (order by id) from w order by id;
select id, sum(v) over (), sum(v) over (order by id), sum(v) over (partition by g), sum(v) over (partition by g order by id), avg(v) over (partition by g) from w order by id;
select id, lag(v) over (order by id), lead(v) over (order by id), lag(v, 2) over (order by id), lag(v, 1, -1) over (order by id), lead(v, 1, 0) over (partition by g order by id) from w order by id;
select id, first_value(v) over (partition by g order by id), last_value(v) over (partition by g order by id), nth_value(v, 2) over (partition by g order by id), last_value(v) over (partition by g order by id rows between unbounded preceding and unbounded following) from w order by id;
select id, sum(v) over (order by id rows between 1 preceding and 1 following), count(*) over (order by id rows 2 preceding), max(v) over (order by id rows between current row and 1 following) from w order by id;
select id, sum(v) over (order by v range between 5 preceding and current row), count(*) over (order by v groups between 1 preceding and current row) from w order by id;
select id, count(*) over (order by v), sum(v) over (order by v desc nulls last) from w order by id;
select id, sum(v) over win, avg(v) over win from w window win as (partition by g order by id) order by id;
select id, sum(v) over (win order by id desc) from w window win as (partition by g) order by id;
select g, count(*), sum(count(*)) over () from w group by g order by g;
select * from (select id, row_number() over (partition by g order by v desc nulls last, id) as rn from w) as x where rn = 1 order by id;
select id, count(*) filter (where v > 5) over (order by id) from w order by id;
select id, v - lag(v) over (order by id) as delta, v * 100.0 / sum(v) over () as pct from w order by id;
select row_number() over () from w;
select sum(v) over (order by id rows between unbounded preceding and 1 preceding) from w order by id;
select id, string_agg(g, '') over (order by id), array_agg(v) over (partition by g order by id) from w order by id;
select id, sum(v) over (order by id rows between 1 preceding and current row exclude current row) from w order by id;
select id, min(v) over (partition by g), max(id) over (order by g), bool_and(v > 5) over (partition by g) from w order by id;
select id from w where row_number() over () = 1;
select rank() from w;
select sum(v) over (partition by g order by nosuch) from w;
select lag(v) over nosuch from w;
select distinct g, sum(v) over (partition by g) from w order by g;
select g, rank() over (order by count(*) desc, g) from w group by g order by 2;
select id, ntile(4) over (order by id), ntile(10) over (order by id) from w order by id;
select ntile(0) over () from w;
select id, lag(g, 1, 'none') over (partition by g order by id), lead(id::text || 'x') over (order by id desc) from w order by id;
select id, first_value(id) over (order by v nulls first, id), sum(v::numeric) over (order by id) / 3 from w order by id;
-- bind: ["2"]
select id, lag(v, $1) over (order by id) from w order by id;
