-- In which type character(n), character varying, text and numbers are compared.

create table a (id int, c char(3));
create table b (id int, c varchar(5));
insert into a values (1, 'x'), (2, 'y');
insert into b values (1, 'x  '), (3, 'y');
select id from b where c in (select c from a) order by 1;
select id, c in (select c from a), c = any (select c from a), c = any (array(select c from a)), c in ('x'::char(3), 'q') from b order by 1;
select b.id, a.id from a, b where a.c = b.c order by 1;
select id from b where exists (select 1 from a where a.c = b.c) order by 1;
create table n (id int, c name, t text);
insert into n values (1, 'x', 'x  '), (2, 'y  ', 'y');
select id from n where c in (select c from a) order by 1;
select id from a where c in (select c from n) order by 1;
select id from n where c in (select c from b) order by 1;
select id from b where c in (select c from n) order by 1;
select id from n where t in (select c from b) order by 1;
select id from n where t in (select c from a) order by 1;
select id from a where c not in (select t from n) order by 1;
select id from b where c in (select 'x'::varchar(9) union select 'y') order by 1;
select id from a where c in (select 'x ' union select 'y') order by 1;
select id from a where c = any (array['x ', 'y']) order by 1;
select id from a where c in ('x ', 'y') order by 1;
select id from a where c = any (array['x ', 'y']::varchar[]) order by 1;
select id from b where c = any (array['x', 'y']::char(3)[]) order by 1;
-- bind: ["{\"x \",y}"]
select id from a where c = any ($1) order by 1;
-- bind: ["x "]
select id from a where c = $1 or c in ($1, 'z') order by 1;
select a.c is distinct from b.c, a.c is not distinct from n.t, b.c is distinct from n.c, nullif(a.c, n.t), nullif(b.c, a.c) from a, b, n order by a.id, b.id, n.id;
select a.c in (b.c, n.t), a.c in ('x', n.t), n.t in (a.c, b.c), b.c in (n.c, a.c), a.c not in (n.t, 'q') from a, b, n order by a.id, b.id, n.id;
select case a.c when n.t then 1 when b.c then 2 end, case n.t when a.c then 1 end, coalesce(a.c, n.t) = n.t, greatest(a.c, n.t), least(b.c, a.c) from a, b, n order by a.id, b.id, n.id;
select 16777217 is distinct from 16777216::float4, 16777217 in (16777216::float4), 16777217 = any (array[16777216]::float4[]), nullif(16777217, 16777216::float4), 0.1 is distinct from 0.1::float4;
select a.c = all (array[b.c, 'x']), a.c <> all (array[n.t]), a.c < any (array[n.t, 'z']), a.c = any (array[a.c]) from a, b, n order by a.id, b.id, n.id;
select a.c || '|', a.c || b.c, concat(a.c, '|'), length(a.c), a.c::text || '|', lower(a.c) || '|', replace(a.c, ' ', '_'), a.c like 'x', a.c like 'x  ', a.c ~ '^x$', position(' ' in a.c), substring(a.c from 1 for 3) || '|', left(a.c, 3) || '|', to_json(a.c), array[a.c], row_to_json(a) from a order by id;
select x.c, count(*) from (select c from a union all select c from b) x group by 1 order by 1;
select min(c), max(c), string_agg(c, ','), array_agg(c), json_agg(c), count(distinct c) from a;
