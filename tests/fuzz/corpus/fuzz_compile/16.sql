select id, name as n, u.price*2, age+1, age/2.0, big+id from users u where u.id = $1 and name like 'a%' order by price desc, id limit $2 offset 5;
select $1 + 1, $2 || 'x', coalesce($3, now()), $4 = any($5), $6::date - 1, $7 limit $8;
select id from users union select 2.5 order by 1 limit 3;
select unnest(tags) as tag, count(*) from users group by tag;
select unnest(tags), unnest(nums) from users;
select * from users u, lateral (select title from posts p where p.user_id = u.id order by id limit 1) x;
select name like 'a%' escape '!' , name ilike $1, name similar to 'a|b', name ~* 'x', name !~ 'y' from users;
select id in (select user_id from posts), age > all (select 1), (age, id) in (select 1, 2), name = any($1), id <> all($2::int[]) from users where id = any($3);
select count(*) from users having count(*) > 1;
select id from users for update skip locked;
values (1,'a'),(2.5,$1);
select * from (values (1,'a'),(2,'b')) as t(x,y) where x = $1
