"""Moving people inside to a later version: nobody is lost, doubled or moved twice.

Publishing writes one row, `VersionMove`; the journeys lane takes people in slices, each in one
transaction that locks their runs and passes over those that somebody else is moving on right now.
Whoever still stands in an earlier version is still to come, so a move that was cut off goes on
where it was, and what a run has become meanwhile is looked at under its lock.

- At a step that the version has, the run keeps step, visit and times; only the version changes.
- At a step that it lacks, the run goes to the step the mapping says, now, as one more visit
  (`moved`), or leaves (`step_removed`). A step nobody mapped takes `default_target`.
- Held runs stay held, and those held out stay held out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils.translation import gettext as _

from core.arrays import text_array, uuid_array
from core.errors import Invalid, Problem
from journeys.enrolment import ENROLMENTS, take_out
from journeys.models import Enrolment, JourneyVersion, VersionMove
from journeys.numbers import INSIDE, TREATED
from journeys.pointers import VISITS
from journeys.programs import Program, programs
from tenants import agenda
from tenants.models import Agenda

# Runs moved in one transaction.
SLICE = 2000
# When those whom somebody else was moving on are looked at again.
RETRY = timedelta(seconds=2)
REASON = "step_removed"
# By a step's id: where to go from there, None for out of the journey.
Targets = Mapping[str, str | None]

CLAIM = f"""
    SELECT id, version_id, step_id, waits_for, holdout FROM {ENROLMENTS}
     WHERE journey_id = %s AND status IN ('active', 'held') AND version_id = ANY(%s)
     LIMIT %s FOR UPDATE SKIP LOCKED"""
KEEP = f"UPDATE {ENROLMENTS} SET version_id = %s WHERE id = ANY(%s)"
ASK = f"UPDATE {ENROLMENTS} SET version_id = %s, due_at = %s, waits_for = '' WHERE id = ANY(%s)"
HOLD_OUT = f"UPDATE {ENROLMENTS} SET version_id = %s, step_id = %s WHERE id = ANY(%s)"
LEAVE_STEP = f"""
    INSERT INTO {VISITS} (enrolment_id, journey_id, version_id, step_id, visit, outcome, reason,
                          entered_at, left_at)
    SELECT id, journey_id, version_id, step_id, visit, 'moved', '', entered_step_at, %s
      FROM {ENROLMENTS} WHERE id = ANY(%s)"""
ENTER_STEP = f"""
    UPDATE {ENROLMENTS} AS run
       SET version_id = %(version)s, step_id = moved.step_id, entered_step_at = %(now)s,
           visit = run.visit + 1, due_at = %(now)s, waits_for = '', woken_by = NULL, attempts = 0,
           error = ''
      FROM unnest(%(runs)s::uuid[], %(steps)s::text[]) AS moved (id, step_id)
     WHERE run.id = moved.id"""


@dataclass(frozen=True, slots=True)
class Moving:
    """How people inside come to a new version."""

    mapping: Targets = field(default_factory=dict)
    # Whether those at a changed wait are asked again at once, from when they came there.
    asks_again: bool = False


# --- where each goes


def stays(old: Program, step_id: str, new: Program) -> bool:
    """Whether who stands at this step of one version can stand there in the other."""
    before, after = old.steps.get(step_id), new.steps.get(step_id)
    return after is not None and (before is None or before.kind == after.kind)


def default_target(old: Program, step_id: str, new: Program) -> str | None:
    """The step itself, else the next after it that the new version has; None for none."""
    at: str | None = step_id
    while at and at not in new.steps:
        known = old.steps.get(at)
        at = known.next if known else None
    return at


def target_of(old: Program, step_id: str, new: Program, mapping: Targets) -> str | None:
    """Where to go from a step that does not stay; None for out."""
    if step_id in mapping:
        return mapping[step_id]
    return default_target(old, step_id, new)


def is_asked(old: Program, step_id: str, waits_for: str, new: Program, *, again: bool) -> bool:
    """Whether who keeps their step is asked by it once more, since what it waits for changed."""
    before, after = old.steps.get(step_id), new.steps[step_id]
    if waits_for and after.plugin.awaits(after.config) != waits_for:
        return True
    is_changed = before is None or before.config != after.config
    return again and is_changed and after.plugin.family == "wait"


def check_mapping(mapping: Targets, old: Iterable[Program], new: Program) -> None:
    """Refuse, with Invalid `bad_mapping`, what cannot be followed; then nothing has changed."""
    known = {step_id for program in old for step_id in program.steps}
    problems = []
    for step_id, target in mapping.items():
        where = f"mapping.{step_id}"
        words = {"from": step_id, "to": target}
        if step_id not in known:
            message = _("No version of this journey has a step “%(from)s”.")
            problems.append(Problem("unknown_step", message % words, where))
        if target is not None and target not in new.steps:
            message = _("People cannot go to “%(to)s”: the new version has no such step.")
            problems.append(Problem("unknown_step", message % words, where))
    if problems:
        raise Invalid("bad_mapping", problems[0].message, problems)


# --- beginning, ending


def earlier_versions(version: JourneyVersion) -> list[UUID]:
    """The versions of the same journey that came before."""
    found = JourneyVersion.objects.filter(journey_id=version.journey_id, number__lt=version.number)
    return list(found.values_list("pk", flat=True))


def start_move(*, version: JourneyVersion, moving: Moving, now: datetime) -> VersionMove | None:
    """Ask for everybody inside by earlier versions; None when nobody is. One under way ends here.

    The caller holds the journey's row. Raises Invalid `bad_mapping`.
    """
    earlier = earlier_versions(version)
    known = programs([*earlier, version.pk])
    check_mapping(moving.mapping, known.values(), known[version.pk])
    VersionMove.objects.filter(journey=version.journey_id, finished_at=None).update(
        finished_at=now, due_at=None
    )
    inside = Enrolment.objects.filter(INSIDE, journey=version.journey_id, version__in=earlier)
    if not inside.exists():
        return None
    move = VersionMove.objects.create(
        journey_id=version.journey_id,
        version=version,
        mapping=dict(moving.mapping),
        asks_again=moving.asks_again,
        asked=inside.filter(TREATED).count(),
        begun_at=now,
        due_at=now,
    )
    agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)
    return move


def next_move() -> datetime | None:
    """When the next slice is due; None when nobody is being moved."""
    found: datetime | None = VersionMove.objects.filter(due_at__isnull=False).aggregate(
        at=Min("due_at")
    )["at"]
    return found


# --- slices


@dataclass
class Slice:
    """The runs of one slice, by what becomes of them."""

    kept: list[UUID] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    held_out: list[UUID] = field(default_factory=list)
    going: list[tuple[UUID, str]] = field(default_factory=list)
    leaving: list[UUID] = field(default_factory=list)

    def __len__(self) -> int:
        lists: Sequence[Sequence[Any]] = (
            self.kept,
            self.asked,
            self.held_out,
            self.going,
            self.leaving,
        )
        return sum(map(len, lists))


def move_due(*, now: datetime, limit: int = SLICE) -> int | None:
    """Move one slice of the move that is longest due: how many runs; None when none is due."""
    with transaction.atomic():
        move = (
            VersionMove.objects.filter(due_at__lte=now)
            .select_for_update(skip_locked=True)
            .order_by("due_at")
            .first()
        )
        return _move_slice(move, now, limit) if move else None


def _move_slice(move: VersionMove, now: datetime, limit: int) -> int:
    earlier = earlier_versions(move.version)
    taken = _take(move, earlier, limit)
    _write(move, taken, now)
    move.kept = F("kept") + len(taken.kept) + len(taken.asked)
    move.moved = F("moved") + len(taken.going)
    move.left = F("left") + len(taken.leaving)
    if len(taken) < limit:
        inside = Enrolment.objects.filter(INSIDE, journey=move.journey_id, version__in=earlier)
        if inside.exists():
            move.due_at = now + RETRY
        else:
            move.due_at, move.finished_at = None, now
    move.save(update_fields=["kept", "moved", "left", "due_at", "finished_at"])
    return len(taken)


def _take(move: VersionMove, earlier: list[UUID], limit: int) -> Slice:
    """Lock up to `limit` runs that nobody else holds, and say what becomes of each."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [move.journey_id, earlier, limit])
        rows = cursor.fetchall()
    known = programs({move.version_id, *(row[1] for row in rows)})
    new, taken = known[move.version_id], Slice()
    for run_id, version_id, step_id, waits_for, holdout in rows:
        old = known[version_id]
        if holdout:
            taken.held_out.append(run_id)
        elif not stays(old, step_id, new):
            target = target_of(old, step_id, new, move.mapping)
            if target in new.steps:
                taken.going.append((run_id, str(target)))
            else:
                taken.leaving.append(run_id)
        elif is_asked(old, step_id, waits_for, new, again=move.asks_again):
            taken.asked.append(run_id)
        else:
            taken.kept.append(run_id)
    return taken


def _write(move: VersionMove, taken: Slice, now: datetime) -> None:
    """Write a slice back; each kind of fate is one statement, or two."""
    version = move.version_id
    going = uuid_array(run_id for run_id, _target in taken.going)
    with connection.cursor() as cursor:
        if taken.kept:
            cursor.execute(KEEP, [version, taken.kept])
        if taken.asked:
            cursor.execute(ASK, [version, now, taken.asked])
        if taken.held_out:
            cursor.execute(HOLD_OUT, [version, programs([version])[version].first, taken.held_out])
        if taken.going:
            cursor.execute(LEAVE_STEP, [now, going])
            steps = text_array(target for _run_id, target in taken.going)
            cursor.execute(
                ENTER_STEP, {"version": version, "now": now, "runs": going, "steps": steps}
            )
    if taken.leaving:
        take_out(Enrolment.objects.filter(pk__in=taken.leaving), reason=REASON, now=now)
