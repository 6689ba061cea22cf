"""Choosing a coupon in a form, and finding the one that was chosen."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from commerce.coupons import ready
from commerce.models import Coupon


class CouponField(forms.ChoiceField):
    """One of the workspace's coupons, by id; those that were stopped are not offered."""

    def __init__(self, *, offers_new: bool = False, **options: Any) -> None:
        super().__init__(choices=_choices_and_new if offers_new else _choices, **options)


def _choices() -> list[tuple[str, str]]:
    rows = Coupon.objects.filter(is_active=True).values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]


def _choices_and_new() -> list[tuple[str, Any]]:
    return [
        ("", _("Choose a coupon")),
        (_("Your coupons"), _choices()),
        (_("New, ready to change"), ready.choices()),
    ]


def coupon_named(text: Any) -> Coupon | None:
    """The coupon with this id; None for anything else."""
    try:
        return Coupon.objects.filter(pk=UUID(str(text))).first()
    except ValueError:
        return None
