"""The people behind the figures of A/B tests; the figures themselves have a panel of their own."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from journeys.contracts import StepMetrics, StepNote, Window, step_metrics
from journeys.models import Journey
from journeys.split_decisions import trial_at
from journeys.split_trials import KIND, people_of
from journeys.steps.percentage_split import MOST_LANES

HEADINGS = {
    "sent": gettext_lazy("Who was sent into this variant by chance"),
    "people": gettext_lazy("Whose days in this variant are over"),
    "successes": gettext_lazy("Who did what the A/B test counts, in this variant"),
}


def people(
    journey_id: UUID, step_id: str, what: str, window: Window
) -> "QuerySet[Contact, UUID | None]":
    """The contacts behind `sent:0`, `people:0` or `successes:0`, as of now."""
    figure, _colon, lane = what.partition(":")
    trial = trial_at(Journey.objects.get(pk=journey_id), step_id)
    found = Contact.objects.none()
    if trial is not None:
        behind = people_of(trial, figure, int(lane), timezone.now(), window)
        found = Contact.objects.filter(pk__in=behind)
    return found.values_list("pk", flat=True)


def no_totals(_journey_ids: Collection[UUID], _window: Window) -> dict[UUID, int]:
    """A test sends nothing."""
    return {}


def no_notes(_enrolment_id: UUID) -> list[StepNote]:
    """The visit itself says where somebody went."""
    return []


step_metrics.register(
    StepMetrics(
        key=KIND,
        kinds=(KIND,),
        people=people,
        headings={
            f"{figure}:{lane}": words
            for figure, words in HEADINGS.items()
            for lane in range(MOST_LANES)
        },
        totals=no_totals,
        notes=no_notes,
    )
)
