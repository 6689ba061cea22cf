"""The inspector of a draft: the settings of one part as a form, its conditions, its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from contacts.tree_editing import Editor, kinds, read
from core.errors import Invalid, Problem
from core.plain import plain
from journeys.config_words import settings_in_words
from journeys.contracts import Config, Plugin, Words, entries, steps
from journeys.definition import Definition, StepNode, find_step
from journeys.operations.describe import DescribeFields
from journeys.parts import config_of_part, split
from journeys.places import size
from journeys.rules import ExitForm, GoalForm, SettingsForm
from journeys.tree import step_title
from journeys.trees import TreeField

PREFIX = "set"
# Of what was typed into one field and is not valid.
MAX_TYPED = 2000


@dataclass(frozen=True)
class Part:
    """Something of the draft that has settings: a step, an entry, the goal, an exit, the rules."""

    name: str
    title: str
    icon: str
    family: str
    form: type[forms.Form]
    config: Config
    plugin: Plugin | None = None
    is_new: bool = False

    @property
    def trees(self) -> dict[str, Any]:
        """The settings that are conditions, edited one by one, with their labels."""
        fields = self.form.base_fields.items()
        found = {name: each.label for name, each in fields if isinstance(each, TreeField)}
        if self.name.startswith("entry:"):
            found["only"] = _("Only these people")
        return found

    @property
    def doors(self) -> list[tuple[Words, str]]:
        """Where what its settings name is looked at and changed."""
        return self.plugin.doors(self.config) if self.plugin else []

    def bound(self, data: Mapping[str, Any] | None = None) -> forms.Form | None:
        """The form of everything but conditions; None when nothing else can be set."""
        form = self.form(data, initial=self.config, prefix=PREFIX)
        hidden = form.fields.keys() & self.trees.keys()
        for name in hidden:
            form.fields[name].widget = forms.HiddenInput()
            form.fields[name].required = False
        return form if len(hidden) < len(form.fields) else None

    def typed(self, data: Mapping[str, Any]) -> Config:
        """The settings with what was typed: cleaned where it is valid, else as it is."""
        form = self.bound(data)
        kept = {name: self.config[name] for name in self.trees if name in self.config}
        if form is None:
            return kept
        form.is_valid()
        found = {name: _typed(form, name) for name in form.fields if name not in self.trees}
        return {name: each for name, each in found.items() if each not in (None, "", [])} | kept


def _typed(form: forms.Form, name: str) -> Any:
    if name in form.cleaned_data:
        return plain(form.cleaned_data[name])
    raw = form[name].data
    texts = raw if isinstance(raw, list) else [raw]
    kept = [str(each).replace("\x00", "")[:MAX_TYPED] for each in texts if each is not None]
    return kept if isinstance(raw, list) else "".join(kept)


def part_of(definition: Definition, name: str) -> Part | None:
    """The part of that name; None when the draft has none."""
    try:
        config = config_of_part(definition, name)
        head, number = split(name)
    except Invalid:
        return None
    if head == "settings":
        return Part(name, _("Rules"), "settings-2", "logic", SettingsForm, config)
    if head == "goal":
        return Part(name, _("Goal"), "target", "logic", GoalForm, config, is_new=not config)
    if head == "exit":
        title = str(config.get("reason") or _("New rule for leaving"))
        return Part(name, title, "log-out", "exit", ExitForm, config, is_new=not config)
    if head == "entry":
        return _plugin_part(entries, definition.entries[number].kind, name, config)
    node = find_step(definition, name)
    return _plugin_part(steps, node.kind, name, config) if node else None


def _plugin_part(registry: Any, kind: str, name: str, config: Config) -> Part | None:
    if kind not in registry:
        return Part(name, kind, "circle-question-mark", "data", forms.Form, config)
    plugin = registry.get(kind)
    family = getattr(plugin, "family", "trigger")
    return Part(name, str(plugin.label), plugin.icon, family, plugin.form, config, plugin)


@dataclass(frozen=True)
class Typed:
    """What somebody has typed that is not saved (yet): settings, conditions, a name."""

    form: forms.Form | None = None
    editors: Mapping[str, Editor] | None = None
    description: Mapping[str, Any] | None = None


def settings_context(
    definition: Definition, part: Part, typed: Typed, problems: Sequence[Problem]
) -> dict[str, Any]:
    """What the template `_part.html` shows."""
    node = find_step(definition, part.name)
    editors = typed.editors or {}
    return {
        "part": part,
        "part_title": step_title(node) if node else part.title,
        "form": typed.form or part.bound(),
        "held": size((node,)) - 1 if node else 0,
        "can_move": node is not None,
        "words": settings_in_words(part.plugin, part.config) if part.plugin else [],
        "part_problems": [each.message for each in problems if each.field == part.name],
        "trees": [_tree(part, name, editors.get(name)) for name in part.trees],
        "condition_kinds": kinds(),
        "describe_form": _describe_form(node, typed.description) if node else None,
        "note": node.note if node else "",
    }


def _tree(part: Part, name: str, editor: Editor | None) -> dict[str, Any]:
    editor = editor or Editor(read(part.config.get(name)))
    return {"name": name, "label": part.trees[name], "root": editor.shown}


def _describe_form(node: StepNode, typed: Mapping[str, Any] | None) -> forms.Form:
    initial = {"step": node.id, "name": node.name, "note": node.note}
    form = DescribeFields(typed, initial=initial, auto_id="describe_%s")
    form.fields["step"].widget = forms.HiddenInput()
    return form
