"""Pages of long lists: the rows behind a cursor, found by an index whatever the depth."""

from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from commerce.models import Cart, Order, Product
from contacts.models import Contact

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


def orders(*, q: str = "", status: str = "") -> "QuerySet[Order]":
    """Orders by number or person, and by status; those deleted at the shop left out."""
    rows = Order.objects.filter(is_deleted=False).select_related("contact")
    if status:
        rows = rows.filter(status=status)
    if q:
        people = Contact.objects.search(q).values("pk")
        number = Q(number__iexact=q) | Q(number__iexact=f"#{q}") | Q(external_id=q)
        rows = rows.filter(number | Q(contact__in=people))
    return rows


def carts(*, status: str = "") -> "QuerySet[Cart]":
    """Carts by status."""
    rows = Cart.objects.select_related("contact").prefetch_related("lines")
    return rows.filter(status=status) if status else rows


def products(*, q: str = "", stock: str = "") -> "QuerySet[Product]":
    """Products by name or SKU; `stock` is "out" or "off" (taken off sale)."""
    rows = Product.objects.all()
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(sku__iexact=q) | Q(external_id=q))
    if stock == "out":
        rows = rows.filter(stock=0, is_on_sale=True)
    elif stock == "off":
        rows = rows.filter(is_on_sale=False)
    return rows


def newest_page(rows: "QuerySet[Row]", *, field: str, after: str) -> tuple[list[Row], str]:
    """The page of rows behind the cursor, newest first, and the next cursor or "".

    A broken cursor is the first page.
    """
    if place := _moment_and_id(after):
        at, pk = place
        # The plain bound lets the index stop at once.
        older = Q(**{f"{field}__lt": at}) | Q(pk__lt=pk)
        rows = rows.filter(older, **{f"{field}__lte": at})
    found = list(rows.order_by(f"-{field}", "-pk")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], _cursor(found, field)


def latest_page(rows: "QuerySet[Row]", *, after: str) -> tuple[list[Row], str]:
    """The page of rows behind the cursor, the last to come first, and the next cursor or ""."""
    with suppress(ValueError):
        rows = rows.filter(pk__lt=UUID(after)) if after else rows
    found = list(rows.order_by("-pk")[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], str(found[PAGE_SIZE - 1].pk) if len(found) > PAGE_SIZE else ""


def named_page(rows: "QuerySet[Row]", *, after: str) -> tuple[list[Row], str]:
    """The page of rows behind the cursor, by name, and the next cursor or ""."""
    key, _mark, name = after.partition("_")
    with suppress(ValueError):
        beyond = Q(name__gt=name) | Q(pk__gt=UUID(key))
        rows = rows.filter(beyond, name__gte=name)
    found = list(rows.order_by("name", "pk")[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:
        return found, ""
    last: Any = found[PAGE_SIZE - 1]
    return found[:PAGE_SIZE], f"{last.pk}_{last.name}"


def _moment_and_id(text: str) -> tuple[datetime, UUID] | None:
    moment, _mark, key = text.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(key)) if at.tzinfo else None
    except ValueError:
        return None


def _cursor(found: list[Row], field: str) -> str:
    if len(found) <= PAGE_SIZE:
        return ""
    last = found[PAGE_SIZE - 1]
    return f"{getattr(last, field).isoformat()}_{last.pk}"
