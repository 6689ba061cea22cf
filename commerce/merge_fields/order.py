"""`order` in templates: the order a run is about, else the person's newest."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commerce.models import Order, OrderLine, Product
from commerce.shown import id_in, item, sample_items
from commerce.sql import counts
from contacts.contracts import MergeField, MergeRequest, Words, merge_fields
from core.money import money

READ = f"""
    SELECT asked.n, placed.number, placed.currency, placed.total, line.name, line.variant,
           line.quantity, line.unit_price, coalesce(nullif(product.url, ''), ''),
           coalesce(nullif(product.image_url, ''), '')
      FROM unnest(%(contacts)s::uuid[], %(orders)s::uuid[])
           WITH ORDINALITY AS asked (contact, ordered, n)
     CROSS JOIN LATERAL (
           SELECT id, number, currency, total FROM {Order._meta.db_table}
            WHERE id = asked.ordered AND contact_id = asked.contact
            UNION ALL
           (SELECT id, number, currency, total FROM {Order._meta.db_table} AS newest
             WHERE asked.ordered IS NULL AND contact_id = asked.contact AND {counts("newest")}
             ORDER BY placed_at DESC LIMIT 1)) AS placed
      LEFT JOIN {OrderLine._meta.db_table} AS line ON line.order_id = placed.id
      LEFT JOIN {Product._meta.db_table} AS product ON product.id = line.product_id
     ORDER BY asked.n, line.position"""


def values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{number, items, total} for each, at the prices that were paid; None without an order."""
    found: list[dict[str, Any] | None] = [None] * len(requests)
    with connection.cursor() as cursor:
        contacts = [one.contact_id for one in requests]
        orders = [id_in(one.event, "order_id") for one in requests]
        cursor.execute(READ, {"contacts": contacts, "orders": orders})
        for number, lines in groupby(cursor.fetchall(), key=lambda row: row[0]):
            with translation.override(requests[number - 1].language or None):
                found[number - 1] = _shown([row[1:] for row in lines])
    return found


def _shown(lines: Sequence[Any]) -> dict[str, Any]:
    number, currency, total = lines[0][:3]
    return {
        "number": number,
        "total": money(total, currency),
        "items": [
            item(
                name=name,
                variant=variant,
                quantity=quantity,
                price=price,
                currency=currency,
                url=url,
                image_url=image_url,
            )
            for _number, _currency, _total, name, variant, quantity, price, url, image_url in lines
            if name is not None
        ],
    }


def sample() -> dict[str, Any]:
    """An order of products of the shop."""
    items, total = sample_items()
    return {"number": "1001", "items": items, "total": total}


def _examples() -> list[tuple[str, Words, str]]:
    return [
        ("order.number", _("Number"), "1001"),
        ("order.total", _("Total"), "€59.80"),
        ("order.items[0].name", _("First product"), ""),
    ]


merge_fields.register(MergeField("order", _("Order"), values, _examples, sample=sample))
