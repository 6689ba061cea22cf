"""What each operation makes of a draft: exact trees, refusals in words."""

from typing import Any

import pytest

from core.errors import Invalid
from journeys import services
from journeys.definition import MAX_DEPTH, Definition, as_json, find_step, parse, walk
from journeys.drafts import operate
from journeys.models import Journey
from journeys.places import allowed_at, place_in_words
from journeys.tree import step_titles
from tests.journeys.conftest import definition, step
from tests.journeys.drawing import applied, grown
from tests.journeys.seeding import VIP

WAIT = {"amount": 2, "unit": "days"}


def tree() -> Definition:
    """wait1, split1 [[tag1, wait2], []], tag2."""
    return parse(
        definition(
            step("wait1", "wait", WAIT),
            step(
                "split1",
                "if_else",
                VIP,
                [step("tag1", "add_tag", {"tag": "yes"}), step("wait2", "wait", WAIT)],
                [],
            ),
            step("tag2", "add_tag", {"tag": "end"}),
        )
    )


def shape(nodes: Any) -> list[Any]:
    """Ids; [id, lane, lane] for a split. A new one is called by its kind."""
    return [
        [_name(node), *(shape(branch.steps) for branch in node.branches)]
        if node.branches
        else _name(node)
        for node in nodes
    ]


def _name(node: Any) -> str:
    return node.id if find_step(tree(), node.id) else node.kind


BEFORE = ["wait1", ["split1", ["tag1", "wait2"], []], "tag2"]


@pytest.mark.parametrize(
    ("op", "given", "after"),
    [
        ("insert", {"kind": "exit", "place": "split1.1"},
         ["wait1", ["split1", ["tag1", "wait2"], ["exit"]], "tag2"]),
        # a split above existing steps: below it they stay, or they go into a lane
        ("insert", {"kind": "if_else", "place": "wait1"},
         ["wait1", ["if_else", [], []], *BEFORE[1:]]),
        ("insert", {"kind": "if_else", "place": "wait1", "following": "after"},
         ["wait1", ["if_else", [], []], *BEFORE[1:]]),
        ("insert", {"kind": "if_else", "place": "wait1", "following": "1"},
         ["wait1", ["if_else", [], BEFORE[1:]]]),
        ("insert", {"kind": "if_else", "place": "tag1", "following": "0"},
         ["wait1", ["split1", ["tag1", ["if_else", ["wait2"], []]], []], "tag2"]),
        # what does not split has no lanes to fill
        ("insert", {"kind": "wait", "place": "", "following": "0"}, ["wait", *BEFORE]),
        ("move", {"step": "tag2", "place": ""}, ["tag2", *BEFORE[:2]]),
        ("move", {"step": "wait1", "place": "split1.1"},
         [["split1", ["tag1", "wait2"], ["wait1"]], "tag2"]),
        ("move", {"step": "tag1", "place": "wait2"},
         ["wait1", ["split1", ["wait2", "tag1"], []], "tag2"]),
        ("move", {"step": "split1", "place": "tag2"}, ["wait1", "tag2", BEFORE[1]]),
        ("nudge", {"step": "split1", "by": "-1"}, [BEFORE[1], "wait1", "tag2"]),
        ("nudge", {"step": "tag1", "by": "1"},
         ["wait1", ["split1", ["wait2", "tag1"], []], "tag2"]),
        ("delete", {"step": "split1"}, ["wait1", "tag2"]),
        ("delete", {"step": "split1", "keep": "none"}, ["wait1", "tag2"]),
        ("delete", {"step": "split1", "keep": "0"}, ["wait1", "tag1", "wait2", "tag2"]),
        ("delete", {"step": "split1", "keep": "1"}, ["wait1", "tag2"]),
        ("delete", {"step": "tag1"}, ["wait1", ["split1", ["wait2"], []], "tag2"]),
        ("duplicate", {"step": "tag2"}, [*BEFORE, "add_tag"]),
        ("duplicate", {"step": "split1"},
         [*BEFORE[:2], ["if_else", ["add_tag", "wait"], []], "tag2"]),
    ],
)  # fmt: skip
def test_the_tree_after_an_operation(
    acme: Any, op: str, given: dict[str, str], after: list[Any]
) -> None:
    assert shape(tree().steps) == BEFORE
    assert shape(applied(tree(), (op, given)).steps) == after


