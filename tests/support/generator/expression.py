"""Expressions of a wanted type over the columns of a scope."""

from .tree import Node, Parameter, joined
from .value import ARRAY_OIDS, KINDS, MOMENTS, NUMBERS, STRINGS, WHOLE, binary, quoted

# Arguments that must be one of few words, by function and place.
FIELDS = ("year", "month", "day", "hour", "minute", "second", "quarter", "week", "decade", "dow", "doy", "epoch",
          "isodow", "isoyear", "century", "millennium", "milliseconds", "microseconds")
PATTERNS = ("^a", "b+", "[a-c]+", "(a)(b)", "o", "^$", "\\d+", "\\s", "[[:upper:]]", "l{2}", "a|h", "(?i)ABC", ".", "x*")
LIKES = ("a%", "%b%", "_b_", "%", "", "A%", "%o", "50\\%", "ü%", "%é%", "_", "a\\%")
NUMBER_FORMATS = ("999", "9990.99", "FM999.0", "S999", "000", "999,999.9", "9.9EEEE", "MI99", "RN", "99PR", "L99", "x")
TIME_FORMATS = ("YYYY-MM-DD", "HH24:MI:SS", "Mon DD, YYYY", "FMDay", "DY", "Q", "IYYY-IW", "HH12 AM", "MS US", "J",
                "YYYY\"y\"", "DDTH", "FMMonth", "CC", "WW", "SSSS", "TZ", "D ID")
WORDS = {("date_part", 0): FIELDS, ("date_trunc", 0): FIELDS[:9], ("extract", 0): FIELDS,
         ("timezone", 0): ("UTC", "Europe/Berlin", "America/New_York", "+03", "Asia/Kolkata"),
         ("encode", 1): ("hex", "base64", "escape"), ("decode", 1): ("hex", "base64", "escape"),
         ("normalize", 1): ("NFC",), ("regexp_replace", 3): ("", "g", "i"), ("is_normalized", 1): ("NFC",)}
for each in ("regexp_replace", "regexp_match", "regexp_split_to_array", "regexp_count", "regexp_like", "regexp_instr",
             "regexp_substr"):
    WORDS[each, 1] = PATTERNS
for each in ("~", "~*", "!~", "!~*"):
    WORDS[each, 1] = PATTERNS
for each in ("~~", "~~*", "!~~", "!~~*"):
    WORDS[each, 1] = LIKES
PATHS = ("{a}", "{a,b}", "{a,b,0}", "{0}", "{-1,a}", "{}", "{k}", "{x,y}")
JSON_PATHS = ("$.a", "$[*]", "$.a.b[1]", "$.*", "$.k ? (@ == \"v\")", "strict $.a", "$.a > 0", "$")
CALLS = ("extract", "substring", "position", "overlay", "trim")
# What can fail on ordinary values. What it says of all others is that their
# answer does not depend on what else is computed before.
RISKY = {"/", "%", "div", "mod", "<<", ">>", "^", "|/", "!", "@@", "@?", "sqrt", "ln", "log", "log10", "power", "pow", "exp",
         "dexp", "asin", "acos", "acosd", "asind", "acosh", "atanh", "factorial", "chr", "decode", "encode", "to_number", "to_date",
         "to_timestamp", "make_date", "make_time", "make_timestamp", "make_timestamptz", "make_interval", "date_bin", "get_bit",
         "get_byte", "set_bit", "set_byte", "substring", "substr", "overlay", "split_part", "left", "right", "width_bucket",
         "jsonb_set", "jsonb_insert", "jsonb_set_lax", "#-", "-", "jsonb_object", "json_object", "json_array_length",
         "jsonb_array_length", "json_object_agg", "jsonb_object_agg", "unistr", "trim_array", "array_remove", "array_replace",
         "array_cat", "array_append", "array_prepend", "||", "array_position", "array_positions", "gcd", "lcm", "timezone", "format", "normalize",
         "is_normalized", "to_char", "string_to_array", "regexp_count", "regexp_instr", "regexp_substr", "regexp_like", "xml",
         "int2", "int4", "int8", "numeric", "float4", "float8", "date", "time", "timestamp", "timestamptz", "interval", "bool",
         "cot", "cotd", "sinh", "cosh", "date_trunc", "justify_interval", "age", "&&", "@>", "<@", "jsonb_build_object",
         "json_build_object", "array_to_json", "similar_to_escape", "to_hex", "json_populate_record", "jsonb_populate_record",
         "regexp_replace", "regexp_match", "regexp_split_to_array", "translate", "enum_range", "bit_count", "date_part", "extract"}
