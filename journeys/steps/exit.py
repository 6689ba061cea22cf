"""The end, before the end."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Config, Exit, Outcome, Step, StepBatch, steps


class ExitStepForm(forms.Form):
    """What to call it."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=60, required=False)


class ExitStep(Step):
    """Everyone who comes here leaves the journey."""

    key = "exit"
    label = gettext_lazy("Exit")
    family = "exit"
    icon = "log-out"
    form = ExitStepForm

    def example(self) -> Config:
        return {"reason": "Not for them"}

    def summary(self, config: Config) -> str:
        return str(config.get("reason") or _("Leaves the journey"))

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Exit(str(batch.config.get("reason") or "exit_step"))] * len(batch.runs)


steps.register(ExitStep())
