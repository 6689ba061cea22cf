"""What an entry of the draft makes of the newest events, or whose moment comes next."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import page_or_partial
from journeys.definition import Definition, EntryNode
from journeys.explain.facts import MOMENT_FORMAT
from journeys.explain.preview import EventPreview, TimePreview, preview_of
from journeys.tree import entry_words
from journeys.views.frame import draft_of, load_journey
from journeys.ways import zone_of


@require_safe
def entry_check(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """`part` names the entry as the draft page does: entry:0; loaded after that page, or alone."""
    journey = load_journey(journey_id)
    part = request.GET.get("part", "")
    definition = draft_of(journey)
    position, node = _entry(definition, part)
    preview = preview_of(journey=journey, node=node, now=timezone.now())
    context = {
        "journey": journey,
        "active": "journeys",
        "part_name": part,
        "way": entry_words(definition)[position],
        "preview": preview,
        "by_events": isinstance(preview, EventPreview),
        "by_time": isinstance(preview, TimePreview),
        "zone": zone_of(""),
        "moment_format": MOMENT_FORMAT,
    }
    return page_or_partial(
        request,
        page="journeys/entry_check.html",
        partial="journeys/_entry_check.html",
        context=context,
    )


def _entry(definition: Definition, part: str) -> tuple[int, EntryNode]:
    head, _colon, number = part.partition(":")
    if head != "entry" or not number.isdecimal() or len(number) > 3:
        raise Http404
    position = int(number)
    if position >= len(definition.entries):
        raise Http404
    return position, definition.entries[position]
