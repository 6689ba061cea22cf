"""One journey as it runs: the tree with its figures, and the people behind each of them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from contacts.listing import page_of
from contacts.models import Contact
from core.charts import localized
from core.htmx import wants_partial
from journeys.config_words import settings_in_words
from journeys.contracts import StepCount, steps
from journeys.definition import Definition, StepNode, find_step, walk
from journeys.figures import (
    branches,
    conversion,
    earned_totals,
    exits,
    share,
    step_figures,
    went_on,
)
from journeys.models import Enrolment, Journey
from journeys.numbers import JourneyNumbers, StepNumbers, journey_numbers, step_numbers
from journeys.path import ending_words
from journeys.people import UnknownPeople, ending, heading, newest_runs, people
from journeys.rules import describe_rule
from journeys.tree import (
    ENTRY,
    View,
    draw,
    entry_words,
    lane_names,
    percent,
    step_title,
    step_titles,
)
from journeys.views.frame import draft_of, frame, live_of, load_journey
from journeys.ways import zone_of


@require_safe
def report(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The tree with its figures; the draft for a journey that never ran."""
    journey = load_journey(journey_id)
    definition = live_of(journey)
    if definition is None:
        return redirect("journeys:draft", journey.pk)
    nodes = [node for node, _place in walk(definition.steps)]
    kinds = [(node.id, node.kind) for node in nodes]
    summary = journey_numbers([journey.pk])[journey.pk]
    numbers, figures = step_numbers(journey), step_figures(journey.pk, kinds)
    selected = request.GET.get("step", "")
    as_percent = request.GET.get("as") == "percent"
    titles = step_titles(nodes)
    inspector = _inspector(journey, definition, selected, titles, summary, numbers, figures)
    if wants_partial(request):
        return render(request, "journeys/_inspector.html", inspector)
    view = View(
        mode="report",
        selected=selected,
        titles=titles,
        step_url=lambda step: "?" + urlencode({"step": step, **_as(as_percent)}),
        summary=summary,
        numbers=numbers,
        figures=figures,
        people_url=_people_url(journey),
        as_percent=as_percent,
    )
    context = {
        **frame(request, journey, mode="report"),
        **inspector,
        "steps": draw(definition, view),
        "summary": _summary(journey, definition, summary),
        "elsewhere": _elsewhere(journey, definition, numbers),
        "scales": [
            {"label": _("Numbers"), "url": _here(selected, False), "current": not as_percent},
            {"label": _("Per cent"), "url": _here(selected, True), "current": as_percent},
        ],
    }
    return render(request, "journeys/report.html", context)


def _as(as_percent: bool) -> dict[str, str]:
    return {"as": "percent"} if as_percent else {}


def _here(selected: str, as_percent: bool) -> str:
    return "?" + urlencode({**({"step": selected} if selected else {}), **_as(as_percent)})


def _people_url(journey: Journey) -> Any:
    base = reverse("journeys:people", args=[journey.pk])

    def url(step_id: str, what: str) -> str:
        asked = {"step": step_id, "what": what} if step_id else {"what": what}
        return f"{base}?{urlencode(asked)}"

    return url


def _summary(
    journey: Journey, definition: Definition, numbers: JourneyNumbers
) -> list[tuple[str, str, str]]:
    """(figure, words, address) of the bar above the tree."""
    url = _people_url(journey)
    shown = [
        (numbers.started, _("entered"), "started"),
        (numbers.in_progress, _("in progress"), "in_progress"),
        (numbers.completed, _("completed"), "completed"),
        (numbers.exited_early, _("left early"), "exited_early"),
    ]
    if numbers.failed:
        shown.append((numbers.failed, _("stopped by a failure"), "failed"))
    found = [(localized(count), words, url("", what)) for count, words, what in shown]
    if definition.goal:
        words = _("reached the goal “%(goal)s” (%(share)s)") % {
            "goal": describe_rule(definition.goal),
            "share": percent(conversion(numbers)),
        }
        found.append((localized(numbers.converted), words, url("", "converted")))
    if earned := earned_totals([journey.pk]).get(journey.pk):
        words = ngettext(
            "earned by %(number)s order", "earned by %(number)s orders", earned.orders
        ) % {"number": localized(earned.orders)}
        found.append((earned.text, words, url("", "ordered")))
    return found


def _elsewhere(
    journey: Journey, definition: Definition, numbers: dict[str, StepNumbers]
) -> list[tuple[str, str]]:
    """(count, address) of those inside at steps that only earlier versions have."""
    url = _people_url(journey)
    known = {node.id for node, _place in walk(definition.steps)}
    return [
        (localized(found.waiting), url(step_id, "waiting"))
        for step_id, found in numbers.items()
        if step_id not in known and found.waiting
    ]


# --- the panel of one step


