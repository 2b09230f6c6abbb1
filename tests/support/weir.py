"""A weir of the tests' own, and the endpoint a test connects to."""

import contextlib
import fcntl
import os
import pathlib
import re
import select
import signal
import subprocess
import tempfile
import time

from .cluster import PASSWORD, USER

BINARY = os.path.abspath(os.environ.get("WEIR", "build/release/weir"))


class Weir:
    """A running weir; `port` is where it listens. Its log is kept in `lines`."""

    def __init__(self, *arguments, environment=None, listen="127.0.0.1:0", cwd=None, binary=BINARY):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")}
        clean.pop("KUBERNETES_SERVICE_HOST", None)
        clean.update(environment or {})
        self.lines = []
        self.arguments = [str(binary), "--listen", listen, *map(str, arguments)]
        self.process = subprocess.Popen(self.arguments, stderr=subprocess.PIPE, env=clean, cwd=cwd)
        os.set_blocking(self.process.stderr.fileno(), False)
        with contextlib.suppress(OSError):  # weir loses lines rather than wait for a test that does not read them
            fcntl.fcntl(self.process.stderr, fcntl.F_SETPIPE_SZ, 1 << 20)
        self.rest = b""
        ready = self.wait_for_line(r'msg=ready|"msg":"ready"')
        self.port = int(re.search(r":(\d+)", ready.split("listen")[1]).group(1))

    def _read_log(self, timeout):
        stream = self.process.stderr
        if not select.select([stream], [], [], timeout)[0]:
            return False
        data = stream.read()
        if not data:
            return None
        *whole, self.rest = (self.rest + data).split(b"\n")
        self.lines += [line.decode(errors="replace") for line in whole]
        return True

    def wait_for_line(self, pattern, timeout=60):
        """The first log line that matches, read so far or still to come."""
        deadline, seen = time.monotonic() + timeout, 0
        while True:
            for line in self.lines[seen:]:
                if re.search(pattern, line):
                    return line
            seen = len(self.lines)
            left = deadline - time.monotonic()
            if left <= 0 or self._read_log(left) is None:
                raise AssertionError(f"no log line like {pattern!r}:\n" + "\n".join(self.lines))

    def log(self):
        while self._read_log(0):
            pass
        return "\n".join(self.lines)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=120):
        """Its exit code, the log being drained meanwhile."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError("weir did not stop:\n" + self.log())
            if self._read_log(0.05) is None:
                self.process.wait(max(0.1, deadline - time.monotonic()))
        return self.process.returncode

    def stop(self):
        """An orderly stop; a sanitizer's complaint would change the exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, f"weir ended with {code}:\n" + self.log()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Endpoint:
    """Where a test connects: Postgres itself, or a weir in front of something."""

    def __init__(self, name, port, weir=None, ca=None, cluster=None, password=PASSWORD, database="app"):
        self.name, self.port, self.weir, self.ca = name, port, weir, ca
        self.cluster, self.user, self.password, self.database = cluster, USER, password, database
        self.is_sqlite = name.startswith("sqlite")
        self.is_direct = name == "direct"

    def url(self, scheme="postgresql"):
        return f"{scheme}://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"

    def dsn(self, **more):
        values = {"host": "127.0.0.1", "port": self.port, "user": self.user, "dbname": self.database,
                  "password": self.password, **more}
        values["sslmode"] = "verify-full" if self.ca else "disable"
        if self.ca:
            values["sslrootcert"] = str(self.ca)
        return " ".join(f"{k}={v}" for k, v in values.items())


@contextlib.contextmanager
def serve(road, cluster, *options, database="app"):
    """The endpoint of a weir with these options, or on the road `direct` of the
    cluster itself. The database is one of the cluster's; SQLite takes any name;
    on `sqlite-each` each has a file of its own."""
    if road == "direct":
        yield Endpoint(road, cluster.port, cluster=cluster, database=database)
        return
    with tempfile.TemporaryDirectory(prefix="weir-serve-") as directory:
        files = {"sqlite": f"sqlite:{directory}/app.db", "sqlite-each": f"sqlite:{directory}/{{database}}.db"}
        weir = Weir(*options, files.get(road) or cluster.url())
        try:
            yield Endpoint(road, weir.port, weir=weir, cluster=cluster, database=database)
        except BaseException:
            weir.kill()     # what went wrong is to be heard, not how it ends
            raise
        weir.stop()


def write_users(path):
    path = pathlib.Path(path)
    path.write_text(f'"{USER}" "{PASSWORD}"\n')
    path.chmod(0o600)
    return path
