from typing import Any

from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, list_parts
from campaigns.outbound import providers


class MailjetForm(forms.Form):
    """The two halves of the account's key."""

    api_key = forms.CharField(label=_("API key"), max_length=200)
    secret_key = forms.CharField(label=_("Secret key"), max_length=200, widget=forms.PasswordInput)


class MailjetFeedback(Feedback):
    view = MailjetTrackingWebhookView
    where = _("Mailjet, Account settings, Event notifications: all events, grouped.")
    shapes = (dict, list)

    def parts(self, call: Call) -> list[bytes]:
        return list_parts(call)

    def is_hard(self, event: Any) -> bool:
        return bool(event.esp_event.get("hard_bounce"))


class Mailjet(AnymailProvider):
    key = "mailjet"
    label = "Mailjet"
    form_class = MailjetForm
    backend = "anymail.backends.mailjet.EmailBackend"
    feedback = MailjetFeedback()


providers.register(Mailjet())
