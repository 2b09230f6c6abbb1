-- WITH RECURSIVE: its form, and the types and modifiers of its columns.

create table t (id int, v varchar(5), n numeric(8,2), c char(3), p int);
insert into t values (1, 'a', 1.5, 'x', null), (2, 'b', 2, 'y', 1);
with recursive r as (select v from t where id = 1 union all select v from r where false) select * from r;
with recursive r as (select v from t where id = 1 union all select r.v || 'z' from r where length(r.v) < 3) select * from r;
with recursive r as (select v::text as v from t where id = 1 union all select r.v || 'z' from r where length(r.v) < 3) select * from r;
with recursive r as (select n from t union all select n + 1 from r where n < 3) select * from r order by 1;
with recursive r as (select n::numeric from t union all select n + 1 from r where n < 3) select * from r order by 1;
with recursive r as (select id, v, n, c from t where p is null union all select t.id, t.v, t.n, t.c from t join r on t.p = r.id) select * from r order by id;
with recursive r as (select 'a' as v union all select v || 'b' from r where length(v) < 3) select * from r;
with recursive r(v, x) as (select c, null from t where id = 1 union all select 'zzz', 'q' from r where v <> 'zzz') select * from r;
with recursive r(v) as (select c from t where id = 1 union all select 'zzz'::char(3) from r where v <> 'zzz') select * from r;
with recursive r as (select n + 1 as n from r) select * from r;
with recursive r as (select 1 as n intersect select n from r) select * from r;
with recursive r as (select 1 as n union all select n + 1 from r where n < 3 order by 1) select * from r;
with recursive r as (select 1 as n union all select n + 1 from r limit 3) select * from r;
with recursive t as (select * from t) select * from t;
with recursive q as (select * from t) select id from q order by 1;
with recursive a as (select id from t), b as (select id from a union all select id + 1 from b where id < 4) select * from b order by 1;
with recursive r(d) as (select timestamp(0) '2024-01-01' union all select d + interval '1 day' from r where d < '2024-01-03') select * from r;
with recursive r(d) as (select timestamp '2024-01-01' union all select d + interval '1 day' from r where d < '2024-01-03') select * from r;
with recursive r as (values (1, 'x'::text) union select n + 1, v from (select 1 as n, 'x'::text as v) q) select * from r order by 1;
