"""Webhook calls from outside: kept raw, once each, until they are read and for a while after."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from core.ids import uuid7
from events.contracts import inbound_kinds
from events.models import InboundDelivery
from tenants import agenda
from tenants.models import Agenda

TABLE = InboundDelivery._meta.db_table
State = InboundDelivery.State
ID_LIMIT = 100
FORGOTTEN = b"erased@erased.invalid"

INSERT = f"""
    INSERT INTO {TABLE} (id, kind, door, delivery_id, headers, query, body, received_at, state,
                         error, attempts, due_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'waiting', '', 0, %s)
    ON CONFLICT (kind, door, delivery_id) DO NOTHING"""


def receive(
    *,
    kind: str,
    door: str,
    delivery_id: str,
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
    query: str = "",
) -> bool:
    """Store a call for later reading; False when it was already here. True means committed.

    `delivery_id` is the sender's own id of the call; "" takes the body's hash instead.
    """
    row: list[Any] = [uuid7(), kind, door, _clean_id(delivery_id, body), Jsonb(dict(headers))]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, [*row, query[:2000], body, now, now])
        is_new = cursor.rowcount == 1
        if is_new:
            agenda.lower(lane=Agenda.Lane.EVENTS, due_at=now, now=now)
    return is_new


def _clean_id(delivery_id: str, body: bytes) -> str:
    if not delivery_id:
        return hashlib.sha256(body).hexdigest()
    if len(delivery_id) > ID_LIMIT or not delivery_id.isprintable():
        return hashlib.sha256(delivery_id.encode(errors="replace")).hexdigest()
    return delivery_id


def holds(*, kind: str, door: str, delivery_id: str, body: bytes) -> bool:
    """Whether exactly this call was stored before, body and all."""
    return InboundDelivery.objects.filter(
        kind=kind, door=door, delivery_id=_clean_id(delivery_id, body), body=body
    ).exists()


def replay_deliveries(*, ids: Collection[UUID], now: datetime) -> int:
    """Read deliveries once more that failed or were not used; how many were put back in line."""
    odd = InboundDelivery.objects.filter(pk__in=ids, state__in=[State.FAILED, State.IGNORED])
    with transaction.atomic():
        # What an erasure blanked has nothing left to read.
        count = odd.exclude(body=b"").update(state=State.WAITING, error="", attempts=0, due_at=now)
        if count:
            agenda.lower(lane=Agenda.Lane.EVENTS, due_at=now, now=now)
    return count


def hurry(*, kind: str, door: str, now: datetime) -> int:
    """Read at once what of a door's calls waits for later; how many."""
    waiting = InboundDelivery.objects.filter(
        kind=kind, door=door, state=State.WAITING, due_at__gt=now
    )
    with transaction.atomic():
        count = waiting.update(due_at=now)
        if count:
            agenda.lower(lane=Agenda.Lane.EVENTS, due_at=now, now=now)
    return count


def next_delivery_due() -> datetime | None:
    """When the next delivery is to be read or deleted; None when there is none."""
    found: datetime | None = InboundDelivery.objects.aggregate(at=Min("due_at"))["at"]
    return found


def delete_expired(*, now: datetime, limit: int = 1000) -> int:
    """Delete deliveries that were kept long enough; how many."""
    expired = InboundDelivery.objects.filter(due_at__lte=now).exclude(state=State.WAITING)
    chosen = list(expired.order_by("due_at").values_list("pk", flat=True)[:limit])
    return InboundDelivery.objects.filter(pk__in=chosen).delete()[0]


def forget_addresses(*, addresses: Sequence[str]) -> int:
    """Take the person with these addresses out of every stored call; how many mentioned them.

    A call about one person, or one that was read, is blanked. One that tells of many people and
    is still to be read loses the addresses only.
    """
    spellings = [spelling for address in addresses for spelling in _spellings(address)]
    if not spellings:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {TABLE} WHERE encode(body, 'escape') ILIKE ANY(%s)"
            " OR query ILIKE ANY(%s) FOR UPDATE",
            [[_pattern(spelling) for spelling in spellings]] * 2,
        )
        ids = [row[0] for row in cursor.fetchall()]
    found = InboundDelivery.objects.filter(pk__in=ids)
    shared = [kind.key for kind in inbound_kinds if kind.is_about_many]
    unread = found.filter(kind__in=shared, state__in=[State.WAITING, State.FAILED])
    names = re.compile(b"|".join(re.escape(each.encode()) for each in spellings), re.IGNORECASE)
    kept = []
    for delivery in unread.iterator(chunk_size=20):
        body = names.sub(FORGOTTEN, bytes(delivery.body))
        InboundDelivery.objects.filter(pk=delivery.pk).update(body=body, query="")
        kept.append(delivery.pk)
    _blank([each for each in ids if each not in set(kept)])
    return len(ids)


def _blank(ids: Sequence[UUID]) -> None:
    rows = InboundDelivery.objects.filter(pk__in=ids)
    rows.update(body=b"", query="", headers={})
    rows.exclude(state=State.DONE).update(
        state=State.IGNORED, error=_("It was about a person who has been erased.")
    )


def _spellings(address: str) -> list[str]:
    """An address as JSON, a form and an escaped JSON text may write it."""
    local, _at, domain = address.partition("@")
    return [address, f"{quote(local)}%40{domain}", f"{local}\\u0040{domain}"]


def _pattern(text: str) -> str:
    # Twice: the escape format of bytea doubles backslashes, and LIKE needs each escaped.
    escaped = text.replace("\\", "\\\\").replace("\\", "\\\\")
    return f"%{escaped.replace('%', chr(92) + '%').replace('_', chr(92) + '_')}%"
