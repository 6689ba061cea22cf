"""Campaigns, mails, messages and sending accounts in the side bar."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Message
from core.navigation import Counted, NavItem, Section, navigation


def in_doubt() -> "QuerySet[Message]":
    """Messages somebody must decide on."""
    return Message.objects.filter(status=Message.Status.IN_DOUBT)


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
        counted=Counted(in_doubt, _("in doubt"), hot=True),
    )
)
