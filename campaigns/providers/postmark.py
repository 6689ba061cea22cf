from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
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


class Postmark(AnymailProvider):
    key = "postmark"
    label = "Postmark"
    form_class = PostmarkForm
    backend = "anymail.backends.postmark.EmailBackend"
    keeps_message_id = True
    more_headers = {"X-PM-KeepID": "true"}


providers.register(Postmark())
