"""What publishing a draft does to the people inside, counted before anybody agrees to it.

Runs are told apart by the rules that `moving` follows, so that what is counted here is what happens
then, but for whoever moves on between the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from journeys.definition import Definition, compile_definition, parse, walk
from journeys.enrolment import ENROLMENTS
from journeys.models import Journey, JourneyVersion
from journeys.moving import Moving, check_mapping, default_target, is_asked, stays, target_of
from journeys.programs import Program, load, programs

# People, runs; by version and step, by step, and of all together.
STANDING = f"""
    SELECT run.version_id, run.step_id, run.waits_for, count(DISTINCT run.contact_id), count(*)
      FROM {ENROLMENTS} AS run
     WHERE run.journey_id = %s AND run.status IN ('active', 'held') AND NOT run.holdout
       AND run.version_id = ANY(%s)
     GROUP BY GROUPING SETS ((run.version_id, run.step_id, run.waits_for), (run.step_id), ())"""


@dataclass(frozen=True, slots=True)
class Standing:
    """People inside at one step; `choice` None is out of the journey, where they cannot stay."""

    step_id: str
    people: int
    stays: bool = True
    default: str | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Preview:
    """Everybody inside by an earlier version, and what becomes of their runs."""

    people: int = 0
    runs: int = 0
    kept: int = 0
    # Of those that keep their place: asked by their step once more.
    asked: int = 0
    leaving: int = 0
    going: Mapping[str, int] = field(default_factory=dict)
    # In the reading order of the version they stand in.
    steps: tuple[Standing, ...] = ()

    @property
    def removed(self) -> tuple[Standing, ...]:
        """The steps that people must leave."""
        return tuple(each for each in self.steps if not each.stays)


def upcoming(journey: Journey, definition: Definition) -> Program:
    """A definition as the engine would run it once it is published."""
    return load(UUID(int=0), journey.pk, compile_definition(definition))


def check_moving(journey: Journey, definition: Definition, moving: Moving) -> None:
    """Raises Invalid `bad_mapping` when people cannot be moved to this definition so."""
    known = programs(list(journey.versions.values_list("pk", flat=True)))
    check_mapping(moving.mapping, known.values(), upcoming(journey, definition))


def preview(
    *,
    journey: Journey,
    definition: Definition,
    versions: Sequence[JourneyVersion],
    moving: Moving | None = None,
) -> Preview:
    """What moving everybody from these versions, newest first, to `definition` would do."""
    if not versions:
        return Preview()
    moving = moving or Moving()
    count = _Count(programs([each.pk for each in versions]), upcoming(journey, definition), moving)
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [journey.pk, [each.pk for each in versions]])
        rows = cursor.fetchall()
    # Newest last: what it says of a step is what is offered.
    age = {each.pk: number for number, each in enumerate(versions)}
    for row in sorted(rows, key=lambda row: -age.get(row[0], 0)):
        count.add(*row)
    return count.result(_reading_order(versions))


class _Count:
    def __init__(self, old: Mapping[UUID, Program], new: Program, moving: Moving) -> None:
        self.old, self.new, self.moving = old, new, moving
        self.people = self.runs = self.kept = self.asked = self.leaving = 0
        self.going: dict[str, int] = {}
        self.at: dict[str, int] = {}
        # (default, choice) of the steps where people cannot stay.
        self.fates: dict[str, tuple[str | None, str | None]] = {}

    def add(
        self,
        version_id: UUID | None,
        step_id: str | None,
        waits_for: str | None,
        people: int,
        runs: int,
    ) -> None:
        if step_id is None:
            self.people, self.runs = people, runs
        elif version_id is None:
            self.at[step_id] = people
        else:
            self.place(self.old[version_id], step_id, waits_for or "", runs)

    def place(self, old: Program, step_id: str, waits_for: str, runs: int) -> None:
        new, again = self.new, self.moving.asks_again
        if stays(old, step_id, new):
            self.kept += runs
            self.asked += runs if is_asked(old, step_id, waits_for, new, again=again) else 0
            return
        target = target_of(old, step_id, new, self.moving.mapping)
        if target in new.steps:
            self.going[str(target)] = self.going.get(str(target), 0) + runs
        else:
            self.leaving += runs
        self.fates[step_id] = (default_target(old, step_id, new), target)

    def result(self, order: Mapping[str, int]) -> Preview:
        steps = [
            Standing(step_id, people, step_id not in self.fates, *self.fates.get(step_id, ()))
            for step_id, people in self.at.items()
        ]
        steps.sort(key=lambda each: order.get(each.step_id, len(order)))
        return Preview(
            people=self.people,
            runs=self.runs,
            kept=self.kept,
            asked=self.asked,
            leaving=self.leaving,
            going=self.going,
            steps=tuple(steps),
        )


def _reading_order(versions: Iterable[JourneyVersion]) -> dict[str, int]:
    """The steps of all versions, the newest version's first."""
    order: dict[str, int] = {}
    for version in versions:
        for node, _place in walk(parse(version.definition).steps):
            order.setdefault(node.id, len(order))
    return order
