"""The journey report on one mail: what it earned by week, and how soon after a click."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DateTimeField,
    F,
    FloatField,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Extract, JSONObject, TruncWeek
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import charts
from core.money import money
from insights.earnings import FIGURES, earned
from insights.models import Attribution
from journeys.contracts import ReportPanel, ReportScope, of_kinds, report_panels
from journeys.reporting.spans import span_words

WEEK = timedelta(days=7)
MOST_WEEKS = 13
LABELS_MOST = 7
# Fewer orders than this say nothing about when the next one comes.
ENOUGH = 10


class Median(Aggregate):
    """The middle of the values, between two where their number is even."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def _context(scope: ReportScope) -> dict[str, Any] | None:
    if scope.node is None or "revenue" not in scope.counts(scope.node.id):
        return None
    rows = earned([scope.journey.pk], scope.window).filter(step_id=scope.node.id)
    weeks = dict(_counted(rows, scope))
    whole = weeks.pop(None, {})
    if not weeks:
        return None
    return {
        "total": scope.counts(scope.node.id)["revenue"].text,
        "url": scope.people_url(scope.node.id, "revenue"),
        "sentence": _sentence(whole["orders"], whole["wait"]),
        **_drawn({week.date(): found for week, found in weeks.items() if week}),
    }


def _counted(
    rows: "QuerySet[Attribution]", scope: ReportScope
) -> "QuerySet[Any, tuple[datetime | None, dict[str, Any]]]":
    """What orders of each week came to, and of all of them (None) the middle wait in seconds."""
    value = Cast(FIGURES["value"], TextField())
    of_weeks = (
        rows.annotate(week=TruncWeek("order__placed_at", tzinfo=scope.zone))
        .values("week")
        .annotate(counted=JSONObject(value=value, currency=FIGURES["currency"]))
        .values_list("week", "counted")
    )
    wait = Extract(F("order__placed_at") - F("clicked_at"), "epoch")
    of_all = (
        rows.values("step_id")
        .annotate(counted=JSONObject(orders=Count("pk"), wait=Median(wait)))
        .values_list(Value(None, DateTimeField()), "counted")
    )
    return of_weeks.union(of_all, all=True)


def _sentence(orders: int, seconds: float) -> str:
    if orders < ENOUGH:
        return ""
    return _("Half of those who order do so within %(time)s of their click.") % {
        "time": span_words(timedelta(seconds=seconds))
    }


def _drawn(weeks: dict[date, dict[str, Any]]) -> dict[str, Any]:
    """The last weeks as bars, those without an order between them too."""
    last, currency = max(weeks), next(iter(weeks.values()))["currency"]
    first = max(min(weeks), last - (MOST_WEEKS - 1) * WEEK)
    shown = [first + number * WEEK for number in range((last - first).days // 7 + 1)]
    values = [Decimal(weeks[week]["value"]) if week in weeks else Decimal() for week in shown]
    words = [date_format(week, "j M") for week in shown]
    every = -(-len(shown) // LABELS_MOST)
    return {
        "chart": charts.bars(
            title=_("Revenue of this mail by week"),
            values=[float(value) for value in values],
            labels=[word if at % every == 0 else "" for at, word in enumerate(words)],
            show=lambda value: money(Decimal(value), currency),
        ),
        "headers": [_("Week of"), _("Revenue")],
        "rows": [(word, money(value, currency)) for word, value in zip(words, values, strict=True)],
    }


report_panels.register(
    ReportPanel(
        "revenue", "insights/_revenue_panel.html", of_kinds("send_email"), _context, order=30
    )
)
