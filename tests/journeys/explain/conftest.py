"""A shop whose big orders start a journey, and what explaining says of it."""

from datetime import datetime
from typing import Any

from contacts.models import Contact
from events.drain import drain
from events.services import record
from journeys.explain.answer import Why, why
from journeys.explain.verdict import Said, verdict_of
from journeys.models import Journey
from tests.journeys.conftest import ada, bob, live, step  # noqa: F401

BIG = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "50"}
WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


def way_in(config: Any = BIG, only: Any = None) -> dict[str, Any]:
    """An entry for orders, of big ones unless told."""
    entry: dict[str, Any] = {"kind": "event_received", "config": config}
    return {**entry, "only": only} if only else entry


def ordering(now: datetime, *steps: Any, only: Any = None, **rules: Any) -> Journey:
    """A live journey that big orders start."""
    return live(now, *(steps or [WAIT]), entries=[way_in(only=only)], **rules)


def order(contact: Contact, at: datetime, total: int = 80, **data: Any) -> None:
    """An order, processed at once."""
    record(type="order.placed", contact_id=contact.pk, now=at, data={"total": total, **data})
    listen(at)


def listen(at: datetime) -> None:
    """Process all events that wait."""
    while drain(now=at).done:
        pass


def asked(journey: Journey, contact: Contact, now: datetime, step: str = "") -> Why:
    """What explaining finds, of the journey as it is in the database."""
    journey.refresh_from_db()
    return why(journey=journey, contact=contact, now=now, step_id=step)


def attempts(journey: Journey, contact: Contact, now: datetime) -> list[tuple[str, str]]:
    """(code, words) of each time they could have come in, newest first."""
    ways = asked(journey, contact, now).ways
    return [(each.code, each.words) for way in ways for each in way.attempts]


def said(journey: Journey, contact: Contact, now: datetime, step: str = "") -> Said:
    """The verdict."""
    return verdict_of(asked(journey, contact, now, step))
