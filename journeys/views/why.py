"""Why somebody got something of a journey, or did not."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts.models import Contact
from journeys.explain.answer import UnknownStep, why
from journeys.explain.facts import MOMENT_FORMAT
from journeys.explain.verdict import verdict_of
from journeys.models import Journey
from journeys.views.frame import contact_url, load_journey, status_chip

FOUND = 25
# What the sentence on top is drawn with, by its code.
TONES = {
    "sent": ("circle-check", "ok"),
    "inside": ("route", "brand"),
    "completed": ("circle-check", "ok"),
    "goal": ("target", "ok"),
    "failed": ("circle-alert", "bad"),
}


@require_safe
def why_page(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """A person and a journey, or one step of it: what was looked at, and what came of it."""
    journey = load_journey(journey_id)
    text = request.GET.get("q", "")[:100]
    chosen = request.GET.get("contact", "")
    context: dict[str, Any] = {
        "journey": journey,
        "journey_name": journey.name,
        "chip": status_chip(journey),
        "active": "journeys",
        "q": text,
        "step": request.GET.get("step", "")[:16],
        "here": reverse("journeys:why", args=[journey.pk]),
        "moment_format": MOMENT_FORMAT,
    }
    if chosen:
        context |= _answer(request, journey, _contact(chosen))
    elif text:
        people = Contact.objects.search(text).order_by("-created_at", "-id")
        context["found"] = people[:FOUND]
    return render(request, "journeys/why.html", context)


def _contact(text: str) -> Contact:
    try:
        contact_id = UUID(text)
    except ValueError:
        raise Http404 from None
    return get_object_or_404(Contact, pk=contact_id)


def _answer(request: HttpRequest, journey: Journey, contact: Contact) -> dict[str, Any]:
    try:
        found = why(
            journey=journey,
            contact=contact,
            now=timezone.now(),
            step_id=request.GET.get("step", "")[:16],
        )
    except UnknownStep:
        raise Http404 from None
    said = verdict_of(found)
    return {
        "contact": contact,
        "contact_url": contact_url(contact.pk),
        "why": found,
        "zone": found.facts.zone,
        "said": said,
        "look": TONES.get(said.code, ("circle-question-mark", "")),
        "told": list(zip(found.runs, found.mails, strict=True)),
        "whole_url": "?" + urlencode({"contact": str(contact.pk)}),
    }
