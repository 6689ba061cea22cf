"""Wait until a time of day, and a weekday if wanted, where the person is."""

from collections.abc import Sequence
from datetime import time

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock_fields import clock_input
from journeys.contracts import Config, Outcome, Step, StepBatch, WaitUntil, steps
from journeys.local_time import next_moment


class WaitUntilForm(forms.Form):
    """The time, and on which days."""

    at = forms.TimeField(
        label=gettext_lazy("Time"),
        help_text=gettext_lazy("In the person's own time zone, else in yours."),
        widget=clock_input(),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Only on"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means every day."),
    )


class WaitUntilTime(Step):
    """The first such moment after they entered the step; one that has just come counts."""

    key = "wait_until"
    label = gettext_lazy("Wait until a time")
    family = "wait"
    icon = "alarm-clock"
    form = WaitUntilForm

    def example(self) -> Config:
        return {"at": "09:00:00", "weekdays": [0, 1, 2, 3, 4]}

    def summary(self, config: Config) -> str:
        words = {"time": str(config.get("at", ""))[:5]}
        days = [str(WEEKDAYS[day]) for day in config.get("weekdays", []) if day in WEEKDAYS]
        if not days:
            return _("%(time)s, their time") % words
        return _("%(time)s, their time, on %(days)s") % {**words, "days": ", ".join(days)}

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        at = time.fromisoformat(batch.config["at"])
        weekdays = batch.config.get("weekdays", ())
        zones = batch.zones()
        return [
            WaitUntil(
                next_moment(
                    run.entered_step_at, at, zones.get(run.contact_id, batch.timezone), weekdays
                )
            )
            for run in batch.runs
        ]


steps.register(WaitUntilTime())
