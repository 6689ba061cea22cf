"""Seventy-two records on eight shelves."""

from datetime import datetime
from decimal import Decimal

from commerce.ingest import take_categories, take_products
from commerce.shapes import NewCategory, NewLine, NewProduct
from insights.record_shop.chance import fraction, whole

SOURCE = "record-shop"
CURRENCY = "USD"
SHELVES = ("Jazz", "Soul", "Folk", "Blues", "Classical", "Electronic", "Indie", "Reggae")
FIRST = ["Blue", "Quiet", "Golden", "Paper", "Northern", "Electric", "Slow", "Silver", "Harbour"]
SECOND = [
    "Morning",
    "Station",
    "Letters",
    "Garden",
    "Sessions",
    "Weather",
    "Company",
    "Lights",
    "Road",
]
PER_SHELF = 9
COUNT = len(SHELVES) * PER_SHELF
ADDRESS = "https://records.example"


def record(number: int) -> NewProduct:
    """Record number 0 to 71."""
    shelf, place = divmod(number, PER_SHELF)
    price = Decimal(990 + 100 * whole(14, "price", number)) / 100
    name = f"{FIRST[(place + shelf) % 9]} {SECOND[(place * 2 + shelf) % 9]}"
    return NewProduct(
        external_id=f"lp-{number:03}",
        name=f"{name} ({SHELVES[shelf]})",
        sku=f"LP{number:03}",
        price=price,
        currency=CURRENCY,
        url=f"{ADDRESS}/lp-{number:03}",
        # One in twelve is sold out, so that nobody is offered it.
        stock=0 if fraction("stock", number) < 1 / 12 else 5 + whole(40, "stock", number),
        category_external_ids=(SHELVES[shelf].lower(),),
    )


def line(number: int, *, quantity: int = 1, total: Decimal | None = None) -> NewLine:
    """A line of an order or a cart about record `number`."""
    product = record(number)
    total = product.price * quantity if total is None else total
    return NewLine(
        name=product.name,
        quantity=Decimal(quantity),
        unit_price=total / quantity,
        total=total,
        product_external_id=product.external_id,
        sku=product.sku,
        url=product.url,
    )


def favourite(customer: int, nth: int) -> int:
    """The record a customer takes as their nth: mostly from a shelf they like."""
    shelf = whole(len(SHELVES), "shelf", customer)
    if fraction("stray", customer, nth) < 0.3:
        shelf = whole(len(SHELVES), "other shelf", customer, nth)
    # The first records of a shelf are the ones that sell.
    place = int(PER_SHELF * fraction("place", customer, nth) ** 2)
    return shelf * PER_SHELF + place


def fill_catalogue(now: datetime) -> None:
    """Shelves and records."""
    take_categories(
        items=[NewCategory(external_id=shelf.lower(), name=shelf) for shelf in SHELVES],
        source=SOURCE,
        now=now,
    )
    take_products(items=[record(number) for number in range(COUNT)], source=SOURCE, now=now)
