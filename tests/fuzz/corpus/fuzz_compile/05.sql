select (select count(*) from posts where user_id = users.id) as n from users order by n;
select id, (select title from posts p where p.user_id = u.id order by id desc limit 1) from users u;
select array(select id from posts where user_id = u.id order by id) from users u;
insert into posts (id, title) values ($1, $2);
insert into posts (id, title) values (1, 'a'), (2, 'b') returning id, title as t;
insert into posts values (1, 2, 'x', default, 5, now());
insert into users default values returning *;
insert into posts (id, title) select id, name from users where active;
insert into posts (id, title) select 1, 'x' where not exists (select 1 from posts where id = 1);
insert into counters (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value where counters.value < excluded.value returning *;
insert into counters as c (key, value) values ('a', 1) on conflict on constraint counters_pkey do update set value = c.value + 1;
insert into counters (key, value) values ('a', 1) on conflict do nothing
