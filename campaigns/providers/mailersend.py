from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class MailerSendForm(forms.Form):
    """The token of the account."""

    api_token = forms.CharField(
        label=_("API token"),
        max_length=2000,
        widget=forms.PasswordInput,
        help_text=_("Newsletters need a plan that allows headers of your own."),
    )


class MailerSend(AnymailProvider):
    key = "mailersend"
    label = "MailerSend"
    form_class = MailerSendForm
    backend = "anymail.backends.mailersend.EmailBackend"
    takes_metadata = False


providers.register(MailerSend())
