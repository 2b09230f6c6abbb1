"""Every row of the dialect's tables (operators, functions, casts), each with
twenty statements and more (support/rows.py): Postgres and weir must answer
them alike, in text and in binary, or weir refuses with 0A000, which it may do
five times in a hundred. What is counted is what weir itself chose: it runs
with a counter linked in front of the choice (tests/dialect/row_counts.c).

The sanitizers' turn (WEIR_TEST_MODES=strict) takes every eighth row."""

import os
import pathlib

import pytest

from support.rows import Rounds, counting_binary, list_rows
from support.weir import BINARY

PER_ROW, HITS, SEED = 26, 20, 1
SOME = 8 if os.environ.get("WEIR_TEST_MODES") == "strict" else 1


def test_each_row_of_the_tables_is_answered_as_by_postgres(cluster, tmp_path):
    binary = counting_binary(BINARY)
    if not binary.exists():
        pytest.skip(f"{binary.name}, which counts the rows, is not built beside {pathlib.Path(BINARY).name}")
    rows = list_rows(binary, tmp_path)[::SOME]
    with Rounds(cluster, tmp_path, binary) as rounds:
        rounds.ask(rows, PER_ROW, SEED)
    figures = f"{rounds.asked} statements for {len(rows)} rows"
    assert not rounds.differences, f"{figures}, {len(rounds.differences)} answers differ\n" + "\n".join(
        rounds.differences[:30])
    assert rounds.refused * 20 <= rounds.asked, f"{figures}, {rounds.refused} refused"
    rare = [f"{count} {row}" for row, count in rounds.counts(rows) if count < HITS]
    assert not rare, f"{figures}; hit fewer than {HITS} times:\n" + "\n".join(rare)
