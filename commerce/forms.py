"""Forms of the shop's pages."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from commerce.currencies import RATE_LIMIT


class CurrencyForm(forms.Form):
    """A currency by its three letters, and what one unit is worth."""

    code = forms.CharField(
        label=_("Currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Za-z]{3}$", _("Write its three letters, such as USD."))],
        help_text=_("Its three letters, such as USD."),
    )
    rate = forms.DecimalField(
        label=_("One unit is worth"),
        min_value=0,
        max_digits=18,
        decimal_places=8,
        help_text=_("In the main currency. Orders keep the value they came in with."),
    )

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).upper()

    def clean_rate(self) -> object:
        rate = self.cleaned_data["rate"]
        if not 0 < rate < RATE_LIMIT:
            raise forms.ValidationError(_("Write a rate above zero, such as 0.92."))
        return rate
