"""P15: each call ten times, shuffled, at once: one effect, and the same rows in any order."""

import json
import random
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from commerce.models import (
    Cart,
    CartLine,
    Category,
    Currency,
    Order,
    OrderLine,
    Product,
    Shop,
    ShopAccount,
    Variant,
)
from contacts.models import Contact
from events.inbound import receive
from events.models import Event, InboundDelivery
from events.reading import drain_inbound
from tests.commerce.shops.conftest import DOMAIN, SECRET
from tests.commerce.shops.samples import sample
from tests.journeys.conftest import committed  # noqa: F401  a fixture
from tests.journeys.test_several_workers import in_parallel

TOPIC = {"woocommerce": "X-WC-Webhook-Topic", "shopify": "X-Shopify-Topic"}
STORIES = {
    "woocommerce": [
        ("order.created", sample("woocommerce-order-pending")),
        ("order.updated", sample(
            "woocommerce-order-pending", status="failed", date_modified_gmt="2026-11-18T14:28:05"
        )),
        ("order.updated", sample("woocommerce-order-created")),
        ("order.updated", sample("woocommerce-order-completed")),
        ("order.updated", sample("woocommerce-order-refunded")),
        ("order.deleted", sample("woocommerce-order-deleted")),
        ("order.created", sample("woocommerce-order-created", id=728, number="728")),
        ("product.created", sample("woocommerce-product-updated")),
        ("product.updated", sample(
            "woocommerce-product-updated", stock_status="outofstock", stock_quantity=0,
            date_modified_gmt="2026-11-19T08:00:00", categories=[{"id": 9, "name": "Kitchen"}],
        )),
        ("customer.created", sample("woocommerce-customer-updated", first_name="A.")),
        ("customer.updated", sample(
            "woocommerce-customer-updated", first_name="Augusta",
            date_modified_gmt="2026-11-19T14:30:00",
        )),
    ],
    "shopify": [
        ("carts/update", sample("shopify-carts-update")),
        ("checkouts/update", sample("shopify-checkouts-update")),
        ("orders/create", sample("shopify-orders-create")),
        ("orders/paid", sample("shopify-orders-paid")),
        ("orders/fulfilled", sample("shopify-orders-fulfilled")),
        ("orders/cancelled", sample("shopify-orders-cancelled")),
        ("fulfillments/create", sample("shopify-fulfillments-create")),
        ("fulfillments/update", sample("shopify-fulfillments-update")),
        ("refunds/create", sample("shopify-refunds-create")),
        ("products/update", sample("shopify-products-update")),
        ("products/update", sample(
            "shopify-products-update", updated_at="2026-11-19T00:00:00Z", title="Linen apron"
        )),
        ("products/delete", {"id": 632910393}),
        ("products/create", sample(
            "shopify-products-update", id=632910393, title="Rye flour", variants=[]
        )),
        ("customers/update", sample("shopify-customers-update")),
    ],
}  # fmt: skip


def connect(kind, now):
    Currency.objects.get_or_create(code="EUR", defaults={"is_main": True})
    return Shop.objects.create(
        kind=kind, name="Harbour", key=f"{kind}-1", currency="EUR",
        credentials={"secret": SECRET}, created_at=now,
    )  # fmt: skip


def store(shop, call, delivery_id, now):
    topic, payload = call
    receive(
        kind="shop",
        door=shop.key,
        delivery_id=delivery_id,
        body=json.dumps(payload).encode(),
        headers={TOPIC[shop.kind]: topic, "X-Shopify-Shop-Domain": DOMAIN},
        now=now,
    )


def read_all(now, limit):
    """Read what is due, and what waits, until nothing does."""
    for minutes in range(0, 60, 2):
        while drain_inbound(now=now + timedelta(minutes=minutes), limit=limit).done:
            pass
        if not InboundDelivery.objects.filter(state="waiting").exists():
            return


def rows(model, *left_out, **names):
    """Every row as a tuple, without what differs each time."""
    ids = {"id", "created_at", "updated_at", *left_out}
    fields = [field.attname for field in model._meta.concrete_fields if field.attname not in ids]
    fields = [names.get(field, field) for field in fields]
    return sorted(model.objects.values_list(*fields), key=repr)


