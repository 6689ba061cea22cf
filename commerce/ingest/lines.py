"""Lines of orders and carts, rewritten in place by the newest news."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from commerce.amounts import value_of
from commerce.ingest.writing import Table
from commerce.models import Cart, CartLine, Order, OrderLine, Product
from commerce.shapes import NewLine

SHARED = (
    "position", "product", "product_external_id", "name", "variant", "sku", "quantity",
    "unit_price", "total", "url", "image_url",
)  # fmt: skip
ORDER_LINES = Table(
    OrderLine, ("id", "order", *SHARED, "value", "contact", "placed_at", "counts")
)  # fmt: skip
CART_LINES = Table(CartLine, ("cart", *SHARED))

CUT = """
    DELETE FROM {table} AS line USING unnest(%s::uuid[], %s::int[]) AS kept (id, lines)
     WHERE line.{owner}_id = kept.id AND line.position >= kept.lines RETURNING line.{owner}_id"""
CUT_ORDERS = CUT.format(table=OrderLine._meta.db_table, owner="order")
CUT_CARTS = CUT.format(table=CartLine._meta.db_table, owner="cart")


@dataclass(frozen=True)
class OrderContents:
    """An order and what its newest news says is in it."""

    order: Order
    lines: tuple[NewLine, ...]


@dataclass(frozen=True)
class CartContents:
    """A cart and what its newest news says is in it."""

    cart: Cart
    lines: tuple[NewLine, ...]


def write_lines(*, contents: Sequence[OrderContents], source: str) -> set[UUID]:
    """Make the lines of these orders what was told; the ids of the orders whose lines changed."""
    products = known_products([line for each in contents for line in each.lines], source)
    rows = [
        _order_line(each.order, position, line, products)
        for each in contents
        for position, line in enumerate(each.lines)
    ]
    changed = ORDER_LINES.put(rows, key=["order_id", "position"], returning="order_id")
    return changed | _cut(CUT_ORDERS, {each.order.pk: len(each.lines) for each in contents})


def write_cart_lines(*, contents: Sequence[CartContents], source: str) -> set[UUID]:
    """Make the lines of these carts what was told; the ids of the carts whose lines changed."""
    products = known_products([line for each in contents for line in each.lines], source)
    rows = [
        CartLine(cart=each.cart, position=position, **_shared(line, products))
        for each in contents
        for position, line in enumerate(each.lines)
    ]
    changed = CART_LINES.put(rows, key=["cart_id", "position"], returning="cart_id")
    return changed | _cut(CUT_CARTS, {each.cart.pk: len(each.lines) for each in contents})


def known_products(lines: Collection[NewLine], source: str) -> dict[str, UUID]:
    """The ids of those products of the lines that the catalogue knows."""
    named = {line.product_external_id for line in lines} - {""}
    found = Product.objects.filter(source=source, external_id__in=named)
    return dict(found.values_list("external_id", "pk"))


def _order_line(
    order: Order, position: int, line: NewLine, products: dict[str, UUID]
) -> OrderLine:  # fmt: skip
    return OrderLine(
        order=order,
        position=position,
        value=value_of(line.total, order.rate or Decimal(1)),
        contact_id=order.contact_id,
        placed_at=order.placed_at,
        counts=order.status not in Order.VOID and not order.is_deleted,
        **_shared(line, products),
    )


def _shared(line: NewLine, products: dict[str, UUID]) -> dict[str, object]:
    return {
        "product_id": products.get(line.product_external_id),
        "product_external_id": line.product_external_id,
        "name": line.name,
        "variant": line.variant,
        "sku": line.sku,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "total": line.total,
        "url": line.url,
        "image_url": line.image_url,
    }


def _cut(statement: str, kept: dict[UUID, int]) -> set[UUID]:
    """Take away the lines beyond those kept."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(kept), list(kept.values())])
        return {row[0] for row in cursor.fetchall()}
