"""Drawing a journey with forms: every change is saved, refusals change nothing."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from contacts.models import Contact
from journeys import services
from journeys.enrolment import enrol
from journeys.models import Journey
from tests.journeys.conftest import definition, path_of, settle, step
from tests.journeys.seeding import VIP

WAIT = {"amount": 2, "unit": "days"}
LEAF = {"kind": "tag", "config": {"test": "has", "tag": "vip"}}
OTHER = {"kind": "consent", "config": {"state": "mailable"}}


@pytest.fixture
def journey(acme: Any, now: Any) -> Journey:
    """A draft: a wait, a split with a tag in its first lane, and a tag after it."""
    drawn = definition(
        step("wait1", "wait", WAIT),
        step("split1", "if_else", VIP, [step("yes1", "add_tag", {"tag": "yes"})], []),
        step("last1", "add_tag", {"tag": "end"}),
    )
    return services.create_journey(name="Care", definition=drawn, now=now)


@pytest.fixture
def post(journey: Journey, acme_client: Client) -> Any:
    """`post("insert", place="", kind="wait")` to the draft."""

    return lambda act, **sent: posting(acme_client, journey, act, **sent)


def posting(client: Client, journey: Journey, act: str, **sent: Any) -> Any:
    """An operation, or one of the two forms, for the draft as it is now."""
    journey.refresh_from_db()
    sent = {"revision": str(journey.draft_revision), **sent}
    if act in ("save", "condition"):
        return client.post(f"/journeys/{journey.pk}/draft/{act}/", sent)
    return client.post(f"/journeys/{journey.pk}/ops/", {"op": act, **sent})


def drawn(journey: Journey) -> list[Any]:
    """The draft's tree as kinds: [kind, [lane], [lane]] for a split."""
    journey.refresh_from_db()
    return _kinds(journey.draft["steps"])


def _kinds(nodes: list[Any]) -> list[Any]:
    return [
        [node["kind"], *(_kinds(branch["steps"]) for branch in node["branches"])]
        if "branches" in node
        else node["kind"]
        for node in nodes
    ]


NEW_TAG = {"open_how": "add", "open_place": "", "open_kind": "tag"}
BEFORE = ["wait", ["if_else", ["add_tag"], []], "add_tag"]


@pytest.mark.parametrize(
    ("place", "after"),
    [
        ("", ["exit", *BEFORE]),
        ("wait1", ["wait", "exit", *BEFORE[1:]]),
        ("last1", [*BEFORE, "exit"]),
        ("split1", [*BEFORE[:2], "exit", "add_tag"]),
        ("split1.0", ["wait", ["if_else", ["exit", "add_tag"], []], "add_tag"]),
        ("split1.1", ["wait", ["if_else", ["add_tag"], ["exit"]], "add_tag"]),
        ("yes1", ["wait", ["if_else", ["add_tag", "exit"], []], "add_tag"]),
    ],
)
def test_a_step_is_added_where_the_plus_stood(
    journey: Journey, post: Any, place: str, after: list[Any]
) -> None:
    response = post("insert", place=place, kind="exit")
    assert response.status_code == 303
    assert "?step=" in response["Location"]
    assert drawn(journey) == after


