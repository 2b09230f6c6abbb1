-- An aggregate belongs to the query whose columns it uses, wherever it stands.

create table levels (id int primary key, g int, x int);
create table inner_rows (id int primary key, y int);
insert into levels values (1, 1, 10), (2, 1, 20), (3, 2, 30);
insert into inner_rows values (1, 5), (2, 6);
select (select max(o.x) from inner_rows limit 1) from levels o;
select (select sum(o.x + i.y) from inner_rows i) from levels o order by 1;
select (select max(o.x)) from levels o;
select o.g, (select max(o.x)) from levels o group by o.g order by 1;
select o.x, (select max(o.x)) from levels o;
-- refused: SQLite looks at arguments only
select (select count(*) filter (where o.x > 10) from inner_rows) from levels o order by 1;
select (select max(o.x) filter (where i.y > 5) from inner_rows i) from levels o order by 1;
select 1 from levels o where exists (select 1 from inner_rows i having max(o.x) > 1);
select 1 from levels o where (select max(o.x)) > 1;
-- refused: SQLite has no aggregates in WHERE at all
select g from levels o group by g having exists (select 1 from inner_rows i where i.y < max(o.x)) order by g;
select sum((select max(o.x))) from levels o;
select sum((select max(i.y) from inner_rows i where i.id <= o.id)) from levels o;
select max(sum(x)) from levels;
select 1 from levels o join inner_rows i on (select max(o.x)) > 1;
select 1 from levels o, lateral (select max(o.x) as m) as l;
select 1 from levels o, lateral (select max(i.y) + o.x as m from inner_rows i) as l order by 1;
select percentile_cont(0.5) within group (order by x) from levels having count(*) > 1;
select 1 from levels where percentile_cont(0.5) within group (order by x) > 1;
select (select string_agg(o.x::text, ',' order by o.x desc)) from levels o;
-- refused: an aggregate of a query further out, where SQLite looks for none
select (null::text not in (select ((select null::json from levels as t_7 where (v_5.c3 > all (select min(t_6.x) from levels t_8 group by t_8.x))) ->> null::text) from levels as t_6)) from (values (1, 2, 3)) as v_5(c1, c2, c3);
