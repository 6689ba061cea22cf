"""Weaves tokens into parts: literals between nodes, each node noted once however often it is used.

A node is a small list, so that a compiled template is plain JSON:
`["value", [path], [filters], kind]`, `["url", [strings and values], kind, place]`,
`["liquid", source, segment, kind, place]`, `["link", index, place]`, `["slot", name, place]`,
`["pixel"]`. A kind is how a value is made safe for where it stands ("text", "css", "raw",
"href", "src"); a place is "html" or "text".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.liquid_source import assigned_in, lookup_of, role_of
from campaigns.places import Address, Hole, Link, Literal, Token

SLOTS = {
    "unsubscribe_url": "unsubscribe",
    "preferences_url": "preferences",
    "view_url": "view",
}
# Between the segments of one Liquid source, around addresses in it, and around numbered nodes.
SEGMENT, OPEN, CLOSE = "\x1e", "\x02", "\x03"

Node = list[Any]


@dataclass(frozen=True)
class Part:
    """Subject, HTML or text: a literal, a node, a literal, ..., a literal."""

    literals: list[str]
    order: list[int]


class Weaver:
    """Collects the nodes, links and Liquid sources of one template."""

    def __init__(self, shelf: Sequence[str]) -> None:
        self._shelf = shelf
        self.nodes: list[Node] = []
        self.links: list[str] = []
        self.liquid: list[tuple[bool, str]] = []
        self.fields: set[str] = set()
        self.slots: set[str] = set()
        self._place = "html"
        self._assigned: set[str] = set()
        self._segments: list[str] = []
        self._literals: list[str] = []
        self._order: list[int] = []

    def part(self, tokens: Sequence[Token], *, escapes: bool) -> Part:
        """The tokens as a part; raises ValueError when a block tag crosses an attribute."""
        self._place = "html" if escapes else "text"
        self._assigned = set().union(
            *(assigned_in(self._shelf[mark]) for mark in _marks(tokens)), set()
        )
        self._segments, self._literals, self._order = [], [""], []
        strip_next = False
        for group in self._groups(tokens):
            strip_next = self._weave(group, strip_next)
        if escapes:
            self._add_pixel()
        if self._segments:
            self.liquid.append((escapes, SEGMENT.join(self._segments)))
        return Part(self._literals, self._order)

    def _groups(self, tokens: Sequence[Token]) -> list[list[Token]]:
        """Each token alone, but a block tag with everything up to its end."""
        groups: list[list[Token]] = []
        depth = 0
        for token in tokens:
            role = role_of(self._shelf[token.mark]) if isinstance(token, Hole) else ""
            if depth:
                groups[-1].append(token)
            else:
                groups.append([token])
            depth += (role == "open") - (role == "close")
            if depth < 0:
                raise ValueError("unbalanced")
        if depth:
            raise ValueError("unbalanced")
        return groups

    def _weave(self, group: list[Token], strip_next: bool) -> bool:
        """Add one group; True when it eats the white space that follows it."""
        first, last = group[0], group[-1]
        if isinstance(first, Literal):
            self._literals[-1] += first.text.lstrip() if strip_next else first.text
            return False
        if isinstance(first, Hole) and self._shelf[first.mark][2] == "-":
            self._literals[-1] = self._literals[-1].rstrip()
        node = self._node(group)
        if node is not None:
            self._append(node)
        return isinstance(last, Hole) and self._shelf[last.mark][-3] == "-"

    def _append(self, node: Node) -> None:
        if node not in self.nodes:
            self.nodes.append(node)
        self._order.append(self.nodes.index(node))
        self._literals.append("")

    def _node(self, group: list[Token]) -> Node | None:
        token = group[0]
        if len(group) > 1:
            return self._liquid_node(
                self._source(group), "text" if self._place == "html" else "raw"
            )
        if isinstance(token, Link):
            return ["link", self._link(token.destination), self._place]
        if isinstance(token, Address):
            return self._address_node(token)
        if not isinstance(token, Hole):
            raise TypeError(token)
        return self._hole_node(token)

    def _hole_node(self, hole: Hole) -> Node | None:
        source = self._shelf[hole.mark]
        if role_of(source) == "silent":
            return None
        slot = self._slot(source)
        if slot:
            return ["slot", slot, self._place]
        return self._value(source, hole.kind) or self._liquid_node(source, hole.kind)

    def _slot(self, source: str) -> str | None:
        lookup = lookup_of(source)
        if lookup is None or len(lookup.path) != 1 or lookup.path[0] not in SLOTS:
            return None
        slot = SLOTS[lookup.path[0]]
        self.slots.add(slot)
        return slot

    def _value(self, source: str, kind: str) -> Node | None:
        lookup = lookup_of(source)
        if lookup is None or lookup.path[0] in self._assigned or "*" in self._assigned:
            return None
        self.fields.add(".".join(lookup.path))
        return ["value", list(lookup.path), [list(one) for one in lookup.filters], kind]

    def _address_node(self, address: Address) -> Node:
        self._groups(address.tokens)
        slot = self._address_slot(address)
        if slot:
            return slot
        pieces = [self._piece(token) for token in address.tokens]
        if None in pieces:
            return self._liquid_node(self._source(address.tokens), address.kind)
        return ["url", pieces, address.kind, self._place]

    def _address_slot(self, address: Address) -> Node | None:
        """The node of an address that is one of ours, as `{{ unsubscribe_url }}`."""
        first = address.tokens[0]
        if len(address.tokens) > 1 or isinstance(first, Literal):
            return None
        slot = self._slot(self._shelf[first.mark])
        return ["slot", slot, self._place] if slot else None

    def _piece(self, token: Literal | Hole) -> str | Node | None:
        if isinstance(token, Literal):
            return token.text
        return self._value(self._shelf[token.mark], "raw")

    def _liquid_node(self, source: str, kind: str) -> Node:
        self._segments.append(source)
        return ["liquid", len(self.liquid), len(self._segments) - 1, kind, self._place]

    def _link(self, destination: str) -> int:
        if self._place == "text" and destination in self.links:
            return self.links.index(destination)
        self.links.append(destination)
        return len(self.links) - 1

    def _source(self, tokens: Sequence[Token]) -> str:
        """Tokens as Liquid again; what is a node of its own becomes a numbered mark."""
        return "".join(self._as_source(token) for token in tokens)

    def _as_source(self, token: Token) -> str:
        if isinstance(token, Literal):
            return token.text
        if isinstance(token, Link):
            return self._numbered(["link", self._link(token.destination), self._place])
        if isinstance(token, Hole):
            source = self._shelf[token.mark]
            is_css = token.kind == "css" and role_of(source) == "output"
            return f"{OPEN}css:{source}{CLOSE}" if is_css else source
        self._groups(token.tokens)
        slot = self._address_slot(token)
        if slot:
            return self._numbered(slot)
        return f"{OPEN}{token.kind}:{self._source(token.tokens)}{CLOSE}"

    def _numbered(self, node: Node) -> str:
        if node not in self.nodes:
            self.nodes.append(node)
        return f"{OPEN}node:{self.nodes.index(node)}{CLOSE}"

    def _add_pixel(self) -> None:
        last = self._literals[-1]
        before, body, after = last.rpartition("</body>")
        self._literals[-1] = before if body else last
        self._append(["pixel"])
        self._literals[-1] = body + after


def _marks(tokens: Sequence[Token]) -> list[int]:
    found: list[int] = []
    for token in tokens:
        if isinstance(token, Address):
            found += _marks(token.tokens)
        elif isinstance(token, Hole):
            found.append(token.mark)
    return found
