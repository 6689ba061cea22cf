"""What events do to journeys: goals and exits first, then waiters woken, then people let in.

Each part is a few statements for the whole batch of events.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from events.contracts import Consumer, consumers
from events.models import Event
from journeys.contracts import Entry, entries
from journeys.enrolment import Candidate, insert_runs
from journeys.local_time import zone_named
from journeys.models import Journey, LiveEntry
from journeys.programs import Program, programs
from journeys.reactions import react
from journeys.timed import hear, hold_off
from journeys.trees import Question, matching
from tenants.context import current_workspace

ORDER = 40
CONSUMER = "journeys"

# The journeys' rows are held until the batch commits: see enrolment.py. Entries are read after
# that, since publishing, which this may have waited for, writes them anew.
HOLD = f"""
    SELECT journey.id FROM {Journey._meta.db_table} AS journey
     WHERE journey.status = 'live' AND EXISTS (
           SELECT 1 FROM {LiveEntry._meta.db_table} AS entry
            WHERE entry.journey_id = journey.id AND entry.event_type = ANY(%s))
     ORDER BY journey.id
       FOR NO KEY UPDATE OF journey"""
LIVE_ENTRIES = f"""
    SELECT entry.version_id, entry.position, entry.kind, entry.event_type, entry.config,
           entry.only
      FROM {LiveEntry._meta.db_table} AS entry
     WHERE entry.event_type = ANY(%s) AND entry.journey_id = ANY(%s)
     ORDER BY entry.journey_id, entry.position"""


def follow_events(events: Sequence[Event], now: datetime) -> None:
    """Let a batch of events, oldest first, act on the runs there are and start new ones."""
    about = [event for event in events if event.contact_id]
    if not about:
        return
    hold_off(exclusive=False)
    zone = zone_named(current_workspace("A journey").timezone) or ZoneInfo("UTC")
    act_on(about, now=now, zone=zone, ways_for=_live_entries)
    hear(about, now)


@dataclass(frozen=True)
class Arrivals:
    """Whom entries wanted to let in, and those whose runs started, by run."""

    candidates: Sequence[Candidate] = ()
    started: Mapping[UUID, Candidate] = field(default_factory=dict)
    # Whom an entry is not for.
    unwelcome: Sequence[Candidate] = ()


def act_on(
    about: Sequence[Event],
    *,
    now: datetime,
    zone: ZoneInfo,
    ways_for: "WaysFor",
    only: Collection[UUID] | None = None,
) -> Arrivals:
    """Let these events act on the runs there are, or `only` some, and come in by these ways."""
    react(by_contact(about), now=now, timezone=zone, only=only)
    candidates, since, unwelcome = _candidates(about, now, zone, ways_for)
    if not candidates:
        return Arrivals(unwelcome=unwelcome)
    started = insert_runs(candidates=candidates, now=now)
    # What the same batch brought after the event that started a run concerns that run too.
    later = _later_events(about, started, since)
    if later:
        react(later, now=now, timezone=zone, only=set(started))
    return Arrivals(candidates, started, unwelcome)


def by_contact(events: Iterable[Event]) -> dict[UUID, list[Event]]:
    """The events of each contact, in order."""
    found: dict[UUID, list[Event]] = {}
    for event in events:
        if event.contact_id:
            found.setdefault(event.contact_id, []).append(event)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """One entry of a journey."""

    program: Program
    position: int
    entry: Entry
    config: dict[str, Any]
    only: dict[str, Any]


# The ways in that events of these types may open, by type.
WaysFor = Callable[[Collection[str]], Mapping[str, Sequence[Way]]]


def _candidates(
    events: Sequence[Event], now: datetime, zone: ZoneInfo, ways_for: WaysFor
) -> tuple[list[Candidate], Mapping[tuple[UUID, UUID, str], Event], list[Candidate]]:
    """Whom the entries want to let in, the event that is the reason for each, and whom they are
    not for.
    """
    wanted = ways_for({event.type for event in events})
    proposed = [
        (way, _candidate(way, event, now), event)
        for event in events
        for way in wanted.get(event.type, ())
        if way.entry.matches(way.config, event)
    ]
    welcome = _welcome(proposed, now, zone)
    found: dict[tuple[UUID, UUID, str], Candidate] = {}
    since: dict[tuple[UUID, UUID, str], Event] = {}
    unwelcome: list[Candidate] = []
    for way, candidate, event in proposed:
        if way.only and candidate.contact_id not in welcome[id(way)]:
            unwelcome.append(candidate)
        elif candidate.place not in found:
            found[candidate.place], since[candidate.place] = candidate, event
    return list(found.values()), since, unwelcome


def _welcome(
    proposed: Iterable[tuple[Way, Candidate, Event]], now: datetime, zone: ZoneInfo
) -> dict[int, set[UUID]]:
    """Whom each way that is not for everybody is for, of those proposed, by one statement."""
    asked: dict[int, tuple[Way, set[UUID]]] = {}
    for way, candidate, _event in proposed:
        if way.only:
            asked.setdefault(id(way), (way, set()))[1].add(candidate.contact_id)
    if not asked:
        return {}
    questions = [
        Question(people, way.only, way.program.journey_id) for way, people in asked.values()
    ]
    return dict(zip(asked, matching(questions, now=now, timezone=zone), strict=True))


def _live_entries(types: Collection[str]) -> dict[str, list[Way]]:
    """The entries of live journeys, by event type."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [sorted(types)])
        held = [row[0] for row in cursor.fetchall()]
        if not held:
            return {}
        cursor.execute(LIVE_ENTRIES, [sorted(types), held])
        rows = [row for row in cursor.fetchall() if row[2] in entries]
    known = programs({row[0] for row in rows}) if rows else {}
    found: dict[str, list[Way]] = {}
    for version_id, position, kind, event_type, config, only in rows:
        settings, tree = msgspec.json.decode(config), msgspec.json.decode(only)
        way = Way(known[version_id], position, entries.get(kind), settings, tree)
        found.setdefault(event_type, []).append(way)
    return found


def _candidate(way: Way, event: Event, now: datetime) -> Candidate:
    assert event.contact_id  # noqa: S101  only events about somebody come this far
    return Candidate(
        program=way.program,
        contact_id=event.contact_id,
        # An event that says it comes from the future starts now.
        started_at=min(event.occurred_at, now),
        key=way.entry.key_of(way.config, event),
        entry_kind=way.entry.key,
        context=event.data,
        position=way.position,
    )


def _later_events(
    events: Sequence[Event],
    started: Mapping[UUID, Candidate],
    since: Mapping[tuple[UUID, UUID, str], Event],
) -> dict[UUID, list[Event]]:
    """Of the contacts just let in, the events after the earliest that started a run."""
    first: dict[UUID, int] = {}
    for candidate in started.values():
        event = since[candidate.place]
        first[candidate.contact_id] = min(event.pk, first.get(candidate.contact_id, event.pk))
    return by_contact(
        event
        for event in events
        if event.contact_id in first and event.pk > first[event.contact_id]
    )


consumers.register(Consumer(CONSUMER, ORDER, follow_events))
