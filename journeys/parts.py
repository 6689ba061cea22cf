"""What of a draft has settings: "entry:0", "goal", "exit:0", "settings", or the id of a step."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from core.errors import Invalid
from journeys.config_forms import config_of
from journeys.contracts import Config, entries, steps
from journeys.definition import BranchNode, Definition, EntryNode, StepNode
from journeys.places import gone, replaced, step_of
from journeys.rules import ExitForm, GoalForm, SettingsForm
from journeys.tree import entry_words, step_title

RULES: dict[str, type[forms.Form]] = {"goal": GoalForm, "settings": SettingsForm}


def config_of_part(definition: Definition, part: str) -> Config:
    """The settings of a part; {} for a goal or an exit that is not there yet.

    An entry's have the people it is for among them, as `only`.
    """
    head, number = split(part)
    if head == "entry":
        entry = entry_of(definition, number)
        return {**entry.config, **({"only": entry.only} if entry.only else {})}
    if head == "exit":
        return definition.exits[number] if number < len(definition.exits) else {}
    if head == "goal":
        return definition.goal or {}
    if head == "settings":
        return definition.settings
    return step_of(definition, part).config


def form_of_part(definition: Definition, part: str) -> type[forms.Form]:
    """The form its settings are cleaned by; one without fields for a kind nobody knows."""
    head, number = split(part)
    if head == "entry":
        return _form(entries, entry_of(definition, number).kind)
    if head == "exit":
        return ExitForm
    return RULES.get(head) or _form(steps, step_of(definition, part).kind)


def _form(registry: Any, kind: str) -> type[forms.Form]:
    return registry.get(kind).form if kind in registry else forms.Form


def title_of_part(definition: Definition, part: str) -> str:
    """What to call a part in a sentence."""
    head, number = split(part)
    if head == "entry":
        entry_of(definition, number)
        return entry_words(definition)[number]
    if head == "exit":
        rule = definition.exits[number] if number < len(definition.exits) else {}
        return str(rule.get("reason") or _("Exit rule"))
    titles = {"goal": _("Goal"), "settings": _("Rules")}
    return titles.get(head) or step_title(step_of(definition, part))


def with_config(definition: Definition, part: str, config: Config) -> Definition:
    """The definition with other settings of one part; a goal or exit without any goes."""
    head, number = split(part)
    if head == "entry":
        own = {name: value for name, value in config.items() if name != "only"}
        only = config.get("only")
        entry = replace(
            entry_of(definition, number), config=own, only=only if isinstance(only, dict) else {}
        )
        ways_in = (*definition.entries[:number], entry, *definition.entries[number + 1 :])
        return replace(definition, entries=ways_in)
    if head == "exit":
        exits = [*definition.exits[:number], config, *definition.exits[number + 1 :]]
        return replace(definition, exits=tuple(each for each in exits if each))
    if head == "goal":
        return replace(definition, goal=config or None)
    if head == "settings":
        return replace(definition, settings=config)
    changed = replaced(definition.steps, part, lambda node: (_settled(node, config),))
    return replace(definition, steps=changed)


def _settled(node: StepNode, config: Config) -> StepNode:
    """The step with other settings and the lanes they ask for; no lane with steps is cut off."""
    keys = _lane_keys(node.kind, config)
    if keys is None:
        return replace(node, config=config)
    known = dict(zip(_present_keys(node), node.branches, strict=True))
    branches = tuple(known.pop(key, BranchNode()) for key in keys)
    if any(branch.steps for branch in known.values()):
        message = _("A branch that would go still holds steps: remove those first.")
        raise Invalid("lane_in_use", message)
    return replace(node, config=config, branches=branches)


def _lane_keys(kind: str, config: Config) -> list[str] | None:
    """What the lanes the settings ask for are known by; None when they are not valid."""
    if kind not in steps:
        return None
    form = steps.get(kind).form(config)
    return steps.get(kind).lane_keys(config_of(form)) if form.is_valid() else None


def _present_keys(node: StepNode) -> list[str]:
    """What the lanes are known by that the step has; their numbers where that does not fit."""
    keys = steps.get(node.kind).lane_keys(node.config)
    fits = len(keys) == len(node.branches)
    return keys if fits else [str(number) for number in range(len(node.branches))]


def without_part(definition: Definition, part: str) -> Definition:
    """The definition without an entry, goal or exit; settings go back to what they begin with."""
    head, number = split(part)
    if head == "entry":
        entry_of(definition, number)
        kept = definition.entries[:number] + definition.entries[number + 1 :]
        return replace(definition, entries=kept)
    if not head or (head == "exit" and number >= len(definition.exits)):
        raise gone()
    return with_config(definition, part, {})


def split(part: str) -> tuple[str, int]:
    """("entry" or "exit", its number), ("goal", 0), ("settings", 0), or ("", 0) for a step.

    Raises Invalid for what cannot be the name of a part.
    """
    head, colon, number = part.partition(":")
    if not colon:
        return (head if head in RULES else ""), 0
    if head not in ("entry", "exit") or not number.isdecimal() or len(number) > 3:
        raise gone()
    return head, int(number)


def entry_of(definition: Definition, number: int) -> EntryNode:
    """The entry of that number; raises Invalid when there is none."""
    if number >= len(definition.entries):
        raise gone()
    return definition.entries[number]
