"""Write a value into a field of people's profiles."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import fields
from contacts.models import ContactField
from journeys.contracts import Config, Next, Outcome, Step, StepBatch, steps


def parsed(key: str, value: str) -> Any:
    """The value as the field keeps it; raises ValueRefused."""
    if key in fields.PROFILE_FIELDS:
        return fields.parse_profile(key, value)
    field = ContactField.objects.filter(key=key).first()
    if field is None:
        raise fields.ValueRefused("unknown_field", fields.unknown_field(key))
    return fields.parse_value(field, value)


class SetFieldForm(forms.Form):
    """Which field, and what to write."""

    field = forms.CharField(label=gettext_lazy("Field"), max_length=40)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=fields.TEXT_MAX,
        required=False,
        help_text=gettext_lazy("Empty clears the field."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "field" in cleaned and "value" in cleaned:
            try:
                parsed(cleaned["field"], cleaned["value"])
            except fields.ValueRefused as refusal:
                name = "field" if refusal.code == "unknown_field" else "value"
                self.add_error(name, refusal.message)
        return cleaned


class SetField(Step):
    """One statement for everyone; a value that is there already stays."""

    key = "set_field"
    label = gettext_lazy("Set field")
    family = "data"
    icon = "pencil"
    form = SetFieldForm
    changes_contacts = True

    def example(self) -> Config:
        return {"field": "language", "value": "it"}

    def summary(self, config: Config) -> str:
        words = {"field": config.get("field", ""), "value": config.get("value", "")}
        if not config.get("value"):
            return _("Clears %(field)s") % words
        return _("%(field)s becomes “%(value)s”") % words

    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        return [Next()] * len(batch.runs)

    def act(self, batch: StepBatch) -> None:
        fields.set_field(
            contact_ids=batch.contact_ids,
            key=batch.config["field"],
            value=batch.config.get("value", ""),
            now=batch.now,
            source="journey",
        )


steps.register(SetField())
