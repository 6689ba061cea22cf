"""Orders bring coupon codes back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commerce.coupons.redeeming import Used, redeem_codes
from events.contracts import Consumer, consumers
from events.models import Event


def redeem(batch: Sequence[Event], now: datetime) -> None:
    """Mark the codes of orders placed as redeemed."""
    redeem_codes(
        used=[
            Used(code, event.occurred_at, event.contact_id, _uuid(event.data.get("order_id")))
            for event in batch
            if event.type == "order.placed"
            for code in _codes(event)
        ],
        now=now,
    )


def _codes(event: Event) -> list[str]:
    """Anybody may send an event of this type by the API, so its data may be anything."""
    codes = event.data.get("coupon_codes")
    return [code for code in codes if isinstance(code, str)] if isinstance(codes, list) else []


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


consumers.register(Consumer("commerce.coupons", 25, redeem))
