"""The journey as a whole: what it brings, compared with those who were held out."""

from typing import Any

from django.utils.translation import gettext as _

from core.charts import localized
from core.statistics import newcombe
from journeys.contracts import ReportPanel, ReportScope, of_journey, report_panels
from journeys.figures import share
from journeys.reporting.rows import row
from journeys.reporting.shares import points

# With fewer people in one of the groups nothing is said of the difference.
ENOUGH = 100


def _applies(scope: ReportScope) -> bool:
    is_asked = bool(scope.summary.held_out or scope.definition.settings.get("holdout"))
    return of_journey(scope) and is_asked and bool(scope.definition.goal)


def _context(scope: ReportScope) -> dict[str, Any]:
    numbers, url = scope.summary, scope.people_url
    treated = (numbers.converted, numbers.started)
    held = (numbers.held_out_converted, numbers.held_out)
    rows = [
        row(_("In the journey"), *treated, url("", "converted")),
        row(_("Held out"), *held, url("", "held_out_converted"), tone=2),
    ]
    return {
        "title": _("What the journey brings: the goal reached"),
        "rows": rows,
        "groups": [
            (_("in the journey"), localized(numbers.started), url("", "started")),
            (_("held out"), localized(numbers.held_out), url("", "held_out")),
        ],
        "said": _said(treated, held),
    }


def _said(treated: tuple[int, int], held: tuple[int, int]) -> str:
    """The lift (conversion of treated minus of held out) and how sure it is."""
    if treated[1] < ENOUGH or held[1] < ENOUGH:
        return _(
            "Not enough yet: %(treated)s of %(enough)s people in the journey, %(held)s of "
            "%(enough)s held out."
        ) % {
            "treated": localized(min(treated[1], ENOUGH)),
            "held": localized(min(held[1], ENOUGH)),
            "enough": localized(ENOUGH),
        }
    low, high = newcombe(treated, held)
    lift = share(*treated) - share(*held)
    words = {"lift": points(lift / 100), "low": points(low), "high": points(high)}
    said = _("Lift: %(lift)s points (95%% sure: between %(low)s and %(high)s).") % words
    if low > 0:
        return f"{said} {_('The journey brings people to the goal.')}"
    if high < 0:
        return f"{said} {_('The journey keeps people from the goal.')}"
    return f"{said} {_('That may be chance.')}"


report_panels.register(
    ReportPanel("holdout", "journeys/panels/_holdout.html", _applies, _context, order=30)
)
