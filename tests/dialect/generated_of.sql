-- What generated columns and defaults may be made of.

create table g (id int, q int, p numeric, total numeric generated always as (q * p) stored, s text generated always as (id || 'x') stored, both_ numeric generated always as (q + p) stored);
alter table g add column tax numeric generated always as (total * 0.2) stored;
alter table g add column me int generated always as (me + 1) stored;
create table g2 (a int, b int generated always as (a) stored, c int generated always as (b) stored);
create table g2 (a int, b int generated always as (b + 1) stored);
create table g2 (b int generated always as (a) stored, a int);
alter table g drop column p;
alter table g drop column p cascade;
insert into g (id, q) values (1, 2) returning *;
select * from g;
create table g4 (a text, b text generated always as (a || now()::text) stored);
insert into g4 values ('x'), ('X');
alter table g4 alter column a type varchar(5);
alter table g4 alter column b type varchar(5);
alter table g alter column q type varchar(5);
alter table g alter column q type date;
alter table g4 alter column b set default 'x';
-- refused: as by Postgres
create table gd (a int, b int default a);
-- refused: tableoid in a generated column
create table gt (a int, b int generated always as (tableoid::int) stored);
-- refused: a generated column as primary key
create table gp (a text, b text generated always as (upper(a)) stored primary key);
