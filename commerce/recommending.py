"""What is bought together and what sells, computed anew each night.

Lift: P(a and b) / (P(a) x P(b)) over the shop's buyers, that is together x buyers / (of a x of b).
It is 1 for two products that have nothing to do with each other. Agrawal, Imielinski and Swami,
"Mining association rules", 1993, with the measure of Brin et al., 1997.
"""

from datetime import datetime, timedelta

from django.db import connection

from commerce.models import OrderLine, Product, ProductPair, ProductRank

# Two products that fewer people bought together say nothing.
TOGETHER_LEAST = 3
# How many others are kept for each product.
BEST = 12
# Somebody who bought more different things than this is no customer but a trade.
DIFFERENT_MOST = 200
# What sells now: buyers of so many days.
RECENT = timedelta(days=90)

LINES = f"""
        SELECT contact_id, product_id, max(placed_at) AS at FROM {OrderLine._meta.db_table}
         WHERE counts AND contact_id IS NOT NULL AND product_id IS NOT NULL
           AND placed_at <= %(now)s
         GROUP BY contact_id, product_id"""
PAIRS = f"""
    WITH every_line AS MATERIALIZED ({LINES}),
    line AS MATERIALIZED (
        SELECT contact_id, product_id FROM every_line
         WHERE contact_id IN (SELECT contact_id FROM every_line GROUP BY contact_id
                              HAVING count(*) <= {DIFFERENT_MOST})),
    total AS (SELECT count(DISTINCT contact_id)::float AS buyers FROM line),
    one AS MATERIALIZED (
        SELECT product_id, count(*)::float AS buyers FROM line GROUP BY product_id),
    pair AS (
        SELECT a.product_id, b.product_id AS other_id, count(*) AS together
          FROM line AS a JOIN line AS b
            ON b.contact_id = a.contact_id AND b.product_id <> a.product_id
         GROUP BY a.product_id, b.product_id
        HAVING count(*) >= {TOGETHER_LEAST}),
    measured AS (
        SELECT pair.*, pair.together * total.buyers / (one.buyers * other.buyers) AS lift
          FROM pair JOIN one USING (product_id)
          JOIN one AS other ON other.product_id = pair.other_id CROSS JOIN total),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY product_id
                                     ORDER BY lift DESC, together DESC, other_id) AS rank
          FROM measured WHERE lift > 1)
    INSERT INTO {ProductPair._meta.db_table} (product_id, other_id, together, lift, rank)
    SELECT product_id, other_id, together, lift, rank FROM ranked WHERE rank <= {BEST}"""
RANKS = f"""
    WITH line AS ({LINES}),
    buyers AS (
        SELECT product_id, count(*) AS buyers,
               count(*) FILTER (WHERE at > %(since)s) AS recent
          FROM line GROUP BY product_id),
    ranked AS (
        SELECT product.id, coalesce(buyers, 0) AS buyers, coalesce(recent, 0) AS recent,
               row_number() OVER (ORDER BY coalesce(recent, 0) DESC, coalesce(buyers, 0) DESC,
                                           product.id) AS rank
          FROM {Product._meta.db_table} AS product LEFT JOIN buyers
            ON buyers.product_id = product.id)
    INSERT INTO {ProductRank._meta.db_table} AS known (product_id, buyers, recent_buyers, rank)
    SELECT id, buyers, recent, rank FROM ranked
    ON CONFLICT (product_id) DO UPDATE
       SET buyers = excluded.buyers, recent_buyers = excluded.recent_buyers, rank = excluded.rank
     WHERE (known.buyers, known.recent_buyers, known.rank)
           IS DISTINCT FROM (excluded.buyers, excluded.recent_buyers, excluded.rank)"""


def compute_pairs(now: datetime) -> int:
    """The best companions of each product; how many pairs there are.

    Only pairs bought together by three people or more, and more often than by chance.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {ProductPair._meta.db_table}")
        cursor.execute(PAIRS, {"now": now})
        return int(cursor.rowcount)


def compute_ranks(now: datetime) -> int:
    """Every product's place by buyers of the last 90 days, then of all time; how many moved."""
    with connection.cursor() as cursor:
        cursor.execute(RANKS, {"now": now, "since": now - RECENT})
        return int(cursor.rowcount)
