from datetime import timedelta
from typing import Any

from anymail.backends.resend import EmailBackend
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class ResendForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class IdempotentBackend(EmailBackend):
    """Names each call by its send id; Resend wants that in the HTTP header, not in the mail's."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)
        payload.headers["Idempotency-Key"] = message.metadata["send_id"]
        return payload


class Resend(AnymailProvider):
    key = "resend"
    label = "Resend"
    form_class = ResendForm
    backend = f"{__name__}.IdempotentBackend"
    remembers = timedelta(hours=24)


providers.register(Resend())
