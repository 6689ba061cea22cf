"""Processing the log: batches oldest first, every consumer over the whole batch, all or nothing.

A batch that fails is rolled back and split in halves until the bad event stands alone; it is marked
failed with its error and can be replayed; the rest goes on.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError, connection, transaction

from events.contracts import consumers_in_order
from events.isolation import in_words, is_transient
from events.models import Event
from tenants import agenda
from tenants.context import current_schema
from tenants.models import Agenda

log = logging.getLogger(__name__)

BATCH = 1000
TRIES = 3


@dataclass
class DrainResult:
    """How many events were processed, and how many of them failed."""

    done: int = 0
    failed: int = 0


def drain(*, now: datetime, limit: int = BATCH) -> DrainResult:
    """Process the oldest waiting events of the current workspace, in one batch where all is well.

    `done` and `failed` both 0 means that none wait or that somebody else is at it.
    """
    parts: list[Sequence[int] | None] = [None]
    total = DrainResult()
    while parts:
        part = parts.pop()
        claimed: list[int] = []
        try:
            total.done += _process(part, claimed, now=now, limit=limit)
        except Exception as error:
            if is_transient(error) or not claimed:
                raise
            if len(claimed) == 1:
                total.failed += _mark_failed(claimed[0], error)
            else:
                half = len(claimed) // 2
                parts += [claimed[half:], claimed[:half]]
    return total


def _process(ids: Sequence[int] | None, claimed: list[int], *, now: datetime, limit: int) -> int:
    """One batch in one transaction, tried again when it lost a deadlock; how many it held."""
    for tries_left in reversed(range(TRIES)):
        claimed.clear()
        try:
            with transaction.atomic():
                return _consume(ids, claimed, now=now, limit=limit)
        except OperationalError as error:
            if not tries_left or not is_transient(error) or connection.in_atomic_block:
                raise
    return 0


def _consume(ids: Sequence[int] | None, claimed: list[int], *, now: datetime, limit: int) -> int:
    if not _take_turn():
        return 0
    waiting = Event.objects.filter(state=Event.State.PENDING).order_by("pk")
    if ids is not None:
        waiting = waiting.filter(pk__in=ids)
    events = list(waiting.select_for_update(skip_locked=True)[:limit])
    claimed += [event.pk for event in events]
    if events:
        for consumer in consumers_in_order():
            consumer.consume(events, now)
        Event.objects.filter(pk__in=claimed).update(state=Event.State.DONE, error="")
    return len(events)


def _take_turn() -> bool:
    """One drain at a time per workspace, so that a contact's events are processed in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('events.drain'), hashtext(%s))",
            [current_schema("The event log")],
        )
        return bool(cursor.fetchone()[0])


def _mark_failed(event_id: int, error: Exception) -> int:
    log.warning("event_failed event=%s", event_id, exc_info=error)
    return Event.objects.filter(pk=event_id, state=Event.State.PENDING).update(
        state=Event.State.FAILED, error=in_words(error)[:500]
    )


def replay(*, event_ids: Collection[int], now: datetime) -> int:
    """Process failed events once more; how many were put back in line."""
    with transaction.atomic():
        count = Event.objects.filter(pk__in=event_ids, state=Event.State.FAILED).update(
            state=Event.State.PENDING, error=""
        )
        if count:
            agenda.lower(lane=Agenda.Lane.EVENTS, due_at=now, now=now)
    return count


def has_waiting() -> bool:
    """True when events of the current workspace wait to be processed."""
    return Event.objects.filter(state=Event.State.PENDING).exists()
