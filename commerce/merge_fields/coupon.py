"""`coupon` in templates: the run's newest code that still works, else the person's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from commerce.coupons.codes import ALPHABET, LENGTH, expiry
from commerce.coupons.words import moment_text, value_text
from commerce.models import Coupon, CouponCode
from contacts.contracts import MergeField, MergeRequest, Words, merge_fields
from tenants.context import current_workspace

NEWEST = f"""
    SELECT DISTINCT ON (asked.n) asked.n, code.code, code.expires_at, coupon.name, coupon.kind,
           coupon.amount, coupon.currency
      FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS asked (contact, enrolment, n)
      JOIN {CouponCode._meta.db_table} AS code ON code.contact_id = asked.contact
       AND code.issued_at <= %s AND code.redeemed_at IS NULL
       AND (code.expires_at IS NULL OR code.expires_at > %s)
      JOIN {Coupon._meta.db_table} AS coupon ON coupon.id = code.coupon_id
     ORDER BY asked.n, (code.enrolment_id IS NOT DISTINCT FROM asked.enrolment) DESC,
              code.issued_at DESC, code.id DESC"""


def values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{code, name, value_text, expires_at, expires_text} for each; None without a code."""
    zone = ZoneInfo(current_workspace("A coupon").timezone)
    found: list[dict[str, Any] | None] = [None] * len(requests)
    with connection.cursor() as cursor:
        asked = [[one.contact_id for one in requests], [one.enrolment_id for one in requests]]
        cursor.execute(NEWEST, [*asked, now, now])
        for number, code, expires_at, name, kind, amount, currency in cursor.fetchall():
            coupon = Coupon(name=name, kind=kind, amount=amount, currency=currency)
            with translation.override(requests[number - 1].language or None):
                found[number - 1] = shown(coupon, code, expires_at, zone)
    return found


def shown(coupon: Coupon, code: str, expires_at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
    """One code as templates see it, in the active language."""
    return {
        "code": code,
        "name": coupon.name,
        "value_text": value_text(coupon),
        # None, for an empty text is true in Liquid.
        "expires_at": expires_at.isoformat() if expires_at else None,
        "expires_text": moment_text(expires_at, zone) if expires_at else None,
    }


def sample() -> dict[str, Any]:
    """A code of the newest coupon that nobody can redeem."""
    now = timezone.now()
    coupon = Coupon.objects.filter(is_active=True).order_by("-created_at").first()
    zone = ZoneInfo(current_workspace("A coupon").timezone)
    if coupon is None:
        invented = Coupon(name=str(_("A coupon")), amount=Decimal(10))
        return shown(invented, "EXAMPLE10", now + timedelta(days=3), zone)
    code = f"{coupon.prefix}-{ALPHABET[:LENGTH]}" if coupon.prefix else ALPHABET[:LENGTH]
    return shown(coupon, code, expiry(coupon, now), zone)


def _examples() -> list[tuple[str, Words, str]]:
    return [
        ("coupon.code", _("Code"), "SPRING-7KQ2M9XPTA"),
        ("coupon.value_text", _("What it gives"), "10%"),
        ("coupon.expires_text", _("Until when"), "27 November 2026, 13:00"),
    ]


merge_fields.register(MergeField("coupon", _("Coupon"), values, _examples, sample=sample))
