"""Why somebody did not come in: every reason with its code and its sentence."""

from datetime import timedelta

from contacts.models import Contact
from contacts.tags import add_tag
from events.models import Event
from events.services import record
from journeys import services
from journeys.enrolment import LOOP_RUNS, remove
from journeys.explain.attempts import CODES
from journeys.models import Enrolment
from tests.journeys.conftest import DAY, HOUR, live, settle, step
from tests.journeys.explain.conftest import (
    BIG,
    VIP,
    WAIT,
    asked,
    attempts,
    listen,
    order,
    ordering,
    said,
    way_in,
)

LET_IN = ("came_in", "This let them in.")


def test_an_order_under_the_limit_does_not_pass(bob, now):
    # given a journey for orders of 50 or more, and Bob's of 42
    journey = ordering(now)
    order(bob, now + HOUR, total=42)
    # when it is asked why he is not in
    found = said(journey, bob, now + DAY)
    # then
    assert (found.code, found.reason) == ("not_let_in", "filtered")
    assert found.sentence == (
        "Bob did not come into “Welcome”: “Ordered” on 20 Nov 2026, 14:00. It did not pass:"
        " wanted is that total is at least “50”, and it was “42”."
    )


def test_nothing_happened_is_said_of_each_way_in(bob, now):
    journey = ordering(now)
    found = said(journey, bob, now)
    assert (found.code, found.reason) == ("not_let_in", "nothing_happened")
    assert found.sentence == (
        "Bob did not come into “Welcome”. “Ordered” never happened with them."
    )


def test_who_came_in_is_told_with_what_let_them_in(ada, now):
    journey = ordering(now)
    order(ada, now + HOUR)
    assert attempts(journey, ada, now + DAY) == [LET_IN]
    [way] = asked(journey, ada, now + DAY).ways
    assert way.attempts[0].run == Enrolment.objects.get(contact=ada)
    assert [check.passed for check in way.attempts[0].checks] == [True, True]


def test_an_audience_is_told_condition_by_condition_as_of_then(ada, bob, now):
    # given a journey for VIPs who did not ask for help before
    helped = {"kind": "happened", "config": {"test": "did_not", "event": "ticket.opened"}}
    journey = ordering(now, only={"all": [VIP, helped]})
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    record(type="ticket.opened", contact_id=ada.pk, now=now + HOUR)
    # when both order, Ada after she had a problem
    order(bob, now + 2 * HOUR)
    order(ada, now + 2 * HOUR)
    # then each is told what stood against them
    barred = ("not_in_audience", "They are not among those this way in is for.")
    assert attempts(journey, ada, now + DAY) == attempts(journey, bob, now + DAY) == [barred]
    for person, holds in ((ada, [True, False]), (bob, [False, True])):
        [attempt] = asked(journey, person, now + DAY).ways[0].attempts
        assert attempt.audience is not None
        assert [leaf.holds for leaf in attempt.audience.leaves()] == holds


def test_who_got_the_tag_since_is_told_that_things_changed(bob, now):
    journey = ordering(now, only=VIP)
    order(bob, now + HOUR)
    add_tag(contact_ids=[bob.pk], name="vip", now=now + 2 * HOUR)
    assert attempts(journey, bob, now + DAY) == [
        (
            "changed_since",
            "They are among those this way in is for by now, and were not when it happened.",
        )
    ]


def test_who_is_inside_does_not_come_in_again(ada, now):
    journey = ordering(now, settings={"re_entry": "always"})
    order(ada, now + HOUR)
    order(ada, now + 2 * HOUR)
    assert attempts(journey, ada, now + DAY) == [
        ("already_inside", "They were inside already, since 20 Nov 2026, 14:00."),
        LET_IN,
    ]


def test_who_was_in_before_is_told_when_they_may_come_again(ada, now):
    # given that Ada was in, and out, and orders twice more
    journey = ordering(now, settings={"re_entry": "after_days", "re_entry_days": 7})
    order(ada, now + HOUR)
    settle(now + 3 * DAY)
    order(ada, now + 5 * DAY)
    order(ada, now + 9 * DAY)
    # then
    assert attempts(journey, ada, now + 10 * DAY) == [
        LET_IN,
        (
            "entered_before",
            "They came in on 20 Nov 2026, 14:00, and could come again from 27 Nov 2026, 14:00 on.",
        ),
        LET_IN,
    ]


def test_once_per_person_is_once(ada, now):
    journey = ordering(now)
    order(ada, now + HOUR)
    settle(now + 3 * DAY)
    order(ada, now + 5 * DAY)
    assert attempts(journey, ada, now + 10 * DAY)[0] == (
        "entered_before",
        "They came in on 20 Nov 2026, 14:00, and everybody comes in once only.",
    )


def test_going_in_circles_is_told(ada, now):
    # given one run more than people make within an hour, and another event after that
    journey = ordering(now, settings={"re_entry": "always"})
    for number in range(LOOP_RUNS + 2):
        order(ada, now + timedelta(minutes=number))
        remove(
            enrolment_ids=Enrolment.objects.filter(contact=ada).values_list("pk", flat=True),
            now=now + timedelta(minutes=number, seconds=1),
        )
    # then the newest events say so, with a run and without
    words = f"They came in {LOOP_RUNS} times within an hour, so the journey was stopped for them."
    found = attempts(journey, ada, now + HOUR)
    assert found[:3] == [("loop_guard", words), ("loop_guard", words), LET_IN]


