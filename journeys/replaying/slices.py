"""One slice of a replay: the next people, each rehearsed with the draft and with what is live."""

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from core.arrays import moment_array, uuid_array
from events.isolation import in_words, is_transient
from events.models import Event
from journeys.contracts import entries
from journeys.definition import Definition, EntryNode, parse
from journeys.local_time import zone_named
from journeys.models import Enrolment, Journey, Replay
from journeys.rehearsal import Rehearsed, Script, Start, prepare, rehearse
from journeys.replaying.history import Born, History, Person, next_contacts, started_by, way_of
from journeys.replaying.tally import Tally
from tenants.context import current_workspace

log = logging.getLogger(__name__)

# How often a rehearsal is tried that met a lock of the live engine: it always gives way.
TRIES = 4

SHARED = f"""
    SELECT DISTINCT other.journey_id, mine.contact_id
      FROM unnest(%(people)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
        AS mine (contact_id, started_at, ended_at)
      JOIN {Enrolment._meta.db_table} AS other ON other.contact_id = mine.contact_id
      JOIN {Journey._meta.db_table} AS journey ON journey.id = other.journey_id
     WHERE other.journey_id <> %(journey)s AND journey.status = 'live' AND NOT other.holdout
       AND other.started_at <= mine.ended_at
       AND COALESCE(other.ended_at, 'infinity') >= mine.started_at
     ORDER BY other.journey_id, mine.contact_id"""


class Side:
    """One version on the stage: what it is, and its figures so far."""

    def __init__(self, name: str, definition: Definition, replay: Replay, history: History) -> None:
        self.definition = definition
        self.script = _script(replay, name, definition)
        self.history = history
        self.listens = history.types()
        self.name = name
        self.tally = Tally(
            begins=history.begins,
            until=history.until,
            timezone=history.timezone,
            written=replay.result.get(name, {}),
            samples=replay.samples.get(name, {}),
        )
        # Who was inside from when to when, of this slice.
        self.inside: list[tuple[UUID, datetime, datetime]] = []

    def rehearse(self, person: Person) -> None:
        """Count what would have become of somebody; nothing when nothing could start it."""
        events = [
            event for event in person.events if self.listens is None or event.type in self.listens
        ]
        first = self._first(events)
        starts = self._starts(person)
        if first is None and not starts:
            return
        begins = min([*([first] if first else []), *(start.moment for start in starts)])
        rehearsed = self._rehearsed(
            person, [event for event in events if event.occurred_at >= begins], starts
        )
        if rehearsed is None:
            return
        self.tally.count("rehearsals")
        self.tally.add(person.contact_id, rehearsed)
        for run in rehearsed.runs:
            if not run.held_out:
                ended = run.ended_at or self.history.until
                self.inside.append((person.contact_id, run.started_at, ended))

    def _first(self, events: list[Event]) -> datetime | None:
        """When the first event came that opens an entry; all of them are counted."""
        first = None
        for number, entry in enumerate(self.definition.entries):
            of_type = [event for event in events if event.type == started_by(entry)]
            opening = [event for event in of_type if _opens(entry, event)]
            self.tally.count(f"entry:{number}:events", len(of_type))
            self.tally.count(f"entry:{number}:matched", len(opening))
            if opening and (first is None or opening[0].occurred_at < first):
                first = opening[0].occurred_at
        return first

    def _starts(self, person: Person) -> list[Start]:
        """The moments of this version's time-born entries, oldest first."""
        found = []
        for number, entry in enumerate(self.definition.entries):
            way = way_of(entry)
            moments = [born for born in person.born if born.way == way]
            self.tally.count(f"entry:{number}:matched", len(moments))
            found += [_start(number, born) for born in moments]
        return sorted(found, key=lambda start: start.moment)

    def _rehearsed(
        self, person: Person, events: list[Event], starts: list[Start]
    ) -> Rehearsed | None:
        """The rehearsal; None when it failed, which is counted and keeps nobody else waiting."""
        for tries_left in reversed(range(TRIES)):
            try:
                return rehearse(
                    script=self.script,
                    contact_id=person.contact_id,
                    events=events,
                    starts=starts,
                    begins=self.history.begins,
                    until=self.history.until,
                )
            except Exception as error:
                if tries_left and is_transient(error):
                    continue
                log.warning("rehearsal_failed contact=%s", person.contact_id, exc_info=error)
                self.tally.note(person.contact_id, ["broken"])
                self.tally.words.setdefault("broken", in_words(error)[:300])
                return None
        return None

    def share(self, journey_id: UUID) -> None:
        """Count who of this slice was inside other live journeys meanwhile."""
        if not self.inside:
            return
        people, starts, ends = zip(*self.inside, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                SHARED,
                {
                    "people": uuid_array(people),
                    "starts": moment_array(starts),
                    "ends": moment_array(ends),
                    "journey": journey_id,
                },
            )
            rows = cursor.fetchall()
        for other, contact_id in rows:
            self.tally.note(contact_id, [f"shared:{other}"])
        for contact_id in sorted({row[1] for row in rows}):
            self.tally.note(contact_id, ["shared"])