def _inspector(
    journey: Journey,
    definition: Definition,
    selected: str,
    titles: dict[str, str],
    summary: JourneyNumbers,
    numbers: dict[str, StepNumbers],
    figures: dict[str, list[StepCount]],
) -> dict[str, Any]:
    """What the panel shows; {} when nothing that exists is chosen."""
    url = _people_url(journey)
    if selected == ENTRY:
        return {
            "chosen": ENTRY,
            "chosen_title": _("Starts when"),
            "chosen_icon": "zap",
            "chosen_family": "trigger",
            "words": [(_("Way in"), each) for each in entry_words(definition)],
            "funnel": [
                _bar(_("Entered"), summary.started, summary.started, url("", "started")),
                _bar(_("Completed"), summary.completed, summary.started, url("", "completed")),
                _bar(_("Goal"), summary.converted, summary.started, url("", "converted"), tone=2),
            ],
        }
    node = find_step(definition, selected) if selected else None
    if node is None:
        return {}
    plugin = steps.get(node.kind) if node.kind in steps else None
    found = numbers.get(node.id, StepNumbers())
    return {
        "chosen": node.id,
        "chosen_title": titles[node.id],
        "chosen_kind": str(plugin.label) if plugin else node.kind,
        "chosen_icon": plugin.icon if plugin else "circle-question-mark",
        "chosen_family": plugin.family if plugin else "data",
        "words": settings_in_words(plugin, node.config) if plugin else [],
        "funnel": _funnel(node, found, figures.get(node.id, []), url),
        "exits": [
            (ending(outcome), localized(count), url(node.id, f"left:{outcome}"))
            for outcome, count in exits(found).items()
        ],
        "people_url": url(node.id, "entered"),
    }


def _funnel(
    node: StepNode, numbers: StepNumbers, figures: list[StepCount], url: Any
) -> list[dict[str, Any]]:
    """From entering to leaving, each with its share of those who entered."""
    rows = [_bar(_("Entered"), numbers.entered, numbers.entered, url(node.id, "entered"))]
    rows += [
        _bar(
            each.label,
            each.count,
            each.of or numbers.entered,
            url(node.id, each.what),
            text=each.text,
        )
        for each in figures
    ]
    taken = branches(numbers)
    rows += [
        _bar(name, taken.get(lane, 0), numbers.entered, url(node.id, f"left:branch:{lane}"))
        for lane, name in enumerate(lane_names(node))
    ]
    if not node.branches:
        on = went_on(numbers)
        rows.append(_bar(_("Went on"), on, numbers.entered, url(node.id, "left:next")))
    if here := numbers.waiting:
        rows.append(_bar(_("Here now"), here, numbers.entered, url(node.id, "waiting"), tone=2))
    return rows


def _bar(
    label: Any, count: int, whole: int, url: str, tone: int = 1, text: str = ""
) -> dict[str, Any]:
    part = share(count, whole)
    return {
        "label": label,
        "count": text or localized(count),
        "share": part,
        "percent": percent(part),
        "url": url,
        "tone": tone,
    }


# --- the people behind a figure


@require_safe
def people_list(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Exactly those whom the figure counted, newest first."""
    journey = load_journey(journey_id)
    step_id, what = request.GET.get("step", "")[:40], request.GET.get("what", "started")[:90]
    definition = live_of(journey) or draft_of(journey)
    node = find_step(definition, step_id) if step_id else None
    try:
        found = people(journey=journey, what=what, step_id=step_id, node=node)
    except UnknownPeople:
        raise Http404 from None
    page = page_of(found, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    runs = newest_runs(journey, [contact.pk for contact in page.contacts])
    title = step_title(node) if node else step_id
    context = {
        **frame(request, journey, mode="people"),
        "heading": heading(what, node, of_step=bool(step_id)),
        "step_title": title,
        "zone": zone_of(""),
        "step_url": "../?" + urlencode({"step": step_id}),
        "total": found.count(),
        "rows": [_person(contact, runs.get(contact.pk), definition) for contact in page.contacts],
        "next_url": _page_url(request, after=page.next) if page.next else "",
        "previous_url": _page_url(request, before=page.previous) if page.previous else "",
    }
    return render(request, "journeys/people.html", context)


def _person(contact: Contact, run: Enrolment | None, definition: Definition) -> dict[str, Any]:
    """A line of the list: the person, and their newest run."""
    return {
        "contact": contact,
        "run": run,
        "at": _place(definition, run.step_id) if run else "",
        "reason": ending_words(run) if run else "",
    }


def _place(definition: Definition, step_id: str) -> str:
    node = find_step(definition, step_id)
    return step_title(node) if node else _("A step of an earlier version")


def _page_url(request: HttpRequest, **cursor: str) -> str:
    kept = {name: request.GET[name] for name in ("step", "what") if name in request.GET}
    return "?" + urlencode({**kept, **cursor})
