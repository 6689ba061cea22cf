"""`order` in templates: the run's order, else the person's newest one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from commerce.line_data import order_lines_of
from commerce.models import Order
from contacts.contracts import MergeField, MergeRequest, Words, merge_fields
from core.money import money

FIND = f"""
    SELECT DISTINCT ON (asked.n) asked.n, o.id, o.number, o.external_id, o.currency, o.total,
           o.status
      FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS asked (contact, wanted, n)
      JOIN {Order._meta.db_table} AS o ON o.contact_id = asked.contact
       AND o.placed_at <= %s AND NOT o.is_deleted
     ORDER BY asked.n, (o.id = asked.wanted) IS TRUE DESC, o.placed_at DESC, o.id DESC"""


def values(requests: Sequence[MergeRequest], now: datetime) -> list[dict[str, Any] | None]:
    """{number, total, currency, status, items} for each; None for who never ordered."""
    found: list[dict[str, Any] | None] = [None] * len(requests)
    wanted = [_uuid(request.event.get("order_id")) for request in requests]
    with connection.cursor() as cursor:
        cursor.execute(FIND, [[request.contact_id for request in requests], wanted, now])
        rows = cursor.fetchall()
    lines = order_lines_of(order_ids={row[1] for row in rows})
    for place, order_id, number, external_id, currency, total, status in rows:
        with translation.override(requests[place - 1].language or None):
            found[place - 1] = {
                "number": number or external_id,
                "status": status,
                "currency": currency,
                "total": money(total, currency),
                "items": [_item(line, currency) for line in lines.get(order_id, [])],
            }
    return found


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _item(line: dict[str, Any], currency: str) -> dict[str, Any]:
    names = ("name", "variant", "quantity", "url", "image_url")
    return {
        **{name: line[name] for name in names},
        "price": money(Decimal(line["unit_price"]), currency),
        "total": money(Decimal(line["total"]), currency),
    }


def sample() -> dict[str, Any]:
    """An order nobody placed."""
    item = {
        "name": str(_("A product")), "variant": "", "quantity": "1", "url": "", "image_url": "",
        "price": money(Decimal("29.90"), "EUR"), "total": money(Decimal("29.90"), "EUR"),
    }  # fmt: skip
    return {
        "number": "#1042",
        "status": "placed",
        "currency": "EUR",
        "total": item["total"],
        "items": [item],
    }


def _examples() -> list[tuple[str, Words, str]]:
    return [
        ("order.number", _("Order number"), "#1042"),
        ("order.total", _("Order total"), "€29.90"),
    ]


merge_fields.register(MergeField("order", _("Order"), values, _examples, sample=sample))
