"""The background doors of contacts."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from contacts.lane import drain_bulk_lane, has_work
from tenants import agenda
from tenants.celery import TenantTask
from tenants.context import current_schema
from tenants.models import Agenda


@shared_task(base=TenantTask, name="contacts.drain_bulk")
def drain_bulk() -> None:
    """Take this workspace's turn in the bulk lane, and queue for the next one if work is left."""
    if drain_bulk_lane(clock=timezone.now):
        agenda.send_hint(Agenda.Lane.BULK, current_schema())


def hint(schema_name: str) -> None:
    """Tell the bulk workers that this workspace has work."""
    drain_bulk.apply_async(workspace=schema_name, queue="bulk")


def next_due() -> datetime | None:
    """Now while a bulk job is open, else None."""
    return timezone.now() if has_work() else None


agenda.lanes.register(agenda.LaneDrain(Agenda.Lane.BULK, hint, next_due))
