"""A small shop in few words, for tests of coupons, recommendations, guards and merge fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.models import (
    Cart,
    CartLine,
    Coupon,
    CouponCode,
    CustomerStats,
    Order,
    OrderLine,
    Product,
)
from contacts.models import Contact
from events.models import Event

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_numbers = count(1)


def person(email: str, **values: Any) -> Contact:
    """A contact who agreed to marketing mail."""
    return Contact.objects.create(
        email=email, **{"first_name": "Ada", "email_consent": "subscribed", **values}
    )


def product(name: str, **values: Any) -> Product:
    """Something on sale at 10 euros, as many as you like."""
    return Product.objects.create(
        name=name,
        external_id=f"p{next(_numbers)}",
        **{
            "currency": "EUR",
            "price": Decimal(10),
            "url": f"https://acme.example/{name}",
            "image_url": f"https://acme.example/{name}.jpg",
            **values,
        },
    )


def order(contact: Contact | None, now: datetime, *products: Product, **values: Any) -> Order:
    """An order of these, one of each."""
    total = sum((each.price for each in products), Decimal(0))
    counts = values.pop("counts", True)
    made = Order.objects.create(
        contact=contact,
        external_id=f"o{next(_numbers)}",
        placed_at=now,
        **{
            "number": "1001",
            "status": "placed",
            "currency": "EUR",
            "total": total,
            "value": total,
            **values,
        },
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=made,
            position=position,
            product=each,
            name=each.name,
            unit_price=each.price,
            total=each.price,
            value=each.price,
            contact=contact,
            placed_at=now,
            counts=counts,
        )
        for position, each in enumerate(products)
    )
    return made


def cart(contact: Contact | None, now: datetime, *products: Product, **values: Any) -> Cart:
    """An open cart with one of each."""
    total = sum((each.price for each in products), Decimal(0))
    made = Cart.objects.create(
        contact=contact,
        external_id=f"c{next(_numbers)}",
        started_at=now,
        changed_at=now,
        **{
            "currency": "EUR",
            "total": total,
            "value": total,
            "restore_url": "https://acme.example/cart",
            **values,
        },
    )
    CartLine.objects.bulk_create(
        CartLine(
            cart=made,
            position=position,
            product=each,
            name=each.name,
            unit_price=each.price,
            total=each.price,
            url=each.url,
            image_url=each.image_url,
        )
        for position, each in enumerate(products)
    )
    return made


def bought(contact: Contact, orders: int, spend: int) -> None:
    """What is known of a customer's orders so far."""
    CustomerStats.objects.update_or_create(
        contact=contact, defaults={"orders": orders, "spend": Decimal(spend)}
    )


def coupon(**values: Any) -> Coupon:
    """Ten percent, codes made here."""
    return Coupon.objects.create(**{"name": "Spring", "amount": Decimal(10), **values})


def pool(*codes: str, **values: Any) -> Coupon:
    """A coupon whose codes come from this list."""
    made = coupon(codes=Coupon.Codes.POOL, **values)
    for code in codes:
        CouponCode.objects.create(coupon=made, code=code)
    return made


def codes_of(contact: Contact) -> list[str]:
    """The codes of somebody, oldest first."""
    rows = CouponCode.objects.filter(contact=contact).order_by("issued_at", "id")
    return list(rows.values_list("code", flat=True))


def happened(kind: str) -> list[tuple[Any, dict[str, Any]]]:
    """(contact, data) of every event of a type."""
    return list(Event.objects.filter(type=kind).order_by("id").values_list("contact_id", "data"))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that was run inside, without what only sets the workspace."""
    sql: list[str] = []
    with CaptureQueriesContext(connection) as asked:
        yield sql
    sql += [one["sql"] for one in asked if "search_path" not in one["sql"]]
