"""The clock's tasks on the shared tables, and the daily lane of each workspace."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from tenants import agenda, daily, system_mail
from tenants.celery import PublicTask, TenantTask
from tenants.hand_over import forget_old_tickets
from tenants.sweep import sweep


@shared_task(base=PublicTask, name="tenants.tick")
def tick() -> int:
    """Hint at every lane that is due. A missed tick costs seconds, a double one nothing."""
    due = agenda.claim_due(now=timezone.now())
    for schema_name, lane in due:
        agenda.send_hint(lane, schema_name)
    return len(due)


@shared_task(base=PublicTask, name="tenants.send_system_mail")
def send_system_mail() -> int:
    """Send mail of the installation that is due; without any it is one indexed query."""
    sent = 0
    while accepted := system_mail.send_due(now=timezone.now()):
        sent += accepted
    return sent


@shared_task(base=PublicTask, name="tenants.sweep_agenda")
def sweep_agenda() -> int:
    """Wake lanes of a slice of the workspaces whose wake-up was lost; 0 is the normal answer."""
    return sweep(now=timezone.now())


@shared_task(base=PublicTask, name="tenants.forget_old_tickets")
def forget_tickets() -> int:
    """Delete hand-over tickets whose sessions are over."""
    return forget_old_tickets(now=timezone.now())


@shared_task(base=TenantTask, name="tenants.run_daily")
def run_daily() -> int:
    """Do this workspace's nightly work; how many jobs ran."""
    return daily.run_daily_jobs(clock=timezone.now)


def hint_daily(schema_name: str) -> None:
    """Tell the workers of long work that this workspace's night has come."""
    run_daily.apply_async(workspace=schema_name, queue="bulk")


def daily_due() -> datetime | None:
    """Next night while a daily job is needed, else None."""
    return daily.next_due(timezone.now())


agenda.lanes.register(agenda.LaneDrain(daily.LANE, hint_daily, daily_due))
