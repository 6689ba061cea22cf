from datetime import timedelta
from typing import Any

from anymail.webhooks.brevo import BrevoTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Feedback
from campaigns.outbound import providers


class BrevoForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class BrevoFeedback(Feedback):
    view = BrevoTrackingWebhookView
    where = _("Brevo, Transactional, Settings, Webhook: choose all events.")

    def is_hard(self, event: Any) -> bool:
        return event.esp_event.get("event") in ("hard_bounce", "invalid_email")

    def is_machine(self, event: Any) -> bool:
        return "proxy" in str(event.esp_event.get("event"))


class Brevo(AnymailProvider):
    key = "brevo"
    label = "Brevo"
    form_class = BrevoForm
    backend = "anymail.backends.brevo.EmailBackend"
    feedback = BrevoFeedback()
    # 15 minutes by its changelog, 30 by a later page: the shorter one is safe.
    remembers = timedelta(minutes=15)
    idempotency_header = "idempotencyKey"


providers.register(Brevo())
