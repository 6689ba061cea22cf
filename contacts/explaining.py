"""Why a tree of conditions holds for somebody, or does not: each condition with its answer.

The conditions are asked as segments ask them, so that an answer here and a list there agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Value
from django.utils.translation import gettext as _

from contacts import segments
from contacts.contracts import ConditionScope, conditions
from contacts.models import Segment

Tree = Mapping[str, Any]
Join = Literal["", "all", "any", "none"]

# Conditions put into one statement; a page that asks for more is told of the first.
MOST_ASKED = 240


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition, or a group of them, and whether it holds for the person.

    `join` tells what a group wants of its parts; "" is a single condition, said in `words`. A
    saved segment is a group with words of its own.
    """

    holds: bool
    words: str = ""
    join: Join = ""
    parts: tuple["Finding", ...] = ()

    def leaves(self) -> Iterator["Finding"]:
        """The single conditions, in reading order."""
        if not self.join:
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, slots=True)
class Asked:
    """A tree, and the moment it is asked about."""

    tree: Tree
    scope: ConditionScope


Leaf = tuple[str, datetime, UUID | None]
# Trees of saved segments by id.
Saved = Mapping[UUID, Tree]


def explain(questions: Sequence[Asked], contact_id: UUID) -> list[Finding]:
    """Each tree with the answers of its conditions for this contact, by one statement for all.

    Saved segments are looked into; reading them takes another statement for each level.
    """
    saved = _saved([question.tree for question in questions])
    leaves: dict[Leaf, tuple[Tree, ConditionScope]] = {}
    for question in questions:
        for leaf in _leaves(question.tree, saved, frozenset()):
            leaves.setdefault(_key(leaf, question.scope), (leaf, question.scope))
    true = _true(leaves, contact_id)
    return [_Reader(question.scope, saved, true).read(question.tree) for question in questions]


def _saved(trees: Sequence[Tree]) -> Saved:
    """The trees of the segments that these look into, and of those that they do."""
    found: dict[UUID, Tree] = {}
    wanted = {each for tree in trees for each in segments.references(tree)}
    while wanted:
        rows = dict(Segment.objects.filter(pk__in=wanted).values_list("pk", "tree"))
        found |= rows
        wanted = {each for tree in rows.values() for each in segments.references(tree)}
        wanted -= found.keys()
    return found


def _leaves(tree: Tree, saved: Saved, inside: frozenset[UUID]) -> Iterator[Tree]:
    """The conditions to be asked: those of saved segments instead of the segments."""
    for leaf in segments.leaves(tree):
        segment_id = _segment_of(leaf)
        if segment_id is None:
            yield leaf
        elif segment_id in saved and segment_id not in inside:
            yield from _leaves(saved[segment_id], saved, inside | {segment_id})


def _segment_of(leaf: Tree) -> UUID | None:
    """The saved segment that a condition looks into; None for any other condition."""
    return next(iter(segments.references(leaf)), None)


def _key(leaf: Tree, scope: ConditionScope) -> Leaf:
    return repr((leaf.get("kind"), leaf.get("config"))), scope.now, scope.journey_id


def _true(leaves: Mapping[Leaf, tuple[Tree, ConditionScope]], contact_id: UUID) -> set[Leaf]:
    """The conditions that hold."""
    known = [key for key, (leaf, _scope) in leaves.items() if leaf["kind"] in conditions]
    asked = [
        segments.in_segment(*leaves[key])
        .filter(pk=contact_id)
        .order_by()
        .annotate(question=Value(number))
        .values_list("question", flat=True)
        for number, key in enumerate(known[:MOST_ASKED])
    ]
    if not asked:
        return set()
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    return {known[number] for number in rows}


@dataclass(frozen=True)
class _Reader:
    """Puts the answers together as `segments.as_q` puts the conditions together."""

    scope: ConditionScope
    saved: Saved
    true: set[Leaf]
    inside: frozenset[UUID] = frozenset()

    def read(self, tree: Tree) -> Finding:
        """The tree with its answers."""
        if not tree:
            return Finding(True, _("everybody"))
        if "all" in tree:
            parts = tuple(self.read(each) for each in tree["all"])
            return Finding(all(part.holds for part in parts), join="all", parts=parts)
        if "any" in tree:
            parts = tuple(self.read(each) for each in tree["any"])
            return Finding(any(part.holds for part in parts), join="any", parts=parts)
        if "not" in tree:
            inner = self.read(tree["not"])
            return Finding(not inner.holds, join="none", parts=(inner,))
        segment_id = _segment_of(tree)
        if segment_id is not None:
            return self.segment(tree, segment_id)
        return Finding(_key(tree, self.scope) in self.true, _words(tree))

    def segment(self, leaf: Tree, segment_id: UUID) -> Finding:
        """What the segment asks; one that is gone, or met inside itself, holds nobody."""
        if segment_id not in self.saved or segment_id in self.inside:
            return Finding(False, _words(leaf))
        reader = replace(self, inside=self.inside | {segment_id})
        inner = reader.read(self.saved[segment_id])
        return Finding(inner.holds, _words(leaf), "all", (inner,))


def _words(leaf: Tree) -> str:
    if leaf["kind"] not in conditions:
        return _("with a condition that is not available any more")
    return conditions.get(leaf["kind"]).summary(leaf.get("config", {}))
