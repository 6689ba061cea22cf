"""A shop's small history, and replays of it in a few words."""

from datetime import datetime
from typing import Any

from contacts.consent import record_consent
from contacts.models import Contact
from contacts.tags import add_tag
from events.drain import drain
from events.services import record
from journeys.engine import advance
from journeys.models import Journey, Replay
from journeys.replaying.asking import request_replay
from journeys.replaying.running import continue_replay
from journeys.services import create_journey
from tests.journeys.conftest import DAY, definition, step
from tests.journeys.seeding import VIP, mail

ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]


def person(name: str, now: datetime, *, tag: str = "", subscribed: bool = True) -> Contact:
    """Somebody known for a year, subscribed unless told."""
    made = Contact.objects.create(
        email=f"{name}@example.com", first_name=name.title(), created_at=now - 365 * DAY
    )
    if subscribed:
        record_consent(
            contact_ids=[made.pk], action="subscribed", source="form", now=now - 365 * DAY
        )
    if tag:
        add_tag(contact_ids=[made.pk], name=tag, now=now - 365 * DAY)
    return made


def happens(contact: Contact, type: str, at: datetime, **data: Any) -> None:
    """An event, told and processed when it happened."""
    record(type=type, now=at, contact_id=contact.pk, data=data)
    while drain(now=at).done:
        pass


def after_an_order(now: datetime, **rules: Any) -> dict[str, Any]:
    """Thanks by mail, two days' wait, and a tag for VIPs; a refund ends it, an answer is a goal."""
    rules.setdefault("entries", ORDERS)
    return definition(
        step("mail1", "send_email", {"template": str(mail(now).pk)}),
        step("wait1", "wait", {"amount": 2, "unit": "days"}),
        step("split1", "if_else", VIP, [step("tag1", "add_tag", {"tag": "known"})], []),
        step("wait2", "wait", {"amount": 2, "unit": "days"}),
        exits=[{"event": "order.refunded", "reason": "Refunded"}],
        goal={"event": "page.viewed", "within_days": 30, "then": "stay"},
        **rules,
    )


def drafted(now: datetime, **rules: Any) -> Journey:
    """A draft of that."""
    return create_journey(name="Thanks", definition=after_an_order(now, **rules), now=now)


def shop_history(now: datetime) -> dict[str, Contact]:
    """Six people and what they did; by name."""
    people = {
        "ada": person("ada", now, tag="vip"),
        "bob": person("bob", now),
        "carl": person("carl", now),
        "dora": person("dora", now, subscribed=False),
        "emil": person("emil", now),
        "fay": person("fay", now),
    }
    happens(people["ada"], "order.placed", now - 40 * DAY)
    happens(people["ada"], "page.viewed", now - 39 * DAY)
    happens(people["bob"], "order.placed", now - 20 * DAY)
    happens(people["bob"], "order.refunded", now - 19 * DAY)
    happens(people["bob"], "order.placed", now - 10 * DAY)
    happens(people["carl"], "page.viewed", now - 15 * DAY)
    happens(people["dora"], "order.placed", now - 5 * DAY)
    happens(people["emil"], "order.placed", now - DAY)
    happens(people["fay"], "order.placed", now - 120 * DAY)
    return people


def replayed(journey: Journey, now: datetime, *, days: int = 90, limit: int = 500) -> Replay:
    """A replay from its asking to its end, in slices of so many people."""
    replay = request_replay(journey=journey, days=days, now=now)
    finish(now, limit=limit)
    replay.refresh_from_db()
    return replay


def finish(now: datetime, *, limit: int = 500) -> None:
    """Slices until nothing is open."""
    while Replay.objects.filter(status__in=Replay.OPEN).exists():
        continue_replay(now, limit=limit)


def live_through(start: datetime, until: datetime) -> None:
    """Let the engine move everybody on, an hour at a time."""
    at = start
    while at <= until:
        while advance(now=at).claimed:
            pass
        at += DAY / 24