def picture():
    """All that a shop's calls leave."""
    return {
        "contacts": rows(Contact),
        "accounts": rows(ShopAccount, "shop_id", contact_id="contact__email"),
        "categories": rows(Category, "path"),
        "products": rows(Product),
        "variants": rows(Variant, product_id="product__external_id"),
        "carts": rows(Cart, contact_id="contact__email", order_id="order__external_id"),
        "cart lines": rows(CartLine, cart_id="cart__external_id", product_id="product__name"),
        "orders": rows(Order, contact_id="contact__email"),
        "order lines": rows(
            OrderLine, order_id="order__external_id", contact_id="contact__email",
            product_id="product__name",
        ),
        "calls": rows(InboundDelivery, "delivery_id", "attempts", "due_at", "body", "headers"),
        "events": sorted(told_of_orders()),
    }  # fmt: skip


def told_of_orders():
    """Events of the orders that are there. One that was deleted before it was known tells none."""
    deleted = Order.objects.filter(is_deleted=True).values_list("number", flat=True)
    events = Event.objects.filter(type__startswith="order.")
    return events.exclude(data__number__in=list(deleted)).values_list("type", "data__number")


def outcome(kind, calls, now, *, limit=100):
    """The picture after these calls, each (call, delivery id); then all is undone."""
    with transaction.atomic():
        shop = connect(kind, now)
        for call, delivery_id in calls:
            store(shop, call, delivery_id, now)
        read_all(now, limit)
        found = picture()
        transaction.set_rollback(True)
    return found


def differing(found, expected):
    """The rows that are in one picture and not in the other."""
    return [
        (name, row)
        for name in expected
        for row in [*found[name], *expected[name]]
        if found[name].count(row) != expected[name].count(row)
    ]


def once(kind):
    """The story as it happened."""
    return [(call, f"d{number}") for number, call in enumerate(STORIES[kind])]


@pytest.mark.parametrize("kind", sorted(STORIES))
def test_the_story_ends_as_it_should(acme, now, kind):
    found = outcome(kind, once(kind), now)
    assert (
        found["events"]
        == {
            "woocommerce": [("order.paid", "728"), ("order.placed", "728")],
            "shopify": [
                ("order.cancelled", "#1001"),
                ("order.delivered", "#1001"),
                ("order.fulfilled", "#1001"),
                ("order.paid", "#1001"),
                ("order.placed", "#1001"),
                ("order.refunded", "#1001"),
            ],
        }[kind]
    )
    assert len(found["contacts"]) == 1
    assert [cart[3] for cart in found["carts"]] == ["converted"]
    assert {call[4] for call in found["calls"]} == {"done"}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", sorted(STORIES))
def test_ten_times_each_and_shuffled_has_one_effect(acme, now, kind, seed):
    """Half of the ten are the same call again, half the same content under another id."""
    chance = random.Random(f"{kind}{seed}")
    calls = [
        (call, f"d{number}" if copy < 5 else f"d{number}-{copy}")
        for number, call in enumerate(STORIES[kind])
        for copy in range(10)
    ]
    chance.shuffle(calls)
    found = outcome(kind, calls, now, limit=chance.choice([1, 3, 7, 100]))
    expected = outcome(kind, once(kind), now)
    assert len(found.pop("calls")) == 6 * len(expected.pop("calls"))
    assert differing(found, expected) == []


@pytest.mark.parametrize("kind", sorted(STORIES))
@settings(
    max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_any_order_ends_the_same(acme, now, kind, data):
    calls = once(kind)
    order = data.draw(st.permutations(range(len(calls))))
    limit = data.draw(st.integers(1, 5))
    found = outcome(kind, [calls[place] for place in order], now, limit=limit)
    assert differing(found, outcome(kind, calls, now)) == []


def test_several_workers_at_once_have_one_effect(committed, now):  # noqa: F811
    # given the story of a shop, each call ten times, in another order for each worker
    shop = connect("shopify", now)
    calls = [each for each in once("shopify") for _copy in range(5)]

    def work():
        mine = random.Random(id(calls)).sample(calls, len(calls))
        for call, delivery_id in mine:
            store(shop, call, delivery_id, now)
            drain_inbound(now=now, limit=3)

    # when two workers store and read at once
    in_parallel(committed, work)
    read_all(now, 100)

    # then it is as if each had come once
    found = picture()
    for model in (OrderLine, CartLine, Cart, Order, ShopAccount, Shop, Variant, Product, Category,
                  Contact, Event, InboundDelivery):  # fmt: skip
        model.objects.all().delete()
    assert differing(found, outcome("shopify", once("shopify"), now)) == []
