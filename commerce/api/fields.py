"""Fields of shop data in the API: amounts, moments and ids, refused with codes of their own."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commerce.amounts import AMOUNT_LIMIT, amount_text, quantity_text
from events.ingest import parse_timestamp

NUMBER_MAX = 40
AMOUNT = {
    "oneOf": [
        {"type": "string", "pattern": r"^\d{1,11}(\.\d{1,3})?$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": float(AMOUNT_LIMIT)},
    ],
    "examples": ["29.90"],
}
SHOWN = {"type": "string", "pattern": r"^\d+(\.\d+)?$", "examples": ["29.90"]}


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        number = Decimal(str(value)) if len(str(value)) <= NUMBER_MAX else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


@extend_schema_field(AMOUNT)
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """An amount of money, as text ("29.90") or a number."""

    def to_internal_value(self, data: Any) -> Decimal:
        number = _decimal(data)
        if number is None:
            raise serializers.ValidationError(_("Write an amount such as 29.90."), "bad_amount")
        if number < 0:
            message = _("An amount cannot be below zero.")
            raise serializers.ValidationError(message, "negative_amount")
        return number

    def to_representation(self, value: Decimal) -> str:
        return amount_text(value)


@extend_schema_field(SHOWN)
class ShownAmountField(AmountField):
    """An amount in an answer: always text."""


@extend_schema_field(AMOUNT)
class QuantityField(serializers.Field[Decimal, Any, str, Any]):
    """How many or how much, up to three decimals."""

    def to_internal_value(self, data: Any) -> Decimal:
        number = _decimal(data)
        if number is None or number < 0:
            message = _("Write a quantity such as 1 or 0.5.")
            raise serializers.ValidationError(message, "bad_quantity")
        return number

    def to_representation(self, value: Decimal) -> str:
        return quantity_text(value)


@extend_schema_field(SHOWN)
class ShownQuantityField(QuantityField):
    """A quantity in an answer: always text."""


@extend_schema_field({"type": "string", "format": "date-time"})
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A moment with its time zone."""

    def to_internal_value(self, data: Any) -> datetime:
        moment = parse_timestamp(data)
        if moment is None:
            message = _("Write a moment such as 2026-11-20T12:00:00Z.")
            raise serializers.ValidationError(message, "bad_timestamp")
        return moment


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class IdField(serializers.CharField):
    """A shop's own id: the number 123 and the text "123" are the same."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, float):
            self.fail("invalid")
        return str(super().to_internal_value(data))
