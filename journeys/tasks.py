"""The journeys lane: drains what is due in bounded turns, then hands the lane back."""

import time
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from journeys import engine
from journeys.engine import AdvanceResult, advance
from journeys.moving import move_due, next_move
from journeys.scheduling import next_publishing, publish_due
from journeys.timed import let_in_due
from tenants import agenda
from tenants.celery import TenantTask
from tenants.models import Agenda

LANE = Agenda.Lane.JOURNEYS.value
# Seconds one workspace may keep a worker before others get their turn.
TURN = 5.0


def next_due() -> datetime | None:
    """When the lane has work next: a run, an entry, people to move, or a planned publishing."""
    found = (engine.next_due(), next_move(), next_publishing())
    return min((at for at in found if at), default=None)


@shared_task(base=TenantTask, name="journeys.advance")
def advance_runs() -> int:
    """Publish what is due, move people to new versions, let in whose moment has come, and move due
    runs on, for one turn; how many runs went on.
    """
    agenda.take(lane=LANE, now=timezone.now())
    total, started = AdvanceResult(), time.monotonic()
    is_busy = True
    while is_busy and time.monotonic() - started <= TURN:
        published = publish_due(now=timezone.now())
        moved = move_due(now=timezone.now())
        looked = let_in_due(now=timezone.now())
        result = advance(now=timezone.now())
        total += result
        is_busy = bool(published or moved or looked or result.claimed)
    due_at = agenda.settle(lane=LANE, next_due=next_due)
    if is_busy and due_at and due_at <= timezone.now():
        advance_runs.apply_async(queue=LANE)
    return total.claimed


def hint(schema_name: str) -> None:
    """Tell the workers of the lane that this workspace may have runs that are due."""
    advance_runs.apply_async(workspace=schema_name, queue=LANE)


agenda.lanes.register(agenda.LaneDrain(LANE, hint, next_due))
