from datetime import timedelta

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
    # 15 minutes by its changelog, 30 by a later page: the shorter one is safe.
    remembers = timedelta(minutes=15)
    idempotency_header = "idempotencyKey"


providers.register(Brevo())
