"""What really happened in the weeks of a replay: who could have come in, and what they did.

Read for some hundred people at a time, by the index of events by contact. Nobody whom nothing
could have started is read any further.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from contacts.models import Contact
from core.arrays import text_array, uuid_array
from events.models import Event
from journeys.contracts import TimedEntry, entries, steps
from journeys.definition import Definition, EntryNode, listened_events, walk
from journeys.moments import Scope

EVENTS = Event._meta.db_table
# Of one person: the first so many events that matter, and moments of time-born entries.
MOST_EVENTS = 1000
MOST_STARTS = 200
# How many people's events are in memory at once.
GROUP = 25

# What came in after the replay was asked for is not part of it, however long ago it happened.
IN_WINDOW = f"""event.occurred_at > %(begins)s AND event.occurred_at <= %(until)s
       AND event.received_at <= %(until)s AND event.state <> {Event.State.FAILED.value}"""
STARTERS = f"""
    SELECT person.id FROM unnest(%(people)s::uuid[]) AS person (id)
     WHERE EXISTS (SELECT 1 FROM {EVENTS} AS event
                    WHERE event.contact_id = person.id AND event.type = ANY(%(types)s::text[])
                      AND {IN_WINDOW})"""
HAPPENED = f"""
    SELECT happened.* FROM unnest(%(people)s::uuid[]) AS person (id)
     CROSS JOIN LATERAL (
        SELECT event.* FROM {EVENTS} AS event
         WHERE event.contact_id = person.id AND {IN_WINDOW} {{of_types}}
         ORDER BY event.occurred_at, event.id LIMIT {MOST_EVENTS + 1}) AS happened
     ORDER BY happened.contact_id, happened.occurred_at, happened.id"""
OF_TYPES = "AND event.type = ANY(%(types)s::text[])"
BORN = f"""
    SELECT contact_id, key, started_at, context FROM (
        SELECT due.contact_id, left(due.key, 128) AS key, due.started_at, due.context::text,
               row_number() OVER (PARTITION BY due.contact_id
                                  ORDER BY due.started_at, due.key) AS number
          FROM ({{select}}) AS due (contact_id, key, started_at, context)
         WHERE due.contact_id = ANY(%(people)s::uuid[])
           AND due.started_at > %(since)s AND due.started_at <= %(now)s) AS born
     WHERE number <= {MOST_STARTS}
     ORDER BY contact_id, started_at, key"""


@dataclass(frozen=True, slots=True)
class Born:
    """Somebody's moment at a time-born entry of this kind with these settings."""

    way: str
    key: str
    moment: datetime
    context: dict[str, Any]


@dataclass
class Person:
    """What happened to one contact in the weeks of the replay, oldest first."""

    contact_id: UUID
    events: Sequence[Event] = ()
    born: list[Born] = field(default_factory=list)
    # They did more than is looked at.
    is_cut: bool = False


def way_of(entry: EntryNode) -> str:
    """What tells time-born entries apart: two versions mostly have the same."""
    return f"{entry.kind} {msgspec.json.encode(entry.config, order='deterministic').decode()}"


def started_by(entry: EntryNode) -> str:
    """The type of event that may start it; "" for a time-born or manual one."""
    return entries.get(entry.kind).event_type(entry.config)


@dataclass(frozen=True)
class History:
    """The events of a window, as far as some definitions listen to them; after `begins`, up to
    and with `until`.
    """

    definitions: Sequence[Definition]
    journey_id: UUID
    timezone: ZoneInfo
    begins: datetime
    until: datetime

    def people(self, contact_ids: Sequence[UUID]) -> Iterator[Person]:
        """Those of the contacts whom something could have started, in the order given."""
        born = self._born(contact_ids)
        concerned = self._starters(contact_ids) | born.keys()
        chosen = [each for each in contact_ids if each in concerned]
        for at in range(0, len(chosen), GROUP):
            group = chosen[at : at + GROUP]
            happened = self._happened(group)
            for contact_id in group:
                found = happened.get(contact_id, [])
                yield Person(
                    contact_id,
                    found[:MOST_EVENTS],
                    born.get(contact_id, []),
                    is_cut=len(found) > MOST_EVENTS,
                )

    # --- what is listened to

    def entry_types(self) -> list[str]:
        """The types of events that may start any of the definitions."""
        return sorted({started_by(entry) for entry in self._entries()} - {""})

    def types(self) -> list[str] | None:
        """All types any of the definitions listens to; None for every type."""
        found = set(self.entry_types())
        for definition in self.definitions:
            found.update(listened_events(definition), _awaited(definition))
        return None if "*" in found else sorted(found - {""})

    def _entries(self) -> Iterator[EntryNode]:
        for definition in self.definitions:
            yield from definition.entries

    # --- reading

    def _starters(self, contact_ids: Sequence[UUID]) -> set[UUID]:
        types = self.entry_types()
        return {row[0] for row in self._rows(STARTERS, contact_ids, types)} if types else set()

    def _happened(self, contact_ids: Sequence[UUID]) -> dict[UUID, list[Event]]:
        types = self.types()
        statement = HAPPENED.format(of_types="" if types is None else OF_TYPES)
        rows = Event.objects.raw(statement, self._parameters(contact_ids, types or ()))
        by_person = groupby(rows, key=lambda event: event.contact_id)
        return {each: list(events) for each, events in by_person if each}

    def _born(self, contact_ids: Sequence[UUID]) -> dict[UUID, list[Born]]:
        found: dict[UUID, list[Born]] = {}
        for way, entry in {way_of(entry): entry for entry in self._entries()}.items():
            plugin = entries.get(entry.kind)
            if not isinstance(plugin, TimedEntry) or started_by(entry):
                continue
            for contact_id, key, moment, context in self._moments(plugin, entry, contact_ids):
                born = Born(way, key, moment, msgspec.json.decode(context or "{}"))
                found.setdefault(contact_id, []).append(born)
        return found

    def _moments(
        self, plugin: TimedEntry, entry: EntryNode, contact_ids: Sequence[UUID]
    ) -> Iterable[tuple[UUID, str, datetime, str]]:
        scope = Scope(self.begins, self.until, self.begins, self.journey_id, self.timezone)
        recalled = plugin.recall(entry.config, scope)
        select, parameters = recalled or plugin.select(entry.config, scope)
        with connection.cursor() as cursor:
            cursor.execute(
                BORN.replace("{select}", select),
                parameters | scope.parameters | {"people": uuid_array(contact_ids)},
            )
            return cursor.fetchall()

    def _rows(
        self, statement: str, contact_ids: Sequence[UUID], types: Collection[str]
    ) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self._parameters(contact_ids, types))
            return cursor.fetchall()

    def _parameters(self, contact_ids: Sequence[UUID], types: Collection[str]) -> dict[str, Any]:
        return {
            "people": uuid_array(contact_ids),
            "types": text_array(types),
            "begins": self.begins,
            "until": self.until,
        }


def _awaited(definition: Definition) -> set[str]:
    """The types of events that its steps wait for."""
    return {
        steps.get(node.kind).awaits(node.config)
        for node, _place in walk(definition.steps)
        if node.kind in steps
    }


def next_contacts(*, after: UUID | None, until: datetime, limit: int) -> list[UUID]:
    """The next contacts in the order of their ids, of those there were at `until`."""
    found = Contact.objects.filter(created_at__lte=until).order_by("pk")
    if after:
        found = found.filter(pk__gt=after)
    return list(found.values_list("pk", flat=True)[:limit])
