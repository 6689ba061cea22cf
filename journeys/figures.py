"""Numbers as pages show them: shares, flows between steps, and what higher floors count."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from journeys.contracts import EVER, Earned, StepCount, Window, earnings, step_metrics
from journeys.numbers import JourneyNumbers, StepNumbers, counted_runs


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


def step_figures(
    journey_id: UUID, kinds: Iterable[tuple[str, str]], window: Window = EVER
) -> dict[str, list[StepCount]]:
    """What higher floors counted, by step; `kinds` says (step, kind). One query."""
    found = report_figures(journey_id, kinds, window)[1]
    return {step_id: counts for step_id, counts in found.items() if step_id}


def report_figures(
    journey_id: UUID, kinds: Iterable[tuple[str, str]], window: Window
) -> tuple[JourneyNumbers, dict[str, list[StepCount]]]:
    """The journey's numbers, and what higher floors counted by step, "" for all; one query."""
    steps = list(kinds)
    asked = {
        metrics.key: [step_id for step_id, kind in steps if kind in metrics.kinds]
        for metrics in step_metrics
    }
    parts = [
        step_metrics.get(key).counted(journey_id, ["", *step_ids], window)
        for key, step_ids in asked.items()
        if step_ids
    ]
    others = [part for part in parts if part is not None]
    together = counted_runs(journey_id, window).union(*others, all=True)
    counted = {(key, step_id): counts for key, step_id, counts in together}
    summary = JourneyNumbers(**counted.pop(("", ""), {}))
    found: dict[str, list[StepCount]] = {}
    for metrics in step_metrics:
        for step_id in ["", *asked[metrics.key]]:
            if counts := counted.get((metrics.key, step_id)):
                found.setdefault(step_id, []).extend(metrics.told(step_id, counts))
    return summary, {step_id: _with_shares(counts) for step_id, counts in found.items()}


def _with_shares(counts: list[StepCount]) -> list[StepCount]:
    """Shares of what another floor counted at the same step; asides last."""
    known = {each.what: each.count for each in counts}
    shared = [
        replace(each, of=known[each.share_of]) if each.share_of in known else each
        for each in counts
    ]
    return sorted(shared, key=lambda each: each.is_aside)


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
