"""Who looked at which product, from the events of the site."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from commerce.models import Product, ProductView
from contacts.models import Contact
from events.contracts import Consumer, consumers
from events.models import Event

ORDER = 20
VIEWED = "product.viewed"

# A view names a product by the shop's own id; which shop matters only where two use the same one.
# Rows are written in the order of their key, so that two batches never wait for each other.
KEEP = f"""
    INSERT INTO {ProductView._meta.db_table} AS seen
           (contact_id, product_id, times, first_viewed_at, last_viewed_at)
    SELECT contact.id, product.id, count(*), min(given.at), max(given.at)
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])
        AS given (contact, external_id, source, at)
      JOIN {Contact._meta.db_table} AS contact ON contact.id = given.contact
      JOIN {Product._meta.db_table} AS product ON product.external_id = given.external_id
       AND (given.source = '' OR product.source = given.source)
     GROUP BY contact.id, product.id ORDER BY contact.id, product.id
    ON CONFLICT (contact_id, product_id) DO UPDATE
       SET times = seen.times + excluded.times,
           first_viewed_at = least(seen.first_viewed_at, excluded.first_viewed_at),
           last_viewed_at = greatest(seen.last_viewed_at, excluded.last_viewed_at)"""


def keep_views(batch: Sequence[Event], now: datetime) -> None:
    """Count the views of known products by known people; what names neither is passed over."""
    views = [
        (event.contact_id, product, _text(event.data.get("source")), event.occurred_at)
        for event in batch
        if event.type == VIEWED and event.contact_id
        if (product := _text(event.data.get("product_id")))
    ]
    if not views:
        return
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [list(column) for column in zip(*views, strict=True)])


def _text(value: object) -> str:
    """Ids may come as numbers; anything else names nothing."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value).replace("\x00", "").strip()


consumers.register(Consumer("commerce.product_views", ORDER, keep_views))
