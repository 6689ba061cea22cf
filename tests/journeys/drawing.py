"""Random journeys and random operations on them, for the tests that try many."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as some

from journeys.definition import Definition, StepNode, find_step, walk
from journeys.edits import operations
from journeys.places import every_place

KINDS = ["wait", "exit", "goal", "add_tag", "if_else", "percentage_split", "wait_for_event"]
SPLITS = ["if_else", "percentage_split", "wait_for_event"]
ENTRIES = ["manual", "tag_added", "consent_confirmed"]
CONFIGS: list[dict[str, Any]] = [
    {},
    {"amount": 3, "unit": "days"},
    {"amount": "soon"},
    {"tag": "bread"},
    {"shares": [50, 50]},
    {"shares": [40, 30, 30]},
    {"event": "order.placed", "amount": 2, "unit": "hours"},
    {"reason": "Enough"},
    {"re_entry": "always"},
]
ABSURD = ["gone", "split.9", ".", "a.b", "9", "entry:99", "exit:x", "%", "\x00", "x" * 200]
# What is drawn: which of several, as a number however many there are.
Pick = Callable[[list[Any]], Any]
Act = tuple[str, dict[str, Any]]


def acts(definition: Definition, pick: Pick) -> Act:
    """Some operation with its posted fields; now and then one that makes no sense."""
    step, place = some_step(definition, pick), some_place(definition, pick)
    lane = pick(["after", "none", "0", "1", "0", "1", "2", "7", "x", "0", "1"])
    return pick(
        [
            ("insert", {"kind": pick([*KINDS, "nonsense"]), "place": place, "following": lane}),
            ("insert", {"kind": pick(KINDS), "place": place}),
            ("insert", {"kind": pick(SPLITS), "place": place, "following": pick(["0", "1"])}),
            ("insert_entry", {"kind": pick(ENTRIES)}),
            ("move", {"step": step, "place": place}),
            ("nudge", {"step": step, "by": pick(["-1", "1", "2"])}),
            ("delete", {"step": step, "keep": lane}),
            ("duplicate", {"step": step}),
            ("describe", {"step": step, "name": pick(["", "Breathe", "y" * 99]), "note": "Why"}),
            ("update", {"part": some_part(definition, pick), "config": pick(CONFIGS)}),
            ("remove", {"part": some_part(definition, pick)}),
        ]
    )


def some_step(definition: Definition, pick: Pick) -> str:
    ids = [node.id for node, _place in walk(definition.steps)]
    return str(pick([*ids * 9, pick(ABSURD)]))


def some_place(definition: Definition, pick: Pick) -> str:
    found = [place for place, _depth in every_place(definition.steps)]
    return str(pick([*found * 9, pick(ABSURD)]))


def some_part(definition: Definition, pick: Pick) -> str:
    rules = ["goal", "settings", "exit:0", "exit:1", "entry:0", "entry:1"]
    return str(pick([some_step(definition, pick), *rules]))


def applied(definition: Definition, act: Act) -> Definition:
    """The definition after it; raises Invalid when it is refused. Reads no database."""
    op, given = act
    operation = operations.get(op)
    fields: dict[str, Any] = operation.read(given, None)  # type: ignore[arg-type]
    return operation.done(definition, fields).definition


def grown(definition: Definition, kind: str, place: str) -> Definition:
    return applied(definition, ("insert", {"kind": kind, "place": place}))


def node_of(definition: Definition, step_id: str) -> StepNode:
    node = find_step(definition, step_id)
    assert node is not None
    return node


# Enough numbers for the picks of one operation.
numbers = some.lists(some.integers(0, 10_000), min_size=8, max_size=8)


def picking(drawn: list[int]) -> Pick:
    """A way to pick that follows these numbers, over and over."""
    left = list(drawn)

    def pick(items: list[Any]) -> Any:
        number = left.pop(0)
        left.append(number + 7)
        return items[number % len(items)]

    return pick
