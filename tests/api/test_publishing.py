"""Publishing by API: people stay or move, now or at a time; versions are read and restored."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Contact
from journeys import services
from journeys.enrolment import enrol
from journeys.models import Enrolment, Journey, JourneyVersion, PlannedPublishing, VersionMove
from journeys.moving import move_due
from tests.journeys.conftest import DAY, definition, live, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "kept"})


@pytest.fixture
def journey(api, now):
    """Two people wait at a step that the draft lacks."""
    journey = live(now, WAIT, TAG)
    made = [Contact.objects.create(email=f"p{n}@example.com") for n in range(2)]
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    settle(now)
    services.save_draft(journey=journey, definition=definition(TAG), now=now)
    return journey


def publish(api, journey, body=None):
    return api.post(f"/journeys/{journey.pk}/publish", {} if body is None else body)


def test_people_stay_unless_told_otherwise(api, journey):
    assert publish(api, journey).json() == {"version": 2, "move": None, "planned": None}
    assert JourneyVersion.objects.get(number=2).published_by_name == "Shop"
    assert set(Enrolment.objects.values_list("version__number", flat=True)) == {1}


def test_people_move_where_the_mapping_says(api, journey):
    told = publish(api, journey, {"people": "move", "mapping": {"wait1": None}}).json()
    assert (told["version"], told["move"]["asked"], told["move"]["finished_at"]) == (2, 2, None)
    while move_due(now=timezone.now() + DAY) is not None:
        pass
    version = api.get(f"/journeys/{journey.pk}/versions/2").json()
    (move,) = version["moves"]
    assert (move["kept"], move["moved"], move["left"]) == (0, 0, 2)
    assert (version["inside"], version["started"], version["number"]) == (0, 0, 2)
    assert api.get(f"/journeys/{journey.pk}/versions/1").json()["started"] == 2


def test_it_is_planned_read_and_cancelled(api, journey):
    at = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    told = publish(api, journey, {"at": at.isoformat(), "people": "move"}).json()
    planned = api.get(f"/journeys/{journey.pk}/planned").json()
    assert told == {"version": None, "move": None, "planned": planned}
    assert (planned["people"], planned["mapping"], planned["refusal"]) == ("move", {}, "")
    assert PlannedPublishing.objects.get().at == at
    assert api.delete(f"/journeys/{journey.pk}/planned").status_code == 204
    assert api.delete(f"/journeys/{journey.pk}/planned").status_code == 404
    assert api.get(f"/journeys/{journey.pk}/planned").status_code == 404
    assert JourneyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"people": "go"}, 400, "invalid_choice", "people"),
        ({"mapping": {"wait1": None}}, 400, "invalid", "mapping"),
        ({"people": "move", "mapping": {"wait1": "no"}}, 400, "unknown_step", "mapping.wait1"),
        ({"people": "move", "mapping": {"no": None}}, 400, "unknown_step", "mapping.no"),
        ({"people": "move", "mapping": []}, 400, "not_a_dict", "mapping"),
        ({"at": "2020-01-01T00:00:00Z"}, 400, "bad_time", None),
        ({"at": "tomorrow"}, 400, "bad_timestamp", "at"),
        ({"surprise": 1}, 400, "unknown_field", "surprise"),
    ],
)
def test_what_cannot_be_followed_is_refused(api, journey, body, status, code, field):
    response = publish(api, journey, body)
    told = response.json()
    assert response.status_code == status
    if field:
        assert [(each["field"], each["code"]) for each in told["errors"]] == [(field, code)]
    else:
        assert told["code"] == code
    assert JourneyVersion.objects.count() == 1
    assert not VersionMove.objects.exists()
    assert not PlannedPublishing.objects.exists()


def test_a_draft_with_problems_is_a_conflict(api, journey, now):
    broken = definition(step("tag1", "add_tag"))
    services.save_draft(journey=journey, definition=broken, now=now)
    response = publish(api, journey)
    assert (response.status_code, response.json()["code"]) == (409, "cannot_publish")
    assert response.json()["errors"][0]["field"] == "tag1"
    assert JourneyVersion.objects.count() == 1


def test_a_version_is_restored_as_the_draft(api, journey):
    told = api.post(f"/journeys/{journey.pk}/versions/1/restore").json()
    changed = Journey.objects.get()
    assert told == {"version": 1, "draft_revision": changed.draft_revision}
    assert changed.draft == changed.versions.get().definition
    assert api.post(f"/journeys/{journey.pk}/versions/9/restore").status_code == 404


def test_only_keys_that_may_publish_do(api, acme, key_of, journey):
    from tests.api.conftest import Integrator

    weak = Integrator(acme, key_of(acme, "journeys:read", "journeys:write")[1])
    assert publish(weak, journey).status_code == 403
    assert weak.delete(f"/journeys/{journey.pk}/planned").status_code == 403
    assert JourneyVersion.objects.count() == 1


def test_another_workspaces_journey_looks_like_none(api, globex, live_journey):
    connection.set_tenant(globex)
    theirs = live_journey("canary")

    def answers(journey_id):
        base = f"/journeys/{journey_id}"
        return [
            (each.status_code, each.content)
            for each in (
                api.post(f"{base}/publish", {}),
                api.get(f"{base}/planned"),
                api.delete(f"{base}/planned"),
                api.get(f"{base}/versions/1"),
                api.post(f"{base}/versions/1/restore"),
            )
        ]

    assert answers(theirs.pk) == answers(uuid4())
    assert [status for status, _body in answers(theirs.pk)] == [404] * 5
