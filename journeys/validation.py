"""What stands against publishing a definition, in words, each thing with its step."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _

from contacts.segments import clean_tree
from core.errors import Problem
from journeys.config_forms import clean_config, config_of
from journeys.contracts import Config, Plugin, Step, entries, steps
from journeys.definition import BranchNode, Definition, EntryNode, StepNode, walk
from journeys.rules import ExitForm, GoalForm, SettingsForm


def validate(definition: Definition) -> list[Problem]:
    """All problems in reading order; an empty list means it can be published.

    `field` is the id of the step, or entry:0, goal, exit:0, settings, steps.
    """
    return [
        *_entry_problems(definition),
        *_rule_problems(definition),
        *_step_problems(definition),
        *_unreachable(definition.steps, reached=True),
    ]


def normalised(definition: Definition) -> Definition:
    """A valid definition with all settings as their forms clean them: what the engine runs on."""
    return replace(
        cleaned_rules(definition),
        entries=tuple(
            EntryNode(
                each.kind,
                clean_config(entries.get(each.kind), each.config)[0],
                clean_tree(each.only)[0],
            )
            for each in definition.entries
        ),
        steps=tuple(map(_normal_step, definition.steps)),
    )


def cleaned_rules(definition: Definition) -> Definition:
    """With goal, exits and settings as their forms clean them, without those that are invalid."""
    exits = [_cleaned(ExitForm(rule)) for rule in definition.exits]
    return replace(
        definition,
        goal=(_cleaned(GoalForm(definition.goal)) or None) if definition.goal else None,
        exits=tuple(rule for rule in exits if rule),
        settings=_cleaned(SettingsForm(definition.settings)),
    )


def _cleaned(form: forms.Form) -> Config:
    return config_of(form) if form.is_valid() else {}


def _normal_step(node: StepNode) -> StepNode:
    branches = tuple(
        BranchNode(branch.label, tuple(map(_normal_step, branch.steps))) for branch in node.branches
    )
    config, _errors = clean_config(steps.get(node.kind), node.config)
    return replace(node, config=config, branches=branches)


def _entry_problems(definition: Definition) -> Iterator[Problem]:
    if not definition.entries:
        yield Problem("no_entry", _("Say how people get in: add an entry."), "entries")
    for number, entry in enumerate(definition.entries):
        where = f"entry:{number}"
        if entry.kind not in entries:
            message = _("No part of this installation knows the entry “%(kind)s”.")
            yield Problem("unknown_entry", message % {"kind": entry.kind}, where)
        else:
            plugin = entries.get(entry.kind)
            yield from _plugin_problems(plugin, *clean_config(plugin, entry.config), where)
        for problem in clean_tree(entry.only)[1]:
            text = f"{_('Only people')}: {problem.message}"
            yield Problem("invalid_settings", text, where)


def _plugin_problems(
    plugin: Plugin, cleaned: Config, errors: Mapping[str, str], where: str
) -> Iterator[Problem]:
    """What the plug-in's form and its own look find; `where` is the field of each."""
    for message in errors.values():
        text = f"“{plugin.label}”: {message}"
        yield Problem("invalid_settings", text, where)
    if not errors:
        for problem in plugin.problems(cleaned):
            yield Problem(problem.code, problem.message, where)


def _rule_problems(definition: Definition) -> Iterator[Problem]:
    goal = definition.goal
    rules: list[tuple[str, str, forms.Form]] = [
        ("settings", _("Settings"), SettingsForm(definition.settings))
    ]
    rules += [("goal", _("Goal"), GoalForm(goal))] if goal else []
    rules += [
        (f"exit:{number}", _("Exit"), ExitForm(rule))
        for number, rule in enumerate(definition.exits)
    ]
    for where, name, form in rules:
        for errors in form.errors.values():
            yield Problem("invalid_settings", f"{name}: {errors[0]}", where)
    goal_steps = [node for node, _place in walk(definition.steps) if node.kind == "goal"]
    if goal and goal.get("then") == "jump" and not goal_steps:
        message = _("The goal moves people to the goal step, but there is none: add one.")
        yield Problem("no_goal_step", message, "goal")
    for extra in goal_steps[1:]:
        message = _("A journey has one goal step at most: remove this one.")
        yield Problem("two_goal_steps", message, extra.id)


def _step_problems(definition: Definition) -> Iterator[Problem]:
    if not definition.steps:
        yield Problem("no_steps", _("The journey does nothing yet: add a step."), "steps")
    for node, _place in walk(definition.steps):
        if node.kind not in steps:
            message = _("No part of this installation knows the step “%(kind)s”.")
            yield Problem("unknown_step", message % {"kind": node.kind}, node.id)
            continue
        plugin = steps.get(node.kind)
        cleaned, errors = clean_config(plugin, node.config)
        found = list(_plugin_problems(plugin, cleaned, errors, node.id))
        yield from found or _lane_problems(node, plugin, cleaned)
        if not definition.goal and steps.get(node.kind).needs_goal(node.config):
            message = _("This step looks at who reaches the goal: give the journey a goal.")
            yield Problem("no_goal", message, node.id)


def _lane_problems(node: StepNode, plugin: Step, cleaned: Config) -> Iterator[Problem]:
    """Whether the step has the branches its settings ask for."""
    lanes = plugin.lanes(cleaned)
    words = {"step": plugin.label, "has": len(node.branches), "needs": len(lanes or ())}
    if lanes is None and node.branches:
        yield Problem(
            "unexpected_branches",
            _("“%(step)s” does not split: it has no branches.") % words,
            node.id,
        )
    elif lanes is not None and len(lanes) != len(node.branches):
        message = _("“%(step)s” needs %(needs)s branches and has %(has)s.") % words
        yield Problem("missing_branch", message, node.id)


def _unreachable(nodes: tuple[StepNode, ...], *, reached: bool) -> Iterator[Problem]:
    """Steps that nobody comes to, because everyone leaves before; the first of each sequence."""
    told = False
    for node in nodes:
        if not reached and not told and node.kind != "goal":
            told = True
            message = _("Nobody can reach this step: everyone leaves before it.")
            yield Problem("unreachable_step", message, node.id)
        for branch in node.branches:
            yield from _unreachable(branch.steps, reached=reached or node.kind == "goal")
        # The goal pulls people to its step from anywhere.
        reached = (reached or node.kind == "goal") and goes_on(node)


def goes_on(node: StepNode) -> bool:
    """Whether anybody comes out below the step."""
    if node.kind == "exit":
        return False
    if not node.branches:
        return True
    return any(all(goes_on(step) for step in branch.steps) for branch in node.branches)
