"""What a journey does, as a nested sequence of steps: reading it, walking it, compiling it.

A split holds its branches and the sequence goes on after them, so cycles, dangling and doubly used
steps cannot be written down.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid, Problem
from journeys.contracts import steps

Config = dict[str, Any]

MAX_STEPS = 300
MAX_DEPTH = 12
MAX_NAME = 80
MAX_NOTE = 1000
STEP_ID = re.compile(r"[a-z0-9]{2,16}")
# No vowels: ids are read aloud, and spell nothing.
ALPHABET = "bcdfghjkmnpqrstvwxz23456789"


@dataclass(frozen=True)
class BranchNode:
    """One lane of a split."""

    label: str = ""
    steps: tuple["StepNode", ...] = ()


@dataclass(frozen=True)
class StepNode:
    """One step; its id survives moves and versions.

    `name` is what the owner calls it, "" for the words of its settings; `note` is for colleagues.
    """

    id: str
    kind: str
    config: Config = field(default_factory=dict)
    branches: tuple[BranchNode, ...] = ()
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class EntryNode:
    """One way in; `only` is a tree of conditions for whom it opens, {} is everybody."""

    kind: str
    config: Config = field(default_factory=dict)
    only: Config = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A whole journey: ways in, the wanted outcome, ways out, rules, and the sequence."""

    entries: tuple[EntryNode, ...] = ()
    goal: Config | None = None
    exits: tuple[Config, ...] = ()
    settings: Config = field(default_factory=dict)
    steps: tuple[StepNode, ...] = ()


def new_step_id() -> str:
    """A short id, unique among the few steps of one journey."""
    return "".join(secrets.choice(ALPHABET) for _each in range(6))


# --- reading


def parse(raw: Any) -> Definition:
    """The definition written in JSON; raises Invalid with a problem for each thing misshapen."""
    problems: list[Problem] = []
    read = _Reader(problems)
    raw = read.mapping(raw, "definition")
    goal = raw.get("goal")
    definition = Definition(
        entries=tuple(
            EntryNode(
                read.text(entry, "kind"),
                read.mapping(entry.get("config", {}), "config"),
                read.mapping(entry.get("only") or {}, "only"),
            )
            for entry in read.mappings(raw.get("entries"), "entries")
        ),
        goal=read.mapping(goal, "goal") if goal else None,
        exits=tuple(read.mappings(raw.get("exits"), "exits")),
        settings=read.mapping(raw.get("settings", {}), "settings"),
        steps=read.sequence(raw.get("steps"), 0),
    )
    if problems:
        raise Invalid("definition_misshapen", problems[0].message, problems)
    return definition


