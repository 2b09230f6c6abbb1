"""COUNT statements for each row of the dialect's tables: answered by weir on a
SQLite file as by Postgres, or refused with 0A000 (tests/support/rows.py).
usage: dialect-coverage.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import Cluster  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.rows import Rounds, counting_binary, list_rows  # noqa: E402
from support.weir import BINARY  # noqa: E402

PER_ROUND, HITS = 25, 20


def main():
    proof = Proof("dialect-coverage", 100, PER_ROUND)
    binary = counting_binary(BINARY)
    cluster = Cluster()
    try:
        for number, count in proof.rounds():
            with tempfile.TemporaryDirectory() as directory:
                rows = list_rows(binary, directory)
                with Rounds(cluster, directory, binary) as rounds:
                    rounds.ask(rows, count, proof.seed * 1000 + number)
                for line in rounds.differences:
                    print(f"round {number}: {line}", file=sys.stderr)
                hits = [hit for _, hit in rounds.counts(rows)]
            proof.keep({"statements": rounds.asked, "refused": rounds.refused, "differ": len(rounds.differences),
                        "hits": sum(hits), "rare": sum(hit < min(HITS, count) for hit in hits), "rounds": 1})
    finally:
        cluster.destroy()
    told = proof.figures
    proof.end(f"{told['statements']} statements for {len(rows)} rows of the tables, {told['hits']} hits, "
              f"{told['rare']} rows hit less than {HITS} times in a round, {told['refused']} refused with 0A000, "
              f"{told['differ']} answered differently", told["differ"] or told["rare"])


main()
