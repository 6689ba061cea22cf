"""A replay is told whose moment came in days that are over, whatever they did since."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contacts.models import Contact
from journeys.definition import parse
from journeys.models import Enrolment, Journey
from journeys.replaying.history import History
from tests.commerce.entries.conftest import cart, happen, journey, line, look, order
from tests.conftest import NOON
from tests.journeys.conftest import DAY, HOUR

ROME = ZoneInfo("Europe/Rome")


def recalled(made: Journey, begins: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """(key, moment) of everybody whose moment came, by moment."""
    past = History([parse(made.draft)], made.pk, ROME, begins, until)
    people = past.people(list(Contact.objects.order_by("pk").values_list("pk", flat=True)))
    found = [(born.key, born.moment) for person in people for born in person.born]
    return sorted(found, key=lambda each: (each[1], each[0]))


def lived() -> list[tuple[str, datetime]]:
    """The same of those whom the engine let in."""
    return sorted(Enrolment.objects.values_list("key", "started_at"), key=lambda e: (e[1], e[0]))


def test_carts_left_alone_that_were_ordered_or_emptied_later(now: Any) -> None:
    # given a journey for carts, live while three were filled and one was filled and ordered at once
    start = now - 20 * DAY
    made = journey(start, "cart_abandoned", idle_minutes=60, settings={"re_entry": "always"})
    cart("c1", "ada", start + DAY, line(), now=start + DAY)
    cart("c2", "bob", start + DAY, line(), now=start + DAY)
    happen(start + DAY)
    assert look(start + DAY + HOUR) == 2
    order("o1", "ada", start + 2 * DAY, now=start + 2 * DAY)
    cart("c2", "bob", start + 3 * DAY, now=start + 3 * DAY)
    cart("c3", "cleo", start + 3 * DAY, line(), now=start + 3 * DAY)
    happen(start + 3 * DAY)
    order("o2", "cleo", start + 3 * DAY + HOUR / 2, now=start + 3 * DAY + HOUR / 2)
    happen(start + 3 * DAY + HOUR / 2)
    assert look(start + 4 * DAY) == 0

    # then those two moments are told, though no cart is open any more
    assert recalled(made, start, now) == lived()
    assert len(lived()) == 2
    # and none outside the days asked for
    assert recalled(made, start + 2 * DAY, now) == []


def test_everybody_who_was_missed_before_they_ordered_again(now: Any) -> None:
    # given a journey for those who are late, live for eighty days of orders
    start = NOON - 80 * DAY
    config = {"factor": "1.5", "days": 20, "at": "09:00"}
    made = journey(start, "since_last_order", **config, settings={"re_entry": "always"})
    told = {0: "ada", 4: "bob", 10: "ada", 16: "ada", 20: "cleo", 50: "ada", 55: "bob", 70: "bob"}
    for day in range(81):
        moment = start + timedelta(days=day)
        if day in told:
            order(f"o{day}", told[day], moment, now=moment)
            happen(moment)
        look(moment + HOUR)

    # then the replay is told the same people at the same moments
    assert len(lived()) >= 4
    assert recalled(made, start, NOON + HOUR) == lived()
