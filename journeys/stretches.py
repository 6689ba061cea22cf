"""The stretch of time each version was live, and the people who came in then.

A stretch begins with its version's publishing and ends with the next one's; the first also has
those who came before it, by what they did earlier. Who is moved later still counts where they came
in: that is what a version brought in, compared with the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count

from core.arrays import moment_array
from core.statistics import newcombe
from journeys.contracts import Window
from journeys.enrolment import ENROLMENTS
from journeys.figures import earned_totals, sent_totals
from journeys.models import Enrolment, Journey, JourneyVersion
from journeys.numbers import INSIDE, TREATED, JourneyNumbers, journey_numbers

# Shares of fewer people than this say nothing yet.
ENOUGH = 100

BY_STRETCH = f"""
    SELECT width_bucket(started_at, %s::timestamptz[]), count(DISTINCT contact_id),
           count(DISTINCT contact_id) FILTER (WHERE converted_at IS NOT NULL)
      FROM {ENROLMENTS} WHERE journey_id = %s AND NOT holdout GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A version while it was live."""

    version: JourneyVersion
    window: Window


@dataclass(frozen=True, slots=True)
class CameIn:
    """People who came in during a stretch, those of them who converted, and who is inside by the
    version now, whenever they came in.
    """

    started: int = 0
    converted: int = 0
    inside: int = 0


@dataclass(frozen=True, slots=True)
class StretchFigures:
    """All figures of one stretch; `earned` in words."""

    numbers: JourneyNumbers
    sent: int
    earned: str
    orders: int


def stretches(versions: Sequence[JourneyVersion]) -> list[Stretch]:
    """The stretches of all versions of a journey, given and returned newest first."""
    until = None
    found = []
    for version in versions:
        is_first = version is versions[-1]
        found.append(Stretch(version, Window(None if is_first else version.published_at, until)))
        until = version.published_at
    return found


def came_in(journey: Journey, versions: Sequence[JourneyVersion]) -> dict[UUID, CameIn]:
    """Of each version, given newest first; two queries."""
    oldest_first = list(reversed(versions))
    begins = moment_array(each.published_at for each in oldest_first[1:])
    with connection.cursor() as cursor:
        cursor.execute(BY_STRETCH, [begins, journey.pk])
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    runs = Enrolment.objects.filter(TREATED & INSIDE, journey=journey).order_by()
    per_version = runs.values("version").annotate(people=Count("contact", distinct=True))
    inside = dict(per_version.values_list("version", "people"))
    return {
        each.pk: CameIn(*counts.get(number, (0, 0)), inside.get(each.pk, 0))
        for number, each in enumerate(oldest_first)
    }


def figures_of(journey: Journey, window: Window) -> StretchFigures:
    """The figures of those who came in within the window; a query for each kind."""
    earned = earned_totals([journey.pk], window).get(journey.pk)
    return StretchFigures(
        numbers=journey_numbers([journey.pk], window)[journey.pk],
        sent=sent_totals([journey.pk], window).get(journey.pk, 0),
        earned=earned.text if earned else "",
        orders=earned.orders if earned else 0,
    )


def missing(first: JourneyNumbers, second: JourneyNumbers) -> int:
    """How many people the smaller one lacks before their shares can be compared."""
    return max(0, ENOUGH - min(first.started, second.started))


def difference(before: JourneyNumbers, after: JourneyNumbers) -> tuple[float, float, float]:
    """Conversion after minus before in percentage points, and its interval of 95 %."""
    old, new = (before.converted, before.started), (after.converted, after.started)
    low, high = newcombe(new, old)
    return 100 * (new[0] / new[1] - old[0] / old[1]), 100 * low, 100 * high
