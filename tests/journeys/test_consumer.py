"""Events let people in, wake them, reach goals and take them out, at once and once."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from contacts.tags import add_tag
from events.drain import drain
from events.models import Event
from events.services import NewEvent, record_many
from journeys import services
from journeys.engine import advance
from journeys.enrolment import enrol
from journeys.models import Enrolment
from tenants.models import Agenda
from tests.journeys.conftest import DAY, HOUR, live, path_of, run_of, settle, step

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})
ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]


@pytest.fixture
def happen(now):
    """`happen((contact, type, data), ...)`: record these events and drain them at `at`."""

    def make(*facts: tuple[Contact, str, dict[str, Any]], at=now):
        record_many(
            events=[
                NewEvent(type=type, occurred_at=at, contact_id=contact.pk, data=data)
                for contact, type, data in facts
            ],
            now=at,
        )
        while drain(now=at).done:
            pass

    return make


def test_an_event_starts_the_journey_with_its_data(ada, bob, now, happen):
    # given a journey for orders of 50 or more
    config = {"event": "order.placed", "property": "total", "operator": "at_least", "value": "50"}
    journey = live(now, WAIT, entries=[{"kind": "event_received", "config": config}])

    # when Ada orders for 60 and Bob for 40
    happen((ada, "order.placed", {"total": 60}), (bob, "order.placed", {"total": 40}))

    # then only Ada is in, with the order
    run = run_of(ada)
    assert (run.journey_id, run.version_id) == (journey.pk, journey.live_version_id)
    assert (run.context, run.entry_kind, run.visit) == ({"total": 60}, "event_received", 1)
    assert (run.due_at, run.step_id) == (now, "wait1")
    assert not Enrolment.objects.filter(contact=bob).exists()
    assert Agenda.objects.get(workspace__slug="acme", lane="journeys").due_at == now


def test_an_import_is_no_confirmed_consent(ada, bob, now, happen):
    live(now, WAIT, entries=[{"kind": "consent_confirmed", "config": {}}])
    happen(
        (ada, "consent.confirmed", {"source": "import"}),
        (bob, "consent.confirmed", {"source": "form"}),
    )
    assert list(Enrolment.objects.values_list("contact", flat=True)) == [bob.pk]


def test_the_tag_of_the_entry_starts_it_whatever_its_case(ada, bob, now, happen):
    live(now, WAIT, entries=[{"kind": "tag_added", "config": {"tag": "VIP"}}])
    happen((ada, "contact.tagged", {"tag": "vip"}), (bob, "contact.tagged", {"tag": "vips"}))
    assert list(Enrolment.objects.values_list("contact", flat=True)) == [ada.pk]


@pytest.mark.parametrize(
    ("settings", "runs"),
    [
        ({}, [1, 1, 1]),
        ({"re_entry": "always"}, [1, 2, 3]),
        ({"re_entry": "after_days", "re_entry_days": 10}, [1, 1, 2]),
    ],
)
def test_re_entry_rules(ada, now, happen, settings, runs):
    # given a journey that ends at once
    live(now, step("exit1", "exit"), entries=ORDERS, settings=settings)

    # when Ada orders today, in 5 days and in 12
    seen = []
    for days in (0, 5, 12):
        happen((ada, "order.placed", {}), at=now + days * DAY)
        settle(now + days * DAY)
        seen.append(Enrolment.objects.count())

    # then
    assert seen == runs


def test_nobody_is_inside_twice_at_once(ada, now, happen):
    live(now, WAIT, entries=ORDERS, settings={"re_entry": "always"})
    happen((ada, "order.placed", {}), (ada, "order.placed", {}))
    happen((ada, "order.placed", {}), at=now + HOUR)
    assert Enrolment.objects.count() == 1


def test_a_draft_or_paused_journey_lets_nobody_in(ada, now, happen):
    journey = live(now, WAIT, entries=ORDERS)
    services.pause_journey(journey=journey, now=now)
    happen((ada, "order.placed", {}))
    assert not Enrolment.objects.exists()


def test_journeys_that_start_each_other_are_stopped(ada, now, happen):
    # given two journeys, each putting on the tag that starts the other, and taking off its own
    for mine, other in (("ping", "pong"), ("pong", "ping")):
        live(
            now,
            step("off1", "remove_tag", {"tag": mine}),
            step("on1", "add_tag", {"tag": other}),
            name=mine,
            entries=[{"kind": "tag_added", "config": {"tag": mine}}],
            settings={"re_entry": "always"},
        )

    # when the first is started
    happen((ada, "contact.tagged", {"tag": "ping"}))
    for _turn in range(100):
        if not advance(now=now).claimed:
            break
        drain(now=now)

    # then it went round some times, stopped, and says so
    assert Enrolment.objects.filter(exit_reason="loop_guard").count() == 1
    assert Enrolment.objects.filter(status="active").count() == 0
    assert 40 < Enrolment.objects.count() < 60


def test_a_goal_ends_the_journey_and_counts(ada, bob, now, happen):
    journey = live(now, WAIT, goal={"event": "order.placed", "then": "exit"})
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)

    happen((ada, "order.placed", {}), at=now + DAY)

    run = run_of(ada)
    assert (run.status, run.exit_reason, run.converted_at) == ("finished", "goal", now + DAY)
    assert path_of(ada) == [("wait1", "goal")]
    assert run_of(bob).status == "active"


def test_a_goal_pulls_people_forward_to_its_step(ada, now, happen):
    journey = live(
        now,
        WAIT,
        step("late1", "add_tag", {"tag": "late"}),
        step("goal1", "goal"),
        step("thanks", "add_tag", {"tag": "thanks"}),
        goal={"event": "order.placed", "then": "jump"},
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)

    happen((ada, "order.placed", {}), at=now + DAY)
    settle(now + DAY)

    assert path_of(ada) == [("wait1", "goal"), ("goal1", "next"), ("thanks", "next")]
    assert run_of(ada).converted_at == now + DAY


def test_a_goal_that_only_counts_leaves_people_where_they_are(ada, now, happen):
    journey = live(now, WAIT, goal={"event": "order.placed", "then": "stay"})
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    happen((ada, "order.placed", {}), at=now + DAY)
    run = run_of(ada)
    assert (run.status, run.due_at, run.converted_at) == ("active", now + 5 * DAY, now + DAY)


def test_a_goal_reached_too_late_or_told_late_does_not_count(ada, bob, now, happen):
    wait = step("wait1", "wait", {"amount": 60, "unit": "days"})
    journey = live(now, wait, goal={"event": "order.placed", "within_days": 14})
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)

    happen((ada, "order.placed", {}), at=now + 15 * DAY)
    record_many(
        events=[NewEvent("order.placed", occurred_at=now - DAY, contact_id=bob.pk)], now=now
    )
    drain(now=now)

    assert run_of(ada).converted_at is None
    assert run_of(bob).converted_at is None


def test_a_goal_of_a_condition_is_looked_at_with_every_event(ada, now, happen):
    tree = {"kind": "tag", "config": {"test": "has", "tag": "customer"}}
    journey = live(now, WAIT, goal={"condition": tree})
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    happen((ada, "page.viewed", {}), at=now + HOUR)
    assert run_of(ada).status == "active"

    add_tag(contact_ids=[ada.pk], name="customer", now=now + HOUR)
    drain(now=now + HOUR)

    assert run_of(ada).status == "finished"


def test_an_exit_acts_at_once(ada, now, happen):
    exits = [{"event": "order.refunded", "reason": "Refunded"}]
    journey = live(now, WAIT, exits=exits, goal={"event": "order.placed"})
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    happen((ada, "order.refunded", {}), at=now + HOUR)
    run = run_of(ada)
    assert (run.status, run.exit_reason, run.ended_at) == ("exited", "Refunded", now + HOUR)
    assert path_of(ada) == [("wait1", "exit:Refunded")]


def test_what_a_batch_brings_after_the_start_concerns_the_run_too(ada, bob, now, happen):
    # given a journey that orders start and refunds end
    exits = [{"event": "order.refunded", "reason": "Refunded"}]
    live(now, WAIT, entries=ORDERS, exits=exits)

    # when both come in one batch, in this order for Ada and in the other for Bob
    happen(
        (bob, "order.refunded", {}),
        (ada, "order.placed", {}),
        (ada, "order.refunded", {}),
        (bob, "order.placed", {}),
    )

    # then Ada is out again and Bob is in
    assert (run_of(ada).status, run_of(bob).status) == ("exited", "active")


LANES = ([step("came", "add_tag", {"tag": "came"})], [step("not1", "add_tag", {"tag": "not"})])


def test_who_waits_for_an_event_is_woken_by_it_or_times_out(ada, bob, now, happen):
    # given two people who wait three days for an order of theirs at the shop
    config = {
        "event": "order.placed",
        "property": "where",
        "operator": "is",
        "value": "shop",
        "amount": 3,
        "unit": "days",
    }
    journey = live(now, step("event1", "wait_for_event", config, *LANES))
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)
    assert (run_of(ada).waits_for, run_of(ada).due_at) == ("order.placed", now + 3 * DAY)

    # when Ada orders there, and Bob elsewhere
    happen(
        (ada, "order.placed", {"where": "Shop"}),
        (bob, "order.placed", {"where": "web"}),
        at=now + DAY,
    )
    assert run_of(ada).woken_by["data"] == {"where": "Shop"}
    settle(now + DAY)

    # then Ada went on, and Bob does when the time is over
    assert path_of(ada) == [("event1", "branch:0"), ("came", "next")]
    assert path_of(bob) == []
    settle(now + 3 * DAY)
    assert path_of(bob) == [("event1", "branch:1"), ("not1", "next")]


def test_who_is_held_out_gets_nothing_but_may_convert(now, acme, happen):
    # given a journey that holds half out
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(400))
    journey = live(
        now,
        step("tag1", "add_tag", {"tag": "got"}),
        WAIT,
        settings={"holdout": 50},
        goal={"event": "order.placed", "within_days": 14},
    )

    # when everyone comes in, and one who is held out orders
    enrol(journey=journey, contact_ids=[each.pk for each in people], now=now)
    settle(now)
    held = Enrolment.objects.filter(holdout=True)
    assert 160 < held.count() < 240
    lucky = held.first().contact
    happen((lucky, "order.placed", {}), at=now + DAY)

    # then the held out did no step, count when they convert, and end when watching ends
    assert Contact.objects.tagged("got").count() == 400 - held.count()
    assert run_of(lucky).converted_at == now + DAY
    assert run_of(lucky).status == "active"
    settle(now + 14 * DAY)
    assert set(held.values_list("status", "exit_reason")) == {("finished", "holdout")}


def test_the_cost_of_a_batch_does_not_grow_with_it(now, acme):
    # given journeys with an entry, a goal, an exit and people inside
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(300))
    exits = [{"event": "order.refunded", "reason": "Refunded"}]
    for name in ("one", "two"):
        live(now, WAIT, name=name, entries=ORDERS, exits=exits, goal={"event": "form.sent"})
    types = ["order.placed", "form.sent", "order.refunded"]

    def statements(some):
        events = [
            Event(
                source="t",
                message_id=f"{contact.pk}{type}",
                type=type,
                contact_id=contact.pk,
                occurred_at=now,
                received_at=now,
            )
            for contact in some
            for type in types
        ]
        Event.objects.bulk_create(events)
        with CaptureQueriesContext(connection) as queries:
            assert drain(now=now, limit=5000).done == len(events)
        aside = ("SET search_path", "SAVEPOINT", "RELEASE")
        return len([q for q in queries if not q["sql"].startswith(aside)])

    few = statements(people[:10])
    assert statements(people[10:]) <= few
    assert few <= 20


def test_events_of_globex_start_nothing_in_acme(ada, now, happen, acme, globex):
    live(now, WAIT, entries=ORDERS)
    connection.set_tenant(globex)
    happen((ada, "order.placed", {}))
    assert Enrolment.objects.count() == 0
    connection.set_tenant(acme)
    assert Enrolment.objects.count() == 0


def test_an_event_from_the_future_starts_now(ada, now):
    live(now, WAIT, entries=ORDERS)
    record_many(
        events=[NewEvent("order.placed", occurred_at=now + timedelta(days=3), contact_id=ada.pk)],
        now=now,
    )
    drain(now=now)
    assert run_of(ada).started_at == now
