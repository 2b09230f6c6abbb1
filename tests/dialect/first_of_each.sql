-- DISTINCT ON gives its rows sorted by its keys, as Postgres sorts them.
create table t (a int, b int, c text, n int not null);
insert into t values (2, 1, 'x', 3), (1, 5, 'y', 2), (null, 1, 'z', 1), (1, 3, 'q', 2), (2, null, 'p', 3), (2, 1, 'w', 3);
select array_agg(a) from (select distinct on (a) a from t) s;
select array_agg(n) from (select distinct on (n) n from t) s;
select array_agg(concat_ws('-', a, b)) from (select distinct on (a, b) a, b from t) s;
select distinct on (a, b) a, b from t order by b;
select distinct on (b, a) a, b from t order by a desc;
select distinct on (n) n from t limit 2;
select distinct on (c) a, c from t limit 3;
select distinct on (a, b) a, b from t limit 3 offset 1;
select distinct on (1) a + 1 from t limit 1;
select distinct on (1, 2) a, b from t order by 1 desc nulls last;
select array_agg(j) from (select distinct on (j -> 'k') j -> 'k' as j from (values ('{"k": 10}'::jsonb), ('{"k": 9}'), ('{}'), ('{"k": "a"}')) v (j)) s;
select distinct on (a, b) a, b from t order by c, a;
select distinct on (a) a from t for update;
select distinct on (a) a from t order by a for share;
