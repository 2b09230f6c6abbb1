-- AND and OR go no further than they must, where their value is asked for, too.
create table t (id int primary key, a int, b int);
insert into t values (1, 1, 0), (2, 5, 2), (3, null, 0);
select b <> 0 and 10 / b > 1 from t order by id;
select b = 0 or 10 / b > 1 from t order by id;
select not (b = 0 or 10 / b > 1) from t order by id;
select id from t where (b <> 0 and 10 / b > 1) or id = 3;
select id from t where not (b = 0 or 10 / b > 1);
select (b <> 0 and 10 / b > 1) is true, coalesce(b <> 0 and 10 / b > 1, false) from t order by id;
select case when b <> 0 and 10 / b > 1 then 1 else 0 end, case b <> 0 and 10 / b > 1 when true then 1 else 0 end from t order by id;
select count(*) filter (where b <> 0 and 10 / b > 1), bool_or(b <> 0 and 10 / b > 1), array_agg(b <> 0 and 10 / b > 1 order by id) from t;
select sum(a) from t group by b having b <> 0 and sum(10 / b) > 1;
select b <> 0 and 10 / b > 1, count(*) from t group by b <> 0 and 10 / b > 1 having not (b <> 0 and 10 / b > 1) or count(*) < 2 order by b <> 0 and 10 / b > 1;
select distinct b <> 0 and 10 / b > 1 from t order by b <> 0 and 10 / b > 1;
select distinct on (b <> 0 and 10 / b > 1) id from t order by b <> 0 and 10 / b > 1, id;
select id, row_number() over (partition by b <> 0 and 10 / b > 1 order by id) from t order by id;
update t set a = 3 where b <> 0 and 10 / b > 1 returning b <> 0 and 10 / b > 1;
select b <> 0 and 10 / b > 1 and a > 1, a is null or b = 0 or 10 / b = 5 from t order by id;
select b <> 0 and (10 / b > 1 or 10 / b < -1) or a = 1 or not (b = 0 or 10 / b > 5) from t order by id;
select b <> 0 and 10 / b > 1 and 10 / (b - 2) > 1 from t where id <> 2;
select b <> 0 and 10 / b > 1 and 10 / (b - 2) > 1 from t;
select sum(a) > 1 or 10 / count(*) > 1, count(*) = 0 or sum(a) / count(*) > 1 from t where id > 3;
select a is not null and exists (select 1 / (t.a - 1) from t x where x.a / (t.a - 1) > 0) from t order by id;
create table x (id int primary key, t text);
insert into x values (1, '12'), (2, 'abc'), (3, null), (4, '3');
select t ~ '^\d+$' and t::int > 5, t !~ '^\d+$' or t::int > 5, true or t::int > 5, false and t::int > 5, t is null or t !~ '^\d+$' or t::int > 5 from x order by id;
select id from x where t ~ '^\d+$' and t::int > 5;
select * from x order by t ~ '^\d+$' and t::int > 5, id;
-- All that three truths make of one another.
create table truth (v bool, n int);
insert into truth values (true, 1), (false, 2), (null, 3);
select x.v, y.v, x.v and y.v::text = 'true', x.v or y.v::text = 'true', not (x.v and y.v::text = 'true'), not (x.v or y.v::text = 'true'), y.v::text = 'true' and x.v from truth x, truth y order by x.n, y.n;
select x.v::text::bool and y.v::text::bool and z.v::text::bool, x.v::text::bool or y.v::text::bool or z.v::text::bool, x.v::text::bool and (y.v::text::bool or z.v::text::bool), x.v::text::bool or y.v and z.v::text::bool, not (x.v or not (y.v::text::bool and z.v::text::bool)) from truth x, truth y, truth z order by x.n, y.n, z.n;
select x.n, y.n from truth x, truth y where x.v::text::bool and y.v::text::bool or not (x.v::text::bool or y.v::text::bool) order by 1, 2;
-- Each of them is asked once.
create sequence s;
select nextval('s') > 0 and nextval('s') > 0 or nextval('s') > 0;
select nextval('s') = 0 and nextval('s') > 0;
select nextval('s');
