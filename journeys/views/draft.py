"""The draft: the tree with forms beside it; every change is saved at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.tree_editing import Editor, kinds, read, respond
from core.errors import Invalid
from journeys import editing, services
from journeys.config_forms import config_of
from journeys.config_words import settings_in_words
from journeys.contracts import Config, Plugin, entries, steps
from journeys.definition import Definition, as_json, find_step, parse, walk
from journeys.models import Journey
from journeys.rules import ExitForm, GoalForm, SettingsForm, describe_rule
from journeys.tree import ENTRY, View, draw, entry_words, step_title
from journeys.trees import TreeField
from journeys.views.frame import draft_of, frame, load_journey

FAMILIES = {
    "message": lambda: _("Messages"),
    "wait": lambda: _("Timing"),
    "logic": lambda: _("Logic"),
    "data": lambda: _("Contact data"),
    "exit": lambda: _("End"),
}
PREFIX = "set"


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

    def bound(self, data: Mapping[str, Any] | None = None) -> forms.Form | None:
        """The form of everything but conditions; None when nothing else can be set."""
        form = self.form(data, initial=self.config, prefix=PREFIX)
        hidden = form.fields.keys() & self.trees.keys()
        for name in hidden:
            form.fields[name].widget = forms.HiddenInput()
            form.fields[name].required = False
        return form if len(hidden) < len(form.fields) else None


def part_of(definition: Definition, name: str) -> Part | None:
    """The part of that name; None when the draft has none."""
    try:
        config = editing.config_of_part(definition, name)
    except Invalid:
        return None
    head, _colon, number = name.partition(":")
    if name == "settings":
        return Part(name, _("Rules"), "settings-2", "logic", SettingsForm, config)
    if name == "goal":
        return Part(name, _("Goal"), "target", "logic", GoalForm, config, is_new=not config)
    if head == "exit" and _colon:
        title = str(config.get("reason") or _("New rule for leaving"))
        return Part(name, title, "log-out", "exit", ExitForm, config, is_new=not config)
    if head == "entry" and _colon:
        return _plugin_part(entries, definition.entries[int(number)].kind, name, config)
    node = find_step(definition, name)
    return _plugin_part(steps, node.kind, name, config) if node else None


def _plugin_part(registry: Any, kind: str, name: str, config: Config) -> Part | None:
    if kind not in registry:
        return Part(name, kind, "circle-question-mark", "data", forms.Form, config)
    plugin = registry.get(kind)
    family = getattr(plugin, "family", "trigger")
    return Part(name, str(plugin.label), plugin.icon, family, plugin.form, config, plugin)


# --- the page


@require_safe
def draft(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The draft's tree, what stands against publishing it, and the chosen part's settings."""
    return _page(request, load_journey(journey_id))


