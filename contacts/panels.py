"""The boxes “Tasks” and “Tickets” on a contact's page."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from contacts.contracts import Panel, panels
from contacts.models import Contact, Ticket
from contacts.todo import done_tasks, named, open_tasks

SHOWN = 5


def _tasks(contact: Contact, now: datetime) -> dict[str, Any]:
    waiting = open_tasks().filter(contact=contact)
    finished = done_tasks().filter(contact=contact)
    return {
        "rows": named(waiting[:SHOWN]),
        "finished": list(finished[:SHOWN]),
        "count": waiting.count(),
        "now": now,
    }


def _tickets(contact: Contact, now: datetime) -> dict[str, Any] | None:
    rows = list(contact.tickets.order_by("-status", "-opened_at", "-pk")[:SHOWN])
    if not rows:
        return None
    return {
        "tickets": [(row, _safe(row)) for row in rows],
        "count": contact.tickets.filter(status=Ticket.Status.OPEN).count(),
    }


def _safe(ticket: Ticket) -> str:
    """The address where it may be linked to; a help desk's words are not ours."""
    return ticket.url if ticket.url.startswith(("https://", "http://")) else ""


panels.register(Panel("tasks", gettext_lazy("Tasks"), "contacts/_tasks_panel.html", _tasks, 10))
panels.register(
    Panel("tickets", gettext_lazy("Tickets"), "contacts/_tickets_panel.html", _tickets, 20)
)
