"""Single-row inserts into one SQLite file: 32 clients through weir, against 32
processes that open the file themselves (WAL, synchronous=FULL, busy timeout),
round by round. Every row in both is durable when it is acknowledged.

On a disk whose fdatasync takes less than 0.5 ms a second table follows, in
which every sync of both sides takes 2 ms longer (a preloaded library)."""

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
from support.cluster import find_bin  # noqa: E402

WEIR = os.environ["WEIR"]
CLIENTS, ROUNDS, SECONDS = 32, 3, 3


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


def direct_process(path, until, counts, index, transaction):
    conn = sqlite3.connect(path, timeout=30, isolation_level=None)
    conn.execute("PRAGMA synchronous=FULL")
    count = 0
    while time.time() < until:
        try:
            if transaction:
                conn.execute("BEGIN IMMEDIATE")
            conn.execute("INSERT INTO audit (actor, what) VALUES (?, ?)", (index, "something happened"))
            if transaction:
                conn.execute("COMMIT")
            count += 1
        except sqlite3.OperationalError:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
    counts[index] = count


def direct(directory, transaction, slow):
    """In a process of its own: a library is preloaded when it starts."""
    done = subprocess.run([sys.executable, __file__, "direct", str(directory), "yes" if transaction else ""],
                          env={**os.environ, **slow}, capture_output=True, text=True, check=True)
    return float(done.stdout)


def run_direct(directory, transaction):
    path = directory / f"direct-{time.monotonic_ns()}.db"
    conn = sqlite3.connect(path)
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("CREATE TABLE audit (id INTEGER PRIMARY KEY, actor int, what text, at text DEFAULT CURRENT_TIMESTAMP)")
    conn.execute("CREATE INDEX audit_actor ON audit (actor)")
    conn.commit()
    conn.close()
    counts = multiprocessing.Array("l", CLIENTS)
    until = time.time() + SECONDS
    workers = [multiprocessing.Process(target=direct_process, args=(path, until, counts, n, transaction))
               for n in range(CLIENTS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / SECONDS


def through_weir(directory, transaction, bin_directory, slow):
    from support.weir import Weir
    weir = Weir("--pool-size", "64", f"sqlite:{directory / f'weir-{time.monotonic_ns()}.db'}", environment=slow)
    try:
        base = ["-h", "127.0.0.1", "-p", str(weir.port), "-U", "app"]
        subprocess.run([bin_directory / "psql", "-X", "-q", *base, "-c",
                        "CREATE TABLE audit (id bigserial PRIMARY KEY, actor int, what text, at timestamptz DEFAULT now())",
                        "-c", "CREATE INDEX audit_actor ON audit (actor)", "app"], check=True)
        script = directory / "insert.sql"
        insert = "INSERT INTO audit (actor, what) VALUES (:client_id, 'something happened');\n"
        script.write_text(f"BEGIN;\n{insert}COMMIT;\n" if transaction else insert)
        done = subprocess.run([bin_directory / "pgbench", "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS),
                               "-M", "prepared", "-f", script, *base, "app"], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        counted = subprocess.run([bin_directory / "psql", "-X", "-A", "-t", *base, "-c", "SELECT count(*) FROM audit",
                                  "app"], capture_output=True, text=True, check=True).stdout
        said = int(re.search(r"actually processed: (\d+)", done.stdout).group(1))
        assert int(counted) >= said, f"{said} acknowledged, {counted} there"
        return float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1))
    finally:
        weir.stop()


def compare(directory, slow):
    for label, transaction, wanted in (("autocommit", False, 5), ("BEGIN..COMMIT", True, 3)):
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(through_weir(directory, transaction, find_bin(), slow))
            theirs.append(direct(directory, transaction, slow))
        ours, theirs = statistics.median(ours), statistics.median(theirs)
        print(f"{label:13}  weir {ours:8.0f}/s   {CLIENTS} processes {theirs:8.0f}/s   "
              f"ratio {ours / theirs:5.1f}   (at least {wanted})")


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-", dir=os.environ.get("WEIR_BENCH_DIR")))
    try:
        sync = fdatasync_ms(directory)
        print(f"{CLIENTS} clients, single-row inserts; fdatasync takes {sync:.2f} ms here"
              + (" (less than 0.5 ms: report only)" if sync < 0.5 else ""))
        compare(directory, {})
        if sync < 0.5:
            print("every sync takes 2 ms longer")
            compare(directory, build_slow_sync(directory))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if sys.argv[1:2] == ["direct"]:
    print(run_direct(pathlib.Path(sys.argv[2]), bool(sys.argv[3])))
else:
    main()
