"""Carts that became orders, whichever of the two came first.

An order that names its cart ends it. One that names none ends the open carts of the same person in
the same shop that it shares a product with, when it was placed after their last change. An order
that was deleted since did end its cart.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from commerce.ingest.cart_events import record_cart_events
from commerce.models import Cart, CartLine, Order, OrderLine

CART, ORDER = Cart._meta.db_table, Order._meta.db_table
CART_LINE, ORDER_LINE = CartLine._meta.db_table, OrderLine._meta.db_table

FIND = f"""
    SELECT cart.id, o.id, o.placed_at FROM {CART} AS cart JOIN {ORDER} AS o
        ON o.source = cart.source AND o.cart_external_id = cart.external_id
     WHERE {{chosen}} AND o.cart_external_id <> '' AND cart.status <> 'converted'
     UNION ALL
    SELECT cart.id, o.id, o.placed_at FROM {CART} AS cart JOIN {ORDER} AS o
        ON o.contact_id = cart.contact_id AND o.source = cart.source
     WHERE {{chosen}} AND o.cart_external_id = '' AND cart.status = 'open'
       AND o.placed_at >= cart.changed_at
       AND EXISTS (SELECT 1 FROM {CART_LINE} AS wanted JOIN {ORDER_LINE} AS bought
                      ON bought.product_external_id = wanted.product_external_id
                   WHERE wanted.cart_id = cart.id AND bought.order_id = o.id
                     AND wanted.product_external_id <> '')"""
CONVERT = f"""
    UPDATE {CART} AS cart SET status = 'converted', order_id = ended.order_id, ended_at = ended.at
      FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS ended (id, order_id, at)
     WHERE cart.id = ended.id AND cart.status <> 'converted' RETURNING cart.id"""


def carts_of_orders(*, order_ids: Collection[UUID], now: datetime) -> None:
    """End the carts these orders came from."""
    _convert(FIND.format(chosen="o.id = ANY(%s)"), order_ids, now)


def orders_of_carts(*, cart_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """End those of these carts that an order came from already; their ids."""
    return _convert(FIND.format(chosen="cart.id = ANY(%s)"), cart_ids, now)


def _convert(statement: str, ids: Collection[UUID], now: datetime) -> set[UUID]:
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids), list(ids)])
        # The earliest order ends a cart.
        found = {row[0]: row for row in sorted(cursor.fetchall(), key=_latest_first)}
    if not found:
        return set()
    # In the order everybody locks carts in.
    locked = Cart.objects.select_for_update().filter(pk__in=found).order_by("external_id")
    rows = [found[pk] for pk in locked.values_list("pk", flat=True)]
    with connection.cursor() as cursor:
        cursor.execute(CONVERT, [list(column) for column in zip(*rows, strict=True)])
        converted = {row[0] for row in cursor.fetchall()}
    record_cart_events(cart_ids=converted, kind="converted", now=now)
    return converted


def _latest_first(row: tuple[UUID, UUID, datetime]) -> float:
    return -row[2].timestamp()
