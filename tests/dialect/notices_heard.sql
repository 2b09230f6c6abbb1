-- Who hears what: client_min_messages.

drop table if exists nope;
drop type if exists public.ke, ke2;
set client_min_messages to warning;
drop table if exists nope;
-- simple
do $$ begin raise notice 'a'; raise warning 'b'; raise info 'c'; end $$;
commit;
set client_min_messages to error;
commit;
reset client_min_messages;
-- simple
do $$ begin raise notice 'a'; raise debug 'd'; end $$;
create table cut_p (id int primary key);
create table cut_c (id int primary key, p int references cut_p);
create table cut_g (id int primary key, c int references cut_c, p int references cut_p);
truncate cut_p cascade;
truncate cut_p, cut_g cascade;
truncate cut_c cascade;
truncate cut_p, cut_c, cut_g cascade;
truncate cut_g cascade;
create schema o1;
create table o1.p (id int primary key);
create table o1_c (id int references o1.p);
create table o1.c2 (id int references o1.p);
drop table o1.p;
drop table o1.p cascade;
create table o1.t (a int);
create sequence o1.s;
drop schema o1;
set search_path = o1, public;
drop schema o1 cascade;
set search_path = public;
create schema o2;
create table o2.p (id int primary key);
create table o2.c3 (id int references o2.p);
create view o2.v as select * from o2.p;
drop table o2.p cascade;
drop schema o2 cascade;
