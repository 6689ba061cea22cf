"""The only writers of the event log."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from core.ids import uuid7
from events.models import Event
from tenants import agenda
from tenants.models import Agenda


@dataclass(frozen=True)
class NewEvent:
    """A fact to be recorded; its `message_id` makes a repeated delivery harmless."""

    type: str
    occurred_at: datetime
    contact_id: UUID | None = None
    identifiers: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    source: str = "viaggio"
    message_id: str = ""


INSERT = f"""
    INSERT INTO {Event._meta.db_table} (source, message_id, type, contact_id, identifiers, data,
                                        occurred_at, received_at, state, error)
    SELECT source, message_id, type, contact_id, identifiers, data, occurred_at, %s, 0, ''
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::uuid[], %s::jsonb[], %s::jsonb[],
                  %s::timestamptz[])
        AS new (source, message_id, type, contact_id, identifiers, data, occurred_at)
    ON CONFLICT (source, message_id) DO NOTHING
    RETURNING id, message_id"""

# Where the ids of new events are noted, while somebody wants to know.
_noted: ContextVar[list[int] | None] = ContextVar("noted_events", default=None)


@contextmanager
def noting_events() -> Iterator[list[int]]:
    """The ids of the events recorded within, as they come."""
    noted: list[int] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def record(
    *,
    type: str,
    now: datetime,
    contact_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    message_id: str = "",
    source: str = "viaggio",
    identifiers: dict[str, str] | None = None,
    occurred_at: datetime | None = None,
) -> bool:
    """Record one event in the caller's transaction; False when it was already there."""
    event = NewEvent(
        type=type,
        occurred_at=occurred_at or now,
        contact_id=contact_id,
        identifiers=identifiers or {},
        data=data or {},
        source=source,
        message_id=message_id,
    )
    return bool(record_many(events=[event], now=now))


def record_many(*, events: Sequence[NewEvent], now: datetime) -> set[str]:
    """Record events in one statement in the caller's transaction; the message ids that were new."""
    if not events:
        return set()
    ids = [event.message_id or str(uuid7()) for event in events]
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                now,
                [event.source for event in events],
                ids,
                [event.type for event in events],
                [event.contact_id for event in events],
                [Jsonb(event.identifiers) for event in events],
                [Jsonb(event.data) for event in events],
                [event.occurred_at for event in events],
            ],
        )
        rows = cursor.fetchall()
    new = {row[1] for row in rows}
    if (noted := _noted.get()) is not None:
        noted += [row[0] for row in rows]
    if new:
        agenda.lower(lane=Agenda.Lane.EVENTS, due_at=now, now=now)
    return new
