"""SIGKILL at a random moment, ROUNDS times: every row of which a client had been
told must be there afterwards, whole, none twice.
usage: kill.py [ROUNDS] [SEED]"""

import pathlib
import random
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from support import load  # noqa: E402
from support.weir import Endpoint, Weir  # noqa: E402


def suffer(path, rounds, chance):
    """(answers, lost, doubled, torn, what integrity_check says)"""
    promised, answers = set(), 0
    for number in range(rounds):
        weir = Weir("--pool-size", "16", f"sqlite:{path}")
        endpoint = Endpoint("sqlite", weir.port, weir=weir)
        if number == 0:
            with psycopg.connect(endpoint.dsn(), autocommit=True) as conn:
                conn.execute(load.TABLE)
        with load.Load(endpoint, name=f"{number}-", body_bytes=30) as made:
            if number == 0:
                made.has_told()     # else there is nothing to lose
            time.sleep(chance.uniform(0.02, 0.4))
            weir.kill()
        answers += len(made.told)
        promised |= {key for _, key in made.told}
    Weir(f"sqlite:{path}").stop()
    conn = sqlite3.connect(path)
    rows, sound = conn.execute(load.ROWS).fetchall(), conn.execute("PRAGMA integrity_check").fetchone()[0]
    conn.close()
    return answers, *load.judge(rows, promised), sound


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(prefix="weir-kill-") as directory:
        answers, lost, doubled, torn, sound = suffer(pathlib.Path(directory, "app.db"), rounds, random.Random(seed))
    print(f"kill, seed {seed}: {rounds} kills after {answers} answers: {lost} rows lost, {doubled} twice, {torn} torn, "
          f"integrity {sound}")
    sys.exit(bool(lost or doubled or torn) or sound != "ok" or not answers)


if __name__ == "__main__":
    main()
