"""COUNT random statements over random schemas, asked of Postgres and of weir
on a SQLite file: each must be answered alike (support/dialect.py), or refused
with 0A000. After each round the tables must be alike too.
usage: dialect.py [COUNT] [SEED] [--again] [--round NUMBER]

SHOW=1 prints each statement before it is asked; REDUCE=0 does not make those
smaller that are answered differently."""

import collections
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.cluster import Cluster  # noqa: E402
from support.dialect import Road, Statement, difference  # noqa: E402
from support.generator.round import Round, simple_values  # noqa: E402
from support.generator.signature import read_signatures  # noqa: E402
from support.generator.tree import Node, reduce, render, walk  # noqa: E402
from support.proof import Proof  # noqa: E402
from support.weir import serve  # noqa: E402

PER_ROUND = 500
DATABASE = "generated"
SHOWN = 20
PATIENCE, TOO_LONG = "8s", "57014"      # a random join may cost any time: counted apart
PARTS_MAX = 300
TOO_DEEP = "54001"    # SQLite's limits are others than Postgres's (CAVEATS of weir(1))


class Pair:
    """Postgres and weir, each with an empty database."""

    def __init__(self, cluster, direct, lite):
        cluster.create_database(DATABASE)
        self.truth = Road(direct, "Postgres", DATABASE, statement_timeout=PATIENCE)
        self.lite = Road(lite, "weir", "app", statement_timeout=PATIENCE)

    def ask(self, statement):
        """(answer of Postgres or None, answer on SQLite, difference). What is
        refused is not asked of Postgres: both keep the same rows."""
        told = self.lite.put(statement)
        if told.is_refusal or code_of(told) == TOO_DEEP:
            right = self.truth.put(Statement("select 1 / 0")) if told.status == "E" else None
            return right, told, ""
        right = self.truth.put(statement)
        found = difference(statement, right, told)
        if not found and not right.error and statement.reads:
            found = difference(statement, self.truth.put(statement, True), self.lite.put(statement, True))
            found = found and "in binary: " + found
        return right, told, found

    def say(self, text):
        for road in (self.truth, self.lite):
            road.put(Statement(text, simple=True))

    def differs(self, statement):
        """Whether they disagree, nothing being changed by the question."""
        self.say("begin")
        found = self.ask(statement)[2]
        self.say("rollback")
        return found

    def leave(self):
        self.truth.leave()
        self.lite.leave()


def code_of(answer):
    return answer.error["C"] if answer.error else ""


def fails_alone(tree, code, road):
    """Whether a part of the statement fails so where it stands alone."""
    parts = [parent.parts[index] for parent, index in walk(tree)]
    return any(code_of(road.put(render(Node("select ", part)))) == code for part in parts[:PARTS_MAX] if part.kind)


def excuse(tree, right, told, pair):
    """What makes both answers right, or "". Postgres does not promise which
    parts of an expression are computed, nor in what order (manual 4.2.14,
    Expression Evaluation Rules): where one says what is wrong with a value and
    the other does not come to it, the other must say the same of that part
    alone."""
    codes = code_of(right), code_of(told)
    if TOO_LONG in codes:
        return "too long"
    if any(code and not code.startswith("22") for code in codes) or codes == ("", ""):
        return ""
    alike = all(not code or fails_alone(tree, code, road) for code, road in zip(codes, (pair.lite, pair.truth)))
    return "of two errors another" if all(codes) and alike else "error of a part" if alike else ""


def ask_all(road, text):
    answer = road.put(Statement(text))
    assert not answer.error, answer
    return [[value and value.decode() for value in row] for row in answer.results[0].rows]


class Examiner:
    """Holds one round after the other, and counts."""

    def __init__(self, seed, out=sys.stdout):
        self.seed, self.out, self.signatures = seed, out, None
        self.figures = collections.Counter()

    def hold(self, number, count, cluster):
        with serve("direct", cluster) as direct, serve("sqlite", cluster) as lite:
            pair = Pair(cluster, direct, lite)
            if self.signatures is None:
                self.signatures = read_signatures(pair.truth, ask_all)
            self.go_through(Round(self.seed, number, self.signatures), number, count, pair)
            pair.leave()

    def go_through(self, made, number, count, pair):
        for tree in made.statements(count):
            if not self.examine(tree, made, number, pair):
                return          # the rows are not the same any more
        pair.say("rollback")
        for tree in made.dumps():
            self.examine(tree, made, number, pair)

    def examine(self, tree, made, number, pair):
        """Asks both; whether both still have the same rows."""
        statement = render(tree)
        if os.environ.get("SHOW"):
            print(f"{statement.text};  -- {statement.values}", file=sys.stderr, flush=True)
        right, told, found = pair.ask(statement)
        self.figures["statements"] += 1
        if found or TOO_LONG in (code_of(right) if right else "", code_of(told)):
            pair.say("rollback")
            made.changes.left()
            reason = excuse(tree, right, told, pair)
            self.figures[reason or "different"] += 1
            if not reason:
                self.tell(tree, statement, number, pair, found)
            return statement.reads or bool(right.error and told.error)
        refused = told.is_refusal or code_of(told) == TOO_DEEP
        if refused:
            self.figures["refused"] += 1
            self.figures[f"refused: {feature(told.message)}"] += 1
        else:
            self.figures["errors equal" if right.error else "equal"] += 1
        if told.status == "E":
            pair.say(made.changes.recover())
        # What is refused while it runs may have drawn from a sequence.
        return not (refused and statement.text.startswith("insert"))

    def tell(self, tree, statement, number, pair, found):
        if os.environ.get("REDUCE", "1") != "0" and pair.differs(statement):
            nature = kind_of(found)
            statement = render(reduce(tree, lambda each: kind_of(pair.differs(each)) == nature, simple_values))
            found = pair.differs(statement)
        print(f"--- seed {self.seed} round {number}: {statement.text};"
              + (f"\n    bind {statement.values} types {statement.types}" if statement.values else "")
              + f"\n{found}", file=self.out, flush=True)


def kind_of(found):
    """In what two answers differ: what is made smaller must differ alike."""
    return found.split(" ")[0], re.findall(r"'C': '(\w+)'", found)


def feature(message):
    return re.sub(r"\"[^\"]*\"|'[^']*'|\d+", "_", message)[:70]


def main():
    proof = Proof("dialect", 100_000, PER_ROUND)
    examiner = Examiner(proof.seed)
    cluster = Cluster()
    try:
        for number, count in proof.rounds():
            examiner.figures.clear()
            examiner.hold(number, count, cluster)
            proof.keep(examiner.figures)
    finally:
        cluster.destroy()
    proof.end(summary(proof.figures), proof.figures["different"])


def summary(figures):
    whole = max(figures["statements"], 1)
    refused = sorted(((count, name[9:]) for name, count in figures.items() if name.startswith("refused: ")), reverse=True)
    return (f"{figures['statements']} statements: {figures['equal']} equal, {figures['errors equal']} errors equal, "
            f"{figures['refused']} refused ({100 * figures['refused'] / whole:.1f} %), {figures['different']} different; "
            f"{figures['error of a part']} errors of parts that need not be computed, "
            f"{figures['of two errors another']} with another of two errors, {figures['too long']} took too long"
            + "".join(f"\n    {100 * count / whole:.2f} % refused: {name}" for count, name in refused[:SHOWN]))


if __name__ == "__main__":
    main()
