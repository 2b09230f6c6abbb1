"""Writes protocol/dialect/operator_table_absent.c and function_table_absent.c:
what a Postgres has and our tables have not. Reads what our tables have from
their sources.

    make_absent_tables.py postgresql://..."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parents[2] / "protocol"
OPERATORS = """
select oprname, oprleft, oprright, oprresult from pg_operator
where oprcode <> 0 and oprnamespace = 'pg_catalog'::regnamespace order by oprname collate "C", oprleft, oprright"""
# Without what implements operators, types and indexes: nobody calls that.
FUNCTIONS = """
select proname, array_to_string(proargtypes::oid[], ' '), prorettype, pronargdefaults,
       concat_ws(' | ', case when prokind = 'a' then 'CALL_AGGREGATE' when prokind = 'w' then 'CALL_WINDOW' end,
                 case when proretset then 'CALL_SET' end, case when provariadic <> 0 then 'CALL_VARIADIC' end)
from pg_proc p left join pg_description d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
     left join pg_aggregate a on a.aggfnoid = p.oid
where pronamespace = 'pg_catalog'::regnamespace and prokind in ('f', 'a', 'w') and coalesce(aggkind, 'n') = 'n'
  and not proargtypes::oid[] && array['internal'::regtype::oid, 'cstring'::regtype::oid]
  and prorettype not in ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype, 'void'::regtype,
      'language_handler'::regtype, 'fdw_handler'::regtype, 'index_am_handler'::regtype, 'tsm_handler'::regtype)
  and coalesce(d.description, '') !~ '^(implementation of|I/O|internal|less-equal|hash|aggregate (tran|fin)|deprecated|larger|smaller|statis|selec)'
  and proname !~ '(send|_cmp|hashextended|larger|smaller|_accum|_combine|_inv|_subdiff|_canonical|_hash|_transfn|_escape|_validator)$'
  and proname !~ '^(binary_upgrade|pg_stat_get|hash|in_range|gin|gist|spg|brin|bt|lo_|RI_|numeric_|int[48](inc|dec)|dlog|dround|dtrunc|dexp)'
order by proname collate "C", array_length(proargtypes, 1), proargtypes"""
HEAD = """/*
 * {what} that Postgres has and weir has not: they take part in the
 * choice of what is meant, and are refused when they are. Made by
 * tests/dialect/make_absent_tables.py; types are given by OID.
 */
#include "protocol/dialect/{header}"

"""


def ask(url, sql):
    told = subprocess.run(["psql", "-XqAt", "-F", "\t", url, "-c", sql], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in told.splitlines()]


def type_oids():
    text = "".join((HERE / name).read_text() for name in ("type.h", "dialect/pseudo_type.h"))
    return {name: int(oid) for name, oid in re.findall(r"(OID_\w+) = (\d+)", text)}


def number(word, oids):
    return int(word) if word.isdigit() else oids[word]


def known_operators(oids):
    text = (HERE / "dialect/operator_table.c").read_text()
    return {(name, number(left, oids), number(right, oids))
            for name, left, right in re.findall(r'\{ "([^"]+)",\s*(\w+),\s*(\w+),\s*\w+,', text)}


def known_functions(oids):
    found = set()
    for path in HERE.glob("dialect/function_table_*.c"):
        for name, count, types in re.findall(r'\{ "([^"]+)",\s*(\d+),\s*\d+,\s*\{([^}]*)\}', path.read_text()):
            words = [number(word.strip(), oids) for word in types.split(",") if word.strip()]
            found.add((name, tuple(words[:int(count)])))
    return found


def write(name, what, header, kind, array, rows):
    (HERE / "dialect" / name).write_text(
        HEAD.format(what=what, header=header) + kind + f" {array}[] = {{\n" + "".join(f"\t{row},\n" for row in rows) + "};\n\n"
        f"const size_t {array}_count = sizeof({array}) / sizeof({array}[0]);\n")


def main():
    oids, url = type_oids(), sys.argv[1]
    known = known_operators(oids)
    write("operator_table_absent.c", "Operators", "operator_table.h", "const struct operator_row", "operator_rows_absent",
          [f'{{ "{name}", {left}, {right}, {result}, NULL }}' for name, left, right, result in ask(url, OPERATORS)
           if (name, int(left), int(right)) not in known])
    known = known_functions(oids)
    rows = []
    for name, types, result, defaults, flags in ask(url, FUNCTIONS):
        words = types.split()
        if (name, tuple(map(int, words))) in known or len(words) > 7:
            continue
        rows.append(f'ABSENT("{name}", {len(words)}, {defaults}, {result}, {flags or 0}, {", ".join(words) or 0})')
    write("function_table_absent.c", "Functions", "function_table.h",
          "#define ABSENT(name_, count_, defaults_, result_, flags_, ...) \\\n\t{ .name = (name_), .arguments = (count_), "
          ".defaults = (defaults_), \\\n\t  .types = { __VA_ARGS__ }, .result = (result_), .flags = (flags_) }\n\n"
          "const struct call_row", "function_rows_absent", rows)


main()
