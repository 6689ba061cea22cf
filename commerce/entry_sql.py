"""Pieces of SQL for time-born entries: what runs carry, and which products and lines are meant.

What they carry has the shape of the events in docs/api.md, so a mail reads the same either way.
"""

from typing import Any

from commerce.models import (
    Cart,
    CartLine,
    Category,
    Order,
    OrderLine,
    Product,
    ProductCategory,
)

CART, CART_LINE = Cart._meta.db_table, CartLine._meta.db_table
ORDER, ORDER_LINE = Order._meta.db_table, OrderLine._meta.db_table
PRODUCT, SHELF, CATEGORY = (
    Product._meta.db_table,
    ProductCategory._meta.db_table,
    Category._meta.db_table,
)
VOID = ", ".join(f"'{status.value}'" for status in Order.VOID)


def amount(expression: str) -> str:
    """SQL: two decimals, or three where the third says something, as commerce.amounts does."""
    return f"regexp_replace(round({expression}, 3)::text, '0$', '')"


def shelves_of(product: str) -> str:
    """SQL: the ids of the categories of a product and of all they stand in, as JSON."""
    return f"""to_jsonb(ARRAY(
        SELECT DISTINCT up.id::text FROM {SHELF} AS shelf
          JOIN {CATEGORY} AS category ON category.id = shelf.category_id
         CROSS JOIN unnest(category.path) AS up (id)
         WHERE shelf.product_id = {product} ORDER BY 1))"""


def line_json(line: str, value: str) -> str:
    """SQL: a line of an order or a cart, its product joined as `product`."""
    return f"""jsonb_build_object(
        'line_id', {line}.id::text, 'product_id', COALESCE({line}.product_id::text, ''),
        'name', {line}.name, 'variant', {line}.variant, 'sku', {line}.sku,
        'quantity', trim_scale({line}.quantity)::text, 'unit_price', {amount(f"{line}.unit_price")},
        'total', {amount(f"{line}.total")}, 'value', {amount(value)},
        'url', COALESCE(NULLIF(product.url, ''), {line}.url),
        'image_url', COALESCE(NULLIF(product.image_url, ''), {line}.image_url),
        'category_ids', {shelves_of(f"{line}.product_id")})"""


def _lines(table: str, column: str, owner: str, value: str) -> str:
    """SQL: the lines of what stands in the alias `owner`, in order."""
    return f"""COALESCE((
        SELECT jsonb_agg({line_json("line", value)} ORDER BY line.position)
          FROM {table} AS line LEFT JOIN {PRODUCT} AS product ON product.id = line.product_id
         WHERE line.{column}_id = {owner}.id), '[]')"""


# SQL: the cart in the alias `cart`, as the events about carts carry it.
CART_JSON = f"""jsonb_build_object(
    'cart_id', cart.id::text, 'external_id', cart.external_id, 'source', cart.source,
    'currency', cart.currency, 'total', {amount("cart.total")}, 'value', {amount("cart.value")},
    'restore_url', cart.restore_url,
    'lines', {_lines(CART_LINE, "cart", "cart", "line.total * cart.rate")})"""

# SQL: the order in the alias `placed`, as the events about orders carry it.
ORDER_JSON = f"""jsonb_build_object(
    'order_id', placed.id::text, 'external_id', placed.external_id, 'source', placed.source,
    'number', placed.number, 'status', placed.status, 'currency', placed.currency,
    'total', {amount("placed.total")}, 'value', {amount("placed.value")},
    'coupon_codes', to_jsonb(placed.coupon_codes),
    'cart_id', COALESCE((SELECT cart.id::text FROM {CART} AS cart
                          WHERE cart.source = placed.source AND placed.cart_external_id <> ''
                            AND cart.external_id = placed.cart_external_id), ''),
    'is_first', NOT EXISTS (SELECT 1 FROM {ORDER} AS earlier
                             WHERE earlier.contact_id = placed.contact_id
                               AND earlier.placed_at < placed.placed_at
                               AND earlier.status NOT IN ({VOID}) AND NOT earlier.is_deleted),
    'lines', {_lines(ORDER_LINE, "order", "placed", "line.value")})"""


def in_category(product: str, config: dict[str, Any]) -> str:
    """SQL: an AND clause: the product stands in the category %(category)s or below it."""
    if not config.get("category"):
        return ""
    return f"""AND EXISTS (
        SELECT 1 FROM {SHELF} AS shelf JOIN {CATEGORY} AS category
            ON category.id = shelf.category_id
         WHERE shelf.product_id = {product} AND %(category)s::uuid = ANY(category.path))"""
