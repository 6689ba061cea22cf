"""What the calls of a shop leave behind, once they are read."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commerce.inbound import read_calls
from commerce.models import (
    Cart,
    Category,
    Currency,
    CustomerProfile,
    DataRequest,
    Order,
    Product,
    Shop,
    ShopAccount,
    Variant,
)
from contacts.consent import erased_among
from contacts.models import Contact
from core.ids import uuid7
from events.inbound import receive, replay_deliveries
from events.models import Event, InboundDelivery
from events.reading import drain_inbound
from tests.commerce.shops.conftest import DOMAIN
from tests.commerce.shops.samples import sample
from tests.commerce.shops.test_shopify import ARRIVED, CART, ORDER, SENT

TOPICS = {"woocommerce": "X-WC-Webhook-Topic", "shopify": "X-Shopify-Topic"}


@pytest.fixture
def put(now):
    """`put(shop, ("order.created", payload), ...)`: store these calls."""

    def make(shop, *calls, at=now):
        for topic, payload in calls:
            receive(
                kind="shop",
                door=shop.key,
                delivery_id=str(uuid7()),
                body=json.dumps(payload).encode(),
                headers={TOPICS[shop.kind]: topic, "X-Shopify-Shop-Domain": DOMAIN},
                now=at,
            )

    return make


@pytest.fixture
def tell(now, put, read):
    """`tell(shop, ("order.created", payload), ...)`: store these calls, then read them all."""

    def make(shop, *calls, at=now):
        put(shop, *calls, at=at)
        return read(at)

    return make


def kinds_of_events():
    return sorted(Event.objects.filter(type__startswith="order.").values_list("type", flat=True))


def test_an_order_makes_its_contact_and_tells_what_happened(tell, woocommerce):
    [call] = tell(woocommerce, ("order.created", sample("woocommerce-order-created")))
    assert (call.state, call.error) == ("done", "")
    order = Order.objects.get()
    assert (order.source, order.external_id, order.status) == ("woocommerce-1", "727", "paid")
    assert order.contact.email == "ada@example.com"
    # what a shop says is no consent
    assert order.contact.email_consent == "none"
    profile = CustomerProfile.objects.get(contact=order.contact)
    assert (profile.kind, profile.company, profile.vat_number) == (
        "business", "Analytical Engines Ltd", "IT12345678901",
    )  # fmt: skip
    assert kinds_of_events() == ["order.paid", "order.placed"]


def test_an_unpaid_checkout_is_a_cart_that_its_order_ends(tell, woocommerce):
    tell(woocommerce, ("order.created", sample("woocommerce-order-pending")))
    cart = Cart.objects.get()
    assert (cart.external_id, cart.status, cart.contact.email) == (
        "checkout-727", "open", "ada@example.com",
    )  # fmt: skip
    assert Order.objects.count() == 0
    tell(woocommerce, ("order.updated", sample("woocommerce-order-created")))
    cart.refresh_from_db()
    assert (cart.status, cart.order.external_id) == ("converted", "727")


def test_a_deleted_order_is_marked_and_nothing_else(tell, woocommerce):
    tell(woocommerce, ("order.created", sample("woocommerce-order-created")))
    before = Order.objects.values().get()
    tell(woocommerce, ("order.deleted", sample("woocommerce-order-deleted")))
    after = Order.objects.values().get()
    assert after.pop("is_deleted") is True
    assert before.pop("is_deleted") is False
    assert before.pop("changed_at") < after.pop("changed_at")
    assert after == before


def test_news_of_an_order_waits_for_it_and_is_given_up_in_the_end(tell, read, woocommerce, now):
    [call] = tell(woocommerce, ("order.deleted", {"id": 727}))
    assert (call.state, call.error) == ("waiting", "Its order has not come yet.")
    assert call.due_at == now + timedelta(minutes=1)
    [call] = read(now + timedelta(minutes=20))
    assert call.due_at == now + timedelta(minutes=80)
    # when the order has come, then it is marked
    later = now + timedelta(hours=1)
    tell(woocommerce, ("order.created", sample("woocommerce-order-created")), at=later)
    calls = read(now + timedelta(minutes=80))
    assert {call.state for call in calls} == {"done"}
    assert Order.objects.get().is_deleted
    # when nothing ever comes, then it is let go
    tell(woocommerce, ("order.deleted", {"id": 9}))
    read(now + timedelta(days=3))
    call = InboundDelivery.objects.get(state="ignored")
    assert (bytes(call.body), call.error) == (b'{"id": 9}', "What it is about never came.")


def test_a_parcel_is_news_of_its_order_when_it_holds_all_of_it(tell, shopify_shop):
    part = sample("shopify-fulfillments-update", line_items=[])
    calls = tell(
        shopify_shop,
        ("orders/create", sample("shopify-orders-create")),
        ("fulfillments/update", part),
    )
    order = Order.objects.get()
    assert (order.external_id, order.fulfilled_at, order.delivered_at) == (ORDER, None, None)
    assert calls[1].state == "ignored"
    tell(shopify_shop, ("fulfillments/update", sample("shopify-fulfillments-update")))
    order.refresh_from_db()
    assert (order.fulfilled_at, order.delivered_at, order.status) == (SENT, ARRIVED, "delivered")


def test_products_bring_their_categories_and_leave_the_shelves_when_deleted(tell, shopify_shop):
    tell(shopify_shop, ("products/update", sample("shopify-products-update")))
    product = Product.objects.get()
    assert (product.price, product.stock, product.is_on_sale) == (Decimal("11"), 4, True)
    assert [category.name for category in product.categories.all()] == ["Kitchen"]
    tell(shopify_shop, ("products/delete", {"id": 632910392}))
    product.refresh_from_db()
    assert (product.price, product.stock, product.is_on_sale) == (Decimal("11"), 4, False)
    assert sorted(Variant.objects.values_list("sku", "stock")) == [("APR-BL-L", 4), ("APR-RD-L", 0)]
    assert Category.objects.count() == 1


def test_a_deleted_checkout_empties_its_cart(tell, shopify_shop):
    tell(shopify_shop, ("checkouts/update", sample("shopify-checkouts-update")))
    cart = Cart.objects.get()
    assert (cart.status, cart.contact.email) == ("open", "ada@example.com")
    tell(shopify_shop, ("checkouts/delete", {"id": 1, "cart_token": CART}))
    cart.refresh_from_db()
    assert (cart.status, cart.lines.count()) == ("emptied", 0)


def test_the_newest_news_of_a_customer_wins_whenever_it_comes(tell, shopify_shop):
    new = sample(
        "shopify-customers-update", first_name="Augusta", updated_at="2026-11-19T10:00:00Z"
    )
    old = sample("shopify-customers-update", last_name="Byron", first_name="Old")
    tell(shopify_shop, ("customers/update", new))
    tell(shopify_shop, ("customers/update", old))
    ada = Contact.objects.get()
    assert (ada.first_name, ada.last_name) == ("Augusta", "Lovelace")
    account = ShopAccount.objects.get()
    assert (account.contact, account.external_id) == (ada, "6840133746837")
    assert account.changed_at == datetime(2026, 11, 19, 10, 0, tzinfo=UTC)


def test_what_the_shop_says_of_advertising_is_noted_and_is_no_consent(tell, shopify_shop):
    for _ in range(2):
        tell(shopify_shop, ("customers/update", sample("shopify-customers-update")))
    ada = Contact.objects.get()
    assert ada.email_consent == "none"
    choice = Event.objects.get(type="shop.advertising_choice")
    assert choice.contact_id == ada.pk
    assert choice.data == {"accepts": True, "shop": "Harbour shopify"}


def test_somebody_who_left_is_not_brought_back_by_a_shop(tell, shopify_shop):
    ada = Contact.objects.create(email="ada@example.com", email_consent="unsubscribed")
    tell(shopify_shop, ("customers/update", sample("shopify-customers-update")))
    tell(shopify_shop, ("orders/create", sample("shopify-orders-create")))
    ada.refresh_from_db()
    assert ada.email_consent == "unsubscribed"


def test_whom_a_shop_asks_to_forget_is_forgotten(tell, shopify_shop, now):
    tell(shopify_shop, ("orders/create", sample("shopify-orders-create")))
    tell(shopify_shop, ("customers/update", sample("shopify-customers-update")))
    tell(shopify_shop, ("customers/redact", sample("shopify-customers-redact")))
    assert Contact.objects.count() == 0
    assert ShopAccount.objects.count() == 0
    assert Order.objects.get().contact_id is None
    request = DataRequest.objects.get()
    assert (request.kind, request.contact_id, request.done_at) == ("erase", None, now)
    assert not any(b"ada@" in bytes(call.body).lower() for call in InboundDelivery.objects.all())
    # and nothing that comes late brings them back
    tell(shopify_shop, ("orders/updated", sample("shopify-orders-paid")))
    assert Contact.objects.count() == 0
    assert Order.objects.get().paid_at is not None


def test_forgetting_somebody_nobody_knows_fences_the_address_off(tell, shopify_shop):
    tell(shopify_shop, ("customers/redact", sample("shopify-customers-redact")))
    assert erased_among(["ada@example.com"]) == {"ada@example.com"}
    tell(shopify_shop, ("orders/create", sample("shopify-orders-create")))
    assert Contact.objects.count() == 0
    assert Order.objects.get().contact_id is None


def test_a_phone_alone_erases_nobody(tell, shopify_shop):
    """A family shares a phone."""
    mother = Contact.objects.create(email="mother@example.com", phone="+390115551234")
    payload = sample("shopify-customers-redact")
    payload["customer"]["email"] = None
    tell(shopify_shop, ("customers/redact", payload))
    request = DataRequest.objects.get()
    assert (request.contact, request.done_at) == (mother, None)
    assert Contact.objects.count() == 1


def test_other_wishes_wait_for_somebody_of_the_team(tell, shopify_shop):
    ada = Contact.objects.create(email="ada@example.com")
    tell(
        shopify_shop,
        ("customers/data_request", sample("shopify-customers-data-request")),
        ("shop/redact", sample("shopify-shop-redact")),
        ("app/uninstalled", sample("shopify-app-uninstalled")),
    )
    asked = DataRequest.objects.order_by("kind").values_list("kind", "contact", "done_at")
    assert list(asked) == [("erase_shop", None, None), ("export", ada.pk, None)]
    shopify_shop.refresh_from_db()
    assert shopify_shop.left_at is not None
    assert Contact.objects.count() == 1


def test_a_wish_that_is_read_again_is_one_wish(tell, shopify_shop, now):
    tell(shopify_shop, ("customers/data_request", sample("shopify-customers-data-request")))
    read_calls(list(InboundDelivery.objects.all()), now)
    assert DataRequest.objects.count() == 1


def test_an_unknown_currency_can_be_added_and_the_call_read_again(tell, read, woocommerce, now):
    [call] = tell(
        woocommerce, ("order.created", sample("woocommerce-order-created", currency="USD"))
    )
    assert call.state == "failed"
    assert "“USD” is not among the currencies of this workspace." in call.error
    assert Order.objects.count() == 0
    Currency.objects.create(code="USD", rate=Decimal("0.9"))
    assert replay_deliveries(ids=[call.pk], now=now) == 1
    [call] = read(now)
    assert (call.state, Order.objects.get().currency) == ("done", "USD")


def test_a_bad_call_does_not_cost_the_others(tell, woocommerce):
    calls = tell(
        woocommerce,
        ("order.created", {"status": "processing"}),
        ("order.created", sample("woocommerce-order-created", currency="USD")),
        ("order.created", sample("woocommerce-order-created", id=728)),
        ("coupon.created", {"id": 1}),
    )
    assert [call.state for call in calls] == ["failed", "failed", "done", "ignored"]
    assert Order.objects.get().external_id == "728"


def test_a_paused_shop_keeps_what_comes_until_it_goes_on(tell, read, woocommerce, acme_client, now):
    Shop.objects.update(is_active=False)
    [call] = tell(woocommerce, ("order.created", sample("woocommerce-order-created")))
    assert (call.state, call.error) == ("waiting", "The shop is paused.")
    assert call.due_at == now + timedelta(hours=1)
    assert Order.objects.count() == 0
    acme_client.post(f"/settings/shops/{woocommerce.pk}/switch/", {"on": "1"})
    [call] = read(datetime.now(UTC))
    assert call.state == "done"
    assert Order.objects.count() == 1


def test_two_shops_keep_their_rows_apart(tell, connected):
    one, two = connected("woocommerce"), connected("woocommerce", "woocommerce-2")
    payload = sample("woocommerce-order-created")
    tell(one, ("order.created", payload))
    tell(two, ("order.created", payload))
    assert sorted(Order.objects.values_list("source", flat=True)) == [
        "woocommerce-1",
        "woocommerce-2",
    ]


def test_ninety_calls_take_as_many_statements_as_ten(put, woocommerce, now):
    counts = []
    for first, count in ((1, 10), (100, 90)):
        orders = [
            ("order.created", sample("woocommerce-order-created", id=number))
            for number in range(first, first + count)
        ]
        put(woocommerce, *orders, at=now)
        with CaptureQueriesContext(connection) as captured:
            assert drain_inbound(now=now).done == count
        counts.append(len(captured))
    assert Order.objects.count() == 100
    assert counts[1] <= counts[0]
