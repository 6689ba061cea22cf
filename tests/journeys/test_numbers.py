"""Every number equals the list behind it; a person's path tells why."""

import pytest

from contacts.erasure import erase_contact
from contacts.models import Contact
from contacts.tags import add_tag
from events.drain import drain
from events.services import record
from journeys import numbers, services
from journeys.enrolment import enrol
from journeys.models import Enrolment, StepVisit
from journeys.path import ending_words, path_of, runs_of
from tests.journeys.conftest import DAY, live, run_of, settle, step

VIP = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}


@pytest.fixture
def busy(now, acme):
    """A journey with twenty people all over the place, some for the second time."""
    people = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(20))
    add_tag(contact_ids=[each.pk for each in people[:8]], name="vip", now=now)
    journey = live(
        now,
        step(
            "split1",
            "if_else",
            {"condition": VIP},
            [step("wait1", "wait", {"amount": 3, "unit": "days"})],
            [step("exit1", "exit", {"reason": "No VIP"})],
        ),
        step("tag1", "add_tag", {"tag": "done"}),
        settings={"re_entry": "always"},
        goal={"event": "order.placed"},
    )
    ids = [each.pk for each in people]
    enrol(journey=journey, contact_ids=ids, now=now)
    settle(now)
    record(type="order.placed", contact_id=ids[0], now=now + DAY)
    drain(now=now + DAY)
    settle(now + 3 * DAY)
    enrol(journey=journey, contact_ids=ids[:4], now=now + 4 * DAY)
    settle(now + 4 * DAY)
    return journey


def test_the_numbers_of_a_journey(busy):
    found = numbers.journey_numbers([busy.pk])[busy.pk]
    assert found == numbers.JourneyNumbers(
        started=20, in_progress=4, exited_early=12, completed=8, failed=0, converted=1
    )
    assert found.conversion == 0.05


def test_the_numbers_of_its_steps(busy):
    found = numbers.step_numbers(busy)
    assert found["split1"] == numbers.StepNumbers(20, 0, {"branch:0": 8, "branch:1": 12}, 0)
    assert found["wait1"] == numbers.StepNumbers(8, 4, {"goal": 1, "next": 7})
    assert found["exit1"] == numbers.StepNumbers(12, 0, {"exit:No VIP": 12}, 12)
    assert found["tag1"] == numbers.StepNumbers(7, 0, {"next": 7})


def test_every_number_equals_the_list_behind_it(busy):
    def count(what, step=""):
        return numbers.people(journey=busy, what=what, step=step).count()

    journey = numbers.journey_numbers([busy.pk])[busy.pk]
    for what in numbers.JOURNEY_FILTERS:
        assert count(what) == getattr(journey, what), what
    for step_id, found in numbers.step_numbers(busy).items():
        assert count("entered", step_id) == found.entered
        assert count("waiting", step_id) == found.waiting
        assert count("lost", step_id) == found.lost
        for outcome, people in found.left.items():
            assert count(f"left:{outcome}", step_id) == people
    assert count("entered", "nosuch") == 0
    with pytest.raises(KeyError):
        count("everything")
    with pytest.raises(KeyError):
        count("everything", "wait1")


def test_an_erased_person_is_in_no_number(busy, now):
    gone = Contact.objects.get(email="p0@example.com")
    erase_contact(contact_id=gone.pk, now=now)
    assert not Enrolment.objects.filter(contact_id=gone.pk).exists()
    assert StepVisit.objects.values("enrolment").distinct().count() == 19 + 3
    assert numbers.journey_numbers([busy.pk])[busy.pk].started == 19
    assert numbers.step_numbers(busy)["split1"].entered == 19


def test_a_path_tells_each_step_and_why(ada, now):
    # given Ada past a split, waiting
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    journey = live(
        now,
        step("split1", "if_else", {"condition": VIP}, [], []),
        step(
            "event1",
            "wait_for_event",
            {"event": "order.placed", "amount": 3, "unit": "days"},
            [],
            [],
        ),
    )
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)

    # then her path says so, in the workspace's time
    first, second = path_of(runs_of(ada.pk)[0])
    assert (first.step_id, first.outcome, first.words) == ("split1", "branch:0", "Yes")
    assert (first.entered_at, first.left_at) == (now, now)
    assert (second.label, second.left_at) == ("Wait for an event", None)
    assert second.words == "Waits for “Ordered”, until Nov. 23, 2026, 1 p.m."

    # when the time is over
    settle(now + 3 * DAY)
    run = run_of(ada)
    assert [each.words for each in path_of(run)] == ["Yes", "Timed out"]
    assert ending_words(run) == "Came to the end"


def test_a_path_tells_of_leaving_and_holding(ada, bob, now):
    journey = live(now, step("wait1", "wait", {"amount": 1, "unit": "days"}))
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)
    services.pause_journey(journey=journey, now=now)
    assert path_of(run_of(ada))[0].words == "Held: the journey is paused"
    services.archive_journey(journey=journey, now=now)
    run = run_of(ada)
    assert path_of(run)[0].words == "Left: the journey was put away"
