"""COUNT faults of the disk under load: the k-th write fails (EIO, ENOSPC, half
of it written before), the k-th sync fails (EIO), the disk is full for a while.
What clients were told is there after a power cut at the end, what they were
refused is not, and the service resumes: by itself behind ENOSPC; after
any other fault it stops for good, says so, and serves again when it is started
again. usage: faults.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import errno
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from support import disk, load  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import Endpoint, Weir  # noqa: E402

PER_ROUND = 8
KINDS = ("write EIO", "write ENOSPC", "half a write", "half a write, EIO", "sync EIO", "full",
         "checkpoint EIO", "checkpoint ENOSPC")
GOES_ON = ("write ENOSPC", "half a write", "full", "checkpoint ENOSPC")
STOPPED = "58030"
PATIENCE = 60


class Fault:
    def __init__(self, directory, kind, place, body_bytes):
        self.directory, self.kind, self.place, self.body_bytes = directory, kind, place, body_bytes
        self.complaints = []
        self.disk = disk.Disk(directory)
        self.weir = self.start()

    def start(self):
        weir = Weir("--pool-size", "16", f"sqlite:{self.directory}/app.db", environment=self.disk.environment)
        self.endpoint = Endpoint("sqlite", weir.port, weir=weir)
        return weir

    def expect(self, true, complaint):
        if not true:
            self.complaints.append(complaint)

    def run(self, sql):
        with psycopg.connect(self.endpoint.dsn(), autocommit=True) as conn:
            conn.execute(sql)

    def arm(self):
        control = self.disk.control
        control.error = errno.EIO if self.kind.endswith("EIO") else errno.ENOSPC
        control.is_short = self.kind.startswith("half")
        control.only = self.kind.startswith("checkpoint")
        if self.kind == "full":
            control.full = 1
        elif self.kind.startswith("sync"):
            control.sync_countdown = self.place
        else:
            control.write_countdown = self.place

    def happened(self):
        """Waits until it has; not with so many writes that it never comes."""
        deadline = time.monotonic() + PATIENCE
        while not self.disk.control.failures and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.disk.control.failures > 0

    def resume(self):
        """The service does, by itself or started again."""
        if self.kind in GOES_ON:
            self.disk.control.full = self.disk.control.write_countdown = 0
            try:
                self.run("INSERT INTO acked (key, batch, of, body) VALUES ('last.0', 'last', 1, 'last.0')")
            except psycopg.Error as error:
                self.complaints.append(f"did not resume: {error}")
            self.weir.kill()
            return
        try:
            self.run("INSERT INTO acked (key, batch, of, body) VALUES ('wrong.0', 'wrong', 1, 'wrong.0')")
            self.complaints.append("went on after an I/O error")
        except psycopg.Error as error:
            self.expect(error.sqlstate == STOPPED or "58030" in str(error) or "failed on file" in str(error),
                        f"stopped, and says {error.sqlstate} {error}")
        self.expect("served no more" in self.weir.log(), "nothing of it in the log")
        self.weir.kill()

    def judge(self, made, chance):
        events = self.disk.events()
        promised = {key for _, key in made.told}
        for now, contents in disk.images(events, [len(events)] * 3, chance):
            with tempfile.TemporaryDirectory(prefix="weir-image-") as directory:
                sound, rows = disk.recovered(directory, contents, load.ROWS)
            lost, doubled, torn = load.judge(rows, promised)
            self.expect(sound == "ok", f"integrity: {sound}")
            self.expect(not (lost or doubled or torn), f"{lost} lost, {doubled} twice, {torn} torn")
            there = {row[0] for row in rows}
            self.expect(not there & set(made.refused), "what was refused is there")

    def start_again(self):
        self.disk.control.write_countdown = self.disk.control.sync_countdown = 0
        self.weir = self.start()
        try:
            self.run("INSERT INTO acked (key, batch, of, body) VALUES ('again.0', 'again', 1, 'again.0')")
        except psycopg.Error as error:
            self.complaints.append(f"started again: {error}")
        self.weir.stop()


def suffer(directory, kind, place, chance):
    """What is wrong, and what is to be counted."""
    fault = Fault(directory, kind, place, chance.choice((20, 300, 3000)))
    fault.run(load.TABLE)
    fault.run(load.INDEX)
    with load.Load(fault.endpoint, body_bytes=fault.body_bytes, tolerated=("53100",)) as made:
        time.sleep(chance.uniform(0, 0.1))
        fault.arm()
        happened = fault.happened()
        time.sleep(0.1)
        if kind == "full":
            fault.disk.control.full = 0
            time.sleep(0.1)
    if not happened:        # a slow machine did not write as much
        fault.weir.kill()
        return [], collections.Counter(faults=1)
    told = {error.sqlstate or "closed" for error in made.errors}
    fault.expect(told <= {STOPPED, "closed", "08006"} if kind not in GOES_ON else not told, f"clients were told {told}")
    fault.resume()
    fault.judge(made, chance)
    fault.start_again()
    return fault.complaints, collections.Counter(faults=1, happened=happened, told=len(made.told),
                                                 refused=len(made.refused), cut_off=len(made.errors))


def main():
    proof = Proof("faults", 400, PER_ROUND)
    for number, count in proof.rounds():
        chance, figures = random.Random(f"{proof.seed}/{number}"), collections.Counter()
        for kind in KINDS[:count]:
            with tempfile.TemporaryDirectory(prefix="weir-fault-") as directory:
                place = number + 1 if number < 20 else chance.randint(20, 500)
                complaints, counted = suffer(directory, kind, place, chance)
            figures.update(counted)
            figures["bad"] += bool(complaints)
            for complaint in complaints:
                print(f"round {number}, {kind}: {complaint}", file=sys.stderr)
        proof.keep(figures)
    found = proof.figures
    proof.end(f"{found['faults']} faults, {found['happened']} came to pass, {found['told']} answers, "
              f"{found['refused']} rows refused, {found['cut_off']} clients cut off; {found['bad']} bad",
              found["bad"] or found["happened"] < found["faults"] * 0.9)


if __name__ == "__main__":
    main()
