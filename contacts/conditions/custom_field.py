"""Fields the owner made."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.contracts import ConditionScope, conditions
from contacts.fields import ValueRefused, parse_value
from contacts.models import ContactField
from contacts.naming import names

TESTS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "at_least": gettext_lazy("is at least, or on or after"),
    "at_most": gettext_lazy("is at most, or on or before"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
}
WORDS = {
    "is": gettext_lazy("is"),
    "is_not": gettext_lazy("is not"),
    "contains": gettext_lazy("contains"),
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "empty": gettext_lazy("is empty"),
    "filled": gettext_lazy("is filled in"),
}
ORDERED = ("number", "date")


def _choices() -> list[tuple[str, str]]:
    return list(_labels().items())


def _labels() -> dict[str, str]:
    return dict(ContactField.objects.values_list("key", "label"))


class CustomFieldForm(forms.Form):
    field = forms.ChoiceField(label=gettext_lazy("Field"), choices=_choices)
    test = forms.ChoiceField(label=gettext_lazy("Test"), choices=list(TESTS.items()))
    value = forms.CharField(label=gettext_lazy("Value"), max_length=254, required=False)

    def clean(self) -> dict[str, Any]:
        """The value is kept in the field's own type, so that comparing is exact."""
        cleaned = super().clean() or {}
        field = ContactField.objects.filter(key=cleaned.get("field", "")).first()
        if field is None or cleaned.get("test") in ("empty", "filled", None):
            return cleaned
        if not cleaned.get("value"):
            self.add_error("value", gettext_lazy("Say which value to compare with."))
        elif cleaned["test"] in ("at_least", "at_most") and field.type not in ORDERED:
            self.add_error("test", gettext_lazy("Only numbers and dates can be compared so."))
        elif cleaned["test"] != "contains":
            try:
                cleaned["value"] = parse_value(field, cleaned["value"])
            except ValueRefused as refusal:
                self.add_error("value", refusal.message)
        return cleaned


class CustomFieldCondition:
    key = "custom_field"
    label = gettext_lazy("Custom field")
    group = gettext_lazy("Who they are")
    icon = "text-cursor-input"
    form = CustomFieldForm

    def summary(self, config: dict[str, Any]) -> str:
        labels = names("fields", _labels)
        words = {
            "field": labels.get(config["field"], config["field"]),
            "test": WORDS[config["test"]],
        }
        if config["test"] in ("empty", "filled"):
            return _("whose %(field)s %(test)s") % words
        return _("whose %(field)s %(test)s “%(value)s”") % {**words, "value": config["value"]}

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """Each comparison asks for the key first: a missing one is a plain no, never unknown."""
        name, test, value = config["field"], config["test"], config.get("value")
        filled = Q(fields__has_key=name)
        if test == "filled":
            return filled
        if test == "empty":
            return ~filled
        if test == "is":
            return Q(fields__contains={name: value})
        if test == "is_not":
            return ~Q(fields__contains={name: value})
        lookup = {"contains": "icontains", "at_least": "gte", "at_most": "lte"}[test]
        return filled & Q(**{f"fields__{name}__{lookup}": value})


conditions.register(CustomFieldCondition())
