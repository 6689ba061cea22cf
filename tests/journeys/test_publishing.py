"""Versions, pausing and archiving: nobody is lost, nobody gets in who should not."""

import pytest

from core.errors import Invalid
from journeys import services
from journeys.enrolment import enrol, remove
from journeys.models import Enrolment, Journey, JourneyVersion, LiveEntry
from tests.journeys.conftest import DAY, HOUR, definition, live, path_of, run_of, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "old"})
ORDERS = [{"kind": "event_received", "config": {"event": "order.placed"}}]


def test_publishing_freezes_the_draft_and_opens_its_entries(acme, owner, now):
    journey = services.create_journey(
        name="  Orders ", definition=definition(WAIT, entries=ORDERS), now=now
    )
    version = services.publish_journey(journey=journey, by=owner, now=now)
    assert (journey.name, journey.status, journey.live_version) == ("Orders", "live", version)
    assert (version.number, version.published_by_id) == (1, owner.pk)
    assert version.published_by_name == "Acme Owner"
    entry = LiveEntry.objects.get(journey=journey)
    assert (entry.kind, entry.event_type, entry.version) == (
        "event_received",
        "order.placed",
        version,
    )


def test_settings_are_published_as_their_forms_clean_them(ada, now):
    # given settings as a form posts them, all text
    split = step("split1", "percentage_split", {"shares": "100, 0"}, [], [])
    raw = [
        step("split1", "percentage_split", {"shares": "50,50%"}, [], []),
        step("wait1", "wait", {"amount": "2", "unit": "days"}),
        step("until1", "wait_until", {"at": "09:00", "weekdays": ["0"]}),
    ]
    journey = live(now, *raw, settings={"holdout": "0"})
    compiled = journey.live_version.compiled
    assert compiled["steps"]["split1"]["config"] == {"shares": [50, 50]}
    assert compiled["steps"]["wait1"]["config"] == {"amount": 2, "unit": "days"}
    assert compiled["steps"]["until1"]["config"] == {"at": "09:00:00", "weekdays": [0]}
    assert compiled["settings"] == {"re_entry": "never", "priority": "normal", "holdout": 0}

    # then people walk through, and publishing the same again makes no version
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert run_of(ada).step_id == "wait1"
    assert services.publish_journey(journey=journey, now=now).number == 1
    services.save_draft(journey=journey, definition=definition(split), now=now)
    with pytest.raises(Invalid):
        services.publish_journey(journey=journey, now=now)


def test_an_incomplete_draft_is_kept_but_not_published(acme, now):
    journey = live(now, WAIT)
    services.save_draft(journey=journey, definition={"steps": [step("ab", "wait")]}, now=now)

    with pytest.raises(Invalid) as refusal:
        services.publish_journey(journey=journey, now=now)

    # then all problems are told and nothing has changed
    assert refusal.value.code == "cannot_publish"
    assert refusal.value.problems[0].code == "no_entry"
    assert {each.code for each in services.draft_problems(journey)} == {
        "no_entry",
        "invalid_settings",
    }
    assert JourneyVersion.objects.count() == 1
    assert LiveEntry.objects.get().kind == "manual"


def test_two_people_editing_do_not_overwrite_each_other(acme, now):
    journey = services.create_journey(name="A", now=now)
    assert (
        services.save_draft(journey=journey, definition=definition(WAIT), now=now, revision=0) == 1
    )
    with pytest.raises(Invalid, match="draft_changed"):
        services.save_draft(journey=journey, definition=definition(TAG), now=now, revision=0)
    journey.refresh_from_db()
    assert journey.draft == {**definition(WAIT), "goal": None, "exits": [], "settings": {}}


def test_people_inside_stay_on_their_version(ada, bob, now):
    # given Ada waiting in version 1
    journey = live(now, WAIT, TAG)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)

    # when version 2 has another end, and Bob comes in
    services.save_draft(
        journey=journey,
        definition=definition(WAIT, step("new1", "add_tag", {"tag": "new"})),
        now=now,
    )
    second = services.publish_journey(journey=journey, now=now)
    enrol(journey=journey, contact_ids=[bob.pk], now=now)
    settle(now)
    settle(now + 2 * DAY)

    # then each walked their own
    assert second.number == 2
    assert [each for each, _ in path_of(ada)] == ["wait1", "tag1"]
    assert [each for each, _ in path_of(bob)] == ["wait1", "new1"]


