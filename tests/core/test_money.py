"""Money as people write it."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from core.money import money


@pytest.mark.parametrize(
    ("language", "amount", "currency", "words"),
    [
        ("en", "1204.5", "EUR", "€1,204.50"),
        ("it", "1204.5", "EUR", "1.204,50\u00a0€"),
        ("en", "1204.5", "JPY", "¥1,205"),
        ("en", "1.2345", "KWD", "KWD\u00a01.235"),
        ("en", "-3", "GBP", "−£3.00"),
        ("it", "0", "CHF", "0,00\u00a0CHF"),
    ],
)
def test_money_in_words(language: str, amount: str, currency: str, words: str):
    with override(language):
        assert money(Decimal(amount), currency) == words
