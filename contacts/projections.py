"""What is kept of events for quick reading: tickets, and when each contact was last seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.models import Contact
from contacts.tickets import CLOSED, ID_MAX, OPENED, SUBJECT_MAX, URL_MAX, TicketFact, write_tickets
from events.contracts import event_types
from events.models import Event

SOURCE_MAX = 40
# In the order of their ids, as everybody who holds contacts does.
SEEN = f"""
    WITH seen AS (
        SELECT id, max(at) AS at FROM unnest(%s::uuid[], %s::timestamptz[]) AS one (id, at)
         GROUP BY id
    ), held AS (
        SELECT contact.id, seen.at FROM {Contact._meta.db_table} AS contact
          JOIN seen ON seen.id = contact.id
         WHERE contact.last_seen_at IS NULL OR contact.last_seen_at < seen.at
         ORDER BY contact.id FOR NO KEY UPDATE OF contact
    )
    UPDATE {Contact._meta.db_table} AS contact SET last_seen_at = held.at
      FROM held WHERE contact.id = held.id"""


def project_tickets(events: Sequence[Event], now: datetime) -> None:
    """Open and close tickets."""
    facts = [
        fact for event in events if event.type in (OPENED, CLOSED) if (fact := _fact(event, now))
    ]
    write_tickets(facts=facts, now=now)


def ticket_key(event: Event) -> tuple[str, str] | None:
    """The source and external id of the ticket an event is about; None when it names none."""
    external_id = _text(event.data, "external_id", ID_MAX)
    return (event.source[:SOURCE_MAX], external_id) if external_id else None


def _fact(event: Event, now: datetime) -> TicketFact | None:
    key = ticket_key(event)
    if key is None:
        return None  # a ticket without a name cannot be found again
    return TicketFact(
        source=key[0],
        external_id=key[1],
        is_open=event.type == OPENED,
        at=min(event.occurred_at, now),
        contact_id=event.contact_id,
        subject=_text(event.data, "subject", SUBJECT_MAX),
        url=_text(event.data, "url", URL_MAX),
    )


def _text(data: dict[str, Any], name: str, most: int) -> str:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return " ".join(value.split())[:most] if isinstance(value, str) else ""


def note_seen(events: Sequence[Event], now: datetime) -> None:
    """Move `last_seen_at` on to each contact's latest activity; never back."""
    seen: list[tuple[UUID, datetime]] = [
        (event.contact_id, min(event.occurred_at, now))
        for event in events
        if event.contact_id and _is_activity(event)
    ]
    if not seen:
        return
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [[who for who, _at in seen], [at for _who, at in seen]])


def _is_activity(event: Event) -> bool:
    known = event.type in event_types and event_types.get(event.type).is_activity
    return known and not event.data.get("machine")
