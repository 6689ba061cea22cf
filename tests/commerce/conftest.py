"""A small shop: orders, carts and products made the short way."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.shapes import Buyer, NewCart, NewCategory, NewLine, NewOrder, NewProduct
from contacts.rows import ContactRow


@pytest.fixture(autouse=True)
def _with_rows(db: None) -> None:
    """Everything here is about rows of Acme."""


@pytest.fixture
def contact(acme: Any, now: Any) -> Any:
    """`contact("ada@example.com")`: a contact of Acme."""
    from contacts.models import Contact

    def make(email: str | None, **values: Any) -> Contact:
        return Contact.objects.create(
            email=email, **{"created_at": now, "updated_at": now} | values
        )

    return make


@pytest.fixture
def events_of() -> Any:
    """`events_of("order.")`: (type, data) of events of these kinds, in order."""
    from events.models import Event

    def read(kind: str) -> list[tuple[str, dict[str, Any]]]:
        rows = Event.objects.filter(type__startswith=kind).order_by("id")
        return list(rows.values_list("type", "data"))

    return read


def buyer(email: str | None = "ada@example.com", **values: Any) -> Buyer:
    return Buyer(ContactRow(email=email, **values))


def line(name: str = "Rye loaf", total: str = "10.00", product: str = "", **values: Any) -> NewLine:
    values = {"quantity": Decimal(1), "unit_price": Decimal(total)} | values
    return NewLine(name=name, total=Decimal(total), product_external_id=product, **values)


@pytest.fixture
def order(now: Any) -> Any:
    """`order("1", total="59.90", days=3)`: news of an order placed three days ago."""

    def make(external_id: str = "1", *, total: str = "10.00", days: int = 0, **values: Any) -> Any:
        values = {
            "currency": "EUR",
            "placed_at": now - timedelta(days=days),
            "lines": (line(total=total),),
            "buyer": buyer(),
        } | values
        return NewOrder(external_id=external_id, total=Decimal(total), **values)

    return make


@pytest.fixture
def cart(now: Any) -> Any:
    """`cart("c1", total="20.00")`: news of a cart."""

    def make(external_id: str = "c1", *, total: str = "10.00", **values: Any) -> NewCart:
        values = {
            "currency": "EUR",
            "lines": (line(total=total, product="rye"),),
            "buyer": buyer(),
        } | values
        return NewCart(external_id=external_id, total=Decimal(total), **values)

    return make


def product(external_id: str = "rye", price: str = "10.00", **values: Any) -> NewProduct:
    values = {"name": "Rye loaf", "currency": "EUR"} | values
    return NewProduct(external_id=external_id, price=Decimal(price), **values)


def category(external_id: str, parent: str = "", **values: Any) -> NewCategory:
    values = {"name": external_id.capitalize()} | values
    return NewCategory(external_id=external_id, parent_external_id=parent, **values)


@pytest.fixture
def statements() -> Any:
    """`statements(act)`: how many statements doing it takes."""

    def count(act: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return sum(not query["sql"].startswith("SET search_path") for query in queries)

    return count
