select foo(1);
select name from users group by id;
select * from nosuch.users;
select id from users where id = 'abc';
select id from users where active = 5;
select 'abc'::int;
select 1 + 'a';
select 1 || 2;
select 'a' || 1;
select now() + 1;
select id from users order by nope;
select max(id), name from users
