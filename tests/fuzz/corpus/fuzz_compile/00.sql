select count(*) from users where name = $1 or email is null;
select u.id, count(p.id) from users u left outer join posts p on p.user_id = u.id group by u.id order by count(p.id) desc;
select u.name, count(p.id) as n from users u join posts p on p.user_id = u.id group by u.id having count(p.id) > $1 order by n desc limit 10;
select feeling, array_agg(name order by name desc) from users group by feeling;
select json_agg(u) from users u;
select row_to_json(u) from users u;
select to_jsonb(u) - 'id' from users u;
select json_build_object('id', id, 'tags', tags) from users;
select jsonb_build_object('a', 1, 'b', array[1,2]);
select coalesce(json_agg(json_build_object('id', p.id)) filter (where p.id is not null), '[]') from posts p;
select coalesce(array_agg(id), '{}') from users;
select coalesce(sum(price), 0) from users
