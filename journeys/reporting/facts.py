"""What the runs of a window came to, beyond the plain counts; asked with the numbers of the steps.

People are counted: somebody who left twice counts with the last reason, somebody who reached the
goal twice with the first time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import DurationField, ExpressionWrapper, F, Min, QuerySet

from journeys.contracts import Window
from journeys.local_time import moment_of
from journeys.models import Enrolment, Journey
from journeys.numbers import RUNS, STAYS, TREATED, StepNumbers, as_step_numbers, asked_of

Unit = Literal["day", "week", "month"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Where one group of times to the goal ends and the next begins; the last has no end.
GOAL_EDGES = (HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
WEEK = 7 * DAY

FACTS = f"""
    WITH {RUNS},
    treated AS (SELECT * FROM runs WHERE NOT holdout),
    goals AS (SELECT extract(epoch FROM min(converted_at - started_at)) AS seconds FROM treated
               WHERE converted_at IS NOT NULL GROUP BY contact_id),
    stays AS ({STAYS})
    SELECT 'step' AS about, step_id AS name, outcome AS detail, people::float8, lost FROM stays
     UNION ALL
    SELECT 'exit', reason, '', count(*), 0
      FROM (SELECT DISTINCT ON (contact_id) exit_reason AS reason FROM treated
             WHERE status = 'exited' ORDER BY contact_id, ended_at DESC, id DESC) AS last_exit
     GROUP BY reason
     UNION ALL
    SELECT 'goal', width_bucket(seconds, %(edges)s::numeric[])::text, '', count(*), 0 FROM goals
     GROUP BY 2
     UNION ALL
    SELECT 'median', '', '', percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), 0 FROM goals
     UNION ALL
    SELECT 'recent', '', '', count(DISTINCT contact_id), 0 FROM treated
     WHERE started_at >= %(recent)s
     UNION ALL
    SELECT 'arrived', date_trunc(%(unit)s, started_at AT TIME ZONE %(zone)s)::date::text, '',
           count(DISTINCT contact_id), 0
      FROM treated GROUP BY 2"""


@dataclass
class Facts:
    """`goal_times` is people by number of the group between GOAL_EDGES; days begin their unit."""

    steps: dict[str, StepNumbers] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)
    goal_times: dict[int, int] = field(default_factory=dict)
    median_to_goal: timedelta | None = None
    # Who came in during the last seven days of those in the window.
    recent: int = 0
    arrived: dict[date, int] = field(default_factory=dict)


def recent_days(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last of the last seven days there."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=6), today


def unit_of(journey: Journey, window: Window, *, now: datetime) -> Unit:
    """What the days of coming in are gathered by: no more than about thirty of them."""
    span = (window.until or now) - (window.since or journey.created_at)
    if span <= 31 * DAY:
        return "day"
    return "week" if span <= 30 * WEEK else "month"


def facts_of(*, journey: Journey, window: Window, now: datetime, zone: ZoneInfo) -> Facts:
    """All of them in one query."""
    asked = {
        **asked_of(journey, window),
        "edges": [int(edge.total_seconds()) for edge in GOAL_EDGES],
        "recent": moment_of(recent_days(now, zone)[0], time(), zone),
        "unit": unit_of(journey, window, now=now),
        "zone": str(zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(FACTS, asked)
        return _facts(cursor.fetchall())


def _facts(rows: Sequence[Any]) -> Facts:
    by_kind: dict[str, list[Any]] = {}
    for about, *row in rows:
        by_kind.setdefault(about, []).append(row)

    def named(about: str) -> list[tuple[str, int]]:
        found = [(name, int(people)) for name, _detail, people, _lost in by_kind.get(about, ())]
        return sorted(found, key=lambda each: (-each[1], each[0]))

    [[_name, _detail, median, _lost]] = by_kind["median"]
    [(_name, recent)] = named("recent")
    return Facts(
        steps=as_step_numbers(
            (step, outcome, int(people), lost)
            for step, outcome, people, lost in by_kind.get("step", ())
        ),
        exits=dict(named("exit")),
        goal_times={int(group): people for group, people in named("goal")},
        median_to_goal=None if median is None else timedelta(seconds=median),
        recent=recent,
        arrived={date.fromisoformat(day): people for day, people in named("arrived")},
    )


# --- the people behind them


def left_by(journey_id: UUID, reason: str, window: Window) -> "QuerySet[Enrolment, UUID]":
    """Those whose last exit was for that reason."""
    left = Enrolment.objects.filter(
        window.began(), TREATED, journey=journey_id, status=Enrolment.Status.EXITED
    )
    last = left.order_by("contact", "-ended_at", "-pk").distinct("contact").values("pk")
    found = Enrolment.objects.filter(pk__in=last, exit_reason=reason)
    return found.values_list("contact_id", flat=True)


def reached_goal_after(journey_id: UUID, group: int, window: Window) -> "QuerySet[Enrolment, UUID]":
    """Those whose first way to the goal took as long as that group says; KeyError for no group."""
    if not 0 <= group <= len(GOAL_EDGES):
        raise KeyError(group)
    took = ExpressionWrapper(F("converted_at") - F("started_at"), output_field=DurationField())
    runs = Enrolment.objects.filter(
        window.began(), TREATED, journey=journey_id, converted_at__isnull=False
    )
    found = runs.order_by().values("contact_id").annotate(took=Min(took))
    if group > 0:
        found = found.filter(took__gte=GOAL_EDGES[group - 1])
    if group < len(GOAL_EDGES):
        found = found.filter(took__lt=GOAL_EDGES[group])
    return found.values_list("contact_id", flat=True)
