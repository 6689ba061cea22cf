"""The postal address that every marketing mail must show."""

from django.utils.translation import gettext_lazy as _

from core.onboarding import ChecklistItem, checklist

checklist.register(
    ChecklistItem(
        "postal_address",
        _("Write your postal address"),
        _("Write your address"),
        "tenants:business",
        lambda workspace: bool(workspace.postal_address),
        order=10,
    )
)
