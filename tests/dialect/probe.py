"""Builds the small programs that answer with weir's own code."""
import os
import shlex
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))


def build_probe(build, name):
    probe = os.path.join(tempfile.mkdtemp(), name)
    libs = subprocess.run(
        ["pkg-config", "--libs", "gmp", "openssl"],
        check=True, capture_output=True, text=True).stdout
    subprocess.run(
        [os.environ.get("CC", "cc"), "-g", "-D_GNU_SOURCE", "-I", ROOT,
         "-o", probe, os.path.join(ROOT, "tests/dialect", name + ".c"),
         *[os.path.join(build, lib) for lib in ("libpool.a", "libprotocol.a")
           if os.path.exists(os.path.join(build, lib))],
         *shlex.split(libs), "-lm", *shlex.split(
             os.environ.get("PROBE_FLAGS", ""))], check=True)
    return probe
