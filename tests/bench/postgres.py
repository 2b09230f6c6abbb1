"""weir and pgbouncer side by side in front of one Postgres: pgbench with 32
clients on a pool of 8. One row by its key, by the simple and the extended
protocol and prepared; 100 statements per Sync; and 1 MB of rows. Instructions
by callgrind and system calls by strace, each as the difference of two run
lengths, so that start and logins cancel out; CPU from /proc, in interleaved
rounds. Ratios are weir / pgbouncer. Debian's pgbouncer knows no prepared
statements: what is asked of it then is the same by the extended protocol."""

import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import PASSWORD, USER, Cluster, as_owner, free_port  # noqa: E402

WEIR = os.environ["WEIR"]
CLIENTS, POOL, ROUNDS = 32, 8, 5
PIPELINED = 100
WITHOUT_PREPARED = {"pgbouncer"}


class Load:
    """What pgbench does. `short` and `long` are transactions per client, for the
    differences; what is counted is divided by the parts a transaction has."""

    def __init__(self, name, mode, short, long, script=None, parts=1):
        self.name, self.mode, self.short, self.long = name, mode, short, long
        self.script, self.parts, self.path = script, parts, None

    def arguments(self, peer):
        mode = "extended" if self.mode == "prepared" and peer.name in WITHOUT_PREPARED else self.mode
        return ["-M", mode, *(["-f", self.path] if self.path else ["-S"])]


ONE_ROW = "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n"
LOADS = [
    Load("simple", "simple", 50, 150),
    Load("extended", "extended", 50, 150),
    Load("prepared", "prepared", 50, 150),
    Load("pipelined", "prepared", 5, 15, parts=PIPELINED, script="\\set aid random(1, 100000)\n\\startpipeline\n"
         + ONE_ROW * PIPELINED + "\\endpipeline\n"),
    Load("1 MB result", "simple", 3, 9, script="SELECT repeat('x', 1000) FROM generate_series(1, 1000);\n"),
]


def wait_for_port(port):
    import socket
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


class Peer:
    def __init__(self, name, command, port, owner=False):
        self.name, self.port = name, port
        self.command = as_owner(command) if owner else command

    def start(self, *wrapper):
        command = [*wrapper, *self.command]
        if wrapper and self.command[0] == "setpriv":  # the wrapper belongs inside
            cut = self.command.index("--clear-groups") + 1
            command = [*self.command[:cut], *wrapper, *self.command[cut:]]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for_port(self.port)
        return self.process

    def stop(self):
        self.process.send_signal(signal.SIGINT if "pgbouncer" in self.name else signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def pgbench(cluster, peer, load, transactions, clients=CLIENTS):
    done = subprocess.run([cluster.bin / "pgbench", "-n", *load.arguments(peer), "-c", str(clients), "-j", "2", "-t",
                           str(transactions), "-h", "127.0.0.1", "-p", str(peer.port), "-U", USER, "app"],
                          capture_output=True, text=True, env={**os.environ, "PGPASSWORD": PASSWORD})
    if done.returncode != 0 or f"{clients * transactions}/{clients * transactions}" not in done.stdout:
        return None
    return float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1))


def difference(measure, cluster, peer, load):
    """What `measure` counts per part of a transaction; None if the peer cannot do it."""
    for _ in range(3):  # a slow login now and then falls into one run only
        counts = [measure(cluster, peer, load, transactions) for transactions in (load.short, load.long)]
        if None in counts:
            return None
        if counts[1] > counts[0]:
            return (counts[1] - counts[0]) / (CLIENTS * (load.long - load.short) * load.parts)
    return None


def instructions(cluster, peer, load, transactions):
    if not shutil.which("valgrind"):
        return None
    directory = tempfile.mkdtemp(prefix="weir-callgrind-")
    os.chmod(directory, 0o777)
    peer.start("valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out")
    worked = pgbench(cluster, peer, load, transactions)
    peer.stop()
    text = pathlib.Path(directory, "out").read_text(errors="replace")
    shutil.rmtree(directory)
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1)) if worked else None


