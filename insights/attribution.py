"""To which message an order belongs: the last one its buyer clicked within the window.

Opens never count, nor do a scanner's clicks, nor transactional mail. Revenue is the value of such
orders that are neither cancelled, refunded nor deleted, in the workspace's main currency.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from commerce.models import Order
from core.errors import Invalid
from events.models import Event
from insights.models import Attribution, AttributionWindow
from tenants import agenda
from tenants.models import Agenda

DAYS = 5
DAYS_MOST = 60
SLICE = 5000
NO_ORDER = UUID(int=0)

# Rows are taken in the order of their key, so that two recounts never wait for each other.
ATTRIBUTE = f"""
    WITH asked AS (
        SELECT id, contact_id, placed_at FROM {Order._meta.db_table}
         WHERE id = ANY(%(orders)s) ORDER BY id FOR NO KEY UPDATE
    ), found AS (
        SELECT asked.id AS order_id, asked.contact_id, click.*
          FROM asked CROSS JOIN LATERAL (
            SELECT message.id AS message_id, message.journey_id, message.step_id,
                   message.campaign_id, event.occurred_at AS clicked_at
              FROM {Event._meta.db_table} AS event
              JOIN campaigns_message AS message
                ON message.id = (event.data->>'message_id')::uuid
             WHERE event.contact_id = asked.contact_id AND event.type = 'message.clicked'
               AND event.occurred_at <= asked.placed_at
               AND event.occurred_at > asked.placed_at - %(window)s
               AND NOT COALESCE((event.data->>'machine')::boolean, false)
               AND message.lane > 0
             ORDER BY event.occurred_at DESC, event.id DESC LIMIT 1) AS click
    ), lost AS (
        DELETE FROM {Attribution._meta.db_table}
         WHERE order_id IN (SELECT id FROM asked WHERE contact_id IS NOT NULL)
           AND order_id NOT IN (SELECT order_id FROM found)
    )
    INSERT INTO {Attribution._meta.db_table} AS known
           (order_id, contact_id, message_id, journey_id, step_id, campaign_id, clicked_at)
    SELECT order_id, contact_id, message_id, journey_id, step_id, campaign_id, clicked_at
      FROM found ORDER BY order_id
    ON CONFLICT (order_id) DO UPDATE
       SET contact_id = EXCLUDED.contact_id, message_id = EXCLUDED.message_id,
           journey_id = EXCLUDED.journey_id, step_id = EXCLUDED.step_id,
           campaign_id = EXCLUDED.campaign_id, clicked_at = EXCLUDED.clicked_at
     WHERE (known.message_id, known.clicked_at) <> (EXCLUDED.message_id, EXCLUDED.clicked_at)"""

FOLLOWING = f"""
    SELECT DISTINCT placed.id
      FROM unnest(%(contacts)s::uuid[], %(clicks)s::timestamptz[]) AS click (contact_id, at)
      JOIN {Order._meta.db_table} AS placed ON placed.contact_id = click.contact_id
       AND placed.placed_at >= click.at AND placed.placed_at < click.at + %(window)s"""


def window() -> timedelta:
    """How long after a click an order belongs to it."""
    days = AttributionWindow.objects.values_list("days", flat=True).first()
    return timedelta(days=DAYS if days is None else days)


def attribute(*, order_ids: Collection[UUID]) -> None:
    """Find the message of each of these orders anew, in the caller's transaction."""
    if not order_ids:
        return
    asked: dict[str, Any] = {"orders": sorted(order_ids), "window": window()}
    with connection.cursor() as cursor:
        cursor.execute(ATTRIBUTE, asked)


def follow_orders(batch: Sequence[Event], now: datetime) -> None:
    """Attribute orders that were placed, and those that a click which came late precedes."""
    placed = {
        UUID(event.data["order_id"])
        for event in batch
        if event.type == "order.placed" and _is_ours(event)
    }
    attribute(order_ids=placed | _orders_after(batch))


def _is_ours(event: Event) -> bool:
    """Whether commerce recorded it: others may send events of the same name without a row."""
    try:
        UUID(str(event.data.get("order_id")))
    except ValueError:
        return False
    return True


def _orders_after(batch: Sequence[Event]) -> set[UUID]:
    clicks = [
        event
        for event in batch
        if event.type == "message.clicked" and event.contact_id and not event.data.get("machine")
    ]
    if not clicks:
        return set()
    asked: dict[str, Any] = {
        "contacts": [event.contact_id for event in clicks],
        "clicks": [event.occurred_at for event in clicks],
        "window": window(),
    }
    with connection.cursor() as cursor:
        cursor.execute(FOLLOWING, asked)
        return {row[0] for row in cursor.fetchall()}


# --- another window


def change_window(*, days: int, now: datetime) -> None:
    """From now on, and for all orders there are, an order belongs to clicks this many days old.

    Raises Invalid outside 1 to 60.
    """
    if not 1 <= days <= DAYS_MOST:
        raise Invalid(
            "window_out_of_range",
            _("Choose between 1 and %(most)s days.") % {"most": DAYS_MOST},
        )
    with transaction.atomic():
        AttributionWindow.objects.update_or_create(
            pk=1, defaults={"days": days, "recounted_to": NO_ORDER}
        )
        agenda.lower(lane=Agenda.Lane.BULK, due_at=now, now=now)


def has_recount() -> bool:
    """Whether orders wait to be looked at under a new window."""
    return AttributionWindow.objects.filter(recounted_to__isnull=False).exists()


def recount(now: datetime) -> None:
    """Look at the next orders under the new window; the last turn ends it."""
    with transaction.atomic():
        progress = AttributionWindow.objects.select_for_update().get(pk=1)
        if progress.recounted_to is None:
            return
        later = Order.objects.filter(pk__gt=progress.recounted_to).order_by("pk")
        ids = list(later.values_list("pk", flat=True)[:SLICE])
        attribute(order_ids=ids)
        progress.recounted_to = ids[-1] if ids else None
        progress.save(update_fields=["recounted_to"])
