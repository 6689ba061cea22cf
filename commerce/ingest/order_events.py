"""Facts about orders in the log: one event for each moment an order passed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.amounts import amount_text
from commerce.ingest.order_state import HISTORY
from commerce.line_data import order_lines_of
from commerce.models import Cart, Order
from events.services import NewEvent, record_many

CARTS = f"""
    SELECT o.id, cart.id FROM {Order._meta.db_table} AS o
      JOIN {Cart._meta.db_table} AS cart
        ON cart.source = o.source AND cart.external_id = o.cart_external_id
     WHERE o.id = ANY(%s) AND o.cart_external_id <> ''"""


@dataclass(frozen=True)
class Passage:
    """An order passing one of its moments."""

    order: Order
    kind: str
    at: datetime
    is_new: bool
    # Told before, when nobody was known behind the order.
    is_late: bool

    def is_historical(self, now: datetime) -> bool:
        """True for what starts nothing: it is long past, or so was its order when first seen."""
        return self.at < now - HISTORY or (self.is_new and self.order.placed_at < now - HISTORY)


def record_passages(
    *,
    passages: Sequence[Passage],
    first_orders: Mapping[UUID, datetime | None],
    now: datetime,
) -> None:
    """Record each once per order and kind, whoever tells it again."""
    if not passages:
        return
    orders = {passage.order.pk: passage.order for passage in passages}
    lines = order_lines_of(order_ids=list(orders))
    carts = _carts(orders)
    events = []
    for passage in passages:
        order = passage.order
        data = _order_data(order, lines.get(order.pk, []), carts.get(order.pk))
        data["is_first"] = _is_first(order, first_orders)
        if passage.is_historical(now):
            data["historical"] = True
        late = f":{order.contact_id}" if passage.is_late else ""
        events.append(
            NewEvent(
                type=f"order.{passage.kind}",
                occurred_at=passage.at,
                contact_id=order.contact_id,
                data=data,
                source=order.source,
                message_id=f"order.{passage.kind}:{order.pk}{late}",
            )
        )
    record_many(events=events, now=now)


def _order_data(order: Order, lines: list[dict[str, Any]], cart_id: UUID | None) -> dict[str, Any]:
    return {
        "order_id": str(order.pk),
        "external_id": order.external_id,
        "source": order.source,
        "number": order.number,
        "status": str(order.status),
        "currency": order.currency,
        "total": amount_text(order.total),
        "value": amount_text(order.value),
        "coupon_codes": list(order.coupon_codes),
        "cart_id": str(cart_id or ""),
        "lines": lines,
    }


def _is_first(order: Order, first_orders: Mapping[UUID, datetime | None]) -> bool:
    first = first_orders.get(order.contact_id) if order.contact_id else None
    return bool(order.contact_id) and (first is None or order.placed_at <= first)


def _carts(order_ids: Collection[UUID]) -> dict[UUID, UUID]:
    with connection.cursor() as cursor:
        cursor.execute(CARTS, [list(order_ids)])
        return dict(cursor.fetchall())
