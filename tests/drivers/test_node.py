"""node-postgres at its defaults."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent


@pytest.mark.skipif(not shutil.which("node") or
                    not pathlib.Path(os.environ.get("NODE_PATH", ""), "pg").exists(),
                    reason="node-postgres is not installed (tests/run brings it)")
def test_does_what_an_application_does(endpoint):
    environment = {**os.environ, "PGURL": endpoint.url()}
    if endpoint.ca:
        environment["PGCA"] = str(endpoint.ca)
    done = subprocess.run(["node", HERE / "node.js"], capture_output=True, text=True, env=environment, timeout=240)
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert out == {
        "inserted": {"id": 1, "name": "näme", "n": 41, "big": "9007199254740993", "data": {"a": [1, "x"]}, "ok": True},
        "fields": [23, 25, 23, 20, 3802, 16], "named": 1, "count": 1,
        "error": {"code": "23502", "column": "name", "table": "node_thing"}, "doubled": True}
