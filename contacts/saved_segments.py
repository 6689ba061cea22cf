"""Saving segments: clean trees, no circles, none too heavy, and none gone while it is in use.

Every write holds all segments, so that two colleagues cannot close a circle between them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.contracts import segment_uses
from contacts.models import Segment
from contacts.segments import Tree, clean_tree, leaves, references
from core.errors import Invalid, Problem

NAME_MAX = 80
# Conditions of a segment with those of the segments it looks into, at every place it does.
EXPANDED_MAX = 150

Trees = Mapping[UUID, Tree]


def create_segment(*, name: str, tree: Any, now: datetime) -> Segment:
    """Save a new segment; raises Invalid with everything that is wrong with it."""
    return _save(Segment(created_at=now), {"name": name, "tree": tree}, now)


def update_segment(
    *, segment_id: UUID, changes: Mapping[str, Any], now: datetime
) -> Segment | None:
    """Change `name`, `tree` or both; None when there is no such segment. Raises Invalid."""
    with transaction.atomic():
        segment = Segment.objects.select_for_update().filter(pk=segment_id).first()
        return _save(segment, changes, now) if segment else None


def duplicate_segment(*, segment: Segment, now: datetime) -> Segment:
    """A second segment with the same conditions, under the next free name."""
    taken = {name.lower() for name in Segment.objects.values_list("name", flat=True)}
    number, name = 1, _copy_name(segment.name, 1)
    while name.lower() in taken:
        number += 1
        name = _copy_name(segment.name, number)
    return create_segment(name=name, tree=segment.tree, now=now)


def _copy_name(name: str, number: int) -> str:
    ending = _(" (copy)") if number == 1 else _(" (copy %(number)s)") % {"number": number}
    return name[: NAME_MAX - len(ending)] + ending


def delete_segment(*, segment_id: UUID) -> bool:
    """Delete it; False when it is not there. Raises Invalid `segment_in_use` naming who uses it."""
    with transaction.atomic():
        _hold_all()
        users = uses_of(segment_id)
        if users:
            sentence = _("This segment is in use by %(users)s. Take it out there first.")
            raise Invalid("segment_in_use", sentence % {"users": _listed(users)})
        deleted, _rows = Segment.objects.filter(pk=segment_id).delete()
    return bool(deleted)


def uses_of(segment_id: UUID) -> list[str]:
    """Everything that uses the segment, in words."""
    found = [
        _("the segment “%(name)s”") % {"name": name}
        for name, tree in Segment.objects.order_by("name").values_list("name", "tree")
        if segment_id in references(tree)
    ]
    for use in segment_uses:
        found += map(str, use.uses(segment_id))
    return found


def _listed(users: list[str]) -> str:
    shown = ", ".join(users[:5])
    if len(users) <= 5:
        return shown
    return _("%(users)s and %(more)s more") % {"users": shown, "more": len(users) - 5}


# --- saving


def _save(segment: Segment, changes: Mapping[str, Any], now: datetime) -> Segment:
    problems: list[Problem] = []
    if "name" in changes:
        segment.name = _name(changes["name"], problems)
    if "tree" in changes:
        segment.tree, found = clean_tree(changes["tree"])
        problems += [Problem(each.code, each.message, each.field or "tree") for each in found]
    if problems:
        raise _refused(problems)
    segment.updated_at = now
    try:
        with transaction.atomic():
            trees = _hold_all() | {segment.pk: segment.tree}
            _refuse_circle(segment, trees)
            _refuse_weight(trees)
            segment.save()
    except IntegrityError:
        sentence = _("There is a segment with this name.")
        raise _refused([Problem("segment_exists", sentence, "name")]) from None
    return segment


def _name(value: Any, problems: list[Problem]) -> str:
    text = " ".join(str(value or "").replace("\x00", "").split())
    if not text:
        problems.append(Problem("required", _("Give the segment a name."), "name"))
    elif len(text) > NAME_MAX:
        sentence = _("This is longer than %(most)s characters.") % {"most": NAME_MAX}
        problems.append(Problem("field_too_long", sentence, "name"))
    return text


def _refused(problems: list[Problem]) -> Invalid:
    return Invalid(problems[0].code, problems[0].message, problems)


def _hold_all() -> dict[UUID, Tree]:
    """The trees of all segments, held until the transaction ends."""
    rows = Segment.objects.select_for_update().order_by("pk").values_list("pk", "tree")
    return dict(rows)


def _refuse_circle(segment: Segment, trees: Trees) -> None:
    """Raises Invalid when the segment looks into itself, at once or by way of others."""
    met: set[UUID] = set()
    ahead = references(segment.tree)
    while ahead:
        each = ahead.pop()
        if each == segment.pk:
            sentence = _("A segment cannot look into itself, also not by way of another one.")
            raise _refused([Problem("segment_circle", sentence, "tree")])
        if each not in met:
            met.add(each)
            ahead += references(trees.get(each, {}))


def _refuse_weight(trees: Trees) -> None:
    """Raises Invalid when any segment, with all it looks into, asks too much of one query."""
    weights: dict[UUID, int] = {}
    for each in trees:
        if _weight(each, trees, weights) > EXPANDED_MAX:
            sentence = _(
                "With the segments it looks into, a segment has at most %(most)s conditions."
            )
            raise _refused([Problem("rule_too_complex", sentence % {"most": EXPANDED_MAX}, "tree")])


def _weight(segment_id: UUID, trees: Trees, weights: dict[UUID, int]) -> int:
    """Its conditions with those of the segments it looks into; there are no circles here."""
    if segment_id not in weights:
        tree = trees.get(segment_id, {})
        inner = sum(_weight(each, trees, weights) for each in references(tree))
        weights[segment_id] = sum(1 for _leaf in leaves(tree)) + inner
    return weights[segment_id]
