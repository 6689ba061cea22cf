"""What forms of entries about shop data share: a category, amounts, a backlog."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.models import Category, Currency
from contacts.naming import names
from core.errors import Problem
from core.money import money


def category_field() -> forms.ModelChoiceField:
    """Products of a category, or of any."""
    return forms.ModelChoiceField(
        label=gettext_lazy("Category"),
        queryset=Category.objects.order_by("name", "pk"),
        required=False,
        empty_label=gettext_lazy("Any category"),
        help_text=gettext_lazy("With everything that stands below it."),
    )


def amount_field(label: Any, help_text: Any = "") -> forms.DecimalField:
    """An amount in the workspace's main currency."""
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=3,
        required=False,
    )


def backlog_field() -> forms.BooleanField:
    """Whether those count whose moment came before the journey was published."""
    return forms.BooleanField(
        label=gettext_lazy("Include those who already are there"),
        help_text=gettext_lazy(
            "They come in once, when you publish. Without it the journey begins with those whose"
            " day comes from then on."
        ),
        required=False,
    )


def category_problems(config: dict[str, Any]) -> list[Problem]:
    """What is wrong with a category that has been deleted since it was chosen."""
    if not config.get("category") or _name_of(config["category"]):
        return []
    message = _("The category chosen here is not in the shop any more. Choose another one.")
    return [Problem("no_such_category", message)]


def category_words(config: dict[str, Any]) -> str:
    """The name of the category; "" for any."""
    return _name_of(config["category"]) if config.get("category") else ""


def _name_of(category_id: str) -> str:
    try:
        wanted = UUID(str(category_id))
    except ValueError:
        return ""
    return names(f"category {wanted}", lambda: _category(wanted)).get("name", "")


def _category(wanted: UUID) -> dict[str, str]:
    name = Category.objects.filter(pk=wanted).values_list("name", flat=True).first()
    return {"name": name} if name else {}


def amount_words(amount: Any) -> str:
    """An amount in the workspace's main currency: "€50.00"."""
    main = names("main currency", _main_currency)
    return money(Decimal(str(amount)), main.get("code", "EUR"))


def _main_currency() -> dict[str, str]:
    code = Currency.objects.filter(is_main=True).values_list("code", flat=True).first()
    return {"code": code} if code else {}
