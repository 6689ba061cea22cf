"""Facts about carts in the log."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from commerce.amounts import amount_text
from commerce.ingest.order_state import HISTORY
from commerce.line_data import cart_lines_of
from commerce.models import Cart
from events.services import NewEvent, record_many

Kind = Literal["updated", "emptied", "converted"]


def record_cart_events(*, cart_ids: Collection[UUID], kind: Kind, now: datetime) -> None:
    """Record what happened to these carts, as they stand now; again changes nothing."""
    if not cart_ids:
        return
    data = cart_data(cart_ids=cart_ids)
    events = []
    for cart in Cart.objects.filter(pk__in=cart_ids).order_by("pk"):
        at = (cart.ended_at or now) if kind == "converted" else cart.changed_at
        facts = data[cart.pk] | ({"order_id": str(cart.order_id)} if kind == "converted" else {})
        events.append(
            NewEvent(
                type=f"cart.{kind}",
                occurred_at=at,
                contact_id=cart.contact_id,
                data=facts | ({"historical": True} if at < now - HISTORY else {}),
                source=cart.source,
                # A cart is ordered once, and changed many times.
                message_id=f"cart.{kind}:{cart.pk}"
                + ("" if kind == "converted" else f":{at.timestamp():.6f}"),
            )
        )
    record_many(events=events, now=now)


def cart_data(*, cart_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Each cart as events and templates carry it; two statements for any number."""
    carts = list(Cart.objects.filter(pk__in=cart_ids))
    lines = cart_lines_of(rates={cart.pk: cart.rate for cart in carts})
    return {
        cart.pk: {
            "cart_id": str(cart.pk),
            "external_id": cart.external_id,
            "source": cart.source,
            "currency": cart.currency,
            "total": amount_text(cart.total),
            "value": amount_text(cart.value),
            "restore_url": cart.restore_url,
            "lines": lines.get(cart.pk, []),
        }
        for cart in carts
    }
