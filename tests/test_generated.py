"""Random SQL over random schemas, asked of Postgres and of weir on a SQLite
file: the proof `dialect` in small, from a seed that is always the same."""

import io
import types

from prove.dialect import Examiner, excuse
from support.dialect import Answer
from support.generator.tree import Node

ROUNDS, STATEMENTS = 2, 150


def test_random_statements_are_answered_as_by_postgres(cluster):
    told = io.StringIO()
    examiner = Examiner(1, told)
    for number in range(ROUNDS):
        examiner.hold(number, STATEMENTS, cluster)
    assert not told.getvalue()
    assert examiner.figures["equal"] > ROUNDS * STATEMENTS / 2


class Says:
    """A server that says this of these statements, and nothing of others."""

    def __init__(self, **codes):
        self.codes = {f"select {text}": code for text, code in codes.items()}

    def put(self, statement):
        return failed(self.codes.get(statement.text, ""))


def failed(code):
    return Answer(error={"C": code} if code else None)


def asked(truth="", lite="", **parts):
    """What is made of two answers to `f(part)`."""
    pair = types.SimpleNamespace(truth=Says(**parts), lite=Says(**parts))
    tree = Node("select ", Node("f(", Node("part", kind="int4"), ")", kind="int4"))
    return excuse(tree, failed(truth), failed(lite), pair)


def test_only_an_error_that_a_part_has_by_itself_is_no_difference():
    assert asked(lite="22P02", part="22P02") and asked(truth="22012", part="22012")
    assert not asked(lite="22P02") and not asked(lite="22P02", part="22012")
    assert not asked(truth="22012", lite="22P02", part="22P02")
    assert not asked(lite="42883", part="42883") and not asked(lite="XX000", part="XX000")


def test_another_value_is_always_a_difference():
    assert not asked() and not asked(part="22P02")
