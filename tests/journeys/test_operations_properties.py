"""Whatever is done to a draft in whatever order, it stays one that can be read."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from core.errors import Invalid
from journeys.definition import (
    MAX_STEPS,
    Definition,
    as_json,
    compile_definition,
    diff,
    parse,
    walk,
)
from journeys.places import every_place, ids, place_of, size
from tests.journeys.drawing import acts, applied, grown, numbers, picking

SEQUENCES = some.lists(numbers, min_size=1, max_size=40)
patiently = hypothesis_settings(
    max_examples=60, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow]
)


def states(sequence: list[list[int]]) -> list[Definition]:
    """The definitions a sequence of operations goes through; a refusal leaves the last one."""
    found, refused = [Definition()], []
    for drawn in sequence:
        try:
            found.append(applied(found[-1], acts(found[-1], picking(drawn))))
        except Invalid as refusal:
            refused.append(refusal)
    assert all(each.code and each.message.strip() for each in refused)
    return found


@patiently
@given(SEQUENCES)
def test_every_operation_applies_or_refuses_and_the_draft_stays_readable(sequence):
    for definition in states(sequence):
        nodes = [node for node, _place in walk(definition.steps)]
        assert parse(as_json(definition)) == definition
        assert len({node.id for node in nodes}) == len(nodes) <= MAX_STEPS
        assert sum(node.kind == "goal" for node in nodes) <= 1
        assert as_json(parse(as_json(definition))) == as_json(definition)


@patiently
@given(SEQUENCES)
def test_every_place_is_one_to_insert_at_and_each_step_stands_at_one(sequence):
    definition = states(sequence)[-1]
    places = [place for place, _depth in every_place(definition.steps)]
    assert len(set(places)) == len(places)
    for place in places[:5]:
        new = grown(definition, "wait", place)
        [added] = ids(new) - ids(definition)
        assert place_of(new, added) == place
        assert size(new.steps) == size(definition.steps) + 1
        assert applied(new, ("delete", {"step": added})) == definition


def wiring(definition: Definition) -> tuple[object, ...]:
    """How people get from step to step: the compiled table without what steps do."""
    table = compile_definition(definition)
    rows = {key: (row["next"], row["branches"]) for key, row in table["steps"].items()}
    return table["first"], rows


def words(definition: Definition) -> dict[str, object]:
    """What the compiled table knows nothing of: names of steps and labels of lanes."""
    return {
        node.id: (node.name, [branch.label for branch in node.branches])
        for node, _place in walk(definition.steps)
    }


@patiently
@given(SEQUENCES)
def test_what_differs_is_what_people_would_notice(sequence):
    """Exactly, for any two states of a draft:

    nothing differs <=> same compiled table, same entries, same names and labels;
    a step is added or removed <=> its row appears or goes;
    one that stays is changed <=> its row's kind or settings, its name or its lanes' labels differ;
    any step is added, removed or moved, or a split has other lanes => people are led otherwise, and
    the other way round. (A step in a lane that moved as a whole keeps its own row.)
    """
    found = states(sequence)
    for old, new in [*pairwise(found), (found[0], found[-1])]:
        before, after = compile_definition(old), compile_definition(new)
        difference = diff(old, new)
        is_same = (before, old.entries, words(old)) == (after, new.entries, words(new))
        assert bool(difference) is not is_same

        rows, new_rows = before["steps"], after["steps"]
        assert set(difference.added) == new_rows.keys() - rows.keys()
        assert set(difference.removed) == rows.keys() - new_rows.keys()
        assert set(difference.changed) == {
            key
            for key in rows.keys() & new_rows.keys()
            if (rows[key]["kind"], rows[key]["config"], words(old)[key])
            != (new_rows[key]["kind"], new_rows[key]["config"], words(new)[key])
        }
        lanes = {key: len(row["branches"]) for key, row in rows.items()}
        new_lanes = {key: len(row["branches"]) for key, row in new_rows.items()}
        is_rewired = bool(difference.added or difference.removed or difference.moved) or (
            lanes != new_lanes
        )
        assert is_rewired is (wiring(old) != wiring(new))
        for name in ("goal", "exits", "settings"):
            assert (name in difference.rules) is (before[name] != after[name])
        assert ("entries" in difference.rules) is (old.entries != new.entries)


@patiently
@given(SEQUENCES)
def test_notes_change_nothing(sequence):
    definition = states(sequence)[-1]
    for node, _place in list(walk(definition.steps))[:3]:
        noted = applied(definition, ("describe", {"step": node.id, "note": "Ask Sam"}))
        assert noted != definition or node.note == "Ask Sam"
        assert not diff(definition, noted)
        assert compile_definition(noted) == compile_definition(definition)


def test_a_journey_full_of_steps_takes_no_more():
    definition = Definition()
    for _each in range(MAX_STEPS):
        definition = grown(definition, "wait", "")
    for act in (
        ("insert", {"kind": "wait", "place": ""}),
        ("duplicate", {"step": definition.steps[0].id}),
    ):
        with pytest.raises(Invalid) as refusal:
            applied(definition, act)
        assert refusal.value.code == "too_many_steps"
        assert refusal.value.message == "A journey has 300 steps at most."
