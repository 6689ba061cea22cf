"""The builder's answers: whole with htmx, by redirects without, and nothing typed is lost."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from journeys import services
from journeys.draft_log import Author
from journeys.drafts import operate
from journeys.models import DraftEdit, Journey
from tenants.models import Membership, User
from tests.journeys.conftest import definition, step
from tests.journeys.seeding import VIP, mail

WAIT = {"amount": 2, "unit": "days"}
HTMX = {"hx-request": "true"}


@pytest.fixture
def journey(acme: Any, now: Any) -> Journey:
    """wait1, split1 [[yes1], []], last1."""
    drawn = definition(
        step("wait1", "wait", WAIT),
        step("split1", "if_else", VIP, [step("yes1", "add_tag", {"tag": "yes"})], []),
        step("last1", "add_tag", {"tag": "end"}),
    )
    return services.create_journey(name="Care", definition=drawn, now=now)


@pytest.fixture
def post(journey: Journey, acme_client: Client) -> Any:
    """`post(op="insert", ...)`; for the draft as it is now, unless a revision is given."""

    def send(address: str = "ops/", headers: Any = None, **sent: Any) -> Any:
        journey.refresh_from_db()
        sent = {"revision": journey.draft_revision, **sent}
        return acme_client.post(f"/journeys/{journey.pk}/{address}", sent, headers=headers)

    return send


def told(response: Any) -> dict[str, Any]:
    """What the header says to the page."""
    return dict(json.loads(response["HX-Trigger"])["operation"])


def sam_adds(journey: Journey, ago: timedelta = timedelta(seconds=10)) -> None:
    """A colleague adds an exit at the beginning."""
    operate(
        journey=journey, op="insert", given={"kind": "exit"}, revision=None, by=Author(name="Sam"),
        now=timezone.now() - ago,
    )  # fmt: skip


def test_htmx_gets_the_builder_and_hears_what_was_done(journey: Journey, post: Any) -> None:
    response = post(headers=HTMX, op="nudge", step="wait1", by="1")
    page = response.content.decode()
    assert response.status_code == 200
    assert page.lstrip().startswith('<div id="builder"')
    assert "<html" not in page
    assert told(response) == {"said": "Moved “Wait: 2 days” down", "focus": "wait1", "revision": 1}
    assert "Undo: move Wait: 2 days" in page
    assert response["Vary"].count("HX-Request") == 1


def test_without_htmx_it_leads_to_the_step(
    journey: Journey, post: Any, acme_client: Client
) -> None:
    response = post(op="insert", kind="wait", place="wait1")
    journey.refresh_from_db()
    new = journey.draft["steps"][1]["id"]
    assert response.status_code == 303
    assert response["Location"] == f"/journeys/{journey.pk}/draft/?step={new}#step-{new}"
    page = acme_client.get(response["Location"])
    assert "Added “Wait”" in page.content.decode()
    assert page.context["saved_at"] == DraftEdit.objects.get().turned_at


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_refusal_is_a_sentence_with_a_code(journey: Journey, post: Any, headers: Any) -> None:
    before = journey.draft
    response = post(headers=headers, op="move", step="split1", place="split1.0")
    assert response.status_code == 422
    assert response.context["refusal"]["code"] == "into_itself"
    assert "cannot go into one of its own branches." in response.content.decode()
    journey.refresh_from_db()
    assert (journey.draft, journey.draft_revision) == (before, 0)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "unknown_operation"),
        ({"op": "nonsense"}, "unknown_operation"),
        ({"op": "\x00"}, "unknown_operation"),
        ({"op": "delete"}, "required"),
        ({"op": "delete", "step": "wait1", "revision": ""}, "required"),
        ({"op": "delete", "step": "wait1", "revision": "-1"}, "required"),
        ({"op": "delete", "step": "wait1", "revision": "9" * 30}, "required"),
        ({"op": "insert", "kind": "wait", "place": "x" * 31}, "too_long"),
        ({"op": "paste", "place": "", "from_journey": "x", "step": "wait1"}, "invalid"),
        ({"op": "update", "part": "nonsense:1", "config": "{}"}, "no_such_part"),
        ({"op": "copy", "step": "gone"}, "nothing_copied"),
        ({"op": "undo"}, "nothing_to_undo"),
    ],
)
def test_bad_input_changes_nothing(
    journey: Journey, post: Any, sent: dict[str, str], code: str
) -> None:
    response = post(**sent)
    assert response.status_code == 422
    assert response.context["refusal"]["code"] == code
    assert response.context["refusal"]["message"]
    journey.refresh_from_db()
    assert (journey.draft_revision, DraftEdit.objects.count()) == (0, 0)


def test_the_second_of_two_sees_the_newest_and_who_made_it(journey: Journey, post: Any) -> None:
    sam_adds(journey)
    response = post(headers=HTMX, op="delete", step="wait1", revision=0)
    assert response.status_code == 409
    words = told(response)
    assert words["said"].startswith("Sam changed this 1")
    assert words["said"].endswith("seconds ago: added “Exit”.")
    assert words["revision"] == 1
    page = response.content.decode()
    assert 'data-revision="1"' in page
    assert 'id="step-wait1"' in page
    journey.refresh_from_db()
    assert [each["kind"] for each in journey.draft["steps"]] == [
        "exit", "wait", "if_else", "add_tag",
    ]  # fmt: skip


def test_what_was_typed_into_settings_is_kept_when_somebody_was_faster(
    journey: Journey, post: Any
) -> None:
    sam_adds(journey)
    typed = {"part": "wait1", "set-amount": "17", "set-unit": "hours"}
    response = post("draft/save/", revision=0, **typed)
    assert response.status_code == 409
    assert response.context["form"]["amount"].value() == "17"
    assert 'value="17"' in response.content.decode()
    assert Journey.objects.get().draft["steps"][1]["config"] == WAIT
    # pressing it once more, with what the page holds now, does it
    revision = response.context["revision"]
    assert post("draft/save/", revision=revision, **typed).status_code == 303
    assert Journey.objects.get().draft["steps"][1]["config"] == {"amount": 17, "unit": "hours"}


def test_a_condition_and_a_note_being_written_are_kept_too(journey: Journey, post: Any) -> None:
    sam_adds(journey)
    response = post(
        "draft/condition/", revision=0, part="split1", field="condition", do="keep",
        open_how="add", open_place="", open_kind="tag",
        **{"condition-test": "has", "condition-tag": "sourdough"},
    )  # fmt: skip
    assert response.status_code == 409
    assert 'value="sourdough"' in response.content.decode()
    response = post(op="describe", revision=0, step="wait1", name="Breathe", note="Ask first")
    assert response.status_code == 409
    assert 'value="Breathe"' in response.content.decode()
    assert "Ask first" in response.content.decode()
    assert DraftEdit.objects.count() == 1


def test_saving_is_never_blocked_and_says_what_is_missing(
    journey: Journey, post: Any, acme_client: Client
) -> None:
    saved = post("draft/save/", part="wait1", **{"set-amount": "0", "set-unit": "hours"})
    assert saved.status_code == 303
    assert Journey.objects.get().draft["steps"][0]["config"] == {"amount": "0", "unit": "hours"}
    response = acme_client.get(saved["Location"])
    page = response.content.decode()
    assert "Ensure this value is greater than or equal to 1." in page
    assert 'value="0"' in page
    [(message, url, where)] = response.context["problems"]
    assert (url, where) == ("?step=wait1#step-wait1", "wait1")
    assert message.startswith("“Wait”: Wait: Ensure this value")
    # publishing is
    assert acme_client.post(f"/journeys/{journey.pk}/publish/").status_code == 422


def test_everything_wrong_is_listed_with_the_way_to_it(
    journey: Journey, post: Any, acme_client: Client
) -> None:
    post("draft/save/", part="goal", **{"set-event": "", "set-then": "exit"})
    post(op="remove", part="entry:0")
    post(op="insert", kind="add_tag", place="split1.1")
    post("draft/save/", part="wait1", **{"set-amount": ""})
    page = acme_client.get(f"/journeys/{journey.pk}/draft/")
    places = [where for _message, _url, where in page.context["problems"]]
    new = Journey.objects.get().draft["steps"][1]["branches"][1]["steps"][0]["id"]
    assert places == ["_entry", "", "wait1", "wait1", new]
    shown = page.content.decode()
    assert shown.count('href="?step=wait1#step-wait1"') >= 2
    assert "5 problems to fix before publishing" in shown


def test_undo_and_redo_are_buttons(journey: Journey, post: Any) -> None:
    post(op="delete", step="split1", keep="0")
    page = post(headers=HTMX, op="undo")
    assert told(page)["said"] == "Undone: delete People with the tag “vip”"
    assert (page.context["undo_label"], page.context["redo_label"]) == (
        "", "Redo: delete People with the tag “vip”",
    )  # fmt: skip
    assert [each["id"] for each in Journey.objects.get().draft["steps"]] == [
        "wait1", "split1", "last1",
    ]  # fmt: skip
    assert post(op="redo").status_code == 303
    assert [each["id"] for each in Journey.objects.get().draft["steps"]] == [
        "wait1", "yes1", "last1",
    ]  # fmt: skip


def test_a_step_is_copied_here_and_pasted_there(
    journey: Journey, post: Any, acme_client: Client, now: datetime
) -> None:
    other = services.create_journey(name="Other", definition=definition(), now=now)
    address = f"/journeys/{other.pk}/draft/?add="
    assert acme_client.get(address).context["clipboard"] is None
    copied = post(headers=HTMX, op="copy", step="split1", lane="0")
    assert told(copied)["said"] == "Copied “Yes”"
    page = acme_client.get(address)
    assert "Paste “Yes” here" in page.content.decode()
    sent = {**page.context["clipboard"], "op": "paste", "place": "", "revision": 0}
    sent["from_journey"] = sent.pop("journey")
    assert acme_client.post(f"/journeys/{other.pk}/ops/", sent).status_code == 303
    other.refresh_from_db()
    assert [each["config"] for each in other.draft["steps"]] == [{"tag": "yes"}]
    assert Journey.objects.get(pk=journey.pk).draft_revision == 0
    # gone when what was copied is
    post(op="delete", step="split1")
    assert acme_client.get(address).context["clipboard"] is None


def test_globex_s_steps_cannot_be_pasted(
    journey: Journey, post: Any, globex: Any, acme: Any, now: datetime
) -> None:
    connection.set_tenant(globex)
    theirs = services.create_journey(name="Theirs", definition=journey.draft, now=now)
    connection.set_tenant(acme)
    response = post(op="paste", place="", from_journey=str(theirs.pk), step="wait1")
    assert response.status_code == 422
    assert response.context["refusal"]["code"] == "nothing_copied"
    assert Journey.objects.get().draft_revision == 0


def test_move_to_lists_the_places_a_step_may_go_to(
    journey: Journey, acme_client: Client, post: Any
) -> None:
    page = acme_client.get(f"/journeys/{journey.pk}/draft/?move=split1")
    places = page.context["moving"]["places"]
    assert [(each["place"], each["words"]) for each in places] == [
        ("", "At the beginning"),
        ("last1", "After “Add tag: end”"),
    ]
    inner = acme_client.get(f"/journeys/{journey.pk}/draft/?move=yes1").context["moving"]
    assert [each["place"] for each in inner["places"]] == [
        "", "wait1", "split1.1", "split1", "last1",
    ]  # fmt: skip
    for each in inner["places"]:
        assert post(op="move", step="yes1", place=each["place"]).status_code == 303
        assert post(op="undo").status_code == 303


def test_deleting_a_split_asks_which_branch_stays(journey: Journey, acme_client: Client) -> None:
    page = acme_client.get(f"/journeys/{journey.pk}/draft/?delete=split1")
    shown = page.content.decode()
    assert "Which branch stays in its place?" in shown
    assert 'name="keep" value="0"' in shown
    assert 'name="keep" value="1"' not in shown
    assert "None: delete the 1 step in it too" in shown
    simple = acme_client.get(f"/journeys/{journey.pk}/draft/?delete=wait1").content.decode()
    assert "Delete this step?" in simple
    assert 'name="keep"' not in simple


def test_the_palette_offers_what_may_be_added_there(
    journey: Journey, acme_client: Client, post: Any
) -> None:
    def offered(asked: str) -> set[str]:
        page = acme_client.get(f"/journeys/{journey.pk}/draft/{asked}")
        return {each.key for _family, kinds in page.context["palette"] for each, _lanes in kinds}

    assert {"goal", "wait", "if_else"} <= offered("")
    post(op="insert", kind="goal", place="last1")
    assert "goal" not in offered("?add=wait1")
    page = acme_client.get(f"/journeys/{journey.pk}/draft/?add=wait1")
    assert page.context["following"] == 3
    assert acme_client.get(f"/journeys/{journey.pk}/draft/?add=split1.0").context["following"] == 1


def test_steps_carry_what_an_editor_takes_them_by(journey: Journey, acme_client: Client) -> None:
    services.save_draft(
        journey=journey,
        definition={
            **journey.draft,
            "steps": [{**journey.draft["steps"][0], "note": "Ask"}, *journey.draft["steps"][1:]],
        },
        now=timezone.now(),
    )
    drawn = acme_client.get(f"/journeys/{journey.pk}/draft/").context["steps"]
    entry, wait, split, last, _end = drawn
    assert entry["place"] == ""
    assert (wait["kind"], wait["has_note"], wait["place"]) == ("wait", True, "wait1")
    moves = [(each["may_move_up"], each["may_move_down"]) for each in (wait, split, last)]
    assert moves == [(False, True), (True, True), (True, False)]
    assert [lane["place"] for lane in split["lanes"]] == ["split1.0", "split1.1"]
    assert wait["menu"] == {"move": "?move=wait1", "delete": "?delete=wait1"}


def test_a_page_that_answered_a_form_can_be_loaded_again(
    journey: Journey, acme_client: Client
) -> None:
    for address in ("ops", "draft/save", "draft/condition"):
        response = acme_client.get(f"/journeys/{journey.pk}/{address}/?step=wait1")
        assert response["Location"] == f"/journeys/{journey.pk}/draft/?step=wait1"


def test_who_may_not_edit_sees_no_panels(
    journey: Journey, acme: Any, client_of: Any, acme_client: Client
) -> None:
    viewer = User.objects.create_user("viewer@acme.example", "correct horse battery")
    Membership.objects.create(workspace=acme, user=viewer, role=Membership.Role.VIEWER)
    client = client_of(acme, viewer)
    address = f"/journeys/{journey.pk}/"
    for asked in ("?move=wait1", "?delete=wait1", "?add="):
        page = client.get(f"{address}draft/{asked}")
        assert page.status_code == 200
        assert not any(panel in page.context for panel in ("moving", "deleting", "adding"))
    for op in ({"op": "undo"}, {"op": "copy", "step": "wait1"}):
        assert client.post(f"{address}ops/", {"revision": 0, **op}).status_code == 403
    assert DraftEdit.objects.count() == 0


@pytest.mark.parametrize("emails", [1, 30])
def test_an_operation_takes_as_many_statements_however_long_the_journey(
    acme_client: Client, acme: Any, now: datetime, emails: int
) -> None:
    template = str(mail(now).pk)
    drawn = definition(
        *(step(f"m{n}", "send_email", {"template": template}) for n in range(emails))
    )
    long = services.create_journey(name="Long", definition=drawn, now=now)
    sent = {"op": "describe", "step": "m0", "name": "First", "revision": 0}
    with CaptureQueriesContext(connection) as asked:
        response = acme_client.post(f"/journeys/{long.pk}/ops/", sent, headers=HTMX)
    assert response.status_code == 200
    # Of these a third find out who asks, and where.
    assert len([each for each in asked if "search_path" not in each["sql"]]) <= 18
