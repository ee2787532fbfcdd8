"""Which combinations of identities are one person: connected parts of a graph, the same whatever the order of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

Node = tuple[str, str]
OWN = "id"
VISITOR = "anonymous-"
"""How the customer id of somebody begins of whom nothing is known but a browser or a telephone."""


@dataclass(frozen=True)
class Link:
    """Combination ``n`` bears an identity; ``customer`` is whose it is already; a small ``strength`` is strong."""

    n: int
    kind: str
    value: str
    strength: int
    customer: str | None

    @property
    def node(self) -> Node:
        return self.kind, self.value


@dataclass(frozen=True)
class Known:
    """What decides which of two customers stays."""

    described: bool
    since: datetime | None


@dataclass(frozen=True)
class Component:
    """The customers that one person was known as, the one that stays first."""

    atoms: tuple[str, ...]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Joined:
    customers: dict[int, str]
    components: tuple[Component, ...]


class Forest:
    """Union-find; ``people`` holds the existing customers of each root."""

    def __init__(self) -> None:
        self.parent: dict[Node, Node] = {}
        self.people: dict[Node, set[str]] = {}

    def find(self, node: Node) -> Node:
        root = node
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[node] != root:
            self.parent[node], node = root, self.parent[node]
        return root

    def add(self, node: Node, customer: str | None) -> None:
        if node not in self.parent:
            self.parent[node] = node
            self.people[node] = {customer} if customer else set()

    def union(self, one: Node, other: Node, apart: set[frozenset[str]]) -> bool:
        """Join two parts, unless that would bring together two that a person took apart."""
        a, b = sorted((self.find(one), self.find(other)))
        if a == b:
            return True
        if apart and any(frozenset((x, y)) in apart for x in self.people[a] for y in self.people[b]):
            return False
        self.parent[b] = a
        self.people[a] |= self.people.pop(b)
        return True


def join_up(links: Sequence[Link], known: Mapping[str, Known], apart: set[frozenset[str]],
            made_id: Callable[[str, str], str]) -> Joined:
    """The customer of each combination, and which customers prove to be one.

    A combination with an id of its own keeps to that id's customer, so that a merge can be taken back; all others go
    to the customer that stays.
    """
    by_n: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        by_n[link.n].append(link)
    forest = _forest(by_n, apart)
    members: dict[Node, list[Link]] = defaultdict(list)
    of_part: dict[Node, list[int]] = defaultdict(list)
    for n, own in by_n.items():
        root = forest.find(own[0].node)
        of_part[root].append(n)
        for link in own:
            members[forest.find(link.node)].append(link)
    customers: dict[int, str] = {}
    components = []
    for root in sorted(members):
        atoms, of_node = _atoms(members[root], known, made_id)
        for n in of_part[root]:
            customers[n] = next((of_node[x.node] for x in by_n[n] if x.node in of_node), atoms[0])
        if len(atoms) > 1:
            components.append(Component(atoms, _reasons(atoms[1:], members[root], of_node)))
    return Joined(customers, tuple(components))


def _forest(by_n: Mapping[int, Sequence[Link]], apart: set[frozenset[str]]) -> Forest:
    forest = Forest()
    whose: dict[str, Node] = {}
    for own in by_n.values():
        for link in own:
            forest.add(link.node, link.customer)
            if link.customer:
                forest.union(whose.setdefault(link.customer, link.node), link.node, apart)
    pairs = sorted((own[0].node, link.node) for own in by_n.values() for link in own[1:])
    for one, other in dict.fromkeys(pairs):
        forest.union(one, other, apart)
    return forest


def _atoms(links: Sequence[Link], known: Mapping[str, Known],
           made_id: Callable[[str, str], str]) -> tuple[tuple[str, ...], dict[Node, str]]:
    """The customers of one part, the one that stays first; and the identities that keep to a customer of their own."""
    of_node = {x.node: x.customer for x in links if x.customer and x.strength < 2}
    of_node.update({x.node: made_id(*x.node) for x in links if x.kind == OWN and not x.customer})
    atoms = {x.customer for x in links if x.customer} | set(of_node.values())
    if not atoms:
        platforms = sorted({x.node for x in links if x.strength == 1})
        first = [node for node in platforms if node[0] == platforms[0][0]]
        of_node = {node: made_id(*node) for node in first}
        atoms = set(of_node.values())
    if not atoms:
        strongest = min(links, key=lambda x: (x.strength, x.kind, x.value))
        atoms = {made_id(*strongest.node)}
    return tuple(sorted(atoms, key=lambda a: rank(a, known))), of_node


def rank(customer: str, known: Mapping[str, Known]) -> tuple[bool, bool, bool, datetime, str]:
    """Who has a name before a browser's visitor, the known before the new, the described before the rest, then the
    older before the younger."""
    found, visitor = known.get(customer), customer.startswith(VISITOR)
    if found is None:
        return visitor, True, True, datetime.max, customer
    return visitor, False, not found.described, found.since or datetime.max, customer


def _reasons(absorbed: Iterable[str], links: Sequence[Link], of_node: Mapping[Node, str]) -> dict[str, str]:
    """For each customer the identity that joined them to the others: one that their combinations share with others."""
    shared: dict[Node, set[int]] = defaultdict(set)
    strength = {}
    for link in links:
        shared[link.node].add(link.n)
        strength[link.node] = link.strength
    found = {}
    for customer in absorbed:
        own = {x.n for x in links if (of_node.get(x.node) or x.customer) == customer}
        joining = [node for node, ns in shared.items() if ns & own and of_node.get(node) != customer]
        kind, value = max(joining or shared, key=lambda node: (strength[node] >= 2, bool(shared[node] - own),
                                                               -strength[node], node))
        found[customer] = f"{kind} {value}"
    return found
