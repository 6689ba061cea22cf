"""A field of somebody's profile got another value."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import fields
from contacts.models import ContactField
from events.models import Event
from journeys.contracts import Check, Config, Entry, entries
from journeys.event_filter import shortened


class FieldChangedForm(forms.Form):
    """Which field, and the value it has to get if any."""

    field = forms.CharField(
        label=gettext_lazy("Field"),
        max_length=40,
        help_text=gettext_lazy("The name of a field of your contacts, such as language."),
    )
    value = forms.CharField(
        label=gettext_lazy("New value"),
        max_length=fields.TEXT_MAX,
        required=False,
        help_text=gettext_lazy("Empty: any value."),
    )

    def clean_field(self) -> str:
        key = str(self.cleaned_data["field"])
        is_known = key in fields.PROFILE_FIELDS or ContactField.objects.filter(key=key).exists()
        if not is_known:
            raise forms.ValidationError(fields.unknown_field(key))
        return key


class FieldChanged(Entry):
    """By hand, by an import, by the API, by a survey or by another journey."""

    key = "field_changed"
    label = gettext_lazy("Field changed")
    icon = "pencil"
    form = FieldChangedForm

    def example(self) -> Config:
        return {"field": "language", "value": "it"}

    def summary(self, config: Config) -> str:
        words = {"field": config.get("field", ""), "value": config.get("value", "")}
        if words["value"]:
            return _("When %(field)s becomes “%(value)s”") % words
        return _("When %(field)s changes") % words

    def event_type(self, config: Config) -> str:
        return "field.changed"

    def matches(self, config: Config, event: Event) -> bool:
        return event.data.get("field") == config.get("field") and _is_wanted(config, event)

    def checks(self, config: Config, event: Event) -> list[Check]:
        field = shortened(event.data.get("field", ""))
        which = Check(
            _("the field is “%(field)s”") % {"field": config.get("field", "")},
            event.data.get("field") == config.get("field"),
            _("it was “%(value)s”") % {"value": field},
        )
        if not config.get("value"):
            return [which]
        wanted = _("it becomes “%(value)s”") % {"value": shortened(config["value"])}
        had = _("it was “%(value)s”") % {"value": shortened(event.data.get("value"))}
        return [which, Check(wanted, _is_wanted(config, event), had)]


def _is_wanted(config: Config, event: Event) -> bool:
    wanted = str(config.get("value") or "")
    return not wanted or str(event.data.get("value")).casefold() == wanted.casefold()


entries.register(FieldChanged())
