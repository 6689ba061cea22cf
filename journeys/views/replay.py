"""The last weeks through the draft: asking for a replay, its progress, its figures, its people."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import charts
from core.charts import localized
from core.errors import Invalid
from core.htmx import redirect_to, wants_partial
from journeys.models import Journey, Replay
from journeys.replaying import shown
from journeys.replaying.asking import cancel_replay, request_replay
from journeys.replaying.people import heading, sampled, step_counts
from journeys.replaying.shown import Column
from journeys.replaying.tally import days_of, journey_numbers_of, step_numbers_of
from journeys.tree import View, draw
from journeys.views.frame import frame, load_journey, may_edit
from journeys.ways import zone_of
from tenants.models import Membership
from tenants.pages import for_role


@require_safe
def replay(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The newest replay, or the one asked for; a form to start one."""
    return _page(request, load_journey(journey_id))


@for_role(Membership.Role.EDITOR)
@require_POST
def replay_start(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Ask for a replay of the draft; a refusal shows the page with the reason."""
    journey = load_journey(journey_id)
    try:
        request_replay(
            journey=journey,
            days=_days(request.POST.get("days", "")),
            now=timezone.now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except Invalid as refusal:
        return _page(request, journey, refusal=refusal)
    return redirect("journeys:replay", journey.pk)


def _days(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0


@for_role(Membership.Role.EDITOR)
@require_POST
def replay_cancel(request: HttpRequest, journey_id: UUID, replay_id: UUID) -> HttpResponse:
    """Stop a replay; what it has counted so far stays."""
    found = _load(journey_id, replay_id)
    if cancel_replay(replay=found, now=timezone.now()):
        messages.success(request, _("The replay was stopped."))
    return redirect(_url(found))


@require_safe
def replay_progress(request: HttpRequest, journey_id: UUID, replay_id: UUID) -> HttpResponse:
    """How far it is, for the page to poll; the page itself once it is over."""
    found = _load(journey_id, replay_id)
    if found.status not in Replay.OPEN or not wants_partial(request):
        return redirect_to(request, _url(found))
    return render(request, "journeys/_replay_progress.html", _state(request, found))


@require_http_methods(["GET", "HEAD"])
def replay_people(request: HttpRequest, journey_id: UUID, replay_id: UUID) -> HttpResponse:
    """Some of the people behind one figure, each with the way to walk the draft as them."""
    found = _load(journey_id, replay_id)
    side, key = request.GET.get("side", "draft")[:10], request.GET.get("of", "started")[:160]
    column = next((each for each in shown.columns(found) if each.name == side), None)
    if column is None:
        raise Http404
    try:
        words = heading(key, column)
    except KeyError:
        raise Http404 from None
    people = sampled(found, column, key)
    context = {
        **frame(request, found.journey, mode="replay"),
        "heading": words,
        "column": column,
        "replay": found,
        "back": _url(found, side=column.name),
        "people": [(contact, _walk_url(found.journey, contact.pk)) for contact in people],
        "total": column.people(key),
    }
    return render(request, "journeys/replay_people.html", context)


def _load(journey_id: UUID, replay_id: UUID) -> Replay:
    known = Replay.objects.select_related("journey__live_version", "live_version")
    return get_object_or_404(known, pk=replay_id, journey_id=journey_id)


def _url(found: Replay, **query: str) -> str:
    asked = urlencode({"replay": str(found.pk), **query})
    return f"{reverse('journeys:replay', args=[found.journey_id])}?{asked}"


def _walk_url(journey: Journey, contact_id: UUID) -> str:
    """The test walk of this person."""
    return f"{reverse('journeys:walk', args=[journey.pk])}?{urlencode({'who': str(contact_id)})}"


# --- the page


def _page(
    request: HttpRequest, journey: Journey, *, refusal: Invalid | None = None
) -> HttpResponse:
    found = _chosen(request, journey)
    context = {
        **frame(request, journey, mode="replay"),
        "days_choices": Replay.DAYS,
        "refusal": refusal,
        "problems": [problem.message for problem in refusal.problems] if refusal else [],
        "earlier": _earlier(journey, found),
        "zone": zone_of(""),
    }
    if found:
        context |= _state(request, found)
        if found.result:
            context |= _figures(request, journey, found)
    return render(request, "journeys/replay.html", context, status=422 if refusal else 200)


def _chosen(request: HttpRequest, journey: Journey) -> Replay | None:
    known = journey.replays.select_related("live_version").order_by("-asked_at", "-pk")
    asked = request.GET.get("replay")
    if not asked:
        return known.first()
    try:
        return get_object_or_404(known, pk=UUID(asked))
    except ValueError:
        raise Http404 from None


def _earlier(journey: Journey, found: Replay | None) -> list[tuple[Replay, str, bool]]:
    """All results kept, newest first, with how many would have entered."""
    rows = journey.replays.order_by("-asked_at", "-pk").defer("samples", "definition")
    return [(row, _outcome(row), found is not None and row.pk == found.pk) for row in rows]


def _outcome(row: Replay) -> str:
    if row.status != Replay.Status.DONE:
        return str(row.get_status_display())
    people = row.result.get("draft", {}).get("people", {}).get("started", 0)
    words = ngettext(
        "%(count)s person would have entered", "%(count)s people would have entered", people
    )
    return words % {"count": localized(people)}


def _state(request: HttpRequest, found: Replay) -> dict[str, Any]:
    """How far it is."""
    return {
        "journey": found.journey,
        "replay": found,
        "is_open": found.status in Replay.OPEN,
        "done": localized(found.done),
        "total": localized(found.total),
        "here": _url(found),
        "may_edit": may_edit(request),
    }


def _figures(request: HttpRequest, journey: Journey, found: Replay) -> dict[str, Any]:
    known = shown.columns(found)
    side = request.GET.get("side", "draft")
    column = next((each for each in known if each.name == side), known[0])
    idle = max(found.done - found.result.get("concerned", 0), 0)
    return {
        "columns": known,
        "column": column,
        "sides": [
            {
                "label": each.label,
                "url": _url(found, side=each.name) + "#tree",
                "current": each.name == column.name,
            }
            for each in known
        ],
        "lines": _linked(found, shown.comparison(known)),
        "lists": _lists(found, known),
        "misses": [] if known[0].people("started") else shown.nearest_misses(known[0]),
        "remarks": shown.remarks(found, known),
        "begins": found.asked_at - timedelta(days=found.days),
        "not_concerned": localized(idle),
        "not_concerned_count": idle,
        "steps": draw(column.definition, _view(found, column)),
        **_chart(known),
    }


def _view(found: Replay, column: Column) -> View:
    def url(step_id: str, what: str) -> str:
        key = f"step:{step_id}:{what}" if step_id else what
        return _people_url(found, column.name, key)

    return View(
        mode="report",
        summary=journey_numbers_of(column.written),
        numbers=step_numbers_of(column.written),
        figures=step_counts(column),
        people_url=url,
    )


def _people_url(found: Replay, side: str, key: str) -> str:
    base = reverse("journeys:replay_people", args=[found.journey_id, found.pk])
    return f"{base}?{urlencode({'side': side, 'of': key})}"


Linked = list[tuple[str, list[tuple[str, str]]]]


def _linked(found: Replay, lines: list[shown.Line]) -> Linked:
    """Each line with its figures and the addresses of the people behind them."""
    return [
        (
            line.label,
            [
                (cell.text, _people_url(found, cell.side, cell.key) if cell.key else "")
                for cell in line.cells
            ],
        )
        for line in lines
    ]


def _lists(found: Replay, known: list[Column]) -> list[tuple[str, str, Linked]]:
    """(heading, what an empty one says, lines) of the tables below the comparison."""
    return [
        (
            _("Held back by"),
            _("No rule would have held a message back."),
            _linked(found, shown.held_back(known)),
        ),
        (
            _("How it would have ended"),
            _("Nobody would have entered."),
            _linked(found, shown.endings(known)),
        ),
        (
            _("Not let in"),
            _("Nobody would have been kept out."),
            _linked(found, shown.not_let_in(known)),
        ),
        (
            _("Inside other live journeys meanwhile"),
            _("Nobody would have been inside another."),
            _linked(found, shown.shared_with(known)),
        ),
    ]


def _chart(known: list[Column]) -> dict[str, Any]:
    """Messages per day, the live version's dashed."""
    series = [days_of(column.written) for column in known]
    days = [day for day, _count in series[0]]
    if not days:
        return {}
    values = [[count for _day, count in each] for each in series]
    every = 7 if len(days) < 40 else 14
    words = {"total": localized(sum(values[0])), "days": len(days)}
    return {
        "chart": charts.line(
            title=_("Messages per day: %(total)s in %(days)s days") % words,
            values=values[0],
            previous=values[1] if len(values) > 1 else (),
            labels=[(at, _day(days[at])) for at in range(0, len(days), every)],
        ),
        "chart_headers": [_("Day"), *(column.label for column in known)],
        "chart_rows": [
            [_day(day), *(localized(each[at]) for each in values)] for at, day in enumerate(days)
        ],
    }


def _day(day: date) -> str:
    return date_format(day, "j M")
