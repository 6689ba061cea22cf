"""Locks against rows that are not there yet: what comes at the same moment must still meet.

Taken first in a transaction, before any row. Keys carry the schema: advisory locks are shared by
all workspaces of a database.
"""

from collections.abc import Collection

from django.db import connection

# Few enough for PostgreSQL's table of locks, enough that shops seldom wait for each other.
BUCKETS = 64

CATALOGUE = "SELECT pg_advisory_xact_lock{shared}(hashtextextended(current_schema() || %s, 0))"
CARTS = f"""
    SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/carts', bucket))
      FROM (SELECT DISTINCT abs(hashtextextended(%s || '/' || id, 0) %% {BUCKETS}) AS bucket
              FROM unnest(%s::text[]) AS given (id) ORDER BY bucket) AS buckets"""


def hold_catalogue(source: str, *, exclusive: bool = False) -> None:
    """Shared by those who name products; alone for those who add some."""
    with connection.cursor() as cursor:
        shared = "" if exclusive else "_shared"
        cursor.execute(CATALOGUE.format(shared=shared), [f"/catalogue/{source}"])


def hold_carts(source: str, external_ids: Collection[str]) -> None:
    """One at a time for a cart and the order that names it, whichever comes first."""
    if external_ids:
        with connection.cursor() as cursor:
            cursor.execute(CARTS, [source, sorted(external_ids)])
