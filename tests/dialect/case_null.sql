-- CASE, COALESCE, NULLIF and three-valued logic.

select null = null, null <> null, null is null, not null, null and false, null or true, null and true, true and null, false or null;
select case when null then 1 else 2 end, case null when null then 1 else 2 end, case 1 when 1 then 'a' when 2 then 'b' end, case when false then 1 end;
select case 5 when 1 then 'x' end, case when 1 = 1 then 1 else 1 / 0 end;
select case when true then 1 else 2.5 end, case when true then 1::smallint else 2::bigint end, case when true then 'a' else null end, case when false then 'x'::varchar else 'y'::text end;
select case when true then 1 else 'a' end;
select case when 1 then 2 end;
select coalesce(null, null, 3), coalesce(null, 'a'), coalesce(1, 1 / 0), coalesce(null::int, 2.5), coalesce(null, null);
select coalesce(1, 'x');
select nullif(1, 1), nullif(1, 2), nullif('a', 'a'), nullif(null, 1), nullif(1, null), nullif(1.0, 1);
select 1 is distinct from null, null is distinct from null, 1 is not distinct from 1, 1 is distinct from 2, row(1, null) is distinct from row(1, null);
select true is true, null is true, null is unknown, false is not true, (1 = 1) is not false, null is not unknown;
select 1 in (1, null), 2 in (1, null), 2 not in (1, null), null in (1, 2), 1 not in (2, 3), null in (select 1 where false), 1 in (select null::int);
select exists (select 1 where false), not exists (select null), (select 1 where false) is null;
select 1 between 0 and null, 5 between 0 and null, -1 between 0 and null, 1 not between 2 and 3, 2 between symmetric 3 and 1;
select greatest(null, 1), least(null, null), greatest(1, null, 3), least('b', 'a');
select row(1, null) is null, row(null, null) is null, row(1, 2) is not null, row(1, null) is not null;
select (1, 2) = (1, 2), (1, 2) < (1, 3), (1, null) = (1, 2), (1, null) = (2, null), (2, null) < (3, 1), (1, 2) in ((1, 2), (3, 4)), (1, 2) <> (1, null);
select 'true'::boolean, 'yes'::boolean, 'off'::boolean, '1'::boolean, 't'::boolean::int, 0::boolean, true::text, false::varchar(3), not true, true = 't', true > false;
select 'maybe'::boolean;
select 2::boolean::text, true and 1 = 1, true::int + 1;
select 1 where null;
select 1 where not null;
select count(*) from (values (true), (false), (null)) as v(b) where b;
select count(*) from (values (true), (false), (null)) as v(b) where not b;
select count(*) from (values (true), (false), (null)) as v(b) where b is not true;
select b from (values (true), (false), (null)) as v(b) order by b;
select case b when true then 'y' when false then 'n' else '?' end from (values (true), (false), (null::boolean)) as v(b) order by b;
select num_nulls(1, null, 'a'), num_nonnulls(1, null, 'a');
-- bind: [null, "5"]
select coalesce($1, $2::int), nullif($2::int, 5), $1 is null;
-- bind: ["t"]
select case when $1 then 'yes' else 'no' end;
-- bind: [null]
select $1::int is distinct from 1, $1::text is null;
select iif(1, 2, 3);
select ifnull(null, 1);
