"""Numbers of journeys and steps, and the people behind each: counted and listed by one filter.

People are counted, not runs: somebody who came in twice is one. Held-out people count apart.
All are of the runs that began in a window, whatever became of them later.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import JSONObject

from contacts.models import Contact
from journeys.contracts.windows import EVER, Window
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

# The runs of a window, as a part of a statement.
RUNS = f"""
    runs AS MATERIALIZED (
        SELECT id, contact_id, step_id, status, holdout, exit_reason, started_at, ended_at,
               converted_at
          FROM {Enrolment._meta.db_table}
         WHERE journey_id = %(journey)s
           AND started_at >= coalesce(%(since)s, '-infinity'::timestamptz)
           AND started_at < coalesce(%(until)s, 'infinity'::timestamptz))"""
# Those who stand somewhere have no outcome yet; without any outcome the line is of all together.
STAYS = f"""
    SELECT step_id, outcome, count(DISTINCT contact_id) AS people,
           count(DISTINCT contact_id) FILTER (WHERE outcome = 'failed'
                                                 OR left(outcome, 5) = 'exit:') AS lost
      FROM (SELECT visit.step_id, visit.outcome, runs.contact_id
              FROM {StepVisit._meta.db_table} AS visit
              JOIN runs ON runs.id = visit.enrolment_id
             WHERE visit.journey_id = %(journey)s
             UNION ALL
            SELECT step_id, '', contact_id FROM runs
             WHERE status IN ('active', 'held') AND NOT holdout
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
    """People of one step: ever there, there now, gone by each outcome, and lost by any exit."""

    entered: int = 0
    waiting: int = 0
    left: dict[str, int] = field(default_factory=dict)
    lost: int = 0


COUNTS = {
    name: Count("contact", filter=condition, distinct=True)
    for name, condition in JOURNEY_FILTERS.items()
}


def journey_numbers(
    journey_ids: Collection[UUID], window: Window = EVER
) -> dict[UUID, JourneyNumbers]:
    """The numbers of these journeys in one query."""
    rows = (
        Enrolment.objects.filter(window.began(), journey__in=journey_ids)
        .values("journey")
        .annotate(**COUNTS)
        .values_list("journey", *COUNTS)
    )
    found = {journey_id: _numbers(people) for journey_id, *people in rows}
    return {journey_id: found.get(journey_id, JourneyNumbers()) for journey_id in journey_ids}


def numbers_of_windows(journey_id: UUID, windows: Sequence[Window]) -> list[JourneyNumbers]:
    """The numbers of one journey in each of these windows, none of which overlap; one query."""
    if not windows:
        return []
    which = Case(*(When(window.began(), then=Value(n)) for n, window in enumerate(windows)))
    rows = (
        Enrolment.objects.filter(journey=journey_id)
        .annotate(which=which)
        .filter(which__isnull=False)
        .values("which")
        .annotate(**COUNTS)
        .values_list("which", *COUNTS)
    )
    found = {number: _numbers(people) for number, *people in rows}
    return [found.get(number, JourneyNumbers()) for number in range(len(windows))]


def _numbers(people: Sequence[int]) -> JourneyNumbers:
    return JourneyNumbers(**dict(zip(COUNTS, people, strict=True)))


def step_numbers(journey: Journey, window: Window = EVER) -> dict[str, StepNumbers]:
    """The numbers of every step anybody has been at, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {RUNS} {STAYS}", asked_of(journey, window))
        return as_step_numbers(cursor.fetchall())


def asked_of(journey: Journey, window: Window) -> dict[str, Any]:
    """The parameters of RUNS and STAYS."""
    return {"journey": journey.pk, "since": window.since, "until": window.until}


def as_step_numbers(rows: Iterable[Sequence[Any]]) -> dict[str, StepNumbers]:
    """The rows of STAYS by step."""
    found: dict[str, StepNumbers] = {}
    for step_id, outcome, people, lost in rows:
        numbers = found.setdefault(step_id, StepNumbers())
        if outcome is None:
            numbers.entered, numbers.lost = people, lost
        elif outcome == "":
            numbers.waiting = people
        else:
            numbers.left[outcome] = people
    return found


def counted_runs(journey_id: UUID, window: Window) -> "QuerySet[Any, tuple[str, str, Any]]":
    """("", "", fields of JourneyNumbers), to be asked together with other figures."""
    runs = Enrolment.objects.filter(window.began(), journey=journey_id).order_by()
    counted = runs.values("journey").annotate(counted=JSONObject(**COUNTS))
    return counted.values_list(Value(""), Value(""), "counted")


def _visits(journey: Journey, window: Window) -> "QuerySet[StepVisit]":
    return StepVisit.objects.filter(window.began("enrolment__"), journey_id=journey.pk).order_by()


def _standing(journey: Journey, window: Window) -> "QuerySet[Enrolment]":
    runs = Enrolment.objects.filter(TREATED & INSIDE & window.began(), journey=journey)
    return runs.order_by()


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


def people(
    *, journey: Journey, what: str, step: str = "", window: Window = EVER
) -> "QuerySet[Contact]":
    """The contacts a number counts.

    `what` is a field of JourneyNumbers; for a step it is entered, waiting, lost, or left: and an
    outcome, such as left:branch:0. Of both, on:3 are those inside by version 3, before:3 by earlier
    ones. Raises KeyError for anything else.
    """
    if not step:
        runs = Enrolment.objects.filter(_asked_of_journey(what) & window.began(), journey=journey)
        return Contact.objects.filter(pk__in=runs.values("contact"))
    gone = _visits(journey, window).filter(step_id=step).values("enrolment__contact")
    here = _standing(journey, window).filter(step_id=step).values("contact")
    if what == "entered":
        return Contact.objects.filter(Q(pk__in=gone) | Q(pk__in=here))
    if what == "waiting":
        return Contact.objects.filter(pk__in=here)
    if what == "lost":
        lost = Q(outcome="failed") | Q(outcome__startswith="exit:")
        return Contact.objects.filter(pk__in=gone.filter(lost))
    kind, _colon, outcome = what.partition(":")
    if of_version := _of_version(kind, outcome):
        return Contact.objects.filter(
            pk__in=_standing(journey, window).filter(of_version, step_id=step).values("contact")
        )
    if kind != "left" or not outcome:
        raise KeyError(what)
    return Contact.objects.filter(pk__in=gone.filter(outcome=outcome))
