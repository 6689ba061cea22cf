"""A small shop: rye and cake on two shelves, and people who buy, fill carts and look around."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from commerce.ingest.carts import take_carts
from commerce.ingest.categories import take_categories
from commerce.ingest.orders import take_orders
from commerce.ingest.products import take_products
from commerce.models import Category, Product, ProductView
from commerce.shapes import Buyer, NewCart, NewCategory, NewLine, NewOrder, NewProduct
from contacts.models import Contact
from contacts.rows import ContactRow
from events.drain import drain
from journeys.models import Enrolment, Journey, LiveEntry
from journeys.timed import let_in_due
from tests.journeys.conftest import live, settle, step

WAIT = step("wait1", "wait", {"amount": 5, "unit": "days"})


@pytest.fixture(autouse=True)
def shelves(acme: Any, now: datetime) -> None:
    """Bread > rye holds the loaf; cakes hold the cake."""
    take_categories(
        items=[
            NewCategory("bread", "Bread"),
            NewCategory("rye", "Rye", parent_external_id="bread"),
            NewCategory("cakes", "Cakes"),
        ],
        source="api",
        now=now,
    )
    take_products(
        items=[
            NewProduct(
                "loaf",
                "Loaf",
                Decimal("4.50"),
                "EUR",
                url="https://shop.example/loaf",
                category_external_ids=("rye",),
            ),
            NewProduct("cake", "Cake", Decimal(30), "EUR", category_external_ids=("cakes",)),
        ],
        source="api",
        now=now,
    )


def shelf(name: str) -> str:
    """The id of a category by its shop's id."""
    return str(Category.objects.get(external_id=name).pk)


def product(name: str) -> Product:
    return Product.objects.get(external_id=name)


def line(name: str = "loaf", total: str = "4.50", quantity: int = 1) -> NewLine:
    amount = Decimal(total)
    return NewLine(
        name=name.title(),
        quantity=Decimal(quantity),
        unit_price=amount / quantity,
        total=amount,
        product_external_id=name,
    )


def order(
    number: str, who: str, placed_at: datetime, *lines: NewLine, now: datetime, **moments: Any
) -> None:
    """Somebody's order as the shop tells it at `now`."""
    lines = lines or (line(),)
    new = NewOrder(
        external_id=number,
        number=f"#{number}",
        currency="EUR",
        total=sum((each.total for each in lines), Decimal(0)),
        placed_at=placed_at,
        lines=lines,
        buyer=Buyer(ContactRow(email=f"{who}@example.com", first_name=who.title())),
        changed_at=now,
        **moments,
    )
    taken = take_orders(items=[new], source="api", now=now)
    assert taken[0].code == ""


def cart(number: str, who: str, changed_at: datetime, *lines: NewLine, now: datetime) -> None:
    """Somebody's cart as the shop tells it at `now`; without a name nobody is known behind it."""
    buyer = Buyer(ContactRow(email=f"{who}@example.com", first_name=who.title())) if who else None
    new = NewCart(
        external_id=number,
        currency="EUR",
        total=sum((each.total for each in lines), Decimal(0)),
        lines=lines,
        buyer=buyer,
        restore_url="https://shop.example/cart",
        changed_at=changed_at,
    )
    assert take_carts(items=[new], source="api", now=now)[0].code == ""


def viewed(who: str, name: str, at: datetime) -> None:
    contact, _new = Contact.objects.get_or_create(
        email=f"{who}@example.com", defaults={"first_name": who.title()}
    )
    ProductView.objects.update_or_create(
        contact=contact,
        product=product(name),
        defaults={"last_viewed_at": at, "first_viewed_at": at},
    )


def journey(now: datetime, kind: str, *steps: Any, settings: Any = None, **config: Any) -> Journey:
    """A live journey with this one entry."""
    entries = [{"kind": kind, "config": config}]
    return live(now, *(steps or [WAIT]), entries=entries, settings=settings or {})


def happen(now: datetime) -> None:
    """Process the events so far."""
    while drain(now=now).done:
        pass


def look(at: datetime, *, limit: int = 5000, force: bool = False) -> int:
    """Process events and let in until nothing is due, then walk; how many came in."""
    happen(at)
    if force:
        LiveEntry.objects.update(due_at=at)
    started = 0
    while found := let_in_due(now=at, limit=limit):
        started += found.started
    assert not LiveEntry.objects.exclude(error="").exists()
    settle(at)
    return started


def inside() -> list[tuple[str, datetime]]:
    """(first name, started at) of every run, in order."""
    runs = Enrolment.objects.order_by("started_at", "contact__first_name")
    return list(runs.values_list("contact__first_name", "started_at"))
