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
