"""The first contacts."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from core.onboarding import ChecklistItem, checklist

checklist.register(
    ChecklistItem(
        "contacts",
        _("Add contacts"),
        _("Import contacts"),
        "contacts:imports",
        lambda _workspace: Contact.objects.all(),
        order=20,
    )
)
