"""Held-out people get nothing and are watched; the lift compares like with like."""

import pytest

from campaigns.models import Message
from contacts.models import Contact, ContactTag
from events.drain import drain
from events.services import record
from journeys.chance import fraction
from journeys.enrolment import enrol
from journeys.models import Enrolment, StepVisit
from journeys.numbers import journey_numbers
from tests.journeys.conftest import DAY, live, settle, step
from tests.journeys.seeding import mail

GOAL = {"event": "order.placed", "within_days": 14, "then": "exit"}


@pytest.fixture
def journey(acme, now):
    """Half are held out; the others get a mail and a tag, and are through after two days."""
    return live(
        now,
        step("mail1", "send_email", {"template": str(mail(now).pk)}),
        step("wait1", "wait", {"amount": 2, "unit": "days"}),
        step("tag1", "add_tag", {"tag": "welcomed"}),
        settings={"holdout": 50},
        goal=GOAL,
    )


@pytest.fixture
def people(journey, now):
    """Sixty people who came in: (held out, treated)."""
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(60))
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    settle(now)
    settle(now + 2 * DAY)
    held = [each for each in made if fraction("holdout", journey.pk, each.pk) < 0.5]
    return held, [each for each in made if each not in held]


def order(contact, at):
    record(type="order.placed", contact_id=contact.pk, now=at)
    drain(now=at)


def test_they_get_nothing_and_are_watched_for_the_goal(journey, people, now):
    # given those whom chance held out, about half
    held, treated = people
    assert 15 <= len(held) <= 45
    runs = Enrolment.objects.filter(contact__in=held)
    assert runs.filter(holdout=True, status="active").count() == len(held)

    # then no mail, no tag and no step was theirs, and everything was the others'
    assert Message.objects.filter(contact__in=held).count() == 0
    assert ContactTag.objects.filter(contact__in=held).count() == 0
    assert StepVisit.objects.filter(enrolment__in=runs).count() == 0
    assert Message.objects.filter(contact__in=treated).count() == len(treated)
    assert ContactTag.objects.filter(contact__in=treated).count() == len(treated)

    # when two of them order within fourteen days, and one later
    order(held[0], now + 13 * DAY)
    order(held[1], now + 14 * DAY)
    settle(now + 14 * DAY)
    order(held[2], now + 15 * DAY)
    # then the two count, and all are through
    found = journey_numbers([journey.pk])[journey.pk]
    assert (found.held_out, found.held_out_converted) == (len(held), 2)
    assert runs.filter(status="finished", exit_reason="holdout").count() == len(held)


def test_who_is_through_has_as_long_for_the_goal_as_who_was_held_out(journey, people, now):
    # given treated people who have come to the end
    _held, treated = people
    ended = Enrolment.objects.filter(contact__in=treated, status="finished")
    assert ended.count() == len(treated)
    # when some order within fourteen days of coming in, and one after
    order(treated[0], now + 3 * DAY)
    order(treated[1], now + 14 * DAY)
    order(treated[2], now + 14 * DAY + DAY)
    # then those in time count, and nothing else about their runs has changed
    found = journey_numbers([journey.pk])[journey.pk]
    assert (found.started, found.converted, found.completed) == (len(treated), 2, len(treated))
    run = Enrolment.objects.get(contact=treated[0])
    assert (run.status, run.exit_reason, run.ended_at) == ("finished", "", now + 2 * DAY)
    assert run.converted_at == now + 3 * DAY
    # and a second order moves nothing
    order(treated[0], now + 5 * DAY)
    run.refresh_from_db()
    assert run.converted_at == now + 3 * DAY


def test_an_ended_run_is_neither_exited_nor_woken(acme, now, ada):
    # given somebody through a journey that an order ends
    journey = live(
        now,
        step("tag1", "add_tag", {"tag": "welcomed"}),
        goal={"event": "review.submitted", "within_days": 14},
        exits=[{"event": "order.placed", "reason": "bought"}],
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    before = Enrolment.objects.filter(contact=ada).values().get()
    # when they order
    order(ada, now + DAY)
    # then it is as it was
    assert Enrolment.objects.filter(contact=ada).values().get() == before
