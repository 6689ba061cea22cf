"""What people allow."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from contacts.models import Contact

STATES = {
    "mailable": gettext_lazy("may be emailed"),
    "not_mailable": gettext_lazy("may not be emailed"),
    "subscribed": gettext_lazy("are subscribed to email"),
    "pending": gettext_lazy("were asked and have not confirmed yet"),
    "unsubscribed": gettext_lazy("unsubscribed from email"),
    "none": gettext_lazy("were never asked"),
}


class ConsentForm(forms.Form):
    state = forms.ChoiceField(label=gettext_lazy("People who"), choices=list(STATES.items()))


class ConsentCondition:
    key = "consent"
    label = gettext_lazy("Consent")
    group = gettext_lazy("What they allow")
    icon = "mail-check"
    form = ConsentForm

    def summary(self, config: dict[str, Any]) -> str:
        return str(gettext_lazy("who %(state)s") % {"state": STATES[config["state"]]})

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        if config["state"] == "mailable":
            return Contact.may_be_mailed()
        if config["state"] == "not_mailable":
            return ~Contact.may_be_mailed()
        return Q(email_consent=config["state"])


conditions.register(ConsentCondition())
