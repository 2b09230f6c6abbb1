-- Where a recursive query may name itself.

create table t (id int primary key, boss int, a int);
insert into t values (1, null, 1), (2, 1, 2), (3, 1, 3), (4, 2, null);
with recursive r as (select 1 as n union all select r.n + 1 from t left join r on t.id = r.n where r.n < 3) select * from r;
with recursive r as (select 1 as n union all select r.n + 1 from r left join t on t.id = r.n where r.n < 3) select * from r;
with recursive r as (select 1 as n union all select r.n + 1 from r right join t on t.id = r.n where r.n < 3) select * from r;
with recursive r as (select 1 as n union all select r.n + 1 from t right join r on t.id = r.n where r.n < 3) select * from r;
with recursive r as (select 1 as n union all select r.n + 1 from r full join t on t.id = r.n where r.n < 3) select * from r;
with recursive r as (select 1 as n union all select id + 1 from t where id in (select n from r)) select * from r;
with recursive r as (select 1 as n union all select (select n from r) + 1) select * from r;
with recursive r as (select 1 as n union all select id from t where exists (select 1 from r where r.n = t.id)) select * from r;
with recursive r as (select 1 as n union all select a.n + 1 from r a, r b) select * from r;
with recursive r as (select 1 as n union all (select n + 1 from r where n < 3 union all select n + 1 from r)) select * from r;
with recursive r as (select n from r union all select 1) select * from r;
-- refused: SQLite wants it in FROM of the second arm itself
with recursive r as (select 1 as n union all select n + 1 from r where n < 3 intersect select 2) select * from r;
with recursive r as (select 1 as n union all (select n + 1 from r intersect all select 2)) select * from r;
with recursive r as (select 1 as n union all (select 2 except select n from r)) select * from r;
with recursive r as (select 1 as n union all (select n from r except all select 2)) select * from r;
with recursive r as (select 1 as n except select n from r) select * from r;
with recursive r as (select 1 as n union all select n + 1 from r where n < 3 order by 1) select * from r;
-- refused: SQLite wants it in FROM of the second arm itself
with recursive r as (select 1 as n union all select n + 1 from (select * from r) q where n < 3) select * from r;
with recursive r as (select 1 as n union all select n + 1 from (t left join lateral (select 1 as z) q on true) join r on r.n = t.id) select * from r order by 1;
-- refused: SQLite wants it in FROM of the second arm itself
with recursive r as (select 1 as n union all (with r as (select 7 as n) select n from r)) select * from r;
with recursive r as (select id, boss, 1 as depth, array[id] as path from t where boss is null union all select t.id, t.boss, r.depth + 1, r.path || t.id from t join r on t.boss = r.id) select * from r order by path;
with recursive r as (select id, boss from t where id = 4 union select t.id, t.boss from r join t on t.id = r.boss left join t x on x.id = t.boss) select * from r order by 1;
with recursive r as (select 1 as n union all select n + 1 from r left join (select 1 as k union all select 2) z on z.k = r.n where n < 4) select * from r order by 1;
with recursive a as (select 1 as n union all select n + 1 from a where n < 3), b as (select n from a union all select b.n + 10 from b where n < 20) select * from b order by 1;
