"""Figures of a window are those of the runs that began in it, whatever happened later."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import Message
from commerce.models import Currency, Order
from contacts.models import Contact
from insights.models import Attribution
from journeys import numbers
from journeys.contracts import EVER, Earned, Window
from journeys.definition import find_step, parse
from journeys.enrolment import enrol
from journeys.figures import earned_totals, sent_totals, step_figures
from journeys.models import Enrolment, Journey
from journeys.numbers import JourneyNumbers, StepNumbers, journey_numbers, numbers_of_windows
from journeys.people import newest_runs, people
from tests.journeys.conftest import DAY, live, settle, step
from tests.journeys.seeding import seed

TICK = timedelta(microseconds=1)


@pytest.fixture
def seeded(acme: Any, now: datetime) -> Journey:
    """Ten came in at `now`, two more two days later."""
    return seed(now)


@pytest.fixture
def twice(ada: Contact, now: datetime) -> Journey:
    """Ada came in at `now` and went to the end, and came in again two days later and waits."""
    journey = live(
        now,
        step("wait1", "wait", {"amount": 1, "unit": "days"}),
        settings={"re_entry": "always"},
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now + DAY)
    enrol(journey=journey, contact_ids=[ada.pk], now=now + 2 * DAY)
    settle(now + 2 * DAY)
    return journey


def started(journey: Journey, window: Window) -> int:
    return journey_numbers([journey.pk], window)[journey.pk].started


def test_a_window_is_cut_exactly_at_its_edges(acme: Any, now: datetime) -> None:
    # given four people: right before, at the first moment, at the last, right after
    journey = live(now, step("tag1", "add_tag", {"tag": "x"}))
    for number, moment in enumerate((now - TICK, now, now + DAY - TICK, now + DAY)):
        person = Contact.objects.create(email=f"p{number}@example.com")
        enrol(journey=journey, contact_ids=[person.pk], now=moment)
    # then the first moment is in it and the last is not
    assert started(journey, Window(now, now + DAY)) == 2
    assert started(journey, Window(since=now)) == 3
    assert started(journey, Window(until=now)) == 1
    assert started(journey, EVER) == 4
    listed = people(journey=journey, what="started", window=Window(now, now + DAY))
    assert {each.email for each in listed} == {"p1@example.com", "p2@example.com"}


def test_what_happened_later_counts_for_the_window_the_run_began_in(
    seeded: Journey, now: datetime
) -> None:
    # when the figures of both days are read
    first, second = Window(now, now + DAY), Window(now + 2 * DAY, now + 3 * DAY)
    # then nine left the wait on the third day, in the window of the first
    assert journey_numbers([seeded.pk], first)[seeded.pk] == JourneyNumbers(
        started=10, completed=3, exited_early=7, converted=1
    )
    assert journey_numbers([seeded.pk], second)[seeded.pk] == JourneyNumbers(
        started=2, in_progress=2
    )
    assert numbers.step_numbers(seeded, first)["wait1"] == StepNumbers(
        10, 0, {"next": 9, "exit:removed": 1}, 1
    )
    assert numbers.step_numbers(seeded, second) == {
        "mail1": StepNumbers(2, 0, {"next": 2}),
        "wait1": StepNumbers(2, 2, {}),
    }


def test_mails_go_with_the_run_that_sent_them(seeded: Journey, now: datetime) -> None:
    # given ten people of the first day, nine of whom were mailed, and two of the third
    kinds = [("mail1", "send_email")]
    first, second = Window(until=now + DAY), Window(since=now + DAY)
    # then each figure is split between the windows
    assert {
        each.what: (each.count, each.of) for each in step_figures(seeded.pk, kinds, first)["mail1"]
    } == {
        "delivered": (9, 10),
        "opened": (4, 9),
        "clicked": (2, 9),
        "sent": (10, None),
        "bounced": (1, 10),
    }
    assert [
        (each.what, each.count) for each in step_figures(seeded.pk, kinds, second)["mail1"]
    ] == [("delivered", 0), ("opened", 0), ("clicked", 0), ("unsent", 1)]
    assert sent_totals([seeded.pk], first) == {seeded.pk: 10}
    assert sent_totals([seeded.pk], second) == {}


def test_orders_go_with_the_run_whose_mail_was_clicked(seeded: Journey, now: datetime) -> None:
    # given somebody of the first day who ordered long after
    Currency.objects.update_or_create(code="EUR", defaults={"is_main": True})
    message = Message.objects.get(to_address="p01@example.com")
    order = Order.objects.create(
        external_id=str(uuid4()), contact=message.contact, status="placed", currency="EUR",
        total="40", value="40", placed_at=now + 4 * DAY,
    )  # fmt: skip
    Attribution.objects.create(
        order=order, message=message, contact=message.contact, journey_id=seeded.pk,
        step_id="mail1", clicked_at=now + 3 * DAY,
    )  # fmt: skip
    # then the first day earned it
    assert earned_totals([seeded.pk], Window(until=now + DAY)) == {
        seeded.pk: Earned(1, 1, "€40.00")
    }
    assert earned_totals([seeded.pk], Window(since=now + DAY)) == {}
    assert people(journey=seeded, what="ordered", window=Window(until=now + DAY)).count() == 1
    assert not people(journey=seeded, what="ordered", window=Window(since=now + DAY)).exists()


def test_somebody_with_two_runs_is_in_both_windows_and_once_in_the_whole(
    twice: Journey, ada: Contact, now: datetime
) -> None:
    # when the windows before and from the second run on, and both together are asked
    before, after = Window(until=now + DAY), Window(since=now + DAY)
    # then each says what became of the run that began in it
    assert numbers_of_windows(twice.pk, [before, after]) == [
        JourneyNumbers(started=1, completed=1),
        JourneyNumbers(started=1, in_progress=1),
    ]
    assert journey_numbers([twice.pk])[twice.pk] == JourneyNumbers(
        started=1, completed=1, in_progress=1
    )
    # and a list shows the newest run of its window
    assert newest_runs(twice, [ada.pk], before)[ada.pk].started_at == now
    assert newest_runs(twice, [ada.pk])[ada.pk].started_at == now + 2 * DAY


def test_those_held_out_are_apart_in_every_window(twice: Journey, now: datetime) -> None:
    # given that her second run was held out
    Enrolment.objects.filter(started_at=now + 2 * DAY).update(holdout=True)
    # then
    assert numbers_of_windows(twice.pk, [Window(until=now + DAY), Window(since=now + DAY)]) == [
        JourneyNumbers(started=1, completed=1),
        JourneyNumbers(held_out=1),
    ]
    assert numbers_of_windows(twice.pk, []) == []


@pytest.mark.parametrize("days", [(0, 1), (0, 3), (2, None), (None, 2), (5, 6)])
def test_every_number_of_a_window_equals_its_list(
    seeded: Journey, now: datetime, days: tuple[int | None, int | None]
) -> None:
    # given a window
    since, until = (None if day is None else now + day * DAY for day in days)
    window = Window(since, until)
    node = find_step(parse(seeded.draft), "mail1")

    def count(what: str, step_id: str = "") -> int:
        of = node if step_id == "mail1" else None
        found = people(journey=seeded, what=what, step_id=step_id, node=of, window=window)
        return found.count()

    # then every figure of the journey, of its steps and of its mails is as long as its list
    journey = journey_numbers([seeded.pk], window)[seeded.pk]
    assert {what: count(what) for what in numbers.JOURNEY_FILTERS} == vars(journey)
    for step_id, found in numbers.step_numbers(seeded, window).items():
        assert (count("entered", step_id), count("waiting", step_id)) == (
            found.entered, found.waiting,
        )  # fmt: skip
        left = {outcome: count(f"left:{outcome}", step_id) for outcome in found.left}
        assert left == found.left
    figures = step_figures(seeded.pk, [("mail1", "send_email")], window).get("mail1", [])
    assert {each.what: count(each.what, "mail1") for each in figures} == {
        each.what: each.count for each in figures
    }
