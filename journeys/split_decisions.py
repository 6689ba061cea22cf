"""Who wins an A/B test: by the rule of the test each night, or by a person at any time."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Invalid
from core.statistics import Standing, compare
from journeys.contracts import StepBatch
from journeys.models import Journey, SplitDecision
from journeys.programs import programs
from journeys.split_trials import Trial, Variant, trials_of, variants_of
from tenants.models import User

AUTO, TELL = "auto", "tell"
RUNNING = (Journey.Status.LIVE, Journey.Status.PAUSED)


def followed_lane(batch: StepBatch) -> int | None:
    """Where everybody at this split is sent since it was decided; None while chance chooses."""
    found: int | None = (
        SplitDecision.objects.filter(
            journey=batch.journey_id,
            step_id=batch.step_id,
            digest=batch.config.get("digest", ""),
            is_followed=True,
            decided_at__lte=batch.now,
        )
        .values_list("lane", flat=True)
        .first()
    )
    return found


def is_enough(trial: Trial, variants: Sequence[Variant]) -> bool:
    """Whether the days of so many people are over in each variant that they may be compared."""
    return all(variant.people >= trial.least for variant in variants)


def standings(trial: Trial, variants: Sequence[Variant]) -> list[Standing] | None:
    """How the variants stand; None while there are not enough people."""
    if not is_enough(trial, variants):
        return None
    return compare([(variant.successes, variant.people) for variant in variants])


def winner(trial: Trial, found: Sequence[Standing]) -> int | None:
    """The variant that is surely enough the best; None when none is."""
    best = max(range(len(found)), key=lambda lane: found[lane].chance)
    return best if found[best].chance * 100 >= trial.threshold else None


def open_trials() -> list[Trial]:
    """The tests of running journeys of which nobody and nothing has decided yet."""
    running = Journey.objects.filter(status__in=RUNNING, live_version__isnull=False)
    found = programs(set(running.values_list("live_version", flat=True)))
    trials = [trial for program in found.values() for trial in trials_of(program)]
    if not trials:
        return []
    decided = set(
        SplitDecision.objects.filter(journey__in={each.journey_id for each in trials}).values_list(
            "journey", "step_id", "digest"
        )
    )
    return [each for each in trials if (each.journey_id, each.step_id, each.digest) not in decided]


def decide_by_rule(now: datetime) -> None:
    """Write down each test that has a winner now; of one that only tells, chance goes on."""
    made = []
    for trial, variants in variants_of(open_trials(), now).items():
        found = standings(trial, variants)
        if found is not None and (lane := winner(trial, found)) is not None:
            made.append(_decision(trial, lane, variants, found, now))
    SplitDecision.objects.bulk_create(made, ignore_conflicts=True)


def _decision(
    trial: Trial,
    lane: int,
    variants: Sequence[Variant],
    found: Sequence[Standing],
    now: datetime,
) -> SplitDecision:
    return SplitDecision(
        journey_id=trial.journey_id,
        step_id=trial.step_id,
        digest=trial.digest,
        lane=lane,
        is_followed=trial.rule == AUTO,
        decided_at=now,
        figures=_figures(variants, found),
    )


def _figures(
    variants: Sequence[Variant], found: Sequence[Standing] | None
) -> list[dict[str, float | None]]:
    chances: list[float | None] = [None] * len(variants)
    if found:
        chances = [round(each.chance, 6) for each in found]
    return [
        {**asdict(variant), "chance": chance}
        for variant, chance in zip(variants, chances, strict=True)
    ]


def decide(
    *, journey: Journey, step_id: str, lane: int | None, by: User, now: datetime
) -> SplitDecision:
    """Send everybody into this variant from now on; without one chance goes on, undecided.

    Raises Invalid `no_such_test` or `no_such_variant`; then nothing changed.
    """
    trial = trial_at(journey, step_id)
    if trial is None:
        raise Invalid("no_such_test", _("The running version has no such A/B test."))
    if lane is not None and not 0 <= lane < trial.lanes:
        raise Invalid("no_such_variant", _("The A/B test has no such variant."))
    variants = variants_of([trial], now)[trial]
    decision, _is_new = SplitDecision.objects.update_or_create(
        journey=journey,
        step_id=step_id,
        digest=trial.digest,
        defaults={
            "lane": lane,
            "is_followed": lane is not None,
            "decided_at": now,
            "decided_by_id": by.pk,
            "decided_by_name": by.get_full_name()[:120],
            "figures": _figures(variants, standings(trial, variants)),
        },
    )
    return decision


def decision_of(trial: Trial) -> SplitDecision | None:
    """What the test came to; None while nothing and nobody has decided."""
    return SplitDecision.objects.filter(
        journey=trial.journey_id, step_id=trial.step_id, digest=trial.digest
    ).first()


def trial_at(journey: Journey, step_id: str) -> Trial | None:
    """The test at this step of the version that runs; None when it has none."""
    version = journey.live_version_id
    found = trials_of(programs([version])[version]) if version else ()
    return next((trial for trial in found if trial.step_id == step_id), None)
