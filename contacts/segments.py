"""Segments: a tree of conditions, turned into one query, checked and told in words.

    {"all": [tree, ...]} | {"any": [tree, ...]} | {"not": tree} | {"kind": key, "config": {...}}

An empty tree is everybody.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Q, Value
from django.utils.translation import gettext as _

from contacts.contracts import ConditionScope, conditions
from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from core.errors import Problem
from core.plain import plain
from tenants.context import current_workspace

Tree = Mapping[str, Any]

DEPTH_MAX = 8
LEAVES_MAX = 60
# Conditions and groups together; beyond it nobody wrote the tree by hand.
NODES_MAX = 500
# How often one tree may look into saved segments.
REFERENCES_MAX = 10
# As SQL, not as an empty list, which would make queries that cannot be explained or embedded.
NOBODY = Q(Value(False, output_field=BooleanField()))


def scope_at(now: datetime, *, journey_id: UUID | None = None) -> ConditionScope:
    """The scope of the current workspace at a moment."""
    return ConditionScope(now, ZoneInfo(current_workspace().timezone), journey_id)


def as_q(tree: Tree, scope: ConditionScope) -> Q:
    """The tree as one filter on Contact; raises NotRegistered for a kind nobody knows."""
    if not tree:
        return Q()
    if "all" in tree:
        return _joined([as_q(each, scope) for each in tree["all"]], Q.AND)
    if "any" in tree:
        return _joined([as_q(each, scope) for each in tree["any"]], Q.OR) if tree["any"] else NOBODY
    if "not" in tree:
        inner = as_q(tree["not"], scope)
        return ~inner if inner else NOBODY
    return conditions.get(tree["kind"]).as_q(tree.get("config", {}), scope)


def _joined(parts: Sequence[Q], connector: str) -> Q:
    if connector == Q.OR and any(not part for part in parts):
        return Q()  # one of them is everybody
    # An empty part is everybody; inside a Q it would count as a condition.
    asked = [part for part in parts if part]
    return Q(*asked, _connector=connector) if asked else Q()


def in_segment(tree: Tree, scope: ConditionScope) -> ContactQuerySet:
    """Everybody the tree holds for."""
    return Contact.objects.filter(as_q(tree, scope))


def matching(contact_ids: Sequence[UUID], tree: Tree, scope: ConditionScope) -> set[UUID]:
    """Those of these contacts the tree holds for, in one query."""
    chosen = in_segment(tree, scope).filter(pk__in=contact_ids)
    return set(chosen.values_list("pk", flat=True))


def describe(tree: Tree) -> str:
    """The tree in words: "People with the tag “VIP” and who may be emailed"."""
    if not tree or tree == {"all": []}:
        return _("Everybody")
    return _("People %(conditions)s") % {"conditions": _words(tree, top=True)}


def _words(tree: Tree, *, top: bool = False) -> str:
    for name, word in (("all", _(" and ")), ("any", _(" or "))):
        if name in tree:
            text = word.join(_words(each) for each in tree[name])
            return text if top or len(tree[name]) < 2 else f"({text})"
    if "not" in tree:
        return _("except those %(conditions)s") % {"conditions": _words(tree["not"])}
    if tree.get("kind") not in conditions:
        return _("with a condition that is not available any more")
    return conditions.get(tree["kind"]).summary(tree.get("config", {}))


def leaves(tree: Tree) -> Iterator[Tree]:
    """Every condition of the tree, in reading order."""
    for name in ("all", "any"):
        for each in tree.get(name, ()):
            yield from leaves(each)
    if "not" in tree:
        yield from leaves(tree["not"])
    if "kind" in tree:
        yield tree


def references(tree: Tree) -> list[UUID]:
    """The segments a tree looks into, as often as it does; what is no id is left out."""
    found = []
    for leaf in leaves(tree):
        if leaf["kind"] == "in_segment":
            try:
                found.append(UUID(str(leaf.get("config", {}).get("segment"))))
            except ValueError:
                continue
    return found


def clean_tree(tree: Any) -> tuple[dict[str, Any], list[Problem]]:
    """The tree with every config cleaned by its form, and what is wrong with it in words.

    The tree may be used only when the list is empty.
    """
    if refusal := too_large(tree):
        return {}, [refusal]
    problems: list[Problem] = []
    cleaned = _clean(tree, problems)
    if not problems and sum(1 for _leaf in leaves(cleaned)) > LEAVES_MAX:
        problems.append(_too_many())
    if not problems and len(references(cleaned)) > REFERENCES_MAX:
        message = _("One set of conditions looks into at most %(most)s segments.")
        problems.append(Problem("rule_too_complex", message % {"most": REFERENCES_MAX}))
    return cleaned, problems


def too_large(tree: Any) -> Problem | None:
    """What stands against even reading the tree; looked at level by level, never far down."""
    level, depth, nodes = [tree], 0, 0
    while level := [inner for each in level for inner in _parts(each)]:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > DEPTH_MAX:
            message = _("Groups may be nested %(most)s deep at most.") % {"most": DEPTH_MAX}
            return Problem("rule_too_complex", message)
        if nodes > NODES_MAX:
            return _too_many()
    return None


def _too_many() -> Problem:
    message = _("A segment has at most %(most)s conditions.") % {"most": LEAVES_MAX}
    return Problem("too_many_conditions", message)


def _parts(tree: Any) -> list[Any]:
    if not isinstance(tree, Mapping):
        return []
    groups = [tree[name] for name in ("all", "any") if isinstance(tree.get(name), list)]
    return [
        *(each for group in groups for each in group),
        *([tree["not"]] if "not" in tree else []),
    ]


def _clean(tree: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(tree, Mapping):
        problems.append(Problem("bad_segment", _("These conditions cannot be read.")))
        return {}
    if not tree:
        return {}
    for name in ("all", "any"):
        if isinstance(tree.get(name), list):
            return {name: [_clean(each, problems) for each in tree[name]]}
    if "not" in tree:
        return {"not": _clean(tree["not"], problems)}
    kind = tree.get("kind")
    if not isinstance(kind, str) or kind not in conditions:
        problems.append(
            Problem("unknown_condition", _("There is no condition “%s”.") % str(kind)[:40])
        )
        return {}
    config, found = clean_config(kind, tree.get("config"))
    problems += found
    return {"kind": kind, "config": config}


def clean_config(kind: str, config: Any) -> tuple[dict[str, Any], list[Problem]]:
    """One condition's config as its form cleans it, blanks left out; and what is wrong with it."""
    condition = conditions.get(kind)
    form = condition.form(data=config if isinstance(config, Mapping) else {})
    problems = [
        Problem("bad_condition", f"{condition.label}: {message}", field=field)
        for field, messages in form.errors.items()
        for message in messages
    ]
    cleaned = getattr(form, "cleaned_data", {})
    return kept_config(cleaned), problems


def kept_config(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a condition's form cleaned, as it is kept: plain JSON, blanks left out."""
    found = {name: plain(value) for name, value in cleaned.items()}
    return {name: value for name, value in found.items() if value not in (None, "", [])}
