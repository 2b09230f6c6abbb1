-- A parameter compared with the elements of varchar[] is a text, as the operator is.
create table band (id int, name varchar(50) unique, tags varchar[], short varchar(5)[], fixed char(3)[], days date[], n numeric(5, 2)[]);
insert into band values (1, 'a', '{x,y}', '{x}', '{x,abc}', '{2024-01-02}', '{1.50,2}'), (2, 'b', '{}', null, '{}', '{null}', '{}'), (3, null, null, '{y,null}', null, null, null);
-- bind: ["x"]
select id from band where $1 = any(tags) order by id;
-- bind: ["x"]
select id, $1 = any(short), $1 <> all(short), $1 = all(tags), $1 <> any(tags) from band order by id;
-- bind: ["x"]
select id, $1 = any(fixed), $1 <> all(fixed) from band order by id;
-- bind: ["x  "]
select id, $1::bpchar = any(fixed), $1::text = any(fixed), 'x  ' = any(fixed) from band order by id;
-- bind: ["2024-01-02", "1.5"]
select id, $1 = any(days), $1::timestamptz = any(days), $2 = any(n), $2::float8 = any(n), $2::int8 < any(n) from band order by id;
-- bind: ["{a,b}", "{b}", "{a}"]
select id from band where name = any($1) and name <> all($2) and name = any($3::varchar[]) order by id;
-- bind: ["{a,b}"]
select id from band where name = any($1::text[]) or name::text = any($1) order by id;
-- bind: ["2"]
select $1 = any(array[1, 2]::int8[]), 2::int2 = any(array[1, 2]::int8[]), 1.5 = any(array[1, 2]), $1 <> all(array[1, null]);
