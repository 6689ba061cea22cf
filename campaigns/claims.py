"""The message rows' way through their states: claim, call, settle, recover.

Every write after a claim names the fence it was given; a worker that lost its lease changes
nothing. No statement here loops: each moves a whole batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from campaigns.models import Campaign, Message

TABLE = Message._meta.db_table
CAMPAIGNS = Campaign._meta.db_table
decode = msgspec.json.Decoder(dict[str, Any]).decode
# A worker that says nothing for this long has lost its rows.
LEASE = timedelta(seconds=settings.SENDING_LEASE_SECONDS)
# The reason of a message that may have gone out, asked of a provider that knows its send id.
ASKED_AGAIN = "asked_again"
WAITING = "m.status IN ('queued', 'retry', 'deferred')"


@dataclass(frozen=True)
class Claimed:
    """One message row in a worker's hands."""

    id: UUID
    fence: int
    lane: int
    contact_id: UUID | None
    to_address: str
    template_version_id: UUID
    account_id: UUID | None
    journey_id: UUID | None
    campaign_id: UUID | None
    context: dict[str, Any]
    attempts: int
    called_at: datetime | None = None
    reason: str = ""
    enrolment_id: UUID | None = None
    # What an earlier call was filled with: it holds for a repeated one, and in the browser.
    drawn: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settlement:
    """What becomes of one claimed message."""

    id: UUID
    fence: int
    status: str
    reason: str = ""
    reason_text: str = ""
    due_at: datetime | None = None
    provider_message_id: str = ""
    sent_at: datetime | None = None
    # The account that took it; what it reports later is matched within it.
    account_id: UUID | None = None
    # False gives back the attempt that was counted, since nothing was tried.
    counts: bool = True


@dataclass(frozen=True)
class Approved:
    """One message about to be called, with the destinations only it has."""

    id: UUID
    fence: int
    destinations: list[str] = field(default_factory=list)
    drawn: Mapping[str, Any] = field(default_factory=dict)
    # Set where a repeated call must go to the same account.
    account_id: UUID | None = None


# Materialized: a joined subquery may be run more than once, and would lock more than its limit.
CLAIM = f"""
    WITH due AS MATERIALIZED (
        SELECT m.id FROM {TABLE} AS m WHERE {WAITING} AND m.due_at <= %(now)s
         ORDER BY m.lane, m.due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE {TABLE} AS message
       SET status = 'claimed', lease_until = %(lease)s, fence = message.fence + 1
      FROM due WHERE message.id = due.id
    RETURNING message.id, message.fence, message.lane, message.contact_id, message.to_address,
              message.template_version_id, message.account_id, message.journey_id,
              message.campaign_id, message.context, message.attempts,
              message.called_at, message.reason, message.enrolment_id,
              CASE WHEN message.reason = '{ASKED_AGAIN}' THEN message.drawn ELSE '{{}}' END"""


def claim(*, now: datetime, limit: int) -> list[Claimed]:
    """Take up to `limit` due messages, transactional before journeys before campaigns."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"lease": now + LEASE, "now": now, "limit": limit})
        # Django leaves jsonb as text on its connections.
        rows = []
        for *row, context, attempts, called_at, reason, enrolment, drawn in cursor.fetchall():
            values = [*row, decode(context), attempts, called_at, reason, enrolment, decode(drawn)]
            rows.append(Claimed(*values))
    return sorted(rows, key=lambda row: (row.lane, row.id))


def call(*, approved: Sequence[Approved], now: datetime) -> set[UUID]:
    """Commit to sending these: the send moment. Only those still ours are returned."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} AS message SET status = 'calling', lease_until = %s,"
            " attempts = message.attempts + 1, destinations = new.destinations,"
            " called_at = coalesce(message.called_at, %s),"
            " account_id = coalesce(new.account, message.account_id)"
            " FROM unnest(%s::uuid[], %s::int[], %s::jsonb[], %s::uuid[])"
            "   AS new (id, fence, destinations, account)"
            " WHERE message.id = new.id AND message.fence = new.fence"
            " AND message.status = 'claimed' RETURNING message.id",
            [
                now + LEASE,
                now,
                [one.id for one in approved],
                [one.fence for one in approved],
                [Jsonb(one.destinations) for one in approved],
                [one.account_id for one in approved],
            ],
        )
        called = {row[0] for row in cursor.fetchall()}
    _keep([one for one in approved if one.drawn and one.id in called])
    return called


def _keep(called: Sequence[Approved]) -> None:
    """Store what these were filled with; most mails are filled with nothing that needs it."""
    if not called:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} AS message SET drawn = new.drawn"
            " FROM unnest(%s::uuid[], %s::jsonb[]) AS new (id, drawn) WHERE message.id = new.id",
            [[one.id for one in called], [Jsonb(one.drawn) for one in called]],
        )


SETTLE = f"""
    UPDATE {TABLE} AS message
       SET status = new.status, reason = new.reason, reason_text = left(new.text, 300),
           due_at = coalesce(new.due_at, message.due_at), lease_until = NULL,
           provider_message_id = CASE WHEN new.provider = '' THEN message.provider_message_id
                                      ELSE left(new.provider, 255) END,
           sent_at = coalesce(new.sent_at, message.sent_at),
           account_id = coalesce(new.account, message.account_id),
           attempts = message.attempts - CASE WHEN new.counts THEN 0 ELSE 1 END
      FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
                  %s::text[], %s::timestamptz[], %s::uuid[], %s::bool[])
        AS new (id, fence, status, reason, text, due_at, provider, sent_at, account, counts)
     WHERE message.id = new.id AND message.fence = new.fence
       AND message.status IN ('claimed', 'calling')"""


def settle(settlements: Sequence[Settlement]) -> int:
    """Write the verdicts; how many rows were still ours to write."""
    if not settlements:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            SETTLE,
            [
                [one.id for one in settlements],
                [one.fence for one in settlements],
                [one.status for one in settlements],
                [one.reason for one in settlements],
                [one.reason_text for one in settlements],
                [one.due_at for one in settlements],
                [one.provider_message_id for one in settlements],
                [one.sent_at for one in settlements],
                [one.account_id for one in settlements],
                [one.counts for one in settlements],
            ],
        )
        return int(cursor.rowcount)


def recover(*, now: datetime) -> tuple[int, int]:
    """Put right what dead workers held: (back in the queue, in doubt).

    A claimed row was never called, so it goes back. A row in `calling` may have gone out: a
    transactional one is sent once more, a marketing one stays in doubt until somebody knows.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET status = 'queued', lease_until = NULL"
            " WHERE status = 'claimed' AND lease_until < %s",
            [now],
        )
        back = cursor.rowcount
        cursor.execute(
            f"UPDATE {TABLE} SET lease_until = NULL,"
            "   status = CASE WHEN lane = 0 AND attempts < 2 THEN 'queued' ELSE 'in_doubt' END,"
            "   reason = 'cut_off', reason_text = %s"
            " WHERE status = 'calling' AND lease_until < %s",
            [_("The sender stopped while this message was leaving."), now],
        )
        return back, cursor.rowcount


def next_due() -> datetime | None:
    """When the next message is due, lease ends or campaign starts; None when nothing waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT least((SELECT min(m.due_at) FROM {TABLE} AS m WHERE {WAITING}),"
            f" (SELECT min(lease_until) FROM {TABLE} WHERE status IN ('claimed', 'calling')),"
            f" (SELECT min(send_at) FROM {CAMPAIGNS} WHERE status = 'scheduled'))"
        )
        found: datetime | None = cursor.fetchone()[0]
        return found
