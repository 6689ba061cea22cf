"""Which product stands on which shelf, by the shop's own names of both."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from commerce.models import Category, Product, ProductCategory

PRODUCT, CATEGORY = Product._meta.db_table, Category._meta.db_table
SHELF = ProductCategory._meta.db_table

WANTED = f"""
    SELECT product.id AS product_id, category.id AS category_id
      FROM {PRODUCT} AS product
     CROSS JOIN unnest(product.category_external_ids) AS named (external_id)
      JOIN {CATEGORY} AS category
        ON category.source = product.source AND category.external_id = named.external_id
     WHERE product.id = ANY(%s)"""
# Both parts see the shelves as they were.
PUT = f"""
    WITH wanted AS ({WANTED}), gone AS (
        DELETE FROM {SHELF} AS shelf
         WHERE shelf.product_id = ANY(%s)
           AND (shelf.product_id, shelf.category_id) NOT IN (SELECT * FROM wanted)
        RETURNING shelf.product_id
    ), added AS (
        INSERT INTO {SHELF} (product_id, category_id)
        SELECT product_id, category_id FROM wanted ORDER BY product_id, category_id
        ON CONFLICT DO NOTHING RETURNING product_id
    )
    SELECT product_id FROM gone UNION SELECT product_id FROM added"""
NAMING = f"""
    SELECT product.id FROM {PRODUCT} AS product
     WHERE product.source = %s AND product.category_external_ids && %s::varchar[]
     ORDER BY product.external_id FOR UPDATE"""


def put_on_shelves(*, product_ids: Collection[UUID]) -> set[UUID]:
    """Make the shelves of these products what they name; the products that moved."""
    if not product_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(PUT, [list(product_ids), list(product_ids)])
        return {row[0] for row in cursor.fetchall()}


def products_naming(*, source: str, category_external_ids: Collection[str]) -> list[UUID]:
    """Lock the products of the shop that name one of these categories."""
    with connection.cursor() as cursor:
        cursor.execute(NAMING, [source, list(category_external_ids)])
        return [row[0] for row in cursor.fetchall()]
