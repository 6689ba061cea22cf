from typing import Any

import msgspec
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, Keys
from campaigns.outbound import providers
from core.api.json_body import decode_json


class MailtrapForm(forms.Form):
    """The token of the account."""

    api_token = forms.CharField(label=_("API token"), max_length=200, widget=forms.PasswordInput)


class MailtrapSecrets(forms.Form):
    """What Mailtrap shows beside the webhook."""

    signature_secret = forms.CharField(
        label=_("Signature secret"), max_length=200, widget=forms.PasswordInput
    )


class MailtrapFeedback(Feedback):
    view = MailtrapTrackingWebhookView
    form_class = MailtrapSecrets
    where = _("Mailtrap, Settings, Webhooks: all events of email sending.")

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"signing_secret": keys.secrets["signature_secret"].encode()}

    def parts(self, call: Call) -> list[bytes]:
        reports = decode_json(call.body).get("events", [])
        return [msgspec.json.encode({"events": [report]}) for report in reports]


class Mailtrap(AnymailProvider):
    key = "mailtrap"
    label = "Mailtrap"
    form_class = MailtrapForm
    backend = "anymail.backends.mailtrap.EmailBackend"
    feedback = MailtrapFeedback()


providers.register(Mailtrap())
