"""What guarding costs: weir with one insert-only table beside weir with none, in
front of the same Postgres. Instructions by callgrind, as the difference of two
run lengths; prepared statements, and simple queries with texts never seen
before (every one has a literal of its own)."""

import pathlib
import shutil
import subprocess
import os
import tempfile

from postgres import CLIENTS, POOL, WEIR, Load, Peer, difference, instructions
from support.cluster import PASSWORD, USER, Cluster, free_port

NEVER_SEEN = ("\\set aid random(1, 100000)\n\\set tag random(1, 2000000000)\n"
              "SELECT abalance, :tag FROM pgbench_accounts WHERE aid = :aid;\n")
LOADS = [
    (Load("prepared", "prepared", 50, 150), "+5 %", lambda plain, guarded: guarded <= plain * 1.05),
    (Load("never seen", "simple", 50, 150, script=NEVER_SEEN), "+20,000",
     lambda plain, guarded: guarded <= plain + 20000),
]


def main():
    cluster = Cluster()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-"))
    try:
        subprocess.run([cluster.bin / "pgbench", "-i", "-q", "-s", "1", "-h", "127.0.0.1", "-p", str(cluster.port),
                        "-U", USER, "app"], check=True, capture_output=True,
                       env={**os.environ, "PGPASSWORD": PASSWORD})
        peers = []
        for name, more in (("none", []), ("one", ["--audit-tables", "pgbench_history"])):
            port = free_port()
            peers.append(Peer(name, [WEIR, "--listen", f"127.0.0.1:{port}", "--pool-size", str(POOL), *more,
                                     cluster.url("?sslmode=disable")], port))
        print(f"instructions per transaction, {CLIENTS} clients on {POOL} connections, no guarded table and one")
        for load, limit, holds in LOADS:
            if load.script:
                load.path = directory / "never-seen.sql"
                load.path.write_text(load.script)
            plain, guarded = (difference(instructions, cluster, peer, load) for peer in peers)
            if plain is None or guarded is None:
                print(f"{load.name:11} not measured: callgrind or pgbench is missing")
                continue
            print(f"{load.name:11} none {plain:8.0f}   one {guarded:8.0f}   {guarded - plain:+8.0f}"
                  f"   {guarded / plain:.2f}   (at most {limit}): {'holds' if holds(plain, guarded) else 'DOES NOT HOLD'}")
    finally:
        cluster.destroy()
        shutil.rmtree(directory, ignore_errors=True)


main()
