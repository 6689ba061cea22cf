from typing import Any
from urllib.parse import urlencode

import msgspec
from anymail.signals import EventType
from anymail.webhooks.mandrill import MandrillCombinedWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, Keys, invalid_json
from campaigns.outbound import providers
from core.api.json_body import decode_json


class MandrillForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class MandrillSecrets(forms.Form):
    """What Mandrill shows beside the webhook."""

    webhook_key = forms.CharField(
        label=_("Webhook key"), max_length=200, widget=forms.PasswordInput
    )


class MandrillFeedback(Feedback):
    """Mandrill signs the address and the form's fields; the reports are one field of it."""

    view = MandrillCombinedWebhookView
    form_class = MandrillSecrets
    where = _("Mailchimp Transactional, Settings, Webhooks: choose all events.")

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"webhook_key": keys.secrets["webhook_key"].encode()}

    def made(self, **attributes: Any) -> Any:
        return super().made(signal=None, **attributes)

    def verify(self, call: Call, keys: Keys) -> None:
        view = self.made(webhook_url=call.url(), **self.attributes(keys))
        view.run_validators(call.request())

    def check_payload(self, call: Call) -> None:
        if not isinstance(self._reports(call), list):
            raise invalid_json()

    def parts(self, call: Call) -> list[bytes]:
        return [
            urlencode({"mandrill_events": msgspec.json.encode([report])}).encode()
            for report in self._reports(call)
        ]

    def event_type(self, event: Any) -> str:
        # Newer than Anymail's list.
        is_delivered = event.esp_event.get("event") == "delivered"
        return EventType.DELIVERED if is_delivered else super().event_type(event)

    def is_hard(self, event: Any) -> bool:
        return bool(event.esp_event.get("event") == "hard_bounce")

    def _reports(self, call: Call) -> Any:
        return decode_json(call.request().POST.get("mandrill_events", "").encode())


class Mandrill(AnymailProvider):
    key = "mandrill"
    label = "Mandrill"
    form_class = MandrillForm
    backend = "anymail.backends.mandrill.EmailBackend"
    feedback = MandrillFeedback()


providers.register(Mandrill())
