"""Figures on the steps that ask: asked, and answered of those."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy

from journeys.contracts import StepCount, StepMetrics, StepNote, Window, step_metrics
from surveys.models import Invitation, ReviewRequest

ANSWERED = Q(answered_at__isnull=False)
FIGURES = {"asked": Q(), "answered": ANSWERED}
HEADINGS = {
    "asked": gettext_lazy("Who was asked"),
    "answered": gettext_lazy("Who answered"),
}
LABELS = {"asked": gettext_lazy("Asked"), "answered": gettext_lazy("Answered")}

Asking = type[Invitation] | type[ReviewRequest]


def metrics_of(key: str, kind: str, model: Asking) -> StepMetrics:
    """The figures of one kind of step, counted from the rows it makes."""
    rows: QuerySet[Any] = model._default_manager.all()

    def of_journeys(journey_ids: Collection[UUID], window: Window) -> "QuerySet[Any]":
        return rows.filter(window.made_by(journey_ids), journey_id__in=journey_ids)

    def people(
        journey_id: UUID, step_id: str, what: str, window: Window
    ) -> "QuerySet[Any, UUID | None]":
        found = of_journeys([journey_id], window).filter(FIGURES[what], step_id=step_id)
        return found.values_list("contact_id", flat=True)

    return StepMetrics(
        key=key,
        kinds=(kind,),
        rows=of_journeys,
        counts={name: Count("contact_id", distinct=True, filter=q) for name, q in FIGURES.items()},
        figures=_figures,
        people=people,
        headings=HEADINGS,
        totals=_no_messages,
        notes=_notes_from(rows),
    )


def _figures(row: Mapping[str, Any]) -> list[StepCount]:
    return [
        StepCount("asked", LABELS["asked"], row["asked"]),
        StepCount("answered", LABELS["answered"], row["answered"], row["asked"]),
    ]


def _no_messages(journey_ids: Collection[UUID], window: Window) -> dict[UUID, int]:
    """Asking sends nothing; the mail after it is counted by whoever sends it."""
    return {}


def _notes_from(rows: "QuerySet[Any]") -> Callable[[UUID], list[StepNote]]:
    def notes(enrolment_id: UUID) -> list[StepNote]:
        return [_note(row) for row in rows.filter(enrolment_id=enrolment_id).order_by("id")]

    return notes


def _note(row: Any) -> StepNote:
    if row.answered_at:
        return StepNote(row.step_id, row.visit, LABELS["answered"], "ok", at=row.answered_at)
    return StepNote(row.step_id, row.visit, LABELS["asked"], "info", at=row.asked_at)


step_metrics.register(metrics_of("survey", "ask_survey", Invitation))
step_metrics.register(metrics_of("review", "request_review", ReviewRequest))
