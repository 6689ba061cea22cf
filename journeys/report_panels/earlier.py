"""The journey as a whole: steps that only earlier versions have, and who is still at them."""

from typing import Any

from django.utils.translation import gettext as _

from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.definition import parse, walk
from journeys.models import JourneyVersion
from journeys.tree import step_titles


def _context(scope: ReportScope) -> dict[str, Any] | None:
    known = {node.id for node, _place in walk(scope.definition.steps)}
    gone = {step: each for step, each in scope.numbers.items() if step not in known}
    if not gone:
        return None
    titles = _titles(scope, set(gone))
    rows = [
        {
            "title": titles.get(step, _("A step of an earlier version")),
            "entered": localized(each.entered),
            "entered_url": scope.people_url(step, "entered"),
            "waiting": localized(each.waiting) if each.waiting else "",
            "waiting_url": scope.people_url(step, "waiting"),
        }
        for step, each in gone.items()
    ]
    return {"rows": rows}


def _titles(scope: ReportScope, wanted: set[str]) -> dict[str, str]:
    """What the newest version that had it called each step."""
    found = {}
    versions = JourneyVersion.objects.filter(journey=scope.journey).order_by("number")
    for definition in versions.values_list("definition", flat=True):
        nodes = (node for node, _place in walk(parse(definition).steps))
        found |= {node.id: node for node in nodes if node.id in wanted}
    return step_titles(found.values())


report_panels.register(
    ReportPanel("earlier", "journeys/panels/_earlier.html", of_journey, _context, order=60)
)
