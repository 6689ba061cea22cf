"""Numbers of coupons, and the codes behind each: counted and listed by one filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from commerce.models import Coupon, CouponCode, Order

ISSUED = Q(issued_at__isnull=False)
REDEEMED = Q(redeemed_at__isnull=False)
STATES = ("issued", "redeemed", "open", "expired", "free")


def in_state(state: str, now: datetime) -> Q:
    """The filter on codes behind a number; `free` are those nobody has."""
    ended = Q(expires_at__lte=now)
    return {
        "issued": ISSUED,
        "redeemed": REDEEMED,
        "open": ISSUED & ~REDEEMED & ~Q(expires_at__isnull=False, expires_at__lte=now),
        "expired": ISSUED & ~REDEEMED & ended,
        "free": ~ISSUED & ~REDEEMED,
    }[state]


@dataclass(frozen=True)
class Figures:
    """Codes of one coupon by state, and the value of the orders that brought codes back."""

    issued: int = 0
    redeemed: int = 0
    open: int = 0
    expired: int = 0
    free: int = 0
    revenue: Decimal = Decimal(0)

    @property
    def rate(self) -> float | None:
        """Redeemed of issued, from 0 to 1; None when none was issued."""
        return self.redeemed / self.issued if self.issued else None


# An order that brought two codes of a coupon counts once; one that was called off, not at all.
REVENUE = f"""
    SELECT coupon_id, sum(value)
      FROM (SELECT DISTINCT code.coupon_id, bought.id, bought.value
              FROM {CouponCode._meta.db_table} AS code
              JOIN {Order._meta.db_table} AS bought ON bought.id = code.redeemed_order_id
             WHERE code.coupon_id = ANY(%s) AND NOT bought.is_deleted
               AND bought.status <> ALL(%s)) AS orders
     GROUP BY coupon_id"""


def figures_of(ids: Sequence[UUID], *, now: datetime) -> dict[UUID, Figures]:
    """The figures of these coupons; two statements for any number."""
    counts = {state: Count("pk", filter=in_state(state, now)) for state in STATES}
    rows = CouponCode.objects.filter(coupon_id__in=ids).values("coupon_id").annotate(**counts)
    with connection.cursor() as cursor:
        cursor.execute(REVENUE, [list(ids), [str(status) for status in Order.VOID]])
        revenue: dict[UUID, Decimal] = dict(cursor.fetchall())
    return dict.fromkeys(ids, Figures()) | {
        row["coupon_id"]: _figures(row, revenue.get(row["coupon_id"], Decimal(0))) for row in rows
    }


def _figures(row: Mapping[str, Any], revenue: Decimal) -> Figures:
    return Figures(**{state: row[state] for state in STATES}, revenue=revenue)


def codes_in(coupon: Coupon, state: str, q: str, *, now: datetime) -> "QuerySet[CouponCode]":
    """The codes behind a number, newest first, of which some begin with or belong to `q`."""
    rows = CouponCode.objects.filter(in_state(state, now), coupon=coupon)
    if q:
        rows = rows.filter(Q(code__startswith=q.upper()) | Q(contact__email__startswith=q.lower()))
    newest = F("issued_at").desc(nulls_last=True)
    return rows.select_related("contact", "redeemed_order").order_by(newest, "-id")
