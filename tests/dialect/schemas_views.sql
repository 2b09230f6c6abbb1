-- Schemas and what goes with them.

create schema sc;
create type sc.e as enum ('a');
drop schema sc;
create domain sc.d as int;
create sequence sc.s;
create table sc.t (id serial, v sc.e, w sc.d);
drop schema sc cascade;
create type e as enum ('x', 'y');
create domain d as text;
create schema sc;
create sequence sc.s;
drop schema sc;
drop sequence sc.s;
drop schema sc;
create table t (id int primary key, a int, b text, "C d" int);
insert into t values (1, 2, 'x', 4), (2, 3, 'y', 5);
create view v1 as select id, a from t;
create view v2 as select t.*, v1.a + 1 as q from t join v1 using (id);
alter table t drop column b;
drop view v2;
alter table t drop column b;
alter table t drop column "C d";
alter table t drop column a;
select * from v1 order by id;
insert into t values (3, 9);
select * from v1 order by id;
-- refused: the view would have to go with the column
alter table t drop column a cascade;
