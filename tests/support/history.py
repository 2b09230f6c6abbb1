"""Histories of list-append transactions, and what is wrong with them.

A transaction reads lists and appends numbers to them, each number once in all.
Because a list shows in which order it was written to, the dependencies between
transactions can be read off what they saw (Kingsbury and Alvaro, "Elle", 2020):

    ww  the next number of a list is another transaction's
    wr  one has read a list that ends with the other's number
    rw  one has read a list to which the other's number came next

and a cycle of them is an anomaly, whose name (Adya's) is that of its edges."""

import asyncio
import collections
import dataclasses
import random

import asyncpg

WINDOW = 8              # lists in use at a time ...
APPENDS_PER_KEY = 40    # ... before a new one takes the place of one of them
# What a level forbids. Besides the cycles: a number that is lost or there twice,
# a list read that is no beginning of what it became, one's own number missing,
# a list that has changed between two reads.
AT_LEAST = ("G0", "G1a", "G1b", "G1c", "lost", "order", "own")
LEVELS = {"READ COMMITTED": AT_LEAST,
          "REPEATABLE READ": (*AT_LEAST, "internal", "G-single"),
          "SERIALIZABLE": (*AT_LEAST, "internal", "G-single", "G2")}


@dataclasses.dataclass
class Transaction:
    number: int
    deeds: list = dataclasses.field(default_factory=list)   # ("r", key, numbers read) or ("a", key, number)
    committed: bool = False
    sqlstate: str = None


# --- making one

class Choices:
    """What transactions do: drawn from the seed, whatever the timing."""

    def __init__(self, seed):
        self.chance, self.appends = random.Random(seed), 0

    def deeds(self):
        oldest = self.appends // APPENDS_PER_KEY
        for _ in range(self.chance.randint(1, 4)):
            key = oldest + int(self.chance.triangular(0, WINDOW, 1))
            if self.chance.random() < 0.5:
                self.appends += 1
                yield "a", key
            else:
                yield "r", key


async def perform(conn, level, transaction, deeds):
    await conn.execute(f"BEGIN ISOLATION LEVEL {level}")
    try:
        for number, (kind, key) in enumerate(deeds):
            if kind == "r":
                text = await conn.fetchval("SELECT numbers FROM lists WHERE key = $1", key)
                transaction.deeds.append(("r", key, [int(each) for each in (text or "").split()]))
            else:
                mine = transaction.number * 10 + number
                transaction.deeds.append(("a", key, mine))
                await conn.execute("INSERT INTO lists AS l VALUES ($1, $2) ON CONFLICT (key) "
                                   "DO UPDATE SET numbers = l.numbers || excluded.numbers", key, f"{mine} ")
        await conn.execute("COMMIT")
        transaction.committed = True
    except asyncpg.PostgresError as error:
        transaction.sqlstate = error.sqlstate
        await conn.execute("ROLLBACK")


async def client(endpoint, level, choices, transactions, wanted):
    conn = await asyncpg.connect(host="127.0.0.1", port=endpoint.port, user=endpoint.user,
                                 password=endpoint.password, database="app", ssl=False)
    while wanted[0] > 0:
        wanted[0] -= 1
        transaction = Transaction(len(transactions))
        transactions.append(transaction)
        await perform(conn, level, transaction, list(choices.deeds()))
        if not transaction.committed:
            wanted[0] += 1
    await conn.close()


async def gather(endpoint, level, count, seed, clients):
    conn = await asyncpg.connect(host="127.0.0.1", port=endpoint.port, user=endpoint.user,
                                 password=endpoint.password, database="app", ssl=False)
    await conn.execute("DROP TABLE IF EXISTS lists")
    await conn.execute("CREATE TABLE lists (key int PRIMARY KEY, numbers text)")
    choices, transactions, wanted = Choices(seed), [], [count]
    await asyncio.gather(*(client(endpoint, level, choices, transactions, wanted) for _ in range(clients)))
    final = {row["key"]: [int(each) for each in row["numbers"].split()]
             for row in await conn.fetch("SELECT key, numbers FROM lists")}
    await conn.close()
    return transactions, final


def make(endpoint, level, count, seed, clients=16):
    """`count` committed transactions of that level, and what the lists are in the end."""
    return asyncio.run(gather(endpoint, level, count, seed, clients))


