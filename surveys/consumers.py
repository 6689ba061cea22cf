"""A low score becomes a task for the team, once, and holds nothing else up."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.todo import NewTask, create_tasks
from events.contracts import Consumer, consumers
from events.models import Event
from tenants.context import current_workspace


def open_tasks(batch: Sequence[Event], now: datetime) -> None:
    """One task for each low score of somebody who is still known."""
    low = [event for event in batch if event.type == "survey.low_score" and event.contact_id]
    if not low:
        return
    wanted = {event.contact_id for event in low if event.contact_id}
    known = set(Contact.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    with translation.override(current_workspace("A low score").language):
        create_tasks(tasks=[_task(event) for event in low if event.contact_id in known], now=now)


def _task(event: Event) -> NewTask:
    if event.contact_id is None:
        raise ValueError("A task is about somebody.")
    words = {
        "survey": event.data.get("survey_name", ""),
        "score": event.data.get("score", ""),
        "subject": event.data.get("subject", ""),
    }
    note = _("It was about: %(subject)s") % words if words["subject"] else ""
    return NewTask(
        contact_id=event.contact_id,
        title=_("Low score: %(score)s for “%(survey)s”") % words,
        note=note,
        source_key=f"low_score:{event.pk}",
    )


consumers.register(Consumer("surveys.low_scores", 50, open_tasks))
