"""Trees of conditions inside journeys: the form field, and the one door to the segments below."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contacts.contracts import ConditionScope
from django import forms

Tree = dict[str, Any]


class TreeField(forms.JSONField):
    """A tree of conditions, as the segment builder writes it."""


def matching(
    *,
    contact_ids: Collection[UUID],
    tree: Tree,
    now: datetime,
    timezone: ZoneInfo,
    journey_id: UUID | None,
) -> set[UUID]:
    """Those of the contacts for whom the tree holds at `now`; one statement."""
    from contacts import segments

    scope = ConditionScope(now=now, timezone=timezone, journey_id=journey_id)
    return segments.matching(contact_ids=list(contact_ids), tree=tree, scope=scope)


def describe(tree: Tree) -> str:
    """The tree in words."""
    from contacts import segments

    return segments.describe(tree)
