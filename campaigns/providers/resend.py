from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class ResendForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class Resend(AnymailProvider):
    key = "resend"
    label = "Resend"
    form_class = ResendForm
    backend = "anymail.backends.resend.EmailBackend"


providers.register(Resend())
