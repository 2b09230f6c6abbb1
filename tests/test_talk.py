"""Conversations between clients, weir and a server: tests/talk/*.talk, in the
words of support/talk.py. Each is held with Postgres itself too: what it says
is the truth."""

import pathlib

import pytest

from conftest import open_road
from support.talk import SENT, Client, Talk, meaning

TALKS = sorted((pathlib.Path(__file__).parent / "talk").glob("*.talk"))


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_talk(path, endpoint, tmp_path, request):
    talk = Talk(path)
    if talk.roads and endpoint.name not in talk.roads:
        pytest.skip(f"speaks of {', '.join(talk.roads)} alone")
    if talk.options is None or endpoint.is_direct:
        talk.run(endpoint)
        return
    own = open_road(endpoint.name, tmp_path, request, *talk.options)
    try:
        talk.run(own)
    finally:
        own.weir.stop()


def test_long_pipeline_of_more_statements_than_a_server_may_know(endpoint, tmp_path, request):
    """weir puts much of its own between the client's messages, and all arrives."""
    own = endpoint if endpoint.is_direct else open_road(
        endpoint.name, tmp_path, request, "--pool-size", "1", "--max-prepared-statements", "10")
    client, count = Client(own, "alice"), 300
    try:
        assert not client.log_in()
        client.send(b"".join(SENT["Parse"](f"p{n}", f"select {n}") for n in range(count)) + SENT["Sync"]())
        assert [client.read()[0] for _ in range(count + 1)] == [b"1"] * count + [b"Z"]
        client.send(b"".join(SENT["Bind"]("", f"p{n}") + SENT["Execute"]() for n in range(count)) + SENT["Sync"]())
        told = [meaning(*client.read()) for _ in range(3 * count + 1)]
        assert [values for kind, values in told if kind == "DataRow"] == [[str(n)] for n in range(count)]
        client.leave()
    finally:
        if not endpoint.is_direct:
            own.weir.stop()
