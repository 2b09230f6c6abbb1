"""Conversations between clients, weir and a server: tests/talk/*.talk, in the
words of support/talk.py. Each is held with Postgres itself too: what it says
is the truth."""

import pathlib

import pytest

from conftest import open_road
from support.talk import Talk

TALKS = sorted((pathlib.Path(__file__).parent / "talk").glob("*.talk"))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_talk(path, endpoint, tmp_path, request):
    talk = Talk(path)
    if talk.roads and endpoint.name not in talk.roads:
        pytest.skip("not on this road")
    if talk.options is None or endpoint.is_direct:
        talk.run(endpoint)
        return
    own = open_road(endpoint.name, tmp_path, request, *talk.options)
    try:
        talk.run(own)
    finally:
        own.weir.stop()
