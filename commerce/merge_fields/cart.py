"""`cart` in templates: what is in it now, at today's prices, without what sold out."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commerce.models import Cart, CartLine, Product, Variant
from commerce.shown import id_in, item, main_currency, sample_items
from commerce.sql import can_be_bought
from contacts.contracts import MergeField, MergeRequest, Words, merge_fields
from core.money import money

# The run's own cart, or else the newest one that is open; never somebody else's. A price of today
# counts where it is of the same thing in the same currency: a size has its own.
READ = f"""
    SELECT asked.n, cart.currency, cart.restore_url, line.name, line.variant, line.quantity,
           CASE WHEN product.currency = cart.currency
                THEN coalesce(size.price, CASE WHEN line.variant = '' THEN product.price END,
                              line.unit_price)
                ELSE line.unit_price END,
           coalesce(nullif(product.url, ''), line.url),
           coalesce(nullif(product.image_url, ''), line.image_url)
      FROM unnest(%(contacts)s::uuid[], %(carts)s::uuid[])
           WITH ORDINALITY AS asked (contact, cart, n)
     CROSS JOIN LATERAL (
           SELECT id, currency, restore_url FROM {Cart._meta.db_table}
            WHERE id = asked.cart AND contact_id = asked.contact AND status = 'open'
            UNION ALL
           (SELECT id, currency, restore_url FROM {Cart._meta.db_table}
             WHERE asked.cart IS NULL AND contact_id = asked.contact AND status = 'open'
             ORDER BY changed_at DESC LIMIT 1)) AS cart
      JOIN {CartLine._meta.db_table} AS line ON line.cart_id = cart.id
      LEFT JOIN {Product._meta.db_table} AS product ON product.id = line.product_id
      LEFT JOIN LATERAL (
           SELECT price, stock FROM {Variant._meta.db_table} AS variant
            WHERE variant.product_id = product.id AND line.sku <> '' AND variant.sku = line.sku
            LIMIT 1) AS size ON true
     WHERE (product.id IS NULL OR {can_be_bought("product")})
       AND (size.stock IS NULL OR size.stock > 0)
     ORDER BY asked.n, line.position"""


def values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{items, total, restore_url, currency} for each; None where nothing is left to buy."""
    found: list[dict[str, Any] | None] = [None] * len(requests)
    with connection.cursor() as cursor:
        contacts = [one.contact_id for one in requests]
        cursor.execute(READ, {"contacts": contacts, "carts": [_cart_of(one) for one in requests]})
        for number, lines in groupby(cursor.fetchall(), key=lambda row: row[0]):
            with translation.override(requests[number - 1].language or None):
                found[number - 1] = _shown([row[1:] for row in lines])
    return found


def _cart_of(request: MergeRequest) -> Any:
    """The cart a run is about; the cart of an order is not."""
    event = request.event
    return None if event.get("order_id") else id_in(event, "cart_id")


def _shown(lines: Sequence[Any]) -> dict[str, Any]:
    currency, restore_url = lines[0][:2]
    items = [
        item(
            name=name,
            variant=variant,
            quantity=quantity,
            price=price,
            currency=currency,
            url=url,
            image_url=image_url,
        )
        for _currency, _url, name, variant, quantity, price, url, image_url in lines
    ]
    total = sum((line[4] * line[5] for line in lines), Decimal(0))
    return {
        "items": items,
        "total": money(total, currency),
        "restore_url": restore_url or None,
        "currency": currency,
    }


def sample() -> dict[str, Any]:
    """A cart with products of the shop."""
    items, total = sample_items()
    return {
        "items": items,
        "total": total,
        "restore_url": "https://shop.example/cart",
        "currency": main_currency(),
    }


def _examples() -> list[tuple[str, Words, str]]:
    return [
        ("cart.total", _("Total"), "€59.80"),
        ("cart.restore_url", _("Link back to the cart"), "https://shop.example/cart"),
        ("cart.items[0].name", _("First product"), ""),
    ]


merge_fields.register(MergeField("cart", _("Cart"), values, _examples, sample=sample))
