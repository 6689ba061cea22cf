"""What every page of one journey shows around its content."""

from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from core.errors import Invalid
from journeys.definition import Definition, Difference, diff, parse
from journeys.models import Journey, PlannedPublishing, VersionMove
from journeys.ways import zone_of
from tenants.models import Membership

TONES = {
    Journey.Status.LIVE: ("ok", "live"),
    Journey.Status.PAUSED: ("warn", "on"),
    Journey.Status.DRAFT: ("", ""),
    Journey.Status.ARCHIVED: ("line", ""),
}


def may_edit(request: HttpRequest) -> bool:
    """Whether the reader may change things here."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    return membership.may(Membership.Role.EDITOR)


def load_journey(journey_id: UUID) -> Journey:
    """The journey with its live version; 404 when there is none."""
    move = VersionMove.objects.filter(journey=OuterRef("pk"), finished_at=None)
    told = JSONObject(
        number="version__number", done=F("kept") + F("moved") + F("left"), asked="asked"
    )
    journeys = Journey.objects.select_related("live_version", "planned")
    return get_object_or_404(journeys.annotate(move=move.values(told=told)[:1]), pk=journey_id)


def planned_of(journey: Journey) -> PlannedPublishing | None:
    """When and how the journey is to be published; None when that is not planned."""
    return getattr(journey, "planned", None)


def status_chip(journey: Journey) -> dict[str, str]:
    """The state in a word, with the version that runs."""
    tone, dot = TONES[Journey.Status(journey.status)]
    text = str(journey.get_status_display())
    if journey.live_version and journey.status != Journey.Status.DRAFT:
        text = f"{text} · v{journey.live_version.number}"
    return {"text": text, "tone": tone, "dot": dot}


def draft_of(journey: Journey) -> Definition:
    """The draft; an empty definition when it cannot be read."""
    try:
        return parse(journey.draft)
    except Invalid:
        return Definition()


def live_of(journey: Journey) -> Definition | None:
    """The definition that runs; None before the first publishing."""
    return parse(journey.live_version.definition) if journey.live_version else None


def changes(live: Definition | None, draft: Definition) -> int:
    """How many things differ between what runs and the draft."""
    found = diff(live, draft) if live else Difference()
    return sum(
        len(each) for each in (found.added, found.removed, found.changed, found.moved, found.rules)
    )


def has_manual_entry(journey: Journey) -> bool:
    """Whether people can be added by hand now."""
    live = live_of(journey)
    is_live = journey.status == Journey.Status.LIVE
    return is_live and live is not None and any(e.kind == "manual" for e in live.entries)


def contact_url(contact_id: UUID) -> str:
    """The address of a contact's page; the journeys where contacts have no pages."""
    try:
        return reverse("contacts:detail", args=[contact_id])
    except NoReverseMatch:
        return reverse("journeys:list")


def frame(request: HttpRequest, journey: Journey, *, mode: str) -> dict[str, Any]:
    """Context of the top bar: name, state, views, and what may be done."""
    live, draft = live_of(journey), draft_of(journey)
    views = [
        {
            "label": _("Build"),
            "icon": "pencil-ruler",
            "url": reverse("journeys:draft", args=[journey.pk]),
            "current": mode == "draft",
        }
    ]
    if live is not None:
        views.append(
            {
                "label": _("Report"),
                "icon": "chart-no-axes-column",
                "url": reverse("journeys:report", args=[journey.pk]),
                "current": mode == "report",
            }
        )
    views.append(
        {
            "label": _("Test"),
            "icon": "flask-conical",
            "url": reverse("journeys:walk", args=[journey.pk]),
            "current": mode == "test",
        }
    )
    return {
        "journey": journey,
        "journey_name": journey.name,
        "mode": mode,
        "chip": status_chip(journey),
        "views": views,
        "may_edit": may_edit(request),
        "can_add_people": has_manual_entry(journey),
        "changes": changes(live, draft),
        "planned": planned_of(journey),
        # People on their way to another version: its number, how many are done, of how many.
        "move": getattr(journey, "move", None),
        "house_zone": zone_of(""),
        "active": "journeys",
    }
