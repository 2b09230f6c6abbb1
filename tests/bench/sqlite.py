"""One SQLite file, three ways: through weir, by as many processes that open it
themselves (WAL, synchronous=FULL, busy timeout), and, for comparison, a
Postgres that syncs. With 1, 8 and 32 clients, three loads:

    insert    a row, each by itself
    ORM       BEGIN, SELECT by the key, INSERT, COMMIT; the processes take
              BEGIN as it is (deferred, and try again when told BUSY), and once
              more as BEGIN IMMEDIATE, which an ORM has to be taught
    read      a row by its key, of 10,000

Every row is durable when it is acknowledged. Told are statements or
transactions per second, the 99th percentile, and CPU in each; that of the
processes holds their own program too, which is Python. Rounds are interleaved.
On a disk whose fdatasync takes less than 0.5 ms a second table follows, in
which every sync of weir and of the processes takes 2 ms longer (a preloaded
library).

    tests/bench/run BINARY sqlite"""

import json
import multiprocessing
import os
import pathlib
import random
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import PASSWORD, USER, Cluster, find_bin  # noqa: E402
from support.weir import Weir  # noqa: E402

CLIENTS, ROUNDS, SECONDS, ROWS = (1, 8, 32), 3, 2, 10000
TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
INSERT = "INSERT INTO audit (actor, what) VALUES (:actor, 'something happened')"
READ = "SELECT actor, what FROM audit WHERE id = :id"
LOADS = {
    "insert": [INSERT],
    "ORM": ["BEGIN", READ, INSERT, "COMMIT"],
    "read": [READ],
}
WANTED = {("insert", 32): 8, ("ORM", 32): 5}


class Figures:
    """Of one run: per second, the 99th percentile in ms, CPU us in each."""

    def __init__(self, rate, p99_ms, cpu_us):
        self.rate, self.p99_ms, self.cpu_us = rate, p99_ms, cpu_us

    def __str__(self):
        return f"{self.rate:8.0f}/s  p99 {self.p99_ms:7.2f} ms  {self.cpu_us:7.1f} us"


def median(figures):
    return Figures(*(statistics.median(getattr(each, name) for each in figures)
                     for name in ("rate", "p99_ms", "cpu_us")))


def fdatasync_ms(directory):
    times = []
    with open(directory / "sync", "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def build_slow_sync(directory):
    library = directory / "slow_sync.so"
    source = pathlib.Path(__file__).with_name("slow_sync.c")
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "WEIR_SYNC_MS": "2"}


# --- processes on the file ----------------------------------------------------

def transact(conn, statements, values):
    while True:
        try:
            for statement in statements:
                conn.execute(statement, values).fetchall()
            return
        except sqlite3.OperationalError:    # BUSY
            if conn.in_transaction:
                conn.execute("ROLLBACK")


def process(path, statements, until, results):
    conn = sqlite3.connect(path, timeout=30, isolation_level=None)
    conn.execute("PRAGMA synchronous=FULL")
    taken, actor = [], os.getpid()
    while time.time() < until:
        start = time.perf_counter()
        transact(conn, statements, {"actor": actor, "id": random.randint(1, ROWS)})
        taken.append(time.perf_counter() - start)
    conn.close()
    results.put(taken)


