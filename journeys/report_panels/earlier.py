"""The journey as a whole: steps that only earlier versions have, and who is still at them."""

from typing import Any

from django.utils.translation import gettext as _

from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.definition import walk
from journeys.reporting.earlier import earlier_steps
from journeys.tree import step_titles


def _context(scope: ReportScope) -> dict[str, Any] | None:
    known = {node.id for node, _place in walk(scope.definition.steps)}
    gone = {step: each for step, each in scope.numbers.items() if step not in known}
    if not gone:
        return None
    titles = step_titles(earlier_steps(scope.journey, set(gone)).values())
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


report_panels.register(
    ReportPanel("earlier", "journeys/panels/_earlier.html", of_journey, _context, order=60)
)
