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
