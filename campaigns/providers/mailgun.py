from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
from campaigns.outbound import providers


class MailgunForm(forms.Form):
    """The key, the domain it sends for, and where the account lives."""

    api_key = forms.CharField(label=_("API key"), max_length=200, widget=forms.PasswordInput)
    sender_domain = forms.CharField(
        label=_("Sending domain"),
        max_length=253,
        required=False,
        help_text=_("Empty for the domain of your sender address."),
    )
    api_url = forms.ChoiceField(
        label=_("Region"),
        choices=[
            ("https://api.mailgun.net/v3", _("United States")),
            ("https://api.eu.mailgun.net/v3", _("European Union")),
        ],
    )


class Mailgun(AnymailProvider):
    key = "mailgun"
    label = "Mailgun"
    form_class = MailgunForm
    backend = "anymail.backends.mailgun.EmailBackend"
    keeps_message_id = True


providers.register(Mailgun())
