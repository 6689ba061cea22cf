"""Why a tree of conditions holds for somebody, or does not: each condition with its answer.

The conditions are asked as segments ask them, so that an answer here and a list there agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Value
from django.utils.translation import gettext as _

from contacts import segments
from contacts.contracts import ConditionScope, conditions

Tree = Mapping[str, Any]
Join = Literal["", "all", "any", "none"]

# Conditions put into one statement; a page that asks for more is told of the first.
MOST_ASKED = 240


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition, or a group of them, and whether it holds for the person.

    `join` tells what a group wants of its parts; "" is a single condition, said in `words`.
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


def explain(questions: Sequence[Asked], contact_id: UUID) -> list[Finding]:
    """Each tree with the answers of its conditions for this contact, by one statement for all."""
    leaves: dict[Leaf, tuple[Tree, ConditionScope]] = {}
    for question in questions:
        for leaf in segments.leaves(question.tree):
            leaves.setdefault(_key(leaf, question.scope), (leaf, question.scope))
    true = _true(leaves, contact_id)
    return [_found(question.tree, question.scope, true) for question in questions]


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


def _found(tree: Tree, scope: ConditionScope, true: set[Leaf]) -> Finding:
    """The tree as `segments.as_q` reads it."""
    if not tree:
        return Finding(True, _("everybody"))
    if "all" in tree:
        parts = tuple(_found(each, scope, true) for each in tree["all"])
        return Finding(all(part.holds for part in parts), join="all", parts=parts)
    if "any" in tree:
        parts = tuple(_found(each, scope, true) for each in tree["any"])
        return Finding(any(part.holds for part in parts), join="any", parts=parts)
    if "not" in tree:
        inner = _found(tree["not"], scope, true)
        return Finding(not inner.holds, join="none", parts=(inner,))
    return Finding(_key(tree, scope) in true, _words(tree))


def _words(leaf: Tree) -> str:
    if leaf["kind"] not in conditions:
        return _("with a condition that is not available any more")
    return conditions.get(leaf["kind"]).summary(leaf.get("config", {}))
