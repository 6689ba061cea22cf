"""Several ways on, each with a condition; the first that holds is taken."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys import trees
from journeys.contracts import Branch, Config, Outcome, Step, StepBatch, steps
from journeys.trees import TreeField

NAMES = ("first", "second", "third", "fourth", "fifth")


class MultiSplitForm(forms.Form):
    """Up to five conditions, in the order in which they are asked."""

    first = TreeField(label=gettext_lazy("First branch: who"))
    second = TreeField(label=gettext_lazy("Else, second branch: who"), required=False)
    third = TreeField(label=gettext_lazy("Else, third branch: who"), required=False)
    fourth = TreeField(label=gettext_lazy("Else, fourth branch: who"), required=False)
    fifth = TreeField(label=gettext_lazy("Else, fifth branch: who"), required=False)


class MultiSplit(Step):
    """Whoever no condition fits goes the last way."""

    key = "multi_split"
    label = gettext_lazy("Split by several conditions")
    family = "logic"
    icon = "waypoints"
    form = MultiSplitForm

    def example(self) -> Config:
        return {
            "first": {"kind": "tag", "config": {"test": "has", "tag": "vip"}},
            "second": {"kind": "tag", "config": {"test": "has", "tag": "friend"}},
        }

    def summary(self, config: Config) -> str:
        return " / ".join(trees.describe(tree) for tree in _conditions(config))

    def lanes(self, config: Config) -> list[str]:
        asked = [trees.describe(tree)[:60] for tree in _conditions(config)]
        return [*(asked or [_("First")]), _("Everyone else")]

    def lane_keys(self, config: Config) -> list[str]:
        """By condition: one that is added goes before everyone else, who keep their steps."""
        return [*([name for name in NAMES if config.get(name)] or NAMES[:1]), "else"]

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        """One statement for each condition, about those whom none before it fitted."""
        conditions = _conditions(batch.config)
        lanes: list[Outcome] = [Branch(len(conditions))] * len(batch.runs)
        left = list(range(len(batch.runs)))
        for lane, tree in enumerate(conditions):
            chosen = batch.only([batch.runs[number] for number in left]).matching(tree)
            for number in left:
                if batch.runs[number].contact_id in chosen:
                    lanes[number] = Branch(lane)
            left = [number for number in left if batch.runs[number].contact_id not in chosen]
            if not left:
                break
        return lanes


def _conditions(config: Config) -> list[Config]:
    return [config[name] for name in NAMES if config.get(name)]


steps.register(MultiSplit())
