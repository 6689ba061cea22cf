"""The net below the agenda: finds work whose wake-up was lost; it should catch nothing."""

import logging
from datetime import datetime

from core.errors import Permanent
from tenants import agenda
from tenants.audit import record_audit
from tenants.context import enter_workspace
from tenants.models import Agenda, Workspace

log = logging.getLogger(__name__)

SLICE = 200
EVERY_SECONDS = 900


def schemas_of_slice(*, now: datetime) -> list[str]:
    """At most 200 active workspaces; the next run takes the next ones, and round again."""
    count = Workspace.objects.active().count()
    slices = max(1, -(-count // SLICE))
    start = int(now.timestamp()) // EVERY_SECONDS % slices * SLICE
    found = Workspace.objects.active().order_by("pk").values_list("schema_name", flat=True)
    return list(found[start : start + SLICE])


def sweep(*, now: datetime) -> int:
    """Lower every lane of the slice that has work the agenda does not know of; how many it caught.

    Each catch is logged and leaves an audit entry `agenda.caught`.
    """
    return sum(_sweep_one(schema_name, now) for schema_name in schemas_of_slice(now=now))


def _sweep_one(schema_name: str, now: datetime) -> int:
    try:
        with enter_workspace(schema_name) as workspace:
            known = dict(Agenda.objects.filter(workspace=workspace).values_list("lane", "due_at"))
            return sum(_sweep_lane(lane, workspace, known, now) for lane in agenda.lanes)
    except Permanent:
        return 0  # Suspended or gone since the slice was read.


def _sweep_lane(
    lane: agenda.LaneDrain, workspace: Workspace, known: dict[str, datetime | None], now: datetime
) -> int:
    due_at = lane.next_due()
    if due_at is None:
        return 0
    noted = known.get(lane.key)
    # A lane that is being worked on is pushed ahead by its lease: that is no loss.
    if noted is not None and noted <= max(due_at, now) + agenda.LEASE:
        return 0
    agenda.lower(lane=lane.key, due_at=due_at, now=now)
    log.error("wake_up_lost lane=%s due_at=%s", lane.key, due_at.isoformat())
    record_audit(action="agenda.caught", now=now, workspace=workspace, target=lane.key)
    return 1
