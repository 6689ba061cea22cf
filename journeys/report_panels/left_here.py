"""One step: who left the journey here, and why."""

from typing import Any

from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, report_panels
from journeys.figures import exits
from journeys.numbers import StepNumbers
from journeys.people import ending


def _context(scope: ReportScope) -> dict[str, Any] | None:
    if scope.node is None:
        return None
    step_id = scope.node.id
    numbers = scope.numbers.get(step_id, StepNumbers())
    reasons = [
        (ending(outcome), localized(count), scope.people_url(step_id, f"left:{outcome}"))
        for outcome, count in exits(numbers).items()
    ]
    if not reasons:
        return None
    lost_url = scope.people_url(step_id, "lost") if numbers.lost else ""
    return {"reasons": reasons, "lost": localized(numbers.lost), "lost_url": lost_url}


report_panels.register(
    ReportPanel(
        "left_here",
        "journeys/panels/_left_here.html",
        lambda scope: scope.node is not None,
        _context,
        order=60,
    )
)
