"""No selling while a ticket is open.

Marketing waits a day at a time, and is released the moment the last ticket closes (see
`campaigns.consumers`). What has waited two weeks is dropped, since what it had to say is stale.
"""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.send_guards import Guard, guards
from tenants.models import Workspace

ASK_AGAIN = timedelta(days=1)
PATIENCE = timedelta(days=14)
OPEN = """(m.lane > 0 AND EXISTS (
    SELECT 1 FROM contacts_ticket AS ticket
     WHERE ticket.contact_id = m.contact_id AND ticket.status = 'open'))"""


def parameters(_workspace: Workspace) -> dict[str, Any]:
    """How long a message waits at a time, and in all."""
    return {"ticket_pause": ASK_AGAIN, "ticket_patience": PATIENCE}


guards.register(
    Guard(
        key="ticket_dropped",
        order=46,
        label=_("Open ticket, dropped"),
        sentence=_("This person had an open ticket, and this message had waited too long."),
        objects=f"(m.queued_at < %(now)s - %(ticket_patience)s AND {OPEN})",
        parameters=parameters,
    )
)
guards.register(
    Guard(
        key="open_ticket",
        order=47,
        label=_("Open ticket"),
        sentence=_("This person has an open ticket; it waits until that is closed."),
        objects=OPEN,
        action="defer",
        until="%(now)s + %(ticket_pause)s",
        parameters=parameters,
    )
)
