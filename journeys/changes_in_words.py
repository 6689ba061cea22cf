"""What differs between two definitions of a journey, one sentence for each change."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from django.utils.translation import gettext as _

from journeys.config_words import changed_settings
from journeys.contracts import Config, entries, steps
from journeys.definition import Definition, EntryNode, Place, StepNode, diff, walk
from journeys.path import lane_name
from journeys.rules import ExitForm, GoalForm, SettingsForm, describe_rule
from journeys.tree import entry_words, step_titles

# The settings that the words of a goal or an exit tell already.
TOLD = ("event", "property", "operator", "value", "same", "condition")


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words; `details` are the settings behind it, `step_id` whose it is."""

    kind: Literal["added", "removed", "changed", "moved", "rule"]
    text: str
    details: tuple[str, ...] = ()
    step_id: str = ""


Titles = Mapping[str, str]
Key = TypeVar("Key", bound=Hashable)


def titles_of(definitions: Mapping[Key, Definition]) -> dict[Key, dict[str, str]]:
    """What to call each step of several definitions; each kind of step is asked once for all."""
    nodes = [
        replace(node, id=f"{number}:{node.id}")
        for number, definition in enumerate(definitions.values())
        for node, _place in walk(definition.steps)
    ]
    titles = step_titles(nodes)
    return {
        key: {node.id: titles[f"{number}:{node.id}"] for node, _place in walk(definition.steps)}
        for number, (key, definition) in enumerate(definitions.items())
    }


def changes_in_words(
    old: Definition, new: Definition, *, was: Titles | None = None, titles: Titles | None = None
) -> list[Change]:
    """Every change from one to the other: steps in reading order, then what goes for all.

    `was` and `titles` name the steps of either by id, where the caller has asked for them already.
    """
    return [*_Steps(old, new, was, titles).changes(), *_rules(old, new)]


class _Steps:
    def __init__(
        self, old: Definition, new: Definition, was: Titles | None, titles: Titles | None
    ) -> None:
        self.difference = diff(old, new)
        self.old = {node.id: node for node, _place in walk(old.steps)}
        self.new = {node.id: node for node, _place in walk(new.steps)}
        self.places = {node.id: place for node, place in walk(new.steps)}
        self.neighbours = {place: node.id for node, place in walk(new.steps)}
        self.was = step_titles(self.old.values()) if was is None else was
        self.titles = step_titles(self.new.values()) if titles is None else titles

    def changes(self) -> Iterator[Change]:
        found = self.difference
        for step_id in self.new:
            if step_id in found.added:
                words = {"step": self.titles[step_id], "place": self.place(step_id)}
                yield Change("added", _("Added “%(step)s” %(place)s") % words, (), step_id)
            if step_id in found.changed:
                yield self.changed(self.old[step_id], self.new[step_id])
            if step_id in found.moved:
                words = {"step": self.titles[step_id], "place": self.place(step_id)}
                yield Change("moved", _("Moved “%(step)s” %(place)s") % words, (), step_id)
        for step_id in found.removed:
            text = _("Removed “%(step)s”") % {"step": self.was[step_id]}
            yield Change("removed", text, (), step_id)

    def place(self, step_id: str) -> str:
        """Where the step stands, in words."""
        place = self.places[step_id]
        if place.position:
            before = self.neighbours[Place(place.parent, place.lane, place.position - 1)]
            return _("after “%(step)s”") % {"step": self.titles[before]}
        if not place.parent:
            return _("at the beginning")
        words = {
            "lane": lane_name(self.new[place.parent], place.lane),
            "step": self.titles[place.parent],
        }
        return _("at the beginning of “%(lane)s” of “%(step)s”") % words

    def changed(self, before: StepNode, after: StepNode) -> Change:
        details = [*_settings(before, after), *_lanes(before, after)]
        words = {"old": self.was[before.id], "new": self.titles[after.id]}
        if words["old"] == words["new"]:
            return Change("changed", _("Changed “%(new)s”") % words, tuple(details), after.id)
        if _is_told(before, after) and len(details) == 1:
            details = []
        return Change("changed", _("“%(old)s” is now “%(new)s”") % words, tuple(details), after.id)


def _is_told(before: StepNode, after: StepNode) -> bool:
    """Whether the titles say what the settings do: no name of the owner's hides it."""
    return not before.name and not after.name