MODIFIED = ("varchar", "bpchar", "numeric", "time", "timestamp", "timestamptz", "interval", "numeric[]", "varchar[]")
TAME_MINUS = {"int4", "int8", "numeric", "float8"}
LEAF = {"make_interval", "*", "^", "power", "pow", "cosh", "sinh", "exp", "factorial", "<<", "pow"}
NUMBER_AGGREGATES = {"sum", "avg", "variance", "var_pop", "var_samp", "stddev", "stddev_pop", "stddev_samp"}


class Expressions:
    """`risk`: whether what is made now may fail at run time."""

    def __init__(self, random, signatures):
        self.random, self.risk, self.parameters = random, False, True
        self.modifiers = True       # a cast may have one
        self.no_nulls = False       # a NULL beside it may keep what fails from being computed
        self.subquery = None        # set by queries: (kind, scope, depth) -> Node
        self.by_result = {name: {} for name in KINDS}
        for each in signatures:
            if not each.is_aggregate:
                names = self.by_result[each.result]
                names.setdefault((each.name, each.is_operator), []).append(each)

    def pick(self, items):
        return self.random.choice(items)

    def chance(self, share):
        return self.random.random() < share

    # --- values

    def text_of(self, kind, tame=True):
        known = KINDS[kind]
        if known.ends and not tame and self.chance(0.25):
            return self.pick(known.ends)
        return self.pick(known.texts)

    def literal(self, kind, tame=True, bare=False):
        """A constant in one of the ways to say it."""
        if self.chance(0.06) and not self.no_nulls:
            return Node("NULL::" + kind, kind=kind, steady=True)
        text = self.text_of(kind, tame)
        roll = self.random.random()
        if self.parameters and roll < 0.2 and kind != "mood":
            return self.parameter(kind, text)
        if kind in NUMBERS and not set(text) - set("0123456789.") and roll < 0.8:
            return self.number(kind, text)
        if kind == "bool" and roll < 0.7:
            return Node(self.pick(("true", "false")), kind=kind, steady=True)
        if kind == "text" and (bare or roll < 0.4):
            return Node(quoted(text), kind=kind, steady=True)
        if roll < 0.5 and kind in ("date", "time", "timestamp", "timestamptz", "interval", "uuid", "jsonb", "bytea", "float8"):
            return Node(f"{kind} {quoted(text)}", kind=kind, steady=KINDS[kind].steady)
        if roll < 0.6:
            return Node(f"cast({quoted(text)} as {kind})", kind=kind, steady=KINDS[kind].steady)
        return Node(f"{quoted(text)}::{kind}", kind=kind, steady=KINDS[kind].steady)

    def number(self, kind, text):
        natural = "numeric" if "." in text else "int4" if int(text) < 2**31 else "int8"
        if kind == natural:
            return Node(text, kind=kind, steady=kind != "numeric")
        return Node(f"{text}::{kind}", kind=kind, steady=kind != "numeric")

    def parameter(self, kind, text):
        """Declared in Parse, or cast where it stands; as text or in binary."""
        steady = KINDS[kind].steady
        value = None if self.chance(0.08) and not self.no_nulls else text
        if self.chance(0.4):
            data = binary(kind, value) if value is not None and self.chance(0.5) else None
            return Parameter("hex:" + data.hex() if data is not None else value, KINDS[kind].oid, kind)
        return Node(Parameter(value, 0, None), "::" + kind, kind=kind, steady=steady)

    def column(self, kind, scope, tame=False):
        fitting = [each for each in scope if each.kind == kind and (each.tame or not tame)]
        if not fitting:
            return None
        each = self.pick(fitting)
        return Node(each.name, kind=kind, steady=each.steady)

    def leaf(self, kind, scope, tame=False):
        if scope and self.chance(0.75):
            found = self.column(kind, scope, tame)
            if found:
                return found
        return self.literal(kind, tame or not self.risk)

    # --- expressions

    def expression(self, kind, scope, depth=2, tame=False):
        if depth <= 0 or self.chance(0.2):
            return self.leaf(kind, scope, tame)
        roll = self.random.random()
        if roll < 0.62:
            found = self.call(kind, scope, depth)
        elif roll < 0.92 or not self.subquery:
            found = self.form(kind, scope, depth, tame)
        else:
            found = self.subquery(kind, scope, depth - 1)
        return found or self.leaf(kind, scope, tame)

    def is_risky(self, signature):
        if signature.name in ("+", "-", "*") and signature.is_operator:
            return not (signature.result in TAME_MINUS and all(each in TAME_MINUS for each in signature.types))
        if signature.name == "||":
            return "text" not in signature.types or any(each.endswith("[]") for each in signature.types)
        return signature.name in RISKY

    def call(self, kind, scope, depth):
        names = self.by_result[kind]
        for _ in range(4 if names else 0):
            signature = self.pick(names[self.pick(list(names))])
            if self.risk or not self.is_risky(signature):
                return self.apply(signature, scope, depth)
        return None

    def apply(self, signature, scope, depth):
        if signature.name in LEAF:
            depth = 1
        risk, chain = self.risk, self.random.randrange(len(signature.types) or 1)
        arguments = []
        for place, kind in enumerate(signature.types):
            self.risk = risk and place == chain     # one error at most
            if signature.name == "to_char" and place:
                formats = NUMBER_FORMATS if signature.types[0] in NUMBERS else TIME_FORMATS
                arguments.append(Node(quoted(self.pick(formats)), kind=kind))
                continue
            arguments.append(self.argument(signature.name, place, kind, scope, depth - 1))
        self.risk = risk
        if signature.is_prefix:
            parts = ["(", signature.name, " ", arguments[0], ")"]
        elif signature.is_operator:
            parts = ["(", arguments[0], f" {signature.name} ", arguments[1], ")"]
        else:
            parts = [f"{signature.name}(", joined(arguments, least=len(arguments)), ")"]
        return Node(*parts, kind=signature.result, steady=self.stays_steady(signature.result))

    def stays_steady(self, kind):
        return KINDS[kind].steady and kind not in ("float4", "float8", "bpchar", "float8[]")

    def argument(self, name, place, kind, scope, depth):
        words = WORDS.get((name, place))
        if words and (not self.risk or self.chance(0.9)):
            return Node(quoted(self.pick(words)), kind=kind)
        if name in ("to_date", "to_timestamp", "to_number") and place == 1:
            return Node(quoted(self.pick(TIME_FORMATS[:4] if name != "to_number" else NUMBER_FORMATS)), kind=kind)
        if kind == "text[]" and name in ("#>", "#>>", "#-", "jsonb_set", "jsonb_insert", "jsonb_set_lax"):
            return Node(quoted(self.pick(PATHS)), kind=kind)
        if kind in NUMBERS and name in LEAF:
            return self.leaf(kind, scope, True)
        if self.chance(0.1) and kind in STRINGS + ("int4", "numeric", "date", "jsonb") and place:
            return Node(quoted(self.text_of(kind)), kind=None)      # its type is inferred
        return self.expression(kind, scope, depth, tame=not self.risk)

    # --- forms with a grammar of their own

    def form(self, kind, scope, depth, tame):
        forms = [self.case, self.coalesce, self.cast]
        if KINDS[kind].sorts:
            forms += [self.greatest, self.nullif]
        if kind == "bool":
            forms = [self.compare, self.compare, self.test, self.between, self.among, self.logic, self.logic,
                     self.any_all, self.rows, self.like, *forms]
        elif kind in ("text", "int4", "numeric", "float8"):
            forms += [self.spelled] * 3 + [self.slice] * (kind == "text")
        elif kind in MOMENTS or kind == "timestamptz":
            forms += [self.zone]
        elif KINDS[kind].element:
            forms += [self.array]
        if kind + "[]" in KINDS:
            forms += [self.subscript]
        return self.pick(forms)(kind, scope, depth, tame)

    def safely(self, make, *arguments, **more):
        risk, self.risk = self.risk, False
        try:
            return make(*arguments, **more)
        finally:
            self.risk = risk

    def inner(self, kind, scope, depth, tame=False):
        """Where it may never be computed, it must not fail."""
        return self.safely(self.expression, kind, scope, depth - 1, tame)

    def some_kind(self, scope):
        if scope and self.chance(0.7):
            return self.pick(scope).kind
        return self.pick(list(KINDS))

    def comparable(self, scope):
        kind = self.some_kind(scope)
        return kind if KINDS[kind].sorts else "int4"

    def case(self, kind, scope, depth, tame):
        inner = lambda: self.inner(kind, scope, depth, tame)  # noqa: E731
        if self.chance(0.3):
            what = self.pick(("int4", "text"))
            head = Node("case ", self.inner(what, scope, depth), " when ", self.literal(what), " then ", inner())
        else:
            head = Node("case when ", self.inner("bool", scope, depth), " then ", inner())
        return self.without_modifier(head, *[Node(" else ", inner(), optional=True) for _ in range(self.random.randrange(2))], " end",
                    kind=kind, steady=self.stays_steady(kind))

    def coalesce(self, kind, scope, depth, tame):
        items = [self.inner(kind, scope, depth, tame) for _ in range(self.random.randint(1, 3))]
        return self.without_modifier("coalesce(", joined(items), ")", kind=kind, steady=self.stays_steady(kind))

    def without_modifier(self, *parts, kind, steady):
        """A branch that the planner knows to be taken would show its own."""
        if kind == "numeric":
            return Node("(", *parts, " + 0)", kind=kind)
        if kind in MODIFIED:
            return None
        return Node(*parts, kind=kind, steady=steady)

    def greatest(self, kind, scope, depth, tame):
        items = [self.inner(kind, scope, depth, tame) for _ in range(self.random.randint(1, 3))]
        return Node(self.pick(("greatest(", "least(")), joined(items), ")", kind=kind, steady=self.stays_steady(kind))

    def nullif(self, kind, scope, depth, tame):
        return Node("nullif(", self.inner(kind, scope, depth, tame), ", ", self.inner(kind, scope, 1, tame), ")",
                    kind=kind, steady=self.stays_steady(kind))

    def cast(self, kind, scope, depth, tame):
        sources = {"text": ["int4", "numeric", "bool", "date", "timestamp", "interval", "uuid", "jsonb", "int4[]", "float8",
                            "bytea", "mood", "text[]", "timestamptz", "bpchar", "json", "time"],
                   "varchar": ["text", "int8"], "int8": ["int4", "int2"], "int4": ["int2", "bool"], "jsonb": ["json"],
                   "numeric": ["int4", "int8", "int2"], "float8": ["int4", "float4", "numeric"], "float4": ["int2"],
                   "timestamp": ["date"], "timestamptz": ["date"], "date": ["timestamp"], "time": ["timestamp"],
                   "int8[]": ["int4[]"], "text[]": ["int4[]", "date[]"], "numeric[]": ["int4[]"], "json": ["jsonb"],
                   "interval": ["time"], "bpchar": ["text"]}.get(kind, [])
        if self.risk and self.chance(0.6):
            sources = ["text"] if kind not in NUMBERS else [*NUMBERS, "text"]
        if not sources:
            return None
        inner = self.expression(self.pick(sources), scope, depth - 1, tame=not self.risk)
        target = kind
        if kind == "varchar" or kind == "bpchar":
            target = f"{kind if kind == 'varchar' else 'char'}({self.random.randint(1, 8)})"
        elif kind == "numeric" and self.chance(0.5):
            target = f"numeric({self.random.randint(12, 20)},{self.random.randint(0, 4)})"
        elif kind in ("timestamp", "timestamptz", "time") and self.modifiers and self.chance(0.2):
            target = f"{kind}({self.random.randint(0, 6)})"
        parts = ("cast(", inner, f" as {target})") if self.chance(0.3) else ("(", inner, f")::{target}")
        return Node(*parts, kind=kind, steady=self.stays_steady(kind))

    def compare(self, kind, scope, depth, tame):
        what = self.comparable(scope)
        other = what
        if what in NUMBERS and self.chance(0.3):
            other = self.pick(NUMBERS)
        elif what in ("date", "timestamp") and self.chance(0.3):
            other = self.pick(("date", "timestamp"))
        right = self.inner(other, scope, depth - 1)
        if other == what and self.chance(0.25):
            right = Node(quoted(self.text_of(what))) if self.chance(0.6) or what == "mood" else \
                Parameter(self.text_of(what), 0, None)
        operator = self.pick(("=", "<>", "<", "<=", ">", ">=", "!=", "is distinct from", "is not distinct from"))
        return Node("(", self.inner(what, scope, depth), f" {operator} ", right, ")", kind="bool", steady=True)

    def test(self, kind, scope, depth, tame):
        if self.chance(0.4):
            return Node("(", self.inner("bool", scope, depth), self.pick((" is true", " is not true", " is unknown",
                        " is not unknown", " is false", " is not false")), ")", kind="bool", steady=True)
        return Node("(", self.inner(self.some_kind(scope), scope, depth), self.pick((" is null", " is not null", " isnull")),
                    ")", kind="bool", steady=True)

    def between(self, kind, scope, depth, tame):
        what = self.comparable(scope)
        return Node("(", self.inner(what, scope, depth), self.pick((" between ", " not between ", " between symmetric ")),
                    self.inner(what, scope, 1), " and ", self.inner(what, scope, 1), ")", kind="bool", steady=True)

    def among(self, kind, scope, depth, tame):
        what = self.comparable(scope)
        items = [self.inner(what, scope, 1) if self.chance(0.5) else Node(quoted(self.text_of(what)))
                 for _ in range(self.random.randint(1, 4))]
        return Node("(", self.inner(what, scope, depth), self.pick((" in (", " not in (")), joined(items), "))",
                    kind="bool", steady=True)

    def logic(self, kind, scope, depth, tame):
        if self.chance(0.25):
            return Node("(not ", self.inner("bool", scope, depth), ")", kind="bool", steady=True)
        return Node("(", self.inner("bool", scope, depth), self.pick((" and ", " or ")), self.inner("bool", scope, depth), ")",
                    kind="bool", steady=True)

    def any_all(self, kind, scope, depth, tame):
        what = self.pick(list(ARRAY_OIDS))
        return Node("(", self.inner(what, scope, depth), self.pick((" = any (", " <> all (", " < any (", " >= all (")),
                    self.inner(what + "[]", scope, 1), "))", kind="bool", steady=True)

    def rows(self, kind, scope, depth, tame):
        kinds = [self.comparable(scope) for _ in range(self.random.randint(2, 3))]
        side = lambda: joined([self.inner(each, scope, 1) for each in kinds], least=len(kinds))  # noqa: E731
        if self.chance(0.25):
            return Node("((", side(), ") in ((", side(), "), (", side(), ")))", kind="bool", steady=True)
        return Node("((", side(), ")", self.pick((" = ", " <> ", " < ", " >= ", " is distinct from ")), "(", side(), "))",
                    kind="bool", steady=True)

    def like(self, kind, scope, depth, tame):
        verb = self.pick((" like ", " not like ", " ilike ", " not ilike ", " similar to ", " ~ ", " !~* "))
        pattern = self.pick(PATTERNS[:5]) if "~" in verb else self.pick(LIKES[:7])
        tail = " escape '!'" if "like" in verb and self.chance(0.15) else ""
        return Node("(", self.inner(self.pick(STRINGS), scope, depth), verb, quoted(pattern), tail, ")", kind="bool", steady=True)

    def zone(self, kind, scope, depth, tame):
        if kind == "date":
            return Node("(", self.expression("date", scope, depth - 1, True), self.pick((" + ", " - ")),
                        self.leaf("int4", [], True), ")", kind=kind, steady=True)
        source = {"timestamp": "timestamptz", "timestamptz": "timestamp"}[kind]
        return Node("(", self.expression(source, scope, depth - 1, True), " at time zone ",
                    quoted(self.pick(WORDS["timezone", 0])), ")", kind=kind, steady=True)

    def array(self, kind, scope, depth, tame):
        element = KINDS[kind].element
        items = [self.inner(element, scope, 1) for _ in range(self.random.randint(1, 3))]
        return Node("array[", joined(items), "]::", kind, kind=kind, steady=self.stays_steady(kind))

    def slice(self, kind, scope, depth, tame):
        if kind == "text":
            kind = self.pick(list(ARRAY_OIDS)) + "[]"       # in binary a slice remembers that there were NULLs
            return Node(self.slice(kind, scope, depth, tame), "::text", kind="text", steady=self.stays_steady(kind))
        low, high = self.random.randint(-1, 3), self.random.randint(0, 4)
        return Node("(", self.inner(kind, scope, depth), f")[{self.pick((low, ''))}:{self.pick((high, ''))}]", kind=kind,
                    steady=self.stays_steady(kind))

    def subscript(self, kind, scope, depth, tame):
        return Node("(", self.inner(kind + "[]", scope, depth), ")[", self.inner("int4", [], 0, True), "]", kind=kind,
                    steady=self.stays_steady(kind))

    def spelled(self, kind, scope, depth, tame):
        """Calls that have words in them."""
        of = lambda name: self.expression(name, scope, depth - 1, True)  # noqa: E731
        if kind == "numeric":
            field, source = self.pick(FIELDS), self.pick(("timestamp", "timestamptz", "interval"))
            field = self.pick(FIELDS[:6]) if source == "interval" else field
            return Node(f"extract({field} from ", of(source), ")", kind=kind)
        if kind == "int4":
            return Node("position(", of("text"), " in ", of("text"), ")", kind=kind, steady=True)
        if kind == "float8":
            return Node("date_part('", self.pick(FIELDS), "', ", of("timestamp"), ")", kind=kind)
        count = lambda: str(self.random.randint(1, 5))  # noqa: E731
        parts = self.pick((("substring(", of("text"), f" from {count()} for {count()})"),
                           ("substring(", of("text"), " from ", quoted(self.pick(PATTERNS)), ")"),
                           ("overlay(", of("text"), " placing ", of("text"), f" from {count()} for {count()})"),
                           (f"trim({self.pick(('both', 'leading', 'trailing'))} ", of("text"), " from ", of("text"), ")"),
                           ("left(", of("text"), f", {self.random.randint(-3, 5)})"),
                           ("lpad(", of("text"), f", {count()}, ", of("text"), ")"),
                           ("repeat(", of("text"), f", {count()})"),
                           ("split_part(", of("text"), f", {quoted(self.pick((' ', ',', 'b')))}, {count()})"),
                           ("to_char(", of("timestamp"), f", {quoted(self.pick(TIME_FORMATS))})"),
                           ("to_char(", of("numeric"), f", {quoted(self.pick(NUMBER_FORMATS[:8]))})"),
                           ("concat(", of("text"), ", ", of("int4"), ", ", of("bool"), ")"),
                           ("format('%s-%I-%L', ", of("text"), ", 'a b', ", of("text"), ")")))
        return Node(*parts, kind=kind, steady=True)