def _page(
    request: HttpRequest,
    journey: Journey,
    *,
    part: Part | None = None,
    form: forms.Form | None = None,
    editors: Mapping[str, Editor] | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page; `part` with a refused form shows it again, with status 422.

    `editors` are those of the part's conditions that have a form open.
    """
    definition = draft_of(journey)
    asked = request.GET
    chosen = asked.get("step", "") or (part.name if part else "")
    part = part or part_of(definition, chosen)
    problems = services.draft_problems(journey)
    context = frame(request, journey, mode="draft")
    can_add = context["may_edit"]
    view = View(
        mode="draft",
        selected=ENTRY if chosen.startswith("entry:") else chosen,
        step_url=lambda step: "?" + urlencode({"step": step}) + f"#step-{step}",
        problems=problems,
        add_url=(lambda place: "?" + urlencode({"add": place})) if can_add else lambda _place: "",
    )
    context |= {
        "steps": draw(definition, view),
        "problems": [(each.message, _part_url(each.field)) for each in problems],
        "goal": describe_rule(definition.goal) if definition.goal else "",
        "revision": journey.draft_revision,
        "refusal": refusal,
        "rules": _rules(definition),
    }
    if "add" in asked and can_add:
        context |= {
            "adding": True,
            "place": asked["add"],
            "palette": _palette(definition),
        }
    elif chosen == ENTRY:
        context |= _entries(definition)
    elif part:
        context |= _settings(definition, part, form, editors or {}, problems)
    is_refused = bool(refusal or form or any(map(_has_errors, (editors or {}).values())))
    return render(request, "journeys/draft.html", context, status=422 if is_refused else 200)


def _has_errors(editor: Editor) -> bool:
    return editor.opening is not None and bool(editor.opening.form.errors)


def _part_url(name: str) -> str:
    """Where a problem is put right."""
    if name.startswith("entries"):
        return "?" + urlencode({"step": ENTRY})
    if name == "steps":
        return "?" + urlencode({"add": ""})
    return "?" + urlencode({"step": name}) + ("" if ":" in name else f"#step-{name}")


def _rules(definition: Definition) -> list[dict[str, str]]:
    """The links to what is no step: the goal, the rules for leaving, the settings."""
    exits = [
        {"icon": "log-out", "label": str(rule.get("reason") or _("Exit")), "part": f"exit:{number}"}
        for number, rule in enumerate(definition.exits)
    ]
    return [
        {"icon": "target", "label": _("Goal"), "part": "goal"},
        *exits,
        {"icon": "plus", "label": _("Exit rule"), "part": f"exit:{len(definition.exits)}"},
        {"icon": "settings-2", "label": _("Rules"), "part": "settings"},
    ]


def _palette(definition: Definition) -> list[tuple[str, list[Any]]]:
    """The steps there are, by family; the goal step once at most."""
    taken = {node.kind for node, _place in walk(definition.steps)} & {"goal"}
    return [
        (words(), found)
        for family, words in FAMILIES.items()
        if (found := [s for s in steps if s.family == family and s.key not in taken])
    ]


def _entries(definition: Definition) -> dict[str, Any]:
    words = entry_words(definition)
    shown = [
        {
            "part": f"entry:{number}",
            "words": words[number],
            "icon": entries.get(each.kind).icon if each.kind in entries else "circle-question-mark",
        }
        for number, each in enumerate(definition.entries)
    ]
    return {"choosing_entries": True, "ways_in": shown, "entry_kinds": list(entries)}


def _settings(
    definition: Definition,
    part: Part,
    form: forms.Form | None,
    editors: Mapping[str, Editor],
    problems: list[Any],
) -> dict[str, Any]:
    node = find_step(definition, part.name)
    return {
        "part": part,
        "part_title": step_title(node) if node else part.title,
        "form": form or part.bound(),
        "held": sum(1 for _each in walk((node,))) - 1 if node else 0,
        "can_move": node is not None,
        "words": settings_in_words(part.plugin, part.config) if part.plugin else [],
        "part_problems": [each.message for each in problems if each.field == part.name],
        "trees": [_tree(part, name, editors.get(name)) for name in part.trees],
        "condition_kinds": kinds(),
    }


def _tree(part: Part, name: str, editor: Editor | None) -> dict[str, Any]:
    editor = editor or Editor(read(part.config.get(name)))
    return {"name": name, "label": part.trees[name], "root": editor.shown}


# --- changes


def _change(
    request: HttpRequest,
    journey_id: UUID,
    edit: Callable[[Definition], tuple[Definition, str]],
) -> HttpResponse:
    """Apply one edit, save it, and go to the part it names; a refusal changes nothing."""
    journey = load_journey(journey_id)
    try:
        changed, part = edit(parse(journey.draft))
        services.save_draft(
            journey=journey,
            definition=as_json(changed),
            revision=_revision(request),
            now=timezone.now(),
        )
    except Invalid as refusal:
        return _page(request, journey, refusal=refusal.message)
    return redirect(_draft_url(journey.pk, part))


def _draft_url(journey_id: UUID, part: str) -> str:
    url = reverse("journeys:draft", args=[journey_id])
    if not part:
        return url
    anchor = "" if ":" in part else f"#step-{part}"
    return f"{url}?{urlencode({'step': part})}{anchor}"


def _revision(request: HttpRequest) -> int | None:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@require_POST
def ops(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """One operation on the draft."""
    posted = request.POST
    step, part = posted.get("step", ""), posted.get("part", "")
    after = ENTRY if part.startswith("entry:") else ""
    acts: dict[str, Callable[[Definition], tuple[Definition, str]]] = {
        "insert": lambda draft: editing.add_step(
            draft, place=posted.get("place", ""), kind=posted.get("kind", "")
        ),
        "insert_entry": lambda draft: editing.add_entry(draft, kind=posted.get("kind", "")),
        "nudge": lambda draft: (
            editing.move_step(draft, step, by=-1 if posted.get("by") == "-1" else 1),
            step,
        ),
        "delete": lambda draft: (editing.remove_step(draft, step), ""),
        "remove": lambda draft: (editing.remove_part(draft, part), after),
    }
    act = acts.get(posted.get("op", ""))
    if act is None:
        return _page(request, load_journey(journey_id), refusal=_("There is no such operation."))
    return _change(request, journey_id, act)


@require_POST
def save(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The settings of a part; refused ones come back with what is wrong."""
    journey = load_journey(journey_id)
    part = part_of(draft_of(journey), request.POST.get("part", ""))
    if part is None:
        return _page(request, journey, refusal=editing.gone().message)
    form = part.bound(request.POST)
    if form is None or not form.is_valid():
        return _page(request, journey, part=part, form=form)
    kept = {name: part.config[name] for name in part.trees if name in part.config}
    config = {**config_of(form), **kept}
    response = _change(
        request, journey_id, lambda draft: (editing.set_part(draft, part.name, config), part.name)
    )
    if response.status_code == 302:
        messages.success(request, _("Saved."))
    return response


@require_POST
def condition(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """What was pressed in the conditions of a part: opens a form there, or changes them."""
    journey = load_journey(journey_id)
    posted = request.POST
    part = part_of(draft_of(journey), posted.get("part", ""))
    name = posted.get("field", "")
    if part is None or name not in part.trees:
        return _page(request, journey, refusal=editing.gone().message)
    editor = respond(read(part.config.get(name)), posted)
    if editor.opening is not None:
        return _page(request, journey, part=part, editors={name: editor})
    config = {key: value for key, value in part.config.items() if key != name}
    config |= {name: editor.tree} if editor.tree else {}
    return _change(
        request, journey_id, lambda draft: (editing.set_part(draft, part.name, config), part.name)
    )
