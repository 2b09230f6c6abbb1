select id from users union all select user_id from posts order by id limit 5;
select id, name from users union select id, title from posts;
select 1 intersect select 2;
(select id from users order by id limit 1) union all (select id from posts order by id desc limit 1);
select * from users natural join counters;
select * from posts p1 join posts p2 using (id, title);
select p.*, u.name from posts p, users u where u.id = p.user_id;
select * from users cross join posts limit 1;
select * from users full join posts on users.id = posts.user_id;
select * from users right join posts on users.id = posts.user_id where users.id is null;
select * from (users u join posts p on p.user_id = u.id) left join counters c on c.value = p.id;
select exists (select 1 from users), not exists (select 1 from posts)
