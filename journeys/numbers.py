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

# Those who stand somewhere have no outcome yet; without any outcome the line is of all together.
STAYS = f"""
    SELECT step_id, outcome, count(DISTINCT contact_id)
      FROM (SELECT visit.step_id, visit.outcome, run.contact_id
              FROM {StepVisit._meta.db_table} AS visit
              JOIN {Enrolment._meta.db_table} AS run ON run.id = visit.enrolment_id
             WHERE visit.journey_id = %(journey)s
             UNION ALL
            SELECT step_id, '', contact_id FROM {Enrolment._meta.db_table}
             WHERE journey_id = %(journey)s AND status IN ('active', 'held') AND NOT holdout
           ) AS stay
     GROUP BY GROUPING SETS ((step_id, outcome), (step_id))"""


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
    """The numbers of every step anybody has been at, in one query."""
    found: dict[str, StepNumbers] = {}
    with connection.cursor() as cursor:
        cursor.execute(STAYS, {"journey": journey.pk})
        for step_id, outcome, people in cursor.fetchall():
            numbers = found.setdefault(step_id, StepNumbers())
            if outcome is None:
                numbers.entered = people
            elif outcome == "":
                numbers.waiting = people
            else:
                numbers.left[outcome] = people
    return found


def _visits(journey: Journey) -> "QuerySet[StepVisit]":
    return StepVisit.objects.filter(journey_id=journey.pk).order_by()


def _standing(journey: Journey) -> "QuerySet[Enrolment]":
    return Enrolment.objects.filter(TREATED & INSIDE, journey=journey).order_by()


def _asked_of_journey(what: str) -> Q:
    kind, _colon, number = what.partition(":")
    if of_version := _of_version(kind, number):
        return TREATED & INSIDE & of_version
    return JOURNEY_FILTERS[what]


def _of_version(kind: str, number: str) -> Q | None:
    """Whom `on:3` and `before:3` are about, those inside by this version or an earlier one."""
    if kind not in ("on", "before") or not number.isdecimal() or len(number) > 6:
        return None
    return Q(version__number=number) if kind == "on" else Q(version__number__lt=number)


def people(*, journey: Journey, what: str, step: str = "") -> "QuerySet[Contact]":
    """The contacts a number counts.

    `what` is a field of JourneyNumbers; for a step it is entered, waiting, or left: and an outcome,
    such as left:branch:0. Of both, on:3 are those inside by version 3, before:3 by earlier ones.
    Raises KeyError for anything else.
    """
    if not step:
        runs = Enrolment.objects.filter(_asked_of_journey(what), journey=journey)
        return Contact.objects.filter(pk__in=runs.values("contact"))
    gone = _visits(journey).filter(step_id=step).values("enrolment__contact")
    here = _standing(journey).filter(step_id=step).values("contact")
    if what == "entered":
        return Contact.objects.filter(Q(pk__in=gone) | Q(pk__in=here))
    if what == "waiting":
        return Contact.objects.filter(pk__in=here)
    kind, _colon, outcome = what.partition(":")
    if of_version := _of_version(kind, outcome):
        return Contact.objects.filter(
            pk__in=_standing(journey).filter(of_version, step_id=step).values("contact")
        )
    if kind != "left" or not outcome:
        raise KeyError(what)
    return Contact.objects.filter(pk__in=gone.filter(outcome=outcome))
