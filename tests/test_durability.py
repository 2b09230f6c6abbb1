"""A little of the proofs (tests/prove): power cuts, faults of the disk, kills."""

import random

import pytest

from prove import faults, kill, powerloss


def test_a_power_cut_loses_nothing_that_was_answered(tmp_path):
    figures = powerloss.cut(tmp_path, random.Random(1), 40, seconds=0.5)
    assert figures["told"] and figures["syncs"]
    assert not figures["bad"], figures


def test_a_disk_that_does_not_sync_would_lose_rows(tmp_path):
    """So the images do show what is lost."""
    figures = powerloss.cut(tmp_path, random.Random(1), 20, seconds=0.3, lies=True)
    assert figures["losing"], figures


@pytest.mark.parametrize("kind", faults.KINDS)
def test_a_fault_of_the_disk_is_told_and_survived(tmp_path, kind):
    complaints, figures = faults.suffer(tmp_path, kind, 3, random.Random(1))
    assert not complaints
    assert figures["happened"]


def test_a_kill_loses_nothing_that_was_answered(tmp_path):
    answers, lost, doubled, torn, sound = kill.suffer(tmp_path / "app.db", 5, random.Random(1))
    assert answers and (lost, doubled, torn, sound) == (0, 0, 0, "ok")
