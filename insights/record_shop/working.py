"""What the workers do, done here at a moment of one's choice."""

from datetime import datetime

from campaigns import launching, sending
from contacts.lane import drain_bulk_lane
from events.drain import drain
from events.reading import drain_inbound
from journeys.engine import advance
from journeys.timed import let_in_due
from tenants.daily import run_daily_jobs
from tenants.models import Workspace

# More rounds than any moment needs; what is left then is done at the next.
ROUNDS = 50


def work_off(*, workspace: Workspace, now: datetime) -> None:
    """Do everything that is due in the active workspace at this moment, mails sent included."""
    for _round in range(ROUNDS):
        moved = drain_inbound(now=now).done + drain(now=now).done
        moved += bool(let_in_due(now=now)) + advance(now=now).claimed
        launching.start_due(now=now)
        drain_bulk_lane(clock=lambda: now)
        moved += sending.drain(workspace=workspace, clock=lambda: now)
        launching.finish_sent(now=now)
        if not moved:
            return


def work_at_night(*, now: datetime) -> None:
    """What is done once a night: ranks, medians."""
    run_daily_jobs(clock=lambda: now)
