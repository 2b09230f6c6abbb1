-- What Postgres has and weir has not takes part in the choice of what is
-- meant, and is refused when it is meant.

-- refused: ranges
select int4range(1, 5);
-- refused: geometry
select area(box '(1,1),(0,0)');
-- refused: full text
select to_tsvector('a fat cat') @@ to_tsquery('cat');
-- refused: XML
select xmlagg(x) from (values (null::xml)) as t(x);
select length('abc'), lower('ABC'), upper('abc'), substring('abc', 2), age(timestamp '2024-01-02', timestamp '2024-01-01');
select '1' @> '2';
select '{1}' && '{2}';
select '1' + '2';
select no_such_function(1);
select lower(1, 2);
select 1 ~<~ 2, null;
select date '2024-01-01' < timestamp '2024-01-01 00:00:01', timestamptz '2024-01-01 00:00+00' = date '2024-01-01', timestamp '2024-01-01' >= timestamptz '2024-01-01 01:00+01';
select 'a' ~<~ 'b', 'b'::char(3) ~>=~ 'b', 'a'::text ~>~ 'a ';
select - 'x';
select @ 'x';
select (select 1)::text, (select 1::int8)::text, (select 'a' || 'b'), case when true then 1 else (select 2) end;
select 'b' ~* '[[:upper:]]', 'B' ~* '[^[:lower:]]', 'b' ~ '[[:upper:]]', 'B' ~ '(?i)[[:lower:]x]';
-- refused: an interval has no ISO year, but Postgres prints one
select to_char(interval '1 day 2 months', 'IYYY-IW');
select to_char(interval '1 day 2 months', 'YYYY-MM-DD CC DDD');
-- refused: SQLite's plan is text
explain (format json) select 1;
create table row_type (a int);
-- refused: row types
select null::row_type;
-- refused: row types
select * from jsonb_populate_record(null::row_type, '{"a": 1}');
