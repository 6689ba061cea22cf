from collections.abc import Mapping
from typing import Any

from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import BadSignature, Call, Feedback, Keys, invalid_json
from campaigns.outbound import providers
from campaigns.signatures import check_moment
from core.api.json_body import decode_json


class MailgunForm(forms.Form):
    """The key, the domain it sends for, and where the account lives."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)
    sender_domain = forms.CharField(
        label=_("Sending domain"),
        max_length=253,
        required=False,
        help_text=_("Empty for the domain of your sender address."),
    )
    api_url = forms.ChoiceField(
        label=_("Region"),
        choices=[
            ("https://api.mailgun.net/v3", _("United States")),
            ("https://api.eu.mailgun.net/v3", _("European Union")),
        ],
    )


class MailgunSecrets(forms.Form):
    """The key of the account's webhooks, which is not its API key."""

    webhook_signing_key = forms.CharField(
        label=_("HTTP webhook signing key"), max_length=200, widget=forms.PasswordInput
    )


class MailgunFeedback(Feedback):
    """Mailgun signs a moment and a token, not the body: each is good once, for five minutes."""

    view = MailgunTrackingWebhookView
    form_class = MailgunSecrets
    where = _("Mailgun, Sending, Webhooks: one for every event.")
    is_single_use = True

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"webhook_signing_key": keys.secrets["webhook_signing_key"].encode()}

    def verify(self, call: Call, keys: Keys) -> None:
        super().verify(call, keys)
        signature = self._signature(call)
        check_moment(signature["timestamp"], call.at)
        if not signature["token"]:
            raise BadSignature

    def check_payload(self, call: Call) -> None:
        if not isinstance(self._payload(call), Mapping):
            raise invalid_json()

    def delivery_id(self, call: Call) -> str:
        return str(self._signature(call)["token"])

    def event_id(self, event: Any) -> str:
        # The token is another one when the call is repeated; the id is good for a day only.
        data = event.esp_event.get("event-data") or {}
        return f"{data['id']} {data.get('timestamp')}" if data.get("id") else ""

    def is_machine(self, event: Any) -> bool:
        data = event.esp_event.get("event-data") or {}
        return bool((data.get("client-info") or {}).get("bot"))

    def _payload(self, call: Call) -> Any:
        request = call.request()
        return decode_json(call.body) if _is_json(request.content_type) else request.POST

    def _signature(self, call: Call) -> Mapping[str, Any]:
        payload = self._payload(call)
        found: Mapping[str, Any] = payload["signature"] if "event-data" in payload else payload
        return found


def _is_json(content_type: str | None) -> bool:
    return content_type == "application/json"


class Mailgun(AnymailProvider):
    key = "mailgun"
    label = "Mailgun"
    form_class = MailgunForm
    backend = "anymail.backends.mailgun.EmailBackend"
    feedback = MailgunFeedback()
    keeps_message_id = True


providers.register(Mailgun())
