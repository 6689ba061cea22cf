from datetime import timedelta
from typing import Any

from anymail.backends.resend import EmailBackend
from anymail.webhooks.resend import ResendTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, Keys
from campaigns.outbound import providers
from campaigns.signatures import check_svix


class ResendForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class IdempotentBackend(EmailBackend):
    """Names each call by its send id; Resend wants that in the HTTP header, not in the mail's."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        payload.headers["Idempotency-Key"] = message.metadata["send_id"]
        return payload


class ResendSecrets(forms.Form):
    """What Resend shows when the webhook is made."""

    signing_secret = forms.CharField(
        label=_("Signing secret"), max_length=200, widget=forms.PasswordInput
    )


class ResendFeedback(Feedback):
    view = ResendTrackingWebhookView
    form_class = ResendSecrets
    where = _("Resend, Webhooks, Add webhook: choose all events of emails.")
    headers = ("svix-id",)

    def verify(self, call: Call, keys: Keys) -> None:
        check_svix(call, keys.secrets["signing_secret"])

    def delivery_id(self, call: Call) -> str:
        return call.headers.get("svix-id", "")

    def is_hard(self, event: Any) -> bool:
        bounce = event.esp_event["data"].get("bounce") or {}
        return bounce.get("type") == "Permanent" or "hard bounce" in str(event.description)


class Resend(AnymailProvider):
    key = "resend"
    label = "Resend"
    form_class = ResendForm
    backend = f"{__name__}.IdempotentBackend"
    feedback = ResendFeedback()
    remembers = timedelta(hours=24)


providers.register(Resend())
