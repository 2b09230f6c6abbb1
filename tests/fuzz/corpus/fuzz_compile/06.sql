update posts set title = upper(title), views = coalesce(views, 0) + 1 where id = $1 returning *;
update posts p set title = u.name from users u where u.id = p.user_id;
update posts set (title, body) = ('a', 'b') where id = 1;
update posts set (title, body) = (select name, email from users limit 1);
update users set tags = array_append(tags, $1), meta = jsonb_set(meta, '{a}', '1') where id = $2;
update users set price = price + $1, age = age + $2, created = now(), feeling = 'ok';
update users set active = not active where id in (select user_id from posts where views > $1);
delete from users where id = $1;
delete from posts where user_id in (select id from users where active = false) returning id;
delete from posts p using users u where p.user_id = u.id and u.active;
select generate_series(1, 5);
select * from generate_series(1, 10, 2) as g(n)
