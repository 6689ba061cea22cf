"""Publishing at a set time: what was seen then goes live, and what stands against it is told."""

import pytest

from core.attention import concerns
from core.errors import Invalid
from journeys import services
from journeys.definition import parse
from journeys.enrolment import enrol
from journeys.models import Journey, JourneyVersion, PlannedPublishing
from journeys.moving import Moving, move_due
from journeys.scheduling import cancel_planned, plan_publishing, publish_due
from journeys.tasks import next_due
from tests.journeys.conftest import DAY, HOUR, definition, live, run_of, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "old"})
NEW = step("tag2", "add_tag", {"tag": "new"})


def draft(journey, now, *steps):
    services.save_draft(journey=journey, definition=definition(*steps), now=now)


def steps_of(version):
    return [node.id for node in parse(version.definition).steps]


def refused(now):
    return concerns.get("planned_publishings").rows(now).count()


def test_the_draft_of_then_goes_live_on_time(ada, owner, now):
    # given a draft planned for tomorrow, and another change after that
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    draft(journey, now, WAIT, TAG)
    plan_publishing(journey=journey, at=now + DAY, now=now, by=owner, moving=Moving())
    assert next_due() == now + DAY
    draft(journey, now, WAIT, NEW)

    # when its time comes
    assert not publish_due(now=now + DAY - HOUR)
    assert JourneyVersion.objects.count() == 1
    assert publish_due(now=now + DAY)
    assert not publish_due(now=now + DAY)
    while move_due(now=now + DAY) is not None:
        pass

    # then the first is live, with Ada in it, and the second is still the draft
    journey.refresh_from_db()
    version = journey.live_version
    assert (version.number, version.published_at) == (2, now + DAY)
    assert version.published_by_name == "Acme Owner"
    assert steps_of(version) == ["wait1", "tag1"]
    assert [each["id"] for each in journey.draft["steps"]] == ["wait1", "tag2"]
    assert run_of(ada).version == version
    assert not PlannedPublishing.objects.exists()
    assert refused(now + DAY) == 0


def test_what_stands_against_it_meanwhile_is_told(acme, now, monkeypatch):
    # given a plan for a draft that something came to stand against
    journey = live(now, WAIT)
    draft(journey, now, WAIT, TAG)
    plan_publishing(journey=journey, at=now + DAY, now=now)
    PlannedPublishing.objects.update(definition=definition(WAIT, step("tag1", "add_tag")))

    # when its time comes
    assert publish_due(now=now + DAY)

    # then nothing was published, nothing is tried again, and somebody is asked to look
    journey.refresh_from_db()
    assert (journey.live_version.number, journey.status) == (1, "live")
    assert PlannedPublishing.objects.get().refusal.startswith("“Add tag”: ")
    assert not publish_due(now=now + 2 * DAY)
    assert next_due() is None
    assert refused(now) == 1

    # until somebody publishes
    services.publish_journey(journey=journey, now=now + 2 * DAY)
    assert refused(now) == 0


def test_a_plan_can_be_changed_and_cancelled(acme, now):
    journey = live(now, WAIT)
    draft(journey, now, WAIT, TAG)
    plan_publishing(journey=journey, at=now + DAY, now=now)
    plan_publishing(journey=journey, at=now + HOUR, now=now)
    assert PlannedPublishing.objects.get().at == now + HOUR
    assert cancel_planned(journey=journey)
    assert not cancel_planned(journey=journey)
    assert not publish_due(now=now + DAY)
    assert journey.versions.count() == 1


def test_publishing_by_hand_and_archiving_cancel_it(acme, now):
    journey = live(now, WAIT)
    draft(journey, now, WAIT, TAG)
    plan_publishing(journey=journey, at=now + DAY, now=now)
    services.publish_journey(journey=journey, now=now)
    assert not PlannedPublishing.objects.exists()
    draft(journey, now, WAIT)
    plan_publishing(journey=journey, at=now + DAY, now=now)
    services.archive_journey(journey=journey, now=now)
    assert not publish_due(now=now + DAY)
    journey.refresh_from_db()
    assert journey.status == Journey.Status.ARCHIVED


def test_a_paused_journey_gets_its_new_version_and_stays_paused(ada, now):
    journey = live(now, WAIT)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    draft(journey, now, WAIT, TAG)
    plan_publishing(journey=journey, at=now + DAY, now=now, moving=Moving())
    services.pause_journey(journey=journey, now=now)
    assert publish_due(now=now + DAY)
    assert move_due(now=now + DAY) == 1
    journey.refresh_from_db()
    assert (journey.status, journey.live_version.number) == ("paused", 2)
    assert (run_of(ada).status, run_of(ada).version.number) == ("held", 2)


def test_a_time_that_has_passed_a_broken_draft_and_a_bad_mapping_are_refused(acme, now):
    journey = live(now, WAIT)
    with pytest.raises(Invalid, match="bad_time"):
        plan_publishing(journey=journey, at=now, now=now)
    with pytest.raises(Invalid, match="bad_time"):
        plan_publishing(journey=journey, at=now + 367 * DAY, now=now)
    with pytest.raises(Invalid, match="bad_mapping"):
        plan_publishing(journey=journey, at=now + DAY, now=now, moving=Moving({"wait1": "nosuch"}))
    revision = services.save_draft(journey=journey, definition=definition(TAG), now=now)
    with pytest.raises(Invalid, match="draft_changed"):
        plan_publishing(journey=journey, at=now + DAY, now=now, revision=revision - 1)
    draft(journey, now, step("tag1", "add_tag"))
    with pytest.raises(Invalid, match="cannot_publish"):
        plan_publishing(journey=journey, at=now + DAY, now=now)
    assert not PlannedPublishing.objects.exists()
