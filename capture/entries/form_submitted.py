"""A sign-up form was filled in."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from capture.models import SignupForm
from contacts.naming import names
from events.models import Event
from journeys.contracts import Check, Config, Entry, entries


def _forms() -> list[tuple[str, str]]:
    return list(SignupForm.objects.values_list("slug", "name"))


def _choices() -> list[tuple[str, str]]:
    return [("", str(gettext_lazy("Any form"))), *_forms()]


def _named(slug: str) -> str:
    return names("signup_forms", lambda: dict(_forms())).get(slug, slug)


class FormSubmittedForm(forms.Form):
    """Which form."""

    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=_choices,
        required=False,
        help_text=gettext_lazy(
            "Filled in is not yet confirmed: marketing goes only to those who have agreed."
        ),
    )


class FormSubmitted(Entry):
    """Whether or not they confirm by mail afterwards."""

    key = "form_submitted"
    label = gettext_lazy("Form submitted")
    icon = "clipboard-pen"
    form = FormSubmittedForm

    def example(self) -> Config:
        return {}

    def summary(self, config: Config) -> str:
        if not config.get("form"):
            return _("When any form is filled in")
        return _("When the form “%(form)s” is filled in") % {"form": _named(config["form"])}

    def event_type(self, config: Config) -> str:
        return "form.submitted"

    def matches(self, config: Config, event: Event) -> bool:
        return not config.get("form") or event.data.get("form") == config["form"]

    def checks(self, config: Config, event: Event) -> list[Check]:
        if not config.get("form"):
            return [Check(_("any form will do"), True)]
        wanted = _("the form is “%(form)s”") % {"form": _named(config["form"])}
        had = _("it was “%(value)s”") % {"value": _named(str(event.data.get("form", "")))}
        return [Check(wanted, self.matches(config, event), had)]


entries.register(FormSubmitted())
