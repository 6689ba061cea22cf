"""What an owner says of a coupon, and of the codes in its pool."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.coupons.redeeming import normal
from commerce.models import Coupon, Currency
from tenants.context import current_workspace

_WORD = re.compile(r"[A-Z0-9_-]*")
OPTIONAL = (
    "amount", "prefix", "fallback_code",
    "valid_hours", "min_spend", "min_orders", "max_orders", "none_in_days",
)  # fmt: skip


class CouponForm(forms.ModelForm):
    """One coupon: what it gives, where its codes come from, for how long, and to whom."""

    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("No code works after it. Empty: no end."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )

    class Meta:
        model = Coupon
        fields = [
            "name", "kind", "amount", "currency", "codes", "prefix", "fallback_code",
            "valid_hours", "min_spend", "min_orders", "max_orders", "none_in_days",
        ]  # fmt: skip
        labels = {
            "currency": gettext_lazy("Currency"),
            "valid_hours": gettext_lazy("Each code works for so many hours"),
            "min_spend": gettext_lazy("Has spent at least"),
            "min_orders": gettext_lazy("Has ordered at least so often"),
            "max_orders": gettext_lazy("Has ordered at most so often"),
            "none_in_days": gettext_lazy("Had no code of any coupon in the last so many days"),
        }
        help_texts = {
            "prefix": gettext_lazy("Begins each code that is made here, such as SPRING."),
            "fallback_code": gettext_lazy(
                "The one code for everybody; or what people get when the list is used up."
            ),
            "max_orders": gettext_lazy("0 means: never ordered yet."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(current_workspace("A coupon").timezone)
        codes = [(each, each) for each in Currency.objects.order_by("-is_main", "code")
                 .values_list("code", flat=True)]  # fmt: skip
        self.fields["currency"] = forms.ChoiceField(
            label=self.fields["currency"].label, choices=codes or [("EUR", "EUR")], required=False
        )
        for name in OPTIONAL:
            self.fields[name].required = False
        if self.instance.expires_at:
            last = self.instance.expires_at - timedelta(microseconds=1)
            self.initial["expires_on"] = last.astimezone(self.zone).date()
        if self.instance.code_rows.exists() if not self.instance._state.adding else False:
            # Codes that exist came from there.
            self.fields["codes"].disabled = True

    def clean_prefix(self) -> str:
        return self._word("prefix")

    def clean_fallback_code(self) -> str:
        return self._word("fallback_code")

    def _word(self, name: str) -> str:
        word = normal(self.cleaned_data.get(name) or "")
        if not _WORD.fullmatch(word):
            raise ValidationError(_("Use letters, digits, - and _ only."), code="bad_code")
        return word

    def clean(self) -> dict[str, Any]:
        """What one field asks of another."""
        given = super().clean() or self.cleaned_data
        self._check_amount(given)
        if given.get("codes") == Coupon.Codes.SHARED and not given.get("fallback_code"):
            self._refuse("fallback_code", "code_missing", _("Write the code that everybody gets."))
        least, most = given.get("min_orders"), given.get("max_orders")
        if least is not None and most is not None and least > most:
            self._refuse("max_orders", "bad_range", _("This is less than the orders at least."))
        return given

    def _check_amount(self, given: dict[str, Any]) -> None:
        amount = given["amount"] = given.get("amount") or 0
        kind = given.get("kind")
        if kind != Coupon.Kind.SHIPPING and amount <= 0 and "amount" not in self.errors:
            self._refuse("amount", "bad_amount", _("Write how much it gives."))
        if kind == Coupon.Kind.PERCENT and amount > 100:
            self._refuse("amount", "bad_amount", _("It cannot give more than 100 percent."))

    def _refuse(self, name: str, code: str, sentence: str) -> None:
        self.add_error(name, ValidationError(sentence, code=code))

    def values(self) -> dict[str, Any]:
        """The coupon's columns; the last day ends at midnight where the workspace is."""
        values = dict(self.cleaned_data)
        last = values.pop("expires_on")
        if values["kind"] != Coupon.Kind.AMOUNT:
            values["currency"] = ""
        ends = last and datetime.combine(last + timedelta(days=1), time(), self.zone)
        return {**values, "expires_at": ends}


class PoolForm(forms.Form):
    """Codes made in the shop: a file, or pasted."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A CSV or text file with one code a line, 100,000 at most."),
        required=False,
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or paste them here"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        given = super().clean() or self.cleaned_data
        if not given.get("file") and not (given.get("pasted") or "").strip() and not self.errors:
            raise ValidationError(_("Choose a file or paste codes."), code="no_codes")
        return given
