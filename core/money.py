"""Amounts of money in words: the decimals of ISO 4217, signs and marks of the reader's language."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language

# ISO 4217, minor units other than two.
WHOLE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV",
         "XAF", "XOF", "XPF")  # fmt: skip
IN_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DECIMALS = {**dict.fromkeys(WHOLE, 0), **dict.fromkeys(IN_THOUSANDTHS, 3)}
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "PLN": "zł", "CZK": "Kč", "BRL": "R$"}
NO_BREAK = "\u00a0"


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount at the decimals of its currency, half up."""
    step = Decimal(1).scaleb(-DECIMALS.get(currency, 2))
    return Decimal(amount).quantize(step, ROUND_HALF_UP)


def money(amount: Decimal, currency: str) -> str:
    """The amount as people write it: €1,204.50 in English, 1.204,50 € in Italian."""
    value = rounded(Decimal(amount), currency)
    number = number_format(
        abs(value), decimal_pos=DECIMALS.get(currency, 2), use_l10n=True, force_grouping=True
    )
    minus = "−" if value < 0 else ""
    sign = SIGNS.get(currency)
    if (get_language() or "en").startswith("en"):
        return f"{minus}{sign}{number}" if sign else f"{minus}{currency}{NO_BREAK}{number}"
    return f"{minus}{number}{NO_BREAK}{sign or currency}"
