"""SIGKILL at a random moment, ROUNDS times: every acknowledged insert must be
there afterwards, none twice. usage: kill.py [ROUNDS] [SEED]"""

import pathlib
import random
import sqlite3
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import psycopg  # noqa: E402
from support.weir import Endpoint, Weir  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
WORKERS = 8


def insert_until_it_dies(port, worker, round_number, acknowledged):
    try:
        with psycopg.connect(Endpoint("sqlite", port).dsn(), autocommit=worker % 2 == 0) as conn:
            for number in range(1_000_000):
                key = f"{round_number}-{worker}-{number}"
                conn.execute("INSERT INTO acked (key) VALUES (%s)", (key,))
                if worker % 2:
                    conn.commit()
                acknowledged.append(key)
    except psycopg.Error:
        pass


def main():
    chance, acknowledged = random.Random(SEED), []
    with tempfile.TemporaryDirectory(prefix="weir-kill-") as directory:
        path = pathlib.Path(directory, "app.db")
        for round_number in range(ROUNDS):
            weir = Weir("--pool-size", "16", f"sqlite:{path}")
            if round_number == 0:
                with psycopg.connect(Endpoint("sqlite", weir.port).dsn(), autocommit=True) as conn:
                    conn.execute("CREATE TABLE acked (id bigserial PRIMARY KEY, key text UNIQUE)")
            threads = [threading.Thread(target=insert_until_it_dies,
                                        args=(weir.port, worker, round_number, acknowledged))
                       for worker in range(WORKERS)]
            for thread in threads:
                thread.start()
            threading.Event().wait(chance.uniform(0.02, 0.4))
            weir.kill()
            for thread in threads:
                thread.join()
        weir = Weir(f"sqlite:{path}")
        with psycopg.connect(Endpoint("sqlite", weir.port).dsn(), autocommit=True) as conn:
            there = [row[0] for row in conn.execute("SELECT key FROM acked")]
        weir.stop()
        check = sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone()[0]
    lost = set(acknowledged) - set(there)
    print(f"{ROUNDS} kills, seed {SEED}: {len(acknowledged)} acknowledged, {len(lost)} lost, "
          f"{len(there) - len(set(there))} twice, integrity {check}")
    sys.exit(bool(lost) or check != "ok" or len(there) != len(set(there)))


main()
