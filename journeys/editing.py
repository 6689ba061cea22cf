"""Changes to a draft: a definition in, another one out; nothing is saved here.

A place is where a step is added: "" for the beginning, a step's id for right after it, and
"<id>.<lane>" for the beginning of a lane.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from journeys.contracts import entries, steps
from journeys.definition import (
    BranchNode,
    Config,
    Definition,
    EntryNode,
    StepNode,
    find_step,
    new_step_id,
)

Nodes = tuple[StepNode, ...]
# The sequence a step stands in, and its position there; the new sequence.
Change = Callable[[Nodes, int], Nodes]


def gone() -> Invalid:
    """What to say when a part of the draft is not there any more."""
    return Invalid("no_such_part", _("This part of the journey is not there any more."))


def add_step(definition: Definition, *, place: str, kind: str) -> tuple[Definition, str]:
    """A new step at a place, with the settings its form begins with; and its id."""
    if kind not in steps:
        raise Invalid("unknown_step", _("There is no step “%(kind)s”.") % {"kind": kind})
    config = _initial(steps.get(kind).form)
    lanes = steps.get(kind).lanes(config)
    branches = tuple(BranchNode() for _lane in lanes or ())
    new = StepNode(new_step_id(), kind, config, branches)
    return replace(definition, steps=_inserted(definition.steps, place, new)), new.id


def _initial(form: type[Any]) -> Config:
    """What a form begins with, where it says so."""
    fields = form.base_fields.items()
    return {name: each.initial for name, each in fields if each.initial not in (None, "")}


def _inserted(nodes: Nodes, place: str, new: StepNode) -> Nodes:
    if not place:
        return (new, *nodes)
    parent, dot, lane = place.partition(".")
    if not dot:
        return _changed(nodes, parent, lambda all, at: (*all[: at + 1], new, *all[at + 1 :]))

    def into_lane(all: Nodes, at: int) -> Nodes:
        node = all[at]
        if not lane.isdecimal() or int(lane) >= len(node.branches):
            raise gone()
        branch = node.branches[int(lane)]
        return _with_lane(all, at, int(lane), replace(branch, steps=(new, *branch.steps)))

    return _changed(nodes, parent, into_lane)


def _with_lane(nodes: Nodes, at: int, lane: int, branch: BranchNode) -> Nodes:
    branches = list(nodes[at].branches)
    branches[lane] = branch
    return (*nodes[:at], replace(nodes[at], branches=tuple(branches)), *nodes[at + 1 :])


def _changed(nodes: Nodes, step_id: str, change: Change) -> Nodes:
    """The tree with the sequence that holds the step changed; refuses when none does."""
    found = _try(nodes, step_id, change)
    if found is None:
        raise gone()
    return found


def _try(nodes: Nodes, step_id: str, change: Change) -> Nodes | None:
    for at, node in enumerate(nodes):
        if node.id == step_id:
            return change(nodes, at)
        for number, branch in enumerate(node.branches):
            inner = _try(branch.steps, step_id, change)
            if inner is not None:
                return _with_lane(nodes, at, number, replace(branch, steps=inner))
    return None


def remove_step(definition: Definition, step_id: str) -> Definition:
    """Without the step, and without what its branches hold."""
    changed = _changed(definition.steps, step_id, lambda all, at: (*all[:at], *all[at + 1 :]))
    return replace(definition, steps=changed)


def move_step(definition: Definition, step_id: str, *, by: int) -> Definition:
    """The step one place up (-1) or down (+1) among its neighbours; at the end it stays."""

    def swap(all: Nodes, at: int) -> Nodes:
        other = at + by
        if not 0 <= other < len(all):
            return all
        moved = list(all)
        moved[at], moved[other] = moved[other], moved[at]
        return tuple(moved)

    return replace(definition, steps=_changed(definition.steps, step_id, swap))


def set_step(definition: Definition, step_id: str, config: Config) -> Definition:
    """The step with other settings and the lanes they ask for; no lane with steps is cut off."""

    def settle(all: Nodes, at: int) -> Nodes:
        node = all[at]
        lanes = steps.get(node.kind).lanes(config) if node.kind in steps else None
        branches = _lanes(node.branches, len(lanes or ()))
        return (*all[:at], replace(node, config=config, branches=branches), *all[at + 1 :])

    return replace(definition, steps=_changed(definition.steps, step_id, settle))


def _lanes(branches: tuple[BranchNode, ...], wanted: int) -> tuple[BranchNode, ...]:
    if any(branch.steps for branch in branches[wanted:]):
        message = _("A branch that would go still holds steps: remove those first.")
        raise Invalid("lane_in_use", message, [Problem("lane_in_use", message)])
    return branches[:wanted] + tuple(BranchNode() for _new in range(wanted - len(branches)))


# --- what is not a step: "entry:0", "goal", "exit:0", "settings"


def add_entry(definition: Definition, *, kind: str) -> tuple[Definition, str]:
    """Another way in, and the name of the part it is."""
    if kind not in entries:
        raise Invalid("unknown_entry", _("There is no entry “%(kind)s”.") % {"kind": kind})
    new = EntryNode(kind, _initial(entries.get(kind).form))
    return replace(definition, entries=(*definition.entries, new)), (
        f"entry:{len(definition.entries)}"
    )


def config_of_part(definition: Definition, part: str) -> Config:
    """The settings of a part; {} for a goal or an exit that is not there yet.

    An entry's have the people it is for among them, as `only`.
    """
    head, number = _split(part)
    if head == "entry":
        entry = _nth(definition.entries, number)
        return {**entry.config, **({"only": entry.only} if entry.only else {})}
    if head == "exit":
        return definition.exits[number] if number < len(definition.exits) else {}
    if head == "goal":
        return definition.goal or {}
    if head == "settings":
        return definition.settings
    node = find_step(definition, part)
    if node is None:
        raise gone()
    return node.config


def set_part(definition: Definition, part: str, config: Config) -> Definition:
    """The definition with other settings of one part; a goal or exit without any goes."""
    head, number = _split(part)
    if head == "entry":
        changed = list(definition.entries)
        own = {name: value for name, value in config.items() if name != "only"}
        changed[number] = replace(
            _nth(definition.entries, number), config=own, only=config.get("only") or {}
        )
        return replace(definition, entries=tuple(changed))
    if head == "exit":
        exits = [*definition.exits[:number], config, *definition.exits[number + 1 :]]
        return replace(definition, exits=tuple(each for each in exits if each))
    if head == "goal":
        return replace(definition, goal=config or None)
    if head == "settings":
        return replace(definition, settings=config)
    return set_step(definition, part, config)


def remove_part(definition: Definition, part: str) -> Definition:
    """The definition without one part; settings go back to what they begin with."""
    head, number = _split(part)
    if head == "entry":
        _nth(definition.entries, number)
        kept = definition.entries[:number] + definition.entries[number + 1 :]
        return replace(definition, entries=kept)
    if head in ("exit", "goal", "settings"):
        return set_part(definition, part, {})
    return remove_step(definition, part)


def _split(part: str) -> tuple[str, int]:
    """("entry" or "exit", its number), ("goal", 0), ("settings", 0), or ("", 0) for a step."""
    head, colon, number = part.partition(":")
    if colon:
        if not number.isdecimal() or len(number) > 3:
            raise gone()
        return head, int(number)
    return (head if head in ("goal", "settings") else ""), 0


def _nth(items: tuple[EntryNode, ...], number: int) -> EntryNode:
    if number >= len(items):
        raise gone()
    return items[number]
