"""What the log says of coupons."""

from django.utils.translation import gettext_lazy as _

from events.contracts import EventType, event_types

event_types.register(
    EventType(
        "coupon.issued",
        _("Got a coupon"),
        "ticket-percent",
        "brand",
        lambda data: data.get("code", ""),
    )
)
event_types.register(
    EventType(
        "coupon.redeemed",
        _("Used a coupon"),
        "ticket-check",
        "ok",
        lambda data: data.get("code", ""),
    )
)
