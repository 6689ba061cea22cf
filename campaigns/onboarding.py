"""The first mail that left."""

from django.utils.translation import gettext_lazy as _

from campaigns.models import Message
from core.onboarding import ChecklistItem, checklist

checklist.register(
    ChecklistItem(
        "mail",
        _("Send a first mail"),
        _("See messages"),
        "campaigns:messages",
        lambda _workspace: Message.objects.filter(sent_at__isnull=False),
        order=50,
    )
)
