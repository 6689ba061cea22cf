"""Where steps stand in a draft, and changing the sequences that hold them.

A place is where a step is added: "" for the beginning, a step's id for right after it, and
"<id>.<lane>" for the beginning of a lane.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from journeys.contracts import Config, Step, steps
from journeys.definition import (
    MAX_DEPTH,
    MAX_STEPS,
    BranchNode,
    Definition,
    StepNode,
    find_step,
    new_step_id,
    walk,
)

Nodes = tuple[StepNode, ...]


def gone() -> Invalid:
    """What to say when a part of the draft is not there any more."""
    return Invalid("no_such_part", _("This part of the journey is not there any more."))


def no_such_branch() -> Invalid:
    """What to say to the number of a branch that a step has not."""
    return Invalid("no_such_branch", _("This step has no such branch."))


def step_of(definition: Definition, step_id: str) -> StepNode:
    """The step with this id; raises Invalid when the draft has none."""
    node = find_step(definition, step_id)
    if node is None:
        raise gone()
    return node


# --- reading


def every_place(nodes: Nodes, before: str = "", depth: int = 0) -> Iterator[tuple[str, int]]:
    """Every place in reading order, and in how many lanes it lies."""
    yield before, depth
    for node in nodes:
        for number, branch in enumerate(node.branches):
            yield from every_place(branch.steps, f"{node.id}.{number}", depth + 1)
        yield node.id, depth


def depth_at(definition: Definition, place: str) -> int:
    """In how many lanes a place lies; raises Invalid when there is no such place."""
    found = dict(every_place(definition.steps)).get(place)
    if found is None:
        raise gone()
    return found


def place_of(definition: Definition, step_id: str) -> str:
    """The place a step stands at; raises Invalid when the draft has no such step."""
    before: dict[tuple[str, int], str] = {}
    for node, where in walk(definition.steps):
        lane = (where.parent, where.lane)
        place = before.get(lane, f"{where.parent}.{where.lane}" if where.parent else "")
        if node.id == step_id:
            return place
        before[lane] = node.id
    raise gone()


def place_in_words(definition: Definition, place: str, titles: dict[str, str]) -> str:
    """Where a place is; `titles` are those of all steps, by id."""
    if not place:
        return _("At the beginning")
    step_id, dot, lane = place.partition(".")
    if not dot:
        return _("After “%(step)s”") % {"step": titles[step_id]}
    words = {"step": titles[step_id], "lane": lane_label(step_of(definition, step_id), int(lane))}
    return _("In “%(lane)s” of “%(step)s”, first") % words


def lane_label(node: StepNode, number: int) -> str:
    """What a lane is called: by its owner, else by its step."""
    names = steps.get(node.kind).lane_names(node.config) if node.kind in steps else []
    fallback = names[number] if number < len(names) else str(number + 1)
    return node.branches[number].label or fallback


def height(nodes: Nodes) -> int:
    """How deep lanes are nested in a sequence; 0 without splits."""
    lanes = [branch.steps for node in nodes for branch in node.branches]
    return 1 + max(map(height, lanes)) if lanes else 0


def size(nodes: Nodes) -> int:
    """How many steps a sequence holds, those in lanes included."""
    return sum(1 for _each in walk(nodes))


# --- what may stand where


def too_many() -> Invalid:
    """What to say to the 301st step."""
    words = _("A journey has %(most)s steps at most.") % {"most": MAX_STEPS}
    return Invalid("too_many_steps", words)


def too_deep() -> Invalid:
    """What to say to a split in too many splits."""
    words = _("Splits may be nested %(most)s deep at most.") % {"most": MAX_DEPTH}
    return Invalid("too_deep", words)


def check_limits(definition: Definition) -> None:
    """Raises Invalid when there are too many steps, or lanes in too many lanes."""
    if size(definition.steps) > MAX_STEPS:
        raise too_many()
    if height(definition.steps) > MAX_DEPTH:
        raise too_deep()


def refusal_at(definition: Definition, place: str, kind: str) -> Invalid | None:
    """Why a step of this kind may not be added at a place; None when it may."""
    depth = depth_at(definition, place)
    if kind not in steps:
        return Invalid("unknown_step", _("There is no step “%(kind)s”.") % {"kind": kind})
    if kind == "goal" and has_goal_step(definition.steps):
        return Invalid("two_goal_steps", _("A journey has one goal step at most."))
    if size(definition.steps) >= MAX_STEPS:
        return too_many()
    return too_deep() if depth >= MAX_DEPTH and first_lanes(kind) else None


def allowed_at(definition: Definition, place: str) -> list[Step]:
    """The kinds of step that may be added at a place."""
    return [each for each in steps if refusal_at(definition, place, each.key) is None]


def has_goal_step(nodes: Nodes) -> bool:
    """Whether the step to which the goal moves people is among them."""
    return any(node.kind == "goal" for node, _place in walk(nodes))


# --- new steps


def beginning(form: type[Any]) -> Config:
    """The settings a form begins with, where it says so."""
    fields = form.base_fields.items()
    return {name: each.initial for name, each in fields if each.initial not in (None, "")}


def first_lanes(kind: str) -> list[str]:
    """The lanes of a new step of this kind."""
    plugin = steps.get(kind)
    return plugin.lanes(beginning(plugin.form)) or []


def new_step(definition: Definition, kind: str) -> StepNode:
    """A step with the settings its form begins with, and its lanes."""
    branches = tuple(BranchNode() for _lane in first_lanes(kind))
    return StepNode(_new_id(ids(definition)), kind, beginning(steps.get(kind).form), branches)


def ids(definition: Definition) -> set[str]:
    """The ids of all steps."""
    return {node.id for node, _place in walk(definition.steps)}


def _new_id(taken: Collection[str]) -> str:
    found = new_step_id()
    return found if found not in taken else _new_id(taken)


def copied(nodes: Nodes, taken: set[str], *, goal: bool) -> Nodes:
    """The steps again, with ids that are not taken; with their first goal step, or without any."""
    found = []
    for node in nodes:
        if node.kind == "goal" and not goal:
            continue
        goal = goal and node.kind != "goal"
        new = _new_id(taken)
        taken.add(new)
        branches = []
        for branch in node.branches:
            inner = copied(branch.steps, taken, goal=goal)
            goal = goal and not has_goal_step(inner)
            branches.append(replace(branch, steps=inner))
        found.append(replace(node, id=new, branches=tuple(branches)))
    return tuple(found)


# --- changing


def changed(nodes: Nodes, step_id: str, change: Callable[[Nodes, int], Nodes]) -> Nodes:
    """The tree with the sequence that holds the step changed; raises Invalid when none does.

    `change` gets that sequence and the step's position in it.
    """
    found = _try(nodes, step_id, change)
    if found is None:
        raise gone()
    return found


def _try(nodes: Nodes, step_id: str, change: Callable[[Nodes, int], Nodes]) -> Nodes | None:
    for at, node in enumerate(nodes):
        if node.id == step_id:
            return change(nodes, at)
        for number, branch in enumerate(node.branches):
            inner = _try(branch.steps, step_id, change)
            if inner is not None:
                return (*nodes[:at], with_lane(node, number, inner), *nodes[at + 1 :])
    return None


def with_lane(node: StepNode, number: int, inner: Nodes) -> StepNode:
    """The split with other steps in one of its lanes."""
    branches = list(node.branches)
    branches[number] = replace(branches[number], steps=inner)
    return replace(node, branches=tuple(branches))


def replaced(nodes: Nodes, step_id: str, instead: Callable[[StepNode], Nodes]) -> Nodes:
    """The tree with what `instead` makes of a step in its place."""
    return changed(nodes, step_id, lambda all, at: (*all[:at], *instead(all[at]), *all[at + 1 :]))


def inserted(nodes: Nodes, place: str, put: Callable[[Nodes, Nodes], Nodes]) -> Nodes:
    """The tree with something put at a place; raises Invalid when there is no such place.

    `put` gets the steps of that sequence before the place and after it.
    """
    if not place:
        return put((), nodes)
    step_id, dot, lane = place.partition(".")
    if not dot:
        return changed(nodes, step_id, lambda all, at: put(all[: at + 1], all[at + 1 :]))

    def into_lane(node: StepNode) -> Nodes:
        if not lane.isdecimal() or len(lane) > 3 or int(lane) >= len(node.branches):
            raise gone()
        return (with_lane(node, int(lane), put((), node.branches[int(lane)].steps)),)

    return replaced(nodes, step_id, into_lane)
