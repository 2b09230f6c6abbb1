"""Queries: whatever makes rows."""

from .tree import Column, Node, joined
from .value import KINDS, NUMBERS, OIDS

ORDERED_ONLY = {"array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg"}
ROUNDED = ("float4", "float8")
ENOUGH = 60


class Queries:
    """`tables`: what FROM may name, as schema.Table."""

    def __init__(self, random, expressions, signatures):
        self.random, self.make, self.tables = random, expressions, []
        self.pick, self.chance = expressions.pick, expressions.chance
        self.number, self.common, self.placed = 0, [], False
        self.aggregates = {}
        for each in signatures:
            if each.is_aggregate:
                self.aggregates.setdefault(each.result, []).append(each)
        expressions.subquery = self.scalar

    def alias(self, head="q"):
        self.number += 1
        return f"{head}{self.number}"

    # --- FROM

    def source(self, depth, outer=()):
        """(node, columns with their alias before them)"""
        roll = self.random.random()
        if depth > 0 and roll < 0.15:
            return self.derived(depth, outer)
        if roll < 0.22:
            return self.values_source()
        if roll < 0.27:
            return self.set_source(outer)
        if self.common and roll < 0.5:
            name, columns = self.pick(self.common)
        else:
            table = self.pick(self.tables)
            name, columns = table.name, table.columns
        alias = self.alias("t_")
        return Node(f"{name} {self.pick(('as ', ''))}{alias}"), qualified(alias, columns)

    def derived(self, depth, outer=()):
        alias = self.alias()
        lateral = bool(outer) and self.chance(0.6)
        node, columns = self.select(depth - 1, list(outer) if lateral else [])
        return Node("lateral (" if lateral else "(", node, f") as {alias}"), qualified(alias, columns)

    def values_source(self):
        kinds = [self.pick(("int4", "text", "date", "bool", "numeric", "int8")) for _ in range(self.random.randint(1, 3))]
        rows = []
        for number in range(self.random.randint(1, 4)):
            items = [self.make.literal(kind) if not number or self.chance(0.7) else Node("null") for kind in kinds]
            rows.append(Node("(", joined(items, least=len(items)), ")"))
        alias = self.alias("v_")
        columns = [Column(f"c{number + 1}", kind, steady=KINDS[kind].steady) for number, kind in enumerate(kinds)]
        names = ", ".join(each.name for each in columns)
        return Node("(values ", joined(rows), f") as {alias}({names})"), qualified(alias, columns)

    def set_source(self, outer):
        alias = self.alias("s_")
        tail = " with ordinality" if self.chance(0.3) else ""
        if self.chance(0.5):
            low = self.random.randint(-2, 3)
            node = Node(f"generate_series({low}, {low + self.random.randint(-1, 6)}"
                        f"{self.pick(('', ', 1', ', 2'))}){tail} as {alias}")
            kind = "int4"
        else:
            kind = self.pick(("int4", "text", "date"))
            node = Node("unnest(", self.make.literal(kind + "[]"), f"){tail} as {alias}")
        columns = [Column("x", kind)] + ([Column("n", "int8")] if tail else [])
        names = ", ".join(each.name for each in columns)
        node.parts.append(f"({names})")
        return node, qualified(alias, columns)

    def join(self, depth):
        """One source or several."""
        node, columns = self.source(depth)
        for _ in range(self.pick((0, 0, 0, 1, 1, 2))):
            verb = self.pick(("join", "left join", "join", "left join", "right join", "full join", "cross join", ","))
            laterally = columns if verb in ("join", "left join", "cross join", ",") else ()
            other, more = self.source(depth - 1, laterally)
            if verb in ("cross join", ","):
                node = Node(node, f" {verb} " if verb != "," else ", ", other)
            else:
                node = Node(node, f" {verb} ", other, " on ", self.condition(columns, more, verb == "full join"))
            columns = columns + more
        return node, columns

    def condition(self, left, right, merges):
        """FULL JOIN must be able to merge or hash."""
        pairs = [(one, other) for one in left for other in right if one.kind == other.kind and KINDS[one.kind].sorts]
        if pairs and (merges or self.chance(0.8)):
            one, other = self.pick(pairs)
            return Node(f"{one.name} = {other.name}")
        if merges:
            return Node("true")
        return self.make.safely(self.make.expression, "bool", left + right, 1)

    # --- SELECT

    def select(self, depth=2, outer=(), kinds=None, steady=False, names=True):
        """(node, columns). Each column has a name of its own where `names`."""
        common, self.common = self.common, list(self.common)
        try:
            head = self.with_clause(depth) if depth > 1 and self.chance(0.2) else None
            node, columns = self.body(depth, list(outer), kinds, steady, names)
        finally:
            self.common = common
        return (Node(head, node) if head else node), columns

    def body(self, depth, outer, kinds, steady, names):
        roll = self.random.random()
        if depth > 0 and roll < 0.12:
            return self.union(depth, outer, kinds, steady)
        if roll < 0.4:
            return self.grouped(depth, outer, kinds, names)
        return self.plain(depth, outer, kinds, steady, names)

    def wanted(self, scope, most=4):
        return [self.pick(scope).kind if scope and self.chance(0.5) else self.pick(list(KINDS))
                for _ in range(self.random.randint(1, most))]

    def outputs(self, nodes, names):
        shown, columns = [], []
        for number, node in enumerate(nodes):
            name = f"c{number + 1}"
            columns.append(Column(name, node.kind, steady=node.steady, tame=False))
            shown.append(Node(node, f" as {name}") if names or self.chance(0.3) else node)
        return joined(shown, least=len(shown) if names else 1), columns

    def where(self, scope, share=0.5):
        if not self.chance(share):
            return Node()
        return Node(" where ", self.make.safely(self.make.expression, "bool", scope, 2), optional=True)

    def plain(self, depth, outer, kinds, steady, names):
        source, own = self.join(depth) if self.chance(0.92) else (None, [])
        scope = own + outer
        kinds, self.placed = kinds or self.wanted(scope), False
        nodes = [self.output(kind, scope, steady, own) for kind in kinds]
        shown, columns = self.outputs(nodes, names)
        distinct = "distinct " if all(each.steady and KINDS[each.kind].sorts for each in nodes) and self.chance(0.12) else ""
        node = Node(f"select {distinct}", shown)
        if source:
            node.parts += [Node(" from ", source), self.where(scope)]
        return node, columns

    def output(self, kind, scope, steady, own):
        if own and not steady and self.chance(0.12):
            found = self.window(kind, scope, own)
            if found:
                return found
        node = self.make.expression(kind, scope, 2)
        return self.make.leaf(kind, [each for each in scope if each.steady]) if steady and not node.steady else node

    def grouped(self, depth, outer, kinds, names):
        source, own = self.join(depth)
        scope = own + outer
        keys, self.make.parameters = [], False
        for _ in range(self.random.randrange(3)):
            good = [each for each in own if each.steady and KINDS[each.kind].sorts]
            if good:
                key = self.pick(good)
                node = Node(key.name, kind=key.kind, steady=True)
                if self.chance(0.3):
                    made = self.make.safely(self.make.expression, self.pick(("int4", "text", "bool", "date")), own, 1, True)
                    node = made if made.steady and "(select" not in str(made) and any(
                        each.name in str(made) for each in own) else node
                keys.append(node)
        self.make.parameters = True
        nodes = [key for key in keys if not kinds and self.chance(0.8)]
        for kind in kinds or self.wanted([])[:2]:
            nodes.append(self.aggregate(kind, scope, own))
        shown, columns = self.outputs(nodes, names)
        node = Node("select ", shown, " from ", source, self.where(scope, 0.3))
        if keys:
            node.parts.append(Node(" group by ", joined([Node(str(key)) for key in keys], least=len(keys))))
        if self.chance(0.25):
            node.parts.append(Node(" having ", Node("count(*)", self.pick((" > ", " <= ", " <> ")), "1"), optional=True))
        return node, columns

    # --- aggregates and windows

    def aggregate(self, kind, scope, own):
        rows = self.aggregates.get(kind)
        if not rows:
            return self.make.coalesce(kind, [], 1, True) or self.make.literal(kind, True)
        node = self.aggregate_call(self.pick(rows), scope)
        if node is None:
            return Node("max(", self.make.leaf(kind, [each for each in own if each.steady]), ")", kind=kind) if \
                kind in ("int4", "text", "date") else Node("null::" + kind, kind=kind)
        if self.chance(0.15):
            node.parts.append(Node(" filter (where ", self.make.safely(self.make.expression, "bool", own, 1), ")", optional=True))
        return node

    def aggregate_call(self, signature, scope):
        """None where what it says would depend on the order of rows."""
        name = signature.name
        arguments = [self.make.safely(self.make.expression, kind, scope, 1, True) for kind in signature.types]
        if not arguments:
            return Node(f"{name}(*)", kind=signature.result, steady=True)
        rounded = any(kind in ROUNDED for kind in signature.types)
        order = ""
        if name.endswith("_object_agg"):        # a key must not be NULL
            arguments[0] = Node("coalesce(", Node(arguments[0], "::text"), ", 'none')", kind="text")
        if name == "array_agg" and KINDS[signature.types[0]].element:       # all of one shape, and none NULL
            element = KINDS[signature.types[0]].element
            items = [self.make.safely(self.make.leaf, element, scope, True) for _ in range(2)]
            arguments = [Node("array[", joined(items, least=2), f"]::{signature.types[0]}", kind=signature.types[0])]
        if name in ORDERED_ONLY or (rounded and name not in ("min", "max", "count")):
            order = Node(" order by ", joined([Node(text) for each in arguments for text in whole_text(f"({each})", each.kind)]))
            if any("$" in str(each) for each in arguments):
                return None
        elif name in ("min", "max") and not all(each.steady for each in arguments):
            return None
        distinct = "distinct " if not order and name not in ("count",) and len(arguments) == 1 and \
            KINDS[signature.types[0]].sorts and arguments[0].steady and self.chance(0.2) else ""
        return Node(f"{name}({distinct}", joined(arguments, least=len(arguments)), order, ")", kind=signature.result,
                    steady=KINDS[signature.result].steady and signature.result not in ROUNDED)

    def window(self, kind, scope, own):
        keys = [each for each in own if each.steady and KINDS[each.kind].sorts]
        if not keys:
            return None
        part = Node("partition by ", self.pick(keys).name, " ", optional=True) if self.chance(0.5) else Node()
        alone = len({each.name.split(".")[0] for each in own}) == 1     # EXCLUDE costs the square of the rows
        order = ", ".join(self.pick(keys).name + self.pick(("", " desc", " nulls first", " desc nulls last"))
                          for _ in range(self.random.randint(1, 2)))
        if kind == "int8" and self.chance(0.6):
            return Node(self.pick(("rank()", "dense_rank()", "count(*)")), " over (", part, f"order by {order})", kind=kind, steady=True)
        if kind == "float8":
            return Node(self.pick(("percent_rank()", "cume_dist()")), " over (", part, f"order by {order})", kind=kind)
        if kind in ("int8", "numeric"):
            source = self.pick(("int4", "int2")) if kind == "int8" else self.pick(("int8", "numeric", "int4"))
            call = "avg" if source == "int4" and kind == "numeric" else "sum"
            frame = self.pick(("", "", " range between unbounded preceding and unbounded following",
                               " groups between 1 preceding and 1 following", " range between current row and unbounded following",
                               " groups between unbounded preceding and 1 following" + " exclude group" * alone))
            return Node(f"{call}(", self.make.safely(self.make.leaf, source, own, True), ") over (", part, f"order by {order}{frame})",
                        kind=kind)
        if self.placed:             # rows alike may be placed one way here, another way there
            return None
        self.placed = True
        whole = ", ".join(each.name for each in keys)
        column = self.pick(keys)
        if len(keys) != len(own):
            return Node(f"min({column.name}) over (", part, ")", kind=column.kind, steady=True) if column.kind in (
                "int4", "text", "date", "int8") and column.kind == kind else None
        call = self.pick((f"first_value({column.name})", f"last_value({column.name})", f"lag({column.name})",
                          f"lead({column.name}, 2)", f"nth_value({column.name}, 2)", f"lag({column.name}, 1, null)"))
        frame = self.pick(("", " rows between 1 preceding and 1 following", " rows 2 preceding",
                           " rows between unbounded preceding and unbounded following"))
        return Node(call, " over (", part, f"order by {whole}{frame})", kind=column.kind, steady=True)

    # --- sets, CTEs, subqueries

    def union(self, depth, outer, kinds, steady):
        fixed = kinds is not None
        kinds = kinds or [self.pick(("int4", "text", "date", "int8", "bool", "timestamp", "uuid", "jsonb"))
                          for _ in range(self.random.randint(1, 3))]
        whole = all(KINDS[each].steady for each in kinds)
        verb = self.pick(("union all", "union", "intersect", "except", "except all", "intersect all") if whole else ("union all",))
        arms, modifiers = [], self.make.modifiers
        self.make.modifiers = False     # the planner leaves arms out that it knows to be empty, and shows what is left
        for number in range(self.random.randint(2, 3)):
            arm, columns = self.plain(depth - 1, outer, kinds, verb != "union all" or steady, not number or self.chance(0.5))
            arms.append(Node("(", arm, ")") if self.chance(0.3) else arm)
        self.make.modifiers = modifiers
        if not fixed and self.chance(0.15):
            arms[-1] = Node("select ", joined([Node("null") for _ in kinds], least=len(kinds)))
        columns = [Column(f"c{number + 1}", kind, steady=KINDS[kind].steady and verb != "union all", tame=False)
                   for number, kind in enumerate(kinds)]
        return Node(*sum(([arm, f" {verb} "] for arm in arms), [])[:-1]), columns

    def with_clause(self, depth):
        items = []
        recursive = self.chance(0.25)
        for _ in range(self.random.randint(1, 2)):
            name = self.alias("w")
            if recursive and self.chance(0.6):
                items.append(self.recursive(name))
                continue
            node, columns = self.select(depth - 2)
            hint = self.pick(("", "", "materialized ", "not materialized "))
            items.append(Node(f"{name} as {hint}(", node, ")"))
            self.common.append((name, columns))
        return Node("with recursive " if recursive else "with ", joined(items, least=len(items)), " ")

    def recursive(self, name):
        kind = self.pick(("int4", "text", "date"))
        step = {"int4": "v + n", "text": "v || n::text", "date": "v + n"}[kind]
        columns = [Column("n", "int4"), Column("v", kind)]
        self.common.append((name, columns))
        return Node(f"{name}(n, v) as (select 1, ", self.make.literal(kind), f" {self.pick(('union all', 'union'))} "
                    f"select n + 1, {step} from {name} where n < {self.random.randint(1, 6)})")

    def scalar(self, kind, scope, depth):
        """A subquery as an expression; correlated where the scope allows."""
        roll = self.random.random()
        if kind == "bool" and roll < 0.35:
            node, _ = self.select(0, scope)
            return Node(self.pick(("exists (", "not exists (")), node, ")", kind=kind, steady=True)
        if kind == "bool" and roll < 0.8:
            what = self.pick(("int4", "text", "date", "int8"))
            node, _ = self.select(0, scope, [what])
            verb = self.pick((" in (", " not in (", " = any (", " > all (", " <> all (", " <= some ("))
            return Node("(", self.make.leaf(what, scope), verb, node, "))", kind=kind, steady=True)
        rows = [each for each in self.aggregates.get(kind, ()) if len(each.types) <= 2]
        if not rows:
            return Node("(select ", self.make.safely(self.make.expression, kind, scope, 1), ")", kind=kind)
        source, own = self.source(0)
        call = self.aggregate_call(self.pick(rows), own)
        if call is None:
            return None
        return Node("(select ", call, " from ", source, self.where(own + list(scope), 0.6), ")", kind=kind, steady=call.steady)

    # --- a whole statement

    def statement(self):
        roll = self.random.random()
        if roll < 0.12:
            return self.bare()
        if roll < 0.2:
            return self.distinct_on()
        if roll < 0.5:
            return self.ordered()
        if roll < 0.56:
            return self.using()
        return self.select(2, names=self.chance(0.3))[0]

    def bare(self):
        """No table and one row: here something may fail."""
        self.make.risk = self.make.no_nulls = True
        try:
            kinds = [self.pick(list(KINDS))]
            return Node("select ", self.make.expression(kinds[0], [], 3))
        finally:
            self.make.risk = self.make.no_nulls = False

    def ordered(self):
        """Rows in an order, and perhaps not all of them."""
        node, columns = self.select(2)
        good = [each for each in columns if KINDS[each.kind].sorts]
        total = good and len(good) == len(columns) and all(each.steady for each in columns)
        alias = self.alias("o")
        keys = [f"{alias}.{each.name}" for each in self.random.sample(good, len(good))]
        if total and self.chance(0.5):
            keys = [self.pick((f"{alias}.{each.name}", str(columns.index(each) + 1), each.name)) for each in columns]
        ways = [key + self.pick(("", " asc", " desc", " nulls first", " desc nulls last", " nulls last")) for key in keys]
        rest = [each for each in columns if not each.steady] if ways and not total else [] if ways else columns
        ways += [way for each in rest for way in whole_text(f"{alias}.{each.name}", each.kind)]
        tail = ""
        if self.chance(0.5):
            tail = self.pick((" limit 3", " limit 5 offset 1", " offset 2", " fetch first 2 rows only", " limit all", " limit 0",
                              " offset 1 rows fetch next row only", " limit null", " limit 2::int8"))
        whole = Node("select * from (", node, f") as {alias} order by ", joined([Node(each) for each in ways], least=len(ways)),
                     Node(tail, optional=True))
        whole.ordered = True
        return whole

    def distinct_on(self):
        node, columns = self.select(1)
        if not all(each.steady and KINDS[each.kind].sorts for each in columns):
            return node
        keys = self.random.sample(columns, self.random.randint(1, len(columns)))
        rest = [each.name for each in columns if each not in keys]
        order = ", ".join([each.name + self.pick(("", " desc")) for each in keys] + rest)
        whole = Node(f"select distinct on ({', '.join(each.name for each in keys)}) * from (", node, f") as s order by {order}")
        whole.ordered = True
        return whole

    def using(self):
        """Columns that a join merges."""
        one, other = self.pick(self.tables), self.pick(self.tables)
        verb = self.pick(("join", "left join", "right join", "full join"))
        names = {each.name: each.kind for each in one.columns}
        shared = [each.name for each in other.columns if names.get(each.name) == each.kind and KINDS[each.kind].sorts]
        if not shared:
            return Node(f"select * from {one.name} a, {other.name} b")
        if self.chance(0.3) and all(names.get(each.name, each.kind) == each.kind and KINDS[each.kind].sorts for each in other.columns):
            return Node(f"select {self.pick(('*', shared[0], 'a.*'))} from {one.name} a natural {verb} {other.name} b")
        chosen = self.random.sample(shared, self.random.randint(1, min(2, len(shared))))
        what = self.pick(("*", chosen[0], f"a.{chosen[0]}, b.{chosen[0]}, {chosen[0]}", "b.*, a.*", "a"))
        what = "*" if what == "a" else what
        return Node(f"select {what} from {one.name} a {verb} {other.name} b using ({', '.join(chosen)})")


def whole_text(name, kind):
    """Keys that only what looks alike has in common."""
    return [f"{name}::text"] + [f"octet_length({name})"] * (kind == "bpchar")


def qualified(alias, columns):
    return [Column(f"{alias}.{each.name}", each.kind, each.steady, each.tame, each.key, each.not_null) for each in columns]
