from typing import Any

from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Feedback, Keys
from campaigns.outbound import providers


class MailerSendForm(forms.Form):
    """The token of the account."""

    api_token = forms.CharField(
        label=_("API token"),
        max_length=2000,
        widget=forms.PasswordInput,
        help_text=_("Newsletters need a plan that allows headers of your own."),
    )


class MailerSendSecrets(forms.Form):
    """What MailerSend shows when the webhook is made."""

    signing_secret = forms.CharField(
        label=_("Signing secret"), max_length=200, widget=forms.PasswordInput
    )


class MailerSendFeedback(Feedback):
    view = MailerSendTrackingWebhookView
    form_class = MailerSendSecrets
    where = _("MailerSend, Domains, Manage, Webhooks: choose all activity events.")

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"signing_secret": keys.secrets["signing_secret"].encode()}

    def is_hard(self, event: Any) -> bool:
        return bool(event.esp_event["data"].get("type") == "hard_bounced")


class MailerSend(AnymailProvider):
    key = "mailersend"
    label = "MailerSend"
    form_class = MailerSendForm
    backend = "anymail.backends.mailersend.EmailBackend"
    feedback = MailerSendFeedback()
    takes_metadata = False


providers.register(MailerSend())
