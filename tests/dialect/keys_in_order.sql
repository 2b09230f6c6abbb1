-- Foreign keys act and complain in the order in which they were made, after
-- the statement has changed its rows; what they change waits behind.

-- Of two keys of one table to another NO ACTION complains before the row would go.
create table p (id int primary key, k int unique);
create table kept_first (id int primary key, a int constraint kept_a references p, b int constraint kept_b references p on delete cascade);
insert into p values (1, 10), (2, 20), (3, 30);
insert into kept_first values (1, 1, 1), (2, 2, 3), (3, null, 3);
delete from p where id = 1;
delete from p where id in (1, 2, 3);
delete from p where id = 2;
delete from p where id = 3;
select * from kept_first order by id;
drop table kept_first;
-- The other way round it is gone before anybody complains.
create table gone_first (id int primary key, b int constraint gone_b references p on delete cascade, a int constraint gone_a references p);
insert into p values (3, 30) on conflict do nothing;
insert into gone_first values (1, 1, 1), (2, 3, 2);
delete from p where id = 1;
delete from p where id = 2;
delete from p where id in (2, 3);
select * from gone_first order by id;
drop table gone_first;
-- RESTRICT is no different there, and looks for no new row with the key.
create table strict (id int primary key, a int constraint strict_a references p on delete restrict on update restrict, b int references p on delete cascade on update cascade);
insert into p values (1, 10), (2, 20), (3, 30) on conflict do nothing;
insert into strict values (1, 1, 1), (2, 2, 3);
delete from p where id = 1;
delete from p where id = 3 returning *;
update p set id = 9 where id = 1;
update p set id = 9 where id = 2;
update p set id = id + 100;
select * from strict order by id;
drop table strict;
-- A key made later is younger, whatever its name.
create table late (id int primary key, a int, b int);
alter table late add constraint z_cascades foreign key (b) references p on delete cascade;
alter table late add constraint a_complains foreign key (a) references p;
delete from p;
insert into p values (1, 10), (2, 20), (3, 30);
insert into late values (1, 1, 1), (2, null, 1);
delete from p where id = 1 returning k;
alter table late drop constraint z_cascades;
alter table late add constraint z_cascades foreign key (b) references p on delete cascade;
insert into late values (3, 2, 2);
delete from p where id = 2;
drop table late;
-- SET NULL and SET DEFAULT may be refused before the row would go.
create table full_rows (id int primary key, a int not null references p on delete set null, b int references p on delete cascade);
create table full_too (id int primary key, b int references p on delete cascade, a int not null references p on delete set null);
delete from p;
insert into p values (1, 10), (2, 20), (3, 30);
insert into full_rows values (1, 1, 1);
insert into full_too values (1, 2, 2);
delete from p where id = 1;
delete from p where id = 2;
drop table full_rows, full_too;
create table defaulted (id int primary key, a int default 3 constraint to_default references p on delete set default on update set default, b int references p on delete set null on update cascade);
insert into p values (2, 20);
insert into defaulted values (1, 1, 1), (2, 2, 3);
delete from p where id = 1;
update p set id = 4 where id = 2;
delete from p where id = 3;
select * from defaulted order by id;
update p set id = 5 where id = 3;
drop table defaulted;
-- The key of p by another column.
create table by_k (id int primary key, a int references p (k) on update cascade on delete set null, b int references p (id) on update restrict on delete cascade);
delete from p;
insert into p values (1, 10), (2, 20), (3, 30);
insert into by_k values (1, 10, 2), (2, 20, 3);
update p set k = k + 1, id = id + 10 where id = 1;
update p set k = k + 1, id = id + 10 where id = 3;
update p set k = k + 1;
delete from p where id = 11;
select * from by_k order by id;
drop table by_k;
drop table p;

-- A tenant's projects and users go; the tasks that name a user go by their project, too late.
create table tenant (id int primary key);
create table person (id int primary key, tenant int references tenant on delete cascade);
create table project (id int primary key, tenant int references tenant on delete cascade);
create table task (id int primary key, project int references project on delete cascade, maker int constraint made_by references person, owner int references person on delete set null);
insert into tenant values (1), (2);
insert into person values (1, 1), (2, 2), (3, 2);
insert into project values (1, 1), (2, 2);
insert into task values (1, 1, 1, null), (2, 2, null, 2), (3, 2, null, 3), (4, 1, null, 2);
delete from tenant where id = 1;
delete from tenant where id = 2;
select * from task order by id;
update task set maker = null;
delete from tenant returning *;
select (select count(*) from person), (select count(*) from project), (select count(*) from task);
-- Had the projects been made first, they would have gone first.
drop table task, person, project;
create table project (id int primary key, tenant int references tenant on delete cascade);
create table person (id int primary key, tenant int references tenant on delete cascade);
create table task (id int primary key, project int references project on delete cascade, maker int constraint made_by references person, owner int references person on delete set null);
insert into tenant values (1), (2);
insert into person values (1, 1), (2, 2);
insert into project values (1, 1), (2, 2);
insert into task values (1, 1, 1, null), (2, 2, 1, 2);
delete from tenant where id = 1;
delete from tenant;
select * from task;
drop table task, project, person, tenant;

