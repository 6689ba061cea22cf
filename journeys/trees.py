"""Trees of conditions inside journeys: the form field, and the one door to the segments below."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from contacts import segments
from contacts.contracts import ConditionScope

Tree = dict[str, Any]


class TreeField(forms.JSONField):
    """A tree of conditions, as the segment builder writes it; an empty one is refused."""

    def clean(self, value: Any) -> Tree | None:
        tree = super().clean(value)
        if not tree:
            return None
        cleaned, problems = segments.clean_tree(tree)
        if problems:
            raise forms.ValidationError([problem.message for problem in problems])
        return cleaned


def matching(
    *,
    contact_ids: Collection[UUID],
    tree: Tree,
    now: datetime,
    timezone: ZoneInfo,
    journey_id: UUID | None,
) -> set[UUID]:
    """Those of the contacts for whom the tree holds at `now`; one statement."""
    scope = ConditionScope(now=now, timezone=timezone, journey_id=journey_id)
    return segments.matching(contact_ids=list(contact_ids), tree=tree, scope=scope)


def describe(tree: Tree | None) -> str:
    """The tree in words; "" when there is none or a draft's is half written."""
    try:
        return segments.describe(tree) if tree else ""
    except (KeyError, TypeError, AttributeError):
        return ""
