"""What thirty real clients sent (../shared/driver-traffic), replayed on Postgres
and on weir on SQLite: parameter types, columns, rows, tags and errors must be
equal, or explained: tests/traffic/explained names the blocks that may differ,
what differs, and why.
usage: traffic.py [CLIENT ...]"""

import collections
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import USER, Cluster  # noqa: E402
from support.traffic import RECORDINGS, Explained, read_recording, replay  # noqa: E402


def main(chosen):
    paths = sorted(path for path in RECORDINGS.glob("*.sql") if not chosen or path.stem in chosen)
    if not paths:
        sys.exit(f"traffic: no recordings in {RECORDINGS}")
    explained, figures = Explained(path.name for path in paths), collections.Counter()
    cluster = Cluster(owner=USER)
    try:
        for path in paths:
            tell(path, replay(read_recording(path), cluster), explained, figures)
    finally:
        cluster.destroy()
    for each in explained.stale():
        print(f"explained, but not so: {each}")
        figures["stale"] += 1
    print(f"traffic, {len(paths)} clients: blocks {figures['blocks']} ({figures['worked']} succeed on Postgres), "
          f"equal {figures['equal']}, explained {figures['explained']}, different {figures['different']}, "
          f"parameters completed {figures['completed']}, stale explanations {figures['stale']}")
    return figures["different"] or figures["stale"]


def tell(path, replayed, explained, figures):
    mine = collections.Counter()
    for told in replayed:
        verdict = "equal" if not told.difference else "explained" if explained.covers(told) else "different"
        mine += collections.Counter({"blocks": 1, verdict: 1, "worked": told.worked, "completed": not told.block.whole})
        if verdict == "different" or verdict == "explained" and os.environ.get("TELL"):
            print(f"{told.block.place} {told.what}: {' '.join(told.block.text.split())[:300]}\n   {told.difference}")
    print(f"{path.stem}: blocks {mine['blocks']} ({mine['worked']} succeed on Postgres), equal {mine['equal']}, "
          f"explained {mine['explained']}, different {mine['different']}", flush=True)
    figures.update(mine)


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
