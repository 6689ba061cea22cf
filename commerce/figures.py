"""Medians over the whole shop, for what has too little history of its own."""

from datetime import datetime

from django.db import connection

from commerce.models import Cart, CustomerStats, Order, ShopFigures

# A year is what a shop sells like now; under so many of a kind there is too little to tell.
SINCE = "interval '365 days'"
LEAST = 5

COMPUTE = f"""
    INSERT INTO {ShopFigures._meta.db_table} AS figures
           (id, computed_at, median_interval, median_cart_value, median_order_value)
    SELECT 1, %(now)s, interval_figure.median, cart.median, ordered.median
      FROM (SELECT CASE WHEN count(*) >= {LEAST}
                        THEN percentile_cont(0.5) WITHIN GROUP (ORDER BY interval) END AS median
              FROM {CustomerStats._meta.db_table}
             WHERE interval > interval '0') AS interval_figure,
           (SELECT CASE WHEN count(*) >= {LEAST} THEN round((percentile_cont(0.5)
                        WITHIN GROUP (ORDER BY value))::numeric, 3) END AS median
              FROM {Cart._meta.db_table}
             WHERE value > 0 AND changed_at > %(now)s - {SINCE} AND changed_at <= %(now)s
           ) AS cart,
           (SELECT CASE WHEN count(*) >= {LEAST} THEN round((percentile_cont(0.5)
                        WITHIN GROUP (ORDER BY value))::numeric, 3) END AS median
              FROM {Order._meta.db_table}
             WHERE placed_at > %(now)s - {SINCE} AND placed_at <= %(now)s AND NOT is_deleted
               AND status <> ALL(%(void)s)) AS ordered
    ON CONFLICT (id) DO UPDATE
       SET computed_at = excluded.computed_at, median_interval = excluded.median_interval,
           median_cart_value = excluded.median_cart_value,
           median_order_value = excluded.median_order_value"""


def compute_figures(now: datetime) -> None:
    """Write the shop's medians: days between a customer's orders; a cart's and an order's value.

    A figure of fewer than five is None.
    """
    void = [status.value for status in Order.VOID]
    with connection.cursor() as cursor:
        cursor.execute(COMPUTE, {"now": now, "void": void})
