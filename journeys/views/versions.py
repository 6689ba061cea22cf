"""The published versions of a journey: what changed, what each brought, reading and restoring."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.charts import localized
from core.errors import Invalid
from core.htmx import wants_partial
from journeys.changes_in_words import Change, changes_in_words, titles_of
from journeys.config_words import settings_in_words
from journeys.contracts import steps
from journeys.definition import Definition, diff, find_step, parse
from journeys.draft_log import Author
from journeys.drafts import operate
from journeys.figures import conversion, share
from journeys.models import Journey, JourneyVersion, VersionMove
from journeys.stretches import (
    CameIn,
    Stretch,
    StretchFigures,
    came_in,
    difference,
    figures_of,
    missing,
    stretches,
)
from journeys.tree import View, draw, entry_words, percent
from journeys.views.frame import draft_of, frame, load_journey
from tenants.models import Membership
from tenants.pages import for_role

# Versions on one page.
PAGE = 10


@require_safe
def version_list(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Every version, newest first: when, by whom, what changed, and who came in then."""
    journey = load_journey(journey_id)
    if wants_partial(request) and request.GET.get("part") == "move":
        return render(request, "journeys/_move.html", frame(request, journey, mode="versions"))
    versions = _all(journey)
    before = request.GET.get("before", "")
    ceiling = int(before) if before.isdecimal() and len(before) < 7 else None
    shown = [each for each in versions if ceiling is None or each.number < ceiling][:PAGE]
    told = _changes(versions, shown)
    counts = came_in(journey, versions)
    moves = _moves(journey, shown)
    context = {
        **frame(request, journey, mode="versions"),
        "rows": [
            {
                **_row(journey, each, counts[each.pk]),
                "changes": told.get(each.pk),
                "is_first": each is versions[-1],
                "moves": moves.get(each.pk, []),
            }
            for each in shown
        ],
        "next_url": f"?before={shown[-1].number}" if shown and shown[-1] != versions[-1] else "",
        "previous_url": "?" if ceiling is not None else "",
        "numbers": [each.number for each in versions],
    }
    return render(request, "journeys/versions.html", context)


def _row(journey: Journey, version: JourneyVersion, counts: CameIn) -> dict[str, Any]:
    return {
        "version": version,
        "is_live": version.pk == journey.live_version_id,
        "started": localized(counts.started),
        "converted": localized(counts.converted),
        "conversion": percent(share(counts.converted, counts.started)) if counts.started else "–",
        "inside": counts.inside,
        "inside_url": _inside_url(journey, version.number),
    }


def _inside_url(journey: Journey, number: int) -> str:
    base = reverse("journeys:people", args=[journey.pk])
    return f"{base}?{urlencode({'what': f'on:{number}'})}"


def _moves(journey: Journey, shown: Sequence[JourneyVersion]) -> dict[UUID, list[VersionMove]]:
    """The finished moves to each of these versions, newest first."""
    done = VersionMove.objects.filter(journey=journey, version__in=shown, finished_at__isnull=False)
    found: dict[UUID, list[VersionMove]] = {}
    for move in done.order_by("-begun_at"):
        if move.done:
            found.setdefault(move.version_id, []).append(move)
    return found


def _changes(
    versions: Sequence[JourneyVersion], shown: Sequence[JourneyVersion]
) -> dict[UUID, list[Change]]:
    """What each shown version changed; the titles of all their steps are asked for at once."""
    before = {new.pk: old for new, old in pairwise(versions)}
    concerned = {each.pk: each for new in shown for each in (new, before.get(new.pk)) if each}
    definitions = {pk: parse(each.definition) for pk, each in concerned.items()}
    titles = titles_of(definitions)
    return {
        new.pk: changes_in_words(
            definitions[old.pk],
            definitions[new.pk],
            was=titles[old.pk],
            titles=titles[new.pk],
        )
        for new in shown
        if (old := before.get(new.pk))
    }


# --- one version


@require_safe
def version(request: HttpRequest, journey_id: UUID, number: int) -> HttpResponse:
    """The tree of a version to read, and its figures beside those of the one before."""
    journey = load_journey(journey_id)
    stretch, before = _stretch(journey, number)
    chosen = stretch.version
    if wants_partial(request) and request.GET.get("part") == "figures":
        sums = _sums(figures_of(journey, stretch.window))
        return render(request, "journeys/_version_sums.html", sums)
    definition = parse(chosen.definition)
    titles = titles_of({0: definition})[0]
    selected = request.GET.get("step", "")
    step = _step(definition, selected, titles)
    if wants_partial(request):
        return render(request, "journeys/_version_step.html", {"step": step})
    view = View(
        mode="draft",
        selected=selected,
        titles=titles,
        step_url=lambda step_id: "?" + urlencode({"step": step_id}),
    )
    context = {
        **frame(request, journey, mode="versions"),
        "version": chosen,
        "is_live": chosen.pk == journey.live_version_id,
        "is_draft": not diff(draft_of(journey), definition),
        "steps": draw(definition, view),
        "step": step,
        "entries": entry_words(definition),
        "table": _table(journey, stretch, before),
    }
    return render(request, "journeys/version.html", context)


