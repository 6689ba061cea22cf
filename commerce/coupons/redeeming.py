"""Codes coming back: with an order, or asked about by a shop or a till."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from commerce.models import CouponCode, Order
from core.errors import Problem
from events.services import NewEvent, record_many

TABLE = CouponCode._meta.db_table


@dataclass(frozen=True)
class Used:
    """A code that came with an order, or at a till without one."""

    code: str
    at: datetime
    contact_id: UUID | None = None
    order_id: UUID | None = None


def normal(code: str) -> str:
    """A code as it is stored: people type it in any case, with spaces around it."""
    return code.replace("\x00", "").strip().upper()


# A code of one person is redeemed whoever brings it; one that many have, by each of them once.
# A code brought twice counts for the first order.
REDEEM = f"""
    WITH used AS (
        SELECT * FROM unnest(%(codes)s::text[], %(contacts)s::uuid[], %(orders)s::uuid[],
                             %(moments)s::timestamptz[])
          WITH ORDINALITY AS one (code, contact, ordered, at, n)),
    found AS (
        SELECT code.id, used.* FROM used
          JOIN {TABLE} AS code ON code.code = used.code AND NOT code.is_shared
         UNION ALL
        (SELECT DISTINCT ON (used.n) code.id, used.* FROM used
           JOIN {TABLE} AS code ON code.code = used.code AND code.is_shared
            AND code.contact_id = used.contact AND code.redeemed_at IS NULL
          ORDER BY used.n, code.issued_at DESC)),
    first AS (SELECT DISTINCT ON (id) * FROM found ORDER BY id, at, n)
    UPDATE {TABLE} AS code
       SET redeemed_at = first.at, redeemed_order_id = shop_order.id
      FROM first LEFT JOIN {Order._meta.db_table} AS shop_order ON shop_order.id = first.ordered
     WHERE code.id = first.id AND code.redeemed_at IS NULL
    RETURNING code.id, code.coupon_id, code.code, first.ordered, first.at,
              coalesce(first.contact, code.contact_id)"""


def redeem_codes(*, used: Sequence[Used], now: datetime) -> int:
    """Mark the codes that are ours as redeemed, in the caller's transaction; how many were new.

    The shop has accepted them, so an expired code counts too.
    """
    if not used:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            REDEEM,
            {
                "codes": [normal(one.code) for one in used],
                "contacts": [one.contact_id for one in used],
                "orders": [one.order_id for one in used],
                "moments": [one.at for one in used],
            },
        )
        redeemed = cursor.fetchall()
    record_many(
        events=[
            NewEvent(
                type="coupon.redeemed",
                occurred_at=at,
                contact_id=contact_id,
                data={
                    "coupon_id": str(coupon_id),
                    "code": code,
                    "order_id": str(order_id or ""),
                },
                message_id=f"coupon.redeemed:{code_id}",
            )
            for code_id, coupon_id, code, order_id, at, contact_id in redeemed
        ],
        now=now,
    )
    return len(redeemed)


def find_code(*, code: str, contact_id: UUID | None) -> CouponCode | None:
    """The code as this person has it; None when there is none, or a shared one they do not have.

    Without a person, any row of a shared code will do.
    """
    found = CouponCode.objects.select_related("coupon").filter(code=normal(code))
    if contact_id:
        found = found.filter(Q(is_shared=False) | Q(contact_id=contact_id))
    unused_first = F("redeemed_at").desc(nulls_first=True)
    return found.order_by(unused_first, "-issued_at").first()


def problem_with(
    code: CouponCode | None, *, contact_id: UUID | None, now: datetime
) -> Problem | None:
    """Why a code does not hold now, for this person if one is named; None when it does."""
    if code is None:
        return Problem("unknown_code", _("There is no such code."), "code")
    if code.redeemed_at and (contact_id or not code.is_shared):
        return Problem("already_redeemed", _("This code has been used already."), "code")
    if not code.is_shared and code.issued_at is None:
        return Problem("not_issued", _("Nobody has been given this code yet."), "code")
    if code.expires_at and code.expires_at <= now:
        return Problem("code_expired", _("This code is not valid any more."), "code")
    if not code.coupon.is_active:
        return Problem("coupon_stopped", _("This offer has been stopped."), "code")
    return None


@transaction.atomic
def redeem_one(*, used: Used, now: datetime) -> tuple[CouponCode | None, Problem | None]:
    """Redeem one code at a till: the code as it is now, and why it was refused, if it was."""
    code = find_code(code=used.code, contact_id=used.contact_id)
    if code is not None and code.is_shared and used.contact_id is None:
        return code, Problem(
            "contact_needed", _("Many people have this code: say whose it is."), "contact_id"
        )
    problem = problem_with(code, contact_id=used.contact_id, now=now)
    if problem is None and not redeem_codes(used=[used], now=now):
        problem = Problem("already_redeemed", _("This code has been used already."), "code")
    if code is not None:
        code.refresh_from_db()
    return code, problem
