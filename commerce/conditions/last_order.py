"""How long ago somebody last ordered."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commerce.condition_words import GROUP, DaysField
from commerce.purchases import last_order_between
from contacts.contracts import ConditionScope, conditions


class LastOrderForm(forms.Form):
    more_than_days = DaysField(label=gettext_lazy("At least how many days ago"))
    less_than_days = DaysField(label=gettext_lazy("Less than how many days ago"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, below = cleaned.get("more_than_days"), cleaned.get("less_than_days")
        if not self.errors and least is None and below is None:
            raise forms.ValidationError(_("Say how long ago."), code="blank")
        if least and below and least >= below:
            self.add_error("less_than_days", _("This must be more than the least."))
        return cleaned


class LastOrderCondition:
    key = "last_order"
    label = gettext_lazy("Last order")
    group = GROUP
    icon = "calendar-clock"
    form = LastOrderForm

    def summary(self, config: dict[str, Any]) -> str:
        least, below = config.get("more_than_days"), config.get("less_than_days")
        if least and below:
            return _("whose last order was %(least)s to %(below)s days ago") % {
                "least": least,
                "below": below,
            }
        if below:
            words = ngettext(
                "whose last order was less than a day ago",
                "whose last order was less than %(days)s days ago",
                below,
            )
            return words % {"days": below}
        words = ngettext(
            "whose last order was a day ago or more",
            "whose last order was %(days)s days ago or more",
            least or 0,
        )
        return words % {"days": least}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """At least X days ago and less than Y; who never ordered is not in."""
        return last_order_between(
            since=_ago(config.get("less_than_days"), scope),
            until=_ago(config.get("more_than_days"), scope),
            now=scope.now,
        )


def _ago(days: int | None, scope: ConditionScope) -> datetime | None:
    return scope.now - timedelta(days=int(days)) if days else None


conditions.register(LastOrderCondition())
