-- Extensions that migrations ask for.

create extension if not exists citext;
create extension citext;
create extension if not exists citext;
create extension if not exists "uuid-ossp";
create extension if not exists plpgsql;
create extension hstore schema nowhere;
create schema there;
create extension hstore with schema there;
comment on extension hstore is 'pairs';
comment on extension nothing is 'x';
select e.extname, n.nspname, e.extrelocatable, e.extversion, obj_description(e.oid, 'pg_extension') = 'pairs' as mine
	from pg_extension e join pg_namespace n on n.oid = e.extnamespace order by 1;
-- refused: the type of an extension
select null::citext;
-- refused: the type of an extension
create temp table t (a citext);
discard temp;
-- refused: the type of an extension
select 'a=>1'::there.hstore;
select null::nothing;
drop extension citext;
drop extension citext;
drop extension if exists citext, hstore;
select null::citext;
select extname from pg_extension order by 1;
