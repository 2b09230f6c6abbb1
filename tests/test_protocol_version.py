"""Which version of the protocol is spoken, and the cancel keys of each: 4
bytes up to 3.0, 32 from 3.2 on (Postgres 18 manual, "Message Formats")."""

import struct

import psycopg
import pytest

from conftest import open_road
from support.talk import Client, fields, startup
from support.waiting import cancelling

V3_0, V3_1, V3_2, V3_9999 = (3 << 16 | minor for minor in (0, 1, 2, 9999))
SLOW = {"postgres": "SELECT pg_sleep(60)",
        "sqlite": "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 2000000000) "
                  "SELECT count(*) FROM t"}
GREASE = {"_pq_.test_protocol_negotiation": ""}


@pytest.fixture(scope="module", params=["postgres", "postgres-tls", "sqlite", "sqlite-tls"])
def weir(request, tmp_path_factory):
    endpoint = open_road(request.param, tmp_path_factory.mktemp(request.param), request)
    yield endpoint
    endpoint.weir.stop()


def come(endpoint, version, **parameters):
    client = Client(endpoint, f"{version:x}")
    assert client.log_in(version=version, **parameters) == "", client.refusal
    return client


def negotiated(version, *names):
    return struct.pack("!ii", version, len(names)) + b"".join(name.encode() + b"\0" for name in names)


@pytest.mark.parametrize("version,parameters,said,key_bytes", [
    (V3_0, {}, [], 4),
    (V3_0, GREASE, [negotiated(V3_0, *GREASE)], 4),
    (V3_1, {}, [negotiated(V3_0)], 4),
    (V3_2, {}, [], 32),
    (V3_2, {"_pq_.a": "1", "_pq_.b": "2"}, [negotiated(V3_2, "_pq_.a", "_pq_.b")], 32),
    (V3_9999, {}, [negotiated(V3_2)], 32),
    (V3_9999, GREASE, [negotiated(V3_2, *GREASE)], 32),
], ids=["3.0", "3.0-option", "3.1", "3.2", "3.2-options", "3.9999", "3.9999-option"])
def test_version_is_agreed_upon_once(weir, version, parameters, said, key_bytes):
    client = come(weir, version, application_name="one", **parameters)
    assert client.negotiated == said
    assert len(client.key) == 4 + key_bytes
    assert 0 < struct.unpack("!i", client.key[:4])[0]
    assert ("DataRow", ["one"]) in client.ask("SHOW application_name")
    client.leave()


@pytest.mark.parametrize("version", [1 << 16, 2 << 16, 4 << 16, 3999 << 16])
def test_other_versions_are_refused(weir, version):
    client = Client(weir, "other")
    if weir.ca:
        client.start_tls()
    client.send(startup(version=version, user=weir.user))
    kind, body = client.read()
    assert kind == b"E" and fields(body)["C"] == "0A000" and fields(body)["V"] == "FATAL"
    assert client.read()[0] == "Closed"


def test_no_two_keys_are_alike(weir):
    keys = [come(weir, V3_2).key for _ in range(20)] + [come(weir, V3_0).key for _ in range(20)]
    assert len({key[:4] for key in keys}) == 40 and len({key[4:] for key in keys}) == 40


@pytest.mark.parametrize("version", [V3_0, V3_2], ids=["3.0", "3.2"])
def test_only_the_right_key_cancels(weir, version):
    client, other = come(weir, version), come(weir, V3_2)
    pid, secret = client.key[:4], client.key[4:]
    client.send(b"Q" + struct.pack("!i", len(text := SLOW[weir.name.split("-")[0]].encode()) + 5) + text + b"\0")
    assert client.hears_nothing(0.3)
    flipped = bytes([secret[-1] ^ 1])
    for wrong in (pid + secret[:-1] + flipped, pid + flipped + secret[1:], pid + secret + b"\0" * 28, pid + secret[:4] + b"x",
                  pid + secret * 8, other.key[:4] + secret, pid + other.key[4:], pid + other.key[4:8],
                  pid + b"\0" * len(secret), b"\0" * 36, pid + secret[:-1], pid, b"",
                  *([pid + secret[:4]] if len(secret) > 4 else [])):
        other.cancel(wrong)
    assert client.hears_nothing(0.3)
    while client.hears_nothing(0.3):
        other.cancel(client.key)    # one that comes before the query is lost
    words = client.hear()
    assert [values[0] for name, values in words if name == "Error"] == ["57014"], words
    assert words[-1] == ("ReadyForQuery", ["I"])
    other.cancel(client.key)
    assert ("DataRow", ["1"]) in client.ask("SELECT 1")
    client.leave()


@pytest.mark.skipif(psycopg.pq.version() < 180000, reason="this libpq speaks 3.0 only")
@pytest.mark.parametrize("most", ["3.0", "3.2", "latest"])
def test_libpq_agrees_and_cancels(weir, most):
    with psycopg.connect(weir.dsn(max_protocol_version=most), autocommit=True) as conn:
        assert conn.pgconn.full_protocol_version == (30000 if most == "3.0" else 30002)
        with pytest.raises(psycopg.errors.QueryCanceled), cancelling(conn.cancel_safe):
            conn.execute(SLOW[weir.name.split("-")[0]])
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_key_is_void_when_its_session_has_ended(weir):
    client = come(weir, V3_2)
    client.leave()
    come(weir, V3_2).cancel(client.key)


@pytest.mark.parametrize("value", ["true", "database", "1", "on", "yes", "TRUE", "t", "nonsense"])
@pytest.mark.parametrize("version", [V3_0, V3_2], ids=["3.0", "3.2"])
def test_replication_is_refused(weir, value, version):
    client = Client(weir, "standby")
    assert client.log_in(version=version, replication=value) == "0A000"
    assert client.refusal["V"] == "FATAL" and "pool_mode" in client.refusal["M"]


@pytest.mark.parametrize("value", ["false", "off", "no", "0", "Off"])
def test_replication_that_is_not_asked_for_is_nothing(weir, value):
    assert ("DataRow", ["1"]) in come(weir, V3_0, replication=value).ask("SELECT 1")


@pytest.mark.parametrize("mode", ["session", "statement"])
def test_replication_is_refused_in_every_mode(mode, tmp_path, request):
    endpoint = open_road("sqlite", tmp_path, request, "--pool-mode", mode)
    try:
        assert Client(endpoint, "standby").log_in(replication="database") == "0A000"
    finally:
        endpoint.weir.stop()
