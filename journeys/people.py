"""The people behind each figure of a journey, with the runs they are there for."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from journeys import numbers
from journeys.contracts import (
    EVER,
    ReportPanel,
    StepMetrics,
    Window,
    report_panels,
    step_metrics,
)
from journeys.definition import StepNode
from journeys.models import Enrolment, Journey
from journeys.path import lane_name, reason_words

OF_JOURNEY = {
    "started": gettext_lazy("Everyone who entered"),
    "in_progress": gettext_lazy("In progress"),
    "completed": gettext_lazy("Completed"),
    "exited_early": gettext_lazy("Left early"),
    "failed": gettext_lazy("Stopped by a failure"),
    "converted": gettext_lazy("Reached the goal"),
    "ordered": gettext_lazy("Who ordered after a click"),
    "held_out": gettext_lazy("Held out to compare"),
    "held_out_converted": gettext_lazy("Held out, and reached the goal"),
}
OF_STEP = {
    "entered": gettext_lazy("Who came to this step"),
    "waiting": gettext_lazy("Who is here now"),
    "left:next": gettext_lazy("Who went on"),
    "lost": gettext_lazy("Who left here"),
}


class UnknownPeople(LookupError):
    """No figure of this journey has that name."""


def people(
    *,
    journey: Journey,
    what: str,
    step_id: str = "",
    node: StepNode | None = None,
    window: Window = EVER,
) -> ContactQuerySet:
    """Those whom a figure counts; `node` is the step of that id where the version has it.

    Raises UnknownPeople for a figure there is not.
    """
    if metrics := _metrics_of(what, node, of_step=bool(step_id)):
        found = metrics.people(journey.pk, step_id, what, window)
        return Contact.objects.filter(pk__in=found)
    try:
        panel, detail = _panel_of(what)
        if panel and panel.people:
            behind = panel.people(journey.pk, step_id, detail, window)
            return Contact.objects.filter(pk__in=behind)
        known: QuerySet[Contact] = numbers.people(
            journey=journey, what=what, step=step_id, window=window
        )
    except KeyError:
        raise UnknownPeople(what) from None
    return Contact.objects.filter(pk__in=known.values("pk"))


def _metrics_of(what: str, node: StepNode | None, *, of_step: bool) -> StepMetrics | None:
    """Who counted the figure of that name, at a step or at all of a journey's."""
    for metrics in step_metrics:
        counts = node and node.kind in metrics.kinds if of_step else metrics.of_journey
        if counts and what in metrics.headings:
            return metrics
    return None


def _panel_of(what: str) -> tuple[ReportPanel | None, str]:
    """The panel whose own number has that name, and the rest of the name."""
    key, colon, detail = what.partition(":")
    return (report_panels.get(key) if colon and key in report_panels else None), detail


def heading(what: str, node: StepNode | None, *, of_step: bool) -> str:
    """What a list of people shows, in words."""
    if metrics := _metrics_of(what, node, of_step=of_step):
        return str(metrics.headings[what])
    panel, detail = _panel_of(what)
    if panel and panel.heading:
        return str(panel.heading(detail))
    known = OF_STEP if of_step else OF_JOURNEY
    if what in known:
        return str(known[what])
    outcome = what.removeprefix("left:")
    kind, _colon, detail = outcome.partition(":")
    if kind == "on":
        return _("Inside by version %(number)s") % {"number": detail}
    if kind == "before":
        return _("Inside by versions before %(number)s") % {"number": detail}
    if kind == "branch" and detail.isdecimal():
        return _("Who took “%(lane)s”") % {"lane": lane_name(node, int(detail))}
    return ending(outcome)


def ending(outcome: str) -> str:
    """Why people left at a step, from `exit:reason`, `goal` or `failed`."""
    return str(capfirst(reason_words(outcome.removeprefix("exit:"))))


def newest_runs(
    journey: Journey, contact_ids: Collection[UUID], window: Window = EVER
) -> dict[UUID, Enrolment]:
    """The newest run of each of these contacts that began in the window; one query."""
    runs = Enrolment.objects.filter(window.began(), journey=journey, contact__in=contact_ids)
    newest = runs.order_by("contact", F("started_at").desc()).distinct("contact")
    return {run.contact_id: run for run in newest}