-- Tables that point at themselves.
create table tree (id int primary key, up int constraint tree_up references tree on delete cascade on update cascade);
insert into tree values (1, null), (2, 1), (3, 2), (4, 3), (5, null), (6, 6);
delete from tree where id in (1, 2) returning id;
update tree set id = id + 10 where id = 6 returning *;
select * from tree order by id;
insert into tree values (7, 8), (8, 7);
insert into tree values (20, 20), (21, 22);
delete from tree where id = 7;
select * from tree order by id;
drop table tree;
create table ring (id int primary key, next int constraint ring_next references ring on delete restrict);
insert into ring values (1, 2), (2, 3), (3, 1), (4, 4);
delete from ring where id < 3;
delete from ring where id < 4;
delete from ring;
insert into ring values (1, 2), (2, 1);
truncate ring;
insert into ring values (1, 1), (2, 1);
update ring set id = 3 where id = 1;
update ring set id = 3, next = 3 where id = 1;
drop table ring;
create table pair (id int primary key, a int constraint pair_a references pair, b int constraint pair_b references pair on delete set null);
insert into pair values (1, null, null), (2, 1, 1), (3, 2, 1);
delete from pair where id = 1;
delete from pair where id in (1, 2);
delete from pair where id = 3;
delete from pair;
insert into pair values (1, 2, null), (2, 9, 1);
insert into pair values (1, 1, 9);
drop table pair;

-- Tables that point at each other.
create table hen (id int primary key, egg int);
create table egg (id int primary key, hen int constraint laid references hen on delete cascade);
alter table hen add constraint hatched foreign key (egg) references egg on delete set null;
insert into hen values (1, null), (2, null);
insert into egg values (1, 1), (2, 2), (3, 1);
update hen set egg = 2 where id = 1;
update hen set egg = 1 where id = 2;
delete from hen where id = 1;
select * from hen;
select * from egg;
truncate hen, egg;
drop table hen, egg cascade;

-- Keys of several columns and of other types.
create table place (tenant text, name varchar(20), n numeric, u uuid unique, primary key (tenant, name), unique (tenant, n));
create table visit (id int primary key, tenant text, name varchar(20), n numeric, u uuid references place (u) on delete set null,
	constraint by_number foreign key (tenant, n) references place (tenant, n) on update cascade,
	constraint by_name foreign key (tenant, name) references place on delete cascade on update cascade);
insert into place values ('a', 'x', 1.50, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('a', 'y', 2, null), ('b', 'x', 1.5, null);
insert into visit values (1, 'a', 'x', 1.5, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), (2, 'a', 'y', null, null), (3, 'a', 'y', 1.50, null);
delete from place where name = 'x';
update place set name = 'z' where name = 'x';
update place set n = 7.0 where tenant = 'a' and name = 'z';
update place set tenant = 'c' where tenant = 'a' and name = 'y';
update place set tenant = 'c' where tenant = 'b';
select * from visit order by id;
delete from visit where id = 1;
delete from place where tenant = 'a' and name = 'y';
select * from visit order by id;
drop table visit, place;
create table wide (id int8 primary key);
create table narrow (id int primary key, w int constraint to_wide references wide on update cascade);
insert into wide values (1), (2);
insert into narrow values (1, 1), (2, 2);
update wide set id = 5000000000 where id = 1;
update wide set id = id + 10;
select * from narrow order by id;
drop table narrow, wide;

-- ON CONFLICT DO UPDATE and statements of several parts change keys, too.
create table a (id int primary key, n int);
create table b (id int primary key, a int constraint b_a references a, c int constraint b_c references a on delete cascade on update cascade);
insert into a values (1, 1), (2, 2), (3, 3);
insert into b values (1, 1, 1), (2, null, 2);
insert into a values (1, 5) on conflict (id) do update set id = 10 + excluded.id;
insert into a values (2, 5) on conflict (id) do update set id = 10 + excluded.id, n = excluded.n;
insert into a values (3, 5) on conflict (id) do update set n = excluded.n;
select * from a order by id;
select * from b order by id;
with gone as (delete from a where id = 1 returning id) delete from b using gone where b.a = gone.id;
insert into a values (1, 1);
insert into b values (1, 1, 1);
with gone as (delete from b where a = 1 returning a) delete from a using gone where a.id = gone.a returning a.*;
with made as (insert into b values (7, 70, null) returning a) insert into a select a from made;
with made as (insert into b values (8, 80, null) returning a) select * from made;
with made as (insert into a values (90)) insert into b values (9, 90, 91);
select * from b order by id;
begin;
savepoint s;
delete from a where id = 70;
rollback to s;
delete from a where id = 12 returning *;
select * from b order by id;
commit;
select * from b order by id;
-- simple
delete from a where id = 70;
-- bind: ["70"]
delete from a where id = $1;
drop table b, a;

-- In a temporary table it is the same.
create temporary table up (id int primary key);
create temporary table down (id int primary key, a int constraint down_a references up, b int references up on delete cascade);
insert into up values (1), (2), (3);
insert into down values (1, null, 1), (2, 1, 2);
delete from up where id in (1, 2, 3) and id <> 1;
delete from up where id = 1 returning *;
select * from down;
