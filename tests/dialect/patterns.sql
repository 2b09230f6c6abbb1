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

create table words (id int primary key, data varchar(50), raw bytea);
insert into words values (1, 'abcdefg', 'abc'), (2, 'ab/cdefg', 'a%c'), (3, 'ab%cdefg', 'a_c'), (4, 'ab_cdefg', '\\x00'),
	(5, 'abcde/fg', 'axc'), (6, 'ABCDE%fg', null), (7, 'ab#cdefg', 'a#c'), (8, 'ab9cdefg', ''), (9, 'a\b', 'a');
-- bind: ["b/%cd"]
select id from words where data like '%' || $1::varchar || '%' escape '/' order by id;
-- bind: ["b##c"]
select id from words where (data not like '%' || $1::varchar || '%' escape '#') order by id;
-- bind: ["B#%", "#"]
select id from words where data ilike '%' || $1 || '%' escape $2 order by id;
select id from words where data like 'ab' || '/%' || '%' escape '/' and id < 10 order by id;
select id from words where data like '%\%' escape '' order by id;
select id from words where data like 'a\\b' order by id;
select id from words where data like 'a\b' escape '' order by id;
select id from words where data like '%' escape '%' order by id;
select id from words where data like 'ab%%%' escape '%' order by id;
select id from words where data like 'ab__cd%' escape '_' order by id;
select id from words where raw like 'a#%c' escape '#' order by id;
select id from words where raw like 'a_c' order by id;
select id from words where raw not like 'a#_c' escape '#' order by id;
select 'aéb' like 'aéé%' escape 'é', 'a%b' like 'aé%b' escape 'é', 'aB' ilike 'A!b' escape '!', 'a!b' not ilike 'A!!B' escape '!';
select 'a' like 'b' escape 'ab';
select 'a' like 'a/' escape '/';
select 'b' like 'a/' escape '/';
select 'a' like null escape '/', 'a' like 'a' escape null, null like 'a' escape '/';
select like_escape('a/%b\c', '/'), like_escape('a\%', '\'), like_escape('a%', '');
select id from words where raw like like_escape('a#%c'::bytea, '#'::bytea) order by id;
select id from words where raw not like 'a\\%c' order by id;
