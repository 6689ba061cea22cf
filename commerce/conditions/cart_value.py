"""What the cart of a run is worth; beside journeys, the person's newest open cart."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.models import Cart, ShopFigures
from commerce.models.money import AmountField
from commerce.shown import main_currency
from contacts.contracts import ConditionScope, conditions
from core.money import money
from journeys.contracts import run_value

MEDIAN = "median"
NOBODY = Q(pk__in=[])


class CartValueForm(forms.Form):
    at_least = forms.CharField(
        label=gettext_lazy("Worth at least"),
        max_length=14,
        help_text=gettext_lazy("An amount, or “median” for the median of all carts."),
    )

    def clean_at_least(self) -> str:
        """`median`, or an amount of more than nothing."""
        text = str(self.cleaned_data["at_least"]).strip().lower()
        if text != MEDIAN and _amount(text) is None:
            raise ValidationError(
                _("Write an amount such as 50.00, or “median”."), code="bad_amount"
            )
        return text


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < Decimal(10**9) else None


class CartValue:
    key = "cart_value"
    label = gettext_lazy("Value of the cart")
    group = gettext_lazy("What they bought")
    icon = "shopping-cart"
    form = CartValueForm

    def summary(self, config: dict[str, Any]) -> str:
        amount = _amount(config["at_least"])
        if amount is None:
            return _("with a cart worth at least the median of all carts")
        return _("with a cart worth at least %(amount)s") % {
            "amount": money(amount, main_currency())
        }

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """Nobody's while there are too few carts to tell a median."""
        least = _amount(config["at_least"]) or _median()
        if least is None:
            return NOBODY
        values = [_newest()] if scope.journey_id is None else [_of_run(scope), _newest()]
        worth = Coalesce(
            *[Subquery(value) for value in values], Value(0), output_field=AmountField()
        )
        return Q(GreaterThanOrEqual(worth, least))


def _median() -> Decimal | None:
    return ShopFigures.objects.values_list("median_cart_value", flat=True).first()


def _newest() -> "QuerySet[Cart, Any]":
    """The value of a contact's newest open cart."""
    carts = Cart.objects.filter(contact=OuterRef("pk"), status=Cart.Status.OPEN)
    return carts.order_by("-changed_at").values("value")[:1]


def _of_run(scope: ConditionScope) -> "QuerySet[Cart, Any]":
    """The value of the cart that a contact's run of the journey is about."""
    assert scope.journey_id  # noqa: S101 - asked only for journeys
    named = run_value(scope.journey_id, "cart_id", OuterRef(OuterRef("pk")))
    carts = Cart.objects.annotate(key=Cast("pk", TextField()))
    return carts.filter(contact=OuterRef("pk"), key=Subquery(named)).values("value")[:1]


conditions.register(CartValue())
