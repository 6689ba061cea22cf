"""Coupons that can be had at once, for who has made none yet."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from commerce.ingredients import coupon

PREFIX = "new:"


@dataclass(frozen=True)
class ReadyCoupon:
    """What it is called, and the fields of `Coupon` it has; codes of its own for each person."""

    name: Any
    settings: dict[str, Any] = field(default_factory=dict)


READY = {
    "first-order": ReadyCoupon(
        gettext_lazy("10% off the first order"),
        {"amount": 10, "valid_hours": 240, "max_orders": 0},
    ),
    "ten-percent": ReadyCoupon(
        gettext_lazy("10% off the next order"), {"amount": 10, "valid_hours": 240}
    ),
    "fifteen-percent": ReadyCoupon(
        gettext_lazy("15% off, three days"), {"amount": 15, "valid_hours": 72}
    ),
}


def choices() -> list[tuple[str, Any]]:
    """The ready coupons as a form offers them."""
    return [(f"{PREFIX}{key}", each.name) for key, each in READY.items()]


def made(chosen: str, *, now: datetime) -> str:
    """The id of the coupon that was chosen, made when it was a ready one."""
    key = chosen.removeprefix(PREFIX)
    if key == chosen or key not in READY:
        return chosen
    ready = READY[key]
    return coupon(str(ready.name), "", now, ready.settings)
