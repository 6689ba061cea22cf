"""Wall-clock moments in somebody's time zone, each exactly once a day.

The rule: a time the clocks skip is moved forward by the gap (02:30 becomes 03:30), a time that
comes twice is the first of the two.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=700)
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC moment of that wall-clock time on that day, by the rule above."""
    # fold=0 reads a skipped time with the offset before the gap, and a double one as the first.
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def next_moment(
    after: datetime, at: time, zone: ZoneInfo, weekdays: Collection[int] = ()
) -> datetime:
    """The first moment at or after `after` when it is `at` on one of the weekdays there.

    Weekdays count from 0 = Monday; none given means every day. The result is in UTC.
    """
    # From the day before: what a gap moved past midnight belongs to yesterday.
    day = after.astimezone(zone).date() - timedelta(days=1)
    for ahead in range(16):
        moment = moment_of(day + timedelta(days=ahead), at, zone)
        if moment >= after and _falls_on(moment, zone, weekdays):
            return moment
    raise ValueError(f"no weekday among {weekdays!r}")


def _falls_on(moment: datetime, zone: ZoneInfo, weekdays: Collection[int]) -> bool:
    return not weekdays or moment.astimezone(zone).weekday() in weekdays