def _stretch(journey: Journey, number: int) -> tuple[Stretch, Stretch | None]:
    """The stretch of that version and the one before; 404 when there is no such version."""
    found = stretches(_all(journey))
    for at, each in enumerate(found):
        if each.version.number == number:
            return each, next(iter(found[at + 1 :]), None)
    raise Http404


def _step(definition: Definition, step_id: str, titles: Mapping[str, str]) -> dict[str, Any] | None:
    """The settings of a step in words; None when nothing that exists is chosen."""
    node = find_step(definition, step_id) if step_id else None
    if node is None:
        return None
    plugin = steps.get(node.kind) if node.kind in steps else None
    return {
        "title": titles[node.id],
        "kind": str(plugin.label) if plugin else node.kind,
        "icon": plugin.icon if plugin else "circle-question-mark",
        "family": plugin.family if plugin else "data",
        "words": settings_in_words(plugin, node.config) if plugin else [],
        "note": node.note,
    }


@for_role(Membership.Role.EDITOR)
@require_POST
def restore(request: HttpRequest, journey_id: UUID, number: int) -> HttpResponse:
    """Make the version the draft; what was the draft can be had back by undoing."""
    journey = load_journey(journey_id)
    get_object_or_404(journey.versions, number=number)
    by = Author.of(request.user)  # type: ignore[arg-type]
    given = {"version": number}
    now = timezone.now()
    try:
        operate(journey=journey, op="restore", given=given, revision=None, now=now, by=by)
    except Invalid as refusal:
        messages.error(request, refusal.message)
        return redirect("journeys:version", journey.pk, number)
    words = _("The draft is version %(number)s now. Nothing is live before you publish.")
    messages.success(request, words % {"number": number})
    return redirect("journeys:draft", journey.pk)


# --- figures side by side


@require_safe
def compare(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Two versions' figures side by side."""
    journey = load_journey(journey_id)
    known = {each.version.number: each for each in stretches(_all(journey))}
    try:
        asked = [known[int(request.GET.get(name, ""))] for name in "ab"]
    except (KeyError, ValueError):
        raise Http404 from None
    context = {
        **frame(request, journey, mode="versions"),
        "table": _table(journey, *sorted(asked, key=lambda each: -each.version.number)),
    }
    return render(request, "journeys/version_compare.html", context)


def _all(journey: Journey) -> list[JourneyVersion]:
    return list(journey.versions.order_by("-number"))


def _sums(figures: StretchFigures) -> dict[str, Any]:
    return {"sent": localized(figures.sent), "earned": figures.earned or "–"}


def _table(journey: Journey, stretch: Stretch, before: Stretch | None) -> dict[str, Any]:
    """The figures of a version, and of the one it is compared with."""
    columns = [(each, figures_of(journey, each.window)) for each in (before, stretch) if each]
    found = [figures for _stretch, figures in columns]
    rows = [
        (_("Entered"), [localized(each.numbers.started) for each in found]),
        (_("Completed"), [localized(each.numbers.completed) for each in found]),
        (_("Left early"), [localized(each.numbers.exited_early) for each in found]),
        (_("Reached the goal"), [localized(each.numbers.converted) for each in found]),
        (_("Conversion"), [_conversion(each) for each in found]),
        (_("Sent"), [localized(each.sent) for each in found]),
        (_("Earned"), [each.earned or "–" for each in found]),
    ]
    verdict = _verdict(found[0], found[1]) if len(found) == 2 else ""
    return {
        "columns": [each for each, _figures in columns],
        "rows": rows,
        "verdict": verdict,
    }


def _conversion(figures: StretchFigures) -> str:
    return percent(conversion(figures.numbers)) if figures.numbers.started else "–"


def _verdict(before: StretchFigures, after: StretchFigures) -> str:
    """What can be said of the two conversions."""
    lacking = missing(before.numbers, after.numbers)
    if lacking:
        needed = ngettext(
            "Not enough yet to compare: %(n)s more person has to come in.",
            "Not enough yet to compare: %(n)s more people have to come in.",
            lacking,
        )
        return needed % {"n": localized(lacking)}
    change, low, high = difference(before.numbers, after.numbers)
    words = {"change": _signed(change), "low": _signed(low), "high": _signed(high)}
    if low <= 0 <= high:
        return _("Conversion: %(change)s points (%(low)s to %(high)s): this may be chance.") % words
    return _("Conversion: %(change)s points (%(low)s to %(high)s).") % words


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{percent(abs(value)).removesuffix('%')}"
