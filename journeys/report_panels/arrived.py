"""The journey as a whole: when people came in, by day, week or month."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts
from core.charts import localized
from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.reporting.facts import Unit, unit_of

TITLES = {
    "day": lambda: _("Came in, by day"),
    "week": lambda: _("Came in, by week"),
    "month": lambda: _("Came in, by month"),
}
LABELS_MOST = 7


def _context(scope: ReportScope) -> dict[str, Any] | None:
    arrived = scope.facts.arrived
    if not arrived:
        return None
    unit = unit_of(scope.journey, scope.window, now=scope.now)
    starts = _every(unit, min(arrived), max(arrived))
    words = [_label(unit, start) for start in starts]
    every = -(-len(starts) // LABELS_MOST)
    people = {"people": localized(scope.summary.started)}
    return {
        "title": TITLES[unit](),
        "chart": charts.bars(
            title=_("%(people)s people who came in") % people,
            values=[arrived.get(start, 0) for start in starts],
            labels=[word if at % every == 0 else "" for at, word in enumerate(words)],
        ),
        "rows": [
            (word, localized(arrived[start]), _url(scope, unit, start))
            for word, start in zip(words, starts, strict=True)
            if start in arrived
        ],
    }


def _every(unit: Unit, first: date, last: date) -> list[date]:
    """The beginnings of each day, week or month from the first to the last."""
    found = [first]
    while (following := _end(unit, found[-1]) + timedelta(days=1)) <= last:
        found.append(following)
    return found


def _end(unit: Unit, start: date) -> date:
    """The last day of what begins there."""
    if unit == "month":
        return start.replace(day=monthrange(start.year, start.month)[1])
    return start + timedelta(days=6 if unit == "week" else 0)


def _label(unit: Unit, start: date) -> str:
    return date_format(start, "M Y" if unit == "month" else "j M")


def _url(scope: ReportScope, unit: Unit, start: date) -> str:
    return scope.people_url_of_days("", "started", start, _end(unit, start))


report_panels.register(
    ReportPanel("arrived", "journeys/panels/_arrived.html", of_journey, _context, order=20)
)
