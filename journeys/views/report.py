"""One journey as it runs: the tree with its figures, and the panel of a step or of the whole."""

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.charts import localized
from core.htmx import wants_partial
from journeys.definition import Definition, walk
from journeys.figures import conversion
from journeys.models import Journey
from journeys.reporting.facts import recent_days
from journeys.reporting.links import Links
from journeys.reporting.periods import Period, choices, period_of
from journeys.reporting.reading import Reading, panels_of, read
from journeys.rules import describe_rule
from journeys.tree import ENTRY, View, draw, percent, plugin_of
from journeys.views.frame import frame, live_of, load_journey, may_edit
from journeys.ways import zone_of

# Below so many people, the page asks for its figures every so many seconds.
PACES: Sequence[tuple[float, int]] = ((20_000, 15), (200_000, 60), (math.inf, 300))


@require_safe
def report(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The tree with its figures; the draft for a journey that never ran."""
    journey = load_journey(journey_id)
    definition = live_of(journey)
    if definition is None:
        return redirect("journeys:draft", journey.pk)
    reading = reading_of(request, journey, definition)
    selected, as_percent = request.GET.get("step", ""), bool(reading.links.scale)
    inspector = {**_inspector(reading, selected), "may_edit": may_edit(request)}
    is_poll = wants_partial(request) and "live" in request.GET
    if wants_partial(request) and not is_poll:
        return render(request, "journeys/_inspector.html", inspector)
    figures = {
        **inspector,
        "steps": draw(definition, _view(reading, selected, as_percent=as_percent)),
        "summary": _summary(reading),
        "elsewhere": _elsewhere(reading),
    }
    if is_poll:
        return render(request, "journeys/_report_live.html", figures)
    context = {
        **frame(request, journey, mode="report"),
        **figures,
        **_chooser(reading, selected),
        "pace": _pace(reading),
    }
    status = 422 if reading.period.is_refused else 200
    return render(request, "journeys/report.html", context, status=status)


def reading_of(request: HttpRequest, journey: Journey, definition: Definition) -> Reading:
    """The figures that the address asks for."""
    period, zone = period_asked(request, journey)
    scale = {"as": "percent"} if request.GET.get("as") == "percent" else {}
    links = Links(journey, period.query, scale)
    return read(
        journey=journey,
        definition=definition,
        period=period,
        links=links,
        now=timezone.now(),
        zone=zone,
    )


def period_asked(request: HttpRequest, journey: Journey) -> tuple[Period, ZoneInfo]:
    """The period that the address asks for, in the workspace's zone."""
    zone = zone_of("")
    return period_of(request.GET, journey=journey, now=timezone.now(), zone=zone), zone


def _view(reading: Reading, selected: str, *, as_percent: bool) -> View:
    return View(
        mode="report",
        selected=selected,
        titles=reading.titles,
        step_url=reading.links.page,
        summary=reading.summary,
        recent=(localized(reading.facts.recent), _recent_url(reading)),
        numbers=reading.numbers,
        figures=reading.figures,
        people_url=reading.links.people,
        as_percent=as_percent,
    )


def _recent_url(reading: Reading) -> str:
    first, last = recent_days(reading.now, reading.zone)
    return reading.links.people_of_days("", "started", first, last)


def _pace(reading: Reading) -> int:
    """Seconds between two polls: counting a great many people costs a second and more."""
    return next(pace for most, pace in PACES if reading.summary.started < most)


# --- the bar above the tree


def _summary(reading: Reading) -> list[tuple[str, str, str]]:
    """(figure, words, address) of each."""
    numbers, url, goal = reading.summary, reading.links.people, reading.definition.goal
    shown = [
        (numbers.started, _("entered"), "started"),
        (numbers.in_progress, _("in progress"), "in_progress"),
        (numbers.completed, _("completed"), "completed"),
        (numbers.exited_early, _("left early"), "exited_early"),
    ]
    if numbers.failed:
        shown.append((numbers.failed, _("stopped by a failure"), "failed"))
    if goal:
        words = _("reached the goal “%(goal)s” (%(share)s)") % {
            "goal": describe_rule(goal),
            "share": percent(conversion(numbers)),
        }
        shown.append((numbers.converted, words, "converted"))
    found = [(localized(count), words, url("", what)) for count, words, what in shown]
    of_messages = reading.figures.get("", ())
    return found + [
        (each.text, str(each.label), url("", each.what)) for each in of_messages if each.text
    ]


def _elsewhere(reading: Reading) -> list[tuple[str, str]]:
    """(count, address) of those inside at steps that only earlier versions have."""
    known = {node.id for node, _place in walk(reading.definition.steps)}
    return [
        (localized(found.waiting), reading.links.people(step_id, "waiting"))
        for step_id, found in reading.numbers.items()
        if step_id not in known and found.waiting
    ]


def _chooser(reading: Reading, selected: str) -> dict[str, Any]:
    """The period and the scale, each with the address of every other."""
    links, period = reading.links, reading.period
    scales = [(_("Numbers"), ""), (_("Per cent"), "percent")]
    return {
        "period": period,
        "periods": [
            {
                "label": each.label,
                "url": links.with_period(selected, each.query),
                "current": each.key == period.key,
            }
            for each in choices(reading.journey, now=reading.now, zone=reading.zone)
        ],
        "kept": {"step": selected, **links.scale},
        "scales": [
            {
                "label": label,
                "url": links.page(selected, **{"as": scale}),
                "current": scale == links.scale.get("as", ""),
            }
            for label, scale in scales
        ],
    }


# --- the panel beside the tree


def _inspector(reading: Reading, selected: str) -> dict[str, Any]:
    """What the panel shows: the step that is chosen, else the journey as a whole."""
    scope = reading.scope(selected)
    shown = {
        "journey": reading.journey,
        "panels": panels_of(scope),
        "close_url": reading.links.page(),
    }
    if scope.node is None:
        return {
            **shown,
            "chosen": ENTRY if selected == ENTRY else "",
            "chosen_title": _("The whole journey"),
            "chosen_kind": reading.period.words,
            "chosen_icon": "zap",
            "chosen_family": "trigger",
            "people_url": reading.links.people("", "started"),
        }
    node, plugin = scope.node, plugin_of(scope.node.kind)
    return {
        **shown,
        "chosen": node.id,
        "chosen_title": reading.titles[node.id],
        "chosen_kind": str(plugin.label) if plugin else node.kind,
        "chosen_icon": plugin.icon if plugin else "circle-question-mark",
        "chosen_family": plugin.family if plugin else "data",
        "people_url": reading.links.people(node.id, "entered"),
    }
