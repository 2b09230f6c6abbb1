-- Dates, times and timestamps.

create table ev (id int primary key, d date, t time, ts timestamp, tz timestamptz, i interval);
insert into ev values (1, '2024-02-29', '12:34:56.789', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+00', '1 day 02:03:04'), (2, '1999-12-31', '23:59:59.999999', '1999-12-31 23:59:59.999999', '1999-12-31 23:59:59.999999-08', '-1 mon'), (3, 'infinity', '24:00', '-infinity', 'infinity', '1 year 2 mons 3 days'), (4, null, null, null, null, null), (5, '0044-03-15 BC', '00:00', '10000-01-01', '0001-01-01 00:00:00+00', '0');
select * from ev order by id;
select d + 1, d - 1, d - '2020-01-01'::date, 1 + d from ev where id in (1, 2) order by id;
select d + interval '1 month', d - interval '1 day', d + time '12:00', d + i from ev where id in (1, 2) order by id;
select ts + interval '1 month', ts - interval '1 year', ts - timestamp '2000-01-01', tz - timestamptz '2000-01-01 00:00+00' from ev where id in (1, 2) order by id;
select t + interval '1 hour', t - interval '13 hours', t - time '01:00' from ev order by id;
select date '2024-01-31' + interval '1 month', date '2024-03-31' - interval '1 month', timestamp '2023-02-28' + interval '1 year';
select extract(year from d), extract(month from d), extract(day from d), extract(dow from d), extract(doy from d), extract(isodow from d), extract(week from d), extract(isoyear from d), extract(quarter from d), extract(epoch from d), extract(century from d), extract(julian from d) from ev where id in (1, 2, 5) order by id;
select extract(hour from ts), extract(minute from ts), extract(second from ts), extract(milliseconds from ts), extract(microseconds from ts), extract(epoch from ts), date_part('hour', ts), date_part('second', t) from ev where id in (1, 2) order by id;
select extract(hour from d) from ev;
select extract(nosuch from ts) from ev;
select date_part('year', i), date_part('month', i), extract(epoch from i), extract(day from i) from ev order by id;
select date_trunc('month', ts), date_trunc('week', ts), date_trunc('hour', ts), date_trunc('quarter', ts), date_trunc('decade', ts), date_trunc('day', i) from ev where id in (1, 2) order by id;
select date_trunc('day', tz), date_trunc('day', tz, 'America/New_York') from ev where id in (1, 2) order by id;
select date_trunc('day', d), date_trunc('month', d) from ev where id = 1;
select age(timestamp '2024-02-29', timestamp '2000-01-31'), age(timestamp '2000-01-31', timestamp '2024-02-29');
select date_bin('15 minutes', ts, timestamp '2001-01-01') from ev where id in (1, 2) order by id;
select make_date(2024, 2, 29), make_time(8, 15, 23.5), make_timestamp(2024, 2, 29, 8, 15, 23.5), make_interval(days => 10, hours => 5);
select make_date(2023, 2, 29);
select to_char(ts, 'YYYY-MM-DD HH24:MI:SS.US'), to_char(ts, 'Day DD Month YYYY'), to_char(d, 'DD.MM.YYYY'), to_char(i, 'DD HH24:MI:SS'), to_char(tz, 'TZ OF') from ev where id in (1, 2) order by id;
select to_date('29.02.2024', 'DD.MM.YYYY'), to_timestamp('2024-02-29 12:34', 'YYYY-MM-DD HH24:MI'), to_timestamp(1709209696.789);
select '2024-02-30'::date;
select '2024-13-01'::date;
select 'not a date'::date;
select '24:00:01'::time;
select '2024-02-29T12:34:56Z'::timestamptz, '2024-02-29 12:34:56 Europe/Berlin'::timestamptz, 'Feb 29, 2024'::date, '20240229'::date, '12:34 PM'::time, '2024-060'::date;
select '2024-02-29 12:34:56.1234567'::timestamp, '2024-02-29 12:34:56.789'::timestamp(0), '12:34:56.789'::time(1);
select ts::date, ts::time, tz::date, d::timestamp, d::timestamptz, ts::timestamptz, tz::timestamp from ev order by id;
select d = ts, d < tz, ts = tz from ev where id in (1, 2, 3) order by id;
select d from ev order by d;
select ts from ev order by ts desc nulls last;
select min(d), max(d), min(ts), max(ts), min(tz), max(tz), min(t), max(t), min(i), max(i) from ev;
select count(*) from ev where d between '1999-01-01' and '2024-12-31';
select id from ev where d = '2024-02-29';
select id from ev where ts >= '2000-01-01' and ts < '2025-01-01';
select isfinite(d), isfinite(ts), isfinite(i) from ev order by id;
select (date '2024-01-01', date '2024-01-10') overlaps (date '2024-01-05', date '2024-02-01'), (time '10:00', interval '1 hour') overlaps (time '11:00', interval '1 hour');
select current_date = now()::date, current_timestamp = now(), localtimestamp = now()::timestamp, now() - now() = interval '0';
select current_date - current_date, date 'today' = current_date, date 'tomorrow' - date 'yesterday';
select 'epoch'::timestamp, 'epoch'::timestamptz, 'infinity'::date + 1, 'infinity'::timestamp - interval '1 day';
select 'infinity'::date - '2020-01-01'::date;
select generate_series(date '2024-02-27', date '2024-03-01', interval '1 day');
select d::text, t::text, ts::text, tz::text, i::text from ev order by id;
select to_json(d), to_jsonb(ts), to_json(tz), to_jsonb(i) from ev order by id;
-- bind: ["2024-02-29"]
select id from ev where d = $1;
-- bind: ["2024-02-29 12:34:56.789"]
select id from ev where ts = $1;
-- bind: ["hex:0000226b"]
select $1::date;
-- bind: ["1 day"]
select ts + $1 from ev where id = 1;
-- bind: ["7"]
select d + $1 from ev where id = 1;
-- refused: dates are shown as ISO 8601 only
set datestyle = 'SQL, DMY';
set datestyle = 'ISO, DMY';
select '01/02/2024'::date;
set datestyle = 'ISO, MDY';
select '01/02/2024'::date;
-- What is between the ends of all time is more than eight bytes hold: they wrap.
select timestamp '294276-12-31' - timestamp '4713-01-01 BC', timestamptz '4713-01-01 00:00+00 BC' - timestamptz '294276-12-31 00:00+00';
select max(x) - min(x), 'infinity' - max(x) from (values (timestamp '294276-12-31'), ('4713-01-01 BC')) v(x);
select max(x) - min(x) from (values (timestamp '294276-12-31'), ('4713-01-01 BC')) v(x);
