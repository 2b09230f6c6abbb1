select date '2020-01-31' - date '2020-01-01', date '2020-01-31' + 5, timestamp '2020-01-01' + interval '1 mon';
select true and null, null is null, null = null, null::text || 'x';
select 10 / 3, 10 % 3, -10 / 3, 10.0 / 3, 10 / 3.0, 2147483647 + 1::int8, 0.1 + 0.2, 1e3, 1.0::float8;
select 9223372036854775807, 9223372036854775808, -2147483648, 32767::int2;
select U&'\0041', E'a\nb', 'it''s', $$x$$;
select all id from users;
table users;
select u.* , p.* from users u, posts p;
select count(u) , count(u.*) from users u;
select 1 as a, 2 as a;
select a.* from (select 1 as x, 'y' as y) a;
select x from (values (1),(2)) v(x) where x > 1
