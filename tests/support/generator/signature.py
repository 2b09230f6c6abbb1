"""What Postgres itself says it can compute: its operators and functions over
the types of value.py, from pg_catalog. Polymorphic ones stand for a few types
each."""

import dataclasses

from .value import KINDS, OIDS

OPERATORS = """
select 'o', oprname, oprleft::int8::text, oprright::int8::text, oprresult::int8::text
from pg_operator where oprcode <> 0 and oprnamespace = 'pg_catalog'::regnamespace order by oid"""
FUNCTIONS = """
select prokind::text, proname, array_to_string(proargtypes::oid[], ' '), provariadic::int8::text, prorettype::int8::text
from pg_proc p left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
where pronamespace = 'pg_catalog'::regnamespace and provolatile in ('i', 's') and not proretset
  and prokind in ('f', 'a')
  and proname !~ '^(pg_|has_|txid|hash|inet_|query_to|table_to|schema_to|database_to|cursor_to|ts_|to_ts|gin_|xml|in_range|int[248](inc|dec)|numeric_|dlog|dround|dtrunc|dexp)'
  and proname !~ '(send|_cmp|larger|smaller|_subdiff|_escape|_hash|hashextended|_accum|_combine|_inv)$'
  and coalesce(d.description, '') !~ '^(implementation of|I/O|internal|less-equal-greater|hash|aggregate tran|aggregate fin|deprecated)'
order by p.oid"""
POLYMORPHIC = {2283: "any", 2776: "any", 5077: "any", 5079: "any", 2277: "array", 5078: "array", 3500: "enum"}
STAND_INS = ("int4", "text", "numeric", "date", "bool")
# What depends on the server, the clock or another order than one says, costs too
# much, or tells of the catalog.
NEVER = {"now", "random", "timeofday", "statement_timestamp", "clock_timestamp", "transaction_timestamp", "version",
         "set_config", "current_setting", "current_query", "parse_ident", "current_schemas", "obj_description", "shobj_description", "col_description",
         "array_fill", "repeat", "lpad", "rpad", "current_schema", "getdatabaseencoding", "getpgusername",
         "regexp_matches", "mode", "percentile_cont", "percentile_disc", "rank", "dense_rank", "percent_rank",
         "cume_dist", "format_type", "row_security_active", "session_user", "current_user", "current_database",
         "nextval", "currval", "lastval", "setval", "set_bit", "set_byte", "convert", "convert_from", "convert_to",
         "to_ascii", "notlike", "like", "textlen", "bpchar", "varchar"}


@dataclasses.dataclass(frozen=True)
class Signature:
    name: str
    types: tuple
    result: str
    is_operator: bool
    is_aggregate: bool = False
    is_prefix: bool = False


def read_signatures(road, ask):
    """Those of operators, functions and aggregates, in the catalog's order."""
    found = []
    for kind, name, left, right, result in ask(road, OPERATORS):
        types = [int(left), int(right)] if int(left) else [int(right)]
        found += instances(name, types, int(result), dict(is_operator=True, is_prefix=not int(left)))
    for kind, name, types, variadic, result in ask(road, FUNCTIONS):
        if name in NEVER:
            continue
        oids = [int(oid) for oid in types.split()]
        if int(variadic):
            if int(variadic) not in OIDS and int(variadic) not in POLYMORPHIC and int(variadic) != 2276:
                continue
            oids = oids[:-1] + [int(variadic)] * 2
        found += instances(name, oids, int(result), dict(is_operator=False, is_aggregate=kind == "a"))
    return found


def instances(name, oids, result, more):
    """A signature for each type that may stand in, or one."""
    flexible = any(oid in POLYMORPHIC or oid == 2276 for oid in oids)
    for stand_in in STAND_INS if flexible else ("",):
        types = [named(oid, stand_in) for oid in oids]
        told = named(result, stand_in)
        if told and all(types):
            yield Signature(name, tuple(types), told, **more)


def named(oid, stand_in):
    role = POLYMORPHIC.get(oid)
    if role == "any" or oid == 2276:
        return stand_in
    if role == "array":
        return stand_in + "[]"
    if role == "enum":
        return "mood"
    return OIDS.get(oid)


def by_result(signatures):
    found = {name: [] for name in KINDS}
    for signature in signatures:
        found[signature.result].append(signature)
    return found
