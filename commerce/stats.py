"""What is known of customers from their orders: sums kept with every order that changes them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from commerce.models import Category, CustomerStats, Order, OrderLine, ProductCategory
from contacts.models import Contact
from core.arrays import uuid_array

VOID = ", ".join(f"'{status.value}'" for status in Order.VOID)

# Rows are held in the order of their ids before the sums are read, so that two orders of one
# person that change at once are both counted.
HOLD = f"""
    INSERT INTO {CustomerStats._meta.db_table} AS stats (contact_id, orders, spend, category_ids)
    SELECT contact.id, 0, 0, '{{}}' FROM {Contact._meta.db_table} AS contact
     WHERE contact.id = ANY(%s::uuid[]) ORDER BY contact.id
    ON CONFLICT (contact_id) DO UPDATE SET orders = stats.orders"""
RECOMPUTE = f"""
    UPDATE {CustomerStats._meta.db_table} AS stats
       SET orders = sums.orders, spend = sums.spend, first_order_at = sums.first,
           last_order_at = sums.last,
           interval = CASE WHEN sums.orders > 1
                           THEN (sums.last - sums.first) / (sums.orders - 1) END,
           category_ids = shelves.ids
      FROM unnest(%s::uuid[]) AS person (id)
     CROSS JOIN LATERAL (
        SELECT count(*) AS orders, min(o.placed_at) AS first, max(o.placed_at) AS last,
               COALESCE(sum(greatest(o.value - round(o.refunded * o.rate, 3), 0)), 0) AS spend
          FROM {Order._meta.db_table} AS o
         WHERE o.contact_id = person.id AND o.status NOT IN ({VOID}) AND NOT o.is_deleted
     ) AS sums
     CROSS JOIN LATERAL (
        SELECT COALESCE(array_agg(DISTINCT up.id ORDER BY up.id), '{{}}') AS ids
          FROM {OrderLine._meta.db_table} AS line
          JOIN {ProductCategory._meta.db_table} AS shelf ON shelf.product_id = line.product_id
          JOIN {Category._meta.db_table} AS category ON category.id = shelf.category_id
         CROSS JOIN unnest(category.path) AS up (id)
         WHERE line.contact_id = person.id AND line.counts
     ) AS shelves
     WHERE stats.contact_id = person.id
    RETURNING stats.contact_id, stats.first_order_at"""


def recompute_stats(*, contact_ids: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Make the sums of just these contacts true; the moment of each one's first counted order."""
    if not contact_ids:
        return {}
    ids = uuid_array(sorted(contact_ids))
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [ids])
        cursor.execute(RECOMPUTE, [ids])
        return dict(cursor.fetchall())
