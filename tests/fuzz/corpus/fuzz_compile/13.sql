select sum(count(*)) from users;
select sum(count(*)) over () from users;
select lag(x) over (order by x) from generate_series(1,3) x;
values (1), ('a');
select 1 union select 1, 2;
select array[1, 'a'];
select coalesce(1, 'a');
select case when true then 1 else 'a' end;
select array[]::int[], array[1,null], array[[1,2],[3,4]];
select nums[1], nums[1:2], (array[1,2,3])[2], nums[age] from users;
select interval '1 year 2 months', '1 day'::interval + '2 hours', interval '3' day;
select timestamp '2020-01-01 10:00', date '2020-01-01', time '10:00', timestamptz '2020-01-01 10:00+02', interval '1' hour
