"""What changed between two versions, told setting by setting."""

import pytest

from journeys.changes_in_words import Change, changes_in_words
from journeys.definition import parse
from tests.journeys.conftest import definition, step

WAIT = step("wait1", "wait", {"amount": 2, "unit": "days"})
TAG = step("tag1", "add_tag", {"tag": "known"})
VIP = {"condition": {"kind": "tag", "config": {"test": "has", "tag": "vip"}}}


def told(old, new):
    return changes_in_words(parse(old), parse(new))


def texts(old, new):
    return [each.text for each in told(old, new)]


def test_a_step_that_was_added_removed_changed_or_moved(db):
    assert told(
        definition(WAIT, TAG, step("split1", "if_else", VIP, [], [])),
        definition(
            step("wait1", "wait", {"amount": 3, "unit": "days"}),
            step("tag2", "add_tag", {"tag": "new"}),
            step("split1", "if_else", VIP, [step("exit1", "exit")], []),
        ),
    ) == [
        Change("changed", "“Wait: 2 days” is now “Wait: 3 days”", (), "wait1"),
        Change("added", "Added “Add tag: new” after “Wait: 3 days”", (), "tag2"),
        Change(
            "added",
            "Added “Exit: Leaves the journey” at the beginning of “Yes” of"
            " “People with the tag “vip””",
            (),
            "exit1",
        ),
        Change("removed", "Removed “Add tag: known”", (), "tag1"),
    ]


def test_a_step_that_was_moved_or_put_first(db):
    assert texts(definition(WAIT, TAG), definition(TAG, WAIT)) == [
        "Moved “Wait: 2 days” after “Add tag: known”"
    ]
    assert texts(definition(TAG), definition(WAIT, TAG)) == [
        "Added “Wait: 2 days” at the beginning"
    ]


def test_settings_behind_a_name_and_names_of_branches_are_details(db):
    named = {**WAIT, "name": "A while"}
    longer = {**named, "config": {"amount": 3, "unit": "hours"}}
    details = ("Wait: “2” → “3”", "Unit: “days” → “hours”")
    assert told(definition(named), definition(longer)) == [
        Change("changed", "Changed “A while”", details, "wait1")
    ]
    split = step("split1", "if_else", VIP, [], [])
    other = {**split, "branches": [{"label": "Guests", "steps": []}, {"label": "", "steps": []}]}
    (change,) = told(definition(split), definition(other))
    assert change.details == ("Branch “Yes” is now “Guests”",)


GOAL = {"event": "order.placed", "within_days": 30, "then": "exit"}
LEFT = {"event": "contact.tagged", "reason": "Tagged"}
ORDERS = {"kind": "event_received", "config": {"event": "order.placed"}}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ({}, {"goal": GOAL}, ["New goal: “Ordered”"]),
        ({"goal": GOAL}, {}, ["Goal gone: “Ordered”"]),
        ({"goal": GOAL}, {"goal": {**GOAL, "event": "contact.tagged"}},
         ["Goal: “Ordered” → “Tag added”"]),
        ({"goal": GOAL}, {"goal": {**GOAL, "within_days": 7}}, ["Goal changed: “Ordered”"]),
        ({}, {"exits": [LEFT]}, ["New reason to leave: “Tag added” (Tagged)"]),
        ({"exits": [LEFT]}, {}, ["No longer a reason to leave: “Tag added” (Tagged)"]),
        ({"exits": [LEFT]}, {"exits": [{**LEFT, "reason": "Gone"}]},
         ["Leaving: “Tag added” (Tagged) → “Tag added” (Gone)"]),
        ({}, {"settings": {"re_entry": "always"}},
         ["May enter again: “Never: once per person” → “Whenever they are not inside”"]),
        ({}, {"settings": {"re_entry": "never"}}, []),
        ({}, {"entries": [ORDERS]},
         ["Way in gone: “When you add people, or the API does”",
          "New way in: “When this happens: Ordered”"]),
        ({"entries": [ORDERS]},
         {"entries": [{**ORDERS, "config": {"event": "contact.tagged"}}]},
         ["Way in: “When this happens: Ordered” → “When this happens: Tag added”"]),
    ],
)  # fmt: skip
def test_rules_of_the_whole_journey(db, old, new, words):
    assert texts(definition(WAIT, **old), definition(WAIT, **new)) == words


def test_nothing_changed(db):
    noted = {**WAIT, "note": "For Sam"}
    assert told(definition(WAIT), definition(noted)) == []
