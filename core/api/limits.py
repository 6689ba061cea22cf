"""How many requests a key may make, counted in PostgreSQL for all processes together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

REQUESTS = 1000
WINDOW = timedelta(minutes=1)

# One statement, so that two requests at once cannot both be the last one. A spent window writes
# nothing; the second branch then tells when it ends. The table is that of core.rate_limits.
TAKE = """
    WITH taken AS (
        INSERT INTO public.rate_counts AS seen (key, taken, ends_at)
        VALUES (%(key)s, 1, %(ends_at)s)
        ON CONFLICT (key) DO UPDATE
           SET taken = CASE WHEN seen.ends_at <= %(now)s THEN 1 ELSE seen.taken + 1 END,
               ends_at = CASE WHEN seen.ends_at <= %(now)s THEN EXCLUDED.ends_at
                              ELSE seen.ends_at END
         WHERE seen.ends_at <= %(now)s OR seen.taken < %(most)s
        RETURNING taken, ends_at
    )
    SELECT taken, ends_at FROM taken
    UNION ALL
    SELECT %(most)s + 1, ends_at FROM public.rate_counts
     WHERE key = %(key)s AND NOT EXISTS (SELECT 1 FROM taken)"""


@dataclass(frozen=True)
class Allowance:
    """Where a key stands in its current window."""

    taken: int
    seconds_left: int

    @property
    def is_spent(self) -> bool:
        """True when this request is over the limit."""
        return self.taken > REQUESTS

    @property
    def remaining(self) -> int:
        """Requests left in this window."""
        return max(0, REQUESTS - self.taken)


def count_request(*, key_id: Any, now: datetime) -> Allowance:
    """Count one request of a key, unless its window is spent; where it stands now."""
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE,
            {"key": f"api:{key_id}", "ends_at": now + WINDOW, "now": now, "most": REQUESTS},
        )
        # No row: it was cleared away, or written by somebody else, while the statement ran.
        taken, ends_at = cursor.fetchone() or (1, now + WINDOW)
    return Allowance(taken, max(1, round((ends_at - now).total_seconds())))


class KeyThrottle(BaseThrottle):
    """Refuses the requests of a key beyond REQUESTS a minute; keys do not share a count."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """True while the key's window has room."""
        self.allowance = count_request(key_id=request.auth.pk, now=timezone.now())
        view.allowance = self.allowance
        return not self.allowance.is_spent

    def wait(self) -> float | None:
        """Seconds until the window ends."""
        return self.allowance.seconds_left if self.allowance else None


def add_limit_headers(response: Response, allowance: Allowance) -> None:
    """Tell the client where it stands (draft-ietf-httpapi-ratelimit-headers, version 07)."""
    response["RateLimit-Limit"] = str(REQUESTS)
    response["RateLimit-Remaining"] = str(allowance.remaining)
    response["RateLimit-Reset"] = str(allowance.seconds_left)
