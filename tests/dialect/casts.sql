-- Casts: written, by assignment, and unasked.

select 1::text, 1.50::text, true::text, null::text, '2024-02-29'::date::text, '1 day'::interval::text, array[1, 2]::text, '{"a": 1}'::jsonb::text, '\xdead'::bytea::text, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid::text;
select '1'::int, '1.5'::numeric, 't'::boolean, '2024-02-29'::date, '{1,2}'::int[], '{"a":1}'::json, '12:34'::time, '\x00ff'::bytea, 'abc'::name, 'x'::"char", '5'::oid;
select 1::bigint, 1::smallint, 1::numeric, 1::float8, 1::real, 1::boolean, 1::oid, 1.9::int, -1.9::int, 1.5::bigint, 1e3::int, 0.1::real::numeric;
-- refused: money
select 1::money;
select 'abc'::varchar(2), 'abc'::char(5), 'abc'::char, 'abc'::bpchar, cast('abc' as character varying), 'a'::char(3)::text || '|', 'a'::char(3)::varchar || '|';
select int '1', date '2024-01-01', numeric '1.50', interval '1 day', boolean 'yes', text 'x', int4 '7', float8 '1e3', timestamp with time zone '2024-01-01 00:00+00', bytea '\x01';
select cast(null as int), null::date, (null::text)::int;
select 'abc'::int;
select '1.5'::int;
select '99999999999'::int;
select 'NaN'::int;
select 'NaN'::float8::int;
select 1e20::bigint;
select '2024-02-30'::date;
select 'abc'::uuid;
select '\xzz'::bytea;
select 1::date;
select true::numeric;
select now()::int;
select '{1,2}'::text::int[];
select array[1, 2]::text[], array['1', '2']::int[], array[1.5, 2.5]::int[], '{1.5}'::numeric[]::int[];
create table ca (i int, s smallint, n numeric(4, 1), t text, v varchar(3), d date, b boolean, f real);
insert into ca (i) values (1.6), ('7'), (2::bigint), (2.5::float8);
insert into ca (i) values (true);
insert into ca (i) values ('x'::text);
insert into ca (s) values (70000);
insert into ca (n) values (12.34), ('5'), (3), (99.95::float8);
insert into ca (n) values (999.95), (1000);
insert into ca (t) values (1), (true), ('2024-01-01'::date), (1.50), (array[1]);
insert into ca (v) values ('abcd');
insert into ca (v) values ('abc   '), (123);
insert into ca (v) values (1234);
insert into ca (d) values ('2024-01-01'), (timestamp '2024-01-02 12:00'), ('today');
insert into ca (d) values (1);
insert into ca (b) values ('t'), (true), ('no');
insert into ca (b) values (1);
insert into ca (f) values (0.1), (1), ('1e3');
select i, s, n, t, v, b, f from ca order by i, n, t, v, b, f;
update ca set i = 1.5 where i = 7 returning i;
update ca set t = 5, v = 6 where i = 2 returning t, v;
select 1 = '1', 1 = 1.0, '1' = '1.0', 1.0 = '1', true = 'true', date '2024-01-01' = '2024-01-01', 'a' = 'a'::char(3), 1::real = 1;
select 1 = 'a';
select '1'::text = 1;
select '1'::varchar = '1'::text, 'a'::name = 'a', 1::smallint = 1::bigint, 0.1::real = 0.1, 0.1::real = 0.1::real;
select to_char(1, '9'), to_number('1', '9'), to_date('2024', 'YYYY'), text(1), int4('1'), float8(1), numeric('1.5'), date('2024-01-01'), bool('t'), "varchar"('x');
-- bind: ["1.5"]
select $1::numeric::int, $1::text, $1::float8;
-- bind: ["abc"]
select $1::int;
-- bind: ["2024-02-29"]
select $1::date::timestamp, $1::text::date;
-- types: 25
-- bind: ["12"]
select $1::int + 1, $1 || 'x';
-- types: 23
-- bind: ["12"]
select $1::text || 'x', $1 + 0.5;
