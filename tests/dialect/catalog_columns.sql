-- attnum: columns keep their numbers when others are dropped, everywhere that
-- numbers are told.

create table tt (a int);
alter table tt add b text, add c int;
alter table tt drop column a;
alter table tt drop column c;
alter table tt add d int;
select attnum, attname, attisdropped from pg_attribute where attrelid='tt'::regclass order by 1;
select * from tt;
create index i on tt(d);
alter table tt add constraint u unique(b,d);
select indkey from pg_index where indrelid='tt'::regclass order by 1;
select conkey from pg_constraint where conrelid='tt'::regclass order by 1;
comment on column tt.d is 'dd';
select relnatts, col_description(oid, 5), col_description(oid, 4) from pg_class where oid = 'tt'::regclass;
select ordinal_position, column_name from information_schema.columns where table_name='tt' order by 1;
create table f (x int references tt(d));
create table w (a int primary key, b int, c int);
alter table w drop column b;
create table ff (x int references w(a), y int);
alter table ff drop column x;
alter table ff add x int references w;
-- simple
select conkey, confkey, conrelid::regclass, confrelid::regclass, pg_get_constraintdef(oid) from pg_constraint where contype='f';
create table li (like w);
select attnum, attname from pg_attribute where attrelid='li'::regclass and attnum>0;
create table ct as select * from w;
select attnum, attname from pg_attribute where attrelid='ct'::regclass and attnum>0;
create view v as select * from w;
select attnum, attname from pg_attribute where attrelid='v'::regclass order by 1;
insert into tt values ('x', 2) returning *;
alter table tt rename d to e;
alter table tt alter e type bigint;
select attnum, attname from pg_attribute where attrelid='tt'::regclass and attnum>0 order by 1;
create sequence sq;
select attnum, attname, atttypid::regtype, attnotnull from pg_attribute where attrelid='sq'::regclass order by 1;
select a.attname from pg_attribute a join pg_constraint c on c.conrelid=a.attrelid and a.attnum = any(c.conkey) where c.conrelid='ff'::regclass;
copy tt to stdout;
create temp table tmp(a int, b int);
alter table tmp drop a;
select * from tmp;
