"""Numbers of journeys and steps, and the people behind each: counted and listed by one filter.

People are counted, not runs: somebody who came in twice is one. Held-out people count apart.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from contacts.models import Contact
from journeys.models import Enrolment, Journey, StepVisit

INSIDE = Q(status__in=[Enrolment.Status.ACTIVE, Enrolment.Status.HELD])
TREATED = Q(holdout=False)
# What may be asked of a whole journey.
JOURNEY_FILTERS: dict[str, Q] = {
    "started": TREATED,
    "in_progress": TREATED & INSIDE,
    "exited_early": TREATED & Q(status=Enrolment.Status.EXITED),
    "completed": TREATED & Q(status=Enrolment.Status.FINISHED),
    "failed": TREATED & Q(status=Enrolment.Status.FAILED),
    "converted": TREATED & Q(converted_at__isnull=False),
    "held_out": Q(holdout=True),
    "held_out_converted": Q(holdout=True, converted_at__isnull=False),
}


@dataclass(frozen=True)
class JourneyNumbers:
    """People of one journey; conversion is converted / started."""

    started: int = 0
    in_progress: int = 0
    exited_early: int = 0
    completed: int = 0
    failed: int = 0
    converted: int = 0
    held_out: int = 0
    held_out_converted: int = 0

    @property
    def conversion(self) -> float | None:
        """The share that converted, from 0 to 1; None when nobody started."""
        return self.converted / self.started if self.started else None


@dataclass
class StepNumbers:
    """People of one step: ever there, there now, and gone by each outcome."""

    entered: int = 0
    waiting: int = 0
    left: dict[str, int] = field(default_factory=dict)


def journey_numbers(journey_ids: Collection[UUID]) -> dict[UUID, JourneyNumbers]:
    """The numbers of these journeys in one query."""
    counts = {
        name: Count("contact", filter=condition, distinct=True)
        for name, condition in JOURNEY_FILTERS.items()
    }
    rows = (
        Enrolment.objects.filter(journey__in=journey_ids)
        .values("journey")
        .annotate(**counts)
        .values_list("journey", *JOURNEY_FILTERS)
    )
    found = {
        journey_id: JourneyNumbers(**dict(zip(JOURNEY_FILTERS, people, strict=True)))
        for journey_id, *people in rows
    }
    return {journey_id: found.get(journey_id, JourneyNumbers()) for journey_id in journey_ids}


def step_numbers(journey: Journey) -> dict[str, StepNumbers]:
    """The numbers of every step anybody has been at, in three queries."""
    found: dict[str, StepNumbers] = {}

    def of(step_id: str) -> StepNumbers:
        return found.setdefault(step_id, StepNumbers())

    left = _visits(journey).values_list("step_id", "outcome")
    for step_id, outcome, people in left.annotate(Count("enrolment__contact", distinct=True)):
        of(step_id).left[outcome] = people
    waiting = _standing(journey).values_list("step_id")
    for step_id, people in waiting.annotate(Count("contact", distinct=True)):
        of(step_id).waiting = people
    for step_id, people in _entered(journey):
        of(step_id).entered = people
    return found


def _visits(journey: Journey) -> "QuerySet[StepVisit]":
    return StepVisit.objects.filter(journey_id=journey.pk).order_by()


def _standing(journey: Journey) -> "QuerySet[Enrolment]":
    return Enrolment.objects.filter(TREATED & INSIDE, journey=journey).order_by()


def _entered(journey: Journey) -> list[tuple[str, int]]:
    """How many people each step has seen: those who left it and those who stand there."""
    seen = (
        _visits(journey)
        .values_list("step_id", "enrolment__contact")
        .union(_standing(journey).values_list("step_id", "contact"))
    )
    statement, parameters = seen.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT step_id, count(*) FROM ({statement}) AS seen (step_id, contact_id)"
            " GROUP BY step_id",
            parameters,
        )
        return [(str(row[0]), int(row[1])) for row in cursor.fetchall()]


def people(*, journey: Journey, what: str, step: str = "") -> "QuerySet[Contact]":
    """The contacts a number counts.

    `what` is a field of JourneyNumbers; for a step it is entered, waiting, or left: and an outcome,
    such as left:branch:0. Raises KeyError for anything else.
    """
    if not step:
        runs = Enrolment.objects.filter(JOURNEY_FILTERS[what], journey=journey)
        return Contact.objects.filter(pk__in=runs.values("contact"))
    gone = _visits(journey).filter(step_id=step).values("enrolment__contact")
    here = _standing(journey).filter(step_id=step).values("contact")
    if what == "entered":
        return Contact.objects.filter(Q(pk__in=gone) | Q(pk__in=here))
    if what == "waiting":
        return Contact.objects.filter(pk__in=here)
    kind, _colon, outcome = what.partition(":")
    if kind != "left" or not outcome:
        raise KeyError(what)
    return Contact.objects.filter(pk__in=gone.filter(outcome=outcome))
