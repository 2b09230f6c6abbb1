"""One round: a schema, its rows, and then whatever may come, statement by
statement. What comes next may depend on what the truth answered before."""

import random

from .change import Changes
from .expression import Expressions
from .fault import Faults
from .query import Queries
from .schema import Schema
from .service import Services
from .tree import Node
from .value import KINDS, quoted


def simple_values(kind):
    """Small constants to put in place of something large."""
    yield "null::" + kind
    if kind in KINDS:
        yield f"{quoted(KINDS[kind].texts[0])}::{kind}"


class Round:
    def __init__(self, seed, number, signatures):
        self.random = random.Random(f"{seed}/{number}")
        self.make = Expressions(self.random, signatures)
        self.queries = Queries(self.random, self.make, signatures)
        self.schema = Schema(self.random, self.make)
        self.changes = Changes(self.random, self.schema, self.make, self.queries)
        self.beginning = [Node(text) for text in self.schema.build()]
        self.queries.tables = self.schema.tables
        self.services = Services(self.random, self.schema, self.make, self.queries, self.changes)
        self.faults = Faults(self.random, self.schema.tables)

    def statements(self, count):
        """As many trees."""
        yield from self.beginning
        for number in range(count - len(self.beginning)):
            yield self.next(number)

    def next(self, number):
        if number < 3 * len(self.schema.tables):
            tables = [each for each in self.schema.tables if not each.is_view]
            return self.schema.insert(tables[number * len(tables) // (3 * len(self.schema.tables))], self.changes.keys, 5)
        roll = self.random.random()
        if roll < 0.07:
            return self.faults.statement()
        if roll < 0.3:
            return self.changes.statement()
        if roll < 0.6:
            return self.services.statement()
        return self.queries.statement()

    def dumps(self):
        """All that is there, in the order of the keys."""
        for table in self.schema.tables:
            if not table.is_view:
                node = Node(f"select * from {table.name} order by {', '.join(table.key)}")
                node.ordered = True
                yield node
