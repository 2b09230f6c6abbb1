"""Statements that change rows, and transactions around them."""

from .tree import Node, joined
from .value import KINDS, quoted


class Changes:
    def __init__(self, random, schema, expressions, queries):
        self.random, self.schema, self.make, self.queries = random, schema, expressions, queries
        self.pick, self.chance = expressions.pick, expressions.chance
        self.keys = {}          # of the rows of each table, as they are written
        self.savepoints, self.open = [], False

    def table(self):
        return self.pick([each for each in self.schema.tables if not each.is_view])

    def statement(self):
        roll = self.random.random()
        if roll < 0.2:
            return self.transaction()
        if roll < 0.55:
            return self.insert()
        if roll < 0.85:
            return self.update()
        return self.delete()

    def transaction(self):
        """BEGIN and its kin; also where they are out of place."""
        if not self.open:
            self.open = self.chance(0.9)
            return Node(self.pick(("begin", "start transaction")) if self.open else self.pick(
                ("commit", "rollback", "savepoint s", "release savepoint s")))
        roll = self.random.random()
        if roll < 0.35:
            self.savepoints.append(f"s{len(self.savepoints) + 1}")
            return Node("savepoint " + self.savepoints[-1])
        if roll < 0.65 and self.savepoints:
            name = self.pick(self.savepoints)
            del self.savepoints[self.savepoints.index(name) + 1:]
            return Node("rollback to savepoint " + name)
        if roll < 0.75 and self.savepoints:
            name = self.pick(self.savepoints)
            del self.savepoints[self.savepoints.index(name):]
            return Node("release savepoint " + name)
        self.open, self.savepoints = False, []
        return Node(self.pick(("commit", "commit", "end", "rollback")))

    def left(self):
        """The transaction is over."""
        self.open, self.savepoints = False, []

    def recover(self):
        """What to say after an error in a transaction."""
        if self.savepoints and self.chance(0.7):
            return "rollback to savepoint " + self.savepoints[-1]
        self.left()
        return self.pick(("rollback", "commit"))

    # --- INSERT

    def insert(self):
        table = self.table()
        roll = self.random.random()
        if roll < 0.2:
            node = self.insert_select(table)
        else:
            node = self.schema.insert(table, self.keys)
            if "default values" in str(node) or not self.chance(0.3):
                node = Node(node)
            else:
                node = Node(node, self.conflict(table))
        # SQLite counts a sequence on for all rows of a list at once where it returns them,
        # also when the first of them fails.
        counted = table.given and str(node).count("), (") > 0
        return Node(node, Node() if counted else self.returning(table))

    def insert_select(self, table):
        columns = [each for each in self.schema.insertable(table) if each.key or each.not_null or self.chance(0.7)]
        values = [self.schema.value(table, each, self.keys) for each in columns]
        values = [Node("null") if str(each) == "default" else each for each in values]
        if not columns:
            return Node(f"insert into {table.name} default values")
        shown = [Node(value, "::", column.kind) for value, column in zip(values, columns)]
        names = ", ".join(each.name for each in columns)
        return Node(f"insert into {table.name} ({names}) select ", joined(shown, least=len(shown)))

    def conflict(self, table):
        target = self.pick([table.key, table.key, *table.uniques])
        if self.chance(0.3):
            return Node(self.pick((" on conflict do nothing", f" on conflict ({', '.join(target)}) do nothing")))
        plain = self.settable(table)
        if not plain:
            return Node(" on conflict do nothing")
        sets = []
        for column in self.random.sample(plain, min(len(plain), self.random.randint(1, 2))):
            value = Node(f"excluded.{column.name}") if self.chance(0.6) else Node(f"{table.name}.{column.name}")
            sets.append(Node(f"{column.name} = ", value))
        where = Node(f" where {table.name}.{plain[0].name} is distinct from excluded.{plain[0].name}", optional=True) if \
            self.chance(0.3) and KINDS[plain[0].kind].sorts else Node()
        return Node(f" on conflict ({', '.join(target)}) do update set ", joined(sets), where)

    def settable(self, table):
        """What may be set of many rows at once: nothing that must be unique."""
        alone = {name for names in table.uniques for name in names} | set(table.key)
        return [each for each in table.columns if each.name not in alone and each.name not in table.always]

    def returning(self, table):
        if self.chance(0.5):
            return Node()
        if self.chance(0.3):
            return Node(" returning *", optional=True)
        items = [self.make.safely(self.make.expression, self.pick(table.columns).kind, table.columns, 1)
                 for _ in range(self.random.randint(1, 2))]
        return Node(" returning ", joined(items), optional=True)

    # --- UPDATE, DELETE

    def one_row(self, table):
        known = self.keys.get(table.name)
        return f"{table.name}.{table.key[0]} = {self.pick(known) if known else quoted('1')}"

    def update(self):
        table = self.table()
        columns = self.settable(table)
        if not columns:
            return self.delete()
        scope = [each for each in table.columns]
        only = self.chance(0.35)
        sets = []
        for column in self.random.sample(columns, min(len(columns), self.random.randint(1, 3))):
            sets.append(Node(f"{column.name} = ", self.assigned(table, column, scope, only)))
        tail = [" where ", self.one_row(table)] if only else [self.queries.where(scope, 0.8)]
        if not only and self.chance(0.25):
            tail = self.update_from(table, columns, sets) or tail
        return Node(f"update {table.name} set ", joined(sets), *tail, self.returning(table))

    def assigned(self, table, column, scope, only):
        """Of many rows one may be refused for its NULL, another for its value:
        which comes first is not said."""
        if column.not_null and not only:
            return Node(quoted(self.make.text_of(column.kind, True)), kind=None)
        if column.name in table.references:
            known = self.keys.get(table.references[column.name].name)
            return Node(self.pick(known)) if known and self.chance(0.8) else Node("null")
        roll = self.random.random()
        if roll < 0.1:
            return Node("default")
        if roll < 0.4:
            return Node(quoted(self.make.text_of(column.kind, True)), kind=None)
        if column.kind == "mood":
            return self.make.leaf("mood", scope, True)
        made = self.make.safely(self.make.expression, column.kind, scope, 2, True)
        # A table keeps no -0 (CAVEATS of weir(1)).
        return Node("(", made, f" + 0::{column.kind})") if column.kind in ("float4", "float8") else made

    def update_from(self, table, columns, sets):
        """Each row meets one of the other table, or none."""
        links = [(name, target) for name, target in table.references.items() if target is not table]
        if not links:
            return None
        name, target = self.pick(links)
        given = [each for each in target.columns if each.kind == columns[0].kind and columns[0].name not in table.references]
        if given:
            sets[:] = [Node(f"{columns[0].name} = other.{self.pick(given).name}")]
        return [f" from {target.name} as other where {table.name}.{name} = other.{target.key[0]}"]

    def delete(self):
        table = self.table()
        roll = self.random.random()
        if roll < 0.6:
            tail = [" where ", self.one_row(table)]
        elif roll < 0.8:
            tail = [" where ", self.make.safely(self.make.expression, "bool", table.columns, 2), " and ", self.one_row(table)]
        else:
            other = self.table()
            if other is table:
                tail = [" where false"]
            else:
                tail = [f" using {other.name} as other where ", self.one_row(table),
                        f" and other.{other.key[0]} is not null and {table.name}.{table.key[0]} is not null"]
        return Node(f"delete from {table.name}", *tail, self.returning(table) if roll < 0.8 else Node())
