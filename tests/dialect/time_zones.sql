-- Time zones: moments, local times, and when the clocks change.

set timezone = 'Europe/Berlin';
select '2021-03-28 00:59:59+00'::timestamptz, '2021-03-28 01:00:00+00'::timestamptz, '2021-10-31 00:59:59+00'::timestamptz, '2021-10-31 01:00:00+00'::timestamptz;
select '2021-03-28 02:30:00'::timestamptz, '2021-10-31 02:30:00'::timestamptz;
select timestamptz '2021-03-27 12:00' + interval '1 day', timestamptz '2021-03-27 12:00' + interval '24 hours', timestamptz '2021-03-28 12:00' - timestamptz '2021-03-27 12:00';
select date_trunc('day', timestamptz '2021-03-28 12:00'), date_trunc('hour', timestamptz '2021-10-31 01:30:00+00'), timestamptz '2021-03-28 12:00'::date, timestamptz '2021-03-28 00:30+00'::time;
select extract(timezone from timestamptz '2021-07-01 12:00'), extract(timezone_hour from timestamptz '2021-01-01 12:00'), extract(hour from timestamptz '2021-07-01 12:00+00'), extract(epoch from timestamptz '2021-07-01 12:00');
select timestamp '2021-07-01 12:00' at time zone 'America/New_York', timestamptz '2021-07-01 12:00+00' at time zone 'Asia/Kolkata', timestamptz '2021-07-01 12:00+00' at time zone interval '-03:30', timestamp '2021-07-01 12:00' at time zone 'UTC';
select timestamptz '2021-07-01 12:00+00' at time zone 'nowhere';
select date '2021-03-28'::timestamptz, timestamp '2021-03-28 03:30'::timestamptz, timestamptz '2021-07-01 22:30+00'::timestamp;
select generate_series(timestamptz '2021-03-27 00:00', timestamptz '2021-03-29 00:00', interval '1 day');
select generate_series(timestamptz '2021-03-28 00:00', timestamptz '2021-03-28 04:00', interval '1 hour');
select to_char(timestamptz '2021-07-01 12:00+00', 'HH24 TZ OF TZH:TZM'), to_json(timestamptz '2021-07-01 12:00+00');
select '2021-07-01 12:00 America/New_York'::timestamptz, '2021-07-01 12:00 EST'::timestamptz, '2021-07-01 12:00+05:30'::timestamptz, '2021-07-01 12:00Z'::timestamptz;
select date_trunc('day', timestamptz '2021-07-01 12:00+00', 'Pacific/Apia'), date_trunc('month', timestamptz '2021-07-31 23:00+00');
create table z (id int, tz timestamptz, ts timestamp, d date);
insert into z values (1, '2021-07-01 12:00', '2021-07-01 12:00', '2021-07-01'), (2, '2021-07-01 12:00+00', '2021-07-01 14:00', '2021-07-01');
select id, tz = ts, tz > d, ts::timestamptz = tz from z order by id;
set timezone = 'America/New_York';
select id, tz, ts, d, tz::date, tz::text from z order by id;
select id from z where tz = '2021-07-01 08:00' order by id;
-- bind: ["2021-07-01 08:00"]
select id from z where tz = $1 order by id;
set timezone = '+05:30';
select tz from z order by id;
show timezone;
set timezone = 'Nowhere/City';
set timezone to default;
select timetz '12:00+02', timetz '12:00 America/New_York' is not null, time '12:00'::timetz, timetz '12:00+02' = timetz '10:00+00', timetz '12:00+02' < timetz '11:00+00';
set time zone 'UTC';
select timestamptz 'epoch', to_timestamp(0), extract(epoch from to_timestamp(1.5));
select make_timestamptz(2021, 3, 28, 2, 30, 0, 'Europe/Berlin'), make_timestamptz(2021, 7, 1, 12, 0, 0);
