"""The form of a connected shop."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commerce.models import Currency
from commerce.shop_kinds import Setup


class ShopForm(forms.Form):
    """What an admin says of a shop; a secret that is stored is never shown again."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Only you see this."))
    currency = forms.ChoiceField(
        label=_("Currency of its prices"),
        help_text=_("Its webhooks do not say in which currency products are priced."),
    )
    secret = forms.CharField(
        label=_("Secret"),
        max_length=255,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, setup: Setup, *args: Any, has_secret: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = Currency.objects.order_by("-is_main", "code").values_list("code", flat=True)
        self.fields["currency"].choices = [(code, code) for code in codes]  # type: ignore[attr-defined]
        self.fields["secret"].help_text = _secret_help(setup, has_secret=has_secret)


def _secret_help(setup: Setup, *, has_secret: bool) -> Any:
    if has_secret:
        return _("Leave empty to keep the one that is stored.")
    if setup.makes_secret:
        return _("Leave empty to have one made.")
    return _("The shop shows it once its first webhook is there. You can enter it later.")
