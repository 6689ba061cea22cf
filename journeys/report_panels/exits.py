"""The journey as a whole: why people left it early; the reasons add up to them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from journeys.contracts import ReportPanel, ReportScope, Window, of_journey, report_panels
from journeys.people import ending
from journeys.reporting.facts import left_by
from journeys.reporting.rows import row


def _context(scope: ReportScope) -> dict[str, Any] | None:
    reasons = scope.facts.exits
    if not reasons:
        return None
    rows = [
        row(
            ending(reason),
            people,
            scope.summary.exited_early,
            scope.people_url("", f"exits:{reason}"),
            tone=3,
        )
        for reason, people in reasons.items()
    ]
    return {"title": _("Left early, by reason"), "rows": rows}


def _people(
    journey_id: UUID, _step_id: str, reason: str, window: Window
) -> "QuerySet[Any, UUID | None]":
    return left_by(journey_id, reason, window)


report_panels.register(
    ReportPanel(
        "exits",
        "journeys/panels/_rows.html",
        of_journey,
        _context,
        order=30,
        people=_people,
        heading=ending,
    )
)
