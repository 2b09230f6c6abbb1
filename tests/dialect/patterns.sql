-- LIKE with ESCAPE, whatever the pattern is made of.
select 'abc' not like 'a/_c' || '%' escape '/';
select 'abc' like 'a/_c' escape '/';
select nspname from pg_namespace where (nspname not like 'pg/_' || '%' escape '/') and nspname <> 'shop' order by nspname;
select 'abc' ilike ('A/_' || 'c') escape '/', 'a_c' ilike ('A/_' || 'c') escape '/', 'abc' not like null escape '/', 'a' like 'a' escape null;
select 'abc' like 'a' || '%' escape '//';
select x from (values ('a_b'),('axb'),(null)) t(x) where x not like 'a!_' || 'b' escape '!';
select 'a '::char(4) like 'a_ ' escape '$', 'ab'::name like 'a$' escape '$';
-- bind: ["a/_c", "/"]
select 'a_c' like $1 escape $2;
