from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class BrevoForm(forms.Form):
    """The key of the account."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)


class Brevo(AnymailProvider):
    key = "brevo"
    label = "Brevo"
    form_class = BrevoForm
    backend = "anymail.backends.brevo.EmailBackend"


providers.register(Brevo())
