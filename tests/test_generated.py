"""Random SQL over random schemas, asked of Postgres and of weir on a SQLite
file: the proof `dialect` in small, from a seed that is always the same."""

import io

from prove.dialect import Examiner

ROUNDS, STATEMENTS = 2, 150


def test_random_statements_are_answered_as_by_postgres(cluster):
    told = io.StringIO()
    examiner = Examiner(1, told)
    for number in range(ROUNDS):
        examiner.hold(number, STATEMENTS, cluster)
    assert not told.getvalue()
    assert examiner.figures["equal"] > ROUNDS * STATEMENTS / 2
