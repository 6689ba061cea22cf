"""One step: from coming to it to leaving it, each with its share."""

from typing import Any

from django.utils.translation import gettext as _

from journeys.contracts import ReportPanel, ReportScope, StepCount, report_panels
from journeys.definition import StepNode
from journeys.figures import branches, went_on
from journeys.numbers import StepNumbers
from journeys.reporting.rows import row
from journeys.tree import lane_names


def _context(scope: ReportScope) -> dict[str, Any] | None:
    node = scope.node
    if node is None:
        return None
    numbers = scope.numbers.get(node.id, StepNumbers())
    entered, url = numbers.entered, scope.people_url
    rows = [row(_("Entered"), entered, entered, url(node.id, "entered"))]
    counts = scope.figures.get(node.id, ())
    rows += [_counted(node, each, entered, scope) for each in counts if _in_funnel(each)]
    rows += _onward(node, numbers, scope)
    if numbers.waiting:
        here = url(node.id, "waiting")
        rows.append(row(_("Here now"), numbers.waiting, entered, here, tone=2))
    asides = [_counted(node, each, entered, scope) for each in counts if not _in_funnel(each)]
    return {"title": _("How people moved through"), "rows": rows, "asides": asides}


def _in_funnel(each: StepCount) -> bool:
    """Money is no part of the people it came from."""
    return not each.is_aside and not each.text


def _counted(node: StepNode, each: StepCount, entered: int, scope: ReportScope) -> dict[str, Any]:
    url = scope.people_url(node.id, each.what)
    return row(each.label, each.count, each.of or entered, url, text=each.text)


def _onward(node: StepNode, numbers: StepNumbers, scope: ReportScope) -> list[dict[str, Any]]:
    """The lanes of a split, else those who went to the step below."""
    if not node.branches:
        url = scope.people_url(node.id, "left:next")
        return [row(_("Went on"), went_on(numbers), numbers.entered, url)]
    taken = branches(numbers)
    return [
        row(
            name,
            taken.get(lane, 0),
            numbers.entered,
            scope.people_url(node.id, f"left:branch:{lane}"),
        )
        for lane, name in enumerate(lane_names(node))
    ]


report_panels.register(
    ReportPanel(
        "funnel",
        "journeys/panels/_rows.html",
        lambda scope: scope.node is not None,
        _context,
        order=10,
    )
)
