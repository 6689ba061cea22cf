"""A step adds to another journey, takes out of one, or splits by several conditions."""

import pytest

from contacts.models import Contact
from contacts.tags import add_tag
from core.errors import Invalid
from journeys import services
from journeys.definition import parse
from journeys.engine import advance
from journeys.enrolment import LOOP_RUNS, enrol
from journeys.models import Enrolment
from journeys.parts import with_config
from journeys.path import ending_words
from journeys.validation import validate
from tests.journeys.conftest import DAY, definition, live, path_of, settle, step

REST = step("rest", "wait", {"amount": 60, "unit": "days"})


@pytest.fixture
def other(acme, now):
    return live(now, REST, name="Other")


def runs(journey):
    found = Enrolment.objects.filter(journey=journey).order_by("contact__email")
    return list(found.values_list("contact__email", "status", "entry_kind", "exit_reason"))


def test_people_are_added_by_the_rules_of_the_other_journey(acme, now, ada, bob, other):
    # given Bob in the other journey already, and it lets nobody in twice
    enrol(journey=other, contact_ids=[bob.pk], now=now)
    journey = live(now, step("add1", "add_to_journey", {"journey": str(other.pk)}), REST)
    # when both come to the step
    enrol(journey=journey, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)
    # then Ada is in both, Bob was not added twice, and both go on
    assert runs(other) == [
        ("ada@example.com", "active", "add_to_journey", ""),
        ("bob@example.com", "active", "manual", ""),
    ]
    assert [each[1] for each in runs(journey)] == ["active", "active"]
    assert Enrolment.objects.get(journey=other, contact=ada).context == {
        "journey_id": str(journey.pk)
    }


def test_people_are_taken_out_wherever_they_stand(acme, now, ada, bob, other):
    enrol(journey=other, contact_ids=[ada.pk, bob.pk], now=now)
    settle(now)
    journey = live(now, step("out1", "remove_from_journey", {"journey": str(other.pk)}), REST)
    enrol(journey=journey, contact_ids=[ada.pk], now=now + DAY)
    settle(now + DAY)
    assert runs(other) == [
        ("ada@example.com", "exited", "manual", "removed_by_journey"),
        ("bob@example.com", "active", "manual", ""),
    ]
    left = Enrolment.objects.get(journey=other, contact=ada)
    assert ending_words(left) == "Left: was taken out by another journey"
    assert Enrolment.objects.get(journey=journey).status == "active"


def test_a_journey_that_takes_out_of_itself_leaves_the_walker_alone(acme, now, ada):
    journey = live(now, REST)
    own = {"journey": str(journey.pk)}
    draft = definition(step("out1", "remove_from_journey", own), REST)
    services.save_draft(journey=journey, definition=draft, now=now)
    services.publish_journey(journey=journey, now=now)
    enrol(journey=journey, contact_ids=[ada.pk], now=now)
    settle(now)
    assert path_of(ada) == [("out1", "next")]
    assert Enrolment.objects.get(contact=ada).status == "active"


def test_journeys_that_start_each_other_stop(acme, now, ada):
    # given two journeys that may be entered again and again, each starting the other
    first = live(now, REST, name="First", settings={"re_entry": "always"})
    second = live(
        now,
        step("add1", "add_to_journey", {"journey": str(first.pk)}),
        name="Second",
        settings={"re_entry": "always"},
    )
    draft = definition(
        step("add2", "add_to_journey", {"journey": str(second.pk)}),
        settings={"re_entry": "always"},
    )
    services.save_draft(journey=first, definition=draft, now=now)
    services.publish_journey(journey=first, now=now)
    # when Ada comes in
    enrol(journey=first, contact_ids=[ada.pk], now=now)
    for _round in range(4 * LOOP_RUNS):
        if not advance(now=now).claimed:
            break
    # then the guard has ended it
    assert not Enrolment.objects.filter(status="active").exists()
    assert Enrolment.objects.filter(exit_reason="loop_guard").count() == 1
    assert Enrolment.objects.count() <= 2 * LOOP_RUNS + 1


@pytest.mark.parametrize("kind", ["add_to_journey", "remove_from_journey"])
def test_a_journey_has_to_be_chosen_and_to_run(acme, globex, now, other, kind):
    def codes(config):
        return [each.code for each in validate(parse(definition(step("s1", kind, config))))]

    assert codes({}) == ["invalid_settings"]
    assert codes({"journey": "nonsense"}) == ["invalid_settings"]
    assert codes({"journey": str(other.pk)}) == []
    services.pause_journey(journey=other, now=now)
    assert codes({"journey": str(other.pk)}) == (
        ["journey_not_live"] if kind == "add_to_journey" else []
    )
    services.archive_journey(journey=other, now=now)
    assert codes({"journey": str(other.pk)}) == ["invalid_settings"]


def has(tag):
    return {"kind": "tag", "config": {"test": "has", "tag": tag}}


def test_the_first_condition_that_holds_is_the_way(acme, now):
    # given people with both tags, one of them, and none
    tags = {"both": ["vip", "friend"], "vip": ["vip"], "friend": ["friend"], "none": []}
    people = {name: Contact.objects.create(email=f"{name}@example.com") for name in tags}
    for name, given in tags.items():
        for tag in given:
            add_tag(contact_ids=[people[name].pk], name=tag, now=now)
    split = step("many", "multi_split", {"first": has("vip"), "second": has("friend")}, [], [], [])
    journey = live(now, split)
    enrol(journey=journey, contact_ids=[each.pk for each in people.values()], now=now)
    settle(now)
    assert {name: path_of(each) for name, each in people.items()} == {
        "both": [("many", "branch:0")],
        "vip": [("many", "branch:0")],
        "friend": [("many", "branch:1")],
        "none": [("many", "branch:2")],
    }


def test_it_needs_a_branch_for_each_condition_and_one_for_the_others(acme):
    split = step("many", "multi_split", {"first": has("vip"), "third": has("friend")}, [], [])
    found = validate(parse(definition(split)))
    assert [each.code for each in found] == ["missing_branch"]
    split["branches"].append({"label": "", "steps": []})
    assert validate(parse(definition(split))) == []


def lanes_after(raw, config):
    """The steps of each branch once the settings have changed."""
    changed = with_config(parse(definition(raw)), "many", config)
    return [[each.id for each in branch.steps] for branch in changed.steps[0].branches]


def test_steps_stay_with_their_condition_when_another_comes_or_goes():
    # given a split by two conditions with a step in each branch
    config = {"first": has("vip"), "third": has("friend")}
    lanes = [[step(name, "add_tag", {"tag": name})] for name in ("vip1", "friend1", "else1")]
    split = step("many", "multi_split", config, *lanes)
    # when a condition comes between, then its branch is new and the others keep their steps
    more = {**config, "second": has("guest")}
    assert lanes_after(split, more) == [["vip1"], [], ["friend1"], ["else1"]]
    # when one goes whose branch is empty, then the others keep theirs
    split["branches"][1]["steps"] = []
    assert lanes_after(split, {"first": has("vip")}) == [["vip1"], ["else1"]]
    # and one whose branch is in use does not go
    split["branches"][1]["steps"] = lanes[1]
    with pytest.raises(Invalid) as refusal:
        lanes_after(split, {"first": has("vip")})
    assert refusal.value.code == "lane_in_use"
