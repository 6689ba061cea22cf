"""A shop whose flows run as their recipes have them, on a clock that only the test moves.

Everything is real but the clock: events, journeys, policy, and mails over SMTP.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest

from campaigns import claims
from commerce.ingest import take_carts, take_orders, take_products
from commerce.models import Cart, Order
from commerce.shapes import Buyer, NewCart, NewLine, NewOrder, NewProduct, OrderNews
from contacts.consent import record_consent
from contacts.models import Contact
from contacts.rows import ContactRow
from events.services import record
from insights.record_shop.working import work_off
from journeys import engine, services
from journeys.models import Enrolment, Journey
from tests.campaigns.conftest import Office, office

__all__ = ["office"]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Town:
    """The shop, its customers, and the time."""

    def __init__(self, workspace: Any, post: Office, now: datetime) -> None:
        self.workspace = workspace
        self.post = post
        self.start = self.now = now

    # --- time

    def until(self, moment: datetime) -> None:
        """Let time pass; the clock stops wherever something is due, as the agenda's does."""
        while self.now < moment:
            due = [each for each in (engine.next_due(), claims.next_due()) if each]
            soonest = max(min(due, default=moment), self.now + MINUTE)
            self.now = min(soonest, moment)
            self.work()

    def wait(self, length: timedelta) -> None:
        self.until(self.now + length)

    def work(self) -> None:
        work_off(workspace=self.workspace, now=self.now)

    # --- what the owner does

    def publish(self, recipe: str) -> Journey:
        journey = services.create_from_recipe(key=recipe, language="en", now=self.now)
        services.publish_journey(journey=journey, now=self.now)
        return journey

    # --- what customers do

    def subscriber(self, name: str) -> Contact:
        """Somebody who has agreed to hear from the shop."""
        contact = Contact.objects.create(
            email=f"{name.lower()}@example.com", first_name=name, created_at=self.now
        )
        record_consent(contact_ids=[contact.pk], action="subscribed", source="manual", now=self.now)
        self.work()
        return contact

    def fill_cart(self, name: str, *products: str, cart: str = "c1") -> Cart:
        """The cart of this id as it now is; without products it was emptied."""
        lines = tuple(self._line(product) for product in products)
        news = NewCart(
            external_id=cart,
            currency="EUR",
            total=sum((line.total for line in lines), Decimal(0)),
            lines=lines,
            buyer=self._buyer(name),
            restore_url=f"https://shop.example/cart/{cart}",
            changed_at=self.now,
        )
        take_carts(items=[news], source="api", now=self.now)
        self.work()
        return Cart.objects.get(external_id=cart)

    def order(
        self, name: str, *products: str, number: str = "1", cart: str = "", **moments: datetime
    ) -> Order:
        lines = tuple(self._line(product) for product in products)
        news = NewOrder(
            external_id=number,
            number=f"#{number}",
            currency="EUR",
            total=sum((line.total for line in lines), Decimal(0)),
            placed_at=moments.pop("placed_at", self.now),
            lines=lines,
            buyer=self._buyer(name),
            cart_external_id=cart,
            changed_at=self.now,
            **moments,
        )
        take_orders(items=[news], source="api", now=self.now)
        self.work()
        return Order.objects.get(external_id=number)

    def tell(self, number: str, **moments: datetime) -> None:
        """News of an order there is."""
        news = OrderNews(external_id=number, changed_at=self.now, **moments)
        take_orders(items=[news], source="api", now=self.now)
        self.work()

    def happens(self, kind: str, name: str, **data: Any) -> None:
        contact = Contact.objects.get(first_name=name)
        record(
            type=kind, contact_id=contact.pk, now=self.now, data=data,
            message_id=f"{kind}:{name}:{self.now.isoformat()}:{sorted(data.items())}"[:200],
        )  # fmt: skip
        self.work()

    def _buyer(self, name: str) -> Buyer:
        return Buyer(ContactRow(email=f"{name.lower()}@example.com", first_name=name))

    def _line(self, product: str) -> NewLine:
        price = PRICES[product]
        return NewLine(
            name=product, quantity=Decimal(1), unit_price=price, total=price,
            product_external_id=product,
        )  # fmt: skip

    # --- what came of it

    def mails(self, name: str) -> list[str]:
        """Subjects of the mails this person got, oldest first."""
        return [mail["Subject"] for mail in self.letters(name)]

    def letters(self, name: str) -> list[Any]:
        address = f"{name.lower()}@example.com"
        return [
            message_from_bytes(each.content, policy=policy.default)
            for each in self.post.taken
            if each.rcpt_tos == [address]
        ]

    def last_text(self, name: str) -> str:
        return str(self.letters(name)[-1].get_body(("plain",)).get_content())

    def runs(self, name: str) -> list[tuple[str, str]]:
        """(status, exit reason) of this person's runs, oldest first."""
        found = Enrolment.objects.filter(contact__first_name=name).order_by("started_at", "id")
        return list(found.values_list("status", "exit_reason"))


PRICES = {
    "Loaf": Decimal("4.50"),
    "Cake": Decimal("30.00"),
    "Knife": Decimal("80.00"),
    "Jam": Decimal("6.00"),
}


@pytest.fixture
def town(acme: Any, office: Office, now: datetime) -> Town:
    """Acme sells four things; nothing has happened yet."""
    acme.cap_messages, acme.postal_address = 50, "Via Roma 1, Torino"
    acme.save()
    take_products(
        items=[
            NewProduct(name, name, price, "EUR", url=f"https://shop.example/{name}", stock=10)
            for name, price in PRICES.items()
        ],
        source="api",
        now=now,
    )
    return Town(acme, office, now)


@pytest.fixture
def sold_out(now: datetime) -> Callable[[str, datetime], None]:
    """`sold_out("Cake", at)`: the shop says that nothing is left of it."""

    def make(name: str, at: datetime) -> None:
        product = NewProduct(name, name, PRICES[name], "EUR", stock=0, changed_at=at)
        take_products(items=[product], source="api", now=at)

    return make
