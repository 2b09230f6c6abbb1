-- Of two errors the one of the select list is told; scales as far as they go.
create table t (a int, b text, z char(5));
select 'x'::int4[] from t where count(*) = 1;
select (null::text[] || '[1]') from t where count(*) = 1;
select (null::text[] || '[1]') from t where true and 'x' <= some (select 1);
select distinct null::int4, (null::text[] || '[1]') from t where ('12'::text <= some (select null::int4 from t));
select bytea '\x00' ~~ 'a\%' from t where exists (select bit_and(t.a) from t as u);
select 1 from t where exists (select bit_and(t.a) from t as u);
select 1 + 'x' from t where nothing = 1;
select '[1]'::text[] from t where 'a'::text <= 1;
select length(round('0'::numeric, 2147483647)::text), length(round('1.5'::numeric, 3000)::text), length(trunc('1.5'::numeric, 2147483647)::text);
select round('0'::numeric, -2147483648), trunc(12345.6, -2147483648);
-- refused: basic regular expressions
select regexp_split_to_array('zzz', '', 'b');
create table s (a int, m timestamptz);
create index on s ((now()));
create index on s (a) where m < now();
create table g (a int, b timestamptz generated always as (now()) stored);
create table c (a int, b timestamptz check (b < now()));
create index on s ((random()));
-- GROUP BY comes last.
select nothing, count(*) from t group by 99;
select count(*), nothing from t group by 1;
select 'x'::int from t group by nothing;
select a + 'x' from t where 'y' group by nothing;
select a, 1 + true from t group by bad;
select a from t where bad group by worse;
select a from t group by worse having bad;
select a from t group by worse order by bad;
select 1 from t group by count(*) limit bad;
select distinct on (bad) a from t group by worse;
select sum(a) over w from t group by worse window w as (order by awful);
select a from t group by grouping sets ((a), (worse)) having bad;
-- What is not finite needs no zone.
select date_trunc('day', timestamptz '-infinity', 'no such zone'), date_trunc('nothing', timestamptz 'infinity', '');
select date_trunc('day', timestamptz '2024-01-01', 'no such zone');
-- refused: a row as text
select row(1, 2)::text;
select row(1, 2)::int;
-- A constant that will not fit is found when all is read, one that is kept when it is used.
create table fit (a int, v varchar(3), n numeric(4,2) default 1000, k char(1) default 'xyz');
insert into fit (v) values ('toolong') returning nothing;
insert into fit (v) values ('abc');
insert into fit (v, n, k) values ('abc', 1, 'x');
update fit set n = 1000 where false;
update fit set n = '1000' where nothing;
alter table fit alter v set default 'toolong';
alter table fit add z varchar(2) default 'abc';
create view fit_view as select '1000'::numeric(3,2) as x;
select * from fit_view;
create index on fit ((n + '1000'::numeric(3,2)));
-- An aggregate inside another is found when all of the other is read.
select sum(max(a) + 'x') from t;
select sum(max(a) + nothing) from t;
select array_agg(a order by nothing, max(a)) from t;
select sum(a) filter (where max(a) > 1) over () from t;
-- SET is read last.
create table set_a (id int, x text);
create table set_b (id int, y text);
update set_a set x = x + 1 from set_b where set_a.id = set_b.id returning id;
update set_a set x = 1 + true where nothing;
update set_a set nothing = 1 where 1 + true > 1;
update set_a set x = max(x) where id = 'x';
-- bind: ["1"]
update set_a set x = $1 where id = $1;
-- bind: ["1"]
update set_a set id = $1 where x = $1 returning $1;
