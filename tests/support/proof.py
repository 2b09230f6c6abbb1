"""A long proof: a name, a seed and a count, in rounds. After each round what
was counted is written down in build/prove/, so that a proof that was
interrupted goes on where it was; each round depends on the seed and its own
number only, so that one can be run again by itself.

    NAME.py [COUNT] [SEED] [--again] [--round NUMBER]"""

import argparse
import collections
import json
import pathlib
import sys

DIRECTORY = pathlib.Path(__file__).resolve().parents[2] / "build" / "prove"


class Proof:
    def __init__(self, name, count, per_round, arguments=None):
        options = argparse.ArgumentParser(prog=f"{name}.py")
        options.add_argument("count", type=int, nargs="?", default=count)
        options.add_argument("seed", type=int, nargs="?", default=1)
        options.add_argument("--again", action="store_true", help="begin at the first round")
        options.add_argument("--round", type=int, help="only this one")
        chosen = options.parse_args(arguments)
        self.name, self.count, self.seed, self.per_round = name, chosen.count, chosen.seed, per_round
        self.only, self.figures, self.done = chosen.round, collections.Counter(), 0
        self.path = DIRECTORY / f"{name}-{self.count}-{self.seed}.json"
        if not chosen.again and self.only is None and self.path.exists():
            kept = json.loads(self.path.read_text())
            self.figures.update(kept["figures"])
            self.done = kept["rounds"]
            print(f"{name}: goes on after round {self.done}", file=sys.stderr)

    def rounds(self):
        """The numbers of those still to do, and how much of the count each is."""
        if self.only is not None:
            yield self.only, self.per_round
            return
        while self.done * self.per_round < self.count:
            yield self.done, min(self.per_round, self.count - self.done * self.per_round)

    def keep(self, figures):
        """A round is over."""
        self.figures.update(figures)
        if self.only is not None:
            return
        self.done += 1
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        whole = {"rounds": self.done, "figures": dict(self.figures)}
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(whole))
        part.replace(self.path)

    def end(self, text, failed):
        """Prints the one line, and leaves."""
        if self.only is None:
            self.path.unlink(missing_ok=True)
        print(f"{self.name}, seed {self.seed}: {text}")
        sys.exit(bool(failed))
