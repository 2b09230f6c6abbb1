"""Who waits is answered: a small part of `make prove ARGS=waits`."""

import asyncio

import pytest

from support.waits import crowd
from support.weir import serve


@pytest.mark.parametrize("road", ("postgres", "sqlite"))
def test_clients_that_keep_each_other_waiting_are_all_answered(cluster, road):
    with serve(road, cluster, "--pool-size", "12") as endpoint:
        figures, faults = asyncio.run(crowd(endpoint, 1, 10, 30))
    assert faults == []
    assert figures["steps"] and figures["55P03"] + figures["57014"]
