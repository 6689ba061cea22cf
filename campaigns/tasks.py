"""The sending lane, and the campaigns' part of the bulk lane."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from campaigns import claims, launching, queueing, row_moves, sending
from contacts.contracts import BulkJob, bulk_jobs
from tenants import agenda
from tenants.agenda import LaneDrain
from tenants.celery import TenantTask
from tenants.context import current_workspace
from tenants.models import Agenda

LANE = Agenda.Lane.SENDING


@shared_task(base=TenantTask, name="campaigns.send")
def send() -> int:
    """Send this workspace's due messages for a bounded time; how many were claimed."""
    workspace = current_workspace("Sending")
    agenda.take(lane=LANE, now=timezone.now())
    launching.start_due(now=timezone.now())
    done = sending.drain(workspace=workspace, clock=timezone.now)
    launching.finish_sent(now=timezone.now())
    due_at = agenda.settle(lane=LANE, next_due=claims.next_due)
    if due_at and due_at <= timezone.now() + timedelta(seconds=1):
        send.apply_async(queue=LANE.value)
    return done


def hint(schema_name: str) -> None:
    """Tell the workers of the lane that this workspace may have messages to send."""
    send.apply_async(workspace=schema_name, queue=LANE.value)


agenda.lanes.register(LaneDrain(LANE, hint, claims.next_due))
bulk_jobs.register(BulkJob("campaigns", queueing.has_work, queueing.write_slice))
bulk_jobs.register(BulkJob("campaign_rows", row_moves.has_work, row_moves.move_piece))
