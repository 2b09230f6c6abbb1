-- Conditions that SQLite would not take as Postgres writes them.
create table held (a int, arr int[], s text, tarr text[], n numeric, check (a = any (arr)), check (s <> all (tarr)), check (n >= any ('{1.5,2}'::numeric[])));
insert into held values (1, '{1,2}', 'x', '{y}', 1.50);
insert into held values (3, '{1,2}', 'x', '{y}', 2);
insert into held values (1, '{1,2}', 'y', '{y}', 2);
insert into held values (1, '{1,2}', 'x', '{y}', 1.4);
insert into held values (null, null, null, '{}', null), (3, '{1,null}', 'x', '{null,y}', 7), (1, '{1}', 'x', '{}', 2);
alter table held add constraint later check (a = any (arr) or a is null or n > 2);
insert into held values (3, '{1,null}', 'x', '{}', 2);
select a, arr, s, tarr, n from held order by n, a;
drop table held;
