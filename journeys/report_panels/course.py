"""The journey as a whole: how many of those who came in went to the end, and to the goal."""

from typing import Any

from django.utils.translation import gettext as _

from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.reporting.rows import row


def _context(scope: ReportScope) -> dict[str, Any]:
    numbers, url = scope.summary, scope.people_url
    shown = [
        (_("Entered"), numbers.started, "started", 1),
        (_("In progress"), numbers.in_progress, "in_progress", 2),
        (_("Completed"), numbers.completed, "completed", 1),
        (_("Left early"), numbers.exited_early, "exited_early", 3),
    ]
    if numbers.failed:
        shown.append((_("Failed"), numbers.failed, "failed", 3))
    if scope.definition.goal:
        shown.append((_("Goal"), numbers.converted, "converted", 2))
    rows = [
        row(label, count, numbers.started, url("", what), tone=tone)
        for label, count, what, tone in shown
    ]
    return {"title": _("What became of those who came in"), "rows": rows}


report_panels.register(
    ReportPanel("course", "journeys/panels/_rows.html", of_journey, _context, order=10)
)
