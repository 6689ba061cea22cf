"""Tickets from what help desks tell: in any order, told any number of times, the same end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.models import Ticket
from core.ids import uuid7

OPENED, CLOSED = "ticket.opened", "ticket.closed"
SUBJECT_MAX, URL_MAX, ID_MAX = 200, 500, 128


@dataclass(frozen=True)
class TicketFact:
    """A ticket of a source was opened or closed at a moment; `contact_id` None when not said."""

    source: str
    external_id: str
    is_open: bool
    at: datetime
    contact_id: UUID | None = None
    subject: str = ""
    url: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.external_id


# The greatest moment of each kind wins, so that neither order nor repetition matters.
WRITE = f"""
    INSERT INTO {Ticket._meta.db_table} AS ticket
           (id, source, external_id, contact_id, subject, url, told_at, opened_at, closed_at,
            status, created_at)
    SELECT id, source, external_id, contact_id, subject, url, told_at, opened_at, closed_at,
           CASE WHEN opened_at > COALESCE(closed_at, '-infinity') THEN 'open' ELSE 'closed' END,
           %(now)s
      FROM unnest(%(ids)s::uuid[], %(sources)s::text[], %(externals)s::text[],
                  %(contacts)s::uuid[], %(subjects)s::text[], %(urls)s::text[],
                  %(tolds)s::timestamptz[], %(openeds)s::timestamptz[], %(closeds)s::timestamptz[])
        AS new (id, source, external_id, contact_id, subject, url, told_at, opened_at, closed_at)
     ORDER BY source, external_id
    ON CONFLICT (source, external_id) DO UPDATE SET
        contact_id = COALESCE(ticket.contact_id, EXCLUDED.contact_id),
        subject = CASE WHEN EXCLUDED.told_at >= COALESCE(ticket.told_at, '-infinity')
                       THEN EXCLUDED.subject ELSE ticket.subject END,
        url = CASE WHEN EXCLUDED.told_at >= COALESCE(ticket.told_at, '-infinity')
                   THEN EXCLUDED.url ELSE ticket.url END,
        told_at = GREATEST(ticket.told_at, EXCLUDED.told_at),
        opened_at = GREATEST(ticket.opened_at, EXCLUDED.opened_at),
        closed_at = GREATEST(ticket.closed_at, EXCLUDED.closed_at),
        status = CASE WHEN GREATEST(ticket.opened_at, EXCLUDED.opened_at)
                           > COALESCE(GREATEST(ticket.closed_at, EXCLUDED.closed_at), '-infinity')
                      THEN 'open' ELSE 'closed' END"""


@dataclass
class _Row:
    """All that a batch says of one ticket."""

    contact_id: UUID | None = None
    subject: str = ""
    url: str = ""
    told_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    def hear(self, fact: TicketFact) -> None:
        self.contact_id = self.contact_id or fact.contact_id
        if fact.is_open:
            self.opened_at = max(fact.at, self.opened_at or fact.at)
        else:
            self.closed_at = max(fact.at, self.closed_at or fact.at)
        if (fact.subject or fact.url) and (self.told_at is None or fact.at >= self.told_at):
            self.subject, self.url, self.told_at = fact.subject, fact.url, fact.at


def write_tickets(*, facts: Iterable[TicketFact], now: datetime) -> None:
    """Bring the tickets up to what these facts say, in one statement."""
    rows: dict[tuple[str, str], _Row] = {}
    for fact in facts:
        rows.setdefault(fact.key, _Row()).hear(fact)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(WRITE, _parameters(list(rows), list(rows.values()), now))


def _parameters(
    keys: Sequence[tuple[str, str]], rows: Sequence[_Row], now: datetime
) -> dict[str, Any]:
    return {
        "now": now,
        "ids": [uuid7() for _row in rows],
        "sources": [source for source, _external in keys],
        "externals": [external for _source, external in keys],
        "contacts": [row.contact_id for row in rows],
        "subjects": [row.subject for row in rows],
        "urls": [row.url for row in rows],
        "tolds": [row.told_at for row in rows],
        "openeds": [row.opened_at for row in rows],
        "closeds": [row.closed_at for row in rows],
    }
