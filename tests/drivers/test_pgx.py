"""pgx v5 at its defaults (statements cached, binary): twenty workers of a
pgxpool on a pool of three."""

import pathlib
import subprocess

import pytest

CROWD = pathlib.Path("build/pgx/crowd")


@pytest.mark.skipif(not CROWD.exists(), reason="pgx is not built (tests/run does it where there is Go)")
def test_pgx(crowded):
    done = subprocess.run([CROWD, crowded.url(), "20", "8"], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "20 workers"
