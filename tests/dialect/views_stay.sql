-- What a view means does not change with columns that its tables get, and they
-- change what it does not use.
create table a (id int, x text, nu varchar(10), z int);
create table b (id int, y text, w int, spare int);
insert into a values (1, 'x', 'n', 3);
insert into b values (1, 'y', 4, 5);
create view outer_column as select x, y, w from a join b using (id) where exists (select 1 from a where w = 4 and z = 3) order by w, x;
create view shadowed as select t1.x from a t1 where exists (select 1 from a t1 where x = 'q' and exists (select 1 from b t1 where z = 1));
create view by_row as select x from a left join lateral (select z as zzz, y as yyy from b where b.id = a.id) l on zzz > 1;
create view in_with as with q as (select w from b) select w, g, sum(w) over (order by g) from q, generate_series(1, 2) g order by g;
create view grouped as select x as y, count(*) n from a group by y order by y;
create view grouped_quoted as select x || '!' as "a ""q", z as "Zed" from a group by "a ""q", rollup ("Zed") order by 1, 2;
create view computed as select coalesce(x, 'q') as x2, case when z > 1 then 'n' end from a where x like 'x%' or z in (1, 2);
select * from outer_column;
alter table a add column w int;
alter table a add column y int;
alter table a add column "a ""q" int, add column "Zed" int;
select * from outer_column;
select * from shadowed;
select * from by_row;
select * from in_with;
select * from grouped;
select * from grouped_quoted;
select * from computed;
select pg_get_viewdef('outer_column'), pg_get_viewdef('grouped'), pg_get_viewdef('computed'), pg_get_viewdef('by_row');
alter table a alter column x type varchar(20);
alter table a alter column nu type text;
alter table b alter column spare type bigint using spare + 1;
alter table b rename column spare to extra;
alter table a drop column z;
select * from b;
select * from outer_column;
create table n1 (id int, p int);
create table n2 (id int, q int);
create view merged as select p, q from n1 natural join n2;
alter table n2 alter column id type bigint;
-- refused: the view's NATURAL JOIN would join by it
alter table n1 add column q int;
create table t (k int, a text);
select 1 from t join n1 using (k);
select 1 from a join t on true join n1 using (p);
select 1 from (select 1 as u) q1 join (select 'x'::text as u) q2 using (u);
-- refused: SQLite's names have no case
create table cased (z int, "Z" int);
create table kept (z int, y int);
alter table kept rename column z to "Z";
alter table kept rename column "Z" to z;
-- refused: SQLite's names have no case
alter table kept rename column y to "Z";
-- refused: SQLite's names have no case
create table cased_as as select 1 as a, 2 as "A";
