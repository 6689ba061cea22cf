"""Rate limits that hold over all processes: counters in PostgreSQL, one per window of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from core.secrets import token_hash
from tenants.models import RateCount

# A window this old can refuse nobody any more.
KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Limit:
    """At most `most` times per `window` for each value of what is counted."""

    most: int
    window: timedelta


def allow(*, action: str, who: str, limits: Iterable[Limit], now: datetime) -> bool:
    """Count one try of `action` by `who`; False when any limit is passed.

    Windows are fixed, so across a border twice the limit may pass. Refused tries count as well.
    """
    within = [_count(f"{action}:{who}:{limit.window}", limit, now) for limit in limits]
    return all(within)


def _count(key: str, limit: Limit, now: datetime) -> bool:
    seconds = int(limit.window.total_seconds())
    window = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO public.tenants_ratecount (key, "window", count) VALUES (%s, %s, 1)'
            ' ON CONFLICT (key, "window") DO UPDATE SET count = tenants_ratecount.count + 1'
            " RETURNING count",
            [token_hash(key), window],
        )
        return bool(cursor.fetchone()[0] <= limit.most)


def forget_old_counts(*, now: datetime) -> int:
    """Delete the counters that are over; returns how many."""
    return RateCount.objects.filter(window__lt=now - KEPT).delete()[0]
