"""Moving people inside to a new version: each keeps their place, goes where told, or leaves."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contacts.models import Contact
from core.errors import Invalid
from events.models import Event
from journeys import services
from journeys.definition import parse
from journeys.enrolment import enrol
from journeys.models import Enrolment, Journey, JourneyVersion, StepVisit, VersionMove
from journeys.moving import RETRY, Moving, move_due, next_move
from journeys.numbers import people
from journeys.preview import Preview, Standing, preview
from journeys.reactions import react
from journeys.tasks import next_due
from tests.journeys.conftest import DAY, HOUR, definition, live, path_of, run_of, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
MORE = step("wait2", "wait", {"amount": 3, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "old"})
UTC = ZoneInfo("UTC")


def inside(journey, now, *contacts):
    """Let these people in and walk them as far as they get."""
    enrol(journey=journey, contact_ids=[each.pk for each in contacts], now=now)
    settle(now)


def redo(journey, now, *steps, moving=None, **rules):
    """Publish other steps."""
    services.save_draft(journey=journey, definition=definition(*steps, **rules), now=now)
    return services.publish_journey(journey=journey, now=now, moving=moving)


def move_all(now):
    """Take slices until nobody is to be moved."""
    while move_due(now=now) is not None:
        pass


def expect(journey, *steps, moving=None, **rules):
    """What moving people to these steps would do."""
    versions = list(journey.versions.order_by("-number"))
    to = parse(definition(*steps, **rules))
    return preview(journey=journey, definition=to, versions=versions, moving=moving)


def test_at_a_step_that_is_still_there_they_keep_place_and_times(ada, now):
    # given Ada, a day into her wait
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    before = run_of(ada)
    new = (step("tag0", "add_tag", {"tag": "early"}), WAIT, step("tag2", "add_tag", {"tag": "new"}))
    assert expect(journey, *new) == Preview(
        people=1, runs=1, kept=1, steps=(Standing("wait1", people=1),)
    )

    # when she is moved
    version = redo(journey, now + DAY, *new, moving=Moving())
    assert next_due() == now + DAY
    move_all(now + DAY)

    # then only the version changed
    after = run_of(ada)
    assert after.version == version
    for name in ("step_id", "entered_step_at", "due_at", "waits_for", "visit", "status"):
        assert getattr(after, name) == getattr(before, name)
    assert path_of(ada) == []

    # and she goes on by it when her time has come
    settle(now + 2 * DAY)
    assert path_of(ada) == [("wait1", "next"), ("tag2", "next")]
    move = VersionMove.objects.get()
    assert (move.asked, move.kept, move.moved, move.left) == (1, 1, 0, 0)
    assert (move.due_at, move.finished_at) == (None, now + DAY)
    assert next_due() is None


def test_the_default_is_the_next_step_that_is_still_there(ada, now):
    # given Ada at a wait that goes, with the step after it
    journey = live(now, WAIT, TAG, step("tag2", "add_tag", {"tag": "kept"}), MORE)
    inside(journey, now, ada)
    new = (step("tag2", "add_tag", {"tag": "kept"}), MORE)
    assert expect(journey, *new) == Preview(
        people=1,
        runs=1,
        going={"tag2": 1},
        steps=(Standing("wait1", 1, stays=False, default="tag2", choice="tag2"),),
    )

    # when she is moved
    version = redo(journey, now + HOUR, *new, moving=Moving())
    move_all(now + HOUR)
    run = run_of(ada)
    assert (run.version, run.step_id, run.visit) == (version, "tag2", 2)
    assert (run.entered_step_at, run.due_at) == (now + HOUR, now + HOUR)
    settle(now + HOUR)

    # then her way has no gap, and tells the version of each stay
    visits = StepVisit.objects.filter(enrolment=run).order_by("visit")
    assert list(visits.values_list("visit", "step_id", "outcome", "version_id")) == [
        (1, "wait1", "moved", version.journey.versions.get(number=1).pk),
        (2, "tag2", "next", version.pk),
    ]
    assert run_of(ada).step_id == "wait2"


def test_where_nothing_follows_they_leave_and_the_mapping_may_say_so_too(ada, bob, now):
    journey = live(now, WAIT, TAG, MORE)
    inside(journey, now, ada)
    settle(now + 2 * DAY)
    inside(journey, now + 2 * DAY, bob)
    assert (run_of(ada).step_id, run_of(bob).step_id) == ("wait2", "wait1")

    # when Bob's step and Ada's, the last, go
    moving = Moving({"wait1": None})
    assert expect(journey, TAG, moving=moving) == Preview(
        people=2,
        runs=2,
        leaving=2,
        steps=(
            Standing("wait1", 1, stays=False, default="tag1", choice=None),
            Standing("wait2", 1, stays=False, default=None, choice=None),
        ),
    )
    redo(journey, now + 3 * DAY, TAG, moving=moving)
    move_all(now + 3 * DAY)

    # then both left, and say why
    assert path_of(ada)[-1] == ("wait2", "exit:step_removed")
    assert path_of(bob) == [("wait1", "exit:step_removed")]
    assert set(Enrolment.objects.values_list("status", "exit_reason")) == {
        ("exited", "step_removed")
    }
    assert VersionMove.objects.get().left == 2


def test_a_changed_wait_is_asked_again_only_when_chosen(ada, now):
    # given Ada, who waits two days
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    shorter = step("wait1", "wait", {"amount": 1, "unit": "hours"})

    # when the wait becomes an hour
    redo(journey, now + 2 * HOUR, shorter, TAG, moving=Moving())
    move_all(now + 2 * HOUR)
    assert run_of(ada).due_at == now + 2 * DAY

    # then asking again counts from when she came, also where she has been moved already
    again = Moving(asks_again=True)
    longer = step("wait1", "wait", {"amount": 30, "unit": "hours"})
    assert expect(journey, longer, TAG, moving=again).asked == 1
    redo(journey, now + 3 * HOUR, longer, TAG, moving=again)
    move_all(now + 3 * HOUR)
    settle(now + 3 * HOUR)
    assert (run_of(ada).due_at, run_of(ada).visit) == (now + 30 * HOUR, 1)


def test_a_longer_wait_is_told_when_the_shorter_one_is_over(ada, now):
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    redo(journey, now + DAY, step("wait1", "wait", {"amount": 3, "unit": "days"}), moving=Moving())
    move_all(now + DAY)
    assert run_of(ada).due_at == now + 2 * DAY
    settle(now + 2 * DAY)
    assert (run_of(ada).due_at, run_of(ada).visit) == (now + 3 * DAY, 1)


def waiting(event, days=7):
    config = {"event": event, "amount": days, "unit": "days"}
    return step("event1", "wait_for_event", config, [TAG], [])


def test_who_waits_for_an_event_is_asked_only_when_it_is_another_one(ada, now):
    # given Ada, who waits for an order
    journey = live(now, waiting("order.placed"))
    inside(journey, now, ada)

    # when the wait is longer, she goes on waiting for the order as she did
    redo(journey, now + HOUR, waiting("order.placed", days=9), moving=Moving())
    move_all(now + HOUR)
    run = run_of(ada)
    assert (run.waits_for, run.due_at) == ("order.placed", now + 7 * DAY)

    # when it is for another event, she waits for that one, at the same visit
    redo(journey, now + 2 * HOUR, waiting("contact.tagged", days=9), moving=Moving())
    move_all(now + 2 * HOUR)
    settle(now + 2 * HOUR)
    run = run_of(ada)
    assert (run.waits_for, run.due_at, run.visit) == ("contact.tagged", now + 9 * DAY, 1)


def test_the_people_of_all_earlier_versions_come_along(ada, bob, now, acme):
    # given one person in each of three versions, the second at a step of its own
    carol = Contact.objects.create(email="carol@example.com")
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    redo(journey, now, MORE, TAG)
    inside(journey, now, bob)
    redo(journey, now, WAIT, MORE, TAG)
    inside(journey, now, carol)
    assert list(
        Enrolment.objects.order_by("version__number").values_list("version__number", "step_id")
    ) == [(1, "wait1"), (2, "wait2"), (3, "wait1")]

    # when the next version has the first wait alone
    version = redo(journey, now + HOUR, WAIT, TAG, moving=Moving())
    found = [people(journey=journey, what=f"{what}").count() for what in ("on:3", "before:4")]
    assert found == [1, 3]
    move_all(now + HOUR)

    # then all are in it, each once
    assert version.number == 4
    assert list(
        Enrolment.objects.order_by("contact__email").values_list(
            "version__number", "step_id", "visit"
        )
    ) == [(4, "wait1", 1), (4, "tag1", 2), (4, "wait1", 1)]
    assert people(journey=journey, what="before:4").count() == 0


def test_an_unchanged_draft_moves_those_of_earlier_versions_to_the_live_one(ada, bob, now):
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    redo(journey, now, WAIT)
    inside(journey, now, bob)
    version = services.publish_journey(journey=journey, now=now, moving=Moving())
    move_all(now)
    assert version.number == 2
    assert VersionMove.objects.get().asked == 1
    assert set(Enrolment.objects.values_list("version", flat=True)) == {version.pk}


def test_who_comes_in_later_is_never_moved_back(ada, bob, now):
    # given a move to version 2 that has not begun, and a version 3
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    redo(journey, now, WAIT, moving=Moving())
    third = redo(journey, now, MORE)
    inside(journey, now, bob)

    # when it is done
    move_all(now)

    # then Ada is where it led, and Bob where he was
    assert (run_of(ada).version.number, run_of(bob).version) == (2, third)


def test_a_later_move_takes_the_place_of_one_under_way(ada, now):
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    redo(journey, now, WAIT, moving=Moving())
    redo(journey, now + HOUR, MORE, TAG, moving=Moving({"wait1": "wait2"}))
    assert list(VersionMove.objects.order_by("begun_at").values_list("finished_at", "due_at")) == [
        (now + HOUR, None),
        (None, now + HOUR),
    ]
    move_all(now + HOUR)
    assert (run_of(ada).version.number, run_of(ada).step_id) == (3, "wait2")


def test_held_people_are_moved_and_stay_held(ada, bob, now):
    # given a move that a pause overtakes
    journey = live(now, WAIT, MORE)
    inside(journey, now, ada)
    settle(now + 2 * DAY)
    inside(journey, now + 2 * DAY, bob)
    redo(journey, now + 2 * DAY, WAIT, TAG, moving=Moving({"wait2": "tag1"}))
    assert services.pause_journey(journey=journey, now=now + 2 * DAY) == 2

    # when it goes on
    move_all(now + 2 * DAY)
    settle(now + 9 * DAY)

    # then both are held in the new version, and go on when it is resumed
    assert set(Enrolment.objects.values_list("status", "version__number")) == {("held", 2)}
    assert (run_of(ada).step_id, run_of(bob).step_id) == ("tag1", "wait1")
    services.resume_journey(journey=journey, now=now + 9 * DAY)
    settle(now + 9 * DAY)
    assert path_of(ada) == [("wait1", "next"), ("wait2", "moved"), ("tag1", "next")]
    assert path_of(bob) == [("wait1", "next"), ("tag1", "next")]


def test_who_is_held_out_stays_held_out(now, acme):
    # given a hundred people, some of them held out
    journey = live(now, WAIT, settings={"holdout": 50})
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(60))
    inside(journey, now, *made)
    held_out = Enrolment.objects.filter(holdout=True)
    before = dict(held_out.values_list("pk", "due_at"))
    treated = 60 - len(before)
    assert 15 < treated < 45

    # when everybody is moved, and the only step is another
    assert expect(journey, MORE).runs == treated
    redo(
        journey, now + HOUR, MORE, TAG, settings={"holdout": 50}, moving=Moving({"wait1": "wait2"})
    )
    move_all(now + HOUR)

    # then they are in the new version as they were in the old, without a visit
    assert dict(held_out.values_list("pk", "due_at")) == before
    assert set(held_out.values_list("version__number", "step_id", "visit", "status")) == {
        (2, "wait2", 1, "active")
    }
    assert not StepVisit.objects.filter(enrolment__holdout=True).exists()
    move = VersionMove.objects.get()
    assert (move.asked, move.moved, move.kept) == (treated, treated, 0)


def test_the_goal_and_the_exits_of_the_new_version_act(ada, now):
    journey = live(now, WAIT)
    inside(journey, now, ada)
    goal = {"event": "order.placed", "within_days": 30, "then": "exit"}
    redo(journey, now, WAIT, goal=goal, moving=Moving())
    event = Event(type="order.placed", occurred_at=now + HOUR, contact_id=ada.pk, data={})
    react({ada.pk: [event]}, now=now + HOUR, timezone=UTC)
    assert run_of(ada).status == "active"
    move_all(now)
    react({ada.pk: [event]}, now=now + HOUR, timezone=UTC)
    assert (run_of(ada).status, run_of(ada).exit_reason) == ("finished", "goal")


def test_slices_are_small_and_the_rest_waits_for_its_turn(now, acme):
    journey = live(now, WAIT, TAG)
    made = Contact.objects.bulk_create(Contact(email=f"p{n}@example.com") for n in range(25))
    inside(journey, now, *made)
    redo(journey, now, TAG, moving=Moving())
    assert [move_due(now=now, limit=10) for _turn in range(4)] == [10, 10, 5, None]
    move = VersionMove.objects.get()
    assert (move.asked, move.moved, move.finished_at) == (25, 25, now)
    assert next_move() is None
    assert timedelta(seconds=2) == RETRY


@pytest.mark.parametrize(
    ("mapping", "field"),
    [({"wait1": "nosuch"}, "mapping.wait1"), ({"nosuch": "tag1"}, "mapping.nosuch")],
)
def test_a_mapping_that_cannot_be_followed_is_refused(ada, now, mapping, field):
    journey = live(now, WAIT, TAG)
    inside(journey, now, ada)
    with pytest.raises(Invalid) as refusal:
        redo(journey, now, TAG, moving=Moving(mapping))

    # then nothing was published
    assert (refusal.value.code, refusal.value.problems[0].code) == ("bad_mapping", "unknown_step")
    assert refusal.value.problems[0].field == field
    assert JourneyVersion.objects.count() == 1
    assert not VersionMove.objects.exists()
    assert Journey.objects.get().live_version.number == 1
