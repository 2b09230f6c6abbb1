"""A short run of the proofs crosstalk and cancel (tests/prove)."""

import os

import pytest

from conftest import open_road
from prove import cancel, crosstalk

ROADS = [road for road in ("direct", "postgres", "sqlite")
         if road in os.environ.get("WEIR_TEST_ROADS", "direct,postgres,sqlite").split(",")]


@pytest.fixture(params=ROADS)
def open_with(request, tmp_path):
    opened = []

    def start(*options):
        opened.append(open_road(request.param, tmp_path, request, *options))
        return opened[-1]

    yield start
    for endpoint in opened:
        if endpoint.weir:
            endpoint.weir.stop()


def test_every_reply_is_its_own_clients(open_with):
    """Clients are reset, servers terminated and queries cancelled meanwhile."""
    endpoint = open_with("--pool-size", "5")
    crosstalk.prepare(endpoint)
    figures, notes = crosstalk.run_round(endpoint, 1, 0, 8000)
    print("\n" + crosstalk.said(figures))
    assert figures["replies"] >= 8000 or notes
    assert not notes, "\n".join(notes[:20])


def test_a_cancel_that_comes_too_late_hits_nobody(open_with):
    endpoint = open_with("--pool-size", "1")
    figures, notes = cancel.run_round(endpoint, 1, 0, 2000)
    print("\n" + cancel.said(figures))
    assert not notes, "\n".join(notes[:20])
    assert min(figures["hit"], figures["late"]) > 50, "this was no race"
