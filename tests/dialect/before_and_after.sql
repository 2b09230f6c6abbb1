-- A statement sees the rows as they were before it, all of them.

create table changed (id serial primary key, a int unique, b int references changed);
insert into changed (a, b) values (1, null), (2, 2), (3, 3);
update changed set b = (select max(b) from changed x where x.id <> changed.id);
select * from changed order by id;
update changed set b = (select min(id) from changed x where x.id < changed.id), a = (select max(a) from changed) + id;
select * from changed order by id;
update changed set (a, b) = (select 10 * id, b);
select * from changed order by id;
delete from changed where id = 3 returning (select 1), (select count(*) from (values (1)) as v);
-- what sequences gave is given again when the failure is looked into
insert into changed (a, b) values (4, null), (10, 1);
insert into changed (a, b) values (4, null), (5, 99);
insert into changed (a, b) values (4, null), (4, 99);
insert into changed (id, a, b) values (1, 10, 99), (50, 51, 98) on conflict do nothing;
insert into changed (id, a, b) values (1, 10, 99), (50, 51, 98) on conflict (id) do update set b = 97;
insert into changed (a) values (4) returning id;
select regr_count(1, 2 order by 1), count(1 order by 1) from changed where false;
-- refused: in RETURNING the change is half done
update changed set a = a + 1 returning (select count(*) from changed);
-- refused: the same
insert into changed (a) values (77) returning (select sum(a) from changed);
create table modified (id int primary key, c char(5), b bpchar, g int generated always as (id + 1) stored);
insert into modified values (1, 'a', 'b');
select c::bpchar, b::bpchar, c::char(5), c::char(7), (c)::varchar, c::varchar::varchar(3), coalesce(c)::bpchar, c::text::text from modified;
select x::numeric, x::numeric(10,2), y::timestamp, y::timestamp(3) from (values (1.5::numeric(10,2), now()::timestamp(3))) as v(x, y) where false;
insert into modified (id, g) values (1, nothing);
update modified set g = count(*);
update modified set g = 1;
insert into modified (id, g) values (1, 2);
-- refused: SQLite cannot look out of the parentheses
select t.id, q.* from modified t, lateral (select x.id as c2, t.b as c3 from modified x) as q full join unnest(array[1]) as s(x) on true;
select t.id, q.*, s.* from modified t cross join lateral (select x.id as c2, t.b as c3 from modified x) as q full join unnest(array[1]) as s(x) on true;
