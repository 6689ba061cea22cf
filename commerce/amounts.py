"""Amounts of money and quantities, as numbers and as the texts events and the API carry."""

from collections.abc import Mapping
from decimal import Decimal

from commerce.models import Currency

STEP = Decimal("0.001")
# numeric(14, 3) holds less than this.
AMOUNT_LIMIT = Decimal(10) ** 11
QUANTITY_LIMIT = Decimal(10) ** 9


def amount_text(amount: Decimal) -> str:
    """Two decimals, or three where the third says something: "59.90", "1.125"."""
    text = f"{amount:.3f}"
    return text[:-1] if text.endswith("0") else text


def quantity_text(quantity: Decimal) -> str:
    """As few digits as say it: "1", "0.5"."""
    return format(quantity.normalize(), "f")


def value_of(amount: Decimal, rate: Decimal) -> Decimal:
    """The amount in the main currency, to three decimals."""
    return (amount * rate).quantize(STEP)


def known_rates() -> Mapping[str, Decimal]:
    """What one unit of each currency the workspace sells in is worth in its main one."""
    return dict(Currency.objects.values_list("code", "rate"))
