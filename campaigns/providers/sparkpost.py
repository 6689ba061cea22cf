from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.anymail_provider import AnymailProvider
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


class SparkPost(AnymailProvider):
    key = "sparkpost"
    label = "SparkPost"
    form_class = SparkPostForm
    backend = "anymail.backends.sparkpost.EmailBackend"


providers.register(SparkPost())
