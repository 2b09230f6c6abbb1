"""Statements as trees: text with holes. A tree knows the type of what it
computes, so that it can be made smaller and stay a statement."""

import dataclasses

from ..dialect import Statement


class Node:
    """`parts` are texts and nodes. `steady`: equal values look equal, so it may
    be grouped by. An optional node can be left out, with what its text has."""
    __slots__ = ("parts", "kind", "steady", "optional", "ordered")

    def __init__(self, *parts, kind=None, steady=False, optional=False):
        self.parts, self.kind, self.steady, self.optional = list(parts), kind, steady, optional
        self.ordered = False

    def __str__(self):
        return render(self).text


class Parameter(Node):
    """$n, numbered when the statement is printed."""
    __slots__ = ("value", "oid")

    def __init__(self, value, oid, kind):
        super().__init__(kind=kind)
        self.value, self.oid = value, oid


@dataclasses.dataclass
class Column:
    """A name that a query can use. `tame`: no value near the end of its range."""
    name: str
    kind: str
    steady: bool = True
    tame: bool = True
    key: bool = False
    not_null: bool = False


class Made(Statement):
    """A statement that knows whether its rows have an order."""
    ordered = False


def render(node):
    """The statement a tree is."""
    texts, values, oids = [], [], []
    put(node, texts, values, oids)
    made = Made("".join(texts), values=values, types=tuple(oids) if any(oids) else ())
    made.ordered = getattr(node, "ordered", False)
    return made


def put(node, texts, values, oids):
    if isinstance(node, Parameter):
        values.append(node.value)
        oids.append(node.oid)
        texts.append(f"${len(values)}")
        return
    for part in node.parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            put(part, texts, values, oids)


def joined(nodes, separator=", ", least=1):
    """Nodes in a list, of which all but `least` may go."""
    items = []
    for number, node in enumerate(nodes):
        head = [separator] if number else []
        items.append(Node(*head, node, optional=number >= least))
    return Node(*items)


# --- making smaller -----------------------------------------------------------

def walk(node):
    """(parent, index) of every node below."""
    for index, part in enumerate(node.parts):
        if isinstance(part, Node):
            yield node, index
            yield from walk(part)


def replacements(node, simple):
    """What could stand in place of a node, smallest first."""
    if node.optional and node.parts:
        yield Node(optional=False, kind=node.kind)
    if node.kind is None or isinstance(node, Parameter):
        return
    if len(str(node)) > 12:
        yield from (Node(text, kind=node.kind) for text in simple(node.kind))
    for parent, index in walk(node):
        inner = parent.parts[index]
        if inner.kind == node.kind:
            yield inner


def reduce(tree, still, simple, tries=300):
    """The smallest found that still fails: `still(statement)` asks."""
    smaller = True
    while smaller:
        smaller = False
        for parent, index in list(walk(tree)):
            if index >= len(parent.parts):
                continue
            node = parent.parts[index]
            size = len(str(tree))
            for other in replacements(node, simple):
                if tries <= 0:
                    return tree
                parent.parts[index] = other
                statement = render(tree)
                statement.ordered = statement.ordered and "order by" in statement.text
                if len(statement.text) < size:
                    tries -= 1
                    if still(statement):
                        smaller = True
                        break
                parent.parts[index] = node
            if smaller:
                break
    return tree
