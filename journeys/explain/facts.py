"""What there is to know of one contact and one journey, read in a few statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.timezone import localtime

from contacts.contracts import ConditionScope
from contacts.models import Contact
from events.models import Event
from journeys.contracts import TimedEntry, entries
from journeys.definition import Definition, EntryNode, parse
from journeys.local_time import zone_named
from journeys.models import Enrolment, Journey, JourneyVersion, LiveEntry, LivePeriod, StepVisit
from journeys.ways import zone_of
from tenants.context import current_workspace

# How far back it goes: events of each kind, runs, versions.
EVENTS_OF_A_KIND = 10
MOST_RUNS = 50
# Runs told step by step; of those before, the page of each tells more.
RUNS_TOLD = 5
MOST_VERSIONS = 50
# "3 Nov 2026, 09:00": inside a sentence, which may end with it.
MOMENT_FORMAT = "j M Y, H:i"

Visits = Mapping[UUID, Sequence[StepVisit]]


@dataclass(frozen=True)
class Version:
    """A published version and its definition."""

    id: UUID
    number: int
    published_at: datetime
    definition: Definition


@dataclass(frozen=True)
class Facts:
    """One contact and one journey as of `now`; `zone` is the contact's."""

    journey: Journey
    contact: Contact
    now: datetime
    zone: ZoneInfo
    # Newest first, both.
    versions: Sequence[Version]
    runs: Sequence[Enrolment]
    visits: Visits
    # Of ways in that time opens, by position.
    live_entries: Mapping[int, LiveEntry] = field(default_factory=dict)
    events: Mapping[str, Sequence[Event]] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        """What runs; an empty one before the first publishing."""
        live = self.journey.live_version_id
        found = (each.definition for each in self.versions if each.id == live)
        return next(found, Definition())

    @cached_property
    def timezone(self) -> ZoneInfo:
        """The workspace's zone, which conditions go by."""
        return zone_named(current_workspace("A journey").timezone) or ZoneInfo("UTC")

    @cached_property
    def periods(self) -> list[LivePeriod]:
        """The stretches of time in which the journey ran, newest first."""
        return list(LivePeriod.objects.filter(journey=self.journey).order_by("-began_at"))

    def scope(self, moment: datetime) -> ConditionScope:
        """What conditions may know at that moment, as the engine asks them."""
        return ConditionScope(moment, self.timezone, self.journey.pk)

    def version(self, version_id: UUID) -> Version | None:
        """The version of that id; None for one too old to be read."""
        return next((each for each in self.versions if each.id == version_id), None)

    def version_at(self, moment: datetime) -> Version | None:
        """The version that let people in then; None before the first publishing."""
        return next((each for each in self.versions if each.published_at <= moment), None)

    def period_at(self, moment: datetime) -> LivePeriod | None:
        """The stretch of running that the moment falls into; None while it stood still."""
        return next(
            (
                each
                for each in self.periods
                if each.began_at <= moment and (each.ended_at is None or moment < each.ended_at)
            ),
            None,
        )

    def said(self, moment: datetime) -> str:
        """The moment in words, where the contact is."""
        return str(date_format(localtime(moment, self.zone), MOMENT_FORMAT))


def facts_of(*, journey: Journey, contact: Contact, now: datetime) -> Facts:
    """All that explaining needs of the two, in six statements at most."""
    found = Enrolment.objects.filter(contact=contact, journey=journey)
    runs = list(found.order_by("-started_at", "-pk")[:MOST_RUNS])
    live = _live(journey)
    ways = live.definition.entries if live else ()
    is_by_time = any(is_timed(node) for node in ways)
    types = {type for node in ways if (type := event_type_of(node))}
    events = newest_events(contact.pk, types)
    visits = _visits(runs[:RUNS_TOLD])
    known = live and not is_by_time and _is_all_of(live, runs, visits, events)
    return Facts(
        journey=journey,
        contact=contact,
        now=now,
        zone=zone_of(contact.timezone),
        versions=[live] if live and known else _versions(journey, runs, visits),
        runs=runs,
        visits=visits,
        live_entries=_marks(journey) if is_by_time else {},
        events=events,
    )


def _live(journey: Journey) -> Version | None:
    """The version that runs; None before the first publishing."""
    live = journey.live_version
    if live is None:
        return None
    return Version(live.pk, live.number, live.published_at, parse(live.definition))


def _is_all_of(
    live: Version,
    runs: Sequence[Enrolment],
    visits: Visits,
    events: Mapping[str, Sequence[Event]],
) -> bool:
    """Whether the version that runs is all that matters here."""
    moments = (event.received_at for each in events.values() for event in each)
    return _met(runs, visits) <= {live.id} and all(at >= live.published_at for at in moments)


def _met(runs: Sequence[Enrolment], visits: Visits) -> set[UUID]:
    """The versions that these runs go by, or went by before they were moved."""
    before = {visit.version_id for each in visits.values() for visit in each}
    return before | {run.version_id for run in runs}


def _marks(journey: Journey) -> dict[int, LiveEntry]:
    """How far each way in that time opens was looked at, by its position."""
    return {row.position: row for row in LiveEntry.objects.filter(journey=journey)}


def is_timed(node: EntryNode) -> bool:
    """Whether time opens this way in."""
    is_known = node.kind in entries and isinstance(entries.get(node.kind), TimedEntry)
    return is_known and not event_type_of(node)


def _versions(journey: Journey, runs: Sequence[Enrolment], visits: Visits) -> list[Version]:
    """The newest versions, and those of the runs however old."""
    rows = JourneyVersion.objects.filter(journey=journey).order_by("-number")
    columns = ("pk", "number", "published_at", "definition")
    found = list(rows.values_list(*columns)[:MOST_VERSIONS])
    if missing := _met(runs, visits) - {row[0] for row in found}:
        found += rows.filter(pk__in=missing).values_list(*columns)
    return [Version(pk, number, at, parse(raw)) for pk, number, at, raw in found]


def _visits(runs: Sequence[Enrolment]) -> dict[UUID, list[StepVisit]]:
    found: dict[UUID, list[StepVisit]] = {run.pk: [] for run in runs}
    for visit in StepVisit.objects.filter(enrolment__in=[run.pk for run in runs]).order_by("visit"):
        found[visit.enrolment_id].append(visit)
    return found


def event_type_of(node: EntryNode) -> str:
    """The type of event that this way in waits for; "" for one that time or people open."""
    try:
        return entries.get(node.kind).event_type(node.config)
    except (LookupError, TypeError, ValueError):
        return ""


def newest_events(
    contact_id: UUID, types: Collection[str], *, most: int = EVENTS_OF_A_KIND
) -> dict[str, list[Event]]:
    """The contact's newest events of each of these types; one statement, along their index."""
    asked = [
        Event.objects.filter(contact_id=contact_id, type=type).order_by("-occurred_at", "-pk")[
            :most
        ]
        for type in sorted(types)
    ]
    if not asked:
        return {}
    rows = asked[0].union(*asked[1:], all=True) if len(asked) > 1 else asked[0]
    found: dict[str, list[Event]] = {}
    for event in rows:
        found.setdefault(event.type, []).append(event)
    return {
        type: sorted(each, key=lambda event: (event.occurred_at, event.pk), reverse=True)
        for type, each in found.items()
    }
