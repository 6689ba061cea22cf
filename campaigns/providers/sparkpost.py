from typing import Any

from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.feedback import Call, Feedback, list_parts
from campaigns.outbound import providers


class SparkPostForm(forms.Form):
    """The key, and where the account lives."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)
    api_url = forms.ChoiceField(
        label=_("Region"),
        choices=[
            ("https://api.sparkpost.com/api/v1", _("United States")),
            ("https://api.eu.sparkpost.com/api/v1", _("European Union")),
        ],
    )


class SparkPostFeedback(Feedback):
    view = SparkPostTrackingWebhookView
    where = _("SparkPost, Configuration, Webhooks: choose all events.")
    shapes = (list,)

    def parts(self, call: Call) -> list[bytes]:
        return list_parts(call)

    def is_hard(self, event: Any) -> bool:
        # Invalid recipient, and no such recipient (SparkPost's bounce classification codes).
        told = next(iter(event.esp_event["msys"].values()))
        return str(told.get("bounce_class")) in ("10", "30")


class SparkPost(AnymailProvider):
    key = "sparkpost"
    label = "SparkPost"
    form_class = SparkPostForm
    backend = "anymail.backends.sparkpost.EmailBackend"
    feedback = SparkPostFeedback()


providers.register(SparkPost())
