-- One role owns everything; others are not there.

create schema s;
create table t (id serial primary key);
create view v as select 1 as x;
create type mood as enum ('a');
create domain d as int;
alter table t owner to app;
alter table t owner to current_user;
alter table t owner to nobody_here;
alter table nothing owner to app;
alter table if exists nothing owner to nobody_here;
alter table t add column x int, owner to nobody_here;
alter table v owner to app;
alter table t_id_seq owner to app;
alter view v owner to app;
alter view v owner to nobody_here;
alter view nothing owner to app;
alter view if exists nothing owner to app;
create sequence q;
alter sequence q owner to session_user;
alter sequence q owner to nobody_here;
alter sequence nothing owner to app;
alter index t_pkey set (fillfactor = 70);
alter index nothing set (fillfactor = 70);
alter schema s owner to app;
alter schema s owner to nobody_here;
alter schema nothing owner to app;
alter type mood owner to app;
alter type mood owner to nobody_here;
alter type nothing owner to app;
alter domain d owner to app;
alter domain d owner to nobody_here;
alter domain nothing owner to app;
-- refused: default values are of tables
alter view v alter column x set default 1;
select relname, pg_get_userbyid(relowner) from pg_class where relname in ('t', 'v') order by 1;
-- Roles that every Postgres has.
create table roles_t (a int);
alter table roles_t owner to pg_read_all_data;
alter table roles_t owner to pg_no_such_role;
set role pg_read_all_data;
set role pg_no_such_role;
set session authorization pg_monitor;
set session authorization pg_no_such_role;
select 'pg_monitor'::regrole::text, to_regrole('pg_no_such_role');
drop table roles_t;
