"""The first journey."""

from django.utils.translation import gettext_lazy as _

from core.onboarding import ChecklistItem, checklist
from journeys.models import JourneyVersion

checklist.register(
    ChecklistItem(
        "journey",
        _("Publish a journey"),
        _("Start a journey"),
        "journeys:list",
        lambda _workspace: JourneyVersion.objects.all(),
        order=40,
    )
)
