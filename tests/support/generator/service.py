"""Statements as services write them: reports with subtotals, the first of each
group, pages, what is inside arrays and documents, calendars, changes inside
WITH, changes of many rows by a list."""

from .expression import PATHS, WORDS
from .tree import Column, Node, Parameter, joined
from .value import ARRAY_OIDS, KINDS, NUMBERS, WHOLE, quoted

SIZES = {"int2": "int2", "int4": "int4", "int8": "int8", "numeric": "numeric"}
KEYS = ("a", "k", "b", "arr", "ü", "none")
ARRAY_OF = "case when jsonb_typeof({0}) = 'array' then {0} else '[]' end"
OBJECT_OF = "case when jsonb_typeof({0}) = 'object' then {0} else '{{}}' end"
ZONES = WORDS["timezone", 0]
STEPS = {"date": ("1 day", "1 month", "10 days"), "timestamp": ("1 day", "1 month", "36 hours"),
         "timestamptz": ("1 day", "1 month", "36 hours"), "interval": ("1 day", "1 month")}


class Services:
    def __init__(self, random, schema, expressions, queries, changes):
        self.random, self.schema, self.make = random, schema, expressions
        self.queries, self.changes = queries, changes
        self.pick, self.chance = expressions.pick, expressions.chance

    def statement(self):
        return self.pick((self.report, self.report, self.first_of_each, self.over, self.over, self.page, self.elements,
                          self.documents, self.documents, self.calendar, self.summary, self.summary, self.listed,
                          self.filtered, self.filtered, self.related, self.change_in_with, self.change_in_with,
                          self.change_by_list, self.change_a_part, self.upsert, self.queue, self.setting))()

    # --- pieces

    def table(self):
        return self.pick([each for each in self.schema.tables if not each.is_view])

    def columns(self, table, fits):
        return [each for each in table.columns if fits(each)]

    def groupable(self, table):
        return self.columns(table, lambda each: each.steady and KINDS[each.kind].sorts)

    def key(self, table, alias="t"):
        """Columns that no two rows have alike."""
        return ", ".join(f"{alias}.{name}" for name in table.key)

    def scope(self, table, alias="t"):
        return [Column(f"{alias}.{each.name}", each.kind, each.steady, each.tame) for each in table.columns]

    def condition(self, scope, depth=1):
        return self.make.safely(self.make.expression, "bool", scope, depth)

    def where(self, table, share=0.5, alias="t"):
        return Node(" where ", self.condition(self.scope(table, alias)), optional=True) if self.chance(share) else Node()

    def argument(self, kind, text=None):
        """A parameter whose type is inferred, or a literal."""
        text = self.make.text_of(kind) if text is None else text
        return Parameter(text, 0, None) if self.chance(0.6) else Node(quoted(text))

    def way(self):
        return self.pick(("", " desc", " nulls first", " desc nulls last"))

    def in_order(self, *parts):
        node = Node(*parts)
        node.ordered = True
        return node

    def known_key(self, table):
        known = self.changes.keys.get(table.name)
        return self.pick(known) if known else quoted("1")

    # --- reports

    def report(self):
        """Subtotals."""
        table = self.table()
        keys = self.groupable(table)
        keys = self.random.sample(keys, min(len(keys), self.random.randint(1, 3)))
        names = [f"t.{each.name}" for each in keys]
        if not names:
            return self.summary()
        some = ", ".join(self.random.sample(names, self.random.randint(1, len(names))))
        whole = ", ".join(names)
        group = self.pick((f"rollup ({whole})", f"cube ({some})", f"grouping sets (({whole}), ({names[0]}), ())",
                           f"{names[0]}, rollup ({some})", f"grouping sets (({whole}), rollup ({some}))", whole, whole))
        shown = [Node(name) for name in names] + [self.aggregate(table) for _ in range(self.random.randint(1, 3))]
        if group != whole:
            shown.append(Node(f"grouping({whole})"))
        if self.chance(0.2):
            shown.append(Node(f"coalesce({names[0]}::text, 'all')"))
        having = Node(self.pick((" having count(*) > 1", f" having count({names[0]}) >= 1", " having bool_or(true)")),
                      optional=True) if self.chance(0.3) else Node()
        return Node("select ", joined(shown), f" from {table.name} t", self.where(table, 0.4), f" group by {group}", having)

    def aggregate(self, table):
        """One whose answer is the same in whatever order rows come."""
        column = self.pick(table.columns)
        name, key = f"t.{column.name}", self.key(table)
        order = f"{name}::text{self.way()}, {key}"
        calls = ["count(*)", f"count({name})", f"array_agg({name}::text order by {order})",
                 f"string_agg({name}::text, ', ' order by {order})", f"string_agg({name}::text, '' order by {key})",
                 f"json_agg({name} order by {key})", f"jsonb_agg({name} order by {key}{self.pick((' desc', ''))})",
                 f"(array_agg({name}::text order by {order}))[1]", f"jsonb_object_agg({self.text_key(table)}, {name} order by {key})",
                 f"count(distinct {name}::text)", f"array_agg(distinct {name}::text)",
                 f"string_agg(distinct {name}::text, ',' order by {name}::text desc)",
                 f"array_to_string(array_agg({name}::text order by {key}), '|', '-')"]
        if column.kind in WHOLE or column.kind == "numeric":
            calls += [f"sum({name})", f"avg({name})", f"round(avg({name}), 2)", f"min({name})", f"max({name})",
                      f"coalesce(sum({name}), 0)", f"sum(distinct {name})", f"sum(case when {name} > 3 then 1 else 0 end)",
                      f"percentile_disc(0.5) within group (order by {name})", f"mode() within group (order by {name})",
                      f"percentile_disc(array[0.25, 0.75]) within group (order by {name})",
                      f"percentile_cont(0.5) within group (order by {name}::float8)", f"avg({name})::numeric(20,4)",
                      f"100.0 * count({name}) / count(*)", f"round(stddev_samp({name}::numeric), 3)"]
        if column.kind == "bool":
            calls += [f"bool_and({name})", f"every({name})", f"bool_or({name})", f"count(*) filter (where {name})"]
        if column.steady and KINDS[column.kind].sorts and column.kind not in ("bool", "bytea", "uuid", "jsonb", "mood") and \
                not KINDS[column.kind].element:
            calls += [f"min({name})", f"max({name})"]
        if column.kind in ("date", "timestamp", "timestamptz"):
            calls += [f"max({name}) - min({name})", f"percentile_disc(0.9) within group (order by {name})"]
        call = self.pick(calls)
        plain = call.endswith(")") and call.count("(") - call.count("within group") == call.count(")") - call.count("within group") \
            and call.split("(")[0] in ("count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "bool_and")
        if plain and "filter" not in call and call.count("(") == 1 and self.chance(0.3):
            return Node(call, " filter (where ", self.condition(self.scope(table)), ")")
        return Node(call)

    def text_key(self, table):
        return " || '/' || ".join(f"t.{name}::text" for name in table.key)

    def summary(self):
        """All rows, or those of another table, in one."""
        table = self.table()
        shown = [self.aggregate(table) for _ in range(self.random.randint(1, 4))]
        return Node("select ", joined(shown), f" from {table.name} t", self.where(table))

    # --- windows

    def first_of_each(self):
        table = self.table()
        keys = self.groupable(table)
        part = f"t.{self.pick(keys).name}" if keys else "1"
        order = f"t.{self.pick(keys).name}{self.way()}, {self.key(table)}" if keys else self.key(table)
        if self.chance(0.4):
            return self.in_order(f"select distinct on ({part}) t.* from {table.name} t", self.where(table, 0.3),
                                 f" order by {part}, {order}")
        call = self.pick(("row_number()", "rank()", "dense_rank()"))
        return Node(f"select * from (select t.*, {call} over (partition by {part} order by {order}) as place from {table.name} t",
                    self.where(table, 0.3), f") s where place <= {self.random.randint(1, 3)}")

    def over(self):
        table = self.table()
        keys, column = self.groupable(table), self.pick(table.columns)
        part = f"partition by t.{self.pick(keys).name} " if keys and self.chance(0.6) else ""
        name = f"t.{column.name}"
        offset = self.pick(("rows between 2 preceding and current row", "rows between unbounded preceding and 1 preceding",
                            "rows between 1 following and unbounded following", "rows between 1 preceding and 1 following exclude current row",
                            "groups between 1 preceding and current row", "rows between current row and 2 following",
                            "rows unbounded preceding", "range between unbounded preceding and current row exclude ties",
                            "groups between current row and 1 following exclude group"))
        window = f"{part}order by {self.key(table)}"
        calls = ["row_number() over w", f"lag({name}) over w", f"lead({name}, 2) over w", "ntile(3) over w", "count(*) over ()",
                 f"first_value({name}) over w", f"last_value({name}) over (w {offset})", f"nth_value({name}, 2) over (w {offset})",
                 f"count({name}) over (w {offset})", f"string_agg({name}::text, ',') over (w {offset})",
                 f"array_agg({name}::text) over (w {offset})", "percent_rank() over w", "cume_dist() over w",
                 f"lag({name}::text, 1, 'none') over w", f"count(*) filter (where {name} is not null) over w",
                 f"row_number() over (order by {name}::text{self.way()}, {self.key(table)})", f"max({name}::text) over (w {offset})"]
        if column.kind in SIZES:
            calls += [f"sum({name}) over (w {offset})", f"avg({name}) over (w {offset})", f"{name} - lag({name}) over w",
                      f"sum({name}::numeric) over () - {name}", f"round(100.0 * {name} / nullif(sum({name}) over w, 0), 2)",
                      f"sum(count({name})) over ()" if False else f"min({name}) over (w {offset})"]
        if column.kind in STEPS or column.kind in WHOLE:
            step = quoted(self.pick(STEPS[column.kind])) if column.kind in STEPS else "2"
            bounds = self.pick((f"between {step} preceding and current row", f"between {step} preceding and {step} following",
                                f"between current row and {step} following", f"{step} preceding"))
            if column.tame:
                calls += [f"count(*) over (order by {name}{self.way()} range {bounds})"] * 4
        shown = [Node(call) for call in self.random.sample(calls, self.random.randint(1, 3))]
        return Node(f"select {self.key(table)}, ", joined(shown), f" from {table.name} t", self.where(table, 0.3),
                    f" window w as ({window})")

    # --- pages

    def page(self):
        """The rows after one that was seen."""
        table = self.table()
        keys = [each for each in self.groupable(table) if not each.key]
        limit = self.pick((" limit 3", " limit $1", " fetch first 2 rows only", " limit 2 offset 1", " fetch first row with ties",
                           " offset 1 rows fetch next 3 rows only"))
        if limit == " limit $1":
            limit = Node(" limit ", Parameter("2", 0, None))
        first = f"t.{self.pick(keys).name}{self.way()}, " if keys else ""
        if self.chance(0.5) or not keys:
            return self.in_order(f"select {self.pick(('t.*', 't.*, count(*) over () as whole', self.key(table)))} from {table.name} t",
                                 self.where(table), f" order by {first}{self.key(table)}", limit)
        after = self.pick(keys)
        left = ", ".join([f"t.{after.name}"] + [f"t.{name}" for name in table.key])
        values = [self.argument(after.kind)] + [self.argument(table.find(name).kind) for name in table.key]
        return self.in_order(f"select * from {table.name} t where ({left}) {self.pick(('>', '<', '>='))} (",
                             joined(values, least=len(values)), f") order by t.{after.name}, {self.key(table)}", limit)

    # --- arrays and documents

    def set_columns(self, alias, kind):
        return Column(f"{alias}.x", kind, steady=KINDS[kind].steady, tame=False)

    def elements(self):
        table = self.table()
        arrays = self.columns(table, lambda each: KINDS[each.kind].element)
        if not arrays:
            return self.related()
        column = self.pick(arrays)
        kind = KINDS[column.kind].element
        ordinal = self.chance(0.6)
        source = f"unnest(t.{column.name})" + (" with ordinality as e(x, n)" if ordinal else " as e(x)")
        verb, tail = self.pick(((" cross join lateral ", ""), (", ", ""), (" left join lateral ", " on true"),
                                (" join ", " on true"), (" left join ", " on e.x is not null")))
        scope = self.scope(table) + [self.set_columns("e", kind)] + ([Column("e.n", "int8")] if ordinal else [])
        condition = Node(" where ", self.condition(scope), optional=True) if self.chance(0.4) else Node()
        if self.chance(0.3):
            shown = self.pick((f"t.{table.key[0]}, count(e.x), array_agg(e.x::text order by e.x::text)",
                               f"t.{table.key[0]}, count(distinct e.x::text)"))
            return Node(f"select {shown} from {table.name} t{verb}{source}{tail}", condition, f" group by t.{table.key[0]}")
        if self.chance(0.3):
            inner = self.pick((f"array(select x from unnest(t.{column.name}) with ordinality as u(x, n) order by n desc)",
                               f"(select count(*) from unnest(t.{column.name}) as u(x) where x is not null)",
                               f"(select string_agg(x::text, '+' order by n) from unnest(t.{column.name}) with ordinality as u(x, n))",
                               f"exists (select from unnest(t.{column.name}) as u(x) where x is null)",
                               f"(select x from unnest(t.{column.name}) with ordinality as u(x, n) where n = 2)"))
            return Node(f"select {self.key(table)}, {inner} from {table.name} t", self.where(table, 0.3))
        return Node(f"select {self.key(table)}, ", self.make.safely(self.make.expression, self.pick((kind, "text")), scope, 1),
                    f", e.x{', e.n' if ordinal else ''} from {table.name} t{verb}{source}{tail}", condition)

    def documents(self):
        table = self.table()
        found = self.columns(table, lambda each: each.kind == "jsonb")
        where = Node()
        if found:
            column, source = f"t.{self.pick(found).name}", f"{table.name} t"
            where = self.where(table, 0.3)
        else:
            column = "t.j"
            rows = ", ".join(f"({number}, {quoted(self.make.text_of('jsonb'))}::jsonb)" for number in range(4))
            source = f"(values {rows}) as t(n, j)"
        one = lambda: self.pick(KEYS)  # noqa: E731
        array, thing = ARRAY_OF.format(column), OBJECT_OF.format(column)
        lists = ((f"jsonb_array_elements({array}) with ordinality as e(x, n)", "e.x, e.n"), (f"jsonb_array_elements_text({array}) as e(x)", "e.x"),
                 (f"jsonb_each({thing}) as e(k, v)", "e.k, e.v"), (f"jsonb_each_text({thing}) as e", "e.key, e.value"),
                 (f"jsonb_object_keys({thing}) as e(k)", "e.k"), (f"jsonb_path_query({column}, '$.*') as e(x)", "e.x"),
                 (f"jsonb_to_record({thing}) as e(a text, k text, b jsonb)", "e.a, e.k, e.b"),
                 (f"jsonb_path_query({column}, '$.** ? (@ != null)') as e(x)", "e.x"))
        if self.chance(0.35):
            call, shown = self.pick(lists)
            verb = self.pick((f" cross join lateral {call}", f", {call}", f" left join lateral {call} on true"))
            return Node(f"select {shown} from {source}{verb}", where)
        texts = [f"{column} -> '{one()}'", f"{column} ->> '{one()}'", f"{column} -> '{one()}' ->> '{one()}'", f"{column} #>> '{self.pick(PATHS)}'",
                 f"{column} @> '{{\"a\": 1}}'", f"{column} ? '{one()}'", f"{column} ?| array['{one()}', '{one()}']", f"{column} ?& '{{a,b}}'",
                 f"jsonb_typeof({column})", f"jsonb_typeof({column} -> '{one()}')", f"{column} || '{{\"z\": 0}}'", f"jsonb_pretty({column})",
                 f"{thing} - '{one()}'", f"{thing} - array['{one()}', 'b']", f"{thing} #- '{{a,b}}'", f"jsonb_set({thing}, '{{a}}', '\"new\"')",
                 f"jsonb_set({thing}, '{{a,b}}', '[1]', {self.pick(('true', 'false'))})", f"jsonb_insert({array}, '{{0}}', '9')",
                 f"jsonb_strip_nulls({column})", f"jsonb_array_length({array})", f"({column})['{one()}']", f"({column})['a']['b'][1]",
                 f"jsonb_build_object('n', {column}, 'k', jsonb_typeof({column}))", f"jsonb_build_array({column}, 1, null, 'x'::text)",
                 f"jsonb_path_exists({column}, '$.a ? (@ > 0)')", f"jsonb_path_query_array({column}, '$[*]')",
                 f"jsonb_path_query_first({column}, '$.**.b')", f"{column} @? '$.k'", f"{column} @@ '$.a == 1'", f"({column} ->> '{one()}') is null",
                 f"{column}::text", f"to_jsonb({column} ->> '{one()}')", f"jsonb_extract_path_text({column}, 'a', 'b')",
                 f"coalesce({column} ->> '{one()}', 'none')", f"{column} = '{{}}'", f"{column} < '[1]'",
                 f"json_build_object('a', {column})", f"row_to_json(r) from (select {column} as x, 1 as y) r" if False else f"{column}::json ->> 'a'",
                 f"(select jsonb_agg(v order by k) from jsonb_each({thing}) as u(k, v))",
                 f"(select jsonb_object_agg(k, 1) from jsonb_object_keys({thing}) as k)",
                 f"(select count(*) from jsonb_array_elements({array}))",
                 f"exists (select from jsonb_array_elements({array}) as u where u ->> 'a' = '1')",
                 f"'b' = any (array(select jsonb_array_elements_text({array})))", f"case jsonb_typeof({column}) when 'number' then ({column})::numeric end"]
        return Node("select ", joined([Node(text) for text in self.random.sample(texts, self.random.randint(1, 4))]), f" from {source}", where)

    # --- time

    def calendar(self):
        """A row for each day, week or month."""
        table = self.table()
        moments = self.columns(table, lambda each: each.kind in ("date", "timestamp", "timestamptz") and each.tame)
        unit, step = self.pick((("month", "1 month"), ("week", "7 days"), ("year", "1 year"), ("day", "10 days"), ("quarter", "3 months")))
        low, high = self.pick((("2023-12-15", "2024-05-01"), ("2024-01-31", "2024-04-30"), ("2000-01-01", "2000-02-10"), ("2021-03-20", "2021-04-10")))
        kind = self.pick(("date", "timestamp", "timestamptz"))
        series = f"generate_series({kind} '{low}', {kind} '{high}', interval '{step}') as s(d)"
        day = self.pick(("s.d::date", "to_char(s.d, 'YYYY-MM-DD HH24:MI')", f"date_trunc('{unit}', s.d)", "extract(dow from s.d)", "s.d",
                         f"s.d at time zone {quoted(self.pick(ZONES))}", f"s.d + interval '{self.pick(('1 month', '1 day -1 hour', '90 minutes'))}'",
                         f"date_trunc('{unit}', s.d) + interval '1 {unit}' - interval '1 day'" if unit != "quarter" else "s.d - interval '1 year'",
                         "age(s.d, '2020-02-29')", "s.d - '2024-01-01'", "extract(epoch from s.d)::bigint", "date_part('week', s.d)",
                         "to_char(s.d, 'Dy DD Mon')", "make_date(extract(year from s.d)::int, extract(month from s.d)::int, 1)"))
        if not moments or self.chance(0.4):
            return self.in_order(f"select {day}, s.d from {series} order by s.d")
        name = f"t.{self.pick(moments).name}"
        return self.in_order(f"select s.d, count({name}), min({name}) from {series} left join {table.name} t on "
                             f"{name} >= s.d and {name} < s.d + interval '{step}' group by s.d order by s.d")

    def setting(self):
        return Node(self.pick((f"set time zone {quoted(self.pick(ZONES[:1] * 3 + ZONES))}", "set intervalstyle = " + self.pick(
            ("postgres", "iso_8601", "postgres", "sql_standard", "postgres_verbose")), "reset time zone", "reset intervalstyle",
            "set extra_float_digits = " + self.pick(("0", "1", "1", "3")), "reset extra_float_digits", "show time zone",
            "set bytea_output = " + self.pick(("hex", "hex", "escape")), "reset all" if False else "reset bytea_output")))

    # --- what a form asks for

    def filtered(self):
        """Conditions on a table's columns, with what a caller gives."""
        table = self.table()
        tests = [self.test(self.pick(table.columns)) for _ in range(self.random.randint(1, 3))]
        keys = self.groupable(table)
        by = [self.key(table)]
        if keys and self.chance(0.5):
            name = f"t.{self.pick(keys).name}"
            by.insert(0, self.pick((f"{name}{self.way()}", f"case when {name} is null then 0 else 1 end", f"{name} is null desc",
                                    f"coalesce({name}::text, '')", f"lower({name}::text)", f"{name}::text collate \"C\"",
                                    f"length({name}::text) desc", f"array_position(array['a', 'b'], {name}::text)")))
        return self.in_order(f"select {self.pick(('t.*', self.key(table), 'distinct ' + self.key(table)) if len(by) == 1 else ('t.*',))} "
                             f"from {table.name} t where ", joined(tests, self.pick((" and ", " or "))), f" order by {', '.join(by)}")

    def test(self, column):
        name, kind = f"t.{column.name}", column.kind
        given = lambda: self.argument(kind)  # noqa: E731
        forms = [Node(f"{name} is not null"), Node(f"not ({name} is null)")]
        if KINDS[kind].sorts:
            forms += [Node(f"{name} {self.pick(('=', '<>', '>', '<='))} ", given()), Node(f"{name} is not distinct from ", given()),
                      Node(f"{name} in (", given(), ", ", given(), ")"), Node(f"{name} between ", given(), " and ", given()),
                      Node("(", Parameter(self.pick((None, self.make.text_of(kind))), 0, None) if kind != "mood" else Node("null"),
                           f"::{kind} is null or {name} = ", given(), ")"), Node(f"coalesce({name}, ", given(), ") = ", given()),
                      Node(f"nullif({name}, ", given(), ") is null"), Node(f"{name} = some (array[", given(), "]", f"::{kind}[])")
                      if kind in ARRAY_OIDS else Node("true")]
        if kind in ARRAY_OIDS and KINDS[kind].sorts:
            array = self.make.text_of(kind + "[]")
            forms += [Node(f"{name} = any (", Parameter(array, 0, None), ")"), Node(f"{name} = any (", Parameter(array, 0, None), f"::{kind}[])"),
                      Node(f"{name} <> all (", Parameter(array, ARRAY_OIDS[kind], None), ")"),
                      Node(f"({name} = any (", Node(quoted(array)), f"::{kind}[])) is true")]
        if kind in ("text", "varchar"):
            word = self.pick(("a", "B", "o%", "_", "ü", "50", "\\\\", ""))
            forms += [Node(f"{name} ilike '%' || ", self.argument("text", word), " || '%'"), Node(f"lower({name}) = lower(", given(), ")"),
                      Node(f"{name} like ", self.argument("text", word + "%")), Node(f"starts_with({name}, ", given(), ")"),
                      Node(f"position(", given(), f" in {name}) > 0"), Node(f"{name} ~* ", self.argument("text", self.pick(("^a", "b|c", "\\d", "[^a-z]")))),
                      Node(f"length(trim({name})) > 2"), Node(f"split_part({name}, ' ', 1) = ", given()), Node(f"left({name}, 1) = upper(left({name}, 1))"),
                      Node(f"{name} similar to '(a|b)%'"), Node(f"({name} || ", given(), ") <> ''"), Node(f"{name} not like all (array['a%', '%z'])"),
                      Node(f"{name} ilike any (array['A%', '%LO'])"), Node(f"regexp_replace({name}, '[^a-z]', '', 'g') = ''"),
                      Node(f"translate({name}, 'abc', 'xy') <> {name}"), Node(f"md5({name}) < 'a'"), Node(f"reverse({name}) = {name}")]
        if KINDS[kind].element:
            element = KINDS[kind].element
            forms += [Node(f"{name} && ", self.argument(kind)), Node(f"{name} @> array[", self.argument(element), f"]::{kind}"),
                      Node(self.argument(element), f" = any ({name})"), Node(f"cardinality({name}) > 1"), Node(f"array_length({name}, 1) = 2"),
                      Node(f"{name} = '{{}}'"), Node(f"{name}[1] = ", self.argument(element)) if KINDS[element].sorts else Node("true")]
        if kind in ("date", "timestamp", "timestamptz"):
            forms += [Node(f"{name} >= date_trunc('month', ", quoted("2024-02-29") + f"::{kind})"), Node(f"{name} > ", quoted("2024-01-01"), "::date - 400"),
                      Node(f"extract(year from {name}) = 2024"), Node(f"{name}::date = ", self.argument("date")),
                      Node(f"{name} between ", quoted("2000-01-01"), " and ", quoted("2024-12-31")),
                      Node(f"to_char({name}, 'YYYY-MM') > '2020'") if column.tame or kind != "date" else Node("true"),
                      Node(f"({name}, interval '1 day') overlaps (", quoted("2023-07-01"), f"::{kind}, interval '30 days')") if column.tame else Node("true"),
                      Node(f"{name} < ", quoted("2024-06-01"), "::timestamp at time zone 'Europe/Berlin'")]
        if kind in NUMBERS and column.tame:
            forms += [Node(f"{name} % 2 = 0") if kind in SIZES else Node("true"), Node(f"{name} / 2 > 1"), Node(f"abs({name}) > 2"), Node(f"{name} * 1.5 > 3"),
                      Node(f"{name}::text like '%1%'"), Node(f"round({name}::numeric / 3, 2) < 1"), Node(f"greatest({name}, 3) = {name}"),
                      Node(f"{name} = ", self.argument(kind), "::text::numeric")]
        return self.pick(forms)

    # --- other tables' rows

    def related(self):
        """Rows with those that refer to them."""
        linked = [(table, name, target) for table in self.schema.tables for name, target in table.references.items() if not table.is_view]
        if not linked:
            return self.filtered()
        table, name, target = self.pick(linked)
        on, key = f"c.{name} = p.{target.key[0]}", ", ".join(f"c.{each}" for each in table.key)
        whole = f"p.{target.key[0]}"
        number = self.columns(table, lambda each: each.kind in SIZES)
        shown = self.pick((f"count({key.split(', ')[0]})", f"(array_agg(c.{table.key[0]}::text order by {key}))[1:2]", f"jsonb_agg(c.{name} order by {key})",
                           f"json_agg(json_build_object('k', c.{table.key[0]}, 'n', c.{name}) order by {key})",
                           f"coalesce(string_agg(c.{table.key[0]}::text, ',' order by {key}), '')", "count(*)",
                           f"sum(c.{self.pick(number).name})" if number else "bool_and(true)",
                           f"coalesce(json_agg(c.{table.key[0]} order by {key}) filter (where c.{table.key[0]} is not null), '[]')"))
        forms = (f"select {whole}, {shown} from {target.name} p left join {table.name} c on {on} group by {whole}",
                 f"select {whole}, {shown} from {target.name} p join {table.name} c on {on} group by {whole} having count(*) > 1",
                 f"select p.*, l.* from {target.name} p left join lateral (select {key} from {table.name} c where {on} order by {key} limit 2) l on true",
                 f"select p.* from {target.name} p where exists (select 1 from {table.name} c where {on})",
                 f"select p.* from {target.name} p where not exists (select 1 from {table.name} c where {on} and c.{name} is not null)",
                 f"select p.* from {target.name} p where {whole} in (select c.{name} from {table.name} c)",
                 f"select p.* from {target.name} p where {whole} not in (select c.{name} from {table.name} c where c.{name} is not null)",
                 f"select {whole}, (select {shown} from {table.name} c where {on}) from {target.name} p",
                 f"select {whole}, array(select c.{table.key[0]} from {table.name} c where {on} order by {key}) from {target.name} p",
                 f"select c.*, p.* from {table.name} c full join {target.name} p on {on}",
                 f"select p.*, x.n from {target.name} p, lateral (select count(*) as n from {table.name} c where {on}) x where x.n > 0",
                 f"select {key}, {whole} from {table.name} c join {target.name} p on {on} left join {table.name} d on d.{name} = p.{target.key[0]} and d.{table.key[0]} > c.{table.key[0]}",
                 f"with s as (select c.{name} as k, count(*) as n from {table.name} c group by c.{name}) select p.*, coalesce(s.n, 0) from {target.name} p left join s on s.k = {whole}")
        return Node(self.pick(forms))

    def listed(self):
        """VALUES beside a table."""
        table = self.table()
        key = table.find(table.key[0])
        rows = ", ".join(f"({self.known_key(table)}::{key.kind}, {number})" for number in range(self.random.randint(1, 4)))
        return Node(f"select t.*, v.n from {table.name} t {self.pick(('', 'left ', 'right ', 'full '))}join (values {rows}) as v(k, n) "
                    f"on v.k = t.{key.name}")

    # --- changes

    def settable(self, table):
        return [each for each in self.changes.settable(table) if each.name not in table.references and each.kind not in ("float4", "float8")]

    def given_value(self, column):
        return Node(quoted(self.make.text_of(column.kind, True)))

    def change_in_with(self):
        table = self.table()
        row, plain = self.changes.one_row(table), self.settable(table)
        forms = [Node(f"with gone as (delete from {table.name} where {row} returning *) select count(*) from gone"),
                 Node(f"with gone as (delete from {table.name} where {row} returning {table.key[0]} as k) select gone.k, t.* from gone "
                      f"left join {table.name} t on t.{table.key[0]} = gone.k")]
        if not self.counted(table):
            forms.append(Node("with made as (", self.schema.insert(table, self.changes.keys), f" returning *) select count(*), "
                              f"min({table.key[0]}::text) from made"))
            forms.append(Node("with made as (", self.schema.insert(table, self.changes.keys, 2), f" returning *) select m.*, "
                              f"(select count(*) from {table.name}) from made m"))
        if plain:
            column = self.pick(plain)
            change = Node(f"update {table.name} set {column.name} = ", self.given_value(column), f" where {row} returning *")
            forms += [Node("with changed as (", change, ") select * from changed"),
                      Node("with changed as (", change, f") select o.*, n.{column.name} from changed n join {table.name} o on "
                           f"o.{table.key[0]} = n.{table.key[0]}"),
                      Node("with changed as (", change, f"), others as (select count(*) as n from {table.name}) select * from changed, others")]
            if not table.references:
                forms.append(Node(f"with chosen as (select {table.key[0]} as k from {table.name} where {row}) update {table.name} t set "
                                  f"{column.name} = ", self.given_value(column), f" from chosen where t.{table.key[0]} = chosen.k returning t.*"))
        return self.pick(forms)

    def counted(self, table):
        """SQLite counts a sequence on for all rows of a list at once where it
        returns them, also when the first of them fails."""
        return bool(table.given)

    def change_by_list(self):
        """Many rows at once, each with its own value."""
        table = self.table()
        plain, key = self.settable(table), table.find(table.key[0])
        if not plain or len(table.key) > 1:
            return self.upsert()
        column = self.pick(plain)
        known = self.changes.keys.get(table.name) or [quoted("1")]
        some = self.random.sample(known, min(len(known), self.random.randint(1, 3)))
        some = list(dict.fromkeys(some))
        values = [quoted(self.make.text_of(column.kind, True)) for _ in some]
        rows = ", ".join(f"({one}::{key.kind}, {value}::{column.kind})" for one, value in zip(some, values))
        cases = " ".join(f"when {one} then {value}" for one, value in zip(some, values))
        forms = (f"update {table.name} as t set {column.name} = v.x from (values {rows}) as v(k, x) where v.k = t.{key.name}",
                 f"update {table.name} set {column.name} = (case {key.name} {cases} end)::{column.kind} where {key.name} in ({', '.join(some)})",
                 f"update {table.name} t set {column.name} = (select x from (values {rows}) as v(k, x) where v.k = t.{key.name}) "
                 f"where t.{key.name} in ({', '.join(some)})",
                 f"delete from {table.name} t using (values {rows}) as v(k, x) where v.k = t.{key.name} and t.{column.name}::text = v.x::text",
                 f"update {table.name} set ({column.name}, {key.name}) = ({values[0]}, {key.name}) where {key.name} = {some[0]}",
                 f"update {table.name} t set ({column.name}) = (select {values[0]}::{column.kind}) where t.{key.name} = {some[0]}")
        if column.not_null:
            forms = forms[:2] + forms[3:]
        text = self.pick(forms)
        return Node(text, Node(f" returning {self.pick(('*', key.name, column.name))}", optional=True) if self.chance(0.4) and " as t " not in text
                    and " t " not in text else Node())

    def change_a_part(self):
        """Documents and arrays, numbers and texts, from what they were."""
        table = self.table()
        forms = []
        for each in self.settable(table):
            name = each.name
            if each.kind == "jsonb":
                thing = OBJECT_OF.format(name)
                forms += [f"{name} = jsonb_set({thing}, '{{a}}', '5')", f"{name} = {thing} || '{{\"seen\": true}}'", f"{name} = {thing} - 'a'",
                          f"{name} = jsonb_build_object('was', {name})", f"{name} = coalesce({name}, '[]') || '[1]'"]
            elif KINDS[each.kind].element in ("int4", "text"):
                item = {"int4": "7", "text": "'x'"}[KINDS[each.kind].element]
                forms += [f"{name} = array_append({name}, {item})", f"{name} = {name} || {item}::{KINDS[each.kind].element}",
                          f"{name} = array_remove({name}, {item})", f"{name}[1] = {item}", f"{name} = {name}[2:]", f"{name} = array[{item}] || {name}",
                          f"{name}[2:3] = array[{item}, {item}]"]
            elif each.kind in ("text", "varchar") and not table.checked:
                forms += [f"{name} = left({name} || '!', 20)", f"{name} = upper({name})", f"{name} = coalesce({name}, 'none')"] if not each.not_null else []
            elif each.kind in ("date", "timestamp", "timestamptz") and each.tame:
                forms += [f"{name} = {name} + interval '1 month'", f"{name} = date_trunc('month', {name})"]
            elif each.kind == "bool":
                forms += [f"{name} = not {name}"]
        if not forms:
            return self.upsert()
        return Node(f"update {table.name} set {self.pick(forms)} where {self.changes.one_row(table)}",
                    Node(" returning *", optional=True) if self.chance(0.5) else Node())

    def upsert(self):
        """With all that may follow ON CONFLICT."""
        table = self.table()
        columns = [each for each in table.columns if each.name not in table.always and (each.name in table.key or self.chance(0.7) or each.not_null)]
        plain = [each for each in self.settable(table) if each.name not in table.references]
        row = []
        for each in columns:
            if each.name == table.key[0] and self.changes.keys.get(table.name) and self.chance(0.6):
                row.append(Node(self.known_key(table)))
            elif each.name in table.references or (each.kind in ("float4", "float8") and not each.not_null):
                row.append(Node("null"))
            elif each.name in table.key:
                row.append(self.schema.key_value(table, each, self.changes.keys))
            else:
                row.append(self.given_value(each))
        if table.always & set(table.key):
            return self.changes.insert()
        target = self.pick((f"({', '.join(table.key)})", f"on constraint {table.name}_pkey", ""))
        head = Node(f"insert into {table.name} as t ({', '.join(each.name for each in columns)}) values (", joined(row, least=len(row)), ") on conflict ")
        if not target or not plain:
            return Node(head, "do nothing", self.tail(table))
        sets = []
        for each in self.random.sample(plain, min(len(plain), self.random.randint(1, 2))):
            name = each.name
            value = self.pick((f"excluded.{name}", f"coalesce(t.{name}, excluded.{name})", f"case when t.{name} is null then excluded.{name} else t.{name} end",
                               "default" if name in table.defaults and name not in table.always else f"excluded.{name}",
                               f"(select excluded.{name})" if not each.not_null else f"excluded.{name}"))
            sets.append(f"{name} = {value}")
        one = self.pick(plain)
        where = self.pick(("", "", f" where t.{one.name} is null", f" where t.{one.name} is distinct from excluded.{one.name}"
                           if KINDS[one.kind].sorts else "", f" where excluded.{one.name} is not null", " where false"))
        return Node(head, f"{target} do update set {', '.join(sets)}{where}", self.tail(table))

    def tail(self, table):
        return Node(self.pick((" returning *", f" returning t.{table.key[0]}", f" returning {table.key[0]} as k, 1 + 1"))) if self.chance(0.5) else Node()

    def queue(self):
        """The first that is free."""
        table = self.table()
        key = ", ".join(table.key)
        lock = self.pick(("for update", "for update skip locked", "for no key update nowait", "for share", f"for update of {table.name}"))
        chosen = f"select {table.key[0]} from {table.name}"
        if self.chance(0.5):
            return self.in_order(f"select * from {table.name}", self.where(table, 0.4, table.name), f" order by {key} limit {self.random.randint(1, 2)} {lock}")
        if len(table.key) > 1:
            return Node(chosen, f" where {self.changes.one_row(table)} {lock}")
        return Node(f"delete from {table.name} where {table.key[0]} = ({chosen} order by {key} desc limit 1 {lock}) returning *")

