"""weir and pgbouncer side by side in front of one Postgres: pgbench -S with
32 clients on a pool of 8. Instructions by callgrind and system calls by
strace, each as the difference of two run lengths, so that start and logins
cancel out; CPU from /proc, in interleaved rounds. Ratios are weir / pgbouncer."""

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
SHORT, LONG = 50, 150  # transactions per client, for the differences


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


def pgbench(cluster, port, mode, transactions, clients=CLIENTS):
    done = subprocess.run([cluster.bin / "pgbench", "-n", "-S", "-M", mode, "-c", str(clients), "-j", "2", "-t",
                           str(transactions), "-h", "127.0.0.1", "-p", str(port), "-U", USER, "app"],
                          capture_output=True, text=True, env={**os.environ, "PGPASSWORD": PASSWORD})
    if done.returncode != 0 or f"{clients * transactions}/{clients * transactions}" not in done.stdout:
        return None
    return float(re.search(r"tps = ([\d.]+) \(without", done.stdout).group(1))


def difference(measure, cluster, peer, mode):
    """What `measure` counts per transaction; None if the peer cannot do it."""
    for _ in range(3):  # a slow login now and then falls into one run only
        counts = [measure(cluster, peer, mode, transactions) for transactions in (SHORT, LONG)]
        if None in counts:
            return None
        if counts[1] > counts[0]:
            return (counts[1] - counts[0]) / (CLIENTS * (LONG - SHORT))
    return None


def instructions(cluster, peer, mode, transactions):
    directory = tempfile.mkdtemp(prefix="weir-callgrind-")
    os.chmod(directory, 0o777)
    peer.start("valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out")
    worked = pgbench(cluster, peer.port, mode, transactions)
    peer.stop()
    text = pathlib.Path(directory, "out").read_text(errors="replace")
    shutil.rmtree(directory)
    return int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1)) if worked else None


def system_calls(cluster, peer, mode, transactions):
    out = tempfile.NamedTemporaryFile(prefix="weir-strace-")
    process = peer.start()
    strace = subprocess.Popen(["strace", "-f", "-c", "-o", out.name, "-p", str(process.pid)],
                              stderr=subprocess.DEVNULL)
    time.sleep(0.5)  # strace has no way to say that it is attached
    worked = pgbench(cluster, peer.port, mode, transactions)
    strace.send_signal(signal.SIGINT)
    strace.wait()
    peer.stop()
    total = re.search(r"^\s*100\.00\s+[\d.]+\s+(?:\d+\s+)?(\d+).*total$", pathlib.Path(out.name).read_text(), re.M)
    return int(total.group(1)) if worked and total else None


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_rounds(cluster, peers, mode):
    """CPU microseconds per transaction and tps, medians of interleaved rounds."""
    transactions, results = 500, {peer.name: [] for peer in peers}
    for round_number in range(ROUNDS):
        for peer in peers if round_number % 2 == 0 else peers[::-1]:
            process = peer.start()
            pgbench(cluster, peer.port, mode, 20)
            before = cpu_seconds(process.pid)
            tps = pgbench(cluster, peer.port, mode, transactions)
            used = cpu_seconds(process.pid) - before
            peer.stop()
            if tps:
                results[peer.name].append((used * 1e6 / (CLIENTS * transactions), tps))
    return {name: (statistics.median(r[0] for r in rows), statistics.median(r[1] for r in rows)) if rows else None
            for name, rows in results.items()}


def show(label, mode, ours, theirs, limit=None):
    if ours is None:
        print(f"{label:13} {mode:9} weir FAILED")
        return
    if theirs is None:
        print(f"{label:13} {mode:9} weir {ours:10.1f}   pgbouncer cannot")
        return
    mark = f"   (at most {limit})" if limit else ""
    print(f"{label:13} {mode:9} weir {ours:10.1f}   pgbouncer {theirs:10.1f}   ratio {ours / theirs:.2f}{mark}")


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
        figures = {}
        print(f"pgbench -S, {CLIENTS} clients on {POOL} connections; per transaction")
        for label, measure in (("instructions", instructions), ("syscalls", system_calls)):
            for mode in ("simple", "extended", "prepared"):
                row = [difference(measure, cluster, peer, mode) for peer in peers]
                figures[label, mode] = row[0]
                show(label, mode, row[0], row[1] if len(row) > 1 else None, 1.1 if mode == "simple" else None)
        for mode in ("simple", "prepared"):
            rows = cpu_rounds(cluster, peers, mode)
            ours, theirs = rows["weir"], rows.get("pgbouncer")
            show("CPU us", mode, ours and ours[0], theirs and theirs[0])
            show("tps", mode, ours and ours[1], theirs and theirs[1])
        if figures["instructions", "prepared"] and figures["instructions", "simple"]:
            ratio = figures["instructions", "prepared"] / figures["instructions", "simple"]
            print(f"instructions, weir prepared / weir simple: {ratio:.2f}   (at most 1.4)")
    finally:
        cluster.destroy()
        shutil.rmtree(directory, ignore_errors=True)


main()
