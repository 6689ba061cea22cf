"""Why somebody got something of a journey, asked by API: codes and words."""

from uuid import UUID

import pytest
import time_machine
from django_tenants.utils import schema_context

from contacts.models import Contact
from contacts.tags import add_tag
from tests.journeys.conftest import HOUR, settle, step
from tests.journeys.explain.conftest import VIP, WAIT, order, ordering

NOBODY = UUID(int=7)


@pytest.fixture
def ada(acme):
    return Contact.objects.create(email="ada@example.com", first_name="Ada")


@pytest.fixture
def journey(acme, now):
    return ordering(now, step("split1", "if_else", {"condition": VIP}, [], []), WAIT, only=VIP)


def test_it_tells_codes_and_words(ada, journey, api, now):
    # given Ada, a VIP, with an order too small and one that let her in
    add_tag(contact_ids=[ada.pk], name="vip", now=now)
    order(ada, now, total=20)
    order(ada, now + HOUR)
    settle(now + HOUR)
    # when the API is asked
    with time_machine.travel(now + 2 * HOUR, tick=False):
        answer = api.get(f"/journeys/{journey.pk}/explain?contact={ada.pk}")
    # then
    assert answer.status_code == 200
    found = answer.json()
    assert (found["verdict"]["code"], found["verdict"]["reason"]) == ("inside", "")
    assert found["verdict"]["sentence"].startswith("Ada is in “Welcome” since 20 Nov 2026, 14:00")
    [way] = found["entries"]
    assert (way["kind"], way["opened_by"], way["note"]) == ("event_received", "event", "")
    assert [each["code"] for each in way["attempts"]] == ["came_in", "filtered"]
    run = Contact.objects.get(pk=ada.pk).enrolments.get()
    let_in, filtered = way["attempts"]
    vip = {"holds": True, "words": "with the tag “vip”", "join": "", "parts": []}
    assert (let_in["enrolment_id"], let_in["audience"]) == (str(run.pk), vip)
    assert filtered["checks"][1] == {
        "wanted": "total is at least “50”",
        "passed": False,
        "detail": "it was “20”",
    }
    [told] = found["runs"]
    assert (told["enrolment_id"], told["version"], told["code"]) == (str(run.pk), 1, "inside")
    split, wait = told["steps"]
    assert (split["outcome"], split["decision"], split["agrees"]) == ("branch:0", vip, True)
    assert (wait["left_at"], wait["words"]) == (None, "Goes on at 22 Nov 2026, 14:00.")
    assert told["messages"] == []


def test_it_answers_about_a_step(ada, journey, api, now):
    found = api.get(f"/journeys/{journey.pk}/explain?contact={ada.pk}&step=wait1").json()
    assert (found["verdict"]["code"], found["verdict"]["reason"]) == (
        "not_let_in",
        "nothing_happened",
    )


@pytest.mark.parametrize("query", [f"contact={NOBODY}", "contact=x", "contact=%00"])
def test_an_unknown_person_is_not_found(journey, api, query):
    answer = api.get(f"/journeys/{journey.pk}/explain?{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_person_must_be_named(journey, api):
    answer = api.get(f"/journeys/{journey.pk}/explain")
    assert (answer.status_code, answer.json()["code"]) == (400, "required")


def test_an_unknown_step_is_not_found(ada, journey, api):
    answer = api.get(f"/journeys/{journey.pk}/explain?contact={ada.pk}&step=nosuch")
    assert answer.status_code == 404


def test_another_workspaces_person_looks_missing(journey, api, globex):
    with schema_context(globex.schema_name):
        theirs = Contact.objects.create(email="gil@example.com")
    answer = api.get(f"/journeys/{journey.pk}/explain?contact={theirs.pk}")
    assert answer.status_code == 404