# --- judging it

class Judge:
    def __init__(self, transactions, final):
        self.transactions, self.final = transactions, final
        self.found = collections.defaultdict(list)
        self.writer = {deed[2]: transaction for transaction in transactions
                       for deed in transaction.deeds if deed[0] == "a"}
        self.last_of = {(transaction.number, deed[1]): deed[2] for transaction in transactions
                        for deed in transaction.deeds if deed[0] == "a"}
        self.edges = {"ww": set(), "wr": set(), "rw": set()}
        self.look_at_lists()
        for transaction in transactions:
            if transaction.committed:
                self.look_at_reads(transaction)
        self.look_for_cycles()

    def look_at_lists(self):
        there = collections.Counter(number for numbers in self.final.values() for number in numbers)
        for number, transaction in self.writer.items():
            if transaction.committed and there[number] != 1:
                self.found["lost"].append((number, there[number]))
            elif not transaction.committed and there[number]:
                self.found["G1a"].append(number)
        for numbers in self.final.values():
            for one, next_one in zip(numbers, numbers[1:]):
                self.depend("ww", self.writer[one], self.writer[next_one])

    def depend(self, kind, before, behind):
        if before is not behind:
            self.edges[kind].add((before.number, behind.number))

    def look_at_reads(self, transaction):
        mine, expected = collections.defaultdict(list), {}
        for kind, key, what in transaction.deeds:
            if kind == "a":
                mine[key].append(what)
                if key in expected:
                    expected[key] = expected[key] + [what]
                continue
            if mine[key] and what[-len(mine[key]):] != mine[key]:
                self.found["own"].append((transaction.number, key))
            if what != expected.get(key, what):
                self.found["internal"].append((transaction.number, key))
            expected[key] = what
            self.look_at_read(transaction, key, what)

    def look_at_read(self, transaction, key, numbers):
        final = self.final.get(key, [])
        if any(not self.writer[number].committed for number in numbers):
            self.found["G1a"].append((transaction.number, key))
            return
        if final[:len(numbers)] != numbers:
            self.found["order"].append((transaction.number, key))
            return
        others = [number for number in numbers if self.writer[number] is not transaction]
        if others:
            writer = self.writer[others[-1]]
            self.depend("wr", writer, transaction)
            if self.last_of[writer.number, key] != others[-1]:
                self.found["G1b"].append((transaction.number, key))
        behind = [number for number in final[len(numbers):] if self.writer[number] is not transaction]
        if behind:
            self.depend("rw", transaction, self.writer[behind[0]])

    def look_for_cycles(self):
        ww, certain = successors(self.edges["ww"]), successors(self.edges["ww"] | self.edges["wr"])
        whole = successors(self.edges["ww"] | self.edges["wr"] | self.edges["rw"])
        self.found["G0"] += circles(ww)
        self.found["G1c"] += circles(certain)
        for circle in circles(whole):
            within = set(circle)
            single = [(one, other) for one, other in self.edges["rw"] if one in within and other in within
                      and reaches(certain, other, one, within)]
            self.found["G-single"] += single
            if not single:
                self.found["G2"].append(circle)


def successors(edges):
    found = collections.defaultdict(list)
    for one, other in sorted(edges):
        found[one].append(other)
    return found


def reaches(graph, start, end, within):
    seen, left = {start}, [start]
    while left:
        node = left.pop()
        if node == end:
            return True
        for each in graph.get(node, ()):
            if each in within and each not in seen:
                seen.add(each)
                left.append(each)
    return False


def circles(graph):
    """The strongly connected components of more than one node (Tarjan's, without recursion)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []
    for root in list(graph):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        work, stack = [(root, iter(graph[root]))], [root]
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for each in rest:
                if each not in index:
                    index[each] = low[each] = len(index)
                    stack.append(each)
                    on_stack.add(each)
                    work.append((each, iter(graph.get(each, ()))))
                    break
                if each in on_stack:
                    low[node] = min(low[node], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while True:
                        each = stack.pop()
                        on_stack.discard(each)
                        part.append(each)
                        if each == node:
                            break
                    if len(part) > 1:
                        found.append(part)
    return found


def anomalies(history, level):
    """Those that the level forbids: {name: where}."""
    found = Judge(*history).found
    return {name: found[name] for name in LEVELS[level] if found[name]}
