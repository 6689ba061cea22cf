"""The builder of a draft as a page, or alone for whoever asks for a piece of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from contacts.naming import names_read_once
from core.errors import Invalid, Problem
from core.htmx import asks_for, page_or_partial, trigger, wants_partial
from journeys import services
from journeys.definition import Definition, find_step
from journeys.draft_log import history_of
from journeys.models import Journey
from journeys.rules import describe_rule
from journeys.tree import ENTRY, View, draw
from journeys.views import draft_panels as panels
from journeys.views.draft_parts import Typed, part_of, settings_context
from journeys.views.frame import draft_of, frame
from journeys.views.frame import may_edit as may_edit_here


@dataclass(frozen=True)
class Asked:
    """What the page is to show besides the draft.

    `chosen` is the part whose settings are open; `add`, `move` and `delete` open their panels.
    """

    chosen: str = ""
    add: str | None = None
    move: str = ""
    delete: str = ""
    typed: Typed = field(default_factory=Typed)
    refusal: Invalid | None = None
    said: str = ""

    @classmethod
    def by(cls, request: HttpRequest) -> "Asked":
        """What the address says."""
        asked = request.GET
        return cls(
            chosen=asked.get("step", ""),
            add=asked.get("add"),
            move=asked.get("move", ""),
            delete=asked.get("delete", ""),
        )


def draft_page(
    request: HttpRequest, journey: Journey, asked: Asked, *, status: int = 200
) -> HttpResponse:
    """The page or its builder; an answer to an operation says so in its HX-Trigger header."""
    panel_alone = asks_for(request, "inspector")
    with names_read_once():
        response = page_or_partial(
            request,
            page="journeys/draft.html",
            partial="journeys/_panel.html" if panel_alone else "journeys/_builder.html",
            context=_context(request, journey, asked, with_tree=not panel_alone),
            status=status,
        )
    said = asked.refusal.message if asked.refusal else asked.said
    if said and wants_partial(request):
        told = {"said": said, "focus": asked.chosen, "revision": journey.draft_revision}
        return trigger(response, "operation", told)
    return response


def _context(
    request: HttpRequest, journey: Journey, asked: Asked, *, with_tree: bool
) -> dict[str, Any]:
    definition = draft_of(journey)
    problems = services.draft_problems(journey)
    history = history_of(journey)
    reader = request.user.pk
    context = frame(request, journey, mode="draft") | {
        "steps": draw(definition, _view(request, asked, problems)) if with_tree else (),
        "begun": {"entries": bool(definition.entries), "steps": bool(definition.steps)},
        "problems": [_problem(definition, each) for each in problems],
        "goal": describe_rule(definition.goal) if definition.goal else "",
        "rules": _rules(definition),
        "revision": journey.draft_revision,
        "undo_label": history.undo_label(reader),
        "redo_label": history.redo_label(reader),
        "saved_at": history.newest.turned_at if history.newest else None,
        "palette": panels.palette(definition, asked.add or ""),
        "clipboard": panels.clipboard(request),
        "refusal": (
            {"code": asked.refusal.code, "message": asked.refusal.message}
            if asked.refusal
            else None
        ),
        "said": asked.said,
    }
    if not context["may_edit"]:
        context |= {"undo_label": "", "redo_label": ""}
    return context | _panel(context["may_edit"], definition, asked, problems)


def _view(request: HttpRequest, asked: Asked, problems: Sequence[Problem]) -> View:
    may_edit = may_edit_here(request)
    return View(
        mode="draft",
        selected=ENTRY if asked.chosen.startswith("entry:") else asked.chosen,
        step_url=lambda step: _url("step", step) + f"#step-{step}",
        problems=problems,
        add_url=(lambda place: _url("add", place)) if may_edit else lambda _place: "",
        act_url=_url if may_edit else lambda _act, _step: "",
    )


def _url(name: str, value: str) -> str:
    return "?" + urlencode({name: value})


def _panel(
    may_edit: bool, definition: Definition, asked: Asked, problems: Sequence[Problem]
) -> dict[str, Any]:
    """The one panel beside the tree."""
    if may_edit and asked.add is not None:
        return panels.adding(definition, asked.add)
    if may_edit and asked.move:
        return panels.moving(definition, asked.move)
    if may_edit and asked.delete:
        return panels.deleting(definition, asked.delete)
    if asked.chosen == ENTRY:
        return panels.ways_in(definition)
    part = part_of(definition, asked.chosen)
    return settings_context(definition, part, asked.typed, problems) if part else {}


def _problem(definition: Definition, problem: Problem) -> tuple[str, str, str]:
    """(what is wrong, where it is put right, the step it stands on or "")."""
    where = problem.field
    if where == "steps":
        return problem.message, _url("add", ""), ENTRY
    if where.startswith("entr"):
        return problem.message, _url("step", ENTRY if where == "entries" else where), ENTRY
    if find_step(definition, where) is None:
        return problem.message, _url("step", where), ""
    return problem.message, _url("step", where) + f"#step-{where}", where


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
