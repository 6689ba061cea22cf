"""A tree of conditions as nested groups that a page edits one press at a time.

A place is the way down from the root by positions: "" is the root, "0.2" the third part of its
first. Pages draw `Editor.shown` and send back what was pressed as `do`; `respond` gives the editor
as it is then. Nothing is saved here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _

from contacts import segments
from contacts.contracts import Condition, conditions
from contacts.naming import names_read_once

Tree = dict[str, Any]
Place = tuple[int, ...]
PREFIX = "condition"
PLACE = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){0,7})?")


@dataclass(frozen=True)
class Leaf:
    """One condition, or one that must not hold."""

    kind: str
    config: Tree = field(default_factory=dict)
    negated: bool = False

    def tree(self) -> Tree:
        leaf: Tree = {"kind": self.kind, "config": self.config}
        return {"not": leaf} if self.negated else leaf


@dataclass(frozen=True)
class Group:
    """All of these, or any of these; or, negated, not so."""

    join: str = "all"
    parts: tuple["Leaf | Group", ...] = ()
    negated: bool = False

    def tree(self) -> Tree:
        group: Tree = {self.join: [part.tree() for part in self.parts]}
        return {"not": group} if self.negated else group


Part = Leaf | Group


def read(tree: Any) -> Group:
    """A tree as groups, the root always one. What is no tree, or too large, is an empty one.

    Settings that are not valid (any more) are kept as they are, for their owner to put right.
    """
    if not isinstance(tree, Mapping) or not tree or segments.too_large(tree):
        return Group()
    part = _read(tree)
    return part if isinstance(part, Group) else Group(parts=(part,))


def read_text(text: str) -> Group:
    """The same from JSON."""
    try:
        return read(msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Group()


def _read(tree: Any) -> Part:
    negated = False
    while isinstance(tree, Mapping) and "not" in tree:
        negated, tree = not negated, tree["not"]
    if not isinstance(tree, Mapping):
        return Leaf("", negated=negated)
    for join in ("all", "any"):
        if isinstance(tree.get(join), list):
            return Group(join, tuple(_read(each) for each in tree[join]), negated)
    if "kind" not in tree:
        return Group(negated=negated)
    config = tree.get("config")
    return Leaf(
        str(tree["kind"])[:60], dict(config) if isinstance(config, Mapping) else {}, negated
    )


def write(root: Group) -> Tree:
    """The tree of the groups; {} for everybody, a condition that is alone stands alone."""
    if not root.parts and not root.negated:
        return {}
    [first, *others] = root.parts or (None,)
    if isinstance(first, Leaf) and not others and root.join == "all":
        return replace(first, negated=first.negated != root.negated).tree()
    return root.tree()


# --- changing


def part_at(root: Group, place: Place) -> Part | None:
    """The part there; None when there is none."""
    part: Part = root
    for number in place:
        if not isinstance(part, Group) or number >= len(part.parts):
            return None
        part = part.parts[number]
    return part


def changed(part: Part, place: Place, change: Callable[[Part], Part | None]) -> Part | None:
    """The tree with the part at that place changed, or without it; a group left empty goes too."""
    if not place:
        return change(part)
    if not isinstance(part, Group) or place[0] >= len(part.parts):
        return part
    at, inner = place[0], changed(part.parts[place[0]], place[1:], change)
    kept = (inner,) if inner is not None else ()
    parts = (*part.parts[:at], *kept, *part.parts[at + 1 :])
    return replace(part, parts=parts) if parts else None


def _root(part: Part | None) -> Group:
    return part if isinstance(part, Group) else Group()


def _with(part: Part, new: Part) -> Part:
    return replace(part, parts=(*part.parts, new)) if isinstance(part, Group) else part


# --- what is being written


@dataclass(frozen=True)
class Opening:
    """A condition whose form is open: a new one (`add`), one in a new group, or one that is there.

    `place` is the group it goes into, or for `edit` its own.
    """

    how: str
    place: Place
    condition: Condition
    form: forms.Form
    negated: bool = False

    @property
    def where(self) -> str:
        return _text(self.place)

    def kept(self, root: Group) -> Group:
        """The groups with what the form says; the form must be valid."""
        config = segments.kept_config(self.form.cleaned_data)
        leaf = Leaf(self.condition.key, config, self.negated)
        if self.how == "edit":
            return _root(changed(root, self.place, lambda _old: leaf))
        group = part_at(root, self.place)
        new: Part = leaf
        if self.how == "group":
            is_any = isinstance(group, Group) and group.join == "any"
            new = Group("all" if is_any else "any", (leaf,))
        return _root(changed(root, self.place, lambda part: _with(part, new)))


@dataclass(frozen=True)
class Editor:
    """The groups as they are now, and the form that is open in them, if any."""

    root: Group
    opening: Opening | None = None

    @property
    def tree(self) -> Tree:
        """What is kept of it."""
        return write(self.root)

    @property
    def text(self) -> str:
        """The same as JSON, to go along with a form."""
        return msgspec.json.encode(self.tree).decode()

    @property
    def shown(self) -> "ShownPart":
        """The root with all that a page draws of it."""
        with names_read_once():
            return _shown(self.root, (), self.opening)

    def settled(self) -> "Editor":
        """With what the open form says taken in; the form stays open when it is refused."""
        if self.opening is None or not self.opening.form.is_valid():
            return self
        return Editor(self.opening.kept(self.root))


def respond(root: Group, posted: Mapping[str, Any]) -> Editor:
    """The editor after what was pressed; anything unreadable leaves it as it was.

    `do` is `verb:place`: add and group open a form of the kind chosen there (`kind-<place>`), edit
    that of a condition, keep takes the open form in, cancel closes it; negate and remove change
    what is there, as does `join:<place>:all` or `any`. Without a verb the open form stays open.
    """
    verb, place, argument = _pressed(str(posted.get("do", "")))
    if verb in ("add", "group", "edit"):
        kind = str(posted.get(f"kind-{_text(place)}", ""))
        return Editor(root, _opened(root, verb, place, kind))
    if verb in CHANGES:
        return Editor(_root(changed(root, place, lambda part: CHANGES[verb](part, argument))))
    if verb == "cancel":
        return Editor(root)
    editor = Editor(root, _reopened(root, posted))
    return editor.settled() if verb == "keep" else editor


def _joined(part: Part, join: str) -> Part:
    return (
        replace(part, join="any" if join == "any" else "all") if isinstance(part, Group) else part
    )


CHANGES: dict[str, Callable[[Part, str], Part | None]] = {
    "join": _joined,
    "negate": lambda part, _argument: replace(part, negated=not part.negated),
    "remove": lambda _part, _argument: None,
}


def _pressed(text: str) -> tuple[str, Place, str]:
    verb, _colon, rest = text.partition(":")
    where, _colon, argument = rest.partition(":")
    place = _place(where)
    return ("", (), "") if place is None else (verb, place, argument)


def _place(text: str) -> Place | None:
    if not PLACE.fullmatch(text):
        return None
    return tuple(int(number) for number in text.split(".")) if text else ()


def _text(place: Place) -> str:
    return ".".join(map(str, place))


def _opened(root: Group, how: str, place: Place, kind: str) -> Opening | None:
    part = part_at(root, place)
    if how == "edit":
        if not isinstance(part, Leaf) or part.kind not in conditions:
            return None
        condition = conditions.get(part.kind)
        form = _begun(condition.form(initial=part.config, prefix=PREFIX))
        return Opening(how, place, condition, form, part.negated)
    if not isinstance(part, Group) or kind not in conditions:
        return None
    condition = conditions.get(kind)
    return Opening(how, place, condition, _begun(condition.form(prefix=PREFIX)))


def _begun(form: forms.Form) -> forms.Form:
    """The form with its first field ready to be typed into."""
    for each in list(form.fields.values())[:1]:
        each.widget.attrs["autofocus"] = True
    return form


def _reopened(root: Group, posted: Mapping[str, Any]) -> Opening | None:
    """The form that was open, with what was typed into it."""
    how, kind = str(posted.get("open_how", "")), str(posted.get("open_kind", ""))
    place = _place(str(posted.get("open_place", "")))
    if place is None or how not in ("add", "group", "edit") or kind not in conditions:
        return None
    if not isinstance(part_at(root, place), Leaf if how == "edit" else Group):
        return None
    condition = conditions.get(kind)
    form = condition.form(posted, prefix=PREFIX)
    return Opening(how, place, condition, form, "negated" in posted)


# --- what a page draws


@dataclass(frozen=True)
class ShownPart:
    """A group or a condition with its place and its words; `opening` where a form is open in it."""

    place: str
    words: str
    icon: str
    negated: bool
    is_group: bool
    join: str = "all"
    parts: tuple["ShownPart", ...] = ()
    opening: Opening | None = None
    may_nest: bool = False
    is_root: bool = False


def _shown(part: Part, place: Place, opening: Opening | None) -> ShownPart:
    here = opening if opening and opening.place == place else None
    words = words_of(part)
    if isinstance(part, Leaf):
        icon = conditions.get(part.kind).icon if part.kind in conditions else "circle-question-mark"
        return ShownPart(_text(place), words, icon, part.negated, is_group=False, opening=here)
    parts = tuple(_shown(each, (*place, n), opening) for n, each in enumerate(part.parts))
    return ShownPart(
        _text(place),
        words,
        "group",
        part.negated,
        is_group=True,
        join=part.join,
        parts=parts,
        opening=here,
        # A group and a condition in it, each of which may be negated.
        may_nest=_levels(part, place) + 4 <= segments.DEPTH_MAX,
        is_root=not place,
    )


def _levels(part: Part, place: Place) -> int:
    """How deep the tree is here at most, were every group above negated."""
    return 2 * len(place) + part.negated


def words_of(part: Part) -> str:
    """The part in words; settings nobody can read any more are named by their kind."""
    try:
        return segments.describe(part.tree())
    except (KeyError, TypeError, AttributeError, ValueError):
        return part.kind if isinstance(part, Leaf) else _("Conditions")


def kinds() -> list[tuple[str, list[Condition]]]:
    """The conditions there are, by group, in the order they were registered."""
    found: dict[str, list[Condition]] = {}
    for condition in conditions:
        found.setdefault(str(condition.group), []).append(condition)
    return list(found.items())
