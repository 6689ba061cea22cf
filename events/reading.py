"""Reading stored webhook calls: batches oldest first, kind by kind, a bad one alone."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from uuid import UUID

from django.db import connection

from core.errors import Retryable
from events.contracts import Failed, Ignored, Later, Outcome, inbound_kinds
from events.isolation import DrainResult, in_halves, in_words, take_turn
from events.models import InboundDelivery

log = logging.getLogger(__name__)

TABLE = InboundDelivery._meta.db_table
State = InboundDelivery.State
BATCH = 100
# Bodies of one batch together; the first one goes whatever its size.
BATCH_BYTES = 4 * 1024 * 1024
# Raw bodies hold personal data: how long they are kept after they came in.
KEPT = timedelta(days=30)
KEPT_FAILED = timedelta(days=90)
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)

CLAIM = f"""
    SELECT id FROM (
        SELECT id, sum(octet_length(body)) OVER (ORDER BY due_at, id) - octet_length(body) AS before
          FROM {TABLE} WHERE state = 'waiting' AND due_at <= %s ORDER BY due_at, id LIMIT %s) AS due
     WHERE before < %s"""
SETTLE = f"""
    UPDATE {TABLE} AS delivery
       SET state = new.state, error = left(new.error, 500), due_at = new.due_at,
           attempts = delivery.attempts + 1
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])
        AS new (id, state, error, due_at)
     WHERE delivery.id = new.id"""


def drain_inbound(*, now: datetime, limit: int = BATCH) -> DrainResult:
    """Read the oldest deliveries that are due, in one batch where all is well.

    `done` and `failed` both 0 means that none is due or that somebody else is at it.
    """
    return in_halves(partial(_read, now=now, limit=limit), partial(_give_up, now=now))


def _read(ids: Sequence[UUID] | None, claimed: list[UUID], *, now: datetime, limit: int) -> int:
    if not take_turn("events.inbound"):
        return 0
    chosen = _due(now, limit) if ids is None else ids
    waiting = InboundDelivery.objects.filter(pk__in=chosen, state=State.WAITING)
    batch = list(waiting.select_for_update(skip_locked=True).order_by("kind", "pk"))
    claimed += [delivery.pk for delivery in batch]
    outcomes: dict[UUID, Outcome] = {}
    for kind, deliveries in groupby(batch, key=lambda delivery: delivery.kind):
        outcomes |= inbound_kinds.get(kind).read(list(deliveries), now)
    _settle(batch, outcomes)
    return len(batch)


def _due(now: datetime, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [now, limit, BATCH_BYTES])
        return [row[0] for row in cursor.fetchall()]


def _settle(batch: Sequence[InboundDelivery], outcomes: Mapping[UUID, Outcome]) -> None:
    if not batch:
        return
    rows = [(each.pk, *_standing(each, outcomes.get(each.pk))) for each in batch]
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [list(column) for column in zip(*rows, strict=True)])


def _standing(delivery: InboundDelivery, outcome: Outcome | None) -> tuple[str, str, datetime]:
    if isinstance(outcome, Later):
        return State.WAITING.value, outcome.reason, outcome.due_at
    if isinstance(outcome, Failed):
        return State.FAILED.value, outcome.reason, delivery.received_at + KEPT_FAILED
    kept_to = delivery.received_at + KEPT
    if isinstance(outcome, Ignored):
        return State.IGNORED.value, outcome.reason, kept_to
    return State.DONE.value, "", kept_to


def _give_up(delivery_id: UUID, error: Exception, *, now: datetime) -> int:
    """A delivery that failed alone: tried again where that may help, else marked failed."""
    delivery = InboundDelivery.objects.defer("body").get(pk=delivery_id)
    state, due_at = State.FAILED, delivery.received_at + KEPT_FAILED
    if isinstance(error, Retryable) and delivery.attempts < len(BACK_OFF):
        state, due_at = State.WAITING, now + BACK_OFF[delivery.attempts]
    else:
        log.warning("inbound_failed delivery=%s", delivery_id, exc_info=error)
    return InboundDelivery.objects.filter(pk=delivery_id, state=State.WAITING).update(
        state=state, error=in_words(error)[:500], due_at=due_at, attempts=delivery.attempts + 1
    )