def system_calls(cluster, peer, load, transactions):
    if not shutil.which("strace"):
        return None
    out = tempfile.NamedTemporaryFile(prefix="weir-strace-")
    process = peer.start()
    strace = subprocess.Popen(["strace", "-f", "-c", "-o", out.name, "-p", str(process.pid)],
                              stderr=subprocess.DEVNULL)
    time.sleep(0.5)  # strace has no way to say that it is attached
    worked = pgbench(cluster, peer, load, transactions)
    strace.send_signal(signal.SIGINT)
    strace.wait()
    peer.stop()
    total = re.search(r"^\s*100\.00\s+[\d.]+\s+(?:\d+\s+)?(\d+).*total$", pathlib.Path(out.name).read_text(), re.M)
    return int(total.group(1)) if worked and total else None


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_rounds(cluster, peers, load):
    """CPU microseconds per part and tps, medians of interleaved rounds."""
    transactions, results = load.long * 10 // 3, {peer.name: [] for peer in peers}
    for round_number in range(ROUNDS):
        for peer in peers if round_number % 2 == 0 else peers[::-1]:
            process = peer.start()
            pgbench(cluster, peer, load, 20 // load.parts + 1)
            before = cpu_seconds(process.pid)
            tps = pgbench(cluster, peer, load, transactions)
            used = cpu_seconds(process.pid) - before
            peer.stop()
            if tps:
                results[peer.name].append((used * 1e6 / (CLIENTS * transactions * load.parts), tps * load.parts))
    return {name: (statistics.median(r[0] for r in rows), statistics.median(r[1] for r in rows)) if rows else None
            for name, rows in results.items()}


def show(label, load, ours, theirs, decimals=1, limit=None):
    line = f"{label:13} {load.name:11} weir "
    line += f"{'-':>10}" if ours is None else f"{ours:10.{decimals}f}"
    line += f"   pgbouncer {'-':>10}" if theirs is None else f"   pgbouncer {theirs:10.{decimals}f}"
    if ours is not None and theirs:
        line += f"   ratio {ours / theirs:.2f}"
    if load.mode == "prepared":
        line += "   (pgbouncer: extended)"
    if limit:
        line += f"   (at most {limit})"
    print(line)


def show_within(what, figures, limit):
    prepared, simple = figures.get("prepared"), figures.get("simple")
    if prepared and simple:
        ratio = prepared / simple
        print(f"{what}, weir prepared / weir simple: {ratio:.2f}   (at most {limit}): "
              f"{'holds' if ratio <= float(limit.split()[0]) + (0.03 if 'noise' in limit else 0) else 'DOES NOT HOLD'}")


def main():
    cluster = Cluster()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="weir-bench-"))
    os.chmod(directory, 0o777)
    try:
        subprocess.run([cluster.bin / "pgbench", "-i", "-q", "-s", "1", "-h", "127.0.0.1", "-p", str(cluster.port),
                        "-U", USER, "app"], check=True, capture_output=True,
                       env={**os.environ, "PGPASSWORD": PASSWORD})
        port, bouncer_port = free_port(), free_port()
        (directory / "bouncer.ini").write_text(
            f"[databases]\napp = host=127.0.0.1 port={cluster.port} user={USER} password={PASSWORD}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {bouncer_port}\nauth_type = any\npool_mode = transaction\n"
            f"default_pool_size = {POOL}\nlog_connections = 0\nlog_disconnections = 0\nunix_socket_dir =\n"
            "server_tls_sslmode = disable\n")
        peers = [Peer("weir", [WEIR, "--listen", f"127.0.0.1:{port}", "--pool-size", str(POOL),
                               cluster.url("?sslmode=disable")], port)]
        if shutil.which("pgbouncer"):
            peers.append(Peer("pgbouncer", ["pgbouncer", str(directory / "bouncer.ini")], bouncer_port, owner=True))
        for load in LOADS:
            if load.script:
                load.path = directory / f"{load.name.replace(' ', '-')}.sql"
                load.path.write_text(load.script)
        figures = {}
        print(f"{CLIENTS} clients on {POOL} connections; per transaction, pipelined per statement of "
              f"{PIPELINED} per Sync")
        for label, measure, decimals in (("syscalls", system_calls, 2), ("instructions", instructions, 0)):
            for load in LOADS:
                row = [difference(measure, cluster, peer, load) for peer in peers]
                figures.setdefault(label, {})[load.name] = row[0]
                show(label, load, row[0], row[1] if len(row) > 1 else None, decimals,
                     1.1 if load.name == "simple" else None)
        for load in LOADS:
            rows = cpu_rounds(cluster, peers, load)
            ours, theirs = rows["weir"], rows.get("pgbouncer")
            show("CPU us", load, ours and ours[0], theirs and theirs[0])
            show("per second", load, ours and ours[1], theirs and theirs[1], 0)
        show_within("syscalls", figures["syscalls"], "1.0 and noise")
        show_within("instructions", figures["instructions"], "1.4")
    finally:
        cluster.destroy()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
