"""Let people into another journey as well."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy

from core.errors import Problem
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps
from journeys.enrolment import enrol
from journeys.models import Journey
from journeys.other_journey import (
    OtherJourneyForm,
    journey_named,
    journey_problems,
    journey_words,
)


class AddToJourney(Step):
    """By the rules of that journey; whom it does not let in goes on here all the same."""

    key = "add_to_journey"
    label = gettext_lazy("Add to a journey")
    family = "data"
    icon = "route"
    form = OtherJourneyForm

    def example(self) -> Config:
        journey = Journey.objects.filter(status=Journey.Status.LIVE).first()
        return {"journey": str(journey.pk) if journey else ""}

    def summary(self, config: Config) -> str:
        return journey_words(config)

    def problems(self, config: Config) -> list[Problem]:
        return journey_problems(config, has_to_run=True)

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        journey = journey_named(batch.config)
        if journey is not None:
            enrol(
                journey=journey,
                contact_ids=batch.contact_ids,
                now=batch.now,
                context={"journey_id": str(batch.journey_id)},
                entry_kind=self.key,
            )


steps.register(AddToJourney())
