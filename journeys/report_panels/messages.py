"""The journey as a whole: what its messages came to, as higher floors count it."""

from typing import Any

from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.figures import share
from journeys.tree import percent


def _context(scope: ReportScope) -> dict[str, Any] | None:
    counts = scope.figures.get("", ())
    rows = [
        (
            each.text or localized(each.count),
            each.label,
            percent(share(each.count, each.of)) if each.of else "",
            scope.people_url("", each.what),
        )
        for each in counts
    ]
    return {"rows": rows} if rows else None


report_panels.register(
    ReportPanel("messages", "journeys/panels/_messages.html", of_journey, _context, order=50)
)
