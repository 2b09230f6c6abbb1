-- MERGE: what is joined is changed, or comes in.

create table t (id int primary key, n int, s text default 'new', unique (n));
create table u (id int, n int, s varchar(10), gone boolean default false);
insert into t values (1, 10, 'one'), (2, 20, 'two'), (3, 30, 'three');
insert into u values (1, 11, 'eins', false), (2, 21, 'zwei', true), (4, 40, 'vier', false), (5, null, null, false);
merge into t using u on t.id = u.id when matched and u.gone then delete when matched then update set n = u.n, s = t.s || '/' || u.s when not matched and u.n is not null then insert (id, n) values (u.id, u.n) when not matched then do nothing;
select * from t order by id;
merge into t as x using (select id, n + 1 as m, s from u where not gone) as y on x.id = y.id when matched then update set n = y.m when not matched then insert values (y.id, y.m, upper(y.s));
select * from t order by id;
merge into t using u on t.id = u.id when matched then do nothing when not matched then do nothing;
merge into t using u on t.id = u.id when matched then delete;
select * from t order by id;
merge into t using (values (7, 70), (8, 80)) as v (a, b) on t.id = v.a when not matched then insert (n, id, s) values (b, a, default);
merge into t using (values (7, 71)) as v (a, b) on id = a when matched then update set s = default, n = b;
select * from t order by id;
-- bind: ["7", "77", "sieben"]
merge into t using (select $1::int as id, $2::int as n, $3 as s) as v on t.id = v.id when matched then update set n = v.n, s = v.s when not matched then insert values (v.id, v.n, v.s);
-- bind: ["9", "99", "neun"]
merge into t using (select $1::int as id, $2::int as n, $3 as s) as v on t.id = v.id when matched then update set n = v.n, s = v.s when not matched then insert values (v.id, v.n, v.s);
select * from t order by id;
-- Every row once.
merge into t using (values (7, 1), (7, 2)) as v (a, b) on t.id = v.a when matched then update set s = b::text;
merge into t using (values (7, 1), (7, 2)) as v (a, b) on t.id = v.a when matched and b = 1 then update set s = b::text when matched then do nothing;
merge into t using (values (7, 1), (7, 2)) as v (a, b) on t.id = v.a when matched then delete;
merge into t using (values (7, 1), (7, 2)) as v (a, b) on t.id = v.a when matched and b = 1 then delete when matched then update set n = 1;
merge into t using (values (50, 1), (50, 2)) as v (a, b) on t.id = v.a when not matched then insert (id, n) values (a, 500 + b);
merge into t using (values (50, 1), (51, 1)) as v (a, b) on t.id = v.a when not matched then insert (id, n) values (a, 500 + b);
merge into t using (values (7)) as v (a) on t.id = v.a when matched then update set id = null;
merge into t using (values (77)) as v (a) on t.id = v.a when not matched then insert (n) values (a);
select * from t order by id;
-- All see what was before.
merge into t using u on t.id = u.id + 3 when matched then update set s = (select string_agg(t2.s, ',' order by t2.id) from t as t2) when not matched then insert (id, n, s) values (u.id + 100, u.id + 100, (select count(*) from t)::text);
select * from t order by id;
with w as (select 101 as id union all select 300) merge into t using w on t.id = w.id when matched then update set n = (select max(id) from w) when not matched then insert (id) values (w.id);
select * from t order by id;
merge into t using t as o on t.id = o.id - 1 when matched then update set s = o.s;
merge into t using (t as a join u on u.id = a.id - 100) on t.id = a.id when matched then update set s = u.s;
select * from t order by id;
-- Columns.
create table g (id int generated always as identity, a numeric(6, 2), b int generated always as (id * 2) stored, c int[] default '{1,2}', d timestamptz, j jsonb default '{}', check (a > 0));
merge into g using u on g.id = u.id when not matched then insert (a) values (u.id / 3.0);
select id, a, b, c, j from g order by id;
merge into g using u on g.id = u.id when matched then update set a = u.id + 0.005, c[2] = u.id, d = '2024-01-01 00:00+00', j['k'] = to_jsonb(u.s);
select * from g order by id;
merge into g using u on g.id = u.id when matched then update set b = 1;
merge into g using u on g.id = u.id when matched then update set b = default, (a, c) = (9.99, array[u.id]);
merge into g using u on g.id = u.id when matched then update set id = 1;
merge into g using u on g.id = u.id + 50 when not matched then insert (id, a) values (1, 1);
merge into g using u on g.id = u.id + 50 when not matched and u.id = 1 then insert (id, a) overriding system value values (99, 1);
merge into g using u on g.id = u.id + 50 when not matched and u.id = 1 then insert default values;
merge into g using u on g.id = u.id when matched then update set a = -1;
select id, a, b, c from g order by id;
update g set b = default, a = 8 where id = 1 returning b, a;
update g set b = default where id < 3;
-- refused: assigning to generated columns only
merge into g using u on g.id = u.id when matched then update set b = default;
-- refused: assigning the columns of a query
merge into g using u on g.id = u.id when matched then update set (a, c) = (select 1, array[u.id]);
-- refused: a WITH that changes data
with w as (delete from g returning *) merge into g using w on true when not matched then do nothing;
create table e (a int, b text);
merge into e using u on e.a = u.id when not matched then insert default values;
merge into e using u on e.a = u.id when not matched then insert values (u.id);
select * from e order by a nulls first;
-- Keys.
create table p (id int primary key);
create table c (id int primary key, p int references p on delete cascade, q int unique deferrable);
insert into p values (1), (2), (3);
insert into c values (1, 1, 1), (2, 2, 2), (3, 3, 3);
merge into c using p on c.id = p.id when matched then update set q = q + 1;
merge into p using (values (1), (7)) v (a) on p.id = v.a when matched then delete when not matched then insert values (a);
select * from c order by id;
merge into c using (values (2), (8)) v (a) on c.id = v.a when matched then update set p = 7 when not matched then insert values (a, 9, 9);
merge into c using (values (2), (8)) v (a) on c.id = v.a when matched then update set q = 4;
select * from c order by id;
begin;
merge into c using (values (2), (8)) v (a) on c.id = v.a when matched then update set p = 7 when not matched then insert values (a, 7, 10);
rollback;
select * from c order by id;
prepare m (int, int) as merge into c using (select $1 as a, $2 as b) v on c.id = v.a when matched then update set q = v.b when not matched then insert values (v.a, null, v.b);
execute m (2, 100);
execute m (20, 200);
select * from c order by id;
create temp table tt (a int, b int);
merge into tt using c on tt.a = c.id when not matched then insert values (c.id, c.q) when matched then update set b = 0;
merge into tt using c on tt.a = c.id when not matched then insert values (c.id, c.q) when matched then update set b = 0;
select * from tt order by a;
-- What Postgres does not take.
merge into t using u on t.id = u.id when matched then delete when matched then do nothing;
merge into t using u on t.id = u.id when not matched then insert (id) values (t.n);
merge into t using u on t.id = u.id when not matched and t.n > 1 then insert (id) values (u.n);
merge into t using u on t.id = u.id when not matched then insert (id, id) values (u.n, 1);
merge into t using u on t.id = u.id when not matched then insert (id, n) values (u.n);
merge into t using u on t.id = u.id when not matched then insert (id) values (u.n, 2);
merge into t using u on t.id = u.id when not matched then insert (nothing) values (u.n);
merge into t using u on t.id = u.id when matched then update set nothing = 1;
merge into t using u on t.id = u.id when matched then update set n = 'x'::text;
merge into t using u on t.id = u.id when matched and u.n then delete;
merge into t using u on id = u.id when matched then delete;
merge into t using t on true when matched then delete;
merge into nothing using u on true when matched then delete;
merge into t using nothing on true when matched then delete;
merge into t using u on t.id = u.id when matched and count(*) > 1 then delete;
merge into t using u on t.id = u.id when matched then update set n = count(*);
create view v as select * from t;
merge into t using v on t.id = v.id when matched and v.id = 7 then update set s = 'v';
select * from t where s = 'v';
-- In a block, in a transaction that is rolled back, with savepoints.
do $$ begin merge into t using u on t.id = u.id when matched then delete when not matched then insert (id) values (u.id); end $$;
select id from t order by id;
begin;
merge into t using u on t.id = u.id when matched then delete;
savepoint a;
merge into t using u on t.id = u.id when not matched then insert (id) values (u.id);
rollback to a;
select count(*) from t;
rollback;
create schema s;
create table s.t (like t including all);
merge into s.t using t on s.t.id = t.id when not matched then insert values (t.id, t.n, t.s);
merge into s.t using t as o on t.id = o.id when not matched then insert values (o.id, o.n, o.s);
merge into s.t as t using public.t as o on t.id = o.id when matched then update set s = o.s || t.s;
select * from s.t order by id;
merge into t using (select null::int as id) v on t.id = v.id when not matched then do nothing;
merge into t using (select distinct on (gone) * from u order by gone, id) v on t.id = v.id when matched and (v.n is null or v.n > 5) then update set s = v.s;
merge into t using generate_series(1, 3) as g on t.id = g when matched then update set n = g * 1000 when not matched then insert (id, n) values (g, g);
merge into t using generate_series(1, 3) as g (x) on t.id = g.x when matched then update set s = t.s || g.x when not matched then insert (id, n) values (g.x, g.x);
select * from t order by id;
merge into t using u on t.id = u.id when not matched by source then delete;
