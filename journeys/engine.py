"""Moving people on: claim who is due, walk them as far as they get, write it all at once.

One transaction per batch. A batch in which a step raises is rolled back and split until the run to
blame stands alone; that one is tried again later, and nobody else waits for it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.db.models import Min

from core.errors import Permanent
from events.isolation import in_words, is_transient
from journeys.local_time import zone_named
from journeys.models import Enrolment, StepVisit
from journeys.pointers import claim, pointer_of, write
from journeys.programs import programs
from journeys.store import LiveStore
from journeys.timed import next_look
from journeys.walking import STEPS_PER_WALK, StepFailed, Walk
from tenants import agenda
from tenants.context import current_workspace

log = logging.getLogger(__name__)

# A run as it was claimed: id, version and visit.
Claimed = tuple[UUID, UUID, int]

BATCH = 1000
# A batch that lost a deadlock is taken again at once, this often.
TRIES = 3
# When a run whose step failed is tried again; after the last it is marked failed.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


@dataclass
class AdvanceResult:
    """What one batch came to: how many were due and taken, steps made, and runs that failed."""

    claimed: int = 0
    visits: int = 0
    failed: int = 0

    def __iadd__(self, other: "AdvanceResult") -> "AdvanceResult":
        self.claimed += other.claimed
        self.visits += other.visits
        self.failed += other.failed
        return self


def advance(
    *, now: datetime, limit: int = BATCH, ids: Sequence[UUID] | None = None
) -> AdvanceResult:
    """Move up to `limit` due runs of the current workspace; `claimed` 0 means nobody is due.

    `ids` limits it to some runs.
    """
    try:
        return _attempt(now=now, limit=limit, ids=ids)
    except _BatchFailed as failure:
        return _isolate(failure.parts, now=now)


def next_due() -> datetime | None:
    """When the next run or entry of the current workspace is due; None when none is."""
    run: datetime | None = Enrolment.objects.active().aggregate(at=Min("due_at"))["at"]
    return min((at for at in (run, next_look()) if at), default=None)


class _BatchFailed(Exception):
    """A batch was rolled back; how to take its runs again."""

    def __init__(self, claimed: Sequence[Claimed], failure: StepFailed) -> None:
        super().__init__(str(failure))
        self.claimed = claimed
        ids = [each[0] for each in claimed]
        blamed = set(failure.enrolment_ids) or set(ids)
        rest = [each for each in ids if each not in blamed]
        suspects = [each for each in ids if each in blamed]
        half = (len(suspects) + 1) // 2
        self.parts = [part for part in (suspects[half:], suspects[:half], rest) if part]
        self.cause = failure.cause


def _attempt(
    *,
    now: datetime,
    limit: int = BATCH,
    ids: Sequence[UUID] | None = None,
    pause_after: int | None = None,
) -> AdvanceResult:
    """One batch in one transaction; raises _BatchFailed, with nothing written."""
    for tries_left in reversed(range(TRIES)):
        claimed: list[Claimed] = []
        try:
            with transaction.atomic(), agenda.lowered_last():
                return _move_batch(claimed, now, limit, ids, pause_after)
        except StepFailed as failure:
            raise _BatchFailed(claimed, failure) from failure
        except OperationalError as error:
            if not tries_left or not is_transient(error) or connection.in_atomic_block:
                raise
    return AdvanceResult()


def _move_batch(
    claimed: list[Claimed],
    now: datetime,
    limit: int,
    ids: Sequence[UUID] | None,
    pause_after: int | None,
) -> AdvanceResult:
    with connection.cursor() as cursor:
        rows = claim(cursor, now=now, limit=limit, ids=ids)
        if not rows:
            return AdvanceResult()
        claimed += [(row[0], row[1], row[5]) for row in rows]
        found = programs({row[1] for row in rows})
        pointers = [pointer_of(row, found[row[1]]) for row in rows]
        workspace_zone = _workspace_zone()
        walk = Walk(
            pointers,
            now=now,
            timezone=workspace_zone,
            store=LiveStore([row[2] for row in rows], workspace_zone),
            pause_after=pause_after,
        )
        visits = walk.walk()
        write(cursor, pointers=pointers, visits=visits, now=now)
    return AdvanceResult(claimed=len(rows), visits=len(visits))


def _workspace_zone() -> ZoneInfo:
    return zone_named(current_workspace("A journey").timezone) or ZoneInfo("UTC")


def _isolate(parts: list[list[UUID]], *, now: datetime) -> AdvanceResult:
    """Take the parts of a failed batch one by one, splitting those that fail again."""
    total = AdvanceResult()
    while parts:
        part = parts.pop()
        try:
            total += _alone(part[0], now) if len(part) == 1 else _attempt(now=now, ids=part)
        except _BatchFailed as failure:
            if len(part) > 1:
                parts += failure.parts
                continue
            _give_up(failure.claimed[0], failure.cause, now=now)
            total += AdvanceResult(claimed=1, failed=1)
    return total


def _alone(enrolment_id: UUID, now: datetime) -> AdvanceResult:
    """Walk one run step by step, each kept at once, so that it stops at the step that fails."""
    total = AdvanceResult()
    for _step in range(STEPS_PER_WALK):
        result = _attempt(now=now, ids=[enrolment_id], pause_after=1)
        if not result.claimed:
            break
        total.visits += result.visits
        total.claimed = 1
    return total


def _give_up(claimed: Claimed, cause: Exception, *, now: datetime) -> None:
    """Push the run ahead, or mark it failed when it was tried often enough.

    One that was moved meanwhile, to another version or step, is left alone.
    """
    enrolment_id, version_id, visit = claimed
    with transaction.atomic():
        enrolment = (
            Enrolment.objects.select_for_update()
            .active()
            .filter(pk=enrolment_id, version_id=version_id, visit=visit)
            .first()
        )
        if enrolment is None:
            return
        enrolment.error = in_words(cause)[:300]
        enrolment.attempts += 1
        if isinstance(cause, Permanent) or enrolment.attempts > len(BACK_OFF):
            _mark_failed(enrolment, now)
        else:
            enrolment.due_at = now + BACK_OFF[enrolment.attempts - 1]
        enrolment.save()
    if not agenda.is_muted():
        log.warning("step_failed enrolment=%s", enrolment_id, exc_info=cause)


def _mark_failed(enrolment: Enrolment, now: datetime) -> None:
    enrolment.status = Enrolment.Status.FAILED
    enrolment.exit_reason = "failed"
    enrolment.due_at, enrolment.ended_at, enrolment.waits_for = None, now, ""
    StepVisit.objects.create(
        enrolment=enrolment,
        journey_id=enrolment.journey_id,
        version_id=enrolment.version_id,
        step_id=enrolment.step_id,
        visit=enrolment.visit,
        outcome="failed",
        reason=enrolment.error[:200],
        entered_at=enrolment.entered_step_at,
        left_at=now,
    )
