-- Expressions are shown with the casts and parentheses that Postgres gives them.
create type feeling as enum ('sad', 'ok');
create schema aisle;
create sequence sq;
create sequence aisle.sq2;
create table held0 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h000 check (a > 0),
    constraint h001 check (a > 0 AND b < 10),
    constraint h002 check (a > 0 OR b < 10 AND NOT c),
    constraint h003 check (a IN (1, 2, 3)),
    constraint h004 check (a NOT IN (1, 2)),
    constraint h005 check (a IN (1)),
    constraint h006 check (s IN ('x', 'y')),
    constraint h007 check (v IN ('x', 'y')),
    constraint h008 check (v NOT IN ('x', 'y')),
    constraint h009 check (ch IN ('x', 'y')),
    constraint h010 check (a > 0 AND a IN (1,2) OR s IN ('x')),
    constraint h011 check (NOT (a IN (1,2))),
    constraint h012 check (a BETWEEN 1 AND 10),
    constraint h013 check (a NOT BETWEEN 1 AND 10),
    constraint h014 check (n BETWEEN 0 AND 1.5),
    constraint h015 check (n > 0),
    constraint h016 check (n >= 0.0),
    constraint h017 check (n > 0 AND n < 1e6),
    constraint h018 check (f > 0),
    constraint h019 check (f > 0.5),
    constraint h020 check (f = 1e10),
    constraint h021 check (r > 1.5),
    constraint h022 check (big > 5),
    constraint h023 check (big > 5000000000)
);
create table held1 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h024 check (big = 5::bigint),
    constraint h025 check (small > 1),
    constraint h026 check (small = 1::smallint),
    constraint h027 check (n = a),
    constraint h028 check (n = big),
    constraint h029 check (f = a),
    constraint h030 check (f = n),
    constraint h031 check (a = big),
    constraint h032 check (small = a),
    constraint h033 check (r = f),
    constraint h034 check (a + 1 > b * 2),
    constraint h035 check (a - b - 1 > 0),
    constraint h036 check (a - (b - 1) > 0),
    constraint h037 check ((a + b) * 2 > 0),
    constraint h038 check (-a > 0),
    constraint h039 check (a > -1),
    constraint h040 check (n > -1.5),
    constraint h041 check (a % 2 = 0),
    constraint h042 check (a / 2 > 1),
    constraint h043 check (a & 1 = 1),
    constraint h044 check (s <> ''),
    constraint h045 check (s = 'it''s'),
    constraint h046 check (s = E'back\\slash'),
    constraint h047 check (v <> '')
);
create table held2 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h048 check (v = s),
    constraint h049 check (v = 'x' || s),
    constraint h050 check (s || 'x' = 'y'),
    constraint h051 check (s || a = 'y1'),
    constraint h052 check (v || 'x' <> 'y'),
    constraint h053 check (ch = 'abc'),
    constraint h054 check (ch <> s),
    constraint h055 check (length(s) > 0),
    constraint h056 check (length(v) > 0),
    constraint h057 check (char_length(v) <= 10),
    constraint h058 check (length(ch) > 1),
    constraint h059 check (lower(s) = s),
    constraint h060 check (lower(v) = v),
    constraint h061 check (upper(v) = 'X'),
    constraint h062 check (s LIKE 'a%'),
    constraint h063 check (v LIKE 'a%'),
    constraint h064 check (v NOT LIKE 'a%'),
    constraint h065 check (s ILIKE 'a%'),
    constraint h066 check (s ~ '^a'),
    constraint h067 check (v ~* '^a'),
    constraint h068 check (v !~ '^a'),
    constraint h069 check (v LIKE 'a!%' ESCAPE '!'),
    constraint h070 check (c),
    constraint h071 check (NOT c)
);
create table held3 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h072 check (c IS TRUE),
    constraint h073 check (c IS NOT FALSE),
    constraint h074 check (c = true),
    constraint h075 check (c <> 'f'),
    constraint h076 check (a IS NULL),
    constraint h077 check (a IS NOT NULL AND b IS NULL),
    constraint h078 check ((a IS NULL) = (b IS NULL)),
    constraint h079 check ((a IS NULL) <> (b IS NULL)),
    constraint h080 check (a IS DISTINCT FROM b),
    constraint h081 check (a IS NOT DISTINCT FROM 3),
    constraint h082 check (s IS DISTINCT FROM 'x'),
    constraint h083 check (coalesce(a, 0) > 0),
    constraint h084 check (coalesce(s, v, 'x') <> ''),
    constraint h085 check (coalesce(n, 0) > 0),
    constraint h086 check (coalesce(v, 'x') <> ''),
    constraint h087 check (nullif(a, 0) IS NOT NULL),
    constraint h088 check (nullif(s, '') IS NOT NULL),
    constraint h089 check (nullif(v, '') IS NOT NULL),
    constraint h090 check (greatest(a, b) > 0),
    constraint h091 check (least(n, 5) < 3),
    constraint h092 check (CASE WHEN a > 0 THEN b > 0 ELSE true END),
    constraint h093 check (CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END = s),
    constraint h094 check (CASE WHEN s = 'x' THEN 1 ELSE 0 END + CASE WHEN v = 'y' THEN 1 ELSE 0 END = 1),
    constraint h095 check (d > '2020-01-01')
);
create table held4 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h096 check (d > DATE '2020-01-01'),
    constraint h097 check (d >= '2020-01-01'::date AND d < '2021-01-01'::date),
    constraint h098 check (ts > '2020-01-01'),
    constraint h099 check (tz > '2020-01-01 00:00:00+00'),
    constraint h100 check (tz > now()),
    constraint h101 check (ts > CURRENT_TIMESTAMP),
    constraint h102 check (d <= CURRENT_DATE),
    constraint h103 check (tz < tz + interval '1 day'),
    constraint h104 check (iv > '1 day'),
    constraint h105 check (iv > interval '2 hours'),
    constraint h106 check (extract(year from d) > 2000),
    constraint h107 check (extract(hour from ts) < 12),
    constraint h108 check (date_part('year', d) > 2000),
    constraint h109 check (date_trunc('day', ts) = ts),
    constraint h110 check (ti < '12:00'),
    constraint h111 check (tz AT TIME ZONE 'UTC' > ts),
    constraint h112 check (u <> '00000000-0000-0000-0000-000000000000'),
    constraint h113 check (j @> '{"a": 1}'),
    constraint h114 check (j ? 'a'),
    constraint h115 check (j -> 'a' IS NOT NULL),
    constraint h116 check (j ->> 'a' = 'x'),
    constraint h117 check ((j ->> 'a')::int > 5),
    constraint h118 check (j #>> '{a,b}' = 'x'),
    constraint h119 check (jsonb_typeof(j) = 'object')
);
create table held5 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h120 check (jsonb_array_length(j) > 0),
    constraint h121 check (arr[1] > 0),
    constraint h122 check (arr = '{1,2}'),
    constraint h123 check (arr @> ARRAY[1]),
    constraint h124 check (arr && ARRAY[1, 2]),
    constraint h125 check (array_length(arr, 1) > 0),
    constraint h126 check (cardinality(arr) < 5),
    constraint h127 check (a = ANY (arr)),
    constraint h128 check (a <> ALL (arr)),
    constraint h129 check (tarr = ARRAY['a', 'b']),
    constraint h130 check (tarr @> ARRAY['a']::text[]),
    constraint h131 check (s = ANY (ARRAY['a', 'b'])),
    constraint h132 check (v = ANY (ARRAY['a', 'b'])),
    constraint h133 check (v::text = ANY (ARRAY['a'::character varying, 'b'::character varying]::text[])),
    constraint h134 check ('x' = ANY (tarr)),
    constraint h135 check (e = 'sad'),
    constraint h136 check (e IN ('sad', 'ok')),
    constraint h137 check (e <> 'sad' AND e IS NOT NULL),
    constraint h138 check (e::text = 'sad'),
    constraint h139 check (e > 'sad'::feeling),
    constraint h140 check (a::text = '1'),
    constraint h141 check (a::bigint > 5),
    constraint h142 check (s::int > 5),
    constraint h143 check (n::int = a)
);
create table held6 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h144 check (f::numeric > 0),
    constraint h145 check (n::numeric(5,1) > 0),
    constraint h146 check (v::varchar(3) = 'abc'),
    constraint h147 check (a::numeric(10,2) = n),
    constraint h148 check (s::varchar = v),
    constraint h149 check ('2020-01-01'::date < d),
    constraint h150 check (abs(a) > 1),
    constraint h151 check (round(n, 1) = n),
    constraint h152 check (round(f) > 1),
    constraint h153 check (mod(a, 2) = 0),
    constraint h154 check (position('x' in s) > 0),
    constraint h155 check (substring(s from 1 for 2) = 'ab'),
    constraint h156 check (substring(s, 1, 2) = 'ab'),
    constraint h157 check (trim(s) = s),
    constraint h158 check (trim(both 'x' from s) = s),
    constraint h159 check (btrim(v) <> ''),
    constraint h160 check (replace(s, 'a', 'b') = s),
    constraint h161 check (concat(s, v) <> ''),
    constraint h162 check (left(s, 2) = 'ab'),
    constraint h163 check (md5(s) = 'x'),
    constraint h164 check (octet_length(by) < 100),
    constraint h165 check (by <> '\\x00'),
    constraint h166 check (num_nonnulls(a, b) = 1),
    constraint h167 check (num_nulls(a, b, s) = 1)
);
create table held7 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h168 check ((a = 1) IS TRUE),
    constraint h169 check (a = 1 AND (b = 2 AND c)),
    constraint h170 check (a = 1 AND (b = 2 OR c)),
    constraint h171 check ((a = 1 OR b = 2) AND (c OR a = 3)),
    constraint h172 check (NOT (a = 1 OR b = 2)),
    constraint h173 check (NOT a = 1),
    constraint h174 check (((a) > (0))),
    constraint h175 check ("Odd Col" > 0),
    constraint h176 check ("select" > 0),
    constraint h177 check (true),
    constraint h178 check (@ a > 1),
    constraint h179 check (a ^ 2 > 1),
    constraint h180 check (2147483648 > big),
    constraint h181 check (n > 12345678901234567890),
    constraint h182 check (a > 1.5),
    constraint h183 check (small > 1.5),
    constraint h184 check (s COLLATE "C" > 'a'),
    constraint h185 check (regexp_replace(s, 'a', 'b') = s),
    constraint h186 check (to_char(tz, 'YYYY') = '2020'),
    constraint h187 check (isfinite(d)),
    constraint h188 check (d - d2 > 5),
    constraint h189 check (d + 1 > d2),
    constraint h190 check (ts - ts > interval '1 hour'),
    constraint h191 check (age(ts) > interval '1 day')
);
create table held8 (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int,
    constraint h192 check (make_date(2020, 1, 1) < d),
    constraint h193 check (ip = '10.0.0.1')
);
select conname, pg_get_constraintdef(oid), pg_get_constraintdef(oid, true) from pg_constraint where conname ~ '^h[0-9]+$' order by conname;
create table given0 (
    g000 int default 1,
    g001 int default -1,
    g002 int default 1 + 1,
    g003 int default '5',
    g004 bigint default 5,
    g005 bigint default -5,
    g006 bigint default 5000000000,
    g007 smallint default 7,
    g008 smallint default '7',
    g009 numeric default 0,
    g010 numeric default 0.00,
    g011 numeric default -1.5,
    g012 numeric default 1e5,
    g013 numeric(10,2) default 0,
    g014 numeric(10,2) default 5.555,
    g015 numeric(10,2) default '0.00',
    g016 float8 default 1,
    g017 float8 default 1.5,
    g018 float8 default -1.5,
    g019 float8 default 'NaN',
    g020 real default 1.5,
    g021 text default 'x',
    g022 text default '',
    g023 text default 5,
    g024 text default 'it''s',
    g025 text default E'a\\b\nc',
    g026 text default 'back\slash',
    g027 text default NULL,
    g028 varchar default 'x',
    g029 varchar(10) default 'x',
    g030 varchar(2) default 'x',
    g031 varchar(10) default 'x'::text,
    g032 varchar(10) default 'x'::varchar,
    g033 char(3) default 'a',
    g034 char default 'a',
    g035 "char" default 'a',
    g036 name default 'a',
    g037 bool default true,
    g038 bool default 't',
    g039 bool default false
);
create table given1 (
    g040 bool default 'no',
    g041 date default '2020-01-02',
    g042 date default now(),
    g043 date default CURRENT_DATE,
    g044 date default CURRENT_DATE + 1,
    g045 date default 'today'::text::date,
    g046 date default DATE '2020-01-02',
    g047 timestamp default now(),
    g048 timestamp default '2020-01-02',
    g049 timestamp default CURRENT_TIMESTAMP,
    g050 timestamp default LOCALTIMESTAMP,
    g051 timestamp(0) default now(),
    g052 timestamptz default now(),
    g053 timestamptz default CURRENT_TIMESTAMP,
    g054 timestamptz default CURRENT_TIMESTAMP(3),
    g055 timestamptz default '2020-01-02 03:04:05+00',
    g056 timestamptz default now() + interval '1 day',
    g057 timestamptz default now() AT TIME ZONE 'UTC',
    g058 timestamp default now() AT TIME ZONE 'UTC',
    g059 timestamp default timezone('utc', now()),
    g060 timestamp default (now() at time zone 'utc'),
    g061 timestamptz default clock_timestamp(),
    g062 timestamptz default statement_timestamp(),
    g063 timestamptz default transaction_timestamp(),
    g064 time default '12:00',
    g065 time default CURRENT_TIME,
    g066 time default LOCALTIME,
    g067 timetz default CURRENT_TIME,
    g068 interval default '1 day',
    g069 interval default interval '1 day',
    g070 interval default '1 day 2:03:04'::interval,
    g071 uuid default gen_random_uuid(),
    g072 uuid default '00000000-0000-0000-0000-000000000000',
    g073 json default '{}',
    g074 json default '{"a": 1}'::json,
    g075 jsonb default '{}',
    g076 jsonb default '{"b":1,"a":[1, 2]}',
    g077 jsonb default '[]'::jsonb,
    g078 jsonb default jsonb_build_object(),
    g079 jsonb default jsonb_build_object('a', 1)
);
create table given2 (
    g080 jsonb default json_build_array()::jsonb,
    g081 bytea default '\\x00ff',
    g082 bytea default '',
    g083 int[] default '{}',
    g084 int[] default '{1,2}',
    g085 int[] default ARRAY[1, 2],
    g086 int[] default ARRAY[]::int[],
    g087 int[] default ARRAY[1,2]::int[],
    g088 bigint[] default ARRAY[1, 2],
    g089 bigint[] default ARRAY[1, 2]::bigint[],
    g090 text[] default '{}',
    g091 text[] default ARRAY['a', 'b'],
    g092 text[] default ARRAY[]::text[],
    g093 text[] default ARRAY['a', 'b']::text[],
    g094 text[] default '{}'::text[],
    g095 text[] default array_remove(ARRAY['a'], 'b'),
    g096 varchar(10)[] default '{}',
    g097 varchar[] default ARRAY['a'],
    g098 varchar[] default ARRAY[]::varchar[],
    g099 varchar(10)[] default ARRAY['a']::varchar[],
    g100 numeric[] default ARRAY[1, 2.5],
    g101 feeling default 'ok',
    g102 feeling default 'ok'::feeling,
    g103 feeling[] default '{}',
    g104 feeling[] default ARRAY['ok']::feeling[],
    g105 feeling[] default '{ok,sad}'::feeling[],
    g106 inet default '10.0.0.1',
    g107 cidr default '10.0.0.0/8',
    g108 macaddr default '08:00:2b:01:02:03',
    g109 int default nextval('sq'),
    g110 bigint default nextval('sq'::regclass),
    g111 bigint default nextval('public.sq'),
    g112 bigint default nextval('aisle.sq2'::regclass),
    g113 oid default 5,
    g114 text default current_user,
    g115 name default CURRENT_USER,
    g116 text default CURRENT_USER,
    g117 text default session_user,
    g118 text default current_schema(),
    g119 text default current_setting('application_name')
);
create table given3 (
    g120 text default upper('x'),
    g121 text default lower('X' || 'y'),
    g122 text default 'a' || 'b',
    g123 text default md5(random()::text),
    g124 text default to_char(now(), 'YYYY'),
    g125 text default coalesce(NULL, 'x'),
    g126 text default CASE WHEN true THEN 'a' ELSE 'b' END,
    g127 float8 default random(),
    g128 int default floor(random() * 100),
    g129 int default (random() * 100)::int,
    g130 numeric default round(1.555, 2),
    g131 int default extract(year from now()),
    g132 int default length('abc'),
    g133 int default pg_backend_pid(),
    g134 text default gen_random_uuid(),
    g135 text default gen_random_uuid()::text,
    g136 int default (5),
    g137 text default ('x'),
    g138 text default substr(md5(random()::text), 1, 8),
    g139 varchar(50) default gen_random_uuid(),
    g140 text default concat('a', 1),
    g141 timestamptz default 'infinity',
    g142 date default 'infinity',
    g143 timestamptz default date_trunc('day', now()),
    g144 text default (now())::text,
    g145 text default left('abc', 1),
    g146 int default abs(-5),
    g147 int default greatest(1, 2),
    g148 jsonb default to_jsonb('x'::text),
    g149 jsonb default 'null',
    g150 regclass default 'pg_class',
    g151 text default format('%s', 'x'),
    g152 text default repeat('x', 3),
    g153 int default 1::int,
    g154 bigint default 1::bigint,
    g155 smallint default 1::smallint,
    g156 numeric default 1::numeric,
    g157 numeric(5,2) default 1::numeric(5,2),
    g158 text default 1::text,
    g159 text default true::text
);
create table given4 (
    g160 int default true::int,
    g161 bool default 1::bool
);
select attname, pg_get_expr(adbin, adrelid), pg_get_expr(adbin, adrelid, true) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum where adrelid::regclass::text like 'given%' order by attname;
create table found (a int, b int, c bool, s text, v varchar(10), ch char(3), n numeric, f float8, r real, big bigint, small smallint, d date, d2 date, ts timestamp, tz timestamptz, ti time, iv interval, u uuid, j jsonb, arr int[], tarr text[], e feeling, by bytea, ip inet, "Odd Col" int, "Odd Name" varchar, "select" int);
create index found00 on found (lower(s));
create index found01 on found (lower(v));
create index found02 on found (upper(v), a);
create index found03 on found ((a + b));
create index found04 on found ((a + b) DESC);
create index found05 on found ((j ->> 'a'));
create index found06 on found ((j -> 'a'));
create index found07 on found ((j ->> 'a'), ((j ->> 'b')::int));
create index found08 on found (coalesce(a, 0));
create index found09 on found ((s || v));
create index found10 on found (date_trunc('day', ts));
create index found11 on found ((tz AT TIME ZONE 'UTC'));
create index found12 on found (extract(year from d));
create index found13 on found (md5(s));
create index found14 on found (left(s, 5));
create index found15 on found (s text_pattern_ops);
create index found16 on found (v varchar_pattern_ops DESC NULLS LAST);
create index found17 on found (a NULLS FIRST);
create index found18 on found (a DESC NULLS LAST, b);
create index found19 on found ((CASE WHEN c THEN 1 ELSE 0 END));
create index found20 on found ((a IS NULL));
create index found21 on found ((a > 0));
create index found22 on found (abs(a));
create index found23 on found ((arr[1]));
create index found24 on found USING gin (j jsonb_path_ops);
create index found25 on found USING gin (j);
create index found26 on found USING gin (arr);
create index found27 on found USING hash (s);
create index found28 on found (a) INCLUDE (b, s);
create index found29 on found (a) WHERE b > 0;
create index found30 on found (a) WHERE s = 'x' AND c;
create index found31 on found (a) WHERE v IN ('x', 'y');
create index found32 on found (a) WHERE e = 'ok';
create index found33 on found (a) WHERE NOT c;
create index found34 on found (a) WHERE c;
create index found35 on found (a) WHERE b IS NULL;
create index found36 on found (a) WHERE tz > '2020-01-01 00:00:00+00';
create index found37 on found (a) WHERE (j ->> 'a') = 'x';
create index found38 on found (nullif(s, ''));
create index found39 on found (greatest(a, b));
create index found40 on found ("Odd Col");
create index found41 on found (lower("Odd Name"));
create index found42 on found ((n * 2));
create index found43 on found ((n * a));
create index found44 on found ((f + a));
create index found45 on found (round(n, 1));
create index found46 on found ((a::text));
create index found47 on found ((s::varchar(5)));
create index found48 on found ((v::text));
create index found49 on found (trim(s));
create index found50 on found (substring(s, 1, 3));
create index found51 on found (replace(v, 'a', 'b'));
create index found52 on found ((lower(s) || upper(v)));
create index found53 on found ((a = ANY (ARRAY[1, 2])));
select indexname, indexdef, pg_get_indexdef(indexname::regclass, 0, true), pg_get_indexdef(indexname::regclass, 1, true) from pg_indexes where tablename = 'found' order by indexname;
set search_path to aisle;
select attname, pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum where adrelid::regclass::text like '%given%' and pg_get_expr(adbin, adrelid) ~ 'sq|feeling' order by attname;
set search_path to public;
