"""The forms of templates, filters and sending accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.feedback import Feedback
from campaigns.models import Message
from campaigns.outbound import Provider

SUBJECT_FITS = 50
PREHEADER_FITS = 90
LANGUAGES = [
    ("en", "English"),
    ("it", "Italiano"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
]
WAITING = ("queued", "claimed", "calling", "retry", "deferred", "held")
# What the list of messages can be narrowed to: groups of states, and every state of its own.
STATUS_GROUPS: dict[str, tuple[str, ...]] = {
    "": (),
    "waiting": WAITING,
    "sent": ("accepted", "delivered"),
    "not_sent": ("skipped",),
    "trouble": ("failed", "bounced", "complained"),
    "in_doubt": ("in_doubt",),
}
GROUP_LABELS = {
    "": _("All"),
    "waiting": _("Waiting"),
    "sent": _("Sent"),
    "not_sent": _("Held back"),
    "trouble": _("Failed"),
    "in_doubt": _("In doubt"),
}


class TemplateFields(forms.Form):
    """What a mail has besides its content."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Only you see this."))
    subject = forms.CharField(label=_("Subject"), max_length=255)
    preheader = forms.CharField(
        label=_("Preview text"),
        max_length=300,
        required=False,
        help_text=_("Shown after the subject in the inbox."),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("For the footer and its links.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("subject", SUBJECT_FITS), ("preheader", PREHEADER_FITS)):
            self.fields[name].widget.attrs["data-count"] = str(most)


class NewTemplate(forms.Form):
    """What a new mail is called and what it begins with."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Only you see this."))
    start = forms.CharField(widget=forms.HiddenInput, initial="blank")


class MessageFilters(forms.Form):
    """How the list of messages is narrowed; nonsense narrows nothing."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(
        required=False,
        choices=[*((key, key) for key in STATUS_GROUPS), *Message.Status.choices],
    )
    kind = forms.TypedChoiceField(
        required=False,
        choices=[("", _("All kinds")), *Message.Lane.choices],
        coerce=int,
        empty_value=None,
        label=_("Kind"),
    )
    before = forms.UUIDField(required=False)
    contact = forms.UUIDField(required=False)
    template = forms.UUIDField(required=False)


class AccountFields(forms.Form):
    """What every sending account has, whatever its provider."""

    label = forms.CharField(label=_("Name"), max_length=80, help_text=_("Only you see this."))
    rate = forms.FloatField(
        label=_("Messages per second, at most"), min_value=0.01, max_value=1000, initial=20
    )
    burst = forms.IntegerField(
        label=_("At once, at most"),
        min_value=1,
        max_value=10_000,
        initial=50,
        help_text=_("So many may go together after a pause."),
    )


def credentials_form(
    provider: Provider | Feedback, data: Any = None, stored: dict[str, Any] | None = None
) -> forms.Form:
    """A provider's form; of what is stored, secrets are not shown and may be left as they are."""
    form = provider.form_class(data, prefix="account", initial=dict(stored or {}))
    if stored:
        for name, field in form.fields.items():
            if is_secret(field) and stored.get(name):
                field.required = False
                field.help_text = _("Leave empty to keep the one that is stored.")
                form.initial.pop(name, None)
    for field in form.fields.values():
        if is_secret(field):
            field.widget.attrs["autocomplete"] = "new-password"
    return form


def is_secret(field: forms.Field) -> bool:
    """Whether a field's value must never be shown again."""
    return isinstance(field.widget, forms.PasswordInput)


def merged_credentials(form: forms.Form, stored: dict[str, Any] | None = None) -> dict[str, Any]:
    """What was typed, with stored secrets where nothing was typed."""
    kept = stored or {}
    return {
        name: kept.get(name, "") if is_secret(form.fields[name]) and not value else value
        for name, value in form.cleaned_data.items()
    }
