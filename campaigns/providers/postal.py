from typing import Any

from anymail.webhooks.postal import PostalTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.bounces import says_dead
from campaigns.feedback import Feedback, Keys
from campaigns.outbound import providers
from campaigns.public_keys import PublicKeyField


class PostalForm(forms.Form):
    """Which of your own Postal servers, and the key of it."""

    api_url = forms.URLField(
        label=_("Address of your Postal server"), max_length=200, assume_scheme="https"
    )
    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class PostalSecrets(forms.Form):
    """The public half of the key that Postal signs with."""

    webhook_key = PublicKeyField(
        label=_("Public key of the webhooks"),
        help_text=_("The part behind “p=” that “postal default-dkim-record” prints."),
    )


class PostalFeedback(Feedback):
    view = PostalTrackingWebhookView
    form_class = PostalSecrets
    where = _("Postal, your server, Webhooks: all events.")

    def attributes(self, keys: Keys) -> dict[str, Any]:
        return {"webhook_key": keys.secrets["webhook_key"]}

    def is_hard(self, event: Any) -> bool:
        return says_dead(f"{event.mta_response or ''} {event.description or ''}")


class Postal(AnymailProvider):
    key = "postal"
    label = "Postal"
    form_class = PostalForm
    backend = "anymail.backends.postal.EmailBackend"
    feedback = PostalFeedback()
    takes_metadata = False


providers.register(Postal())
