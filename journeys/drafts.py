"""Changing a draft: one operation at a time, checked against the revision it was meant for."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from journeys.contracts import Config, steps
from journeys.definition import Definition, as_json, diff, find_step, parse
from journeys.draft_log import Author, doing, missed, record
from journeys.edits import Edit, Given, Operation, operations
from journeys.models import DraftEdit, Journey
from journeys.parts import with_config
from tenants.context import current_workspace

# Of a draft as JSON; the log keeps a hundred.
MAX_CHARACTERS = 1_000_000


class DraftChanged(Invalid):
    """The draft is newer than the one a change was meant for; nothing was written."""

    def __init__(self, message: str) -> None:
        super().__init__("draft_changed", message)


@dataclass(frozen=True)
class Outcome:
    """The draft's revision after an operation, the part to look at next, and what to say."""

    revision: int
    focus: str = ""
    said: str = ""


def operate(
    *,
    journey: Journey,
    op: str,
    given: Given,
    revision: int | None,
    now: datetime,
    by: Author | None = None,
) -> Outcome:
    """Do one operation with its posted fields and save the draft, in one short transaction.

    Raises DraftChanged when `revision` is not the newest, and Invalid for what cannot be done; then
    nothing changed. Without `revision` the change is meant for whatever is there.
    """
    by = by or Author()
    with transaction.atomic():
        row = locked(journey.pk, revision, reader=by.id, now=now)
        if op in TURNS:
            outcome = _turn(row, TURNS[op](row), by, now)
        elif op in operations:
            operation = operations.get(op)
            fields = operation.read(given, row)
            outcome = _apply(row, operation, fields, by, now)
        else:
            raise Invalid("unknown_operation", _("There is no operation “%(op)s”.") % {"op": op})
    _take_over(journey, row)
    return outcome


def replace_draft(
    *,
    journey: Journey,
    definition: Any,
    now: datetime,
    revision: int | None = None,
    by: Author | None = None,
) -> int:
    """Keep another draft, complete or not, and return its revision; raises as `operate` does."""
    by = by or Author()
    with transaction.atomic():
        row = locked(journey.pk, revision, reader=by.id, now=now)
        fields = {"definition": definition}
        outcome = _apply(row, operations.get("replace"), fields, by, now)
    _take_over(journey, row)
    return outcome.revision


def locked(
    journey_id: UUID, revision: int | None, *, reader: UUID | None, now: datetime
) -> Journey:
    """The journey's row, locked; raises DraftChanged when its draft is another revision."""
    row = Journey.objects.select_for_update().get(pk=journey_id)
    if revision is not None and revision != row.draft_revision:
        raise DraftChanged(missed(row, reader=reader, now=now))
    return row


def _take_over(journey: Journey, row: Journey) -> None:
    journey.draft, journey.draft_revision = row.draft, row.draft_revision
    journey.updated_at = row.updated_at


def _apply(row: Journey, operation: Operation, fields: Given, by: Author, now: datetime) -> Outcome:
    edit = operation.done(parse(row.draft), fields)
    changed = _furnished(edit, now) if operation.furnishes else edit.definition
    before, after = row.draft, as_json(changed)
    if len(json.dumps(after)) > MAX_CHARACTERS:
        raise Invalid("draft_too_large", _("The journey's settings are too large to keep."))
    if after == before:
        return Outcome(row.draft_revision, edit.focus, _("Nothing changed."))
    _save(row, after, now)
    record(journey=row, before=before, kind=operation.key, what=edit.what, by=by, now=now)
    return Outcome(row.draft_revision, edit.focus, operation.saying(edit))


def _furnished(edit: Edit, now: datetime) -> Definition:
    """The definition once the step in focus has what its settings wish for."""
    node = find_step(edit.definition, edit.focus)
    if node is None or node.kind not in steps:
        return edit.definition
    language = current_workspace("A journey").language
    config = steps.get(node.kind).furnish(node.config, language=language, now=now)
    if config == node.config:
        return edit.definition
    return with_config(edit.definition, node.id, config)


def _save(row: Journey, draft: Config, now: datetime) -> None:
    row.draft, row.draft_revision, row.updated_at = draft, row.draft_revision + 1, now
    row.save(update_fields=["draft", "draft_revision", "updated_at"])


# --- undoing and doing again


def _turn(row: Journey, edit: DraftEdit, by: Author, now: datetime) -> Outcome:
    """Exchange the draft with the one its log keeps: undone what was done, or the other way."""
    before = row.draft
    _save(row, edit.definition, now)
    edit.definition, edit.is_undone = before, not edit.is_undone
    edit.revision, edit.turned_at = row.draft_revision, now
    edit.turned_by_id, edit.turned_by_name = by.id, by.name
    edit.save()
    words = _("Undone: %(doing)s") if edit.is_undone else _("Done again: %(doing)s")
    focus = _first_difference(parse(before), parse(row.draft))
    return Outcome(row.draft_revision, focus, words % {"doing": doing(edit)})


def _newest_done(row: Journey) -> DraftEdit:
    edit = row.edits.filter(is_undone=False).order_by("-number").first()
    if edit is None:
        raise Invalid("nothing_to_undo", _("There is nothing to undo."))
    return edit


def _first_undone(row: Journey) -> DraftEdit:
    edit = row.edits.filter(is_undone=True).order_by("number").first()
    if edit is None:
        raise Invalid("nothing_to_redo", _("There is nothing to do again."))
    return edit


TURNS: dict[str, Callable[[Journey], DraftEdit]] = {"undo": _newest_done, "redo": _first_undone}


def _first_difference(before: Definition, after: Definition) -> str:
    """A step of the draft that looks different now; "" when all that differs is no step."""
    found = diff(before, after)
    for step_id in (*found.added, *found.changed, *found.moved):
        if find_step(after, step_id):
            return step_id
    return ""
