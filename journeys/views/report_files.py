"""The report as files: its tables for the period chosen, and the people behind a number."""

from collections.abc import Iterator
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from core.csv import write_rows
from journeys.definition import walk
from journeys.models import Journey
from journeys.reporting.tables import UNITS, Row, people_rows, step_rows, time_rows
from journeys.tree import step_titles
from journeys.views.frame import live_of, load_journey
from journeys.views.people import people_asked
from journeys.views.report import period_asked, reading_of
from tenants.models import Membership
from tenants.pages import for_role


@require_safe
def steps_file(request: HttpRequest, journey_id: UUID) -> HttpResponse | StreamingHttpResponse:
    """Every figure of every step; 404 for a journey that never ran."""
    journey = load_journey(journey_id)
    definition = live_of(journey)
    if definition is None:
        raise Http404
    reading = reading_of(request, journey, definition)
    if reading.period.is_refused:
        return _back(request, journey)
    return _file(step_rows(reading), journey, "steps")


@require_safe
def time_file(
    request: HttpRequest, journey_id: UUID, unit: str
) -> HttpResponse | StreamingHttpResponse:
    """By the day or week people came in; 404 for another unit."""
    journey = load_journey(journey_id)
    if unit not in UNITS:
        raise Http404
    period, zone = period_asked(request, journey)
    if period.is_refused:
        return _back(request, journey)
    return _file(time_rows(journey, period.window, zone, unit), journey, f"{unit}s")


@for_role(Membership.Role.EDITOR)
@require_safe
def people_file(request: HttpRequest, journey_id: UUID) -> HttpResponse | StreamingHttpResponse:
    """Exactly those of the list, all pages of it."""
    journey = load_journey(journey_id)
    period, _zone = period_asked(request, journey)
    if period.is_refused:
        return _back(request, journey)
    asked = people_asked(request, journey, period)
    places = step_titles(node for node, _place in walk(asked.definition.steps))
    rows = people_rows(journey, asked.people, period.window, places)
    return _file(rows, journey, "people")


def _back(request: HttpRequest, journey: Journey) -> HttpResponse:
    """To the report, which says what is wrong with the dates."""
    return redirect(f"{reverse('journeys:report', args=[journey.pk])}?{request.GET.urlencode()}")


def _file(rows: Iterator[Row], journey: Journey, what: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    name = f"{slugify(journey.name) or 'journey'}-{what}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(rows: Iterator[Row]) -> Iterator[str]:
    # Spreadsheets take a file without the mark for their own old encoding.
    yield "\ufeff"
    yield from write_rows(rows)
