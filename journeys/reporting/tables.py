"""The tables of a report as rows for a file: by step, by day or week, and the people of a list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.functions import TruncDate, TruncWeek
from django.utils.translation import gettext as _

from contacts.models.contact import ContactQuerySet
from journeys.contracts import Window
from journeys.definition import walk
from journeys.figures import exits, went_on
from journeys.models import Enrolment, Journey
from journeys.numbers import COUNTS, JOURNEY_FILTERS, StepNumbers
from journeys.path import ending_words
from journeys.people import OF_JOURNEY, ending, newest_runs
from journeys.reporting.reading import Reading
from journeys.tree import lane_names, plugin_of

Row = Sequence[object]
CHUNK = 1000
UNITS = {"day": TruncDate, "week": TruncWeek}


def step_rows(reading: Reading) -> Iterator[Row]:
    """Each step in reading order, then those of earlier versions; a line for each of its figures.

    One figure a line, since every kind of step has figures of its own.
    """
    yield [_("Step"), _("Name"), _("Kind"), _("Figure"), _("People"), _("Of"), _("Value")]
    nodes = {node.id: node for node, _place in walk(reading.definition.steps)}
    for step_id in [*nodes, *(step for step in reading.numbers if step not in nodes)]:
        node = nodes.get(step_id)
        plugin = plugin_of(node.kind) if node else None
        head = [step_id, reading.titles.get(step_id, ""), str(plugin.label) if plugin else ""]
        lanes = lane_names(node) if node else []
        for figure in _figures(reading, step_id, lanes):
            yield [*head, *figure]


def _figures(reading: Reading, step_id: str, lanes: Sequence[str]) -> Iterator[Row]:
    numbers = reading.numbers.get(step_id, StepNumbers())
    yield [_("Entered"), numbers.entered, "", ""]
    for each in reading.figures.get(step_id, ()):
        yield [str(each.label), each.count, "" if each.of is None else each.of, each.text]
    for lane, name in enumerate(lanes):
        yield [name, numbers.left.get(f"branch:{lane}", 0), numbers.entered, ""]
    if not lanes:
        yield [_("Went on"), went_on(numbers), numbers.entered, ""]
    yield [_("Here now"), numbers.waiting, numbers.entered, ""]
    for outcome, people in exits(numbers).items():
        yield [ending(outcome), people, numbers.entered, ""]


def time_rows(journey: Journey, window: Window, zone: ZoneInfo, unit: str) -> Iterator[Row]:
    """By the day or week people came in there: how many, and what became of them; one query."""
    yield [_("From"), *(str(OF_JOURNEY[name]) for name in JOURNEY_FILTERS)]
    rows = (
        Enrolment.objects.filter(window.began(), journey=journey)
        .annotate(began=UNITS[unit]("started_at", tzinfo=zone))
        .values("began")
        .annotate(**COUNTS)
        .order_by("began")
        .values_list("began", *COUNTS)
    )
    for began, *people in rows:
        yield [_day(began), *people]


def _day(began: date | datetime) -> str:
    return (began.date() if isinstance(began, datetime) else began).isoformat()


def people_rows(
    journey: Journey, found: ContactQuerySet, window: Window, places: Mapping[str, str]
) -> Iterator[Row]:
    """The people of a list with the newest run they are in it for, so many at a time."""
    yield [_("Name"), _("Email"), _("State"), _("Where"), _("Entered"), _("Ended"), _("Reason")]
    contacts: list[Any] = []
    for contact in found.order_by("-pk").iterator(chunk_size=CHUNK):
        contacts.append(contact)
        if len(contacts) == CHUNK:
            yield from _people(journey, contacts, window, places)
            contacts = []
    yield from _people(journey, contacts, window, places)


def _people(
    journey: Journey, contacts: Sequence[Any], window: Window, places: Mapping[str, str]
) -> Iterator[Row]:
    runs = newest_runs(journey, [contact.pk for contact in contacts], window)
    for contact in contacts:
        run = runs.get(contact.pk)
        yield [contact.name, contact.email or "", *(_run(run, places) if run else [""] * 5)]


def _run(run: Enrolment, places: Mapping[str, str]) -> Row:
    ended = run.ended_at.isoformat() if run.ended_at else ""
    where = "" if run.ended_at else places.get(run.step_id, run.step_id)
    state = str(run.get_status_display())
    return [state, where, run.started_at.isoformat(), ended, ending_words(run)]
