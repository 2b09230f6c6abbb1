-- LIMIT, OFFSET and FETCH FIRST, with their errors.

create table t (id int primary key, x int, y text, n numeric(4,2));
insert into t values (1,1,'a',1.0),(2,1,'b',1.00),(3,2,'c',2),(4,2,'a',2.5),(5,3,'b',null),(6,3,null,3),(7,null,'z',3);
select id from t order by x, id fetch first 2 rows only;
select id, x from t order by x fetch first 1 row with ties;
select * from (select id, x from t order by x desc nulls last fetch first 3 rows with ties) s order by id;
select id from t order by x offset 2 rows fetch first 1 rows with ties;
select id from t order by x offset 1 rows fetch first 2 rows with ties;
select id from t order by x offset 1 rows fetch first 0 rows with ties;
select distinct x from t order by x fetch first 2 rows with ties;
select distinct n from t order by n desc fetch first 2 rows with ties;
select * from (select x, count(*) from t group by x order by count(*) desc fetch first 1 rows with ties) s order by x;
select y, n from t order by n, y fetch first 1 rows with ties;
select upper(y) as u from t order by lower(y), n fetch next 2 rows with ties;
select * from (select id from t order by x fetch first 3 rows with ties) s where id > 1 order by 1;
select id from t where id in (select id from t order by x limit 1) order by id;
select (select array_agg(id) from (select id from t order by x fetch first 1 row with ties) s);
select id, row_number() over (order by id desc) from t order by x fetch first 2 rows with ties;
select id from t fetch first 1 rows with ties;
select id from t order by x fetch first null rows with ties;
select id from t order by x fetch first -1 rows with ties;
-- bind: ["2"]
select id from t order by x fetch first ($1) rows with ties;
-- bind: ["-2"]
select id from t order by x fetch first ($1) rows with ties;
-- bind: ["-2"]
select id from t limit $1;
-- bind: ["-2"]
select id from t offset $1;
-- bind: [null, null]
select id from t order by id limit $1 offset $2;
-- bind: ["2", "1"]
select id from t order by id limit $1 offset $2;
select id from t limit 1 - 3;
select id from t offset -1;
select id from t order by id limit (select 2) offset (select 1);
select id from t limit 'x';
select id from t limit x;
select id from t limit null;
(select id from t order by x fetch first 1 rows with ties) union all (select id from t order by x desc nulls last fetch first 1 rows with ties) order by 1;
select id from t limit '2';
select id from t order by id limit 2.5;
