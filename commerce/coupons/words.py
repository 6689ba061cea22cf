"""Coupons in words: what one gives, and until when."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from commerce.models import Coupon
from core.money import money


def value_text(coupon: Coupon) -> str:
    """ "10% off", "€5.00 off" or "Free shipping", in the active language."""
    if coupon.kind == Coupon.Kind.SHIPPING:
        return _("Free shipping")
    if coupon.kind == Coupon.Kind.AMOUNT:
        return _("%(amount)s off") % {"amount": money(coupon.amount, coupon.currency)}
    return _("%(percent)s%% off") % {"percent": percent(coupon.amount)}


def percent(amount: Decimal) -> str:
    """A percentage without idle zeros."""
    whole = amount == amount.to_integral_value()
    return number_format(amount.normalize(), decimal_pos=0 if whole else None)


def moment_text(at: datetime, zone: ZoneInfo) -> str:
    """Day and time where the workspace is: "27 November 2026, 13:00"."""
    return date_format(at.astimezone(zone), "j F Y, H:i")


def share_text(rate: float | None) -> str:
    """A share of 0 to 1 as a percentage; a dash when there is nothing to share."""
    return "–" if rate is None else f"{number_format(round(rate * 100, 1), decimal_pos=1)}%"
