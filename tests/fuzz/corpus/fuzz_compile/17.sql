select age from users except all select 1;
select * from json_array_elements('[1,2]'), json_each('{"a":1}') e(k,v), generate_series(1,3) g;
select x.* from json_to_recordset('[{"a":1}]') as x(a int, b text);
select sum(price) filter (where active), count(distinct name), sum(age) over (order by id rows between 1 preceding and current row) from users group by id,age;
select u.id from users u where exists (select 1 from posts p where p.user_id = u.id and p.views > u.age) group by u.id, u.name having count(*) > (select avg(views) from posts where user_id = u.id);
select $1 is null;
select $1, $1 + 1;
select current_user, version(), current_schema(), pg_typeof(1), pg_catalog.format_type(23, null);
select date_trunc('day', created), created at time zone 'utc', extract(epoch from now() - created), to_char(created,'YYYY'), age(created), overlay('abc' placing 'x' from 2), position('a' in name), substring(name from 2 for 3), trim(both 'x' from name) from users
