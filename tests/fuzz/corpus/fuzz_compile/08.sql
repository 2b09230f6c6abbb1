select cast('1' as integer), cast(age as text), age::varchar(3), name::char(3), '12'::int8, 5::bool, price::float8, score::numeric, score::int, created::text from users;
select uid = $1, uid::text, gen_random_uuid() from users;
select current_date, current_timestamp, localtimestamp, current_time, current_user, session_user, current_database(), current_schema;
select created::time, created::timestamp, born::timestamp, born + 1, born - interval '1 day', born + at, at + interval '1 hour' from users;
select count(distinct age), count(all age), sum(distinct age), min(name), max(created), bool_and(active), bool_or(active), every(active) from users;
select string_agg(distinct name, ', '), string_agg(name, ', ' order by id desc) from users;
select string_agg(distinct name, ', ' order by name) from users;
select json_object_agg(key, value) from counters;
select max(feeling), min(span), max(price) from users;
select age, count(*) from users group by age having age > 1 order by count(*) desc, age;
select upper(name), count(*) from users group by upper(name);
select age + 1 as a, count(*) from users group by a
