"""Where a walk begins: an entry, what its event says, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from events.models import Event
from events.services import NewEvent, record_many
from journeys.consumers import Way
from journeys.contracts import TimedEntry
from journeys.live_entries import BEGINNING
from journeys.models import Enrolment
from journeys.moments import Scope
from journeys.rehearsal import Script, Start
from journeys.ways import zone_of

# How far back in the log an event of the kind is looked for, and among how many for one that opens
# the entry.
RECENT = 20_000
LOOKED_AT = 50
# How far from now somebody's own moment of a time-born entry is looked for, and how long.
AROUND = timedelta(days=400)
PATIENCE = "SET LOCAL statement_timeout = '2s'"
NO_HURRY = "SET LOCAL statement_timeout = DEFAULT"
NEAREST = """
    SELECT left(due.key, 128), due.context
      FROM ({select}) AS due (contact_id, key, started_at, context)
     WHERE due.contact_id = %(who)s
     ORDER BY greatest(due.started_at - %(at)s, %(at)s - due.started_at) LIMIT 1"""


@dataclass(frozen=True)
class Beginning:
    """One entry at one moment with what started it; `key` "" is for the entry to tell."""

    position: int
    moment: datetime
    data: Mapping[str, Any]
    key: str = ""

    def start(self, script: Script, contact_id: UUID) -> Start:
        """The start a rehearsal is given; who was chosen is let in whatever the entry asks."""
        way = script.ways.get(self.position)
        key = self.key or (_key(way, self.event(way, contact_id)) if way else "")
        return Start(self.position, self.moment, key, self.data, is_sure=True)

    def event(self, way: Way, contact_id: UUID) -> Event:
        """What would have come in."""
        return Event(
            pk=0,
            type=way.entry.event_type(way.config),
            contact_id=contact_id,
            data=dict(self.data),
            occurred_at=self.moment,
        )

    def tell(self, script: Script, contact_id: UUID) -> None:
        """Put the event into the log as one that was processed; in a transaction that is undone."""
        way = script.ways.get(self.position)
        if way is None or not way.entry.event_type(way.config):
            return
        made = NewEvent(
            type=way.entry.event_type(way.config),
            occurred_at=self.moment,
            contact_id=contact_id,
            data=dict(self.data),
        )
        new = record_many(events=[made], now=self.moment)
        Event.objects.filter(message_id__in=new).update(state=Event.State.DONE)

    def remarks(self, script: Script, contact_id: UUID) -> list[str]:
        """In words, why they would not come in this way in life, as far as the event tells."""
        way = script.ways.get(self.position)
        if way is None:
            return [_("This way in has a problem, so nobody would come in by it yet.")]
        if not way.entry.event_type(way.config):
            return []
        if _fits(way, self.event(way, contact_id)):
            return []
        return [_("An event like this would not let them in: the entry asks for another.")]


def _fits(way: Way, event: Event) -> bool:
    try:
        return way.entry.matches(way.config, event)
    except Exception:
        # What an owner typed in may have any shape.
        return False


def _key(way: Way, event: Event) -> str:
    if isinstance(way.entry, TimedEntry):
        return event.occurred_at.date().isoformat()
    try:
        return way.entry.key_of(way.config, event)
    except Exception:
        return ""


@dataclass(frozen=True)
class Sample:
    """What a start by an entry says, and the key its run has; "" when the entry is to tell."""

    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


def sample(script: Script, position: int, contact_id: UUID | None, *, now: datetime) -> Sample:
    """What the newest start by this entry says: the contact's own, else anybody's."""
    way = script.ways.get(position)
    if way is None:
        return Sample()
    if isinstance(way.entry, TimedEntry):
        return (contact_id and _nearest(way, way.entry, contact_id, now)) or _last_run(way)
    event_type = way.entry.event_type(way.config)
    return Sample(_newest_event(way, event_type, contact_id)) if event_type else _last_run(way)


def _newest_event(way: Way, event_type: str, contact_id: UUID | None) -> dict[str, Any]:
    of_type = Event.objects.filter(type=event_type)
    newest = Event.objects.aggregate(pk=Max("pk"))["pk"] or 0
    for found in (
        of_type.filter(contact_id=contact_id).order_by("-occurred_at", "-pk"),
        of_type.filter(pk__gt=newest - RECENT).order_by("-pk"),
    ):
        looked_at = list(found[:LOOKED_AT])
        fitting = (event for event in looked_at if _fits(way, event))
        if event := next(fitting, None) or next(iter(looked_at), None):
            return dict(event.data)
    return {}


def _nearest(way: Way, entry: TimedEntry, contact_id: UUID, now: datetime) -> Sample | None:
    """The contact's own moment of a time-born entry that is nearest to now; None when none is."""
    zone = zone_of("")
    scope = Scope(now - AROUND, now + AROUND, BEGINNING, way.program.journey_id, zone)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            select, parameters = entry.select(way.config, scope)
            cursor.execute(
                NEAREST.format(select=select),
                {**parameters, **scope.parameters, "who": contact_id, "at": now},
            )
            row = cursor.fetchone()
            cursor.execute(NO_HURRY)
    except DatabaseError:
        return None
    return Sample(msgspec.json.decode(row[1]), row[0]) if row else None


def _last_run(way: Way) -> Sample:
    runs = Enrolment.objects.filter(
        journey_id=way.program.journey_id, entry_kind=way.entry.key
    ).order_by("-started_at")
    key, context = runs.values_list("key", "context").first() or ("", {})
    return Sample(context, key)
