select case age when 1 then 'one' when 2 then 'two' else 'many' end, case when age > 1 then 1 else 2.5 end, case when active then price end from users;
select active is true, active is not false, not active, active and age > 1, active = true, active::int, 't'::bool, true::text from users;
select id from users where (name, age) = ($1, $2);
select id from users where (name, age) in (('a', 1), ('b', 2));
select id from users where (id, age) in (select id, user_id from posts);
select id from users where id not in (select user_id from posts where user_id is not null);
select distinct feeling from users order by feeling;
select distinct on (feeling) feeling, name, created from users order by feeling, created desc;
select name, rank() over (partition by feeling order by age desc), lag(age) over w, sum(age) over w, first_value(name) over w, ntile(4) over (order by id) from users window w as (order by id);
select * from (select id, row_number() over (partition by feeling order by id) as rn from users) t where rn = 1;
with a as (select id from users), b(x) as (select id from posts) select a.id, b.x from a join b on b.x = a.id;
with recursive tree as (select id, user_id, 1 as depth from posts where id = $1 union all select p.id, p.user_id, t.depth + 1 from posts p join tree t on p.user_id = t.id) select * from tree order by depth
