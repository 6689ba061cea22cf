"""The journey as a whole: how long people take to the goal, once there are enough to say so."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import ReportPanel, ReportScope, Window, of_journey, report_panels
from journeys.reporting.facts import reached_goal_after
from journeys.reporting.rows import row
from journeys.reporting.spans import span_words

# Fewer people than this say nothing about the next one.
ENOUGH = 10
# One for each group between facts.GOAL_EDGES.
GROUPS = (
    gettext_lazy("within an hour"),
    gettext_lazy("within a day"),
    gettext_lazy("1 to 3 days"),
    gettext_lazy("3 to 7 days"),
    gettext_lazy("1 to 2 weeks"),
    gettext_lazy("2 to 4 weeks"),
    gettext_lazy("later"),
)


def _applies(scope: ReportScope) -> bool:
    return of_journey(scope) and bool(scope.definition.goal)


def _context(scope: ReportScope) -> dict[str, Any]:
    shown = {"title": _("Time to the goal")}
    converted, median = scope.summary.converted, scope.facts.median_to_goal
    if converted < ENOUGH or median is None:
        words = _("Not enough yet: %(number)s reached the goal, and it takes %(enough)s to tell.")
        return {**shown, "note": words % {"number": converted, "enough": ENOUGH}}
    return {**shown, "sentence": _half_within(median), "rows": _rows(scope, converted)}


def _half_within(median: timedelta) -> str:
    return _("Half of them reach it within %(time)s.") % {"time": span_words(median)}


def _rows(scope: ReportScope, converted: int) -> list[dict[str, Any]]:
    times = scope.facts.goal_times
    return [
        row(
            label,
            times.get(group, 0),
            converted,
            scope.people_url("", f"goal_time:{group}"),
            tone=2,
        )
        for group, label in enumerate(GROUPS)
    ]


def _people(
    journey_id: UUID, _step_id: str, group: str, window: Window
) -> "QuerySet[Any, UUID | None]":
    if not group.isdecimal():
        raise KeyError(group)
    return reached_goal_after(journey_id, int(group), window)


def _heading(group: str) -> str:
    return _("Reached the goal: %(time)s") % {"time": GROUPS[int(group)]}


report_panels.register(
    ReportPanel(
        "goal_time",
        "journeys/panels/_rows.html",
        _applies,
        _context,
        order=40,
        people=_people,
        heading=_heading,
    )
)
