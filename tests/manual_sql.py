"""The parts of proxy/weir-sql.7 that weir itself writes: what becomes of the
statements named there, and the tables of what is supported. As a program it
writes them (`make manual`); tests/test_explain.py says when they are stale.

In the page each block of the examples begins with the statement, up to a line
that ends with a semicolon."""

import os
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).parents[1] / "proxy" / "weir-sql.7"
BEGIN_SCHEMA, END_SCHEMA = '.\\" begin schema\n', '.\\" end schema\n'
BEGIN_BLOCK, END_BLOCK, END_EXAMPLES = ".Bd -literal\n", ".Ed\n", '.\\" end examples\n'
BEGIN_SUPPORTED, END_SUPPORTED = '.\\" begin supported\n', '.\\" end supported\n'


def ask(*arguments):
    weir = os.environ.get("WEIR", "build/release/weir")
    return subprocess.run([weir, "explain-sql", *arguments], capture_output=True, text=True).stdout


def escaped(text):
    """As mdoc takes it."""
    lines = text.replace("\\", "\\e").split("\n")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def between(text, begin, end):
    return text.split(begin, 1)[1].split(end, 1)[0]


def schema(page):
    return "".join(line for line in between(page, BEGIN_SCHEMA, END_SCHEMA).splitlines(True)
                   if not line.startswith("."))


def plain(text):
    return text.replace("\\e", "\\").replace("\\&", "")


def statements(page):
    blocks = between(page, END_SCHEMA, END_EXAMPLES).split(BEGIN_BLOCK)[1:]
    return [plain(block.split(END_BLOCK)[0].split(";\n")[0]) for block in blocks]


def example(tables, statement):
    answer = ask("--schema", tables, statement)
    return f"{BEGIN_BLOCK}{escaped(statement)};\n\n{escaped(answer)}{END_BLOCK}"


def renewed(page):
    """The page with what weir says now."""
    tables = schema(page)
    head, rest = page.split(END_SCHEMA, 1)
    tail = rest.split(END_EXAMPLES, 1)[1]
    middle, rest = tail.split(BEGIN_SUPPORTED, 1)
    end = rest.split(END_SUPPORTED, 1)[1]
    examples = "".join(example(tables, statement) for statement in statements(page))
    return (head + END_SCHEMA + examples + END_EXAMPLES + middle
            + BEGIN_SUPPORTED + ask("--supported") + END_SUPPORTED + end)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
    sys.exit(0)
