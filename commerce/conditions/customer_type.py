"""Whether somebody buys as a person or as a business."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.condition_words import GROUP
from commerce.models import CustomerProfile
from contacts.contracts import ConditionScope, conditions


class CustomerTypeForm(forms.Form):
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=CustomerProfile.Kind.choices)


class CustomerTypeCondition:
    key = "customer_type"
    label = gettext_lazy("Customer type")
    group = GROUP
    icon = "building-2"
    form = CustomerTypeForm

    def summary(self, config: dict[str, Any]) -> str:
        if config["type"] == CustomerProfile.Kind.BUSINESS:
            return _("who buy as a business")
        return _("who buy as a private person")

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """Private, until an order says otherwise."""
        profiles = CustomerProfile.objects.filter(
            contact=OuterRef("pk"), kind=CustomerProfile.Kind.BUSINESS
        )
        business = Q(Exists(profiles))
        return business if config["type"] == CustomerProfile.Kind.BUSINESS else ~business


conditions.register(CustomerTypeCondition())
