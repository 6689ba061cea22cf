"""Products, carts and orders as mails show them: plain values, amounts in words.

A text that is empty is None: in Liquid an empty text is true, and `{% if item.image_url %}` must
not be.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commerce.amounts import quantity_text
from commerce.models import Currency, Product
from core.money import money

# What a sample shows while the shop has no products.
INVENTED = (("29.90", "1"), ("14.50", "2"))


def item(
    *,
    name: str,
    variant: str,
    quantity: Decimal,
    price: Decimal,
    currency: str,
    url: str,
    image_url: str,
) -> dict[str, Any]:
    """One line of a cart or an order."""
    return {
        "name": name,
        "variant": variant or None,
        "quantity": quantity_text(quantity),
        "price": money(price, currency),
        "total": money(price * quantity, currency),
        "url": url or None,
        "image_url": image_url or None,
    }


def product(
    name: str, url: str, image_url: str, price: Decimal, currency: str, product_id: UUID | None
) -> dict[str, Any]:
    """One product to be offered; its id says what somebody was shown."""
    return {
        "id": str(product_id or ""),
        "name": name,
        "url": url or None,
        "image_url": image_url or None,
        "price": money(price, currency),
    }


def on_sale() -> "QuerySet[Product]":
    """Products that may stand in a sample, those with a picture first."""
    return Product.objects.filter(Product.can_be_bought()).order_by("-image_url", "name")


def sample_products(count: int) -> list[dict[str, Any]]:
    """So many products of the shop, or invented ones."""
    found = [
        product(each.name, each.url, each.image_url, each.price, each.currency, each.pk)
        for each in on_sale()[:count]
    ]
    return found or [
        product(_("Product %(n)s") % {"n": n}, "", "", Decimal("19.90"), main_currency(), None)
        for n in range(1, count + 1)
    ]


def sample_items() -> tuple[list[dict[str, Any]], str]:
    """Two lines and their total in words."""
    real = list(on_sale()[:2])
    currency = real[0].currency if real else main_currency()
    lines = [
        (each.name, each.price, Decimal(1), each.url, each.image_url)
        for each in real
        if each.currency == currency
    ] or [
        (_("Product %(n)s") % {"n": n}, Decimal(price), Decimal(quantity), "", "")
        for n, (price, quantity) in enumerate(INVENTED, start=1)
    ]
    items = [
        item(name=name, variant="", quantity=quantity, price=price, currency=currency,
             url=url, image_url=image)
        for name, price, quantity, url, image in lines
    ]  # fmt: skip
    return items, money(sum((line[1] * line[2] for line in lines), Decimal(0)), currency)


def main_currency() -> str:
    """The currency all values are told in."""
    found = Currency.objects.filter(is_main=True).values_list("code", flat=True).first()
    return found or "EUR"


def id_in(event: Any, name: str) -> UUID | None:
    """An id of ours in what started a run; None for a shop's own."""
    try:
        return UUID(str(event.get(name) or ""))
    except ValueError:
        return None
