-- Expressions are printed for whom the search path does not find what they name.

create type mood as enum ('ok','bad');
create schema o;
create table a (id serial primary key, m mood default 'ok', n varchar(10) default 'x', t text default upper('a'), constraint c1 check (m <> 'bad' and n <> ''), d timestamptz default now());
create index i1 on a (lower(n)) where m = 'ok';
create table o.b (a_id int references a, k int default nextval('a_id_seq'));
select attname, pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef d join pg_attribute a on a.attrelid = adrelid and adnum = attnum order by 1, 2;
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where contype in ('c','f') and connamespace in ('public'::regnamespace, 'o'::regnamespace) order by 1;
select pg_get_indexdef('public.i1'::regclass), pg_get_indexdef('public.i1'::regclass, 0, true), pg_get_indexdef('public.i1'::regclass, 1, false);
set search_path to '';
select attname, pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef d join pg_attribute a on a.attrelid = adrelid and adnum = attnum order by 1, 2;
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where contype in ('c','f') and connamespace in ('public'::regnamespace, 'o'::regnamespace) order by 1;
select pg_get_indexdef('public.i1'::regclass), pg_get_indexdef('public.i1'::regclass, 0, true), pg_get_indexdef('public.i1'::regclass, 1, false);
set search_path to o;
select attname, pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef d join pg_attribute a on a.attrelid = adrelid and adnum = attnum order by 1, 2;
