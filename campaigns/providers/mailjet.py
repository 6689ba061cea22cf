from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class MailjetForm(forms.Form):
    """The two halves of the account's key."""

    api_key = forms.CharField(label=_("API key"), max_length=200)
    secret_key = forms.CharField(label=_("Secret key"), max_length=200, widget=forms.PasswordInput)


class Mailjet(AnymailProvider):
    key = "mailjet"
    label = "Mailjet"
    form_class = MailjetForm
    backend = "anymail.backends.mailjet.EmailBackend"


providers.register(Mailjet())