class _Reader:
    """Reads JSON of any shape, noting what is wrong instead of raising."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.seen: set[str] = set()

    def refuse(self, code: str, message: str, where: str) -> None:
        self.problems.append(Problem(code, message, where))

    def mapping(self, value: Any, where: str) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.refuse("not_an_object", _("“%(where)s” must be an object.") % {"where": where}, where)
        return {}

    def mappings(self, value: Any, where: str) -> list[dict[str, Any]]:
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        message = _("“%(where)s” must be a list of objects.") % {"where": where}
        self.refuse("not_a_list", message, where)
        return []

    def text(self, holder: Mapping[str, Any], name: str, where: str = "") -> str:
        value = holder.get(name)
        if isinstance(value, str) and value and len(value) <= 60:
            return value
        self.refuse("no_text", _("“%(name)s” is missing.") % {"name": name}, where or name)
        return ""

    def sequence(self, value: Any, depth: int) -> tuple[StepNode, ...]:
        if depth > MAX_DEPTH:
            message = _("Splits may be nested %(most)s deep at most.") % {"most": MAX_DEPTH}
            self.refuse("too_deep", message, "steps")
            return ()
        return tuple(self.step(raw, depth) for raw in self.mappings(value, "steps"))

    def step(self, raw: dict[str, Any], depth: int) -> StepNode:
        step_id = self.step_id(raw)
        branches = tuple(
            BranchNode(
                str(branch.get("label", ""))[:60], self.sequence(branch.get("steps"), depth + 1)
            )
            for branch in self.mappings(raw.get("branches"), step_id)
        )
        config = self.mapping(raw.get("config", {}), step_id)
        return StepNode(
            step_id,
            self.text(raw, "kind", step_id),
            config,
            branches,
            name=str(raw.get("name") or "").replace("\x00", "")[:MAX_NAME],
            note=str(raw.get("note") or "").replace("\x00", "")[:MAX_NOTE],
        )

    def step_id(self, raw: dict[str, Any]) -> str:
        step_id = self.text(raw, "id")
        if step_id and not STEP_ID.fullmatch(step_id):
            message = _("“%(id)s” is no step id: use 2 to 16 small letters and digits.")
            self.refuse("bad_step_id", message % {"id": step_id}, step_id)
        if step_id in self.seen:
            message = _("The step id “%(id)s” is used twice.") % {"id": step_id}
            self.refuse("double_step_id", message, step_id)
        self.seen.add(step_id)
        if len(self.seen) == MAX_STEPS + 1:
            message = _("A journey has %(most)s steps at most.") % {"most": MAX_STEPS}
            self.refuse("too_many_steps", message, "steps")
        return step_id


def as_json(definition: Definition) -> Config:
    """The definition as `parse` reads it."""
    return {
        "entries": [_entry_json(each) for each in definition.entries],
        "goal": definition.goal,
        "exits": list(definition.exits),
        "settings": definition.settings,
        "steps": _steps_json(definition.steps),
    }


def _entry_json(node: EntryNode) -> Config:
    raw: Config = {"kind": node.kind, "config": node.config}
    return {**raw, "only": node.only} if node.only else raw


def _steps_json(nodes: tuple[StepNode, ...]) -> list[Config]:
    found = []
    for node in nodes:
        raw: Config = {"id": node.id, "kind": node.kind, "config": node.config}
        raw |= {word: value for word in ("name", "note") if (value := getattr(node, word))}
        if node.branches:
            raw["branches"] = [
                {"label": branch.label, "steps": _steps_json(branch.steps)}
                for branch in node.branches
            ]
        found.append(raw)
    return found


# --- walking


@dataclass(frozen=True)
class Place:
    """Where a step stands: the split it hangs under, the lane, and its position there."""

    parent: str = ""
    lane: int = 0
    position: int = 0


def walk(
    nodes: tuple[StepNode, ...], parent: str = "", lane: int = 0
) -> Iterator[tuple[StepNode, Place]]:
    """Every step with its place, in reading order."""
    for position, node in enumerate(nodes):
        yield node, Place(parent, lane, position)
        for number, branch in enumerate(node.branches):
            yield from walk(branch.steps, node.id, number)


def find_step(definition: Definition, step_id: str) -> StepNode | None:
    """The step with this id; None when the definition has none."""
    return next((node for node, _place in walk(definition.steps) if node.id == step_id), None)


# --- compiling


def compile_definition(definition: Definition) -> Config:
    """The flat table the engine runs on: {"first", "steps": {id: {kind, config, next, branches}}}.

    `next` is the id of the step that follows, None at the end; `branches` the first step of each
    lane, or what follows the split when the lane is empty.
    """
    table: dict[str, Config] = {}
    first = _compile(definition.steps, None, table)
    goal_step = next((step_id for step_id, step in table.items() if step["kind"] == "goal"), None)
    return {
        "first": first,
        "steps": table,
        "goal": definition.goal,
        "goal_step": goal_step,
        "exits": list(definition.exits),
        "settings": definition.settings,
    }


def _compile(
    nodes: tuple[StepNode, ...], after: str | None, table: dict[str, Config]
) -> str | None:
    """Add a sequence to the table, last step first; the id to enter it by."""
    following = after
    for node in reversed(nodes):
        table[node.id] = {
            "kind": node.kind,
            "config": _frozen(node),
            "next": following,
            "branches": [_compile(branch.steps, following, table) for branch in node.branches],
        }
        following = node.id
    return following


def _frozen(node: StepNode) -> Config:
    """The settings as the step's plug-in wants them when it runs."""
    if node.kind not in steps or not node.branches:
        return node.config
    return steps.get(node.kind).frozen(node.config, [_bare(each.steps) for each in node.branches])


def _bare(nodes: tuple[StepNode, ...]) -> list[Config]:
    """What a sequence does, whatever its steps are called."""
    return [
        {
            "kind": node.kind,
            "config": node.config,
            "branches": [_bare(branch.steps) for branch in node.branches],
        }
        for node in nodes
    ]


def listened_events(definition: Definition) -> list[str]:
    """The event types its goal and exits act on; "*" when one looks at every event."""
    rules = [*([definition.goal] if definition.goal else []), *definition.exits]
    return sorted({str(rule.get("event") or "*") for rule in rules})


# --- comparing


@dataclass(frozen=True)
class Difference:
    """What changed between two definitions, by step id."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    # Of entries, goal, exits, settings: those that differ.
    rules: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved or self.rules)


def diff(old: Definition, new: Definition) -> Difference:
    """What changed; a step moved when it is in another lane or before one it used to follow.

    Notes change nothing: they are for those who read the journey, not for those inside.
    """
    before, after = dict(_by_id(old)), dict(_by_id(new))
    kept = [step_id for step_id in after if step_id in before]
    return Difference(
        added=tuple(step_id for step_id in after if step_id not in before),
        removed=tuple(step_id for step_id in before if step_id not in after),
        changed=tuple(each for each in kept if before[each][0] != after[each][0]),
        moved=_moved(before, after),
        rules=tuple(
            name
            for name in ("entries", "goal", "exits", "settings")
            if getattr(old, name) != getattr(new, name)
        ),
    )


def _by_id(definition: Definition) -> Iterator[tuple[str, tuple[Any, tuple[str, int]]]]:
    for node, place in walk(definition.steps):
        labels = [branch.label for branch in node.branches]
        yield node.id, ((node.kind, node.config, labels, node.name), (place.parent, place.lane))


def _moved(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    """Steps in another lane, or before a step they used to follow."""
    found = [each for each in after if each in before and before[each][1] != after[each][1]]
    stayed_before = [each for each in before if each in after and each not in found]
    stayed_after = [each for each in after if each in before and each not in found]
    rank = {step_id: number for number, step_id in enumerate(stayed_before)}
    highest = -1
    for step_id in stayed_after:
        if rank[step_id] < highest:
            found.append(step_id)
        highest = max(highest, rank[step_id])
    return tuple(found)
