"""The clock's tasks on the shared tables."""

from celery import shared_task
from django.utils import timezone

from tenants import agenda, system_mail
from tenants.celery import PublicTask


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