@pytest.mark.parametrize(
    ("act", "sent", "says"),
    [
        ("insert", {"place": "gone", "kind": "exit"}, "This part of the journey is not there any"),
        (
            "insert",
            {"place": "split1.7", "kind": "exit"},
            "This part of the journey is not there any",
        ),
        ("insert", {"place": "", "kind": "nonsense"}, "There is no step “nonsense”."),
        ("insert_entry", {"kind": "nonsense"}, "There is no entry “nonsense”."),
        ("delete", {"step": "gone"}, "This part of the journey is not there any"),
        ("remove", {"part": "entry:9"}, "This part of the journey is not there any"),
        ("nudge", {"step": "gone", "by": "-1"}, "This part of the journey is not there any"),
        ("save", {"part": "gone"}, "This part of the journey is not there any"),
        ("condition", {"part": "wait1", "field": "x"}, "This part of the journey is not there any"),
        (
            "condition",
            {"part": "split1", "field": "condition", "do": "keep", **NEW_TAG},
            "This field is required.",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    journey: Journey, post: Any, act: str, sent: dict[str, str], says: str
) -> None:
    response = post(act, **sent)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert drawn(journey) == BEFORE
    assert journey.draft_revision == 0


def test_a_split_comes_with_its_lanes(journey: Journey, post: Any) -> None:
    post("insert", place="", kind="percentage_split")
    assert drawn(journey)[0] == ["percentage_split", [], []]
    assert journey.draft["steps"][0]["config"] == {"shares": [50, 50]}


def test_more_shares_make_more_lanes_and_none_with_steps_is_cut_off(
    journey: Journey, post: Any
) -> None:
    # given three lanes, the last one with a step
    post("insert", place="", kind="percentage_split")
    journey.refresh_from_db()
    split = journey.draft["steps"][0]["id"]
    post("save", part=split, **{"set-shares": "50, 30, 20"})
    post("insert", place=f"{split}.2", kind="exit")
    before = drawn(journey)
    assert before[0] == ["percentage_split", [], [], ["exit"]]
    # when two are asked for
    response = post("save", part=split, **{"set-shares": "50, 50"})
    # then
    assert response.status_code == 422
    assert "A branch that would go still holds steps" in response.content.decode()
    assert drawn(journey) == before


def test_steps_move_among_their_neighbours_and_are_removed(journey: Journey, post: Any) -> None:
    post("nudge", step="wait1", by="1")
    assert drawn(journey) == [["if_else", ["add_tag"], []], "wait", "add_tag"]
    post("nudge", step="split1", by="-1")
    assert drawn(journey) == [["if_else", ["add_tag"], []], "wait", "add_tag"]
    post("delete", step="split1")
    assert drawn(journey) == ["wait", "add_tag"]


def test_settings_are_saved_as_the_form_cleans_them(journey: Journey, post: Any) -> None:
    post("save", part="wait1", **{"set-amount": "3", "set-unit": "hours"})
    journey.refresh_from_db()
    assert journey.draft["steps"][0]["config"] == {"amount": 3, "unit": "hours"}


def test_conditions_are_added_joined_and_removed(journey: Journey, post: Any) -> None:
    def tree() -> Any:
        journey.refresh_from_db()
        return journey.draft["steps"][1]["config"].get("condition")

    where = {"part": "split1", "field": "condition"}
    new = {"do": "keep", "open_how": "add", "open_place": ""}
    mailable = {"open_kind": "consent", "condition-state": "mailable"}
    post("condition", **where, **new, **mailable)
    assert tree() == {"all": [LEAF, OTHER]}
    post("condition", **where, do="join::any")
    assert tree() == {"any": [LEAF, OTHER]}
    post("condition", **where, do="remove:0")
    assert tree() == {"any": [OTHER]}
    post("condition", **where, do="remove:0")
    assert tree() is None
    tag = {"open_kind": "tag", "condition-test": "has", "condition-tag": "vip"}
    post("condition", **where, **new, negated="1", **tag)
    assert tree() == {"not": LEAF}


def test_conditions_nest_in_groups(journey: Journey, post: Any) -> None:
    def tree() -> Any:
        journey.refresh_from_db()
        return journey.draft["steps"][1]["config"].get("condition")

    where = {"part": "split1", "field": "condition"}
    # opening a form changes nothing yet
    page = post("condition", **where, do="group:", **{"kind-": "consent"})
    assert page.status_code == 200
    assert 'name="condition-state"' in page.content.decode()
    assert tree() == LEAF
    mailable = {"open_kind": "consent", "condition-state": "mailable"}
    post("condition", **where, do="keep", open_how="group", open_place="", **mailable)
    assert tree() == {"all": [LEAF, {"any": [OTHER]}]}
    post("condition", **where, do="keep", open_how="add", open_place="1", **mailable)
    post("condition", **where, do="negate:1.0")
    assert tree() == {"all": [LEAF, {"any": [{"not": OTHER}, OTHER]}]}


def test_ways_in_goal_and_rules_are_set(journey: Journey, post: Any) -> None:
    # when another way in is added and filled in, a goal, an exit rule and the rules
    post("insert_entry", kind="tag_added")
    post("save", part="entry:1", **{"set-tag": "VIP"})
    post("save", part="goal", **{"set-event": "order.placed", "set-within_days": "14"})
    post("save", part="exit:0", **{"set-event": "contact.tagged", "set-reason": "Told us"})
    post("save", part="settings", **{"set-re_entry": "always"})
    post("remove", part="entry:0")
    # then the draft holds them
    journey.refresh_from_db()
    assert journey.draft["entries"] == [{"kind": "tag_added", "config": {"tag": "VIP"}}]
    assert journey.draft["goal"] == {"event": "order.placed", "within_days": 14, "then": "exit"}
    assert journey.draft["exits"] == [{"event": "contact.tagged", "reason": "Told us"}]
    assert journey.draft["settings"]["re_entry"] == "always"
    # and they go again
    post("remove", part="exit:0")
    post("remove", part="goal")
    journey.refresh_from_db()
    assert (journey.draft["exits"], journey.draft["goal"]) == ([], None)


def test_problems_stand_on_the_node_and_in_a_counter(journey: Journey, post: Any) -> None:
    post("condition", part="split1", field="condition", do="remove:0")
    page = post("insert", place="nowhere", kind="exit").content.decode()
    assert "1 problem to fix before publishing" in page
    assert 'class="nd err"' in page


@pytest.mark.parametrize(
    "asked",
    ["add=", "add=nowhere", "step=_entry", "step=entry:0", "step=entry:7", "step=goal",
     "step=exit:0", "step=exit:9", "step=settings", "step=split1", "step=gone",
     "step=%00", "step=entry:x"],
)  # fmt: skip
def test_every_panel_opens_whatever_is_asked(
    journey: Journey, acme_client: Client, asked: str
) -> None:
    assert acme_client.get(f"/journeys/{journey.pk}/draft/?{asked}").status_code == 200


def test_a_journey_drawn_by_hand_runs(
    ada: Contact, acme_client: Client, post: Any, journey: Journey, now: Any
) -> None:
    # given a journey drawn from nothing on the page: by hand, a tag, then an exit
    acme_client.post("/journeys/create/", {"name": "By hand"})
    drawn_one = Journey.objects.get(name="By hand")
    posting(acme_client, drawn_one, "insert_entry", kind="manual")
    posting(acme_client, drawn_one, "insert", place="", kind="add_tag")
    drawn_one.refresh_from_db()
    tag = drawn_one.draft["steps"][0]["id"]
    posting(acme_client, drawn_one, "save", part=tag, **{"set-tag": "hello"})
    posting(acme_client, drawn_one, "insert", place=tag, kind="exit")
    # when it is published and Ada is let in
    response = acme_client.post(f"/journeys/{drawn_one.pk}/publish/")
    assert response["Location"] == f"/journeys/{drawn_one.pk}/"
    enrol(journey=drawn_one, contact_ids=[ada.pk], now=now)
    settle(now)
    # then she went all the way
    assert [outcome for _step, outcome in path_of(ada)] == ["next", "exit:exit_step"]


def test_when_it_was_saved_is_told_by_the_clock_of_the_house(
    acme: Any, journey: Journey, post: Any, acme_client: Client, now: Any
) -> None:
    acme.timezone = "Europe/Rome"
    acme.save()
    with time_machine.travel(now, tick=False):
        post("insert", place="", kind="wait")
    page = acme_client.get(f"/journeys/{journey.pk}/draft/").content.decode()
    # Noon in Greenwich is one in the afternoon there.
    assert "Saved 1 p.m." in page
