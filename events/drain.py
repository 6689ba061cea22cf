"""Processing the log: batches oldest first, every consumer over the whole batch, all or nothing.

A batch that fails is rolled back and split in halves until the bad event stands alone; it is marked
failed with its error and can be replayed; the rest goes on.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from events.contracts import consumers_in_order
from events.isolation import DrainResult, in_halves, in_words, take_turn
from events.models import Event
from tenants import agenda
from tenants.models import Agenda

log = logging.getLogger(__name__)

BATCH = 1000


def drain(*, now: datetime, limit: int = BATCH) -> DrainResult:
    """Process the oldest waiting events of the current workspace, in one batch where all is well.

    `done` and `failed` both 0 means that none wait or that somebody else is at it.
    """
    return in_halves(partial(_consume, now=now, limit=limit), _mark_failed)


def _consume(ids: Sequence[int] | None, claimed: list[int], *, now: datetime, limit: int) -> int:
    # One at a time, so that a contact's events are processed in order.
    if not take_turn("events.drain"):
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
