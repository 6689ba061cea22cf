"""What WooCommerce's webhooks are translated to."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from commerce.shapes import Buyer, NewCategory, NewLine, NewProduct, OrderNews
from commerce.shop_kinds import Gone, NotFromShop, ShopCustomer, check_signature, shops
from contacts.rows import ContactRow
from core.errors import Permanent
from tests.commerce.shops.samples import RECEIVED, sample, woo

PLACED = datetime(2026, 11, 18, 14, 28, 2, tzinfo=UTC)
PAID = datetime(2026, 11, 18, 14, 28, 8, tzinfo=UTC)
CHANGED = datetime(2026, 11, 18, 14, 28, 9, tzinfo=UTC)
ADA = Buyer(
    ContactRow(
        email="ada@example.com", phone="+390115551234", first_name="Ada", last_name="Lovelace"
    ),
    is_business=True,
    company="Analytical Engines Ltd",
    vat_number="IT12345678901",
)
APRON = NewLine(
    name="Apron",
    quantity=Decimal("2.000"),
    unit_price=Decimal("12.200"),
    total=Decimal("18.300"),
    product_external_id="93",
    variant="Blue, L",
    sku="APR-BL-L",
    image_url="https://shop.example/apron.jpg",
)


def test_an_order_is_told_with_everything_it_holds():
    news = woo("order.created", sample("woocommerce-order-created"))
    [order] = news.orders
    assert order.external_id == "727"
    assert order.number == "727"
    assert (order.currency, order.total, order.discount, order.shipping) == (
        "EUR", Decimal("37.45"), Decimal("5"), Decimal("10"),
    )  # fmt: skip
    assert order.coupon_codes == ("welcome5",)
    assert order.buyer == ADA
    assert order.lines[0] == APRON
    assert order.lines[1].total == Decimal("9.15")
    assert order.cart_external_id == "checkout-727"
    assert (order.placed_at, order.paid_at, order.changed_at) == (PAID, PAID, PAID)
    assert (order.fulfilled_at, order.delivered_at, order.cancelled_at) == (None, None, None)
    assert (order.refunded, order.refunded_at, order.is_deleted) == (0, None, False)
    assert list(news.notes) == []
    assert (news.carts, news.products, news.customers, news.changes) == ((), (), (), ())


@pytest.mark.parametrize("status", ["checkout-draft", "pending", "failed"])
def test_what_nobody_has_paid_for_is_a_cart(status):
    news = woo("order.updated", sample("woocommerce-order-pending", status=status))
    assert news.orders == ()
    [cart] = news.carts
    assert cart.external_id == "checkout-727"
    assert (cart.currency, cart.total) == ("EUR", Decimal("37.45"))
    assert cart.lines[0] == APRON
    assert cart.buyer == ADA
    assert (cart.started_at, cart.changed_at) == (PLACED, PLACED)
    pay_link = sample("woocommerce-order-pending")["payment_url"]
    assert cart.restore_url == ("" if status == "checkout-draft" else pay_link)


def test_an_order_to_be_paid_later_is_placed_and_not_paid():
    payload = sample("woocommerce-order-pending", status="on-hold", payment_method="bacs")
    [order] = woo("order.created", payload).orders
    assert (order.placed_at, order.paid_at, order.cancelled_at) == (PLACED, None, None)


def test_an_order_that_is_processed_without_a_payment_date_counts_as_paid_when_placed():
    payload = sample("woocommerce-order-created", date_paid_gmt=None, date_paid=None)
    [order] = woo("order.created", payload).orders
    assert order.paid_at == PLACED


def test_a_completed_order_was_sent():
    [order] = woo("order.updated", sample("woocommerce-order-completed")).orders
    assert order.fulfilled_at == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
    assert order.delivered_at is None


def test_a_plug_in_may_say_that_it_was_delivered():
    payload = sample("woocommerce-order-completed", status="delivered")
    [order] = woo("order.updated", payload).orders
    assert order.delivered_at == datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


def test_refunds_add_up_and_a_full_one_ends_the_order():
    [order] = woo("order.updated", sample("woocommerce-order-refunded")).orders
    assert order.refunded == Decimal("37.45")
    assert order.refunded_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    part = sample("woocommerce-order-completed", refunds=[{"id": 1, "total": "-9.15"}])
    [order] = woo("order.updated", part).orders
    assert (order.refunded, order.refunded_at) == (Decimal("9.15"), None)


def test_a_cancelled_order_was_an_order_only_if_it_was_placed():
    paid = sample("woocommerce-order-created", status="cancelled")
    [order] = woo("order.updated", paid).orders
    assert order.cancelled_at == PAID
    never = sample("woocommerce-order-pending", status="cancelled")
    news = woo("order.updated", never)
    assert news.orders == ()
    assert news.ignored == "Cancelled before it was paid: it stays the cart it was."
    by_transfer = sample("woocommerce-order-pending", status="cancelled", payment_method="bacs")
    assert len(woo("order.updated", by_transfer).orders) == 1


def test_a_deleted_order_is_known_by_its_id_alone():
    news = woo("order.deleted", sample("woocommerce-order-deleted"))
    assert list(news.changes) == [OrderNews("727", changed_at=RECEIVED, is_deleted=True)]
    assert news.orders == ()
    [trashed] = woo("order.updated", sample("woocommerce-order-created", status="trash")).orders
    assert trashed.is_deleted
    [restored] = woo("order.restored", sample("woocommerce-order-created")).orders
    assert not restored.is_deleted


def test_what_cannot_be_read_is_noted_and_the_rest_is_kept():
    payload = sample(
        "woocommerce-order-created",
        billing=None,
        currency="XXX1",
        total="1e99",
        date_paid=None,
        date_paid_gmt="soon",
        date_created=None,
        date_created_gmt=None,
    )
    payload["line_items"][0]["total"] = "NaN"
    payload["line_items"][1] = None
    news = woo("order.created", payload)
    [order] = news.orders
    assert (order.external_id, order.currency, order.total) == ("727", "EUR", Decimal(0))
    assert order.buyer is None
    assert order.placed_at == RECEIVED
    assert [line.name for line in order.lines] == ["Apron"]
    assert list(news.notes) == [
        "“soon” in “date_paid_gmt” is not a date.",
        "“1e99” in “total” is not an amount.",
        "“XXX1” in “currency” is not a currency.",
        "“NaN” in “total” is not an amount.",
    ]


def test_an_unusable_address_leaves_the_order_without_a_buyer():
    payload = sample("woocommerce-order-created", billing={"email": "", "first_name": "Ada"})
    news = woo("order.created", payload)
    assert news.orders[0].buyer is None
    assert list(news.notes) == []
    payload = sample("woocommerce-order-created", billing={"email": "ada@", "phone": "12"})
    news = woo("order.created", payload)
    assert news.orders[0].buyer is None
    assert list(news.notes) == ["“ada@” in “email” is not an email address."]


def test_an_unusable_phone_does_not_cost_the_address():
    payload = sample("woocommerce-order-created")
    payload["billing"]["phone"] = "call my mother"
    buyer = woo("order.created", payload).orders[0].buyer
    assert (buyer.row.email, buyer.row.phone) == ("ada@example.com", None)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"status": "processing"}, "no_id"),
        ({"id": {"a": 1}}, "no_id"),
        ({"order": {"id": 5}}, "legacy_format"),
        ({"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "data": {}}, "shop_error"),
    ],
)
def test_what_says_nothing_usable_fails_with_its_reason(payload, code):
    with pytest.raises(Permanent) as refusal:
        woo("order.created", payload)
    assert refusal.value.code == code


def test_a_product_brings_its_categories():
    news = woo("product.updated", sample("woocommerce-product-updated"))
    assert list(news.categories) == [
        NewCategory("9", "Kitchen & table", changed_at=CHANGED),
        NewCategory("14", "Gifts", changed_at=CHANGED),
    ]
    assert list(news.products) == [
        NewProduct(
            external_id="93",
            name="Apron",
            price=Decimal("12.20"),
            currency="EUR",
            sku="APR",
            url="https://shop.example/product/apron/",
            image_url="https://shop.example/apron.jpg",
            stock=6,
            category_external_ids=("9", "14"),
            changed_at=CHANGED,
        )
    ]


@pytest.mark.parametrize(
    ("changes", "stock", "is_on_sale"),
    [
        ({"stock_status": "outofstock"}, 0, True),
        ({"manage_stock": False, "stock_quantity": None}, None, True),
        ({"stock_status": "onbackorder", "stock_quantity": -3}, None, True),
        ({"status": "draft"}, 6, False),
        ({"catalog_visibility": "hidden"}, 6, False),
    ],
)
def test_what_can_be_bought(changes, stock, is_on_sale):
    [product] = woo("product.updated", sample("woocommerce-product-updated", **changes)).products
    assert (product.stock, product.is_on_sale) == (stock, is_on_sale)


def test_a_variation_is_left_to_its_product():
    payload = sample("woocommerce-product-updated", type="variation", parent_id=93)
    news = woo("product.updated", payload)
    assert news.products == ()
    assert news.ignored


def test_a_deleted_product_is_gone():
    assert list(woo("product.deleted", {"id": 93}).gone_products) == [Gone("93", RECEIVED)]


def test_a_customer_is_who_holds_the_account():
    news = woo("customer.updated", sample("woocommerce-customer-updated"))
    changed = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
    assert list(news.customers) == [ShopCustomer("26", ADA, changed)]


def test_other_topics_are_left_alone():
    news = woo("coupon.created", {"id": 1})
    assert news.ignored == "Nothing is done with “coupon.created”."


WOO = shops.get("woocommerce")


def test_only_the_ping_needs_no_signature():
    assert WOO.is_trial({}, b"webhook_id=12")
    assert not WOO.is_trial({}, b'{"id":5}')
    assert not WOO.is_trial({}, b"webhook_id=12&id=5")


@pytest.mark.parametrize(
    ("stored", "decoded"),
    [("plain", "plain"), ("a&amp;b", "a&b"), ("&quot;x&#039;", "\"x'"), ("&amp;lt;", "&lt;")],
)
def test_the_secret_is_used_as_woocommerce_uses_it(stored, decoded):
    body = b'{"id":5}'
    proof = base64.b64encode(hmac.new(decoded.encode(), body, hashlib.sha256).digest()).decode()
    WOO.verify({"X-WC-Webhook-Signature": proof}, body, stored)
    with pytest.raises(NotFromShop):
        WOO.verify({"X-WC-Webhook-Signature": proof}, b'{"id":6}', stored)


@pytest.mark.parametrize("given", ["", "not base64!", "00ff", "é", "AAAA", "a" * 64])
def test_a_signature_that_is_none_is_refused(given):
    with pytest.raises(NotFromShop):
        check_signature(given=given, body=b"{}", secret="secret")


def test_without_a_secret_nothing_is_proven():
    with pytest.raises(NotFromShop):
        check_signature(given="tFvcLYBMEz2DDHx6zRFJL1Yd9fhE6ZcvgxdOZQd7VSc=", body=b"", secret="")


def test_calls_of_one_second_are_told_apart():
    headers = {"X-WC-Webhook-Delivery-ID": "36e520ebabc2fa725092ff4a47acedf2"}
    one, other = (WOO.delivery_id(headers, body) for body in (b'{"id":5}', b'{"id":6}'))
    assert one != other
    assert WOO.delivery_id(headers, b'{"id":5}') == one
    assert WOO.delivery_id({}, b'{"id":5}') == ""
