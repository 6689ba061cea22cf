"""The box “Journeys” on a contact's page: where they are, what comes next, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from contacts.contracts import Panel, panels
from contacts.models import Contact
from journeys.definition import find_step, parse
from journeys.explain.lines import lines_of
from journeys.models import Enrolment, Journey
from journeys.path import ending_words, runs_of
from journeys.programs import Program, programs
from journeys.skipping import can_skip
from journeys.tree import step_title
from journeys.ways import zone_of

# Runs shown, those inside first; and pieces of the bar at most.
MOST_RUNS = 6
MOST_PIECES = 12


@dataclass(frozen=True)
class ShownRun:
    """One run as the box shows it; `pieces` are "d" done, "n" now, "" to come."""

    run: Enrolment
    is_inside: bool
    step: str
    pieces: list[str]
    ending: str
    can_skip: bool


def manual_journeys() -> QuerySet[Journey]:
    """Live journeys that people can be added to by hand."""
    live = Journey.objects.filter(status=Journey.Status.LIVE, live_entries__kind="manual")
    return live.distinct().order_by("name")


def _context(contact: Contact, now: datetime) -> dict[str, Any]:
    rows = list(runs_of(contact.pk).filter(holdout=False)[:30])
    rows.sort(key=lambda run: run.ended_at is not None)
    return {
        "contact": contact,
        "runs": [_shown(run) for run in rows[:MOST_RUNS]],
        "inside": sum(run.ended_at is None for run in rows),
        "journeys": list(manual_journeys()),
        "others": lines_of(contact=contact, now=now),
        "zone": zone_of(contact.timezone),
        "now": now,
    }


def _shown(run: Enrolment) -> ShownRun:
    inside = run.ended_at is None
    node = find_step(parse(run.version.definition), run.step_id)
    program = programs([run.version_id])[run.version_id]
    return ShownRun(
        run=run,
        is_inside=inside,
        step=step_title(node) if node else "",
        pieces=_pieces(run, program) if inside else [],
        ending=ending_words(run),
        can_skip=inside and can_skip(run),
    )


def _pieces(run: Enrolment, program: Program) -> list[str]:
    """What is done, where they are, and what comes if every split takes its first lane."""
    to_come, at = 0, program.steps.get(run.step_id)
    while at is not None and to_come < MOST_PIECES:
        following = at.branches[0] if at.branches else at.next
        at = program.steps.get(following) if following else None
        to_come += at is not None
    done = min(run.visit - 1, MOST_PIECES - 1)
    return [*["d"] * done, "n", *[""] * min(to_come, MOST_PIECES - 1 - done)]


panels.register(
    Panel(
        key="journeys",
        title=gettext_lazy("Journeys"),
        template="journeys/_contact_panel.html",
        context=_context,
        order=30,
    )
)
