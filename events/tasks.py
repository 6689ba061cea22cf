"""The events lane: reads webhook calls, drains the log, then hands the lane back."""

import time
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from events.drain import drain, has_waiting
from events.inbound import delete_expired, next_delivery_due
from events.reading import drain_inbound
from tenants import agenda
from tenants.celery import TenantTask
from tenants.models import Agenda

LANE = Agenda.Lane.EVENTS.value
# Seconds one workspace may keep a worker before others get their turn.
TURN = 5.0


@shared_task(base=TenantTask, name="events.drain")
def drain_events() -> int:
    """Read the workspace's deliveries, then process its events, for one turn; how many of both."""
    agenda.take(lane=LANE, now=timezone.now())
    total, started = 0, time.monotonic()
    while True:
        now = timezone.now()
        read, processed = drain_inbound(now=now), drain(now=now)
        moved = read.done + read.failed + processed.done + processed.failed
        total += moved
        if not moved or time.monotonic() - started > TURN:
            break
    delete_expired(now=timezone.now())
    due_at = agenda.settle(lane=LANE, next_due=next_due)
    if moved and due_at and due_at <= timezone.now():
        drain_events.apply_async(queue=LANE)
    return total


def next_due() -> datetime | None:
    """Now while events wait, else when the next delivery is to be read or deleted."""
    return timezone.now() if has_waiting() else next_delivery_due()


def hint(schema_name: str) -> None:
    """Tell the workers of the lane that this workspace may have events."""
    drain_events.apply_async(workspace=schema_name, queue=LANE)


agenda.lanes.register(agenda.LaneDrain(LANE, hint, next_due))
