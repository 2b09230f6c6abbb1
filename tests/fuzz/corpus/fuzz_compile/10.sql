select position('b' in 'abc'), substring('abc' from 2), substring('abc' from 'b.'), trim('  x '), trim(leading 'x' from 'xa'), overlay('abc' placing 'z' from 1 for 1);
select make_date(2020,1,1), make_interval(days => 3), age('2020-01-01'::timestamp), justify_days('35 days'::interval);
select pg_typeof(age), version(), current_setting('server_version'), pg_backend_pid() from users;
select 'users'::regclass::text, 'int4'::regtype, 26::regtype::text;
select obj_description('users'::regclass), col_description('users'::regclass, 1);
select tableoid, ctid from users;
select tableoid::regclass from users;
select users from users;
select u.name as "Name", u."age" from users as u(id, name);
select name as n from users where n = 'x';
select age, sum(price) from users;
select sum(age) from users where sum(age) > 1