def _settings(before: StepNode, after: StepNode) -> list[str]:
    if before.kind != after.kind or after.kind not in steps:
        return []
    return changed_settings(steps.get(after.kind).form, before.config, after.config)


def _lanes(before: StepNode, after: StepNode) -> Iterator[str]:
    for number in range(min(len(before.branches), len(after.branches))):
        if before.branches[number].label != after.branches[number].label:
            words = {"old": lane_name(before, number), "new": lane_name(after, number)}
            yield _("Branch “%(old)s” is now “%(new)s”") % words
    for number in range(len(before.branches), len(after.branches)):
        yield _("New branch “%(new)s”") % {"new": lane_name(after, number)}
    for number in range(len(after.branches), len(before.branches)):
        yield _("Branch “%(old)s” is gone") % {"old": lane_name(before, number)}


# --- what goes for the whole journey


def _rules(old: Definition, new: Definition) -> Iterator[Change]:
    if old.entries != new.entries:
        yield from _entries(old, new)
    if old.goal != new.goal:
        yield _goal(old.goal or {}, new.goal or {})
    if old.exits != new.exits:
        yield from _exits(old.exits, new.exits)
    if old.settings != new.settings:
        for text in changed_settings(SettingsForm, _clean(old.settings), _clean(new.settings)):
            yield Change("rule", text)


def _clean(settings: Config) -> Config:
    """The settings with what goes without saying."""
    form = SettingsForm(settings)
    return form.cleaned_data if form.is_valid() else settings


def _entries(old: Definition, new: Definition) -> Iterator[Change]:
    """Ways in of one kind are told apart by their order."""
    before = list(zip(old.entries, entry_words(old), strict=True))
    after = list(zip(new.entries, entry_words(new), strict=True))
    after_left = list(after)
    for entry, words in before:
        same = next((each for each in after_left if each[0].kind == entry.kind), None)
        if same is None:
            yield Change("rule", _("Way in gone: “%(way)s”") % {"way": words})
            continue
        after_left.remove(same)
        if same[0] != entry:
            yield _entry(entry, words, *same)
    for _entry_node, words in after_left:
        yield Change("rule", _("New way in: “%(way)s”") % {"way": words})


def _entry(before: EntryNode, was: str, after: EntryNode, now: str) -> Change:
    details = []
    if after.kind in entries:
        details = changed_settings(entries.get(after.kind).form, before.config, after.config)
    if was == now:
        return Change("rule", _("Way in changed: “%(way)s”") % {"way": now}, tuple(details))
    return Change("rule", _("Way in: “%(old)s” → “%(new)s”") % {"old": was, "new": now})


def _goal(old: Config, new: Config) -> Change:
    if not old:
        return Change("rule", _("New goal: “%(goal)s”") % {"goal": describe_rule(new)})
    if not new:
        return Change("rule", _("Goal gone: “%(goal)s”") % {"goal": describe_rule(old)})
    details = _untold(GoalForm, old, new)
    words = {"old": describe_rule(old), "new": describe_rule(new)}
    if words["old"] == words["new"]:
        return Change("rule", _("Goal changed: “%(new)s”") % words, tuple(details))
    return Change("rule", _("Goal: “%(old)s” → “%(new)s”") % words, tuple(details))


def _untold(form: type[GoalForm] | type[ExitForm], old: Config, new: Config) -> list[str]:
    """The changes of those settings that the rule's words leave out."""
    hidden = dict.fromkeys(TOLD)
    return changed_settings(form, {**old, **hidden}, {**new, **hidden})


def _exits(old: Sequence[Config], new: Sequence[Config]) -> Iterator[Change]:
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    for before, after in zip(gone, come, strict=False):
        words = {"old": _exit_words(before), "new": _exit_words(after)}
        yield Change("rule", _("Leaving: %(old)s → %(new)s") % words)
    for each in gone[len(come) :]:
        yield Change(
            "rule", _("No longer a reason to leave: %(rule)s") % {"rule": _exit_words(each)}
        )
    for each in come[len(gone) :]:
        yield Change("rule", _("New reason to leave: %(rule)s") % {"rule": _exit_words(each)})


def _exit_words(rule: Config) -> str:
    return _("“%(rule)s” (%(reason)s)") % {
        "rule": describe_rule(rule),
        "reason": rule.get("reason") or _("no reason given"),
    }
