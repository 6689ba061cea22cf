"""Trees of conditions inside journeys: the form field, and the one door to the segments below."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import EmptyResultSet
from django.db.models import Value

from contacts import segments
from contacts.contracts import ConditionScope
from core.arrays import uuid_is_any

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


@dataclass(frozen=True, slots=True)
class Question:
    """For which of these contacts a tree holds, asked on behalf of a journey."""

    contact_ids: Collection[UUID]
    tree: Tree
    journey_id: UUID | None


def matching(
    questions: Sequence[Question], *, now: datetime, timezone: ZoneInfo
) -> list[set[UUID]]:
    """The contacts each question's tree holds for at `now`, all by one statement."""
    asked = [
        segments.in_segment(question.tree, ConditionScope(now, timezone, question.journey_id))
        .filter(uuid_is_any("pk", question.contact_ids))
        .order_by()
        .annotate(question=Value(number))
        .values_list("question", "pk")
        for number, question in enumerate(questions)
    ]
    answers: list[set[UUID]] = [set() for _question in questions]
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    for number, contact_id in rows:
        answers[number].add(contact_id)
    return answers


def narrowed(select: str, tree: Tree, scope: ConditionScope) -> tuple[str, dict[str, Any]]:
    """The SELECT of a time-born entry with only those the tree holds for; parameters that adds."""
    if not tree:
        return select, {}
    try:
        people = segments.in_segment(tree, scope).order_by().values("pk")
        sql, values = people.query.sql_with_params()
    except EmptyResultSet:
        sql, values = "SELECT NULL::uuid", ()
    names = [f"only_{number}" for number in range(len(values))]
    # Named, as the statement around it wants them; a doubled percent sign stays doubled.
    literals = sql.replace("%%", "\x00") % tuple(f"%({name})s" for name in names)
    people_sql = literals.replace("\x00", "%%")
    return (
        f"SELECT * FROM ({select}) AS met (contact_id, key, started_at, context)"
        f" WHERE met.contact_id IN ({people_sql})"
    ), dict(zip(names, values, strict=True))


def describe(tree: Tree | None) -> str:
    """The tree in words; "" when there is none."""
    return segments.describe(tree) if tree else ""
