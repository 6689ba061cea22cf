"""A run as its page shows it: the tree with the steps reached, and what came of each stay."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from journeys.contracts import StepNote, step_metrics
from journeys.definition import Definition, parse, walk
from journeys.local_time import zone_named
from journeys.models import Enrolment
from journeys.path import PathStep, ending_words, path_of
from journeys.tree import ENTRY, entry_words
from tenants.context import current_workspace


@dataclass(frozen=True)
class Stay:
    """One step of the way with its number in the picture, and what came of it."""

    number: int
    step: PathStep
    notes: list[StepNote]


@dataclass(frozen=True)
class Way:
    """A run from its entry to where it is, in the contact's time zone."""

    definition: Definition
    zone: ZoneInfo
    stays: list[Stay]
    entry: str
    ending: str
    reached: dict[str, int] = field(default_factory=dict)
    lanes_taken: dict[str, int] = field(default_factory=dict)


def way_of(run: Enrolment) -> Way:
    """The way of a run loaded with its version and contact; two queries, and one for the notes."""
    definition = parse(run.version.definition)
    path = path_of(run)
    notes = _notes(run, definition, {step.step_id for step in path})
    stays = [
        Stay(number, step, notes.get((step.step_id, step.number), []))
        for number, step in enumerate(path, start=2)
    ]
    return Way(
        definition=definition,
        zone=zone_of(run.contact.timezone),
        stays=stays,
        entry=_entry(run, definition),
        ending=ending_words(run),
        reached={ENTRY: 1, **{stay.step.step_id: stay.number for stay in stays}},
        lanes_taken={
            step.step_id: int(step.outcome.partition(":")[2])
            for step in path
            if step.outcome.startswith("branch:")
        },
    )


def zone_of(name: str) -> ZoneInfo:
    """The zone of that name, the workspace's where there is none."""
    own = zone_named(name) if name else None
    return own or zone_named(current_workspace("A way").timezone) or ZoneInfo("UTC")


def _notes(
    run: Enrolment, definition: Definition, been: set[str]
) -> dict[tuple[str, int], list[StepNote]]:
    kinds = {node.kind for node, _place in walk(definition.steps) if node.id in been}
    found: dict[tuple[str, int], list[StepNote]] = {}
    for metrics in step_metrics:
        for note in metrics.notes(run.pk) if kinds & set(metrics.kinds) else ():
            found.setdefault((note.step_id, note.visit), []).append(note)
    return found


def _entry(run: Enrolment, definition: Definition) -> str:
    """The way they came in by, in words; where there are several of its kind, all of them."""
    words = zip(definition.entries, entry_words(definition), strict=True)
    return " · ".join(text for entry, text in words if entry.kind == run.entry_kind)
