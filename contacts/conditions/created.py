"""When the contact was added."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy, ngettext

from contacts.contracts import ConditionScope, conditions

TESTS = {
    "within": gettext_lazy("in the last"),
    "before": gettext_lazy("longer ago than"),
}


class CreatedForm(forms.Form):
    test = forms.ChoiceField(label=gettext_lazy("Added"), choices=list(TESTS.items()))
    days = forms.IntegerField(label=gettext_lazy("Days"), min_value=1, max_value=36500)


class CreatedCondition:
    key = "created"
    label = gettext_lazy("Added")
    group = gettext_lazy("Who they are")
    icon = "calendar-plus"
    form = CreatedForm

    def summary(self, config: dict[str, Any]) -> str:
        days = config["days"]
        if config["test"] == "within":
            words = ngettext("added in the last day", "added in the last %(days)s days", days)
        else:
            words = ngettext("added more than a day ago", "added more than %(days)s days ago", days)
        return words % {"days": days}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        since = scope.now - timedelta(days=config["days"])
        if config["test"] == "within":
            return Q(created_at__gt=since, created_at__lte=scope.now)
        return Q(created_at__lte=since)


conditions.register(CreatedCondition())
