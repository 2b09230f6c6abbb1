-- The reg* types among other values: as text, in arrays, compared; and what
-- printing makes of other types.

create table tt(a serial primary key, b text);
select 'x' || 'pg_class'::regclass;
select 'pg_class'::regclass || 'x', 'pg_catalog'::regnamespace || '.', 'int'::regtype || '!', 'now'::regproc || '()';
select 'nextval(''' || pg_get_serial_sequence('tt','a')::regclass || '''::regclass)';
select 23 = any('{int,int8,int2}'::regtype[]), '{int,int8,int2}'::regtype[], 23::regtype = any('{int,int8}'::regtype[]);
select case 'int'::regtype when 'int'::regtype then 'a' else 'b' end;
select true || 'x', 1 || 'x', current_date::text = (current_date || ''), interval '1 day' || 'x', '\x01'::bytea || ''::text;
-- simple
select array_agg(attrelid::regclass) from pg_attribute where attrelid='tt'::regclass and attnum>0;
select string_agg(oid::regclass::text, ',' order by oid) from pg_class where relname='tt';
select format('%s %I', 'pg_class'::regclass, 'int'::regtype);
select concat('pg_class'::regclass, 'x', true, date '2020-01-01'), concat_ws('-', 'pg_class'::regclass, 1.50);
select array['pg_class'::regclass, 'pg_type'::regclass], array['pg_class'::regclass]::text;
select 'pg_class'::regclass::oid, 'pg_class'::regclass::int, 1259::regclass, 1259::oid::regclass;
select 'pg_class'::regclass = 1259, 1259 = 'pg_class'::regclass, 'pg_class'::regclass = 'pg_class'::regclass, 'pg_class'::regclass in ('pg_type', 'pg_class');
select oid::regclass from pg_class where oid = 'pg_class'::regclass;
select to_json('pg_class'::regclass), json_build_object('a', 'int'::regtype), jsonb_build_array('pg_catalog'::regnamespace);
select quote_ident('pg_class'::regclass::text);
select nullif('int'::regtype, 'int'::regtype), coalesce(null, 'int'::regtype), greatest('int'::regtype, 'text'::regtype);
select distinct atttypid::regtype from pg_attribute where attrelid = 'tt'::regclass and attnum > 0 order by 1;
select row_to_json(x) from (select 'pg_class'::regclass as a) x;
select 'pg_class'::regclass::text::varchar(3), cast('pg_class'::regclass as varchar);
select unnest('{pg_class,pg_type}'::regclass[]);
select (array['pg_class'::regclass])[1], ('{pg_class}'::regclass[])[1]::text;
select concat('a'::char(3), '|'), 'a'::char(3) || '|', concat(true, false, null::bool, 1 = 1), concat_ws(',', true, 2, 'x'::char(2), 'y'), format('%s %s', true, 1.50);
select concat('{1,2}'::int[], interval '1 day', '\x01'::bytea, 1.0::float8, '{"a":1}'::jsonb, 'x'::"char");
