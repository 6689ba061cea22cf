"""The background doors of contacts."""

from celery import shared_task
from django.utils import timezone

from contacts.lane import drain_bulk_lane
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


agenda.lanes.register(agenda.LaneDrain(Agenda.Lane.BULK, hint))
