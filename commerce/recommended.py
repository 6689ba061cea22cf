"""Products for people: what goes with what they bought, hold in a cart or looked at.

Never what they have bought, hold in an open cart, cannot buy now, or were shown lately. Where too
little is known of somebody, what sells best fills up.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from commerce import shown
from commerce.models import (
    Cart,
    CartLine,
    OrderLine,
    Product,
    ProductPair,
    ProductRank,
    ProductView,
    ShownProduct,
)
from commerce.sql import can_be_bought

MOST = 4
# What was shown is not shown again for so long.
SHOWN_FOR = timedelta(days=30)
# Looking at something tells of this much time.
VIEWED_FOR = timedelta(days=90)
# So many of the best sellers are looked through for something new to somebody.
POPULAR_MOST = 200

IN_CART = f"""SELECT line.product_id FROM {Cart._meta.db_table} AS cart
        JOIN {CartLine._meta.db_table} AS line ON line.cart_id = cart.id
       WHERE cart.contact_id = asked.contact AND cart.status = 'open'"""
BOUGHT = f"""SELECT line.product_id FROM {OrderLine._meta.db_table} AS line
       WHERE line.contact_id = asked.contact AND line.counts"""
VIEWED = f"""SELECT viewed.product_id FROM {ProductView._meta.db_table} AS viewed
       WHERE viewed.contact_id = asked.contact
         AND viewed.last_viewed_at > %(now)s - %(viewed_for)s"""
# What lies in a cart says more than what was bought once, and that more than a look.
SEEDS = f"""
      SELECT asked.contact, seed.product_id, max(seed.weight) AS weight
        FROM asked CROSS JOIN LATERAL (
             SELECT product_id, 3 AS weight FROM ({IN_CART}) AS wanted
              UNION ALL SELECT product_id, 2 FROM ({BOUGHT}) AS bought
              UNION ALL SELECT product_id, 1 FROM ({VIEWED}) AS viewed) AS seed
       GROUP BY asked.contact, seed.product_id"""
COMPANIONS = f"""
      SELECT seed.contact, pair.other_id AS product_id, sum(pair.lift * seed.weight) AS score
        FROM seed JOIN {ProductPair._meta.db_table} AS pair ON pair.product_id = seed.product_id
       GROUP BY seed.contact, pair.other_id"""
POPULAR = f"""
      SELECT asked.contact, popular.product_id, -popular.rank AS score
        FROM asked CROSS JOIN (SELECT product_id, rank FROM {ProductRank._meta.db_table}
                                ORDER BY rank LIMIT {POPULAR_MOST}) AS popular"""
NOT_LATELY = f"""AND NOT EXISTS (
             SELECT 1 FROM {ShownProduct._meta.db_table} AS shown
              WHERE shown.contact_id = asked.contact AND shown.product_id = product.id
                AND shown.shown_at > %(now)s - %(shown_for)s)"""


def _statement(candidates: str, also_not: str) -> str:
    return f"""
    WITH asked AS (SELECT DISTINCT contact FROM unnest(%(contacts)s::uuid[]) AS one (contact)),
    seed AS ({SEEDS}),
    candidate AS ({candidates}),
    best AS (SELECT contact, product_id, max(score) AS score FROM candidate
              GROUP BY contact, product_id)
    SELECT contact, name, url, image_url, price, currency, id
      FROM (SELECT asked.contact, product.id, product.name, product.url, product.image_url,
                   product.price, product.currency, row_number() OVER (
                       PARTITION BY asked.contact ORDER BY best.score DESC, product.id) AS place
              FROM best JOIN asked USING (contact)
              JOIN {Product._meta.db_table} AS product ON product.id = best.product_id
             WHERE {can_be_bought("product")}
               AND NOT EXISTS (SELECT 1 FROM ({BOUGHT}) AS had WHERE had.product_id = product.id)
               AND NOT EXISTS (SELECT 1 FROM ({IN_CART}) AS had WHERE had.product_id = product.id)
               {also_not}) AS placed
     WHERE place <= {MOST} ORDER BY contact, place"""


RECOMMENDED = _statement(f"{COMPANIONS} UNION ALL {POPULAR}", NOT_LATELY)
BEST_SELLING = _statement(POPULAR, "")

Products = dict[UUID, list[dict[str, Any]]]


def recommendations_for(*, contact_ids: Sequence[UUID], now: datetime) -> Products:
    """Up to four products for each, best first; who has none is left out. One statement."""
    return _read(RECOMMENDED, contact_ids, now)


def best_selling_for(*, contact_ids: Sequence[UUID], now: datetime) -> Products:
    """Up to four of what sells best that each has not bought; shown as often as you like."""
    return _read(BEST_SELLING, contact_ids, now)


def _read(statement: str, contact_ids: Sequence[UUID], now: datetime) -> Products:
    found: Products = {}
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "now": now,
            "contacts": list(contact_ids),
            "viewed_for": VIEWED_FOR,
            "shown_for": SHOWN_FOR,
        }
        cursor.execute(statement, parameters)
        for contact_id, *product in cursor.fetchall():
            found.setdefault(contact_id, []).append(shown.product(*product))
    return found


# A product that was taken away meanwhile is left out, and kept from going while this is written.
NOTE = f"""
    INSERT INTO {ShownProduct._meta.db_table} (contact_id, product_id, shown_at)
    SELECT new.contact, product.id, %s
      FROM unnest(%s::uuid[], %s::uuid[]) AS new (contact, product)
      JOIN {Product._meta.db_table} AS product ON product.id = new.product
     ORDER BY new.contact, product.id
       FOR KEY SHARE OF product
    ON CONFLICT (contact_id, product_id) DO UPDATE SET shown_at = excluded.shown_at"""


def note_shown(*, pairs: Sequence[tuple[UUID, UUID]], now: datetime) -> None:
    """Keep that these people were shown these products, in the caller's transaction."""
    different = sorted(set(pairs))
    with connection.cursor() as cursor:
        contacts = [contact_id for contact_id, _product_id in different]
        cursor.execute(NOTE, [now, contacts, [product_id for _c, product_id in different]])
