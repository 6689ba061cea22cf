"""Figures of A/B tests: who was sent where, whose time is over, and to whom it happened.

A person counts once, for the first time they came to the split, and with them the version they
were in: versions in which the test is the same test are counted together. Whoever was sent the
winner's way counts for nothing, since chance did not choose for them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from core.arrays import int_array, text_array, uuid_array
from journeys.contracts import EVER, Window, split_metrics
from journeys.models import Enrolment, JourneyVersion, StepVisit
from journeys.programs import Program

KIND = "ab_test"
# The reason of a visit that followed a decision instead of chance.
FOLLOWED = "winner"


@dataclass(frozen=True, slots=True)
class Trial:
    """One A/B test of one journey, as a version has it."""

    journey_id: UUID
    step_id: str
    digest: str
    metric: str
    days: int
    lanes: int
    rule: str
    threshold: int
    least: int


@dataclass(frozen=True, slots=True)
class Variant:
    """People of one variant: all sent there, those whose days are over, and with success."""

    sent: int = 0
    people: int = 0
    successes: int = 0


def trials_of(program: Program) -> Iterator[Trial]:
    """The A/B tests of one version."""
    for step in program.steps.values():
        config = step.config
        if step.kind == KIND and config.get("metric") in split_metrics:
            yield Trial(
                journey_id=program.journey_id,
                step_id=step.id,
                digest=config["digest"],
                metric=config["metric"],
                days=config["days"],
                lanes=len(config["shares"]),
                rule=config["rule"],
                threshold=config["threshold"],
                least=config["least"],
            )


# By position, since it stands in the ORM's statements as well.
STAYS = f"""
    WITH known AS MATERIALIZED (
        SELECT trial.*, version.id AS version_id
          FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[])
               WITH ORDINALITY AS trial (journey_id, step_id, digest, days, number)
          JOIN {JourneyVersion._meta.db_table} AS version USING (journey_id)
         WHERE version.compiled #>> ARRAY['steps', trial.step_id, 'config', 'digest']
               = trial.digest),
    stay AS MATERIALIZED (
        SELECT DISTINCT ON (known.number, run.contact_id) known.number, known.journey_id,
               substr(visit.outcome, 8)::int AS lane, run.contact_id, visit.enrolment_id,
               visit.visit, visit.left_at AS since,
               visit.left_at + make_interval(days => known.days) AS until
          FROM known
          JOIN {StepVisit._meta.db_table} AS visit USING (journey_id, step_id, version_id)
          JOIN {Enrolment._meta.db_table} AS run ON run.id = visit.enrolment_id
         WHERE starts_with(visit.outcome, 'branch:') AND visit.reason = ''
           AND run.started_at >= coalesce(%s, '-infinity'::timestamptz)
           AND run.started_at < coalesce(%s, 'infinity'::timestamptz)
         ORDER BY known.number, run.contact_id, visit.left_at)"""


def _stays(trials: Sequence[Trial], window: Window) -> list[Any]:
    return [
        uuid_array(trial.journey_id for trial in trials),
        text_array(trial.step_id for trial in trials),
        text_array(trial.digest for trial in trials),
        int_array(trial.days for trial in trials),
        window.since,
        window.until,
    ]


def variants_of(
    trials: Sequence[Trial], now: datetime, window: Window = EVER
) -> dict[Trial, list[Variant]]:
    """The figures of each test by variant; one statement for all tests by the same metric."""
    found = {trial: [Variant()] * trial.lanes for trial in trials}
    for metric in split_metrics:
        asked = [trial for trial in trials if trial.metric == metric.key]
        if not asked:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                f"{STAYS} SELECT stay.number, stay.lane, count(*),"
                " count(*) FILTER (WHERE stay.until <= %s),"
                f" count(*) FILTER (WHERE stay.until <= %s AND {metric.happened})"
                " FROM stay GROUP BY stay.number, stay.lane",
                [*_stays(asked, window), now, now],
            )
            for number, lane, *people in cursor.fetchall():
                trial = asked[number - 1]
                if lane < trial.lanes:
                    found[trial][lane] = Variant(*people)
    return found


def people_of(trial: Trial, what: str, lane: int, now: datetime, window: Window = EVER) -> RawSQL:
    """The contact ids behind a figure: `sent`, `people` or `successes` of one variant."""
    over = "" if what == "sent" else " AND stay.until <= %s"
    happened = f" AND {split_metrics.get(trial.metric).happened}" if what == "successes" else ""
    return RawSQL(  # noqa: S611 - made of metrics, which are code
        f"{STAYS} SELECT stay.contact_id FROM stay WHERE stay.lane = %s{over}{happened}",
        [*_stays([trial], window), lane, *([now] if over else [])],
    )
