"""The versions of a journey: what changed, who came in, reading, restoring, comparing."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from journeys import services
from journeys.contracts import Window
from journeys.enrolment import enrol
from journeys.models import Enrolment, Journey
from journeys.numbers import JourneyNumbers
from journeys.stretches import CameIn, came_in, difference, figures_of, missing, stretches
from tests.journeys.conftest import DAY, HOUR, definition, live, settle, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "kept"})
GOAL = {"event": "order.placed", "within_days": 30, "then": "stay"}


def people(journey, now, *names):
    made = [Contact.objects.create(email=f"{name}@example.com") for name in names]
    enrol(journey=journey, contact_ids=[each.pk for each in made], now=now)
    settle(now)


@pytest.fixture
def journey(acme, owner, now):
    """Three people came in by the first version, two by the second; one of each converted."""
    journey = live(now, WAIT, goal=GOAL)
    people(journey, now - HOUR, "a", "b")
    people(journey, now + HOUR, "c")
    new = definition(WAIT, TAG, goal=GOAL)
    services.save_draft(journey=journey, definition=new, now=now)
    services.publish_journey(journey=journey, now=now + DAY, by=owner)
    people(journey, now + DAY, "d", "e")
    won = Enrolment.objects.filter(contact__email__in=["a@example.com", "d@example.com"])
    won.update(converted_at=now + DAY)
    Enrolment.objects.filter(contact__email="b@example.com").update(version=journey.live_version)
    return journey


def test_people_are_counted_where_they_came_in(journey, now):
    second, first = journey.versions.order_by("-number")
    assert came_in(journey, [second, first]) == {
        first.pk: CameIn(started=3, converted=1, inside=2),
        second.pk: CameIn(started=2, converted=1, inside=3),
    }
    assert [each.window for each in stretches([second, first])] == [
        Window(now + DAY, None),
        Window(None, now + DAY),
    ]
    numbers = [figures_of(journey, each.window).numbers for each in stretches([second, first])]
    assert [(each.started, each.converted) for each in numbers] == [(2, 1), (3, 1)]


def test_shares_of_few_say_nothing_and_of_many_have_an_interval():
    few, many = JourneyNumbers(started=40, converted=8), JourneyNumbers(started=900, converted=99)
    assert missing(few, many) == 60
    assert missing(many, many) == 0
    better = JourneyNumbers(started=1000, converted=170)
    change, low, high = difference(many, better)
    assert round(change, 1) == 6.0
    assert 2.8 < low < 3.0 < 9.0 < high < 9.2


def test_the_list_tells_each_version(journey, acme_client):
    page = acme_client.get(f"/journeys/{journey.pk}/versions/").content.decode()
    assert "Added “Add tag: kept” after “Wait: 2 days”" in page
    assert "The first version." in page
    assert "Acme Owner" in page
    assert "<dt>Entered</dt><dd>3</dd>" in page
    assert "1 · 33.3%" in page
    # who is inside by each opens a list of as many
    for number, inside in ((1, 2), (2, 3)):
        assert f"what=on%3A{number}" in page
        url = f"/journeys/{journey.pk}/people/?what=on:{number}"
        assert f"<p>{inside} people" in acme_client.get(url).content.decode()
    # and what is counted on other floors comes by itself
    sums = acme_client.get(
        f"/journeys/{journey.pk}/versions/2/?part=figures", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<dt>Sent</dt><dd>0</dd>" in sums
    assert "<html" not in sums


def test_a_version_is_read_as_it_was_beside_the_one_before(journey, acme_client):
    page = acme_client.get(f"/journeys/{journey.pk}/versions/1/").content.decode()
    assert "Wait: 2 days" in page
    assert "Add tag: kept" not in page
    page = acme_client.get(f"/journeys/{journey.pk}/versions/2/").content.decode()
    assert "Add tag: kept" in page
    assert "Not enough yet to compare: 98 more people have to come in." in page
    settings = acme_client.get(f"/journeys/{journey.pk}/versions/2/?step=tag1").content.decode()
    assert "<dt>Tag</dt><dd>kept</dd>" in settings
    assert acme_client.get(f"/journeys/{journey.pk}/versions/3/").status_code == 404


def test_restoring_makes_it_the_draft_and_nothing_else(journey, acme_client):
    response = acme_client.post(f"/journeys/{journey.pk}/versions/1/restore/")
    assert response.headers["Location"] == f"/journeys/{journey.pk}/draft/"
    changed = Journey.objects.get()
    assert changed.draft == changed.versions.get(number=1).definition
    assert changed.live_version.number == 2
    assert changed.draft_revision == journey.draft_revision + 1
    page = acme_client.get(f"/journeys/{journey.pk}/versions/1/").content.decode()
    assert "The draft is like it" in page


def test_two_versions_are_compared(journey, acme_client):
    url = f"/journeys/{journey.pk}/versions/compare/"
    page = acme_client.get(f"{url}?a=2&b=1").content.decode()
    assert page.index(">v1<") < page.index(">v2<")
    assert '<th scope="row">Entered</th><td class="num">3</td><td class="num">2</td>' in page
    for query in ("", "?a=1", "?a=1&b=9", "?a=x&b=1"):
        assert acme_client.get(url + query).status_code == 404


def test_many_versions_come_in_pages(acme, acme_client, now):
    journey = live(now, WAIT)
    for number in range(11):
        longer = step("wait1", "wait", {"amount": 3 + number, "unit": "days"})
        services.save_draft(journey=journey, definition=definition(longer), now=now)
        services.publish_journey(journey=journey, now=now + timedelta(hours=number))
    page = acme_client.get(f"/journeys/{journey.pk}/versions/").content.decode()
    assert 'id="v12"' in page
    assert 'id="v2"' not in page
    assert "?before=3" in page
    rest = acme_client.get(f"/journeys/{journey.pk}/versions/?before=3").content.decode()
    assert 'id="v2"' in rest
    assert 'id="v12"' not in rest
