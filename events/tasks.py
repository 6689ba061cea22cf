"""The events lane: drains the log in bounded turns, then hands the lane back."""

import time
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from events.drain import DrainResult, drain, has_waiting
from tenants import agenda
from tenants.celery import TenantTask
from tenants.models import Agenda

LANE = Agenda.Lane.EVENTS.value
# Seconds one workspace may keep a worker before others get their turn.
TURN = 5.0


@shared_task(base=TenantTask, name="events.drain")
def drain_events() -> int:
    """Process the workspace's waiting events for one turn; how many were processed."""
    agenda.take(lane=LANE, now=timezone.now())
    total, started = DrainResult(), time.monotonic()
    while True:
        result = drain(now=timezone.now())
        total.done += result.done
        total.failed += result.failed
        if not (result.done or result.failed) or time.monotonic() - started > TURN:
            break
    due_at = agenda.settle(lane=LANE, next_due=next_due)
    if due_at and (result.done or result.failed):
        drain_events.apply_async(queue=LANE)
    return total.done + total.failed


def next_due() -> datetime | None:
    """Now while events wait, else None."""
    return timezone.now() if has_waiting() else None


def hint(schema_name: str) -> None:
    """Tell the workers of the lane that this workspace may have events."""
    drain_events.apply_async(workspace=schema_name, queue=LANE)


agenda.lanes.register(agenda.LaneDrain(LANE, hint, next_due))
