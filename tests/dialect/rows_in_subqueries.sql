-- Rows as columns of a subquery, taken apart by the query around it.

create table t (a int primary key, b text, c int, unique (b, c));
insert into t values (1, 'x', 2), (2, 'y', null);
select (r).x, (r).n, k from (select information_schema._pg_expandarray(i.indkey) as r, i.indnatts as k from pg_index i where i.indrelid = 't'::regclass) s order by 3, 2;
select s.k, (s.keys).x from (select 1 as k, information_schema._pg_expandarray(array[4, 5]) as keys) s;
select (r).f1, (r).f2, z from (select row(a, b) as r, c as z from t) s order by 1;
select (r).a, (r).b from (select t as r from t) s order by 1;
select (r).*, z from (select t as r, a as z from t) s order by 1;
select (r).nope from (select row(a, b) as r from t) s;
-- refused: row values as results
select r from (select row(a, b) as r from t) s;
-- refused: row values as results
select * from (select a, row(b, c) as r, c from t) s;
select k, q from (select a, row(b, c), c from t) as s (k, r, q) order by 1;
select (r1).f1, (r2).f1 from (select row(1), row(2)) s (r1, r2);
select (x).r from (select row(row(1, 2), 3) as x) s;
select count(r) from (select row(a, b) as r from t) s;
select r is null, r = row(1, 'x'::text) from (select row(a, b) as r from t) s order by 1;
SELECT result.COLUMN_NAME, result.KEY_SEQ, result.PK_NAME FROM (SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME, (information_schema._pg_expandarray(i.indkey)).n AS KEY_SEQ, ci.relname AS PK_NAME, information_schema._pg_expandarray(i.indkey) AS KEYS, a.attnum AS A_ATTNUM FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON ( a.attrelid = i.indrelid) JOIN pg_catalog.pg_class ci ON (ci.oid = i.indexrelid) WHERE true AND n.nspname = 'public' AND ct.relname = 't' AND i.indisprimary ) result where result.A_ATTNUM = (result.KEYS).x ORDER BY result.table_name, result.pk_name, result.key_seq;
