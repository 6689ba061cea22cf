"""Wait for a length of time."""

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from journeys.contracts import Config, Outcome, Step, StepBatch, WaitUntil, steps

UNITS = {
    "minutes": gettext_lazy("minutes"),
    "hours": gettext_lazy("hours"),
    "days": gettext_lazy("days"),
}


class WaitForm(forms.Form):
    """How long."""

    amount = forms.IntegerField(label=gettext_lazy("Wait"), min_value=1, max_value=10_000)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=list(UNITS.items()))


def words(config: Config) -> str:
    """A length of time in words."""
    amount = int(config.get("amount") or 0)
    return {
        "minutes": ngettext("%(n)s minute", "%(n)s minutes", amount),
        "hours": ngettext("%(n)s hour", "%(n)s hours", amount),
        "days": ngettext("%(n)s day", "%(n)s days", amount),
    }.get(str(config.get("unit")), "%(n)s") % {"n": amount}


def length(config: Config) -> timedelta:
    """The length of time; a day is 24 hours, also when the clocks change."""
    return timedelta(**{str(config["unit"]): int(config["amount"])})


class Wait(Step):
    """Counts from when they entered the step, never from now."""

    key = "wait"
    label = gettext_lazy("Wait")
    family = "wait"
    icon = "clock"
    form = WaitForm

    def example(self) -> Config:
        return {"amount": 2, "unit": "days"}

    def summary(self, config: Config) -> str:
        return words(config)

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        delay = length(batch.config)
        return [WaitUntil(run.entered_step_at + delay) for run in batch.runs]


steps.register(Wait())
