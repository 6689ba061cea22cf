"""Name, address, phone, language and the other built-in fields."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions

FIELDS = {
    "email": gettext_lazy("Email"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "phone": gettext_lazy("Phone"),
    "language": gettext_lazy("Language"),
    "timezone": gettext_lazy("Time zone"),
    "external_id": gettext_lazy("External id"),
    "source": gettext_lazy("Source"),
}
TESTS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "starts": gettext_lazy("starts with"),
    "ends": gettext_lazy("ends with"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
}
LOOKUPS = {"is": "iexact", "contains": "icontains", "starts": "istartswith", "ends": "iendswith"}
NULLABLE = frozenset({"email", "external_id"})


class ProfileForm(forms.Form):
    field = forms.ChoiceField(label=gettext_lazy("Field"), choices=list(FIELDS.items()))
    test = forms.ChoiceField(label=gettext_lazy("Test"), choices=list(TESTS.items()))
    value = forms.CharField(label=gettext_lazy("Value"), max_length=254, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("test") not in ("empty", "filled") and not cleaned.get("value"):
            self.add_error("value", gettext_lazy("Say which value to compare with."))
        return cleaned


class ProfileCondition:
    key = "profile"
    label = gettext_lazy("Profile field")
    group = gettext_lazy("Who they are")
    icon = "user"
    form = ProfileForm

    def summary(self, config: dict[str, Any]) -> str:
        words = {"field": FIELDS[config["field"]], "test": TESTS[config["test"]]}
        if config["test"] in ("empty", "filled"):
            return _("whose %(field)s %(test)s") % words
        return _("whose %(field)s %(test)s “%(value)s”") % {**words, "value": config["value"]}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        name, test, value = config["field"], config["test"], config.get("value", "")
        blank = Q(**{f"{name}__isnull": True}) if name in NULLABLE else Q(**{name: ""})
        if test == "empty":
            return blank
        if test == "filled":
            return ~blank
        if test == "is_not":
            return ~(~blank & Q(**{f"{name}__iexact": value}))
        if test == "is" and name == "email":
            return Q(email=value.lower())  # kept in lower case, so the unique index serves
        return ~blank & Q(**{f"{name}__{LOOKUPS[test]}": value})


conditions.register(ProfileCondition())
