"""Several ways on, by chance."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.chance import fraction
from journeys.contracts import Branch, Config, Outcome, Step, StepBatch, steps

MOST_LANES = 6


class SharesField(forms.CharField):
    """Whole percentages that make 100, written "50, 50" and kept as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = value if isinstance(value, list) else str(value or "").replace("%", "").split(",")
        try:
            shares = [int(str(part).strip()) for part in parts]
        except ValueError:
            raise ValidationError(_("Write whole percentages, such as 50, 50.")) from None
        if not 2 <= len(shares) <= MOST_LANES or min(shares) < 1:
            raise ValidationError(
                _("Give 2 to %(most)s shares of at least 1 percent.") % {"most": MOST_LANES}
            )
        if sum(shares) != 100:
            raise ValidationError(
                _("The shares make %(sum)s percent; they must make 100.") % {"sum": sum(shares)}
            )
        return shares


class SplitForm(forms.Form):
    """The shares."""

    shares = SharesField(label=gettext_lazy("Shares in percent"), initial=[50, 50])


class PercentageSplit(Step):
    """The same person gets the same lane every time."""

    key = "percentage_split"
    label = gettext_lazy("Percentage split")
    family = "logic"
    icon = "percent"
    form = SplitForm

    def example(self) -> Config:
        return {"shares": [50, 30, 20]}

    def summary(self, config: Config) -> str:
        return " / ".join(f"{share}%" for share in config.get("shares", []))

    def lanes(self, config: Config) -> list[str]:
        return [
            _("%(letter)s: %(share)s%%") % {"letter": "ABCDEF"[number % 6], "share": share}
            for number, share in enumerate(config.get("shares", []))
        ]

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return by_chance(batch, batch.config["shares"])


def by_chance(batch: StepBatch, shares: Sequence[int]) -> list[Outcome]:
    """A lane for each run by these shares: the same for the same person at the same step."""
    limits = [limit / 100 for limit in accumulate(shares)][:-1]
    lanes = [Branch(number) for number in range(len(limits) + 1)]
    return [
        lanes[bisect_right(limits, fraction(batch.journey_id, batch.step_id, run.contact_id))]
        for run in batch.runs
    ]


steps.register(PercentageSplit())