def test_publishing_an_unchanged_draft_makes_no_version(acme, now):
    journey = live(now, WAIT)
    assert services.publish_journey(journey=journey, now=now).number == 1


def test_pausing_holds_everyone_and_resuming_runs_what_fell_due_once(ada, now):
    # given Ada waiting two days in a journey that is paused after one
    journey = live(now, WAIT, TAG)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert services.pause_journey(journey=journey, now=now + DAY) == 1

    # when three days pass
    settle(now + 4 * DAY)
    assert (run_of(ada).status, path_of(ada)) == ("held", [])
    assert enrol(journey=journey, contact_ids=[ada.pk], now=now + 4 * DAY).refused == {
        ada.pk: "not_live"
    }

    # then it goes on when resumed, once
    assert services.resume_journey(journey=journey, now=now + 4 * DAY) == 1
    settle(now + 4 * DAY)
    settle(now + 5 * DAY)
    assert path_of(ada) == [("wait1", "next"), ("tag1", "next")]
    with pytest.raises(Invalid, match="not_paused"):
        services.resume_journey(journey=journey, now=now)


def test_publishing_a_paused_journey_lets_people_go_on(ada, now):
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    services.pause_journey(journey=journey, now=now)
    services.publish_journey(journey=journey, now=now)
    assert (journey.status, run_of(ada).status) == ("live", "active")


def test_archiving_ends_it_for_everyone(ada, bob, now):
    journey = live(now, WAIT, entries=ORDERS)
    other = live(now, WAIT, name="Other")
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    enrol(journey=other, contact_ids=[bob.pk], now=now)
    settle(now)

    assert services.archive_journey(journey=journey, now=now + HOUR) == 1

    run = run_of(ada)
    assert (run.status, run.exit_reason, run.ended_at) == ("exited", "archived", now + HOUR)
    assert path_of(ada) == [("wait1", "exit:archived")]
    assert not LiveEntry.objects.filter(journey=journey).exists()
    assert run_of(bob).status == "active"
    services.restore_journey(journey=journey, now=now)
    assert journey.status == Journey.Status.DRAFT


def test_enrolling_tells_who_was_refused_and_why(ada, bob, now, globex):
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    finished = live(now, step("exit1", "exit"), name="Short")
    enrol(journey=finished, contact_ids=[bob.pk], now=now)
    settle(now)

    result = enrol(journey=journey, contact_ids=[ada.pk, bob.pk, globex.pk], now=now, key="x1")
    assert set(result.enrolled) == {ada.pk, bob.pk}
    assert result.refused == {globex.pk: "no_such_contact"}
    again = enrol(journey=journey, contact_ids=[ada.pk], now=now)
    assert (again.enrolled, again.refused) == ({}, {ada.pk: "already_inside"})
    over = enrol(journey=finished, contact_ids=[bob.pk], now=now + DAY)
    assert over.refused == {bob.pk: "entered_before"}


def test_removing_takes_people_out_where_they_stand(ada, now):
    journey = live(now, WAIT)
    result = enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    ids = list(result.enrolled.values())
    assert remove(enrolment_ids=ids, now=now + HOUR) == 1
    assert remove(enrolment_ids=ids, now=now + HOUR) == 0
    assert path_of(ada) == [("wait1", "exit:removed")]
    assert Enrolment.objects.get().exit_reason == "removed"


def test_a_blank_name_and_an_unknown_recipe_are_refused(acme, now):
    with pytest.raises(Invalid, match="bad_name"):
        services.create_journey(name=" \x00", now=now)
    with pytest.raises(Invalid, match="unknown_recipe"):
        services.create_from_recipe(key="nothing", language="en", now=now)
    assert not Journey.objects.exists()
