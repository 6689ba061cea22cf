"""Enrolments as the engine holds them: claimed in one statement, written back in two."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db.backends.utils import CursorWrapper

from core.arrays import int_array, moment_array, text_array, uuid_array
from journeys.contracts import Run
from journeys.models import Enrolment, StepVisit
from journeys.programs import Program

ENROLMENTS = Enrolment._meta.db_table
VISITS = StepVisit._meta.db_table

# Moments as microseconds: the driver takes five times as long over each timestamp.
COLUMNS = """id, version_id, contact_id, step_id,
             (EXTRACT(epoch FROM entered_step_at) * 1000000)::bigint, visit,
             (EXTRACT(epoch FROM started_at) * 1000000)::bigint, woken_by,
             context::text, holdout, (EXTRACT(epoch FROM due_at) * 1000000)::bigint"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CLAIM = f"""
    SELECT {COLUMNS} FROM {ENROLMENTS}
     WHERE status = 'active' AND due_at <= %s
     ORDER BY due_at LIMIT %s
       FOR UPDATE SKIP LOCKED"""
CLAIM_THESE = f"""
    SELECT {COLUMNS} FROM {ENROLMENTS}
     WHERE status = 'active' AND due_at <= %s AND id = ANY(%s)
       FOR UPDATE SKIP LOCKED"""

MOVE = f"""
    UPDATE {ENROLMENTS} AS enrolment
       SET step_id = moved.step_id, entered_step_at = moved.entered_step_at, visit = moved.visit,
           due_at = moved.due_at, waits_for = moved.waits_for, woken_by = NULL,
           status = moved.status, exit_reason = moved.exit_reason, ended_at = moved.ended_at,
           converted_at = COALESCE(enrolment.converted_at, moved.converted_at),
           attempts = 0, error = ''
      FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::int[], %s::timestamptz[],
                  %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
        AS moved (id, step_id, entered_step_at, visit, due_at, waits_for, status, exit_reason,
                  ended_at, converted_at)
     WHERE enrolment.id = moved.id"""

# Few programs, many visits: each visit names its program by a number from 1.
VISITED = f"""
    INSERT INTO {VISITS} (enrolment_id, journey_id, version_id, step_id, visit, outcome, reason,
                          entered_at, left_at)
    SELECT enrolment_id, (%(journeys)s::uuid[])[program], (%(versions)s::uuid[])[program], step_id,
           visit, outcome, reason, entered_at, %(now)s
      FROM unnest(%(runs)s::uuid[], %(programs)s::int[], %(steps)s::text[], %(numbers)s::int[],
                  %(outcomes)s::text[], %(reasons)s::text[], %(entered)s::timestamptz[])
        AS new (enrolment_id, program, step_id, visit, outcome, reason, entered_at)"""


class Pointer(Run):
    """A run whose place may still change; written back once, at the end of its walk."""

    __slots__ = (
        "converted_at",
        "due_at",
        "ended_at",
        "exit_reason",
        "holdout",
        "program",
        "status",
        "step_id",
        "steps_walked",
        "waits_for",
        "was_due_at",
    )

    def __init__(self, program: Program, step_id: str, holdout: bool, **run: Any) -> None:
        super().__init__(**run)
        self.program = program
        self.step_id = step_id
        self.holdout = holdout
        self.steps_walked = 0
        self.status = "active"
        self.due_at: datetime | None = None
        self.was_due_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.converted_at: datetime | None = None
        self.waits_for = ""
        self.exit_reason = ""

    def enter(self, step_id: str, now: datetime) -> None:
        """Stand at the start of a step."""
        if self.was_due_at and self.was_due_at > self.entered_step_at:
            # They waited until then; what comes at once after that is as late as they are.
            self.reached_at, self.was_due_at = self.was_due_at, None
        self.step_id = step_id
        self.entered_step_at = now
        self.visit += 1
        self.woken_by = None
        self.due_at = now
        self.waits_for = ""

    def end(self, status: str, reason: str, now: datetime) -> None:
        """Be inside no more."""
        self.status = status
        self.exit_reason = reason[:60]
        self.ended_at = now
        self.due_at = None
        self.waits_for = ""


# (enrolment, program, step, visit, outcome, reason, entered at)
Visit = tuple[UUID, Program, str, int, str, str, datetime]


def visit_of(pointer: Pointer, outcome: str, reason: str = "") -> Visit:
    """The record of the pointer's stay at its present step."""
    return (
        pointer.enrolment_id,
        pointer.program,
        pointer.step_id,
        pointer.visit,
        outcome[:80],
        reason[:200],
        pointer.entered_step_at,
    )


Row = tuple[Any, ...]


def claim(
    cursor: CursorWrapper, *, now: datetime, limit: int, ids: Sequence[UUID] | None
) -> list[Row]:
    """Lock due enrolments that nobody else holds, the longest due first, or some of `ids`."""
    if ids is None:
        cursor.execute(CLAIM, [now, limit])
    else:
        cursor.execute(CLAIM_THESE, [now, list(ids)])
    return cursor.fetchall()


def pointer_of(row: Row, program: Program) -> Pointer:
    """A claimed row as the engine walks it."""
    (
        enrolment_id,
        _version,
        contact_id,
        step_id,
        entered,
        visit,
        started,
        woken_by,
        context,
        held,
        due,
    ) = row
    pointer = Pointer(
        program,
        step_id,
        held,
        enrolment_id=enrolment_id,
        contact_id=contact_id,
        entered_step_at=EPOCH + timedelta(microseconds=entered),
        started_at=EPOCH + timedelta(microseconds=started),
        visit=visit,
        context=context,
        woken_by=msgspec.json.decode(woken_by) if woken_by else None,
    )
    pointer.was_due_at = EPOCH + timedelta(microseconds=due)
    return pointer


def write(
    cursor: CursorWrapper, *, pointers: Sequence[Pointer], visits: Sequence[Visit], now: datetime
) -> None:
    """Move all pointers with one statement and record all visits with another."""
    if pointers:
        cursor.execute(
            MOVE,
            [
                uuid_array(each.enrolment_id for each in pointers),
                text_array(each.step_id for each in pointers),
                moment_array(each.entered_step_at for each in pointers),
                int_array(each.visit for each in pointers),
                moment_array(each.due_at for each in pointers),
                text_array(each.waits_for for each in pointers),
                text_array(each.status for each in pointers),
                text_array(each.exit_reason for each in pointers),
                moment_array(each.ended_at for each in pointers),
                moment_array(each.converted_at for each in pointers),
            ],
        )
    if visits:
        cursor.execute(VISITED, _visit_columns(visits, now))


def _visit_columns(visits: Sequence[Visit], now: datetime) -> dict[str, Any]:
    runs, programs, steps, numbers, outcomes, reasons, entered = zip(*visits, strict=True)
    numbered = {program: number for number, program in enumerate(dict.fromkeys(programs), 1)}
    return {
        "now": now,
        "journeys": uuid_array(program.journey_id for program in numbered),
        "versions": uuid_array(program.version_id for program in numbered),
        "runs": uuid_array(runs),
        "programs": int_array(numbered[program] for program in programs),
        "steps": text_array(steps),
        "numbers": int_array(numbers),
        "outcomes": text_array(outcomes),
        "reasons": text_array(reasons),
        "entered": moment_array(entered),
    }
