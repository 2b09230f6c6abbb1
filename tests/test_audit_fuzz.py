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
    """A backend with these rows."""

    name, weir = "Postgres", None

    def __init__(self, *found):
        self.found = found

    def rows(self):
        return self.found


def judged(before, after, told=None, may=False, old=()):
    """Rows of a table t, as texts whose first column is their key."""
    before, after = (collections.Counter(("t", row) for row in rows) for rows in (before, after))
    each = audit.Round(PROOF, 0, [Rows(after, set())], None)
    each.before = [(before, {("t", row) for row in old})]
    each.count(each.backends[0], ["text"], [told], may)
    each.judge(0, ["text"])
    return list(audit.failed(each.figures | collections.Counter({"that the role may run": 1})))


def test_the_judge_finds_rows_that_are_gone_or_changed_and_what_is_refused_needlessly():
    assert judged(["(1)", "(2)"], ["(1)"]) == judged(["(1)"], ["(3)"]) == judged(["(1)"] * 2, ["(1)"]) == ["Postgres: rows were changed"]
    assert judged(["(1)"], ["(1)", "(2)"]) == judged(["(1)"], ["(1)"], ("42501", True)) == judged(["(1)"], ["(1)"], ("23505", False), True) == []
    assert judged(["(1)"], ["(1)"], ("42501", True), True) == ["Postgres: too much was refused"]


def test_the_judge_lets_old_rows_go_but_not_change():
    assert judged(["(1,a)", "(2,b)"], ["(2,b)"], old=["(1,a)"]) == []
    assert judged(["(1,a)"], ["(1,c)"], old=["(1,a)"]) == judged(["(1,a)", "(2,b)"], [], old=["(1,a)"]) == ["Postgres: rows were changed"]
