-- Integers keep their width, and say so when they cannot.

select 1/2, 7/2, -7/2, 7 % 3, -7 % 3, 1/2.0, 5^2, 2 + 2::int8, 1::int2 + 1::int2;
select 2147483647 + 1;
select 2147483648, 9223372036854775807 + 0, 9223372036854775808;
select 9223372036854775807 + 1;
select 1 / 0;
select 1.0 / 0;
select 1 % 0;
-- bind: ["41"]
select $1 + 1;
-- bind: ["hex:00000029"]
select $1 + 1;
-- bind: [null, "7"]
select coalesce($1, $2::int8), $2 / 2;
select sum(x), avg(x), count(*), min(x), max(x) from (values (1), (2), (null)) as t(x);
-- simple
select 1; select 'two'; select 3 / 0; select 4;
