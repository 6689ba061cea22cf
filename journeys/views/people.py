"""The people behind a figure of a journey."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.listing import page_of
from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from journeys.definition import Definition, StepNode, find_step
from journeys.models import Enrolment, Journey
from journeys.path import ending_words
from journeys.people import UnknownPeople, heading, newest_runs, people
from journeys.reporting.earlier import earlier_steps
from journeys.reporting.links import Links
from journeys.reporting.periods import Period
from journeys.tree import step_title
from journeys.views.frame import draft_of, frame, live_of, load_journey
from journeys.views.report import period_asked


@dataclass(frozen=True)
class Asked:
    """A list as its address names it."""

    definition: Definition
    step_id: str
    what: str
    # None for the journey as a whole, and for a step no version has.
    node: StepNode | None
    people: ContactQuerySet


def people_asked(request: HttpRequest, journey: Journey, period: Period) -> Asked:
    """The people behind the number that the address names; 404 when there is no such number."""
    step_id, what = request.GET.get("step", "")[:40], request.GET.get("what", "started")[:90]
    definition = live_of(journey) or draft_of(journey)
    node = find_step(definition, step_id) if step_id else None
    if step_id and node is None:
        node = earlier_steps(journey, {step_id}).get(step_id)
    try:
        found = people(journey=journey, what=what, step_id=step_id, node=node, window=period.window)
    except UnknownPeople:
        raise Http404 from None
    return Asked(definition, step_id, what, node, found)


@require_safe
def people_list(request: HttpRequest, journey_id: UUID) -> HttpResponse:
    """Exactly those whom the figure counted, newest first."""
    journey = load_journey(journey_id)
    period, zone = period_asked(request, journey)
    if period.is_refused:
        report_url = reverse("journeys:report", args=[journey.pk])
        return redirect(f"{report_url}?{request.GET.urlencode()}")
    asked = people_asked(request, journey, period)
    page = page_of(
        asked.people, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    runs = newest_runs(journey, [contact.pk for contact in page.contacts], period.window)
    context = {
        **frame(request, journey, mode="people"),
        "heading": heading(asked.what, asked.node, of_step=bool(asked.step_id)),
        "period": period,
        "step_title": step_title(asked.node) if asked.node else asked.step_id,
        "zone": zone,
        "report_url": f"../{Links(journey, period.query, {}).page(asked.step_id)}",
        "file_url": f"file/?{urlencode(_kept(request))}",
        "total": asked.people.count(),
        "rows": [
            _person(contact, runs.get(contact.pk), asked.definition) for contact in page.contacts
        ],
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
    return "?" + urlencode({**_kept(request), **cursor})


def _kept(request: HttpRequest) -> dict[str, str]:
    return {
        name: value for name, value in request.GET.dict().items() if name not in ("after", "before")
    }
