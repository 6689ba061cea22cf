from typing import Any

from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Feedback
from campaigns.outbound import providers


class PostmarkForm(forms.Form):
    """Which server of the account to send through."""

    server_token = forms.CharField(
        label=_("Server token"), max_length=200, widget=forms.PasswordInput
    )
    message_stream = forms.CharField(
        label=_("Message stream"),
        max_length=60,
        required=False,
        help_text=_("Newsletters need a broadcast stream, as “broadcast”."),
    )


class PostmarkFeedback(Feedback):
    view = PostmarkTrackingWebhookView
    where = _("Postmark, your server, the message stream, Webhooks: choose all events.")

    def is_hard(self, event: Any) -> bool:
        told = {event.esp_event.get("Type"), event.esp_event.get("SuppressionReason")}
        return bool(told & {"HardBounce", "BadEmailAddress"})


class Postmark(AnymailProvider):
    key = "postmark"
    label = "Postmark"
    form_class = PostmarkForm
    backend = "anymail.backends.postmark.EmailBackend"
    feedback = PostmarkFeedback()
    keeps_message_id = True
    more_headers = {"X-PM-KeepID": "true"}


providers.register(Postmark())
