"""What is done once a night: sums, medians, ranks. A workspace without any need costs nothing.

A job is one registration. Whoever makes it needed calls `wake_daily` in the same transaction; the
lane is due at three in the morning of the workspace, and comes again while a job is still needed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from core.registry import Registry
from tenants import agenda
from tenants.context import current_schema, current_workspace
from tenants.models import Agenda

log = logging.getLogger(__name__)

LANE = Agenda.Lane.DAILY.value
AT = time(3)


@dataclass(frozen=True)
class DailyJob:
    """One piece of nightly work, in a transaction of its own; done twice it changes nothing.

    `is_needed()` is cheap and says whether the next night has something to do.
    """

    key: str
    is_needed: Callable[[], bool]
    run: Callable[[datetime], None]
    # Lower goes first.
    order: int = 100


daily_jobs: Registry[DailyJob] = Registry("daily jobs")


def next_night(now: datetime) -> datetime:
    """The next three o'clock in the morning where the current workspace is, after `now`."""
    zone = ZoneInfo(current_workspace("The daily lane").timezone)
    day = now.astimezone(zone).date()
    moments = (datetime.combine(day + timedelta(days=n), AT, zone) for n in range(2))
    return next(at for moment in moments if (at := moment.astimezone(UTC)) > now)


def wake_daily(*, now: datetime) -> None:
    """Have the daily jobs run next night; called in the transaction that makes one needed."""
    agenda.lower(lane=LANE, due_at=next_night(now), now=now)


def next_due(now: datetime) -> datetime | None:
    """Next night while some job is needed, else None."""
    return next_night(now) if any(job.is_needed() for job in daily_jobs) else None


def run_daily_jobs(*, clock: Callable[[], datetime]) -> int:
    """Run every job that is needed, lowest order first, and settle the lane; how many ran.

    A job that fails is logged and tried again the next night; the others run all the same.
    """
    done = 0
    for job in sorted(daily_jobs, key=lambda job: (job.order, job.key)):
        agenda.take(lane=LANE, now=clock())
        done += job.is_needed() and _run(job, clock())
    agenda.settle(lane=LANE, next_due=lambda: next_due(clock()))
    return done


def _run(job: DailyJob, now: datetime) -> bool:
    """Whether the job ran here: not when it failed, nor while another worker is at it."""
    try:
        with transaction.atomic():
            if not _is_ours(job):
                return False
            job.run(now)
    except Exception:
        log.exception("daily_job_failed job=%s", job.key)
        return False
    return True


def _is_ours(job: DailyJob) -> bool:
    """A job may take longer than the lane's lease: whoever comes second leaves it alone."""
    name = f"daily:{current_schema()}:{job.key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
