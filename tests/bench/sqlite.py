"""One SQLite file: 1, 8 and 32 clients through weir (pool_size 64), as many
processes that open the file themselves (WAL, synchronous=FULL, busy timeout),
and as many clients of a Postgres with fsync on; in interleaved rounds. Single
rows are inserted, by themselves and as ORMs do (BEGIN; SELECT; INSERT; COMMIT),
and read by primary key. Every row is durable when it is acknowledged.

CPU is the server's: weir's, Postgres's processes'; for direct access that of
the processes themselves, which are Python. `BEGIN` of a process is IMMEDIATE;
a deferred one, as ORMs send it, is told beside it for 32: SQLite refuses most.

On a disk whose fdatasync takes less than 0.5 ms the ratios are a report, and a
second table follows in which every sync of weir and of the processes takes 2 ms
longer (a preloaded library)."""

import collections
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import PASSWORD, USER, Cluster, find_bin  # noqa: E402

WEIR = os.environ["WEIR"]
COUNTS, ROUNDS, SECONDS = (1, 8, 32), 3, 2
ROWS = 1000             # there before, to be read
TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
WANTED = {"autocommit": 8, "interactive": 5}

INSERT = "INSERT INTO audit (actor, what) VALUES (:client_id, 'something happened');\n"
SELECT = f"\\set id random(1, {ROWS})\nSELECT what FROM audit WHERE id = :id;\n"
LOADS = {"autocommit": (INSERT, 1), "interactive": (SELECT.replace("SELECT", "BEGIN;\nSELECT") + INSERT + "COMMIT;\n", 4),
         "read by key": (SELECT, 1)}
TABLE = ("CREATE TABLE audit (id {}, actor int, what text, at {} DEFAULT CURRENT_TIMESTAMP);"
         "CREATE INDEX audit_actor ON audit (actor);")

Figures = collections.namedtuple("Figures", "per_second p99_ms cpu_us")


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


def p99(times):
    return sorted(times)[int(len(times) * 0.99)] if times else float("nan")


# --- the processes

def one_transaction(conn, load, begin, index, number):
    read = "SELECT what FROM audit WHERE id = ?"
    if load == "read by key":
        conn.execute(read, (number % ROWS + 1,)).fetchone()
        return
    if load == "interactive":
        conn.execute(begin)
        conn.execute(read, (number % ROWS + 1,)).fetchone()
    conn.execute("INSERT INTO audit (actor, what) VALUES (?, ?)", (index, "something happened"))
    if load == "interactive":
        conn.execute("COMMIT")


