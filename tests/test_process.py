"""The process: refusals to start, signals, reloads, probes."""

import fcntl
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import psycopg
import pytest

from support.cluster import PASSWORD, USER, free_port
from support.weir import BINARY, Endpoint, Weir, write_users


def refusal(*arguments, environment=None, cwd=None):
    """Runs a weir that must not start; its exit code and words."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("WEIR_")}
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, cwd=cwd,
                          env={**clean, **(environment or {})})
    return done.returncode, done.stdout + done.stderr


def test_refuses_a_sqlite_file_in_production(tmp_path):
    code, words = refusal("--environment", "production", f"sqlite:{tmp_path / 'a.db'}")
    assert code == 78
    assert "allow_sqlite" in words
    assert not (tmp_path / "a.db").exists()


def test_knows_production_by_kubernetes(tmp_path):
    code, words = refusal(f"sqlite:{tmp_path / 'a.db'}", environment={"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert code == 78 and "allow_sqlite" in words


def test_names_file_line_and_column_of_an_unknown_key(tmp_path):
    path = tmp_path / "weir.yaml"
    path.write_text("environment: dev\ndatabases:\n  app:\n    backend: sqlite:a.db\n    pool_siez: 3\n")
    code, words = refusal("--config", path, "--check-config")
    assert code == 78
    assert f"{path}:5:5" in words
    assert "pool_size" in words


def test_refuses_to_listen_to_the_world_without_passwords(tmp_path):
    code, words = refusal("--listen", "0.0.0.0:0", f"sqlite:{tmp_path / 'a.db'}")
    assert code == 78
    assert "scram-sha-256" in words


def test_refuses_a_second_weir_on_one_file(tmp_path):
    weir = Weir(f"sqlite:{tmp_path / 'a.db'}")
    try:
        code, words = refusal("--listen", "127.0.0.1:0", f"sqlite:{tmp_path / 'a.db'}")
        assert code == 78
        assert "a.db" in words
    finally:
        weir.stop()


def test_says_when_an_address_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, words = refusal("--listen", f"127.0.0.1:{taken.getsockname()[1]}", f"sqlite:{tmp_path / 'a.db'}")
    assert code == 69 and "cannot listen" in words


def test_warns_when_anybody_may_say_to_be_an_exempt_user(tmp_path):
    options = ["--audit-tables", "log", "--audit-exempt-users", "migrator", f"sqlite:{tmp_path / 'a.db'}"]
    scram = ["--auth-method", "scram-sha-256", "--auth-users-file", write_users(tmp_path / "users")]
    code, words = refusal("--check-config", *options)
    assert code == 0 and "may call itself migrator" in words and "scram-sha-256" in words and "is good" in words
    assert "migrator" not in refusal("--check-config", *options, *scram)[1]
    weir = Weir("--log-format", "json", *options)
    assert '"level":"warn"' in weir.wait_for_line("may call itself migrator")
    weir.signal(signal.SIGHUP)
    assert "migrator" not in weir.wait_for_line('"reloaded"')
    weir.stop()
    weir = Weir(*options, *scram)
    assert "migrator" not in weir.log()
    weir.stop()


def test_warns_of_capital_letters_that_sql_makes_small(tmp_path):
    config = tmp_path / "weir.yaml"
    config.write_text("databases: {app: {backend: 'postgresql://db/app', audit_tables: [\"AuditTrail\", '\"Kept\"', plain]}}")
    code, words = refusal("-c", config, "--check-config")
    assert code == 0 and "AuditTrail is in small letters" in words and words.count("small letters") == 1


def test_wrong_usage_exits_64():
    assert refusal("--no-such-option")[0] == 64


@pytest.mark.parametrize("sample", sorted(pathlib.Path("configs").glob("*.yaml")), ids=lambda path: path.name)
def test_every_sample_configuration_is_good(sample):
    code, words = refusal("--config", sample, "--check-config")
    assert code == 0, words


def test_starts_with_no_argument_at_all(tmp_path):
    weir = Weir(cwd=tmp_path)
    with psycopg.connect(f"host=127.0.0.1 port={weir.port} dbname=anything user=anybody", autocommit=True) as conn:
        assert conn.execute("SELECT current_database(), current_user").fetchone() == ("anything", "anybody")
    weir.stop()
    assert (tmp_path / "weir.db").exists()
    assert (tmp_path / "weir.db").stat().st_mode & 0o777 == 0o600


def test_keeps_rows_over_a_restart(tmp_path):
    for expected in (0, 1, 2):
        weir = Weir(f"sqlite:{tmp_path / 'a.db'}")
        endpoint = Endpoint("sqlite", weir.port)
        with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
            conn.execute("CREATE TABLE IF NOT EXISTS kept (id serial PRIMARY KEY, at timestamptz DEFAULT now())")
            assert conn.execute("SELECT count(*) FROM kept").fetchone() == (expected,)
            conn.execute("INSERT INTO kept DEFAULT VALUES")
        weir.stop()


def test_wrong_passwords_and_strangers_hear_the_same(tmp_path):
    users = write_users(tmp_path / "users")
    weir = Weir("--auth-method", "scram-sha-256", "--auth-users-file", users, f"sqlite:{tmp_path / 'a.db'}")
    words = []
    for user, password in ((USER, "wrong"), ("stranger", "wrong")):
        with pytest.raises(psycopg.OperationalError) as error:
            psycopg.connect(f"host=127.0.0.1 port={weir.port} dbname=app user={user} password={password}")
        words.append(str(error.value).replace(user, "USER"))
    assert words[0] == words[1]
    assert "password authentication failed" in words[0]
    with psycopg.connect(f"host=127.0.0.1 port={weir.port} dbname=app user={USER} password={PASSWORD}") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    assert PASSWORD not in weir.log() and "wrong" not in weir.log()
    weir.stop()


def test_reloads_its_users(tmp_path):
    users = write_users(tmp_path / "users")
    weir = Weir("--auth-method", "scram-sha-256", "--auth-users-file", users, f"sqlite:{tmp_path / 'a.db'}")
    users.write_text(f'"{USER}" "{PASSWORD}"\n"late" "comer"\n')
    weir.signal(signal.SIGHUP)
    weir.wait_for_line("reloaded")
    with psycopg.connect(f"host=127.0.0.1 port={weir.port} dbname=app user=late password=comer") as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    weir.stop()


@pytest.mark.parametrize("road", ["sqlite", "postgres"])
def test_sigterm_lets_transactions_end(tmp_path, request, road):
    backend = f"sqlite:{tmp_path / 'a.db'}" if road == "sqlite" else request.getfixturevalue("cluster").url()
    weir = Weir("--pool-size", "8", "--drain-timeout", "60s", backend)
    endpoint = Endpoint(road, weir.port)
    outcomes, table = [], f"drained_{road}"
    with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
        conn.execute(f"DROP TABLE IF EXISTS {table}")
        conn.execute(f"CREATE TABLE {table} (id bigserial PRIMARY KEY, worker int)")
    begun = threading.Barrier(7)

    def work(worker):
        conn = psycopg.connect(endpoint.dsn())
        done = 0
        begun.wait()
        try:
            while True:
                conn.execute("SELECT 1")
                conn.execute(f"INSERT INTO {table} (worker) VALUES (%s)", (worker,))
                conn.execute("SELECT count(*) FROM (VALUES (1), (2)) v")
                conn.commit()
                done += 1
        except psycopg.OperationalError as error:
            outcomes.append((done, getattr(error, "sqlstate", None), conn.info.transaction_status))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    begun.wait()
    time.sleep(0.5)  # load, not a wait for anything
    weir.signal(signal.SIGTERM)
    assert weir.wait(120) == 0
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 6
    weir = Weir(backend)
    with psycopg.connect(Endpoint(road, weir.port).dsn(), autocommit=True) as conn:
        counted = conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        conn.execute(f"DROP TABLE {table}")
    weir.stop()
    # Every acknowledged COMMIT is there, and none that was cut in the middle.
    assert counted == sum(done for done, _, _ in outcomes)


def test_answers_probes_and_metrics(tmp_path):
    port = free_port()
    weir = Weir("--listen-http", f"127.0.0.1:{port}", f"sqlite:{tmp_path / 'a.db'}")

    def get(path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()

    with psycopg.connect(Endpoint("sqlite", weir.port).dsn(), autocommit=True) as conn:
        conn.execute("SELECT 1")
        for path in ("/startup", "/liveness", "/readiness"):
            assert get(path)[0] == 200
        metrics = get("/metrics")[1]
    assert "# TYPE weir_" in metrics
    assert "weir_sqlite_commits_total{" in metrics
    for line in metrics.splitlines():
        assert line.startswith(("#", "weir_", "process_")), line
    weir.stop()


def test_nobody_waits_for_a_log_that_nobody_reads(tmp_path):
    port = free_port()
    weir = Weir("--log-level", "debug", "--listen-http", f"127.0.0.1:{port}", f"sqlite:{tmp_path / 'a.db'}")
    fcntl.fcntl(weir.process.stderr, fcntl.F_SETPIPE_SZ, 4096)

    def lines_lost():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            return int(re.search(rb"^weir_log_lines_lost_total (\d+)", answer.read(), re.M)[1])

    for _ in range(1000):
        with psycopg.connect(Endpoint("sqlite", weir.port).dsn(), connect_timeout=60) as conn:
            conn.execute("SELECT 1")
        if lost := lines_lost():
            break
    assert lost > 0
    weir.log()
    weir.signal(signal.SIGHUP)
    assert re.search(r"level=warn .*lines were lost.* lines=\d+$", weir.wait_for_line("lines were lost"))
    weir.stop()


def test_ping_tells_whether_anybody_answers(tmp_path):
    weir = Weir(f"sqlite:{tmp_path / 'a.db'}")
    assert refusal("ping", f"postgresql://127.0.0.1:{weir.port}/app")[0] == 0
    weir.stop()
    assert refusal("ping", f"postgresql://127.0.0.1:{weir.port}/app")[0] == 1


def test_run_gives_the_command_a_url_and_returns_its_exit_code(tmp_path):
    done = subprocess.run(
        [BINARY, "run", "--listen", "127.0.0.1:0", f"sqlite:{tmp_path / 'a.db'}", "--", "sh", "-c",
         'psql -X -A -t -c "SELECT 40 + 2" "$DATABASE_URL"; exit 7'], capture_output=True, text=True, timeout=120)
    assert done.returncode == 7, done.stderr
    assert done.stdout.strip() == "42"


def test_run_passes_sigterm_on_and_ends_with_the_command(tmp_path):
    process = subprocess.Popen(
        [BINARY, "run", "--listen", "127.0.0.1:0", f"sqlite:{tmp_path / 'a.db'}", "--", "sh", "-c",
         'trap "echo asked; exit 9" TERM; echo up; while :; do sleep 0.1; done'],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=120)[0] == "asked\n"
    assert process.returncode == 9
