"""Lines of orders and carts as plain values, with their product's picture and shelves."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.amounts import amount_text, quantity_text, value_of
from commerce.models import CartLine, Category, OrderLine, Product, ProductCategory

# Shelves with all they stand in, so that "bread" finds what stands under "bread > rye".
READ = """
    SELECT line.{owner}_id, line.id, line.product_id, line.name, line.variant, line.sku,
           line.quantity, line.unit_price, line.total, {value},
           COALESCE(NULLIF(product.url, ''), line.url),
           COALESCE(NULLIF(product.image_url, ''), line.image_url),
           ARRAY(SELECT DISTINCT up.id::text
                   FROM {shelf} AS shelf JOIN {category} AS category
                     ON category.id = shelf.category_id
                  CROSS JOIN unnest(category.path) AS up (id)
                  WHERE shelf.product_id = line.product_id ORDER BY 1)
      FROM {line} AS line LEFT JOIN {product} AS product ON product.id = line.product_id
     WHERE line.{owner}_id = ANY(%s)
     ORDER BY line.{owner}_id, line.position"""
TABLES = {
    "shelf": ProductCategory._meta.db_table,
    "category": Category._meta.db_table,
    "product": Product._meta.db_table,
}
ORDER_LINES = READ.format(
    line=OrderLine._meta.db_table, owner="order", value="line.value", **TABLES
)  # fmt: skip
CART_LINES = READ.format(line=CartLine._meta.db_table, owner="cart", value="NULL", **TABLES)
NAMES = (
    "line_id", "product_id", "name", "variant", "sku", "quantity", "unit_price", "total", "value",
    "url", "image_url", "category_ids",
)  # fmt: skip

Lines = dict[UUID, list[dict[str, Any]]]


def order_lines_of(*, order_ids: Collection[UUID]) -> Lines:
    """The lines of each order as events and templates carry them; one statement."""
    return _read(ORDER_LINES, order_ids, {})


def cart_lines_of(*, rates: dict[UUID, Decimal]) -> Lines:
    """The lines of each cart, valued at the rate given for it; one statement."""
    return _read(CART_LINES, rates, rates)


def _read(statement: str, ids: Collection[UUID], rates: dict[UUID, Decimal]) -> Lines:
    found: Lines = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])
        for owner_id, *values in cursor.fetchall():
            line = dict(zip(NAMES, values, strict=True))
            if line["value"] is None:
                line["value"] = value_of(line["total"], rates[owner_id])
            found.setdefault(owner_id, []).append(_plain(line))
    return found


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    return {
        **line,
        "line_id": str(line["line_id"]),
        "product_id": str(line["product_id"] or ""),
        "quantity": quantity_text(line["quantity"]),
        **{name: amount_text(line[name]) for name in ("unit_price", "total", "value")},
    }
