"""Goals, exits and waiters: what events change for the people who are inside journeys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from psycopg.types.json import Jsonb

from events.models import Event
from journeys import event_filter, trees
from journeys.models import Enrolment, JourneyVersion
from journeys.pointers import ENROLMENTS, Pointer, Visit, visit_of, write
from journeys.programs import programs
from journeys.rules import GOAL_DAYS, watch_period
from journeys.trees import Question
from tenants import agenda
from tenants.models import Agenda

EventsOf = Mapping[UUID, Sequence[Event]]

# A run may change its version while this waits for its row: it is judged by the one it has then,
# and one published only just now, which this statement cannot see yet, may listen to anything.
CONCERNED = f"""
    SELECT run.id, run.version_id, run.contact_id, run.step_id, run.entered_step_at, run.visit,
           run.started_at, run.woken_by, '{{}}', run.holdout, run.waits_for, run.status,
           run.converted_at, run.due_at, run.key
      FROM {ENROLMENTS} AS run
     WHERE run.contact_id = ANY(%s)
       AND CASE WHEN run.status IN ('active', 'held')
                THEN run.waits_for = ANY(%s)
                  OR COALESCE((SELECT version.listens && %s::varchar[]
                                 FROM {JourneyVersion._meta.db_table} AS version
                                WHERE version.id = run.version_id), true)
                ELSE run.converted_at IS NULL AND EXISTS (
                     SELECT 1 FROM {JourneyVersion._meta.db_table} AS version
                      WHERE version.id = run.version_id AND version.listens && %s::varchar[]
                        AND run.started_at
                            >= %s - make_interval(days => coalesce(version.goal_days, {GOAL_DAYS})))
           END"""
# In one order for everybody.
HOLD = "ORDER BY run.id FOR UPDATE OF run"
CONCERNED_OF = f"{CONCERNED} AND run.id = ANY(%s) {HOLD}"

WAKE = f"""
    UPDATE {ENROLMENTS} AS run SET due_at = %s, waits_for = '', woken_by = woken.event
      FROM unnest(%s::uuid[], %s::jsonb[]) AS woken (id, event)
     WHERE run.id = woken.id"""
CONVERT = f"UPDATE {ENROLMENTS} SET converted_at = %s WHERE id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class Inside:
    """A run that events of its contact may concern, with those events.

    Of one that has ended only the goal counts, as it does for somebody held out: else who was
    treated would have less time for it than who was not.
    """

    pointer: Pointer
    waits_for: str
    is_converted: bool
    key: str
    # What happened before the run began, but was told late, is not its doing.
    events: Sequence[Event]
    all_events: Sequence[Event]

    @property
    def has_ended(self) -> bool:
        return self.pointer.status not in (Enrolment.Status.ACTIVE, Enrolment.Status.HELD)


@dataclass
class Changes:
    """What a batch of events came to, before it is written."""

    moved: list[Pointer] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    converted: list[UUID] = field(default_factory=list)
    woken: dict[UUID, Event] = field(default_factory=dict)


def react(
    events: EventsOf, *, now: datetime, timezone: ZoneInfo, only: Collection[UUID] | None = None
) -> None:
    """Apply goals, exits and wake-ups of these events, by contact, to the runs inside.

    `only` limits it to some runs; no others are touched or held.
    """
    concerned = _concerned(events, only, now)
    if not concerned:
        return
    rules = _Rules(concerned, now, timezone)
    changes = Changes()
    for inside in concerned:
        _react_one(inside, rules, changes, now)
    _write(changes, now)


def _concerned(events: EventsOf, only: Collection[UUID] | None, now: datetime) -> list[Inside]:
    types = sorted({event.type for found in events.values() for event in found})
    heard = [*types, "*"]
    asked: list[Any] = [list(events), types, heard, heard, now]
    with connection.cursor() as cursor:
        if only is None:
            cursor.execute(f"{CONCERNED} {HOLD}", asked)
        else:
            cursor.execute(CONCERNED_OF, [*asked, list(only)])
        rows = cursor.fetchall()
    known = programs({row[1] for row in rows}) if rows else {}
    return [_inside(row, known[row[1]], events[row[2]]) for row in rows]


def _inside(row: tuple[Any, ...], program: Any, events: Sequence[Event]) -> Inside:
    waits_for, status, converted_at, due_at, key = row[10:]
    pointer = Pointer(
        program,
        row[3],
        row[9],
        enrolment_id=row[0],
        contact_id=row[2],
        entered_step_at=row[4],
        visit=row[5],
        started_at=row[6],
    )
    pointer.status, pointer.due_at = status, due_at
    current = [event for event in events if event.occurred_at >= pointer.started_at]
    return Inside(pointer, waits_for, converted_at is not None, key, current, events)


class _Rules:
    """Which events meet which goal or exit; each tree is asked once for everybody concerned."""

    def __init__(self, concerned: Sequence[Inside], now: datetime, timezone: ZoneInfo) -> None:
        self.now = now
        self.timezone = timezone
        self.contacts = {inside.pointer.contact_id for inside in concerned}
        self._matching: dict[tuple[UUID, str], Collection[UUID]] = {}
        self._contexts = _contexts(concerned)

    def met_by(
        self, rule: Mapping[str, Any], inside: Inside, events: Sequence[Event]
    ) -> Event | None:
        """The first of these events that meets the rule; None when none does."""
        for event in events:
            if rule.get("event") and rule["event"] != event.type:
                continue
            if rule.get("event") and not event_filter.passes(rule, event.data):
                continue
            if rule.get("same") and not self._is_same(str(rule["same"]), event, inside):
                continue
            if not rule.get("condition") or self._holds(rule["condition"], inside.pointer):
                return event
        return None

    def _is_same(self, name: str, event: Event, inside: Inside) -> bool:
        """Whether the event is about what the run is about: its key, or what started it."""
        about = event.data.get(name)
        if not about:
            return False
        context = self._contexts.get(inside.pointer.enrolment_id, {})
        return str(about) in (inside.key, str(context.get(name, "")))

    def _holds(self, tree: dict[str, Any], pointer: Pointer) -> bool:
        key = (pointer.program.journey_id, str(tree))
        if key not in self._matching:
            question = Question(self.contacts, tree, pointer.program.journey_id)
            found = trees.matching([question], now=self.now, timezone=self.timezone)
            self._matching[key] = found[0]
        return pointer.contact_id in self._matching[key]


def _contexts(concerned: Sequence[Inside]) -> dict[UUID, dict[str, Any]]:
    """What started those runs that have a rule about the same thing; they alone are asked for."""
    asked = [
        inside.pointer.enrolment_id
        for inside in concerned
        if any(rule.get("same") for rule in _rules_of(inside))
    ]
    if not asked:
        return {}
    return dict(Enrolment.objects.filter(pk__in=asked).values_list("pk", "context"))


def _rules_of(inside: Inside) -> Sequence[Mapping[str, Any]]:
    program = inside.pointer.program
    return [*([program.goal] if program.goal else []), *program.exits]


def _react_one(inside: Inside, rules: _Rules, changes: Changes, now: datetime) -> None:
    if _reach_goal(inside, rules, changes, now) or inside.has_ended:
        return
    for rule in inside.pointer.program.exits:
        # The end of the very thing the run is about counts, however late it is told.
        events = inside.all_events if rule.get("same") else inside.events
        if rules.met_by(rule, inside, events):
            _end(inside.pointer, "exited", str(rule.get("reason") or "exit"), changes, now)
            return
    event = _awaited(inside)
    if event:
        changes.woken[inside.pointer.enrolment_id] = event


def _reach_goal(inside: Inside, rules: _Rules, changes: Changes, now: datetime) -> bool:
    """Count the goal when an event meets it; True when it moved the run away from its step."""
    pointer = inside.pointer
    goal = pointer.program.goal
    if not goal or inside.is_converted:
        return False
    event = rules.met_by(goal, inside, inside.events)
    if event is None or event.occurred_at > pointer.started_at + watch_period(goal):
        return False
    changes.converted.append(pointer.enrolment_id)
    if pointer.holdout or inside.has_ended or goal.get("then") == "stay":
        return False
    if goal.get("then") == "jump":
        return _jump(pointer, changes, now)
    pointer.converted_at = now
    _end(pointer, "finished", "goal", changes, now)
    return True


def _jump(pointer: Pointer, changes: Changes, now: datetime) -> bool:
    """Move the run to the goal step; False when it stands there or beyond already."""
    target = pointer.program.goal_step
    if target is None or pointer.step_id in pointer.program.from_goal:
        return False
    changes.visits.append(visit_of(pointer, "goal"))
    pointer.enter(target, now)
    changes.moved.append(pointer)
    return True


def _end(pointer: Pointer, status: str, reason: str, changes: Changes, now: datetime) -> None:
    if not pointer.holdout:
        outcome = "goal" if reason == "goal" else f"exit:{reason}"
        changes.visits.append(visit_of(pointer, outcome))
    pointer.end(status, reason, now)
    changes.moved.append(pointer)


def _awaited(inside: Inside) -> Event | None:
    """The first event the run's step waits for; None when it waits for none of them."""
    if not inside.waits_for:
        return None
    step = inside.pointer.program.steps.get(inside.pointer.step_id)
    if step is None:
        return None
    for event in inside.events:
        if event.type == inside.waits_for and step.plugin.wakes(step.config, event):
            return event
    return None


def _write(changes: Changes, now: datetime) -> None:
    with connection.cursor() as cursor:
        if changes.converted:
            cursor.execute(CONVERT, [now, changes.converted])
        write(cursor, pointers=changes.moved, visits=changes.visits, now=now)
        if changes.woken:
            told = [Jsonb(_told(event)) for event in changes.woken.values()]
            cursor.execute(WAKE, [now, list(changes.woken), told])
    is_due = any(each.status == Enrolment.Status.ACTIVE for each in changes.moved)
    if changes.woken or is_due:
        agenda.lower(lane=Agenda.Lane.JOURNEYS, due_at=now, now=now)


def _told(event: Event) -> dict[str, Any]:
    """The event as a step sees it in `woken_by`."""
    return {
        "id": event.pk,
        "type": event.type,
        "data": event.data,
        "occurred_at": event.occurred_at.isoformat(),
    }
