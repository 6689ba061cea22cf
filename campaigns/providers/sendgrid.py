import warnings
from typing import Any

from anymail.backends.sendgrid import EmailBackend
from anymail.exceptions import AnymailNotSupportedWarning
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, Keys, list_parts
from campaigns.outbound import providers
from campaigns.public_keys import PublicKeyField, as_pem


class SendGridForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class SendGridSecrets(forms.Form):
    """What SendGrid shows when its webhook is signed."""

    verification_key = PublicKeyField(label=_("Verification key"))


class SendGridFeedback(Feedback):
    view = SendGridTrackingWebhookView
    form_class = SendGridSecrets
    where = _("SendGrid, Settings, Mail settings, Event webhooks: choose all, and sign them.")
    shapes = (list,)

    def attributes(self, keys: Keys) -> dict[str, Any]:
        key = load_pem_public_key(as_pem(keys.secrets["verification_key"]))
        return {"webhook_verification_key": key}

    def parts(self, call: Call) -> list[bytes]:
        return list_parts(call)

    def is_hard(self, event: Any) -> bool:
        if event.esp_event.get("event") == "bounce":
            return event.esp_event.get("type") != "blocked"
        return super().is_hard(event)

    def is_machine(self, event: Any) -> bool:
        return bool(event.esp_event.get("sg_machine_open"))


class QuietBackend(EmailBackend):
    """Anymail's backend, which at every start says that nobody tests it any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            super().__init__(*args, **kwargs)


class SendGrid(AnymailProvider):
    key = "sendgrid"
    label = "SendGrid"
    form_class = SendGridForm
    backend = f"{__name__}.QuietBackend"
    feedback = SendGridFeedback()


providers.register(SendGrid())
