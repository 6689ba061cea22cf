"""What an entry's settings, as they are in the draft, make of what happened lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from contacts import segments
from contacts.contracts import ConditionScope
from contacts.models import Contact
from contacts.naming import names_read_once
from events.contracts import event_types
from events.models import Event
from journeys.config_forms import clean_config
from journeys.contracts import Check, Config, Entry, TimedEntry, entries
from journeys.definition import EntryNode
from journeys.explain.by_events import what_happened
from journeys.local_time import zone_named
from journeys.models import Journey
from journeys.moments import Scope
from journeys.trees import narrowed
from tenants.context import current_workspace

SHOWN = 10
# How far back it looks: so many events of the kind, among the newest of the whole log.
MOST_EVENTS = 1000
MOST_ROWS = 50_000
BACK, AHEAD = timedelta(days=30), timedelta(days=30)
# Counting who comes in by time ends here.
MOST_PEOPLE = 10_000

# Along the log's own order from its end, so that a rare kind does not read all of it.
NEWEST = f"""
    SELECT * FROM (SELECT * FROM {Event._meta.db_table} ORDER BY id DESC LIMIT {MOST_ROWS}) AS log
     WHERE type = %s AND contact_id IS NOT NULL
     ORDER BY id DESC LIMIT {MOST_EVENTS}"""
FIRST = f"""
    SELECT due.contact_id, due.started_at
      FROM ({{select}}) AS due (contact_id, key, started_at, context)
     ORDER BY due.started_at, due.contact_id LIMIT {SHOWN}"""
HOW_MANY = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM ({{select}}) AS due (contact_id, key, started_at, context)
         LIMIT {MOST_PEOPLE + 1}) AS counted"""


@dataclass(frozen=True)
class TriedEvent:
    """An event of the kind, whose it was, and what the settings make of it.

    `in_audience` is None where the entry is for everybody, or the event did not pass anyway.
    """

    event: Event
    contact: Contact | None
    what: str
    checks: Sequence[Check]
    in_audience: bool | None

    @property
    def passes(self) -> bool:
        return all(check.passed for check in self.checks) and self.in_audience is not False

    @property
    def failed(self) -> list[Check]:
        """What stood against it."""
        return [check for check in self.checks if not check.passed]


@dataclass(frozen=True)
class EventPreview:
    """The newest events of the kind, and how many of those of the last 30 days would pass."""

    name: str
    events: Sequence[TriedEvent]
    passing: int
    seen: int

    @property
    def is_all(self) -> bool:
        """Whether all events of the stretch were seen, not only the newest."""
        return self.seen < MOST_EVENTS


@dataclass(frozen=True)
class TimePreview:
    """Whose moment comes first within 30 days, and of how many it does."""

    people: Sequence[tuple[Contact, datetime]]
    count: int

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.count > MOST_PEOPLE

    @property
    def shown_count(self) -> int:
        """How many, as far as it was counted."""
        return min(self.count, MOST_PEOPLE)


@dataclass(frozen=True)
class NoPreview:
    """Why there is nothing to show, in a sentence."""

    words: str


Preview = EventPreview | TimePreview | NoPreview


def preview_of(*, journey: Journey, node: EntryNode, now: datetime) -> Preview:
    """What this entry, half written or not, makes of lately and soon; a few statements."""
    if node.kind not in entries:
        return NoPreview(_("No part of this installation knows this way in."))
    entry = entries.get(node.kind)
    config, errors = clean_config(entry, node.config)
    only, problems = segments.clean_tree(node.only)
    if errors or problems or entry.problems(config):
        return NoPreview(_("Finish the settings first; then you see here whom they let in."))
    with names_read_once():
        if type := entry.event_type(config):
            return _of_events(entry, config, only, type, journey=journey, now=now)
        if isinstance(entry, TimedEntry):
            return _of_time(entry, config, only, journey=journey, now=now)
    return NoPreview(_("Nothing happens by itself here: you or the API let people in."))


def _zone() -> ZoneInfo:
    return zone_named(current_workspace("An entry").timezone) or ZoneInfo("UTC")


# --- by events


def _of_events(
    entry: Entry, config: Config, only: Config, type: str, *, journey: Journey, now: datetime
) -> EventPreview:
    found = list(Event.objects.raw(NEWEST, [type]))
    newest, lately = found[:SHOWN], [each for each in found if each.occurred_at > now - BACK]
    through = [event for event in found if entry.matches(config, event)]
    asked = {event.contact_id for event in through if event.contact_id}
    welcome = _welcome(asked, only, journey, now)
    passing = {each.pk for each in through if welcome is None or each.contact_id in welcome}
    people = Contact.objects.in_bulk({event.contact_id for event in newest})
    name = str(event_types.get(type).label) if type in event_types else type
    tried = [_tried(entry, config, event, people, welcome) for event in newest]
    return EventPreview(name, tried, sum(each.pk in passing for each in lately), len(lately))


def _welcome(people: set[UUID], only: Config, journey: Journey, now: datetime) -> set[UUID] | None:
    """Those of them the entry is for as things stand; None for everybody."""
    if not only:
        return None
    return segments.matching(list(people), only, segments.scope_at(now, journey_id=journey.pk))


def _tried(
    entry: Entry,
    config: Config,
    event: Event,
    people: Mapping[UUID, Contact],
    welcome: set[UUID] | None,
) -> TriedEvent:
    checks = entry.checks(config, event)
    asked = welcome is not None and all(check.passed for check in checks)
    return TriedEvent(
        event=event,
        contact=people.get(event.contact_id) if event.contact_id else None,
        what=what_happened(event),
        checks=checks,
        in_audience=event.contact_id in welcome if asked and welcome is not None else None,
    )


# --- by time


def _of_time(
    entry: TimedEntry, config: Config, only: Config, *, journey: Journey, now: datetime
) -> TimePreview:
    scope = Scope(now, now + AHEAD, now, journey.pk, _zone())
    select, parameters = entry.select(config, scope)
    select, more = narrowed(select, only, ConditionScope(now, scope.timezone, journey.pk))
    given = parameters | more | scope.parameters
    with connection.cursor() as cursor:
        cursor.execute(FIRST.replace("{select}", select), given)
        first = cursor.fetchall()
        cursor.execute(HOW_MANY.replace("{select}", select), given)
        count = int(cursor.fetchone()[0])
    people = Contact.objects.in_bulk([row[0] for row in first])
    return TimePreview([(people[pk], at) for pk, at in first if pk in people], count)
