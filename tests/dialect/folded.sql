-- What Postgres computes of constants before it runs a statement: it fails whatever the rows are, and before a sequence counts.
create table t (id serial primary key, a int2, v varchar(2), b int4, n numeric(3,1));
insert into t (a) values (1);
insert into t (a) values (40000);
insert into t (v) values ('abc');
insert into t (b) values (3000000000);
insert into t (b) values (2147483647 + 1);
insert into t (n) values (100);
insert into t (a) values (1/0);
insert into t (a) values (1), (40000);
insert into t (v) values ('x'), ('abc');
insert into t (v) select 'abc';
insert into t (a, b) values (1, 1), (2, 2147483647 + 1);
insert into t (a) values (2) returning 1/0;
insert into t (id, a) values (10000, 1) on conflict (id) do update set a = 40000;
insert into t (a) values (2) returning id;
-- Whether a row comes to it or not.
select case when a > 100 then 1/0 else 2 end from t;
select case when a > 100 then 2147483647 + 1 else 2 end from t;
select case when a > 100 then 2147483647 + a else 2 end from t;
select case when a > 100 then 40000::int2 else 2 end from t;
select case id when -1 then abs(-2147483648) else 0 end from t;
select case when id < 0 then 10::numeric / 0 else 0 end from t;
select case when id < 0 then sqrt(-1) else 0 end from t;
select case when id < 0 then 1e308::float8 * 10 else 0 end from t;
select case when id < 0 then chr(0) else 'a' end from t;
select case when id < 0 then date '2024-01-01' + 2147483647 else date '2024-01-01' end from t;
select case when id < 0 then '1000'::numeric(3,2) else 1 end from t;
select coalesce(a, 1/0) from t;
select coalesce(a, 2147483647 + 1) from t where id = 1;
select a from t where id < 0 and 2147483647 + 1 > 1;
select (a = 1 or id = 2) and 1/0 = 1 from t where false;
select not (a = 1) and 1/0 = 1 from t where false;
select 1/0 from t where false;
select count(1/0) from t where false;
select sum(a) filter (where 1/0 = 1) from t where false;
select a from t where id < 0 limit 1/0;
select generate_series(1, 1/0) from t where false;
select greatest(1, 1/0), nullif(a, 1), array[1, 1/0] from t where false;
select 'a' ~ '(' from t where false;
select timestamp '2024-01-01' + interval '178000000 years' from t where false;
select 1 from t union all select 1/0 from t where false;
select a from t where false group by a having 1/0 = 1;
values (1, 1/0);
update t set a = 40000 where false;
update t set b = coalesce(b, 1/0) where id < 0;
delete from t where id < 0 and 1/0 = 1;
-- Nothing is computed behind what is decided before,
select case when true then 1 else 1/0 end, case when false then 1/0 else 2 end, case when null then 1/0 else 3 end;
select case when true then 1 when 1/0 = 1 then 2 end, case 1 when 1 then 2 when 3 then 1/0 end;
select case when a = null then 1/0 else 2 end from t where id = 1;
select case when a is not null and false then 1/0 else 2 end from t where id = 1;
select case when a = 1 then 2 when false then 1/0 end from t where id = 1;
select case when true then 1 else '1000'::numeric(3,2) end, case when false then '1000'::numeric(3,2) else 1 end;
insert into t (n) values (case when true then 1 else '1000'::numeric(3,1) end) returning n;
select coalesce(1.5, '1000'::numeric(3,2)), coalesce(1, 1/0), false and '1000'::numeric(3,2) = 1;
select (a = 1 and false) and 1/0 = 1 from t where id = 1;
-- bind: ["t"]
select case when $1 then 3 else 1/0 end;
-- bind: ["1"]
select coalesce($1::int, 1/0);
create view decided as select true as yes, 1 as one;
select case when yes then 1 else 1/0 end, case when one = 1 then 1 else 1/0 end from decided;
select case when s.one = 1 then 1 else 1/0 end from (select 1 as one) s;
-- nor what nobody asks for.
select exists (select 1/0 from t), 1 where exists (select 1/0);
with x as (select 1/0) select 1;
select s.b from (select b, 1/0 as x from t) s limit 1;
-- What depends on the clock or the session is no constant.
select now() + interval '178000000 years' from t where false;
select to_char(1/1, 'x', 'y') from t;
select upper('a'), length('abc'), 'a' || 'b', 1 + 1, interval '1 day' * 2, date '2024-01-01' + 1, null::int / 0, 1.5::int2 + '2'::int8;
select 1 + 2 * 3 - 4 / 2, ('a' || 'b') || 'c' || 'd', length('a' || 'b') + 1, (1 + 1)::int8 * 2::int2;
select 1 + (2 * (3 / 0)) from t where false;
