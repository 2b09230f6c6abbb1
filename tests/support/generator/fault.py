"""Statements that are wrong in one way: each must be refused as Postgres does."""

from .tree import Node
from .value import KINDS, quoted

TEXTS = (
    "select nothing from {t}", "select {t}.nothing from {t}", "select x.{c} from {t}", "select * from nowhere",
    "select no_such_function({c}) from {t}", "select no_such_function(1, 'a')", "select {c} from {t}, {t} as other",
    "select true + 1", "select 1 + 'abc'", "select '1' + '2'", "select date '2024-01-01' + date '2024-01-01'",
    "select {c}, count(*) from {t}", "select * from {t} group by {k}", "select {c} from {t} where count(*) > 1",
    "select sum(count(*)) from {t}", "select {c} from {t} where rank() over () = 1", "select 1 union select 1, 2",
    "select 1 union select 'x'", "select 1 union select date '2024-01-01'", "select 1 union select true",
    "select (select 1, 2)", "select 1 in (select 1, 2)", "select {c} from {t} order by 99", "select {c} from {t} order by nothing",
    "select distinct {c} from {t} order by {k} || 'x'", "select {c} from {t} limit -1", "select {c} from {t} limit 'x'",
    "select {c} from {t} offset -1", "select {c} from {t} limit {c}", "select case when 1 then 2 end", "select not 1",
    "select 1 and true", "select coalesce(1, 'x')", "select coalesce(1, true)", "select greatest(1, date '2024-01-01')",
    "select nullif(1, true)", "select array[1, 'x']", "select array[1, true]", "select (array[1])['x']", "select (1)[1]",
    "select cast('x' as nothing)", "select 1::date", "select true::date", "select 'x'::{kind}", "select lower(1, 2)",
    "select length(1)", "select upper(true)", "select 1 like 'a'", "select 1 || 2", "select 1 = 'x'", "select 1 = true",
    "select row(1, 2) = row(1)", "select (1, 2) < (1, 'x')", "select {c} from {t} where {c}", "select {c} from {t} having {c} is null",
    "select * from {t} a join {t} b using (nothing)", "select * from {t} a, {t} a", "select * from (select 1)",
    "with w as (select 1) select * from w, w", "with w as (select 1), w as (select 2) select 1",
    "with w(a, b) as (select 1) select * from w", "select * from (values (1, 2), (3)) as v", "values (1), ('x')", "values (1), (true)",
    "select * from {t} as x({c}, b, c, d, e, f, g, h, i, j, k, l, m, n)", "select $1", "select $1 + $2", "select $1::int4 + 1",
    "select {t}", "select sum('x')", "select sum(true)", "select max(json '1')", "select distinct json '1'", "select json '1' = json '1'",
    "select json '1' union select json '2'", "select 1 order by json '1'", "select rank()", "select lag({c}) from {t}",
    "select count(distinct *) from {t}", "select lower(distinct 'a')", "select sum(1) over (order by 1 rows between 1 following and 1 preceding)",
    "select sum(1) over nothing", "select sum({k} order by) from {t}", "selec 1", "select from from", "select 1 +", "select 'abc",
    "insert into {t} (nothing) values (1)", "insert into {t} values (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15)",
    "insert into {t} ({c}, {c}) values (null, null)", "insert into {t} ({k}, {c}) values (default)", "insert into nowhere values (1)",
    "insert into {t} ({k}) select 1, 2", "insert into {t} ({c}) values (nothing)", 
    "insert into {t} ({k}) values (null)", "insert into {t} ({c}) values ({c})", "update {t} set nothing = 1", "update {t} set {c} = nothing",
    "update {t} set {c} = null, {c} = null", "update nowhere set a = 1", "update {t} set {c} = count(*)", "delete from nowhere",
    "delete from {t} where nothing = 1", "delete from {t} where {c} = nothing", "delete from {t} returning nothing",
    "update {t} set {k} = null where {k} is not null", "select unnest(1)", "select generate_series('a', 'b')", "select generate_series(1, 3, 0)",
    "select 1 where 1", "select 1 from {t} where {c} > any (1)", "select * from {t} where ({k}, 1) in (select {k} from {t})",
    "select 99999999999999999999::int8", "select '2024-02-30'::date", "select date '2024-13-01'", "select interval '1 parsec'",
    "select 'x'::uuid", "select '{{'::json", "select 'x'::bool", "select '1.5'::int4", "select ''::int4", "select '1e999'::float8",
    "select 'z'::bytea", "select '{{1,x}}'::int4[]", "select '{{1,2'::int4[]", "select extract(nothing from date '2024-01-01')",
    "select date_trunc('nothing', now())", "select to_char(1, 'x', 2)", "select substring('abc' from 1 for -1)", "select 1/0",
    "select 1 % 0", "select 1.0 / 0", "select 1e0::float8 / 0", "select 32767::int2 + 1::int2", "select -(-32768)::int2",
    "select 2147483647 + 1", "select 9223372036854775807 + 1", "select abs(-2147483648)", "select 100000::int2", "select 1e10::int4",
    "select 'NaN'::float8::int4", "select sqrt(-1)", "select ln(0)", "select power(0, -1)", "select chr(0)", "select 1::numeric(3,2) + 10::numeric(3,2)",
    "select 'abc'::char(2) || 'd', 'abc'::varchar(1)", "select repeat('a', -1) || left('abc', -1)", "select 'a' ~ '('", "select 'a' like 'a\\'",
    "select split_part('a', ',', 0)", "select decode('x', 'nothing')", "select '{c}' is null is null", "select $1::nothing", "table nowhere",
    "select jsonb '{{}}' -> 1 -> 'a' ->> 0", "select jsonb_set('[]', '{{a}}', '1')", "select jsonb '1' - 'a'", "select '[1]'::jsonb - 0 - 'x'",
    "select array_append(1, 1)", "select array[[1], [1, 2]]", "select '{{}}'::int4[] || 'x'", "select max({c}), {k} from {t} group by {c}")


class Faults:
    def __init__(self, random, tables):
        self.random, self.tables = random, tables

    def statement(self):
        table = self.random.choice([each for each in self.tables if not each.is_view])
        column = self.random.choice([each for each in table.columns if each.name not in table.always])
        text = self.random.choice(TEXTS)
        kind = self.random.choice(list(KINDS))
        if text.endswith("{kind}") and self.random.random() < 0.9 and KINDS[kind].broken:
            return Node(f"select {quoted(self.random.choice(KINDS[kind].broken))}::{kind}")
        return Node(text.format(t=table.name, c=column.name, k=table.key[0], kind=kind))