def test_who_is_held_out_is_told_so(ada, now):
    journey = ordering(now, settings={"holdout": 50})
    people = [Contact.objects.create(email=f"h{n}@example.com") for n in range(8)]
    for person in people:
        order(person, now + HOUR)
    held = next(each for each in people if Enrolment.objects.get(contact=each).holdout)
    assert attempts(journey, held, now + DAY) == [
        (
            "held_out",
            "They came in, among the 50% held out to compare: they get nothing.",
        )
    ]
    assert said(journey, held, now + DAY).sentence == (
        f"{held.email} gets nothing of “Welcome”: on 20 Nov 2026, 14:00 they were held out to"
        " compare."
    )


def test_what_came_before_going_live_let_nobody_in(bob, now):
    order(bob, now - DAY)
    journey = ordering(now)
    assert attempts(journey, bob, now + DAY) == [
        ("not_live_yet", "The journey went live on 20 Nov 2026, 13:00, after this.")
    ]


def test_a_pause_is_told_from_when_to_when(bob, now):
    # given a journey that was paused for a day, put away and brought back
    journey = ordering(now)
    services.pause_journey(journey=journey, now=now + HOUR)
    order(bob, now + 2 * HOUR)
    assert attempts(journey, bob, now + 3 * HOUR) == [
        ("not_live", "The journey stands still since 20 Nov 2026, 14:00.")
    ]
    services.resume_journey(journey=journey, now=now + DAY)
    services.archive_journey(journey=journey, now=now + 2 * DAY)
    order(bob, now + 3 * DAY)
    services.restore_journey(journey=journey, now=now + 4 * DAY)
    services.publish_journey(journey=journey, now=now + 4 * DAY)
    # then each order has its own reason
    assert attempts(journey, bob, now + 5 * DAY) == [
        (
            "not_live",
            "The journey stood still from 22 Nov 2026, 13:00 to 24 Nov 2026, 13:00.",
        ),
        (
            "not_live",
            "The journey stood still from 20 Nov 2026, 14:00 to 21 Nov 2026, 13:00.",
        ),
    ]


def test_a_journey_that_was_never_published(bob, now):
    journey = services.create_journey(
        name="Idea", definition={"entries": [way_in()], "steps": [WAIT]}, now=now
    )
    found = said(journey, bob, now)
    assert (found.code, found.reason) == ("not_let_in", "not_live_yet")
    assert found.sentence == "Bob did not come into “Idea”: it was never published."


def test_each_event_is_judged_by_the_version_that_ran_then(ada, bob, now):
    # given a journey for orders of 50 that became one for orders of 10, and was one for tags
    journey = live(now, WAIT, entries=[{"kind": "tag_added", "config": {"tag": "vip"}}])
    order(bob, now + HOUR, total=70)
    for at, value in ((now + DAY, "50"), (now + 2 * DAY, "10")):
        journey.draft = {**journey.draft, "entries": [way_in({**BIG, "value": value})]}
        journey.save()
        services.publish_journey(journey=journey, now=at)
        order(bob, at + HOUR, total=20)
    # then
    assert attempts(journey, bob, now + 3 * DAY) == [
        LET_IN,
        (
            "filtered",
            "It did not pass: wanted is that total is at least “50”, and it was “20”.",
        ),
        ("no_such_way", "Version 1, which ran then, did not start with this."),
    ]


def test_what_was_not_processed_says_so(bob, now):
    journey = ordering(now)
    for number in range(2):
        record(type="order.placed", contact_id=bob.pk, now=now + number * HOUR, data={"total": 9})
    Event.objects.filter(occurred_at=now).update(
        state=Event.State.FAILED, error="The order had no number."
    )
    assert attempts(journey, bob, now + DAY) == [
        ("waiting", "This was not looked at yet."),
        ("event_failed", "This could not be processed: The order had no number."),
    ]


def test_history_starts_nothing(bob, now):
    journey = ordering(now)
    order(bob, now, historical=True)
    assert attempts(journey, bob, now + DAY) == [
        (
            "filtered",
            "It did not pass: wanted is that it is news, not history, and it is history.",
        )
    ]


def test_by_hand_nothing_happens_by_itself(bob, now):
    journey = live(now, WAIT)
    assert said(journey, bob, now).sentence == (
        "Bob did not come into “Welcome”. Somebody of the team or the API lets people in; nothing"
        " happens by itself."
    )


def test_only_the_last_ten_of_a_kind_are_told(bob, now):
    journey = ordering(now)
    for number in range(12):
        record(type="order.placed", contact_id=bob.pk, now=now + number * HOUR, data={"total": 9})
    listen(now + DAY)
    found = asked(journey, bob, now + DAY).ways[0].attempts
    assert [each.at for each in found] == [now + number * HOUR for number in range(11, 1, -1)]


def test_every_code_has_words():
    assert all(str(words) for words in CODES.values())


def test_a_step_that_nobody_came_to_is_answered_by_the_door(bob, now):
    journey = ordering(now, step("tag1", "add_tag", {"tag": "known"}))
    found = said(journey, bob, now, step="tag1")
    assert (found.code, found.reason) == ("not_let_in", "nothing_happened")
    assert found.sentence.startswith("Bob did not get “Add tag: known”. Bob did not come into")
