-- A name in a literal means what it meant when the view or table was made.

create schema s;
create table s.u (id int);
create table p (id int);
create sequence s.q;
set search_path = s, public;
create view v as select 'u'::regclass::text as a, 'p'::regclass::text as b, nextval('q') as n, currval('s.q') as c;
select a, b from v;
select n from v;
create table s.d (a int default nextval('q'), b text default 'u'::regclass::text, check (a > 0 and 'u'::regclass is not null));
insert into s.d (b) values ('x') returning *;
insert into s.d default values returning *;
set search_path = public;
select a, b from s.v;
select n from s.v;
insert into s.d default values returning *;
set search_path = s;
select a, b from s.v;
insert into s.d default values returning *;
set search_path = '';
select a, b from s.v;
insert into s.d default values returning *;
set search_path = public;
create view s.w as select 's.u'::regclass::text a, 'int'::regtype::text b, 'lower(text)'::regprocedure::text c, 'public'::regnamespace::text d, '-'::regclass::text e, 'p'::text as g;
set search_path = s;
select * from s.w;
select pg_get_viewdef('s.w'), pg_get_viewdef('s.v');
