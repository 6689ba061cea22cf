"""Messages in a contact's timeline: those sent, and those that were not, with the reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Message
from contacts.contracts import Happening, TimelineSource, timeline_sources
from contacts.models import Contact

SENT = {Message.Status.ACCEPTED, Message.Status.DELIVERED, Message.Status.COMPLAINED}


def messages_of(contact: Contact, until: datetime | None, at_most: int) -> Sequence[Happening]:
    """The contact's messages, newest first; what waits its turn is told as such."""
    rows = (
        Message.objects.filter(contact=contact)
        .annotate(
            at=Coalesce("sent_at", "queued_at"),
            campaign=Campaign.objects.filter(pk=OuterRef("campaign_id")).values("name")[:1],
        )
        .filter(Q(at__lte=until) if until else Q())
        .order_by("-at", "-id")
        .values(
            "id",
            "at",
            "status",
            "reason_text",
            "campaign",
            "delivered_at",
            "template_version__template__name",
        )
    )
    return [_happening(row) for row in rows[:at_most]]


def _happening(row: Mapping[str, Any]) -> Happening:
    status = Message.Status(str(row["status"]))
    name = str(row["template_version__template__name"])
    if status in SENT:
        title, icon, tone = _("Got “%(name)s”"), "send", "info"
    else:
        title, icon, tone = _("“%(name)s”: %(status)s"), "mail-x", "warn"
    return Happening(
        at=row["at"],
        number=row["id"].int >> 65,
        icon=icon,
        tone=tone,
        title=title % {"name": name, "status": status.label},
        detail=_detail(row),
    )


def _detail(row: Mapping[str, Any]) -> str:
    """Which campaign it was, and why it was not sent or that it arrived."""
    told = [_("Campaign “%(name)s”") % {"name": row["campaign"]}] if row["campaign"] else []
    ended = row["reason_text"] or (_("Delivered") if row["delivered_at"] else "")
    return " · ".join([*told, *([ended] if ended else [])])


timeline_sources.register(TimelineSource("messages", "messages", messages_of))
