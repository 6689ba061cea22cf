"""Changing drafts by API: the same operations, refusals and log as on the page."""

from uuid import uuid4

import pytest
from django.db import connection

from journeys import services
from journeys.draft_log import history_of
from journeys.models import DraftEdit, Journey
from tests.journeys.conftest import definition, step


@pytest.fixture
def journey(acme, now):
    drawn = definition(step("wait1", "wait", {"amount": 2, "unit": "days"}))
    return services.create_journey(name="Care", definition=drawn, now=now)


def operate(api, journey, op, revision=0, **fields):
    body = {"op": op, "revision": revision, **fields}
    return api.post(f"/journeys/{journey.pk}/draft/ops", body)


def test_a_draft_is_read_and_changed(api, journey):
    before = api.get(f"/journeys/{journey.pk}/draft").json()
    assert (before["revision"], before["undo"], before["problems"]) == (0, "", [])

    answer = operate(api, journey, "insert", kind="add_tag", place="wait1")

    assert answer.status_code == 200
    done = answer.json()
    assert (done["revision"], done["said"], done["undo"]) == (
        1, "Added “Add tag”", "Undo: add Add tag (API key “Shop”)",
    )  # fmt: skip
    assert [each["kind"] for each in done["definition"]["steps"]] == ["wait", "add_tag"]
    assert done["focus"] == done["definition"]["steps"][1]["id"]
    assert done["problems"] == [
        {
            "field": done["focus"],
            "code": "invalid_settings",
            "message": "“Add tag”: Tag: This field is required.",
        }
    ]
    updated = operate(api, journey, "update", 1, part=done["focus"], config={"tag": "new"})
    assert updated.json()["problems"] == []
    assert operate(api, journey, "undo", 2).json()["said"] == "Undone: change Add tag: new"
    assert operate(api, journey, "undo", 3).json()["definition"] == before["definition"]
    assert operate(api, journey, "redo", 4).json()["definition"] == done["definition"]


def test_settings_that_are_not_valid_yet_are_kept_and_listed(api, journey):
    answer = operate(api, journey, "update", part="wait1", config={"amount": 0, "unit": "days"})
    assert answer.status_code == 200
    assert answer.json()["definition"]["steps"][0]["config"] == {"amount": 0, "unit": "days"}
    assert [each["code"] for each in answer.json()["problems"]] == ["invalid_settings"]


def test_the_second_of_two_is_refused(api, journey):
    operate(api, journey, "describe", step="wait1", name="Breathe")
    answer = operate(api, journey, "delete", step="wait1")
    assert answer.status_code == 409
    assert answer.json()["code"] == "draft_changed"
    assert "described “Breathe”" in answer.json()["message"]
    assert DraftEdit.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"op": "insert", "kind": "wait"}, 400, "required"),
        ({"op": "insert", "revision": 0}, 400, "required"),
        ({"op": "insert", "revision": -1, "kind": "wait"}, 400, "out_of_range"),
        ({"op": "nonsense", "revision": 0}, 400, "unknown_operation"),
        ({"op": "insert", "revision": 0, "kind": "nonsense"}, 400, "unknown_step"),
        ({"op": "insert", "revision": 0, "kind": "wait", "place": "a.b.c"}, 400, "no_such_part"),
        ({"op": "insert", "revision": 0, "kind": "wait", "keep": "0"}, 400, "unknown_field"),
        ({"op": "undo", "revision": 0, "step": "wait1"}, 400, "unknown_field"),
        ({"op": "undo", "revision": 0}, 400, "nothing_to_undo"),
        ({"op": "delete", "revision": 0, "step": "wait1", "keep": "0"}, 400, "no_such_branch"),
        ({"op": "move", "revision": 0, "step": "wait1", "place": "wait1"}, 400, "stands_there"),
        ({"op": "nudge", "revision": 0, "step": "wait1", "by": "3"}, 400, "invalid_choice"),
        ({"op": "describe", "revision": 0, "step": "wait1", "name": "x" * 81}, 400, "too_long"),
        ({"op": "update", "revision": 0, "part": "wait1", "config": []}, 400, "not_a_dict"),
        ({"op": "replace", "revision": 0, "definition": {"steps": 1}}, 400, "definition_misshapen"),
        ({"op": "restore", "revision": 0, "version": 3}, 400, "no_such_version"),
        ({"op": "update", "revision": 0, "part": "wait1", "surprise": 1}, 400, "unknown_field"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(api, journey, body, status, code):
    answer = api.post(f"/journeys/{journey.pk}/draft/ops", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    fresh = Journey.objects.get()
    assert (fresh.draft, fresh.draft_revision) == (journey.draft, 0)
    assert history_of(fresh).newest is None


def test_another_workspace_s_journey_is_nothing_to_read_or_to_paste_from(
    api, journey, globex, acme, now
):
    connection.set_tenant(globex)
    theirs = services.create_journey(name="Theirs", definition=journey.draft, now=now)
    connection.set_tenant(acme)
    assert api.get(f"/journeys/{theirs.pk}/draft").status_code == 404
    assert operate(api, theirs, "undo").status_code == 404

    answers = [
        operate(api, journey, "paste", place="", from_journey=str(each), step="wait1").json()
        for each in (theirs.pk, uuid4())
    ]
    assert answers[0] == answers[1]
    assert answers[0]["code"] == "nothing_copied"
    assert Journey.objects.get().draft_revision == 0
