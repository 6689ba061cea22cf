"""Pools: lists of codes made in the shop, pasted or uploaded, as many as a hundred thousand."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from commerce.coupons.redeeming import normal
from commerce.models import Coupon, CouponCode
from core.arrays import text_array, uuid_array
from core.csv import detect_encoding, normalised, refuse_binary
from core.errors import Invalid, Problem
from core.ids import uuid7

CODES_MAX = 100_000
LENGTH_MAX = 60
BYTES_MAX = 10_000_000
# Problems told one by one; the rest is counted.
PROBLEMS_SHOWN = 50
HEADERS = frozenset(["CODE", "CODES", "COUPON", "COUPON CODE", "CODICE", "VOUCHER"])
_SPACE = re.compile(r"\s|[^\x21-\x7e]")


@dataclass
class PoolResult:
    """What became of a list: new codes, those there twice, those known already, bad lines."""

    added: int = 0
    doubled: int = 0
    known: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)


def lines_of(file: IO[bytes]) -> Iterator[str]:
    """The lines of an uploaded list; raises Invalid for one that is no text or too large."""
    if file.seek(0, 2) > BYTES_MAX:
        raise Invalid(
            "csv_too_large",
            _("This file is larger than %(most)s MB. Split it.") % {"most": BYTES_MAX // 1_000_000},
        )
    file.seek(0)
    refuse_binary(file.read(4096))
    text = b"".join(normalised(file, detect_encoding(file))).decode()
    return iter(text.splitlines())


def add_codes(*, coupon: Coupon, lines: Iterable[str], now: datetime) -> PoolResult:
    """Put the first cell of each line into the pool, by one statement.

    A bad line keeps no other out. Raises Invalid when there is nothing, or too much at once.
    """
    result = PoolResult()
    codes = list(_read(lines, result))
    if len(codes) > CODES_MAX:
        raise Invalid(
            "too_many_codes",
            _("At most %(most)s codes can be added at once. Split the list.")
            % {"most": number_format(CODES_MAX, force_grouping=True)},
        )
    if not codes and not result.refused:
        raise Invalid("no_codes", _("There is no code in it."))
    different = list(dict.fromkeys(codes))
    result.doubled = len(codes) - len(different)
    result.added = _insert(coupon, different, now)
    result.known = len(different) - result.added
    return result


def _read(lines: Iterable[str], result: PoolResult) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        code = normal(_first_cell(line))
        if not code or (number == 1 and code in HEADERS):
            continue
        problem = _problem(code)
        if problem is None:
            yield code
            continue
        result.refused += 1
        if len(result.problems) < PROBLEMS_SHOWN:
            result.problems.append(Problem(*problem, index=number))


def _first_cell(line: str) -> str:
    try:
        cells = next(csv.reader([line.replace(";", ",").replace("\t", ",")]), [""])
    except csv.Error:
        return line
    return cells[0] if cells else ""


def _problem(code: str) -> tuple[str, str] | None:
    if len(code) > LENGTH_MAX:
        return "code_too_long", _("longer than %(most)s characters") % {"most": LENGTH_MAX}
    if _SPACE.search(code):
        return "bad_code", _("only letters, digits and signs can be typed as a code")
    return None


INSERT = f"""
    INSERT INTO {CouponCode._meta.db_table}
        (id, coupon_id, code, is_shared, step_id, visit, created_at)
    SELECT id, %s, code, false, '', 0, %s FROM unnest(%s::uuid[], %s::text[]) AS new (id, code)
    ON CONFLICT DO NOTHING"""


def _insert(coupon: Coupon, codes: list[str], now: datetime) -> int:
    if not codes:
        return 0
    with connection.cursor() as cursor:
        ids = uuid_array(uuid7() for _code in codes)
        cursor.execute(INSERT, [coupon.pk, now, ids, text_array(codes)])
        return int(cursor.rowcount)
