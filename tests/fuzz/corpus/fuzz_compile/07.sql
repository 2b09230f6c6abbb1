select d::date from generate_series('2024-01-01'::timestamp, '2024-01-05', '1 day') d;
select * from unnest(array[1,2,3]) with ordinality;
select x from unnest($1::int[]) as x;
select * from jsonb_each_text('{"a":1}'), jsonb_array_elements_text('["x"]') t(v);
select t.v->>'a' from users, jsonb_array_elements(meta->'items') as t(v);
select u.id, t.tag from users u, unnest(u.tags) as t(tag);
select u.id, x.title from users u left join lateral (select title from posts p where p.user_id = u.id limit 2) x on true;
select regexp_matches(name, '(a)(b)', 'g') from users;
select * from regexp_split_to_table('a b', ' ') as w;
select nextval('users_id_seq'), currval('users_id_seq'), setval('users_id_seq', 5), pg_get_serial_sequence('users','id');
select 'a' < 'b', 'abc' like 'a%', 'abc' ilike 'A_', 'x' ~ 'y', name not like $1, name similar to '%(b|d)%' from users;
select null::int, null, ''::text, '1'::int, '1.5'::numeric(5,2), '2020-01-01'::date, '10:00'::time, '{1,2}'::int[], 'ok'::mood, '\x00ff'::bytea, '{"b":1,"a":2}'::jsonb
