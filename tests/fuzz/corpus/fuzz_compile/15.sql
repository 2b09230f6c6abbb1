select * from (values (1,'a'), (2, null)) v;
select exists(select * from users where false);
select id from users where exists (select from posts where user_id = users.id);
select id as "ID" from users for update of users nowait;
select id from users tablesample system (10);
select grouping(age) from users group by rollup(age);
with x as (insert into posts (id, title) values (1,'a') returning id) select * from x;
merge into posts using users on true when matched then delete;
select percentile_cont(0.5) within group (order by age) from users;
select mode() within group (order by age) from users;
select id from users order by 1 fetch first 3 rows with ties;
select id from users fetch first 3 rows only
