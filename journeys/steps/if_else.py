"""Two ways on, by any condition about the person."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys import trees
from journeys.contracts import Branch, Config, Outcome, Step, StepBatch, steps
from journeys.trees import TreeField

YES, NO = 0, 1


class IfElseForm(forms.Form):
    """The condition."""

    condition = TreeField(label=gettext_lazy("Condition"))


class IfElse(Step):
    """The same condition as in segments, asked for everyone at once."""

    key = "if_else"
    label = gettext_lazy("If / else")
    family = "logic"
    icon = "split"
    form = IfElseForm

    def example(self) -> Config:
        return {"condition": {"kind": "tag", "config": {"test": "has", "tag": "vip"}}}

    def summary(self, config: Config) -> str:
        return trees.describe(config.get("condition"))

    def lanes(self, config: Config) -> list[str]:
        return [_("Yes"), _("No")]

    def question(self, config: Config) -> Config:
        tree: Config = config["condition"]
        return tree

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        chosen = batch.matching(batch.config["condition"])
        yes, no = Branch(YES), Branch(NO)
        return [yes if run.contact_id in chosen else no for run in batch.runs]


steps.register(IfElse())
