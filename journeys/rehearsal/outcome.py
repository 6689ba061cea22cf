"""What a rehearsal came to: runs, their visits and messages, and who was not let in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from journeys.contracts.rehearsing import RehearsedMessage
from journeys.models import Enrolment, StepVisit


@dataclass(frozen=True, slots=True)
class RehearsedVisit:
    """One stay at one step that ended."""

    step_id: str
    visit: int
    outcome: str
    reason: str
    entered_at: datetime
    left_at: datetime


@dataclass(frozen=True)
class RehearsedRun:
    """One run, from which entry, how far it came and how it ended."""

    id: UUID
    entry: int
    entry_kind: str
    key: str
    context: Mapping[str, Any]
    started_at: datetime
    status: str
    exit_reason: str
    held_out: bool
    visits: Sequence[RehearsedVisit]
    ended_at: datetime | None = None
    converted_at: datetime | None = None
    # Where they stand, since when and for what, while the run goes on; why the step failed.
    step_id: str = ""
    visit: int = 0
    entered_step_at: datetime | None = None
    due_at: datetime | None = None
    waits_for: str = ""
    error: str = ""

    @property
    def is_inside(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class NotLetIn:
    """An entry wanted to let them in and the rules did not allow it.

    Reasons: not_in_audience, already_inside, entered_before, loop_guard.
    """

    moment: datetime
    entry: int
    reason: str
    key: str = ""


@dataclass(frozen=True)
class Rehearsed:
    """All that happened, oldest first; `now` is how far it came.

    `is_cut` when it was ended because it would not come to an end.
    """

    runs: Sequence[RehearsedRun]
    messages: Sequence[RehearsedMessage]
    not_let_in: Sequence[NotLetIn]
    now: datetime
    is_cut: bool = False


def read_runs(
    *, contact_id: UUID, journey_id: UUID, positions: Mapping[UUID, int]
) -> list[RehearsedRun]:
    """The contact's runs of the journey as they are now, in two statements."""
    rows = Enrolment.objects.filter(contact_id=contact_id, journey_id=journey_id)
    runs = list(rows.order_by("started_at", "pk"))
    visits: dict[UUID, list[RehearsedVisit]] = {run.pk: [] for run in runs}
    found = StepVisit.objects.filter(enrolment_id__in=list(visits)).order_by("enrolment", "visit")
    for each in found:
        visits[each.enrolment_id].append(
            RehearsedVisit(
                each.step_id,
                each.visit,
                each.outcome,
                each.reason,
                each.entered_at,
                each.left_at,
            )
        )
    return [_run(run, positions.get(run.pk, 0), visits[run.pk]) for run in runs]


def _run(run: Enrolment, entry: int, visits: Sequence[RehearsedVisit]) -> RehearsedRun:
    return RehearsedRun(
        id=run.pk,
        entry=entry,
        entry_kind=run.entry_kind,
        key=run.key,
        context=run.context,
        started_at=run.started_at,
        status=run.status,
        exit_reason=run.exit_reason,
        held_out=run.holdout,
        visits=visits,
        ended_at=run.ended_at,
        converted_at=run.converted_at,
        step_id=run.step_id,
        visit=run.visit,
        entered_step_at=run.entered_step_at,
        due_at=run.due_at,
        waits_for=run.waits_for,
        error=run.error,
    )
