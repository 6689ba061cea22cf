"""Walking runs on through their steps in memory, as far as each gets now."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.errors import Permanent
from events.isolation import is_transient
from journeys.contracts import Branch, Exit, Outcome, Step, StepBatch, WaitFor, WaitUntil
from journeys.pointers import Pointer, Visit, visit_of
from journeys.programs import ProgramStep
from journeys.store import LiveStore

# More steps than any definition has: whoever walks that far walks in circles.
STEPS_PER_WALK = 400

# Who stands at each step of each version.
Groups = dict[ProgramStep, list[Pointer]]
Goer = tuple[Pointer, ProgramStep, Outcome]


class StepFailed(Exception):
    """A step raised: for which runs, and why. Nothing of the walk may be kept."""

    def __init__(self, enrolment_ids: Sequence[UUID], cause: Exception) -> None:
        super().__init__(str(cause))
        self.enrolment_ids = list(enrolment_ids)
        self.cause = cause


@contextmanager
def blaming(pointers: Sequence[Pointer]) -> Iterator[None]:
    """Turn what a step raises into StepFailed for these runs."""
    try:
        yield
    except Exception as error:
        if is_transient(error):
            raise
        raise StepFailed([each.enrolment_id for each in pointers], error) from error


class Walk:
    """One batch of runs walking on until each waits, leaves or ends.

    `pause_after` stops each after so many steps and leaves it due, for a run that must be watched.
    """

    def __init__(
        self,
        pointers: Sequence[Pointer],
        *,
        now: datetime,
        timezone: ZoneInfo,
        store: LiveStore,
        pause_after: int | None = None,
    ) -> None:
        self.now = now
        self.timezone = timezone
        self.store = store
        self.pause_after = pause_after
        self.visits: list[Visit] = []
        self.standing: dict[str, Groups] = {}
        for pointer in pointers:
            self._start(pointer)

    def walk(self) -> list[Visit]:
        """Walk everybody as far as they get; the visits made on the way."""
        while self.standing:
            kind = self._next_kind()
            self._take_steps(self.standing.pop(kind))
        return self.visits

    def _start(self, pointer: Pointer) -> None:
        if pointer.holdout:
            pointer.end("finished", "holdout", self.now)
        else:
            self._stand(pointer)

    def _stand(self, pointer: Pointer) -> None:
        step = pointer.program.step(pointer.step_id)
        groups = self.standing.get(step.kind)
        if groups is None:
            groups = self.standing[step.kind] = {}
        if step in groups:
            groups[step].append(pointer)
        else:
            groups[step] = [pointer]

    def _next_kind(self) -> str:
        """Kinds that only decide go first, so that those that write find everybody gathered."""
        return min(self.standing, key=self._turn)

    def _turn(self, kind: str) -> tuple[bool, int]:
        groups = self.standing[kind]
        return writes(next(iter(groups)).plugin), -len(groups)

    def _take_steps(self, groups: Groups) -> None:
        """Ask everybody's step, let those steps write, and move who goes on."""
        asked = [(step, self._batch(step, pointers)) for step, pointers in groups.items()]
        with blaming([pointer for pointers in groups.values() for pointer in pointers]):
            self._ask_together(asked)
        goers: list[Goer] = []
        acting: list[StepBatch] = []
        for (step, batch), pointers in zip(asked, groups.values(), strict=True):
            with blaming(pointers):
                moving = self._decide(step, batch, pointers)
            goers += moving
            going = [each for each, _step, outcome in moving if not isinstance(outcome, Exit)]
            if going and writes(step.plugin):
                acting.append(batch.only(going))
        if acting:
            self._act(asked[0][0].plugin, acting)
        for pointer, step, outcome in goers:
            self._move(pointer, step, outcome)

    def _ask_together(self, asked: Sequence[tuple[ProgramStep, StepBatch]]) -> None:
        questions = [
            (batch, tree) for step, batch in asked if (tree := step.plugin.question(batch.config))
        ]
        if len(questions) > 1:
            self.store.ask(questions)

    def _batch(self, step: ProgramStep, pointers: Sequence[Pointer]) -> StepBatch:
        program = pointers[0].program
        return StepBatch(
            step_id=step.id,
            config=step.config,
            journey_id=program.journey_id,
            version_id=program.version_id,
            now=self.now,
            timezone=self.timezone,
            runs=pointers,
            store=self.store,
        )

    def _decide(
        self, step: ProgramStep, batch: StepBatch, pointers: Sequence[Pointer]
    ) -> list[Goer]:
        """Ask the step; those who wait are set to wait, the others are returned."""
        outcomes = step.plugin.run(batch)
        moving: list[Goer] = []
        for pointer, outcome in zip(pointers, outcomes, strict=True):
            if isinstance(outcome, WaitUntil) and outcome.at > self.now:
                pointer.due_at, pointer.waits_for = outcome.at, ""
            elif isinstance(outcome, WaitFor):
                self._await(pointer, outcome)
            else:
                moving.append((pointer, step, outcome))
        return moving

    def _await(self, pointer: Pointer, outcome: WaitFor) -> None:
        if outcome.until <= self.now:
            raise Permanent("wait_over", _("This step waits for a moment that has passed."))
        pointer.due_at, pointer.waits_for = outcome.until, outcome.event

    def _act(self, plugin: Step, batches: list[StepBatch]) -> None:
        everybody = [run for batch in batches for run in batch.runs]
        with blaming(everybody):  # type: ignore[arg-type]
            plugin.act_many(batches)
        if plugin.changes_contacts:
            self.store.forget()

    def _move(self, pointer: Pointer, step: ProgramStep, outcome: Outcome) -> None:
        target, record = step.next, "next"
        if isinstance(outcome, Branch):
            if not 0 <= outcome.index < len(step.branches):
                outcome = Exit("no_branch_matched")
            else:
                target, record = step.branches[outcome.index], f"branch:{outcome.index}"
        if isinstance(outcome, Exit):
            self._leave(pointer, outcome.reason)
            return
        reason = "" if isinstance(outcome, WaitUntil) else getattr(outcome, "reason", "")
        self.visits.append(visit_of(pointer, record, reason))
        pointer.steps_walked += 1
        self._go_to(pointer, target)

    def _leave(self, pointer: Pointer, reason: str) -> None:
        self.visits.append(visit_of(pointer, f"exit:{reason}"))
        pointer.end("exited", reason, self.now)

    def _go_to(self, pointer: Pointer, target: str | None) -> None:
        if target is None:
            pointer.end("finished", "", self.now)
            return
        pointer.enter(target, self.now)
        if pointer.steps_walked >= STEPS_PER_WALK:
            self._leave(pointer, "loop_guard")
        elif self.pause_after is None or pointer.steps_walked < self.pause_after:
            self._stand(pointer)


def writes(plugin: Step) -> bool:
    """Whether the step does anything but decide."""
    kind = type(plugin)
    return kind.act is not Step.act or kind.act_many is not Step.act_many
