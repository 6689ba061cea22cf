"""The draft: the tree with forms beside it; every change is one operation, saved at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from contacts.tree_editing import read, respond
from core.errors import Invalid
from core.htmx import wants_partial
from journeys.draft_log import Author
from journeys.drafts import DraftChanged, operate
from journeys.models import Journey
from journeys.places import gone
from journeys.views import draft_panels as panels
from journeys.views.draft_page import Asked, draft_page
from journeys.views.draft_parts import Part, Typed, part_of
from journeys.views.frame import draft_of, load_journey

# A page that answered a refused form is asked for again, or its links lead here.
METHODS = ["GET", "HEAD", "POST"]


@gzip_page
@require_safe
def draft(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The draft's tree, what stands against publishing it, and what the address asks for."""
    return draft_page(request, load_journey(journey_id), Asked.by(request))


@gzip_page
@require_http_methods(METHODS)
def ops(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """One operation on the draft, by its name `op`."""
    journey = load_journey(journey_id)
    if request.method != "POST":
        return _back(request, journey)
    posted = request.POST
    if posted.get("op") == "copy":
        return _copy(request, journey)
    chosen = posted.get("step", "") or posted.get("part", "")
    describing = posted if posted.get("op") == "describe" else None
    asked = Asked(chosen=chosen, typed=Typed(description=describing))
    if posted.get("op") in ("insert", "paste"):
        asked = Asked(add=posted.get("place", ""))
    return _operated(request, journey, posted.get("op", ""), posted, lambda: asked)


@gzip_page
@require_http_methods(METHODS)
def save(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """The settings of a part as they were typed; what is not valid yet is kept and pointed out."""
    journey = load_journey(journey_id)
    if request.method != "POST":
        return _back(request, journey)
    name = request.POST.get("part", "")
    part = part_of(draft_of(journey), name)
    if part is None:
        return _without_part(request, journey)
    given = {"part": name, "config": part.typed(request.POST)}

    def asked() -> Asked:
        newest = part_of(draft_of(journey), name)
        typed = Typed(form=newest.bound(request.POST) if newest else None)
        return Asked(chosen=name, typed=typed)

    return _operated(request, journey, "update", given, asked)


@gzip_page
@require_http_methods(METHODS)
def condition(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """What was pressed in the conditions of a part: opens a form there, or changes them."""
    journey = load_journey(journey_id)
    if request.method != "POST":
        return _back(request, journey)
    posted = request.POST
    part, name = part_of(draft_of(journey), posted.get("part", "")), posted.get("field", "")
    if part is None or name not in part.trees:
        return _without_part(request, journey)
    editor = respond(read(part.config.get(name)), posted)
    if editor.opening is not None:
        status = 422 if editor.opening.form.errors else 200
        typed = Typed(editors={name: editor})
        return draft_page(request, journey, Asked(chosen=part.name, typed=typed), status=status)
    config = {key: value for key, value in part.config.items() if key != name}
    config |= {name: editor.tree} if editor.tree else {}
    given = {"part": part.name, "config": config}
    return _operated(request, journey, "update", given, lambda: _open_still(request, journey, part))


def _open_still(request: HttpRequest, journey: Journey, part: Part) -> Asked:
    """The conditions as they are by now, with the form that was open and what is in it."""
    newest, name = part_of(draft_of(journey), part.name), request.POST.get("field", "")
    if newest is None:
        return Asked()
    open_form = {**request.POST.dict(), "do": ""}
    editor = respond(read(newest.config.get(name)), open_form)
    return Asked(chosen=part.name, typed=Typed(editors={name: editor}))


def _without_part(request: HttpRequest, journey: Journey) -> HttpResponse:
    return draft_page(request, journey, Asked(refusal=gone()), status=422)


# --- the answer to an operation


def _operated(
    request: HttpRequest,
    journey: Journey,
    op: str,
    given: Mapping[str, Any],
    asked: Callable[[], Asked],
) -> HttpResponse:
    """Do an operation and show what came of it; a refusal shows what `asked` says once more."""
    try:
        outcome = operate(
            journey=journey,
            op=op,
            given=given,
            revision=_revision(request),
            by=Author.of(request.user),  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except Invalid as refusal:
        journey.refresh_from_db()
        status = 409 if isinstance(refusal, DraftChanged) else 422
        return draft_page(request, journey, replace(asked(), refusal=refusal), status=status)
    if wants_partial(request):
        return draft_page(request, journey, Asked(chosen=outcome.focus, said=outcome.said))
    messages.success(request, outcome.said)
    return SeeOther(_draft_url(journey.pk, outcome.focus))


def _revision(request: HttpRequest) -> int:
    """The revision a change is meant for; raises Invalid when it does not say."""
    text = request.POST.get("revision", "")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid(
            "required", _("Say which revision of the draft this is for: reload the page.")
        )
    return int(text)


def _copy(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Keep a step, or one of its lanes, for pasting; the draft stays as it is."""
    step_id, lane_text = request.POST.get("step", ""), request.POST.get("lane", "")
    lane = int(lane_text) if lane_text.isdecimal() and len(lane_text) < 4 else None
    try:
        said = panels.copy(request, journey.pk, step_id, lane)
    except Invalid as refusal:
        return draft_page(request, journey, Asked(refusal=refusal), status=422)
    if wants_partial(request):
        return draft_page(request, journey, Asked(chosen=step_id, said=said))
    messages.success(request, said)
    return SeeOther(_draft_url(journey.pk, step_id))


class SeeOther(HttpResponseRedirect):
    """After a change: read this page next."""

    status_code = 303


def _back(request: HttpRequest, journey: Journey) -> HttpResponse:
    """The draft's page with what the address asks of it."""
    return HttpResponseRedirect(f"{_draft_url(journey.pk, '')}?{request.GET.urlencode()}")


def _draft_url(journey_id: UUID, part: str) -> str:
    url = reverse("journeys:draft", args=[journey_id])
    if not part:
        return url
    anchor = "" if ":" in part else f"#step-{part}"
    return f"{url}?{urlencode({'step': part})}{anchor}"
