"""Handing codes out: to a whole batch with one statement, each stay at a step at most one.

Codes of a pool are reserved by row locks before anybody is told, in the transaction that hands
them out. So no two workers give away the same code, and nobody is promised one that is not there.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from commerce.models import Coupon, CouponCode
from core.arrays import int_array, text_array, uuid_array
from core.errors import Retryable
from core.ids import uuid7
from events.services import NewEvent, record_many

TABLE = CouponCode._meta.db_table
# Nothing that is read as something else: no 0 and O, no 1, I and L.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
# A generated code that exists already is made anew.
TRIES = 3
FREE = "coupon_id = %(coupon)s AND issued_at IS NULL AND redeemed_at IS NULL AND NOT is_shared"


@dataclass(frozen=True)
class Wanted:
    """One code for one stay of one run at a step."""

    contact_id: UUID
    enrolment_id: UUID
    journey_id: UUID
    step_id: str
    visit: int


def generated(prefix: str) -> str:
    """A code nobody can guess: 31^10 possibilities after the prefix."""
    word = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    return f"{prefix}-{word}" if prefix else word


def expiry(coupon: Coupon, now: datetime) -> datetime | None:
    """When a code handed out now ends: by its hours or the coupon's date, whichever comes first."""
    ends = [coupon.expires_at] if coupon.expires_at else []
    if coupon.valid_hours:
        ends.append(now + timedelta(hours=coupon.valid_hours))
    return min(ends, default=None)


def reserve(*, coupon: Coupon, count: int) -> int:
    """How many of `count` people can have a code; codes of a pool stay locked until commit."""
    if coupon.codes != Coupon.Codes.POOL or coupon.fallback_code:
        return count
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {FREE}"
            " ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED) AS held",
            {"coupon": coupon.pk, "count": count},
        )
        return int(cursor.fetchone()[0])


def issue_codes(*, coupon: Coupon, wanted: Sequence[Wanted], now: datetime) -> int:
    """Give each of these a code, in the caller's transaction; how many codes are new.

    Who has one for the same stay keeps it. A pool that is used up gives its fallback code;
    without one it raises Retryable, for whoever was promised a code must have `reserve`d it.
    """
    wanted = _without_code(wanted) if wanted else []
    if not wanted:
        return 0
    issued = _issue(coupon, wanted, now)
    if len(issued) < len(wanted):
        raise Retryable("no_codes_left", _("There are not enough codes left."))
    record_many(
        events=[
            NewEvent(
                type="coupon.issued",
                occurred_at=now,
                contact_id=contact_id,
                data={
                    "coupon_id": str(coupon.pk),
                    "code": code,
                    "expires_at": expires_at.isoformat() if expires_at else "",
                },
                message_id=f"coupon.issued:{code_id}",
            )
            for code_id, contact_id, code, expires_at in issued
        ],
        now=now,
    )
    return len(issued)


Issued = tuple[UUID, UUID, str, datetime | None]


def _issue(coupon: Coupon, wanted: Sequence[Wanted], now: datetime) -> list[Issued]:
    if coupon.codes == Coupon.Codes.GENERATED:
        return _generate(coupon, wanted, now)
    if coupon.codes == Coupon.Codes.SHARED:
        return _insert(coupon, wanted, [coupon.fallback_code] * len(wanted), True, now)
    taken = _take(coupon, wanted, now)
    if len(taken) == len(wanted) or not coupon.fallback_code:
        return taken
    rest = _without_code(wanted)
    return taken + _insert(coupon, rest, [coupon.fallback_code] * len(rest), True, now)


def _without_code(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Those stays that have no code yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT enrolment_id, step_id, visit FROM {TABLE} WHERE enrolment_id = ANY(%s)",
            [[one.enrolment_id for one in wanted]],
        )
        served = set(cursor.fetchall())
    return [one for one in wanted if (one.enrolment_id, one.step_id, one.visit) not in served]


def _generate(coupon: Coupon, wanted: Sequence[Wanted], now: datetime) -> list[Issued]:
    issued: list[Issued] = []
    rest = list(wanted)
    for _try in range(TRIES):
        made = [generated(coupon.prefix) for _one in rest]
        issued += _insert(coupon, rest, made, False, now)
        if len(issued) == len(wanted):
            break
        rest = _without_code(rest)
    return issued


def _columns(wanted: Sequence[Wanted]) -> dict[str, Any]:
    return {
        "contacts": uuid_array(one.contact_id for one in wanted),
        "enrolments": uuid_array(one.enrolment_id for one in wanted),
        "journeys": uuid_array(one.journey_id for one in wanted),
        "steps": text_array(one.step_id for one in wanted),
        "visits": int_array(one.visit for one in wanted),
    }


INSERT = f"""
    INSERT INTO {TABLE} (id, coupon_id, code, is_shared, contact_id, enrolment_id, journey_id,
                         step_id, visit, issued_at, expires_at, created_at)
    SELECT id, %(coupon)s, code, %(shared)s, contact, enrolment, journey, step, visit, %(now)s,
           %(ends)s, %(now)s
      FROM unnest(%(ids)s::uuid[], %(codes)s::text[], %(contacts)s::uuid[], %(enrolments)s::uuid[],
                  %(journeys)s::uuid[], %(steps)s::text[], %(visits)s::int[])
        AS new (id, code, contact, enrolment, journey, step, visit)
    ON CONFLICT DO NOTHING
    RETURNING id, contact_id, code, expires_at"""


def _insert(
    coupon: Coupon, wanted: Sequence[Wanted], codes: Sequence[str], shared: bool, now: datetime
) -> list[Issued]:
    if not wanted:
        return []
    return _returned(
        INSERT,
        {
            **_columns(wanted),
            "ids": uuid_array(uuid7() for _one in wanted),
            "codes": text_array(codes),
            "coupon": coupon.pk,
            "shared": shared,
            "now": now,
            "ends": expiry(coupon, now),
        },
    )


TAKE = f"""
    WITH wanted AS (
        SELECT * FROM unnest(%(contacts)s::uuid[], %(enrolments)s::uuid[], %(journeys)s::uuid[],
                             %(steps)s::text[], %(visits)s::int[])
          WITH ORDINALITY AS one (contact, enrolment, journey, step, visit, n)),
    free AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n
          FROM (SELECT id FROM {TABLE} WHERE {FREE}
                 ORDER BY id LIMIT %(count)s FOR UPDATE SKIP LOCKED) AS held)
    UPDATE {TABLE} AS code
       SET contact_id = wanted.contact, enrolment_id = wanted.enrolment,
           journey_id = wanted.journey, step_id = wanted.step, visit = wanted.visit,
           issued_at = %(now)s, expires_at = %(ends)s
      FROM free JOIN wanted USING (n)
     WHERE code.id = free.id
    RETURNING code.id, code.contact_id, code.code, code.expires_at"""


def _take(coupon: Coupon, wanted: Sequence[Wanted], now: datetime) -> list[Issued]:
    """The next codes of the pool, for as many as there are."""
    if not wanted:
        return []
    return _returned(
        TAKE,
        {
            **_columns(wanted),
            "coupon": coupon.pk,
            "count": len(wanted),
            "now": now,
            "ends": expiry(coupon, now),
        },
    )


def _returned(sql: str, parameters: dict[str, Any]) -> list[Issued]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
