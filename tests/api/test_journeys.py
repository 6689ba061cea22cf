"""Journeys by API: their numbers are their lists, and each person's way in is told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from contacts.models import Contact
from journeys.engine import advance
from journeys.models import Enrolment, Journey
from journeys.services import pause_journey


@pytest.fixture
def ada(db, now):
    return Contact.objects.create(email="ada@example.com", external_id="1815", created_at=now)


@pytest.fixture
def welcome(api, live_journey):
    return live_journey("Welcome")


def enrolments(api, journey, body):
    return api.post(f"/journeys/{journey.pk}/enrolments", body)


def verdicts(response):
    return [
        (each["status"], [error["code"] for error in each["errors"]])
        for each in response.json()["results"]
    ]


def test_people_are_let_in_by_whatever_names_them(api, welcome, ada):
    bob = Contact.objects.create(email="bob@example.com")

    response = enrolments(
        api,
        welcome,
        {
            "contacts": [
                {"contact_id": str(bob.pk)},
                {"email": "ADA@example.com"},
                {"email": "nobody@example.com"},
                {"external_id": "1815"},
                {"contact_id": str(uuid4())},
                {"contact_id": "x"},
                {},
                {"email": "ada@example.com", "external_id": "1815"},
                {"phone": "1"},
                "ada@example.com",
            ],
            "context": {"order": "8812"},
        },
    )

    assert response.status_code == 200
    assert verdicts(response) == [
        ("enrolled", []),
        ("enrolled", []),
        ("refused", ["contact_not_found"]),
        ("enrolled", []),
        ("refused", ["contact_not_found"]),
        ("refused", ["invalid"]),
        ("refused", ["required"]),
        ("refused", ["required"]),
        ("refused", ["unknown_field"]),
        ("refused", ["invalid"]),
    ]
    runs = Enrolment.objects.filter(journey=welcome)
    assert {run.contact_id for run in runs} == {ada.pk, bob.pk}
    assert {run.context["order"] for run in runs} == {"8812"}
    ids = [each["id"] for each in response.json()["results"]]
    assert ids[1] == ids[3] == str(runs.get(contact=ada).pk)


def test_who_is_inside_is_not_let_in_again(api, welcome, ada):
    enrolments(api, welcome, {"contacts": [{"external_id": "1815"}]})

    again = enrolments(api, welcome, {"contacts": [{"external_id": "1815"}]})
    other = enrolments(api, welcome, {"contacts": [{"external_id": "1815"}], "key": "cart-2"})

    assert verdicts(again) == [("refused", ["already_inside"])]
    assert verdicts(other) == [("enrolled", [])]
    assert Enrolment.objects.count() == 2


def test_nobody_is_let_into_a_journey_that_does_not_run(api, welcome, ada, now):
    pause_journey(journey=welcome, now=now)

    response = enrolments(api, welcome, {"contacts": [{"external_id": "1815"}]})

    assert (response.status_code, response.json()["code"]) == (409, "not_live")
    assert not Enrolment.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contacts": {}},
        {"contacts": [{}] * 1001},
        {"contacts": [], "key": "x" * 129},
        {"contacts": [], "context": []},
        {"contacts": [], "steps": []},
        {"contacts": [], "context": {"a": "\x00"}},
    ],
)
def test_a_request_of_another_shape_is_refused(api, welcome, body):
    assert enrolments(api, welcome, body).status_code == 400
    assert not Enrolment.objects.exists()


def test_a_thousand_people_cost_as_many_statements_as_one(
    api, welcome, django_assert_max_num_queries
):
    people = Contact.objects.bulk_create(
        Contact(external_id=f"n{number}") for number in range(1000)
    )
    body = {"contacts": [{"contact_id": str(each.pk)} for each in people]}

    with django_assert_max_num_queries(30):
        response = enrolments(api, welcome, body)

    assert response.json()["counts"] == {"enrolled": 1000}


def test_the_numbers_of_a_journey_are_its_lists(api, welcome, ada, now):
    # given Ada at the second wait and Bob at the first
    enrolments(api, welcome, {"contacts": [{"external_id": "1815"}]})
    run = Enrolment.objects.get()
    advance(now=run.started_at)
    advance(now=run.started_at + timedelta(days=2, minutes=1))
    Contact.objects.create(external_id="bob")
    enrolments(api, welcome, {"contacts": [{"external_id": "bob"}]})

    shown = api.get(f"/journeys/{welcome.pk}").json()

    assert (shown["name"], shown["status"], shown["live_version"]) == ("Welcome", "live", 1)
    assert shown["numbers"] == {
        "started": 2,
        "in_progress": 2,
        "exited_early": 0,
        "completed": 0,
        "failed": 0,
        "converted": 0,
        "held_out": 0,
        "held_out_converted": 0,
        "conversion": 0.0,
    }
    assert [
        (each["id"], each["kind"], each["summary"], each["entered"], each["waiting"], each["left"])
        for each in shown["steps"]
    ] == [
        ("aa", "wait", "2 days", 2, 1, {"next": 1}),
        ("bb", "wait", "1 hour", 1, 1, {}),
    ]
    for step in shown["steps"]:
        people = api.get(f"/journeys/{welcome.pk}/enrolments?step_id={step['id']}").json()
        assert len(people["results"]) == step["waiting"]


def test_journeys_and_versions_are_listed(api, welcome, now):
    Journey.objects.create(name="Draft", created_at=now - timedelta(days=1))

    every = api.get("/journeys").json()["results"]
    live = api.get("/journeys?status=live").json()["results"]
    [version] = api.get(f"/journeys/{welcome.pk}/versions").json()["results"]
    draft = api.get(f"/journeys/{every[1]['id']}").json()

    assert [(each["name"], each["live_version"]) for each in every] == [
        ("Welcome", 1),
        ("Draft", None),
    ]
    assert [each["name"] for each in live] == ["Welcome"]
    assert (version["number"], len(version["definition"]["steps"])) == (1, 2)
    assert (draft["steps"], draft["numbers"]["conversion"]) == ([], None)


def test_runs_are_listed_and_filtered(api, welcome, ada):
    Contact.objects.create(external_id="bob")
    enrolments(api, welcome, {"contacts": [{"external_id": "1815"}, {"external_id": "bob"}]})
    base = f"/journeys/{welcome.pk}/enrolments"

    first = api.get(f"{base}?limit=1").json()
    second = api.get(f"{base}?limit=1&cursor={first['next_cursor']}").json()
    hers = api.get(f"{base}?contact_id={ada.pk}&status=active").json()["results"]

    assert first["results"] != second["results"]
    assert second["next_cursor"] is None
    assert [(each["contact_id"], each["version"]) for each in hers] == [(str(ada.pk), 1)]
    assert api.get(f"{base}?status=finished").json()["results"] == []
    assert api.get(f"{base}?contact_id=x").status_code == 400


def test_another_workspaces_journey_looks_like_none(api, globex, live_journey, ada):
    connection.set_tenant(globex)
    theirs = live_journey("canary")
    body = {"contacts": [{"external_id": "1815"}]}

    def answers(journey_id):
        return [
            (each.status_code, each.content)
            for each in (
                api.get(f"/journeys/{journey_id}"),
                api.get(f"/journeys/{journey_id}/versions"),
                api.get(f"/journeys/{journey_id}/enrolments"),
                api.post(f"/journeys/{journey_id}/enrolments", body),
            )
        ]

    assert answers(theirs.pk) == answers(uuid4())
    assert [status for status, _body in answers(theirs.pk)] == [404] * 4
    assert "canary" not in api.get("/journeys").content.decode()
    connection.set_tenant(globex)
    assert not Enrolment.objects.exists()
