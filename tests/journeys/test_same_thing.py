"""Rules about the same thing: what ends one cart's run leaves the other cart's alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from events.drain import drain
from events.services import NewEvent, record_many
from journeys.enrolment import enrol
from journeys.models import Enrolment
from journeys.rules import ExitForm, describe_rule
from tests.journeys.conftest import DAY, HOUR, live, step

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})
EXITS = [
    {"event": "cart.emptied", "same": "cart_id", "reason": "Emptied"},
    {"event": "order.placed", "same": "cart_id", "reason": "Ordered"},
    {"event": "order.cancelled", "same": "order_id", "reason": "Cancelled"},
]


def happen(contact, type, data, now, at=None):
    event = NewEvent(type=type, occurred_at=at or now, contact_id=contact.pk, data=data)
    record_many(events=[event], now=now)
    while drain(now=now).done:
        pass


def states():
    """(key, status, reason) of every run, by key."""
    return list(Enrolment.objects.order_by("key").values_list("key", "status", "exit_reason"))


@pytest.fixture
def two_carts(ada, now):
    """Ada inside by two carts, the second of which she also ordered once."""
    journey = live(now, WAIT, exits=EXITS)
    enrol(journey=journey, contact_ids=[ada.pk], now=now, key="cart-1")
    context = {"cart_id": "cart-2", "order_id": "order-2"}
    enrol(journey=journey, contact_ids=[ada.pk], now=now, key="cart-2", context=context)


@pytest.mark.parametrize(
    ("type", "data", "ended"),
    [
        ("cart.emptied", {"cart_id": "cart-1"}, {"cart-1": "Emptied"}),
        ("order.placed", {"cart_id": "cart-2"}, {"cart-2": "Ordered"}),
        # by what started the run, where that is not its key
        ("order.cancelled", {"order_id": "order-2"}, {"cart-2": "Cancelled"}),
        ("order.placed", {"cart_id": "another"}, {}),
        ("order.placed", {"cart_id": ""}, {}),
        ("order.placed", {}, {}),
        ("order.cancelled", {"order_id": ["order-2"]}, {}),
    ],
)
def test_only_the_run_about_that_thing_ends_and_at_once(ada, now, two_carts, type, data, ended):
    happen(ada, type, data, now + HOUR)
    assert states() == [
        (key, "exited" if key in ended else "active", ended.get(key, ""))
        for key in ("cart-1", "cart-2")
    ]


def test_news_of_it_that_comes_late_counts_too(ada, now, two_carts):
    # when the shop tells only now of an order from before the run began
    happen(ada, "order.placed", {"cart_id": "cart-1"}, now + HOUR, at=now - DAY)
    assert states()[0] == ("cart-1", "exited", "Ordered")


def test_a_goal_may_be_about_the_same_thing(ada, now):
    goal = {"event": "order.placed", "same": "cart_id", "then": "exit", "within_days": 3}
    journey = live(now, WAIT, goal=goal)
    for key in ("cart-1", "cart-2"):
        enrol(journey=journey, contact_ids=[ada.pk], now=now, key=key)
    happen(ada, "order.placed", {"cart_id": "cart-1"}, now + HOUR, at=now - HOUR)
    happen(ada, "order.placed", {"cart_id": "cart-2"}, now + HOUR)
    assert states() == [("cart-1", "active", ""), ("cart-2", "finished", "goal")]
    assert list(Enrolment.objects.order_by("key").values_list("converted_at", flat=True)) == [
        None,
        now + HOUR,
    ]


def test_many_runs_are_asked_for_by_one_statement(acme, now):
    journey = live(now, WAIT, exits=EXITS)
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(50))

    def statements(some):
        for each in some:
            enrol(journey=journey, contact_ids=[each.pk], now=now, key=f"cart-{each.pk}")
        events = [
            NewEvent(
                type="cart.emptied",
                occurred_at=now,
                contact_id=each.pk,
                data={"cart_id": f"cart-{each.pk}"},
            )
            for each in some
        ]
        record_many(events=events, now=now)
        with CaptureQueriesContext(connection) as queries:
            drain(now=now)
        return len(queries)

    few = statements(people[:2])
    assert statements(people[2:]) <= few
    assert set(Enrolment.objects.values_list("exit_reason", flat=True)) == {"Emptied"}


def test_it_is_said_in_words_and_needs_its_event():
    assert describe_rule(EXITS[0]).endswith(", about the same cart")
    assert ExitForm(EXITS[0]).is_valid()
    without = {"same": "cart_id", "reason": "x", "condition": None}
    assert set(ExitForm(without).errors) == {"__all__", "same"}
    assert set(ExitForm({**EXITS[0], "same": "colour"}).errors) == {"same"}
