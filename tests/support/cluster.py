"""A Postgres cluster of the tests' own: temporary, on loopback, on a free port."""

import contextlib
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile

USER, PASSWORD = "app", "s3cret-of-app"


def free_port():
    """One that nobody listens on, nor will by chance before it is used: it is
    none of those that the kernel gives out by itself, to clients too."""
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(min(10000, first // 2), first)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def find_bin():
    for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (path / "initdb").exists():
            return path
    found = shutil.which("initdb")
    return pathlib.Path(found).resolve().parent if found else None


def as_owner(command):
    """Postgres refuses to run as root: then it runs as the user postgres."""
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    return command


class Cluster:
    """`owner` is the superuser it is made by; where that is the tests' user,
    there is no other."""

    def __init__(self, certificate=None, owner="postgres"):
        self.owner = (owner, PASSWORD if owner == USER else "postgres-password")
        self.bin = find_bin()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-pg-"))
        self.port = free_port()
        self.data = self.directory / "data"
        self._init(certificate)
        self.start()
        self._prepare()

    def _init(self, certificate):
        password = self.directory / "password"
        password.write_text(self.owner[1])
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
            shutil.chown(password, "postgres", "postgres")
        self._run("initdb", "-D", self.data, "-U", self.owner[0], "-A", "scram-sha-256",
                  "--pwfile", password, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        settings = ["fsync=off", "max_connections=400", "shared_buffers=64MB",
                    "max_prepared_transactions=10", f"port={self.port}",
                    "listen_addresses='127.0.0.1'", f"unix_socket_directories='{self.directory}'",
                    "logging_collector=off", "log_min_messages=error"]
        if certificate:
            for source, name in ((certificate.cert, "server.crt"), (certificate.key, "server.key")):
                target = self.data / name
                shutil.copy(source, target)
                target.chmod(0o600)
                if os.geteuid() == 0:
                    shutil.chown(target, "postgres", "postgres")
            settings.append("ssl=on")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write("\n".join(settings) + "\n")

    def _run(self, tool, *arguments):
        subprocess.run(as_owner([str(self.bin / tool), *map(str, arguments)]),
                       check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.directory / "log", "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def _prepare(self):
        if self.owner[0] != USER:
            self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        self.sql(f"CREATE DATABASE app OWNER {USER}")

    def sql(self, text, database="postgres"):
        """Runs SQL as the superuser; returns what psql prints."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-d", f"postgresql://{':'.join(self.owner)}@127.0.0.1:{self.port}/{database}",
             "-c", text], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def create_database(self, name):
        """An empty one of the tests' user; what had the name is gone."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.sql(f"CREATE DATABASE {name} OWNER {USER} TEMPLATE template0")

    def url(self, query=""):
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/app{query}"

    def destroy(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)
