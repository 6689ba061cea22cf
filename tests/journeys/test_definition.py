"""Definitions: read strictly, refused in words, compiled so that every path ends."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from core.errors import Invalid
from journeys.definition import (
    as_json,
    compile_definition,
    diff,
    listened_events,
    new_step_id,
    parse,
)
from journeys.validation import validate
from tests.journeys.conftest import definition, step

WAIT = {"amount": 2, "unit": "days"}


def codes(raw):
    return [(problem.code, problem.field) for problem in validate(parse(raw))]


def test_a_split_is_compiled_into_a_flat_table():
    raw = definition(
        step("wait1", "wait", WAIT),
        step("split1", "percentage_split", {"shares": [50, 50]}, [step("tag1", "add_tag")], []),
        step("exit1", "exit"),
    )
    table = compile_definition(parse(raw))
    assert table["first"] == "wait1"
    assert {key: (row["next"], row["branches"]) for key, row in table["steps"].items()} == {
        "wait1": ("split1", []),
        "split1": ("exit1", ["tag1", "exit1"]),
        "tag1": ("exit1", []),
        "exit1": (None, []),
    }


def test_a_definition_is_read_and_written_alike():
    raw = definition(
        step("split1", "percentage_split", {"shares": [50, 50]}, [step("a1", "exit")], []),
        goal={"event": "order.placed"},
        exits=[{"event": "order.refunded", "reason": "Refunded"}],
        settings={"re_entry": "never"},
    )
    assert as_json(parse(raw)) == raw
    assert listened_events(parse(raw)) == ["order.placed", "order.refunded"]


def test_a_step_keeps_its_name_and_note_and_a_note_is_no_change():
    named = {**step("wait1", "wait", WAIT), "name": "Let them cook", "note": "Ask Mara why two."}
    raw = definition(named)
    assert as_json(parse(raw))["steps"] == [named]
    assert not diff(parse(raw), parse(definition({**named, "note": ""})))
    assert diff(parse(raw), parse(definition(step("wait1", "wait", WAIT)))).changed == ("wait1",)


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        ([], "not_an_object", "definition"),
        (None, "not_an_object", "definition"),
        ({"steps": {"a": 1}}, "not_a_list", "steps"),
        ({"steps": ["wait"]}, "not_a_list", "steps"),
        ({"steps": [{"kind": "wait"}]}, "no_text", "id"),
        ({"steps": [{"id": "ab"}]}, "no_text", "ab"),
        ({"steps": [{"id": "A b", "kind": "wait"}]}, "bad_step_id", "A b"),
        ({"steps": [step("ab", "wait"), step("ab", "wait")]}, "double_step_id", "ab"),
        ({"steps": [{"id": "ab", "kind": "wait", "config": [1]}]}, "not_an_object", "ab"),
        ({"steps": [{"id": "ab", "kind": "wait", "branches": 5}]}, "not_a_list", "ab"),
        ({"entries": [{}], "steps": []}, "no_text", "kind"),
        ({"steps": [step(f"s{n}", "exit") for n in range(301)]}, "too_many_steps", "steps"),
    ],
)
def test_what_is_misshapen_is_refused_with_its_place(raw, code, field):
    with pytest.raises(Invalid) as refusal:
        parse(raw)
    assert (code, field) in [(each.code, each.field) for each in refusal.value.problems]
    assert all(each.message.endswith(".") for each in refusal.value.problems)


def test_splits_nested_too_deep_are_refused():
    inner = [step("leaf", "exit")]
    for level in range(14):
        inner = [step(f"l{level}", "percentage_split", {"shares": [50, 50]}, inner, [])]
    with pytest.raises(Invalid) as refusal:
        parse(definition(*inner))
    assert refusal.value.problems[0].code == "too_deep"


def test_what_stands_against_publishing_is_told_in_words(db):
    assert codes({"entries": [], "steps": []}) == [("no_entry", "entries"), ("no_steps", "steps")]
    assert codes(definition(step("ab", "teleport"))) == [("unknown_step", "ab")]
    assert codes(definition(step("ab", "wait", {"amount": 0, "unit": "days"}))) == [
        ("invalid_settings", "ab")
    ]
    assert codes(definition(step("ab", "wait", WAIT), entries=[{"kind": "magic"}])) == [
        ("unknown_entry", "entry:0")
    ]
    # a split without its second lane, and branches where there are none to have
    assert codes(
        definition(step("ab", "percentage_split", {"shares": [50, 50]}, [step("cd", "exit")]))
    ) == [("missing_branch", "ab")]
    assert codes(definition(step("ab", "wait", WAIT, []))) == [("unexpected_branches", "ab")]
    # a goal that moves people to a step that is not there, and a rule of nothing
    assert codes(definition(step("ab", "wait", WAIT), goal={"event": "x", "then": "jump"})) == [
        ("no_goal_step", "goal")
    ]
    assert codes(definition(step("ab", "wait", WAIT), exits=[{"reason": "Why"}])) == [
        ("invalid_settings", "exit:0")
    ]
    assert codes(definition(step("ab", "wait", WAIT), settings={"holdout": 90})) == [
        ("invalid_settings", "settings")
    ]
    assert codes(definition(step("ab", "goal"), step("cd", "goal"))) == [("two_goal_steps", "cd")]
    assert codes(definition(step("ab", "wait", WAIT))) == []


def test_steps_nobody_can_reach_are_found():
    leave = [step("out1", "exit")]
    also = [step("out2", "exit")]
    shares = {"shares": [50, 50]}
    assert codes(definition(step("ab", "exit"), step("cd", "wait", WAIT))) == [
        ("unreachable_step", "cd")
    ]
    assert codes(
        definition(step("ab", "percentage_split", shares, leave, also), step("cd", "wait", WAIT))
    ) == [("unreachable_step", "cd")]
    # one open lane is enough, and the goal pulls people to its step
    assert (
        codes(
            definition(step("ab", "percentage_split", shares, leave, []), step("cd", "wait", WAIT))
        )
        == []
    )
    assert (
        codes(
            definition(
                step("ab", "exit"),
                step("goal1", "goal"),
                step("cd", "wait", WAIT),
                goal={"event": "order.placed", "then": "jump"},
            )
        )
        == []
    )


def test_a_difference_names_steps_added_removed_changed_and_moved():
    old = definition(step("aa", "wait", WAIT), step("bb", "exit"), step("cc", "goal"))
    new = definition(
        step("cc", "goal"),
        step("aa", "wait", {"amount": 3, "unit": "days"}),
        step("dd", "exit"),
        settings={"holdout": 5},
    )
    found = diff(parse(old), parse(new))
    assert (found.added, found.removed, found.changed) == (("dd",), ("bb",), ("aa",))
    assert (found.moved, found.rules) == (("aa",), ("settings",))
    assert not diff(parse(old), parse(old))


def test_step_ids_are_short_and_differ():
    ids = {new_step_id() for _each in range(200)}
    assert len(ids) == 200
    assert {len(each) for each in ids} == {6}


# --- any tree that can be written down

KINDS = some.sampled_from(["wait", "goal", "exit", "add_tag"])


@some.composite
def trees(draw):
    """A sequence of steps with splits nested in each other, ids given in reading order."""
    counter = iter(range(10_000))

    def sequence(depth):
        return [one(depth) for _each in range(draw(some.integers(0, 4)))]

    def one(depth):
        step_id = f"s{next(counter)}"
        if depth < 3 and draw(some.integers(0, 3)) == 0:
            lanes = draw(some.integers(2, 3))
            return step(
                step_id, "percentage_split", {}, *[sequence(depth + 1) for _ in range(lanes)]
            )
        return step(step_id, draw(KINDS))

    return sequence(0)


@hypothesis_settings(max_examples=150, deadline=timedelta(seconds=5))
@given(trees())
def test_every_path_of_any_tree_ends(raw_steps):
    table = compile_definition(parse(definition(*raw_steps)))

    def longest(step_id, seen):
        if step_id is None:
            return len(seen)
        assert step_id not in seen, "a path came back to a step"
        row = table["steps"][step_id]
        onwards = row["branches"] or [row["next"]]
        return max(longest(each, {*seen, step_id}) for each in onwards)

    assert longest(table["first"], frozenset()) <= len(table["steps"])
    assert (table["first"] is None) == (not raw_steps)
