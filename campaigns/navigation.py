"""Campaigns, mails, messages and sending accounts in the side bar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from campaigns.models import Message
from core.navigation import NavItem, Pill, Section, navigation

DOUBTS_COUNTED = 99


def in_doubt(request: HttpRequest) -> Pill | None:
    """How many messages somebody must decide on; the index of exactly those is read."""
    doubtful = Message.objects.filter(status=Message.Status.IN_DOUBT)
    found = doubtful[: DOUBTS_COUNTED + 1].count()
    if not found:
        return None
    text = f"{DOUBTS_COUNTED}+" if found > DOUBTS_COUNTED else str(found)
    return Pill(text, _("in doubt"), hot=True)


navigation.register(
    NavItem(
        "campaigns",
        _("Campaigns"),
        "megaphone",
        "campaigns:campaigns",
        section=Section.ENGAGE,
        order=20,
    )
)
navigation.register(
    NavItem(
        "templates",
        _("Templates"),
        "layout-template",
        "campaigns:templates",
        section=Section.ENGAGE,
        order=40,
    )
)
navigation.register(
    NavItem(
        "messages",
        _("Messages"),
        "send",
        "campaigns:messages",
        section=Section.ENGAGE,
        order=50,
        pill=in_doubt,
    )
)
