"""Where people who reach the goal go on."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps


class GoalStep(Step):
    """Pulls people here from anywhere when they reach the journey's goal; others pass through."""

    key = "goal"
    label = gettext_lazy("Goal")
    family = "logic"
    icon = "flag"

    def summary(self, config: Config) -> str:
        return _("Whoever reaches the goal goes on here")

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)


steps.register(GoalStep())
