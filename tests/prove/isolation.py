"""COUNT transactions of each level, of 16 clients of weir on SQLite, that read
lists and append to them: their histories show no anomaly that the level
forbids (support/history.py). As a control what READ COMMITTED gave is held to
SERIALIZABLE: there anomalies must be found.
usage: isolation.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import history  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import serve  # noqa: E402

PER_ROUND = 2500


def main():
    proof = Proof("isolation", 100_000, PER_ROUND)
    for number, count in proof.rounds():
        figures = collections.Counter()
        with serve("sqlite", None, "--pool-size", "64") as endpoint:
            for level, forbidden in history.LEVELS.items():
                made = history.make(endpoint, level, count, proof.seed * 1_000_003 + number)
                figures[f"{level}, refused with 40001"] += sum(not each.committed for each in made[0])
                for name, where in history.anomalies(made, level).items():
                    print(f"round {number}, {level}: {name} at {where[:5]}", file=sys.stderr)
                    figures[f"{level}, anomalies"] += len(where)
                figures["other errors"] += sum(each.sqlstate not in (None, "40001") for each in made[0])
                if level == "READ COMMITTED":
                    found = history.anomalies(made, "SERIALIZABLE")
                    figures["control"] += sum(map(len, found.values()))
        proof.keep(figures)
    told = "; ".join(f"{level}: {proof.figures[f'{level}, anomalies']} anomalies, "
                     f"{proof.figures[f'{level}, refused with 40001']} refused with 40001" for level in history.LEVELS)
    proof.end(f"{proof.count} transactions of each level. {told}; {proof.figures['other errors']} other errors; "
              f"READ COMMITTED held to SERIALIZABLE (must be some): {proof.figures['control']}",
              proof.figures["other errors"] or not proof.figures["control"] or
              any(proof.figures[f"{level}, anomalies"] for level in history.LEVELS))


main()
