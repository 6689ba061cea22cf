"""Journeys in the side bar."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.navigation import Counted, NavItem, Section, navigation
from journeys.models import Journey


def live() -> "QuerySet[Journey]":
    """Journeys that let people in."""
    return Journey.objects.filter(status=Journey.Status.LIVE)


navigation.register(
    NavItem(
        "journeys",
        _("Journeys"),
        "route",
        "journeys:list",
        section=Section.ENGAGE,
        order=10,
        counted=Counted(live, _("live")),
    )
)
