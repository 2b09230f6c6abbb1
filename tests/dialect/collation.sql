-- Collations: what sorts by bytes, and a refusal of the rest.

create table t (id int primary key, a text collate "POSIX", b varchar(5) collate pg_catalog."C", c text, d name,
	e text collate "default", f text[] collate "C");
insert into t values (1, 'b', 'B', 'a'), (2, 'A', 'a', 'Z'), (3, 'ä', 'z', 'b');
select attname, collname from pg_attribute join pg_collation c on c.oid = attcollation
	where attrelid = 't'::regclass and attnum > 0 order by attnum;
select column_name, collation_schema, collation_name from information_schema.columns where table_name = 't' order by ordinal_position;
select id from t order by a;
select id from t order by c collate "C", id;
select a collate "POSIX" < c, (a || 'x') collate "C" from t order by id;
alter table t add column g text collate "ucs_basic";
alter table t alter column a type text;
alter table t alter column c type varchar(9) collate "POSIX";
alter table t drop column b;
create index i on t (a, c);
select indcollation from pg_index where indexrelid = 'i'::regclass;
create table l (like t);
select attname, collname from pg_attribute join pg_collation c on c.oid = attcollation
	where attrelid in ('t'::regclass, 'l'::regclass) and attnum > 0 and not attisdropped order by attrelid::regclass::text, attnum;
-- refused: another order than that of bytes
create temp table n (a text collate "en-x-icu");
-- refused: another order than that of bytes
select id from t order by c collate "de-x-icu", id;
-- refused: another order than that of bytes
create index j on t (c collate "und-x-icu");
create temp table n (a int collate "C");
create temp table n (a text collate "nothing");
select id from t order by c collate "nothing";
select 1 collate "C";
select 'x' collate "C";
