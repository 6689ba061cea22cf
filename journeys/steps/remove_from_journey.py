"""Take people out of another journey."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from core.errors import Problem
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps
from journeys.enrolment import take_out
from journeys.models import Enrolment, Journey
from journeys.other_journey import (
    OtherJourneyForm,
    journey_named,
    journey_problems,
    journey_words,
)


class RemoveFromJourney(Step):
    """Wherever they stand there; whoever is not inside goes on here all the same."""

    key = "remove_from_journey"
    label = gettext_lazy("Remove from a journey")
    family = "data"
    icon = "route-off"
    form = OtherJourneyForm

    def example(self) -> Config:
        journey = Journey.objects.filter(status=Journey.Status.LIVE).first()
        return {"journey": str(journey.pk) if journey else ""}

    def summary(self, config: Config) -> str:
        return journey_words(config)

    def problems(self, config: Config) -> list[Problem]:
        return journey_problems(config, has_to_run=False)

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        journey = journey_named(batch.config)
        if journey is not None:
            there = Enrolment.objects.filter(journey=journey, contact__in=batch.contact_ids)
            # Whoever walks here is moved by the walk alone.
            here = [run.enrolment_id for run in batch.runs]
            take_out(there.exclude(pk__in=here), reason="removed_by_journey", now=batch.now)


steps.register(RemoveFromJourney())
