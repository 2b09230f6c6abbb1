-- Numbers: widths, overflow, rounding, floats, exact numerics.

create table n (id int primary key, s smallint, i int, b bigint, r real, d double precision, x numeric, m numeric(10, 2));
insert into n values (1, 1, 1, 1, 1, 1, 1, 1), (2, -32768, -2147483648, -9223372036854775808, -1.5, -2.5, -12345678901234567890.123, -99999999.99), (3, 32767, 2147483647, 9223372036854775807, 'Infinity', 'NaN', 'NaN', 0), (4, null, null, null, null, null, null, null), (5, 0, 0, 0, 0.1, 0.1, 0.1, 0.005);
select * from n order by id;
select s + 1::smallint from n where id = 3;
select s + s from n where id = 1;
select i + 1 from n where id = 3;
select i - 1 from n where id = 2;
select b * 2 from n where id = 3;
select -i from n where id = 2;
select abs(i) from n where id = 2;
select abs(s), abs(b) from n where id in (1, 5);
select i / 2, i % 2, i::float / 2, i / 2.0 from n order by id;
select 7 / 2, -7 / 2, 7 % -2, -7 % 2, 7.0 / 2, 7 / 2.0, mod(7, 3), div(7.5, 2), 2 ^ 10, 2 ^ 0.5;
select i / 0 from n;
select x / 0 from n;
select d / 0 from n where id = 1;
select round(2.5), round(-2.5), round(2.5::float8), round(3.5::float8), round(1.2345, 2), round(1234.5, -2), trunc(-1.7), trunc(1.999, 2), ceil(-1.5), floor(-1.5), sign(-3), sqrt(2), cbrt(27), exp(1), ln(10), log(100), log(2, 8);
select sqrt(-1);
select ln(0);
select power(2, 0.5), power(-8, 2), pi(), degrees(pi()), radians(180), sin(0), cos(0), tan(0), atan2(1, 1);
select power(-8, 0.5);
select x + 1, x * x, x - 0.1, x / 3, m * 3, m / 7 from n order by id;
select 1.10 + 1.1, 1.10 * 1.10, 1.0 / 3, 10.0 / 3.00, 0.1 + 0.2, 0.1::float8 + 0.2::float8;
select 1e10, 1e-5, 1.5e300 * 1e10, 123456789012345678901234567890, .5, 5., 0x1F;
select 1::real / 3, 1::double precision / 3, 1e15::float8, 1e16::float8, 123456.7::real, 0.1::real::float8, 16777217::real;
select 'NaN'::float8 = 'NaN'::float8, 'NaN'::float8 > 1, 'Infinity'::float8 > 'NaN'::float8, 'NaN'::numeric = 'NaN'::numeric;
select 1e308::float8 * 10;
select 1e-300::float8 * 1e-300::float8;
select 3.7::int, -3.7::int, 2.5::int, 3.5::int, 2.5::float8::int, 3.5::float8::int, '12'::int, ' 12 '::int;
select 3000000000::int;
select 40000::smallint;
select 'abc'::int;
select ''::int;
select 1.5::numeric(3, 1), 99.95::numeric(3, 1);
select 999.95::numeric(3, 1);
insert into n (id, m) values (6, 123456789.5);
insert into n (id, m) values (6, 1.005), (7, -1.005);
select id, m from n where id > 5 order by id;
select sum(s), sum(i), sum(b), sum(r), sum(x), avg(s), avg(i), avg(d), avg(m) from n where id in (1, 5);
select sum(b) from n;
select sum(i), count(i), min(i), max(i), avg(i) from n;
select max(d), min(d), max(r), min(x), max(x) from n;
select stddev(i), variance(i), stddev_pop(s), var_samp(x) from n where id in (1, 5, 6);
select corr(i, s), covar_pop(i, s), regr_slope(s, i), regr_count(i, s) from n where id in (1, 2, 5);
select bit_and(i), bit_or(i), 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4, 256 >> 2, -1 >> 1 from n where id in (1, 5);
select 1 << 32, 1::bigint << 32, 1 >> -1;
select gcd(12, 18), lcm(4, 6), factorial(10), width_bucket(5.35, 0.024, 10.06, 5), scale(1.50), min_scale(1.500), trim_scale(1.500);
select greatest(1, 2.5, null), least(1, 2::bigint), greatest(1.0, 1);
select random() between 0 and 1;
select d from n order by d;
select x from n order by x desc nulls last;
select i from n where i between -5 and 5 order by i;
select i = 1.0, i = '1', b = 1::smallint, r = 0.1, r = 0.1::real, d = 0.1 from n order by id;
-- bind: ["2"]
select $1 + 1, $1 * 1.5;
-- bind: ["2.5"]
select i * $1::numeric from n where id = 1;
-- bind: ["hex:0000000000000007"]
select $1::bigint / 2;
-- bind: ["9223372036854775807"]
select $1::bigint + 1;
-- bind: ["1.10"]
select $1::numeric, $1::numeric + 1, scale($1::numeric);
select to_char(1234.5, '9,999.99'), to_char(-1, 'FM999'), to_char(0.5, '0.99'), to_char(12, '0000'), to_char(1e6, 'FM9,999,999'), to_char(5, 'RN'), to_char(1, '9th'), to_char(-12.3, 'S99.9'), to_char(12, '999PR');
-- refused: to_number()
select to_number('1,234.5', '9,999.9');
