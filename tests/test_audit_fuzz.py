"""Messages of all kinds over insert-only tables: the proof `audit` in small,
from a seed that is always the same; and that its judge finds what it is for."""

import collections
import types

from prove import audit

COUNT, ROUNDS, SEED = 150, 2, 5
PROOF = types.SimpleNamespace(seed=SEED)


def test_no_row_of_an_insert_only_table_is_changed_by_any_message(cluster):
    figures = collections.Counter()
    with audit.ground(cluster) as (backends, twin):
        for number in range(ROUNDS):
            figures += audit.Round(PROOF, number, backends, twin).hold(COUNT)
    assert not list(audit.failed(figures)), figures
    for name in ("Postgres", "SQLite"):
        assert figures[f"{name}: refused"] > 30 and figures[f"{name}: let pass"] > 100, figures
    assert figures["that the role may run"] > 30, figures


class Rows:
    """A backend whose rows are these, one after the other."""

    name = "Postgres"

    def __init__(self, *rows):
        self.left = [collections.Counter(each) for each in rows]

    def rows(self):
        return self.left.pop(0)


def judged(before, after, first=None, may=False):
    each = audit.Round(PROOF, 0, [], None)
    each.judge(Rows(after), collections.Counter(before), "text", "simple", first, may)
    return list(audit.failed(each.figures | collections.Counter({"that the role may run": 1})))


def test_the_judge_finds_rows_that_are_gone_or_changed_and_what_is_refused_needlessly():
    assert judged(["a", "b"], ["a"]) == judged(["a"], ["c"]) == judged(["a", "a"], ["a"]) == ["Postgres: rows were changed"]
    assert judged(["a"], ["a", "b"]) == judged(["a"], ["a"], ("42501", True)) == judged(["a"], ["a"], ("23505", False), True) == []
    assert judged(["a"], ["a"], ("42501", True), True) == ["Postgres: too much was refused"]
