-- Names in what is printed are those that the search path asks for, and what
-- was kept means the same on every path.

create schema kinds;
create schema "Other";
create type public.mood as enum ('sad', 'ok');
create type kinds.kind as enum ('a', 'b');
create sequence public.sq;
create table public.t (id serial primary key, m mood default 'ok', k kinds.kind default 'a', n int default nextval('public.sq'), l text default lower('X'), g int generated always as (n * 2) stored, check (m <> 'sad'), check (k in ('a', 'b')));
create table kinds.u (id serial primary key, t int references public.t, m public.mood default 'sad', k kinds.kind default 'b', mm public.mood[] default '{ok}');
create index on public.t (lower(l)) where m = 'ok';
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
set search_path = kinds;
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
select pg_get_expr(adbin, adrelid) from pg_attrdef order by adrelid, adnum;
select pg_get_constraintdef(oid) from pg_constraint where conrelid in ('public.t'::regclass, 'u'::regclass) order by 1;
insert into public.t (l) values ('z') returning id, n, m, k;
insert into u default values returning id, m, k, mm;
set search_path = "Other", kinds, public;
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
select indexdef from pg_indexes where tablename in ('t', 'u') order by 1;
set search_path = '';
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
select indexdef from pg_indexes where tablename in ('t', 'u') order by 1;
insert into public.t default values returning id, n, m, k, g;
insert into kinds.u default values returning id, m, k, mm;
insert into public.t (m) values ('sad');
set search_path = pg_catalog;
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
update public.t set n = default, m = default returning id, n, m;
set search_path = public;
select column_name, column_default from information_schema.columns where table_name in ('t', 'u') order by table_name, ordinal_position;
