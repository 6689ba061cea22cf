"""Wait until something happens, but not for ever."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from journeys import event_filter
from journeys.contracts import Branch, Config, Outcome, Step, StepBatch, WaitFor, steps
from journeys.event_filter import EventFilterForm
from journeys.steps.wait import UNITS, length, words

HAPPENED, TIMED_OUT = 0, 1


class WaitForEventForm(EventFilterForm):
    """Which event, and how long at most."""

    amount = forms.IntegerField(
        label=gettext_lazy("Wait at most"), min_value=1, max_value=10_000, initial=7
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=list(UNITS.items()), initial="days"
    )


class WaitForEvent(Step):
    """Two lanes: it happened since they came here, or the time ran out."""

    key = "wait_for_event"
    label = gettext_lazy("Wait for an event")
    family = "wait"
    icon = "hourglass"
    form = WaitForEventForm

    def example(self) -> Config:
        return {"event": "contact.tagged", "amount": 7, "unit": "days"}

    def summary(self, config: Config) -> str:
        event = event_filter.describe(config)
        return _("%(event)s, at most %(length)s") % {"event": event, "length": words(config)}

    def lanes(self, config: Config) -> list[str]:
        return [_("It happened"), _("Timed out")]

    def awaits(self, config: Config) -> str:
        return str(config.get("event") or "")

    def wakes(self, config: Config, event: Event) -> bool:
        return event_filter.passes(config, event.data)

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        patience = length(batch.config)
        event = self.awaits(batch.config)
        outcomes: list[Outcome] = []
        for run in batch.runs:
            until = run.entered_step_at + patience
            if run.woken_by is not None:
                outcomes.append(Branch(HAPPENED))
            elif until <= batch.now:
                outcomes.append(Branch(TIMED_OUT))
            else:
                outcomes.append(WaitFor(event, until))
        return outcomes


steps.register(WaitForEvent())