def direct_process(path, load, begin, index, until, results):
    conn = sqlite3.connect(path, timeout=30, isolation_level=None)
    conn.execute("PRAGMA synchronous=FULL")
    times, since = [], time.perf_counter()
    used = time.process_time()
    while time.time() < until:
        try:
            one_transaction(conn, load, begin, index, len(times))
            now = time.perf_counter()
            times.append((now - since) * 1000)
            since = now
        except sqlite3.OperationalError:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            time.sleep(0.001)
    results.put((len(times), sorted(times)[-len(times) // 50:], time.process_time() - used))


def run_direct(directory, load, clients, begin):
    """In this process, which was started for it: a library is preloaded when one starts."""
    path = pathlib.Path(directory, f"direct-{time.monotonic_ns()}.db")
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.executescript(TABLE.format("INTEGER PRIMARY KEY", "text"))
    conn.executemany("INSERT INTO audit (actor, what) VALUES (?, ?)", [(n, "before") for n in range(ROWS)])
    conn.commit()
    conn.close()
    results, until = multiprocessing.Queue(), time.time() + SECONDS
    workers = [multiprocessing.Process(target=direct_process, args=(path, load, begin, n, until, results))
               for n in range(clients)]
    for worker in workers:
        worker.start()
    told = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    count = sum(each[0] for each in told)
    slowest = sorted(time_ms for each in told for time_ms in each[1])
    return (count / SECONDS, slowest[-(count // 100 + 1)] if slowest else float("nan"),
            sum(each[2] for each in told) * 1e6 / max(1, count * LOADS[load][1]))


def direct(directory, load, clients, slow, begin="BEGIN IMMEDIATE"):
    done = subprocess.run([sys.executable, __file__, "direct", str(directory), load, str(clients), begin],
                          env={**os.environ, **slow}, capture_output=True, text=True, check=True)
    return Figures(*json.loads(done.stdout))


# --- the servers

def cpu_ticks(pid):
    """Of a process, and of the children it has seen end; and of those it has now."""
    def own(number):
        fields = pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(each) for each in fields[11:15])
    total = own(pid)
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            total += own(child)
        except OSError:
            pass
    return total


def pgbench(port, pid, directory, load, clients, password=""):
    script, statements = LOADS[load]
    path, log = directory / "script.sql", directory / f"log-{time.monotonic_ns()}"
    path.write_text(script)
    before = cpu_ticks(pid)
    done = subprocess.run([find_bin() / "pgbench", "-n", "-c", str(clients), "-j", str(min(2, clients)), "-T",
                           str(SECONDS), "-M", "prepared", "-f", path, "-l", "--log-prefix", log, "-h", "127.0.0.1",
                           "-p", str(port), "-U", USER, "app"], capture_output=True, text=True,
                          env={**os.environ, "PGPASSWORD": password})
    if done.returncode:
        raise SystemExit(done.stderr)
    used = (cpu_ticks(pid) - before) * TICK_US
    count = int(re.search(r"actually processed: (\d+)", done.stdout).group(1))
    times = [int(line.split()[2]) / 1000 for part in directory.glob(f"{log.name}*") for line in part.open()]
    for part in directory.glob(f"{log.name}*"):
        part.unlink()
    return count, Figures(float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1)), p99(times),
                          used / max(1, count * statements))


def psql(port, password, *texts):
    commands = [part for text in texts for part in ("-c", text)]
    return subprocess.run([find_bin() / "psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(port), "-U", USER,
                           *commands, "app"], capture_output=True, text=True, check=True,
                          env={**os.environ, "PGPASSWORD": password}).stdout


def make_table(port, password):
    psql(port, password, "DROP TABLE IF EXISTS audit", *TABLE.format("bigserial PRIMARY KEY", "timestamptz").split(";")[:2],
         f"INSERT INTO audit (actor, what) SELECT n, 'before' FROM generate_series(1, {ROWS}) AS n")


def through(port, pid, directory, load, clients, password=""):
    make_table(port, password)
    count, figures = pgbench(port, pid, directory, load, clients, password)
    there = int(psql(port, password, "SELECT count(*) FROM audit")) - ROWS
    assert load == "read by key" or there >= count, f"{count} acknowledged, {there} there"
    return figures


def through_weir(directory, load, clients, slow):
    from support.weir import Weir
    weir = Weir("--pool-size", "64", f"sqlite:{directory / f'weir-{time.monotonic_ns()}.db'}", environment=slow)
    try:
        return through(weir.port, weir.process.pid, directory, load, clients)
    finally:
        weir.stop()


class Postgres:
    """With fsync on, which the tests' clusters do without."""

    def __init__(self):
        self.cluster = Cluster()
        self.cluster.sql("ALTER SYSTEM SET fsync = on")
        self.cluster.stop("fast")
        self.cluster.start()
        self.pid = int((self.cluster.data / "postmaster.pid").read_text().split()[0])

    def measure(self, directory, load, clients):
        return through(self.cluster.port, self.pid, directory, load, clients, PASSWORD)


# --- the table

def middle(rounds):
    return Figures(*(statistics.median(values) for values in zip(*rounds)))


def shown(figures):
    return f"{figures.per_second:8.0f}/s p99 {figures.p99_ms:7.2f} ms {figures.cpu_us:6.1f} us" if figures else " " * 37


def compare(directory, slow, counts, loads, postgres=None):
    """Prints the rows; returns those ratios that are less than they must be."""
    short = []
    for load in loads:
        for clients in counts:
            ours, theirs, others = [], [], []
            for _ in range(ROUNDS):
                ours.append(through_weir(directory, load, clients, slow))
                theirs.append(direct(directory, load, clients, slow))
                if postgres:
                    others.append(postgres.measure(directory, load, clients))
            weir, processes = middle(ours), middle(theirs)
            ratio = weir.per_second / processes.per_second
            wanted = WANTED.get(load) if clients == max(COUNTS) else None
            print(f"{load:11} {clients:3}   {shown(weir)}   {shown(processes)}   "
                  f"{shown(middle(others) if others else None)}   {ratio:6.2f}"
                  + (f" (at least {wanted})" if wanted else ""))
            if wanted and ratio < wanted:
                short.append(load)
    return short


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir=os.environ.get("WEIR_BENCH_DIR")))
    postgres = Postgres()
    heading = f"{'':17}{'weir':>37}   {'processes':>37}   {'Postgres':>37}   weir/processes"
    try:
        sync = fdatasync_ms(directory)
        report_only = sync < 0.5
        print(f"transactions, and CPU per statement; fdatasync takes {sync:.2f} ms here"
              + (" (less than 0.5 ms: report only)" if report_only else ""))
        print(heading)
        short = compare(directory, {}, COUNTS, LOADS, postgres)
        deferred = direct(directory, "interactive", max(COUNTS), {}, "BEGIN")
        print(f"interactive {max(COUNTS):3}, processes with a deferred BEGIN: {shown(deferred)}")
        if report_only:
            print("every sync of weir and of the processes takes 2 ms longer")
            short = compare(directory, build_slow_sync(directory), COUNTS[-1:], WANTED)
    finally:
        postgres.cluster.destroy()
        shutil.rmtree(directory, ignore_errors=True)
    if short and not report_only:
        sys.exit(f"less than it must be: {', '.join(short)}")


if sys.argv[1:2] == ["direct"]:
    print(json.dumps(run_direct(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])))
else:
    main()
