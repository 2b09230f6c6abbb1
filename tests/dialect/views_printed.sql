-- Views as pg_get_viewdef() prints them, and expressions as they are printed
-- where the search path does not find what they name.

create table a (id int primary key, n varchar(20), v numeric(8,2), d date, ts timestamptz default now(), f bool, j jsonb, arr int[]);
create table b (id int primary key, a_id int references a, t text, q bigint);
create schema o;
create table o.c (id int, name text);
create view v1 as select id from a;
create view v2 as select * from a;
create view v3 as select a.id, b.t as bt, count(*), sum(q) total, max(n) from a join b on a.id = b.a_id where v > 5 and n = 'x' or f group by a.id, b.t having count(*) > 1 order by 2 desc, a.id nulls first limit 10 offset 5;
create view v4 as select distinct n, upper(n) as u, n || 'x' as cat, 1 as one, 'str' as s, null as nn, current_date as cd, now() as nw, v * 2 as v2 from a x left join b y using (id);
create view v6 as select n from a union select t from b;
create view v7 as select n from a union all select t from b order by 1;
create view v8 as select s.id, s.c from (select id, count(*) as c from b group by id) s where s.c > 1;
create view v9 as select id from a where id in (select a_id from b where b.q = 1) and exists (select 1 from b where b.a_id = a.id);
create view v10 as with x as (select id from a) select x.id, o.name from x join o.c o on o.id = x.id;
create view v11 (p, q) as select id, n from a where n like 'x%' and id between 1 and 5 and d is not null and n in ('a', 'b') and not f and id = any(arr);
create view v12 as select row_number() over (partition by n order by id desc) as rn, sum(v) over (order by id), lag(id) over w from a window w as (order by id);
create view v13 as select a.id, (select count(*) from b where b.a_id = a.id) as bc, j->>'x' as jx, arr[1] as a1, array[1,2] as lit, extract(year from d) y, date_trunc('month', ts) m from a cross join b full join o.c on c.id = a.id;
create view v14 as select v1.id, a.n from v1, a where v1.id = a.id;
create view v15 as select n as "Weird Name", "id" as "select" from a as "A B" where "A B".v <> 3;
create view v16 as select count(distinct n) as cd, string_agg(n, ',' order by id) as sa, count(*) filter (where f) as cf, array_agg(id) as ag from a;
create view v17 as select distinct on (n) n, id from a order by n, id;
create view v18 as select g from generate_series(1, 3) g;
create view v19 as select a.* , b.q from a right join b on b.a_id = a.id and b.q > 0 where a.ts > now() - interval '1 day';
create view v20 as values (1, 'a'), (2, 'b');
select relname, pg_get_viewdef(oid), pg_get_viewdef(oid, true) from pg_class where relkind='v' and relname ~ '^v\d' order by length(relname), relname;
set search_path to o;
select relname, pg_get_viewdef(oid) from pg_class where relkind='v' and relname ~ '^v\d' order by length(relname), relname;
select count(*) from public.v3;
select count(*) from public.v10;
select definition from pg_views where viewname = 'v1';
