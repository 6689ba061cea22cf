"""Published versions ready to run, kept per process: a version never changes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from core.errors import Permanent
from journeys.contracts import Outcome, Step, StepBatch, steps
from journeys.models import JourneyVersion

# Versions kept in memory per process; a few kilobytes each.
CACHE_SIZE = 2000


@dataclass(frozen=True, slots=True, eq=False)
class ProgramStep:
    """One row of a compiled table with its plug-in; compared by identity, once per process."""

    id: str
    kind: str
    config: dict[str, Any]
    next: str | None
    branches: tuple[str | None, ...]
    plugin: Step


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One version as the engine runs it; compared by identity, once per process."""

    version_id: UUID
    journey_id: UUID
    first: str | None
    steps: dict[str, ProgramStep]
    goal: dict[str, Any] | None
    goal_step: str | None
    # The goal step and those after it: the goal pulls nobody back who stands there.
    from_goal: frozenset[str]
    exits: tuple[dict[str, Any], ...]
    settings: dict[str, Any]

    def step(self, step_id: str) -> ProgramStep:
        """The step of that id; one that fails for everybody when the version has none."""
        return self.steps.get(step_id) or ProgramStep(step_id, "", {}, None, (), GONE)


_cache: dict[UUID, Program] = {}


def programs(version_ids: Collection[UUID]) -> dict[UUID, Program]:
    """The programs of these versions; one statement for those not yet known to this process."""
    missing = [version_id for version_id in set(version_ids) if version_id not in _cache]
    if missing:
        if len(_cache) + len(missing) > CACHE_SIZE:
            _cache.clear()
        rows = JourneyVersion.objects.filter(pk__in=missing)
        for pk, journey_id, compiled in rows.values_list("pk", "journey_id", "compiled"):
            _cache[pk] = load(pk, journey_id, compiled)
    return {each: _cache[each] for each in version_ids if each in _cache}


@contextmanager
def lent(program: Program) -> Iterator[None]:
    """Within, this program is known though its version is not published."""
    _cache[program.version_id] = program
    try:
        yield
    finally:
        _cache.pop(program.version_id, None)


def load(version_id: UUID, journey_id: UUID, compiled: dict[str, Any]) -> Program:
    """A compiled table with each kind looked up."""
    return Program(
        version_id=version_id,
        journey_id=journey_id,
        first=compiled["first"],
        steps={step_id: _step(step_id, row) for step_id, row in compiled["steps"].items()},
        goal=compiled["goal"],
        goal_step=compiled["goal_step"],
        from_goal=frozenset(_onwards(compiled["steps"], compiled["goal_step"])),
        exits=tuple(compiled["exits"]),
        settings=compiled["settings"],
    )


def _step(step_id: str, row: dict[str, Any]) -> ProgramStep:
    kind = row["kind"]
    plugin = steps.get(kind) if kind in steps else _unknown(kind)
    return ProgramStep(step_id, kind, row["config"], row["next"], tuple(row["branches"]), plugin)


class Failing(Step):
    """Stands in for a step that cannot be done: fails for whoever comes there."""

    label, icon, family = "", "circle-question-mark", "logic"

    def __init__(self, key: str, refusal: Callable[[], Permanent]) -> None:
        self.key = key
        self.refusal = refusal

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        raise self.refusal()


GONE = Failing(
    "",
    lambda: Permanent("step_gone", _("The step this person stood at is not in the journey.")),
)


def _unknown(kind: str) -> Step:
    return Failing(
        kind,
        lambda: Permanent(
            "unknown_step",
            _("No part of this installation knows the step “%(kind)s”.") % {"kind": kind},
        ),
    )


def _onwards(table: dict[str, Any], step_id: str | None) -> set[str]:
    """The step and all that can be reached from it."""
    found: set[str] = set()
    ahead = [step_id]
    while ahead:
        here = ahead.pop()
        if here and here not in found:
            found.add(here)
            ahead += [table[here]["next"], *table[here]["branches"]]
    return found
