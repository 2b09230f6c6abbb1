insert into users (id, nope) values (1,2);
insert into posts (id, title) values (1);
insert into posts (id) values (1, 2);
insert into posts (id, id) values (1, 2);
update users set nope = 1;
update users set age = 'x';
update users set age = name;
select * from users u where users.id = 1;
select id from (select 1 as id) s, (select 2 as id) t;
select * from users where name in ();
select count(*) filter (where active) over () from users;
select row_number() from users
