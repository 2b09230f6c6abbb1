-- What an extension brings is there when it has been created, and not before.
select uuid_generate_v4();
create table t (id uuid primary key default uuid_generate_v4(), n int);
create extension if not exists "uuid-ossp";
create table t (id uuid primary key default uuid_generate_v4(), n int);
insert into t (n) values (1), (2), (3);
select count(distinct id), min(length(id::text)) from t;
select uuid_nil(), substr(uuid_generate_v4()::text, 15, 1), pg_typeof(uuid_generate_v4());
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 't'::regclass;
alter table t add column other uuid default public.uuid_generate_v4();
select count(distinct other) from t;
select uuid_generate_v4(1);
create extension pgcrypto;
select encode(digest('a', 'sha256'), 'hex');
drop table t;
select name, default_version, installed_version from pg_available_extensions where name in ('uuid-ossp', 'pgcrypto', 'citext', 'plpgsql') order by 1;
create extension nowhere;
