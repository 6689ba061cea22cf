"""Forms of the shop's pages."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from commerce.currencies import RATE_LIMIT
from commerce.models import Currency
from commerce.order_import import SOURCE, sources
from contacts.fields import DATE_ORDERS

DATES = ("2026-12-31", _("31/12/2026, day first"), _("12/31/2026, month first"))


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


class OrderFileForm(forms.Form):
    """A file of past orders, and what it leaves open."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One row per product of an order; up to 5,000 rows and 5 MB."),
    )
    date_order = forms.ChoiceField(
        label=_("Dates in this file are written like"),
        choices=[("", _("Choose…")), *zip(DATE_ORDERS, DATES, strict=True)],
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=lambda: [
            (code, code)
            for code in Currency.objects.order_by("-is_main", "code").values_list("code", flat=True)
        ],
        help_text=_("Of orders that do not name one."),
    )
    source = forms.ChoiceField(
        label=_("Shop"),
        choices=lambda: [*sources(), (SOURCE, _("Another shop"))],
        help_text=_("Orders a connected shop sends again are then known."),
    )
