"""Publishing by its page: what is counted is what happens, now or at a time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from journeys import services
from journeys.enrolment import enrol
from journeys.models import Enrolment, JourneyVersion, PlannedPublishing, VersionMove
from journeys.moving import move_due
from tenants.models import Membership, User
from tests.journeys.conftest import DAY, definition, live, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
MORE = step("wait2", "wait", {"amount": 3, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "kept"})


@pytest.fixture
def journey(acme, now):
    """Three people at the first wait and two at the second, which the draft lacks."""
    journey = live(now, WAIT, MORE, TAG)
    made = [Contact.objects.create(email=f"p{n}@example.com") for n in range(5)]
    enrol(journey=journey, contact_ids=[each.pk for each in made[:2]], now=now)
    settle(now)
    settle(now + 2 * DAY)
    enrol(journey=journey, contact_ids=[each.pk for each in made[2:]], now=now + 2 * DAY)
    settle(now + 2 * DAY)
    longer = step("wait1", "wait", {"amount": 4, "unit": "days"})
    services.save_draft(journey=journey, definition=definition(longer, TAG), now=now)
    return journey


def page_of(client, journey, query="", **headers):
    return client.get(f"/journeys/{journey.pk}/publish/{query}", **headers).content.decode()


def test_the_page_says_what_changes_and_where_people_are(journey, acme_client):
    page = page_of(acme_client, journey)
    assert "Publish version 2" in page
    assert "“Wait: 2 days” is now “Wait: 4 days”" in page
    assert "Removed “Wait: 3 days”" in page
    assert "2 people are there now" in page
    # each number opens a list of as many
    for query, people in [("what=before%3A2", 5), ("what=before%3A2&step=wait2", 2)]:
        assert query.replace("&", "&amp;") in page
        shown = acme_client.get(f"/journeys/{journey.pk}/people/?{query}").content.decode()
        assert f"<p>{people} people" in shown
    assert "5 people go on as before, each by the version they are in." in page


def test_the_summary_follows_the_choices(journey, acme_client):
    def summary(query):
        return page_of(acme_client, journey, query, HTTP_HX_REQUEST="true")

    assert "<html" not in summary("?people=move")
    assert "5 people: 3 keep their place, 2 go to “Add tag: kept”." in summary("?people=move")
    assert "5 people: 3 keep their place, 2 leave." in summary("?people=move&to-wait2=-")
    assert "3 keep their place, 2 go to “Wait: 4 days”." in summary("?people=move&to-wait2=wait1")
    assert "3 of them are asked by their step again" in summary("?people=move&asks_again=on")
    assert "5 people go on as before" in summary("?people=stay&to-wait2=-")


def test_what_was_counted_is_what_happens(journey, acme_client):
    # when everybody moves, and those at the removed step leave
    response = acme_client.post(
        f"/journeys/{journey.pk}/publish/",
        {"people": "move", "to-wait2": "-", "revision": str(journey.draft_revision)},
    )
    assert response.headers["Location"] == f"/journeys/{journey.pk}/versions/"
    while move_due(now=timezone.now() + DAY) is not None:
        pass

    # then
    move = VersionMove.objects.get()
    assert (move.asked, move.kept, move.moved, move.left) == (5, 3, 0, 2)
    standing = Enrolment.objects.filter(status="active")
    assert set(standing.values_list("version__number", "step_id")) == {(2, "wait1")}
    assert standing.count() == 3


def test_nobody_moves_unless_it_was_chosen(journey, acme_client):
    acme_client.post(f"/journeys/{journey.pk}/publish/")
    assert JourneyVersion.objects.count() == 2
    assert not VersionMove.objects.exists()


def test_a_draft_that_changed_since_it_was_looked_at_is_refused(journey, acme_client, now):
    seen = journey.draft_revision
    services.save_draft(journey=journey, definition=definition(MORE), now=now)
    url = f"/journeys/{journey.pk}/publish/"
    response = acme_client.post(url, {"revision": str(seen)})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody changed this " in page
    assert " ago: wrote the whole draft anew." in page
    assert f'name="revision" value="{seen + 1}"' in page
    assert JourneyVersion.objects.count() == 1


def test_people_cannot_be_sent_to_a_step_that_is_not_there(journey, acme_client):
    url = f"/journeys/{journey.pk}/publish/"
    response = acme_client.post(url, {"people": "move", "to-wait2": "nosuch"})
    assert response.status_code == 422
    assert "the new version has no such step" in response.content.decode()
    assert JourneyVersion.objects.count() == 1


def test_a_time_is_planned_shown_and_cancelled(journey, acme_client, acme):
    # given a time tomorrow, on the clock of the workspace
    acme.timezone = "Europe/Rome"
    acme.save()
    day = (timezone.now() + timedelta(days=2)).date()
    url = f"/journeys/{journey.pk}/publish/"
    asked = {"people": "move", "when": "later", "date": day.isoformat(), "time": "09:00"}
    response = acme_client.post(url, asked)
    assert response.status_code == 302

    # then it is planned, and the bar says so
    plan = PlannedPublishing.objects.get()
    offset = 1 if not _summer(day) else 2
    assert plan.at == datetime(day.year, day.month, day.day, 9 - offset, tzinfo=UTC)
    assert (plan.moves, plan.by_name) == (True, "Acme Owner")
    bar = acme_client.get(f"/journeys/{journey.pk}/").content.decode()
    assert f"Publishes {day:%a} {day.day} {day:%b}, 09:00" in bar
    assert "Planned by Acme Owner." in page_of(acme_client, journey)

    # until it is cancelled
    assert acme_client.post(f"{url}cancel/").status_code == 302
    assert not PlannedPublishing.objects.exists()
    assert "Publishes" not in acme_client.get(f"/journeys/{journey.pk}/").content.decode()


def _summer(day):
    from zoneinfo import ZoneInfo

    return bool(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Rome")).dst())


@pytest.mark.parametrize(
    "asked", [{}, {"date": "2020-01-01", "time": "09:00"}, {"date": "tomorrow", "time": "x"}]
)
def test_a_time_that_is_none_is_refused(journey, acme_client, asked):
    url = f"/journeys/{journey.pk}/publish/"
    assert acme_client.post(url, {"when": "later", **asked}).status_code == 422
    assert not PlannedPublishing.objects.exists()
    assert JourneyVersion.objects.count() == 1


def test_viewers_may_not_publish_plan_or_restore(journey, acme, client_of):
    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery")
    Membership.objects.create(user=viewer, workspace=acme, role=Membership.Role.VIEWER)
    client = client_of(acme, viewer)
    base = f"/journeys/{journey.pk}"
    assert client.get(f"{base}/versions/").status_code == 200
    for address in ("publish/", "publish/cancel/", "versions/1/restore/"):
        assert client.post(f"{base}/{address}").status_code == 403
    assert JourneyVersion.objects.count() == 1
    assert "Restore as draft" not in client.get(f"{base}/versions/1/").content.decode()
