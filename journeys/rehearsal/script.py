"""What is rehearsed: a definition, published or not, ready for the engine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from contacts.segments import clean_tree
from core.errors import Permanent, Problem
from core.ids import uuid7
from journeys.config_forms import clean_config
from journeys.consumers import Way
from journeys.contracts import Plugin, entries, steps
from journeys.definition import (
    BranchNode,
    Definition,
    EntryNode,
    StepNode,
    compile_definition,
    listened_events,
)
from journeys.models import Journey, JourneyVersion
from journeys.programs import Failing, Program, ProgramStep, load
from journeys.validation import cleaned_rules, validate


@dataclass(frozen=True)
class Start:
    """A run that no event of the rehearsal begins: somebody's moment came, or by hand.

    `entry` is its position. `is_sure` lets them in also where the entry is not for them, and
    notes it all the same.
    """

    entry: int
    moment: datetime
    key: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    is_sure: bool = False


@dataclass(frozen=True, eq=False)
class Script:
    """A definition as the engine runs it, with the entries that events open."""

    definition: Definition
    program: Program
    ways: Mapping[int, Way]
    # What its goal and exits act on, "*" for all.
    listens: Collection[str]
    problems: Sequence[Problem] = ()

    def ways_for(self, types: Collection[str]) -> dict[str, list[Way]]:
        """The entries that events of these types open, by type."""
        found: dict[str, list[Way]] = {}
        for way in self.ways.values():
            event_type = way.entry.event_type(way.config)
            if event_type and event_type in types:
                found.setdefault(event_type, []).append(way)
        return found

    def opens_on(self) -> set[str]:
        """The event types that open an entry."""
        return {way.entry.event_type(way.config) for way in self.ways.values()} - {""}


def prepare(*, journey: Journey, definition: Definition, holds_out: bool = True) -> Script:
    """The script of a definition; a step with a problem fails for whoever comes there, in words.

    One script serves any number of rehearsals. `holds_out` off lets everybody walk.
    """
    problems = validate(definition)
    ready = _ready(definition)
    if not holds_out:
        ready = replace(ready, settings={**ready.settings, "holdout": 0})
    program = load(uuid7(), journey.pk, compile_definition(ready))
    for problem in problems:
        if problem.field in program.steps:
            program.steps[problem.field] = _failing(program.steps[problem.field], problem)
    ways = {
        number: Way(program, number, entries.get(node.kind), node.config, node.only)
        for number, node in enumerate(ready.entries)
        if node.kind in entries and _is_sound(f"entry:{number}", problems)
    }
    return Script(ready, program, ways, listened_events(ready), problems)


def _is_sound(where: str, problems: Sequence[Problem]) -> bool:
    return all(problem.field != where for problem in problems)


def _failing(step: ProgramStep, problem: Problem) -> ProgramStep:
    plugin = Failing(step.kind, lambda: Permanent(problem.code, str(problem.message)))
    return replace(step, plugin=plugin)


def _ready(definition: Definition) -> Definition:
    """With settings as their forms clean them, as far as they are valid."""
    return replace(
        cleaned_rules(definition),
        entries=tuple(
            EntryNode(each.kind, _config(entries, each), clean_tree(each.only)[0])
            for each in definition.entries
        ),
        steps=tuple(map(_ready_step, definition.steps)),
    )


def _ready_step(node: StepNode) -> StepNode:
    branches = tuple(
        BranchNode(branch.label, tuple(map(_ready_step, branch.steps))) for branch in node.branches
    )
    return replace(node, config=_config(steps, node), branches=branches)


def _config(registry: Any, node: StepNode | EntryNode) -> dict[str, Any]:
    if node.kind not in registry:
        return node.config
    plugin: Plugin = registry.get(node.kind)
    config, errors = clean_config(plugin, node.config)
    return node.config if errors else config


WRITE_VERSION = f"""
    INSERT INTO {JourneyVersion._meta.db_table}
        (id, journey_id, number, definition, compiled, listens, published_at, published_by_name)
    VALUES (%s, %s, %s, '{{}}', %s, %s, %s, '')"""


def write_version(script: Script, *, now: datetime) -> None:
    """The row that statements join; its number is one that no version comes to, nor another
    rehearsal at the same time.
    """
    row: list[Any] = [
        script.program.version_id,
        script.program.journey_id,
        1_000_000_000 + _spread(script.program.version_id),
        Jsonb(compile_definition(script.definition)),
        list(script.listens),
        now,
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE_VERSION,
            row,
        )


def _spread(version_id: UUID) -> int:
    return int(version_id) % 1_000_000_000


def entry_words(script: Script, position: int) -> str:
    """An entry in words."""
    way = script.ways.get(position)
    return (way.entry.words(way.config) or str(way.entry.label)) if way else _("An entry")
