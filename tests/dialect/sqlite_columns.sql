-- Columns of which SQLite 3.40 knows more, or less, than it should.

create table keyed (id int primary key, x numeric unique, c char(5) unique, i interval unique, j jsonb unique, a numeric[] unique, f float4);
insert into keyed values (1, 1.00, 'ab', '24:00', '1.0', '{1.0}', null), (2, 1.5, 'b', '1 day 1 sec', '1.50', '{1.50}', 1.5);
-- a text has no collation of what it was
select id from keyed where x::text = '1.0';
select id from keyed where x::text in ('1', '1.50');
select id from keyed where c::text = 'ab ';
select id from keyed where i::text = '1 day';
select id from keyed where j::text = '1';
select id from keyed where a::text[] = '{1}';
select x from (select x from keyed union all select '1'::numeric) as u order by x, x::text;
select x::text from keyed union select '1.0' order by 1;
select x::varchar, count(*) from keyed group by x::varchar order by x::varchar;
-- whether a new value is NULL
update keyed set f = null where id = 2 returning (f is not null), f is null, f;
update keyed set f = 2.5 where id = 2 returning (f is not null), f is null, f;
insert into keyed (id) values (3) returning x is null, (f is not null), id is null, coalesce(f, 9);
delete from keyed where id = 3 returning x is null, (f is not null), not (f is null);
-- what travels through LATERAL may be NULL
select t.id, q.f, q.g from keyed t cross join lateral (select t.f as f, null::float8 as g, t.x as h) as q order by 1;
select json_build_object('t'::bool, null::bool), jsonb_build_object(true, 1), json_object_agg(true, 1), jsonb_object_agg(false, 2);
-- the collation of a comparison inside does not come out
create table inner_key (x numeric unique, i interval, c char(5));
insert into inner_key values (9, '1 day', 'a'), (10, '24:00:01', 'b'), (1.5, '1 mon', 'ab'), (100, '-1 day', 'B');
select to_json(case when x > 5 then x else x end)::text from inner_key order by 1;
select to_json(case when x > 5 then x else x end)::text from inner_key order by to_json(case when x > 5 then x else x end)::text;
select upper(case when i > '1 hour' then x::text || ' ' else x::text end) from inner_key group by 1 order by 1;
select distinct coalesce(case when c = 'a' then 'b  ' end, case when x = 9.0 then 'b' else 'b ' end) from inner_key order by 1;
select t from (select case when c > 'a' then x::text || '.0' else x::text end as t from inner_key) as q where t = '9' or t = '10' order by t;
select case when i > '1 hour' then x else x end from inner_key order by 1;
select case when i > '1 hour' then x else x end as k, count(*) from inner_key group by 1 having count(*) > 0 order by k desc;
select concat(case when x > 5 then x end, 'a') from inner_key union select '9a' union select '9.0a' order by 1;
