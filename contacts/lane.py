"""The `bulk` lane: long work on contacts, piece by piece, taking turns with other workspaces."""

from collections.abc import Callable
from datetime import datetime, timedelta

from contacts.contracts import bulk_jobs
from tenants import agenda
from tenants.models import Agenda

# How long one drain works before other workspaces have their turn.
TURN = timedelta(seconds=20)


def wake_bulk_lane(*, now: datetime) -> None:
    """Make the lane due now; called in the transaction that creates the work."""
    agenda.lower(lane=Agenda.Lane.BULK, due_at=now, now=now)


def has_work() -> bool:
    """Whether any kind of bulk job is open in this workspace."""
    return any(job.has_work() for job in bulk_jobs)


def drain_bulk_lane(*, clock: Callable[[], datetime]) -> bool:
    """Work until all is done or the turn is over; True when work is left.

    The lease is renewed before each piece, so that no tick starts a second drain meanwhile; and
    two drains do no harm, since a piece locks its job.
    """
    until = clock() + TURN
    while has_work() and (moment := clock()) < until:
        agenda.take(lane=Agenda.Lane.BULK, now=moment)
        for job in bulk_jobs:
            if job.has_work():
                job.work(moment)
    due = agenda.settle(lane=Agenda.Lane.BULK, next_due=lambda: clock() if has_work() else None)
    return due is not None
