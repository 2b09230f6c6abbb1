"""pgjdbc at its defaults (prepareThreshold 5): twenty workers on a pool of three."""

import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent
JARS = sorted(pathlib.Path("build/jdbc").glob("postgresql-*.jar"))


@pytest.mark.skipif(not JARS or not shutil.which("javac"),
                    reason="pgjdbc is not there (tests/run brings it where there are a JDK and Maven)")
def test_pgjdbc(crowded):
    url = f"jdbc:postgresql://127.0.0.1:{crowded.port}/app?user={crowded.user}&password={crowded.password}"
    done = subprocess.run(["java", "-cp", JARS[-1], HERE / "Crowd.java", url, "20", "8"], capture_output=True,
                          text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip() == "20 workers"
