"""One line for each running journey that somebody was never in: what keeps them out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.explaining import Asked, explain
from contacts.models import Contact
from contacts.naming import names_read_once
from contacts.segments import scope_at
from events.contracts import event_types
from events.models import Event
from journeys.contracts import entries
from journeys.explain.facts import newest_events
from journeys.models import Journey, LiveEntry

# Journeys told; the page of each tells the rest.
MOST = 8


@dataclass(frozen=True)
class Line:
    """A journey they are not in, and why in a few words."""

    journey: Journey
    words: str


def lines_of(*, contact: Contact, now: datetime) -> list[Line]:
    """The running journeys this contact never was in, each with its reason; four statements.

    Who is held out is not told here.
    """
    live = Journey.objects.filter(status=Journey.Status.LIVE).defer("draft").order_by("name")
    journeys = list(live.exclude(pk__in=contact.enrolments.values("journey"))[:MOST])
    ways = LiveEntry.objects.filter(journey__in=journeys).order_by("journey", "position")
    known = [way for way in ways if way.kind in entries]
    events = newest_events(contact.pk, {way.event_type for way in known if way.event_type}, most=1)
    with names_read_once():
        asked = _audiences(contact, known, now)
        of_journey: dict[UUID, list[str]] = {}
        for way in known:
            words = _words(way, events.get(way.event_type, ()), welcome=asked.get(way.pk, True))
            of_journey.setdefault(way.journey_id, []).append(words)
    return [Line(each, " · ".join(of_journey.get(each.pk, ()))) for each in journeys]


def _audiences(contact: Contact, ways: Sequence[LiveEntry], now: datetime) -> Mapping[int, bool]:
    """Whether the contact is among those each way in is for, where it is not for everybody."""
    narrow = [way for way in ways if way.only]
    questions = [Asked(way.only, scope_at(now, journey_id=way.journey_id)) for way in narrow]
    found = explain(questions, contact.pk) if questions else []
    return {way.pk: each.holds for way, each in zip(narrow, found, strict=True)}


def _words(way: LiveEntry, events: Sequence[Event], *, welcome: bool) -> str:
    """What stands against coming in by this way."""
    if not welcome:
        return _("Not among those it is for")
    if not way.event_type:
        return entries.get(way.kind).words(way.config) or str(entries.get(way.kind).label)
    name = way.event_type
    event = {"event": str(event_types.get(name).label) if name in event_types else name}
    if not events:
        return _("“%(event)s” never happened") % event
    failed = [
        check for check in entries.get(way.kind).checks(way.config, events[0]) if not check.passed
    ]
    if not failed:
        return _("The last “%(event)s” did not let them in") % event
    event["wanted"] = failed[0].label
    return _("The last “%(event)s” did not pass: %(wanted)s") % event
