"""How often something may happen, counted in PostgreSQL, so that all processes share the count.

The counts live in one shared table, whatever the workspace; a subject that must be counted per
workspace carries its name. Only a keyed hash of the subject is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

TABLE = "public.rate_counts"

# One statement, so that two at once cannot both be the last one. A spent limit writes nothing.
TAKE = f"""
    INSERT INTO {TABLE} AS seen (key, taken, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
    ON CONFLICT (key) DO UPDATE
       SET taken = CASE WHEN seen.ends_at <= %(now)s THEN 1 ELSE seen.taken + 1 END,
           ends_at = CASE WHEN seen.ends_at <= %(now)s THEN EXCLUDED.ends_at ELSE seen.ends_at END
     WHERE seen.ends_at <= %(now)s OR seen.taken < %(most)s
    RETURNING taken"""


@dataclass(frozen=True)
class Limit:
    """At most `most` in a window that begins with the first one."""

    name: str
    most: int
    window: timedelta


def take(*, limit: Limit, subject: str, now: datetime) -> bool:
    """Count one for this subject; False, and nothing counted, when the limit is spent.

    Inside a transaction the count is held until its end, and goes back when it is rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE,
            {
                "key": _key(limit, subject),
                "ends_at": now + limit.window,
                "now": now,
                "most": limit.most,
            },
        )
        return cursor.fetchone() is not None


def forget_past(*, now: datetime) -> int:
    """Delete the counts whose window is over; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE ends_at <= %s", [now])
        return cursor.rowcount


def _key(limit: Limit, subject: str) -> str:
    """A name for the count from which nobody can tell an address or an IP."""
    return salted_hmac(f"rate:{limit.name}", subject, algorithm="sha256").hexdigest()
