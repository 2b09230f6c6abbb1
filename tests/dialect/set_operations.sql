-- UNION, INTERSECT, EXCEPT, VALUES.

create table s1 (a int, b text);
create table s2 (a bigint, b varchar(10));
insert into s1 values (1, 'x'), (2, 'y'), (2, 'y'), (null, null);
insert into s2 values (2, 'y'), (3, 'z'), (null, null);
select a, b from s1 union select a, b from s2 order by a;
select a, b from s1 union all select a, b from s2 order by a, b;
select a, b from s1 intersect select a, b from s2 order by a;
select a, b from s1 except select a, b from s2 order by a;
select a from s1 except all select a from s2 order by a;
select a from s1 intersect all select a from s2 order by a;
select 1 union select 2.5 order by 1;
select 1 as x union select null order by x;
select 'a' union select 'b' order by 1;
select null union select 1 order by 1;
select 1 union select 'a';
select 1, 2 union select 1;
select a from s1 union select a from s2 order by b;
(select a from s1 order by a limit 1) union all (select a from s2 order by a desc nulls last limit 1) order by 1;
select a from s1 union (select 9 intersect select 9) order by a;
select 1 union all select 1 except select 1;
select 1 union all (select 1 except select 2);
select * from (select a from s1 union select a from s2) as u where a > 1 order by a;
select count(*) from (select a from s1 union all select a from s2) as u;
values (1, 'one'), (2, 'two'), (3, null);
values (1, 2.5), (2.5, 1) order by 1;
values ('2024-01-01'::date), ('2023-01-01') order by column1 desc limit 1;
select column2, column1 from (values (1, 'a'), (2, 'b')) as v order by 1 desc;
select * from (values (1, null), (null, 'x')) as v(i, t) order by i;
select '1'::text union select 1::text;
select array[1] union select array[1, 2] order by 1;
select 1.0 union all select 1.00;
select length('x'::char(3)) union select length('x'::char(5));
select date '2024-01-01' union select timestamp '2024-01-01 00:00' order by 1;
select 1 as a union select 2 as b order by a desc;
select a from s1 where a in (select a from s2 union select 1) order by a;
with u as (select a from s1 union select a from s2) select sum(a), count(*) from u;
select a, count(*) from (select a from s1 union all select a from s2) u group by a order by a;
select 1 union select 2 limit 1 offset 5;
table s1 order by a;
-- bind: ["2"]
select a from s1 where a = $1 union select a from s2 where a = $1;
-- bind: ["1", "b"]
select $1::int, $2 union all select 2, 'c' order by 1;
-- Each pair of arms has its types by itself: two texts are texts.
select null union select null union select 1;
select 1 union all (select 'a' union all select 'x');
select '1' union select '2' union select 1;
select 1 union values ('x');
values ('1'), ('2') union select 1;
select distinct 'x' union select 1;
(select '1' order by 1) union select 1;
select 'x' union select 1 order by nothing;
select null union all (select null union all select a from s1);
-- bind: ["1", "2"]
select $1 union select $2 union select 1;
insert into s1 (a) select '1' union select '2';
insert into s1 (a) select null union select 2;
with recursive w(n, x) as (values (1, 'a') union all select n + 1, x || 'b' from w where n < 3) select * from w;
with recursive w(n, x) as (values (1, 'a') union all select n + 1, n from w where n < 3) select * from w;
