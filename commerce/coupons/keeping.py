"""Making and changing coupons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from commerce.models import Coupon


@transaction.atomic
def save_coupon(
    *, values: Mapping[str, Any], now: datetime, coupon: Coupon | None = None
) -> Coupon:
    """Make a coupon, or change one; codes handed out already keep their own end."""
    if coupon is None:
        coupon = Coupon(created_at=now)
    else:
        coupon = Coupon.objects.select_for_update().get(pk=coupon.pk)
    for name, value in values.items():
        setattr(coupon, name, value)
    coupon.save()
    return coupon


def set_coupon_active(*, coupon_id: UUID, is_active: bool) -> None:
    """Start or stop handing out codes; those of a stopped coupon do not hold at a till."""
    Coupon.objects.filter(pk=coupon_id).update(is_active=is_active)
