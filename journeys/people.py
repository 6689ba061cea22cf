"""The people behind each figure: the same filters that count, as a list of runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from journeys.contracts import step_metrics
from journeys.models import Enrolment, EnrolmentQuerySet, Journey, StepVisit
from journeys.numbers import HERE, INSIDE, summaries
from journeys.reasons import outcome_words

PAGE = 50
LEFT = Q(outcome__startswith="exit:") | Q(outcome="failed")
# `what` that stands for several outcomes of a step.
STAYS: dict[str, Q] = {
    "went_on": Q(outcome="next") | Q(outcome__startswith="branch:"),
    "left": LEFT,
}


class UnknownPeople(LookupError):
    """No figure of this journey has that name."""


def people(
    *, journey: Journey, what: str, now: datetime, step_id: str = "", kind: str = ""
) -> EnrolmentQuerySet:
    """The runs behind a figure of the journey, or of one of its steps, which is of that kind.

    Raises UnknownPeople for a figure there is not.
    """
    runs = Enrolment.objects.filter(journey=journey)
    if not step_id:
        wanted = summaries(now).get(what)
        if wanted is None:
            raise UnknownPeople(what)
        return runs.filter(wanted)
    for metrics in step_metrics:
        if kind in metrics.kinds and what in metrics.headings:
            return runs.filter(pk__in=metrics.people(journey.pk, step_id, what))
    return runs.filter(_at_step(journey.pk, step_id, what))


def _at_step(journey_id: UUID, step_id: str, what: str) -> Q:
    here = Q(step_id=step_id, status__in=INSIDE, holdout=False)
    if what == HERE:
        return here
    if what == "entered":
        return here | Q(_visited(journey_id, step_id, Q()))
    if what in STAYS:
        return Q(_visited(journey_id, step_id, STAYS[what]))
    if what in ("next", "goal", "failed") or what.startswith(("branch:", "exit:")):
        return Q(_visited(journey_id, step_id, Q(outcome=what)))
    raise UnknownPeople(what)


def _visited(journey_id: UUID, step_id: str, outcome: Q) -> Exists:
    visits = StepVisit.objects.filter(
        outcome, enrolment=OuterRef("pk"), journey_id=journey_id, step_id=step_id
    )
    return Exists(visits)


def heading(what: str, *, step_title: str = "", kind: str = "", lanes: list[str]) -> str:
    """What the list shows, in words."""
    for metrics in step_metrics:
        if step_title and kind in metrics.kinds and what in metrics.headings:
            return str(metrics.headings[what])
    of_step: dict[str, Callable[[], str]] = {
        HERE: lambda: _("Who is here now"),
        "entered": lambda: _("Who came to this step"),
        "went_on": lambda: _("Who went on"),
        "left": lambda: _("Who left the journey here"),
    }
    of_journey: dict[str, Callable[[], str]] = {
        "entered": lambda: _("Everyone who entered"),
        "in_progress": lambda: _("In progress"),
        "completed": lambda: _("Completed"),
        "left_early": lambda: _("Left early"),
        "failed": lambda: _("Stopped by a failure"),
        "converted": lambda: _("Reached the goal"),
        "this_week": lambda: _("Entered in the last 7 days"),
    }
    known = of_step if step_title else of_journey
    return known[what]() if what in known else outcome_words(what, lanes)


@dataclass(frozen=True)
class Page:
    """Some runs, newest first, and the cursors around them; "" where there is no page."""

    runs: list[Enrolment]
    next: str = ""
    previous: str = ""


def page_of(runs: EnrolmentQuerySet, *, after: str = "", before: str = "") -> Page:
    """Up to 50 runs older than `after`, or newer than `before`; cursors are ids of runs."""
    found = runs.select_related("contact", "version")
    backwards, cursor = bool(before), _id(before or after)
    if cursor:
        found = found.filter(Q(pk__gt=cursor) if backwards else Q(pk__lt=cursor))
    rows = list(found.order_by("pk" if backwards else "-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    if not rows:
        return Page([])
    older = more or (backwards and cursor is not None)
    newer = more if backwards else cursor is not None
    return Page(rows, str(rows[-1].pk) if older else "", str(rows[0].pk) if newer else "")


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
