"""What a contact's page shows of their messages; loaded at start, as is their erasure."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import erasure as erasure
from campaigns.models import Message
from contacts.contracts import Panel, panels
from contacts.models import Contact

SHOWN = 6


def latest_messages(contact: Contact, now: datetime) -> dict[str, Any] | None:
    """The newest messages to this person; None when there never was one."""
    found = (
        Message.objects.filter(contact=contact)
        .select_related("template_version__template")
        .defer(
            "template_version__compiled",
            "template_version__body",
            "template_version__template__body",
        )
        .order_by("-id")
    )
    rows = list(found[: SHOWN + 1])
    if not rows:
        return None
    return {"rows": rows[:SHOWN], "has_more": len(rows) > SHOWN, "contact": contact}


panels.register(
    Panel("messages", _("Messages"), "campaigns/_contact_messages.html", latest_messages, 30)
)
