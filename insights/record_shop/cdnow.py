"""The real orders, moved to the present."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from insights.record_shop.chance import whole

SOURCE = Path(__file__).with_name("cdnow_sample.txt")
LAST_DAY = date(1998, 6, 30)
FIRST_HOUR, LAST_HOUR = 8, 21


@dataclass(frozen=True)
class Purchase:
    """One line of the sample; `at` is its day moved to the present, at an invented time."""

    customer: int
    number: int
    at: datetime
    quantity: int
    dollars: Decimal


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[int, date, int, Decimal], ...]:
    rows = []
    for line in SOURCE.read_text().splitlines():
        _master, customer, day, quantity, dollars = line.split()
        bought = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        rows.append((int(customer), bought, int(quantity), Decimal(dollars)))
    return tuple(rows)


def customers_of(first: int | None = None) -> list[int]:
    """The customers of the sample, or the first so many of them."""
    every = {customer for customer, *_rest in _rows()}
    return sorted(each for each in every if first is None or each <= first)


def purchases(*, today: date, zone: ZoneInfo, customers: int | None = None) -> Iterator[Purchase]:
    """All orders of the first so many customers, oldest first, the last of them today."""
    shift = today - LAST_DAY
    found = [
        Purchase(customer, number, _moment(day + shift, number, zone), quantity, dollars)
        for number, (customer, day, quantity, dollars) in enumerate(_rows(), 1)
        if customers is None or customer <= customers
    ]
    yield from sorted(found, key=lambda purchase: (purchase.at, purchase.number))


def _moment(day: date, number: int, zone: ZoneInfo) -> datetime:
    hour = FIRST_HOUR + whole(LAST_HOUR - FIRST_HOUR, "hour", number)
    minute = timedelta(minutes=whole(60, "minute", number))
    return datetime.combine(day, time(hour), zone) + minute
