"""Journeys in the side bar."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.charts import localized
from core.navigation import NavItem, Pill, Section, navigation
from journeys.models import Journey


def _live(request: HttpRequest) -> Pill | None:
    count = Journey.objects.filter(status=Journey.Status.LIVE).count()
    return Pill(localized(count), _("live")) if count else None


navigation.register(
    NavItem(
        "journeys",
        _("Journeys"),
        "route",
        "journeys:list",
        section=Section.ENGAGE,
        order=10,
        pill=_live,
    )
)
