"""Whose next order would be the first."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.condition_words import GROUP
from commerce.purchases import ordered_at_least
from contacts.contracts import ConditionScope, conditions


class FirstTimeBuyerForm(forms.Form):
    """There is nothing to set."""


class FirstTimeBuyerCondition:
    key = "first_time_buyer"
    label = gettext_lazy("First-time buyer")
    group = GROUP
    icon = "baby"
    form = FirstTimeBuyerForm

    def summary(self, config: dict[str, Any]) -> str:
        return _("who have not ordered yet")

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        return ~ordered_at_least(1, {}, scope.now)


conditions.register(FirstTimeBuyerCondition())