# Of the replays this process had in hand last: checking all settings takes as long as rehearsing
# somebody, and neither the draft of a replay nor a version ever changes.
_scripts: dict[tuple[UUID, str], Script] = {}
MOST_SCRIPTS = 8


def _script(replay: Replay, name: str, definition: Definition) -> Script:
    key = replay.pk, name
    if key not in _scripts:
        if len(_scripts) >= MOST_SCRIPTS:
            _scripts.clear()
        _scripts[key] = prepare(journey=replay.journey, definition=definition)
    return _scripts[key]


def _opens(entry: EntryNode, event: Event) -> bool:
    return entries.get(entry.kind).matches(entry.config, event)


def _start(number: int, born: Born) -> Start:
    return Start(entry=number, moment=born.moment, key=born.key, context=born.context)


class Slice:
    """The next people of a replay; works on the row it is given, which the caller writes."""

    def __init__(self, replay: Replay, *, limit: int, seconds: float) -> None:
        self.replay = replay
        self.limit = limit
        self.seconds = seconds
        definitions = {"draft": parse(replay.definition)}
        if replay.live_version:
            definitions["live"] = parse(replay.live_version.definition)
        self.history = self._history(list(definitions.values()))
        self.sides = [
            Side(name, definition, replay, self._history([definition]))
            for name, definition in definitions.items()
        ]

    def _history(self, definitions: list[Definition]) -> History:
        return History(
            definitions=definitions,
            journey_id=self.replay.journey_id,
            timezone=zone_named(current_workspace("A replay").timezone) or ZoneInfo("UTC"),
            begins=self.replay.asked_at - timedelta(days=self.replay.days),
            until=self.replay.asked_at,
        )

    def work(self) -> None:
        """Rehearse as many of the next people as the time allows, and move the cursor there."""
        started = time.monotonic()
        ids = next_contacts(after=self.replay.cursor, until=self.replay.asked_at, limit=self.limit)
        reached, concerned = len(ids), 0
        for person in self.history.people(ids):
            for side in self.sides:
                side.rehearse(person)
            concerned += 1
            if person.is_cut:
                self.sides[0].tally.note(person.contact_id, ["long"])
            if time.monotonic() - started > self.seconds:
                reached = ids.index(person.contact_id) + 1
                break
        self.replay.result["concerned"] = self.replay.result.get("concerned", 0) + concerned
        self._keep(ids[:reached], is_last=reached == len(ids) < self.limit)

    def _keep(self, ids: list[UUID], *, is_last: bool) -> None:
        replay = self.replay
        for side in self.sides:
            side.share(replay.journey_id)
        replay.result |= {side.name: side.tally.as_json() for side in self.sides}
        replay.samples = {side.name: side.tally.samples for side in self.sides}
        replay.done = min(replay.done + len(ids), replay.total) if not is_last else replay.total
        replay.cursor = ids[-1] if ids else replay.cursor
        if is_last:
            replay.status = Replay.Status.DONE
