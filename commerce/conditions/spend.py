"""How much somebody has spent."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.condition_words import GROUP, DaysField, ValueField, window_words
from commerce.purchases import amount, spent_at_least
from contacts.contracts import ConditionScope, conditions
from contacts.segments import NOBODY


class SpendForm(forms.Form):
    at_least = ValueField(label=gettext_lazy("At least"))
    below = ValueField(
        label=gettext_lazy("Less than"),
        help_text=gettext_lazy("In the main currency; refunds are taken off."),
    )
    within_days = DaysField(label=gettext_lazy("In the last how many days"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, below = cleaned.get("at_least"), cleaned.get("below")
        if not self.errors and least is None and below is None:
            raise forms.ValidationError(_("Say how much."), code="blank")
        if least is not None and below is not None and least >= below:
            self.add_error("below", _("This must be more than the least."))
        return cleaned


class SpendCondition:
    key = "spend"
    label = gettext_lazy("Money spent")
    group = GROUP
    icon = "coins"
    form = SpendForm

    def summary(self, config: dict[str, Any]) -> str:
        least, below = config.get("at_least"), config.get("below")
        if least and below:
            words = _("who spent at least %(least)s and less than %(below)s")
        elif below:
            words = _("who spent less than %(below)s")
        else:
            words = _("who spent at least %(least)s")
        return " ".join([words % {"least": least, "below": below}, window_words(config)]).strip()

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """At least X and less than Y; who never ordered has spent nothing."""
        least = amount(config, "at_least") or Decimal(0)
        found = spent_at_least(least, config, scope.now)
        below = amount(config, "below")
        if below is None:
            return found
        return found & ~spent_at_least(below, config, scope.now) if below > 0 else NOBODY


conditions.register(SpendCondition())
