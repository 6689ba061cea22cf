"""Numbers as pages show them: shares, flows between steps, and what higher floors count."""

from collections.abc import Collection, Iterable
from uuid import UUID

from journeys.contracts import EVER, Earned, StepCount, Window, earnings, step_metrics
from journeys.numbers import JourneyNumbers, StepNumbers


def share(part: int, whole: int) -> float:
    """Per cent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


def conversion(numbers: JourneyNumbers) -> float:
    """Converted per cent of those who entered; 0 when nobody did."""
    return share(numbers.converted, numbers.started)


def went_on(numbers: StepNumbers) -> int:
    """Who went to the step below."""
    return numbers.left.get("next", 0)


def branches(numbers: StepNumbers) -> dict[int, int]:
    """Who went into each lane."""
    return {
        int(outcome.partition(":")[2]): people
        for outcome, people in numbers.left.items()
        if outcome.startswith("branch:")
    }


def exits(numbers: StepNumbers) -> dict[str, int]:
    """Who left the journey here, by outcome (`exit:reason`, `goal`, `failed`), most first."""
    gone = {
        outcome: people
        for outcome, people in numbers.left.items()
        if outcome in ("goal", "failed") or outcome.startswith("exit:")
    }
    return dict(sorted(gone.items(), key=lambda item: (-item[1], item[0])))


def lost(numbers: StepNumbers) -> int:
    """Who left the journey here without having reached its goal."""
    return sum(people for outcome, people in exits(numbers).items() if outcome != "goal")


def step_figures(
    journey_id: UUID, kinds: Iterable[tuple[str, str]], window: Window = EVER
) -> dict[str, list[StepCount]]:
    """What higher floors counted, by step; `kinds` says (step, kind)."""
    steps = list(kinds)
    found: dict[str, list[StepCount]] = {}
    for metrics in step_metrics:
        asked = [step_id for step_id, kind in steps if kind in metrics.kinds]
        collected = metrics.collect(journey_id, asked, window) if asked else {}
        for step_id, counts in collected.items():
            found.setdefault(step_id, []).extend(counts)
    return found


def sent_totals(journey_ids: Collection[UUID], window: Window = EVER) -> dict[UUID, int]:
    """Messages sent by each journey, on all channels."""
    found: dict[UUID, int] = {}
    for metrics in step_metrics:
        for journey_id, count in metrics.totals(journey_ids, window).items():
            found[journey_id] = found.get(journey_id, 0) + count
    return found


def earned_totals(journey_ids: Collection[UUID], window: Window = EVER) -> dict[UUID, Earned]:
    """What each journey earned; one that earned nothing is missing."""
    found: dict[UUID, Earned] = {}
    for source in earnings:
        found.update(source.of_journeys(journey_ids, window))
    return found
