-- Functions in FROM on the outer side of a join.

create table outer_joined (id int primary key, arr int[]);
insert into outer_joined values (1, '{1,2}'), (2, '{}'), (5, null);
select * from outer_joined q right join generate_series(1, 3) as g(x) on q.id = g.x order by 3;
select * from outer_joined q full join generate_series(1, 3) as g(x) on q.id = g.x order by q.id, x;
select * from generate_series(1, 3) as g(x) right join outer_joined q on q.id > 1 order by q.id, x;
select * from outer_joined q left join generate_series(1, 3) as g(x) on q.id = g.x right join generate_series(2, 4) with ordinality as h(x) on h.x = g.x;
select * from outer_joined q right join jsonb_each('{"a": 1, "b": 2}') as e on e.key = 'a' and q.id = 2 order by e.key;
select * from outer_joined q right join unnest(array[1, 2], array['a']) as u(x, y) on u.x = q.id order by u.x;
select * from outer_joined q left join unnest(array[1, 2], array['a']) as u(x, y) on u.x = q.id order by q.id;
select * from outer_joined q left join unnest(q.arr) as u(x) on x > 1 right join (values (1), (2), (3)) as v(y) on v.y = u.x order by y;
select * from generate_series(1, 3) as g(x) full join generate_series(2, 5) as h(x) using (x) full join unnest(array[5, 6]) as k(x) using (x) order by 1;
-- A condition that is only a column, and that column computed.
create table bare (id int primary key, x text, f boolean);
insert into bare values (1, 'x', true), (2, 'y', false), (3, null, null);
create view bare_view as select id, x = 'x' as c, f from bare;
select q.id, u.id from (select id, c = true as c from (select id, x = 'x' as c from bare group by id, x) g) q left join bare u on q.c;
select 1 from (select null::bool as c from (select 1 from bare group by x) g) q left join bare u on q.c;
select 1 from (select null::bool as c from (select 1 from bare group by x) g) q left join bare u on u.id > 0 and (u.f or q.c) and q.c left join bare w on w.f;
select q.id, u.id from (select id, not c as c from (select distinct id, c from bare_view) g) q left join bare u on u.f and q.c;
select q.id, u.id from bare u right join (select id, c is true as c from (select id, c from bare_view group by 1, 2) g) q on q.c;
select q.c, count(*) from (select id, c from (select id, c from bare_view group by 1, 2) g) q where q.c group by q.c having q.c;
with w as (select id, x is null as n from bare) select a.id, b.id from w a left join w b on a.n and b.n left join w c on c.n;
-- A subquery that is a column: NULL in the rows without a match, and in those only.
select b.id, b.f, q.c, q.d from bare b left join (select true as c, exists (select 0) as d from bare) q on b.f = q.c order by b.id desc, 3, 4;
select b.id, q.d, q.e from bare b left join (select id as k, (select 7) as d, not exists (select 0) as e from bare) q on q.k = 4 - b.id and b.f is not true order by 1;
select b.id, q.d from bare b left join (select id as k, (select max(x) from bare) as d from bare) q on q.k = b.id and b.id <> 2 order by 1;
select q.d, b.id from (select id as k, (select 'x') as d, array(select 1) as a from bare) q right join bare b on q.k = b.id and b.id <> 2 order by 2;
with w as (select id, exists (select 1 from bare where x = 'y') as d from bare) select b.id, w.d from bare b left join w on w.id = b.id and b.id <> 1 order by 1;
create view bare_facts as select id as k, (select 7) as d, exists (select 0) as e from bare;
select b.id, v.d, v.e from bare b left join bare_facts v on v.k = 4 - b.id and b.f is not true order by 1;
select b.id, q.d from bare b left join (select k, d from bare_facts union all select k, (select 8) from bare_facts) q on q.k = b.id and b.id <> 1 order by 1, 2;
select b.id, q.d from bare b left join lateral (select (select 7) as d from bare c where c.id = b.id and b.id <> 1) q on true order by 1;