def run_direct(directory, statements, clients):
    path = directory / f"direct-{time.monotonic_ns()}.db"
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("CREATE TABLE audit (id INTEGER PRIMARY KEY, actor int, what text, at text DEFAULT CURRENT_TIMESTAMP)")
    conn.execute("CREATE INDEX audit_actor ON audit (actor)")
    conn.executemany(INSERT, [{"actor": n} for n in range(ROWS)])
    conn.commit()
    conn.close()
    results = multiprocessing.Queue()
    until = time.time() + SECONDS
    workers = [multiprocessing.Process(target=process, args=(path, statements, until, results))
               for _ in range(clients)]
    for worker in workers:
        worker.start()
    taken = sorted(each for _ in workers for each in results.get())
    for worker in workers:
        worker.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return [len(taken) / SECONDS, taken[len(taken) * 99 // 100] * 1000,
            (used.ru_utime + used.ru_stime) * 1e6 / len(taken)]


def direct(directory, statements, clients, slow):
    """In a process of its own: a library is preloaded when it starts."""
    done = subprocess.run([sys.executable, __file__, "direct", str(directory), json.dumps(statements), str(clients)],
                          env={**os.environ, **slow}, capture_output=True, text=True, check=True)
    return Figures(*json.loads(done.stdout))


# --- servers ------------------------------------------------------------------

class Server:
    """Something that pgbench can ask; `pid` is whose CPU counts, with that of
    its children once they have ended."""

    def __init__(self, port, pid):
        self.port, self.pid = port, pid
        self.environment = {**os.environ, "PGPASSWORD": PASSWORD}
        self.where = ["-h", "127.0.0.1", "-p", str(port), "-U", USER]

    def sql(self, *texts):
        return subprocess.run([find_bin() / "psql", "-X", "-q", "-A", "-t", *self.where,
                               *(part for text in texts for part in ("-c", text)), "app"],
                              env=self.environment, capture_output=True, text=True, check=True).stdout

    def fill(self):
        self.sql("DROP TABLE IF EXISTS audit",
                 "CREATE TABLE audit (id bigserial PRIMARY KEY, actor int, what text, at timestamptz DEFAULT now())",
                 "CREATE INDEX audit_actor ON audit (actor)",
                 f"INSERT INTO audit (actor, what) SELECT n, 'something happened' FROM generate_series(1, {ROWS}) n")

    def cpu_us(self):
        after_name = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:15])) * TICK_US

    def run(self, directory, statements, clients):
        self.fill()
        script = directory / "load.sql"
        script.write_text(f"\\set id random(1, {ROWS})\n" + "".join(
            text.replace(":actor", ":client_id") + ";\n" for text in statements))
        log = directory / f"log-{time.monotonic_ns()}"
        before = self.cpu_us()
        done = subprocess.run([find_bin() / "pgbench", "-n", "-c", str(clients), "-j", str(min(2, clients)),
                               "-T", str(SECONDS), "-M", "prepared", "-f", script, "-l", "--log-prefix", log,
                               *self.where, "app"], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        taken = sorted(int(line.split()[2]) for path in directory.glob(log.name + "*")
                       for line in path.read_text().splitlines())
        there = int(self.sql("SELECT count(*) FROM audit")) - ROWS
        assert there >= len(taken) or INSERT not in statements, f"{len(taken)} acknowledged, {there} there"
        return Figures(float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1)),
                       taken[len(taken) * 99 // 100] / 1000, (self.cpu_us() - before) / len(taken))


def through_weir(directory, statements, clients, slow):
    weir = Weir("--pool-size", "64", f"sqlite:{directory / f'weir-{time.monotonic_ns()}.db'}", environment=slow)
    try:
        return Server(weir.port, weir.process.pid).run(directory, statements, clients)
    finally:
        weir.stop()


def postgres_that_syncs():
    cluster = Cluster()
    cluster.sql("ALTER SYSTEM SET fsync = on")
    cluster.sql("SELECT pg_reload_conf()")
    return cluster, Server(cluster.port, int((cluster.data / "postmaster.pid").read_text().split()[0]))


# --- side by side -------------------------------------------------------------

def ways(load, directory, clients, slow, postgres):
    statements = LOADS[load]
    found = {"weir": lambda: through_weir(directory, statements, clients, slow),
             "processes": lambda: direct(directory, statements, clients, slow)}
    if load == "ORM":
        found["IMMEDIATE"] = lambda: direct(directory, ["BEGIN IMMEDIATE", *statements[1:]], clients, slow)
    if not slow:
        found["Postgres"] = lambda: postgres.run(directory, statements, clients)
    return found


def compare(directory, slow, postgres):
    for load in LOADS:
        for clients in CLIENTS:
            runs = ways(load, directory, clients, slow, postgres)
            figures = {way: [] for way in runs}
            for _ in range(ROUNDS):
                for way, run in runs.items():
                    figures[way].append(run())
            tell(load, clients, {way: median(each) for way, each in figures.items()})


def tell(load, clients, figures):
    wanted = WANTED.get((load, clients))
    for way, each in figures.items():
        ratio = f"   weir {figures['weir'].rate / each.rate:6.1f} x" if way != "weir" else ""
        if way == "processes" and wanted:
            ratio += f"   (at least {wanted})"
        print(f"{load:7} {clients:3} clients  {way:10} {each}{ratio}")


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir=os.environ.get("WEIR_BENCH_DIR")))
    cluster, postgres = postgres_that_syncs()
    try:
        sync = fdatasync_ms(directory)
        print(f"fdatasync takes {sync:.2f} ms here" + (" (less than 0.5 ms: report only)" if sync < 0.5 else ""))
        compare(directory, {}, postgres)
        if sync < 0.5:
            print("every sync takes 2 ms longer")
            compare(directory, build_slow_sync(directory), postgres)
    finally:
        cluster.destroy()
        shutil.rmtree(directory, ignore_errors=True)


if sys.argv[1:2] == ["direct"]:
    print(json.dumps(run_direct(pathlib.Path(sys.argv[2]), json.loads(sys.argv[3]), int(sys.argv[4]))))
else:
    main()
