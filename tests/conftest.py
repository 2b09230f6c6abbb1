"""What every test may ask for: a Postgres cluster, certificates, and an
endpoint. A test that takes `endpoint` runs against each road: Postgres
directly (the truth), through weir, on SQLite, and the last two over TLS with
SCRAM. WEIR_TEST_ROADS=direct,postgres,... chooses some."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.certificate import Certificate  # noqa: E402
from support.cluster import Cluster, find_bin  # noqa: E402
from support.weir import Endpoint, Weir, write_users  # noqa: E402

ROADS = ["direct", "postgres", "sqlite", "postgres-tls", "sqlite-tls"]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def cluster(certificate):
    if not find_bin():
        pytest.skip("no Postgres server is installed here")
    cluster = Cluster(certificate)
    yield cluster
    cluster.destroy()


@pytest.fixture(scope="session")
def mortal():
    """Another cluster, for tests that stop it or end its sessions: what others
    keep open on theirs must not end in the middle of a later test."""
    if not find_bin():
        pytest.skip("no Postgres server is installed here")
    cluster = Cluster()
    yield cluster
    cluster.destroy()


def open_road(road, directory, request, *options):
    """An endpoint; pools are small so that servers change hands all the time."""
    certificate = request.getfixturevalue("certificate")
    arguments, ca = [*options], None
    if "--pool-size" not in options:
        arguments += ["--pool-size", "5"]
    cluster = None
    if road == "direct":
        cluster = request.getfixturevalue("cluster")
        return Endpoint(road, cluster.port, cluster=cluster)
    if road.startswith("postgres"):
        cluster = request.getfixturevalue("cluster")
        query = f"?sslmode=verify-ca&sslrootcert={certificate.ca}" if road.endswith("tls") else ""
        backend = cluster.url(query)
    else:
        backend = f"sqlite:{directory / 'app.db'}"
    if road.endswith("tls"):
        ca = certificate.ca
        arguments += ["--tls-mode", "require", "--tls-cert", certificate.cert, "--tls-key", certificate.key,
                      "--auth-method", "scram-sha-256",
                      "--auth-users-file", write_users(directory / "users")]
    weir = Weir(*arguments, backend)
    return Endpoint(road, weir.port, weir=weir, ca=ca, cluster=cluster)


def chosen_roads():
    return [road for road in os.environ.get("WEIR_TEST_ROADS", ",".join(ROADS)).split(",") if road]


@pytest.fixture(scope="session", params=chosen_roads())
def endpoint(request, tmp_path_factory):
    endpoint = open_road(request.param, tmp_path_factory.mktemp(request.param), request)
    yield endpoint
    if endpoint.weir:
        endpoint.weir.stop()


@pytest.fixture(params=[road for road in ("direct", "postgres", "sqlite") if road in chosen_roads()])
def crowded(request, tmp_path):
    """A pool of three, for the twenty workers of a driver (drivers/test_crowd.py
    and what follows it). Postgres itself is asked the same: what is expected
    must be true there."""
    endpoint = open_road(request.param, tmp_path, request, "--pool-size", "3")
    yield endpoint
    if endpoint.weir:
        endpoint.weir.stop()
