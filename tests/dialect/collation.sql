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
-- A collation inside of an operand is not the comparison's.
create table nested_c (i interval, b char(3), n numeric, t text);
insert into nested_c values ('1 day', 'y', 1.0, 'a'), ('2 days', 'z', 2.50, 'b'), ('1 day', 'y', 1, 'a  ');
select case when (i <> interval '5 days') then 'a' || t end = 'ab' from nested_c;
select case when (i <> interval '5 days') then t end in ('a  ', 'c') from nested_c;
select case when (i <> interval '5 days') then t end in (select 'a  ') from nested_c;
select 'a' in (select case when b <> 'q' then t end from nested_c);
select case when b <> 'q' then t end = any (select t || ' ' from nested_c) from nested_c;
select case when b <> 'q' then t end between 'a' and 'a ' from nested_c;
select case when b <> 'q' then t end < 'a ' from nested_c;
select 'a ' > case when b <> 'q' then t end from nested_c;
select case when b <> 'q' then t end is distinct from 'a  ' from nested_c;
select nullif(case when b <> 'q' then t end, 'a  ') from nested_c;
select greatest(case when b <> 'q' then t end, 'a '), least('a ', case when b <> 'q' then t end) from nested_c;
select distinct case when b <> 'q' then t end from nested_c;
select case when b <> 'q' then t end, count(*) from nested_c group by 1;
select count(distinct case when b <> 'q' then t end) from nested_c;
select min(case when b <> 'q' then t end), max(case when b <> 'q' then t end) from nested_c;
select case when b <> 'q' then t end from nested_c order by 1;
select case when b <> 'q' then t end from nested_c union select 'a ';
select case when b <> 'q' then t end from nested_c except select 'a';
select x.t from nested_c x join nested_c y on case when x.b <> 'q' then x.t end = y.t;
select rank() over (order by case when b <> 'q' then t end), count(*) over (partition by case when b <> 'q' then t end) from nested_c;
select (case when b <> 'q' then t end, 1) = ('a', 1) from nested_c;
select (case when b <> 'q' then t end, 1) in (('a', 1)) from nested_c;
select coalesce(case when b = 'y' then t end, 'q') = 'a ' from nested_c;
select (b = 'y')::text = 'true ' from nested_c;
select (select case when b <> 'q' then t end) = 'a' from nested_c;
select t = case when b <> 'q' then 'a ' end from nested_c;
select array[case when b <> 'q' then t end] = array['a'] from nested_c;
select case when b <> 'q' then t end like 'a' from nested_c;
select string_agg(distinct case when b <> 'q' then t end, ',') from nested_c;
select * from nested_c where case when n = 1.00 then t end = 'a';
select case t when case when n = 1.00 then 'a ' end then 1 else 0 end from nested_c;
select coalesce(nullif(t, 'q'), case when n = 1 then 'x' end) = 'a ' from nested_c;
select (case when n <> 5 then uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' end) = uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' from nested_c;
select (case when i <> '9 days' then '\x01'::bytea end) = '\x02' from nested_c;
select case when i <> '9 days' then date '2024-01-01' end < date '2024-01-02' from nested_c;
select case when b <> 'q' then n end = 2.5, case when i <> '9 days' then b end = 'y', case when n <> 9 then i end = '24 hours' from nested_c;
select t || (case when n = 1 then 'x' else 'y' end) = 'ax ' from nested_c;
select upper(case when b <> 'q' then t end) = 'A  ' from nested_c;
select replace(case when b <> 'q' then t end, 'a', 'b') = 'b  ' from nested_c;
select min(case when b <> 'q' then t || '  ' end), max(case when b <> 'q' then t end), min(case when i <> '9 days' then t end) from (select * from nested_c order by t desc) c where t <> 'b';
select min(case when i <> '9 days' then b end), max(case when b <> 'q' then date '2024-01-01' + length(t) end), max(case when n <> 9 then t end) over (order by t) from nested_c group by t, n, b, i;
select case when b <> 'q' then 'y' end = b from nested_c;
select case when b <> 'q' then t end <> all (array['a ']) from nested_c;
select t from nested_c where t = case when b <> 'q' then 'a' end;
-- bind: ["1 week", "3.50"]
select case case when ($1::interval <> '30 days') then ''::text end when $2::text then '{}'::bool[] end;
-- bind: ["3.50"]
select case case when (interval '1 week' <> '30 days') then ''::text end when $1::text then 1 end;
select case case when (interval '1 week' <> '30 days') then ''::text end when '3.50'::text then 1 end;
select case case when (i <> '30 days') then ''::text end when '3.50'::text then 1 end from (values (interval '1 week')) v(i);
select case case when (i <> 5) then 'a'::text end when 'b'::text then 1 end from (values (1.0)) v(i);
select case when (i <> interval '5 days') then 'a'::text end = 'b' from (values (interval '1 day')) v(i);
select case when (i <> interval '5 days') then 'a'::text end in ('b', 'c') from (values (interval '1 day')) v(i);
select (case when (i <> 'x  '::char(3)) then 'a'::text end) = 'a  ' from (values ('y  '::char(3))) v(i);