@pytest.mark.parametrize(
    ("op", "given", "code", "says"),
    [
        ("move", {"step": "split1", "place": "split1.0"}, "into_itself",
         "“People with the tag “vip”” cannot go into one of its own branches."),
        ("move", {"step": "split1", "place": "wait2"}, "into_itself", "own branches"),
        ("move", {"step": "split1", "place": "split1"}, "stands_there", "stands there already"),
        ("move", {"step": "split1", "place": "wait1"}, "stands_there", "stands there already"),
        ("move", {"step": "wait1", "place": "split1.2"}, "no_such_part", "not there any more"),
        ("move", {"step": "gone", "place": ""}, "no_such_part", "not there any more"),
        ("nudge", {"step": "wait1", "by": "-1"}, "at_the_end", "is the first here"),
        ("nudge", {"step": "wait2", "by": "1"}, "at_the_end", "is the last here"),
        ("nudge", {"step": "wait2"}, "required", "“by”: This field is required."),
        ("insert", {"kind": "if_else", "place": "", "following": "2"}, "no_such_branch",
         "This step has no such branch."),
        ("delete", {"step": "tag1", "keep": "0"}, "no_such_branch", "has no such branch"),
        ("delete", {"step": "split1", "keep": "x"}, "no_such_branch", "has no such branch"),
        ("remove", {"part": "tag1"}, "no_such_part", "not there any more"),
        ("remove", {"part": "exit:0"}, "no_such_part", "not there any more"),
        ("update", {"part": "tag1", "config": "nonsense"}, "not_an_object", "Send a JSON object."),
        ("update", {"part": "tag1", "config": '{"tag": "a\\u0000"}'}, "nul_character", ""),
        ("update", {"part": "tag1", "config": '{"tag": NaN}'}, "not_an_object", ""),
    ],
)  # fmt: skip
def test_refusals_in_words(acme: Any, op: str, given: dict[str, str], code: str, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        applied(tree(), (op, given))
    assert refusal.value.code == code
    assert says in refusal.value.message


def test_a_copy_keeps_settings_names_and_notes_under_new_ids(acme: Any) -> None:
    named = applied(
        tree(), ("describe", {"step": "tag1", "name": "Mark them", "note": "Ask Sam why"})
    )
    found = applied(named, ("duplicate", {"step": "split1"}))
    copy = found.steps[2]
    [tag, wait] = copy.branches[0].steps
    assert (copy.config, tag.config, wait.config) == (VIP, {"tag": "yes"}, WAIT)
    assert (tag.name, tag.note) == ("Mark them", "Ask Sam why")
    ids = [node.id for node, _place in walk(found.steps)]
    assert len(set(ids)) == len(ids) == 8
    # the first stays as it is
    assert found.steps[:2] == named.steps[:2]


def test_there_is_one_goal_step_at_most(acme: Any) -> None:
    drawn = grown(tree(), "goal", "split1.1")
    [goal] = [node.id for node, _place in walk(drawn.steps) if node.kind == "goal"]
    assert "goal" not in {each.key for each in allowed_at(drawn, "")}
    assert "goal" in {each.key for each in allowed_at(tree(), "")}
    for act in (("insert", {"kind": "goal", "place": ""}), ("duplicate", {"step": goal})):
        with pytest.raises(Invalid) as refusal:
            applied(drawn, act)
        assert refusal.value.code == "two_goal_steps"
    # a branch is copied without it
    copied = applied(drawn, ("duplicate", {"step": "split1"}))
    assert [node.kind for node, _place in walk(copied.steps)].count("goal") == 1


def test_splits_nest_as_deep_as_a_definition_may(acme: Any) -> None:
    drawn, place = Definition(), ""
    for _each in range(MAX_DEPTH):
        drawn = grown(drawn, "if_else", place)
        place = f"{list(walk(drawn.steps))[-1][0].id}.0"
    deepest = place.partition(".")[0]
    assert "if_else" not in {each.key for each in allowed_at(drawn, place)}
    assert "wait" in {each.key for each in allowed_at(drawn, place)}
    with_split = grown(drawn, "if_else", "")
    outer = with_split.steps[0].id
    for act in (
        ("insert", {"kind": "if_else", "place": place}),
        ("move", {"step": outer, "place": place}),
    ):
        with pytest.raises(Invalid) as refusal:
            applied(with_split, act)
        assert refusal.value.code == "too_deep"
    # all that follows goes one lane deeper: refused as a whole
    with pytest.raises(Invalid) as refusal:
        applied(drawn, ("insert", {"kind": "if_else", "place": "", "following": "0"}))
    assert refusal.value.code == "too_deep"
    assert applied(drawn, ("insert", {"kind": "wait", "place": f"{deepest}.1"}))


@pytest.fixture
def journeys(acme: Any, now: Any) -> tuple[Journey, Journey]:
    """One with the tree, and an empty one."""
    care = services.create_journey(name="Care", definition=None, now=now)
    services.save_draft(journey=care, definition=as_json(tree()), now=now)
    return care, services.create_journey(name="Empty", now=now)


def test_steps_are_pasted_from_another_journey(journeys: Any, now: Any) -> None:
    care, empty = journeys

    def paste(**given: str) -> str:
        given = {"from_journey": str(care.pk), **given}
        return operate(journey=empty, op="paste", given=given, revision=None, now=now).said

    # a whole split, then one of its lanes at the beginning of the other
    assert paste(place="", step="split1") == "Pasted “People with the tag “vip””"
    split = parse(empty.draft).steps[0]
    assert shape([split]) == [["if_else", ["add_tag", "wait"], []]]
    assert paste(place=f"{split.id}.1", step="split1", lane="0") == "Pasted “Yes”"
    drawn = parse(empty.draft)
    assert shape(drawn.steps) == [["if_else", ["add_tag", "wait"], ["add_tag", "wait"]]]
    ids = [node.id for node, _place in walk(drawn.steps)]
    assert len(set(ids)) == 5
    assert not set(ids) & {node.id for node, _place in walk(tree().steps)}
    # an empty lane holds nothing to paste
    with pytest.raises(Invalid) as refusal:
        paste(place="", step="split1", lane="1")
    assert refusal.value.code == "nothing_to_paste"


def test_places_are_told_in_words(acme: Any) -> None:
    titles = step_titles(node for node, _place in walk(tree().steps))
    told = [place_in_words(tree(), each, titles) for each in ("", "split1.0", "tag1", "tag2")]
    assert told == [
        "At the beginning",
        "In “Yes” of “People with the tag “vip””, first",
        "After “Add tag: yes”",
        "After “Add tag: end”",
    ]
