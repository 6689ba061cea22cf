"""Products and their variants from any door, and the lines that waited for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from commerce.amounts import known_rates
from commerce.ingest.checks import Checks, ItemRefused
from commerce.ingest.locks import hold_catalogue
from commerce.ingest.shelves import put_on_shelves
from commerce.ingest.writing import Table
from commerce.models import Cart, CartLine, Order, OrderLine, Product, Variant
from commerce.shapes import NewProduct, Taken
from commerce.stats import recompute_stats
from core.errors import Retryable
from tenants.daily import wake_daily

COLUMNS = (
    "id", "source", "external_id", "name", "sku", "url", "image_url", "currency", "price", "stock",
    "is_on_sale", "category_external_ids", "created_at", "changed_at",
)  # fmt: skip
GIVEN = ("name", "sku", "url", "image_url", "currency", "price", "stock", "is_on_sale")
PRODUCTS = Table(Product, COLUMNS)
VARIANTS = Table(Variant, ("id", "product", "external_id", "name", "sku", "price", "stock"))

LINK = """
    UPDATE {line} AS line SET product_id = product.id
      FROM {owner_table} AS owner, {product} AS product
     WHERE product.id = ANY(%s) AND line.product_id IS NULL
       AND line.product_external_id = product.external_id AND line.product_external_id <> ''
       AND owner.id = line.{owner}_id AND owner.source = product.source
    RETURNING owner.contact_id"""
PRODUCT = Product._meta.db_table
LINK_ORDERS = LINK.format(
    line=OrderLine._meta.db_table, owner_table=Order._meta.db_table, owner="order", product=PRODUCT
)
LINK_CARTS = LINK.format(
    line=CartLine._meta.db_table, owner_table=Cart._meta.db_table, owner="cart", product=PRODUCT
)
GONE_VARIANTS = f"""
    DELETE FROM {Variant._meta.db_table} AS variant
     WHERE product_id = ANY(%(products)s) AND (product_id, external_id) NOT IN
           (SELECT * FROM unnest(%(product)s::uuid[], %(id)s::text[]))"""


def take_products(*, items: Sequence[NewProduct], source: str, now: datetime) -> list[Taken]:
    """Create or update products of one shop by their external id; one answer per item, in order.

    News older than what is there changes nothing. Lines of orders and carts that named a product
    before it came are tied to it. The next night ranks what is new.
    """
    taken: dict[int, Taken] = {}
    good: dict[int, NewProduct] = {}
    checks = Checks(known_rates(), now)
    for index, item in enumerate(items):
        try:
            good[index] = checks.product(item)
        except ItemRefused as refusal:
            taken[index] = refusal.taken(index)
    if good:
        with transaction.atomic():
            _hold(source, {item.external_id for item in good.values()})
            taken |= _write(good, source, now)
            wake_daily(now=now)
    return [taken[index] for index in range(len(items))]


def _hold(source: str, external_ids: Collection[str]) -> None:
    """Alone only when there is something new: shops change stock all day long."""
    known = Product.objects.filter(source=source, external_id__in=external_ids).count()
    hold_catalogue(source, exclusive=known < len(external_ids))


def _write(good: dict[int, NewProduct], source: str, now: datetime) -> dict[int, Taken]:
    newest = _newest(good, now)
    stored = {
        product.external_id: product
        for product in Product.objects.select_for_update()
        .filter(source=source, external_id__in=newest)
        .order_by("external_id")
    }
    new, changed, accepted = [], [], {}
    for external_id, item in sorted(newest.items()):
        at = min(item.changed_at or now, now)
        product = stored.get(external_id)
        if product is None:
            product = Product(source=source, external_id=external_id, created_at=now)
            new.append(product)
        elif at < product.changed_at:
            continue
        elif _differs(product, item, at):
            changed.append(product)
        _fill(product, item, at)
        accepted[product.pk] = item
        stored[external_id] = product
    if len(PRODUCTS.insert(new)) < len(new):
        raise Retryable("products_busy", _("These products are being changed elsewhere."))
    PRODUCTS.update(changed)
    touched = {product.pk for product in [*new, *changed]} | _write_variants(accepted)
    _tie(new, put_on_shelves(product_ids=accepted))
    made = {product.external_id for product in new}
    return {
        index: Taken(
            index,
            id=str(stored[item.external_id].pk),
            created=item.external_id in made and newest[item.external_id] is item,
            changed=stored[item.external_id].pk in touched,
        )
        for index, item in good.items()
    }


def _newest(good: dict[int, NewProduct], now: datetime) -> dict[str, NewProduct]:
    ordered = sorted(good.items(), key=lambda pair: (pair[1].changed_at or now, pair[0]))
    return {item.external_id: item for _index, item in ordered}


def _differs(product: Product, item: NewProduct, at: datetime) -> bool:
    return (
        at > product.changed_at
        or product.category_external_ids != list(item.category_external_ids)
        or any(getattr(product, name) != getattr(item, name) for name in GIVEN)
    )


def _fill(product: Product, item: NewProduct, at: datetime) -> None:
    for name in GIVEN:
        setattr(product, name, getattr(item, name))
    product.category_external_ids = list(item.category_external_ids)
    product.changed_at = at


def _write_variants(accepted: dict[UUID, NewProduct]) -> set[UUID]:
    """Make the variants of these products what was told; the products whose variants changed."""
    rows = [
        Variant(
            product_id=product_id, external_id=each.external_id, name=each.name, sku=each.sku,
            price=each.price, stock=each.stock,
        )
        for product_id, item in sorted(accepted.items())
        for each in item.variants
    ]  # fmt: skip
    changed = VARIANTS.put(rows, key=["product_id", "external_id"], returning="product_id")
    kept: dict[str, Any] = {
        "products": list(accepted),
        "product": [row.product_id for row in rows],
        "id": [row.external_id for row in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(GONE_VARIANTS, kept)
    return changed


def _tie(new: Sequence[Product], moved: set[UUID]) -> None:
    """Tie waiting lines to new products, and tell the statistics of whom it concerns."""
    people: set[UUID | None] = set()
    if new:
        with connection.cursor() as cursor:
            cursor.execute(LINK_CARTS, [[product.pk for product in new]])
            cursor.execute(LINK_ORDERS, [[product.pk for product in new]])
            people |= {row[0] for row in cursor.fetchall()}
    recompute_stats(contact_ids={each for each in people if each} | buyers_of(moved))


def buyers_of(product_ids: Collection[UUID]) -> set[UUID]:
    """Who bought one of these products."""
    if not product_ids:
        return set()
    bought = OrderLine.objects.filter(
        product__in=product_ids, counts=True, contact__isnull=False
    ).values_list("contact", flat=True)  # fmt: skip
    return {contact_id for contact_id in bought.distinct() if contact_id}
