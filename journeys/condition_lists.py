"""Trees of conditions as a flat list that a form can edit: all of these, or any of these."""

from dataclasses import dataclass, replace
from typing import Any

from contacts import segments
from contacts.contracts import conditions

Tree = dict[str, Any]


@dataclass(frozen=True)
class ConditionList:
    """The leaves of a flat tree; `is_flat` False for one that only its words can show."""

    join: str = "all"
    leaves: tuple[Tree, ...] = ()
    is_flat: bool = True

    def as_tree(self) -> Tree | None:
        """The tree; None when there is no condition."""
        if not self.leaves:
            return None
        return self.leaves[0] if len(self.leaves) == 1 else {self.join: list(self.leaves)}

    def with_leaf(self, kind: str, config: Tree, *, negated: bool) -> "ConditionList":
        """With one more condition, or one that must not hold."""
        leaf: Tree = {"kind": kind, "config": config}
        return replace(self, leaves=(*self.leaves, {"not": leaf} if negated else leaf))

    def without(self, number: str) -> "ConditionList":
        """Without the condition of that number; without any when the tree is not flat."""
        if not self.is_flat:
            return ConditionList()
        at = int(number) if number.isdecimal() else -1
        kept = tuple(each for index, each in enumerate(self.leaves) if index != at)
        return replace(self, leaves=kept)

    def joined(self, join: str) -> "ConditionList":
        """All of them, or any of them."""
        return replace(self, join="any" if join == "any" else "all")

    def words(self) -> list[str]:
        """Each condition in words."""
        return [_words(leaf) for leaf in self.leaves]


def read(tree: Tree | None) -> ConditionList:
    """A tree as a list."""
    if not tree:
        return ConditionList()
    if _is_leaf(tree):
        return ConditionList(leaves=(tree,))
    for join in ("all", "any"):
        parts = tree.get(join)
        if isinstance(parts, list) and all(_is_leaf(each) for each in parts):
            return ConditionList(join, tuple(parts))
    return ConditionList(is_flat=False)


def _is_leaf(tree: Any) -> bool:
    if not isinstance(tree, dict):
        return False
    return "kind" in tree or _is_leaf(tree.get("not"))


def _words(leaf: Tree) -> str:
    try:
        return segments.describe(leaf)
    except (KeyError, TypeError, AttributeError):
        return str(leaf.get("kind", ""))


def kinds() -> list[tuple[str, list[Any]]]:
    """The conditions there are, by group, in the order they were registered."""
    found: dict[str, list[Any]] = {}
    for condition in conditions:
        found.setdefault(str(condition.group), []).append(condition)
    return list(found.items())
