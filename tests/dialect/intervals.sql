-- Intervals of mixed signs.

create table iv (id int, i interval);
insert into iv values (1, '1 day'), (2, '24:00:00'), (3, '1 mon -1 day'), (4, '30 days'), (5, '-1 year -2 mons +3 days -04:05:06.789'), (6, 'P1Y2M3DT4H5M6.789S'), (7, '1.5 days'), (8, '@ 1 minute ago'), (9, null), (10, '0');
select id, i, i::text from iv order by id;
select a.id, b.id from iv a join iv b on a.i = b.i and a.id < b.id order by 1, 2;
select i from iv order by i, id;
select distinct i from iv where id in (1, 2, 4, 10) order by i;
select id, -i, i * 2, i / 2, i * 1.5, 2 * i, i + i, i - interval '1 day' from iv order by id;
select i / 0 from iv;
select sum(i), avg(i), min(i), max(i), count(i) from iv;
select extract(epoch from i), extract(days from i), extract(hours from i), extract(seconds from i), extract(months from i) from iv order by id;
select justify_days(i), justify_hours(i), justify_interval(i) from iv order by id;
select interval '1' year, interval '2-3' year to month, interval '1 2:03' day to minute, interval '5' second(1), interval '1:30' minute to second;
select interval '1 day 1 day', interval '1 week', interval '1 decade 1 century', interval '3 hours 90 minutes', interval '1:2', interval '1:2:3.4', interval '-1:2:3';
select interval 'x';
select interval '1 foo';
select interval '2147483648 days';
select interval '1 month' > interval '30 days', interval '1 month' = interval '30 days', interval '1 year' = interval '360 days', interval '1 day' < interval '25 hours';
select make_interval(1, 2, 3, 4, 5, 6, 7.8), make_interval(secs => 0.5), make_interval();
select interval '1 day' + date '2024-02-28', timestamp '2024-03-31' - interval '1 month 1 day', interval '1 day' + time '23:00';
select to_char(i, 'YYYY MM DD HH24:MI:SS.MS') from iv order by id;
select cast('1 day' as interval hour), interval '1 day 2:03:04' hour to minute, '1.23456789 seconds'::interval(2);
select i::time from iv order by id;
select time '12:00'::interval;
-- bind: ["1 mon 2 days"]
select $1::interval + interval '1 hour';
-- bind: ["hex:000000003b9aca000000000200000001"]
select $1::interval;
set intervalstyle = 'postgres';
select date_trunc('month', interval '1 year 2 mons 3 days'), age('2024-03-01'::timestamp, '2024-01-31'::timestamp);
