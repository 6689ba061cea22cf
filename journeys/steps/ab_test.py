"""Several ways on by chance, until one of them has proved the best."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts import Branch, Config, Outcome, Step, StepBatch, split_metrics, steps
from journeys.split_decisions import AUTO, TELL, followed_lane
from journeys.split_trials import FOLLOWED
from journeys.steps.percentage_split import SharesField, by_chance

RULES = {
    AUTO: gettext_lazy("Send everybody after that the winner's way"),
    TELL: gettext_lazy("Only tell me; I decide"),
}
# What makes it another test; beside these the steps of its branches do.
OF_THE_TEST = ("shares", "metric", "days")


def metric_choices() -> list[tuple[str, str]]:
    """What can be measured, by name."""
    ordered = sorted(split_metrics, key=lambda metric: (metric.order, metric.key))
    return [(metric.key, str(metric.label)) for metric in ordered]


class AbTestForm(forms.Form):
    """The variants, what is measured, and when there is a winner."""

    shares = SharesField(
        label=gettext_lazy("Shares of the variants in percent"),
        initial=[50, 50],
        help_text=gettext_lazy("2 to 6 variants, such as 50, 50. Each gets a branch."),
    )
    metric = forms.ChoiceField(
        label=gettext_lazy("The best is where most people"), choices=metric_choices
    )
    days = forms.IntegerField(
        label=gettext_lazy("A person counts after so many days"),
        help_text=gettext_lazy("What they do within these days after the split is their result."),
        min_value=1,
        max_value=90,
        initial=7,
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("When there is a winner"), choices=list(RULES.items())
    )
    threshold = forms.IntegerField(
        label=gettext_lazy("Sure enough at, in percent"),
        help_text=gettext_lazy("The chance that the winner really is the best of them."),
        min_value=80,
        max_value=99,
        initial=95,
    )
    least = forms.IntegerField(
        label=gettext_lazy("Not before so many people of each variant"),
        min_value=20,
        max_value=100_000,
        initial=100,
    )


class AbTest(Step):
    """The same person gets the same lane every time; once there is a winner, everybody its lane."""

    key = "ab_test"
    label = gettext_lazy("A/B test")
    family = "logic"
    icon = "flask-conical"
    form = AbTestForm

    def example(self) -> Config:
        return {
            "shares": [50, 50],
            "metric": "goal",
            "days": 7,
            "rule": AUTO,
            "threshold": 95,
            "least": 100,
        }

    def summary(self, config: Config) -> str:
        metric = split_metrics.get(config["metric"])
        shares = " / ".join(f"{share}%" for share in config["shares"])
        return _("%(shares)s: where most people %(metric)s") % {
            "shares": shares,
            "metric": metric.label,
        }

    def lanes(self, config: Config) -> list[str]:
        return [
            _("%(letter)s: %(share)s%%") % {"letter": "ABCDEF"[number % 6], "share": share}
            for number, share in enumerate(config.get("shares", []))
        ]

    def needs_goal(self, config: Config) -> bool:
        metric = config.get("metric")
        return metric in split_metrics and split_metrics.get(str(metric)).needs_goal

    def frozen(self, config: Config, lanes: Sequence[Any]) -> Config:
        same = [*(config.get(name) for name in OF_THE_TEST), lanes]
        told = msgspec.json.encode(same, order="deterministic")
        return {**config, "digest": sha256(told).hexdigest()[:32]}

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        lane = followed_lane(batch)
        if lane is None:
            return by_chance(batch, batch.config["shares"])
        return [Branch(lane, FOLLOWED)] * len(batch.runs)


steps.register(AbTest())
