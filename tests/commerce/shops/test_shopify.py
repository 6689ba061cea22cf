"""What Shopify's webhooks are translated to."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from commerce.shapes import Buyer, NewCategory, NewLine, NewProduct, NewVariant, OrderNews
from commerce.shop_kinds import DataWish, Gone, NotFromShop, Parcel, ShopCustomer, shops
from contacts.rows import ContactRow
from tests.commerce.shops.samples import RECEIVED, sample, shopify

ORDER = "820982911946154500"
CART = "c1-68be3bdc331cfec1"
PLACED = datetime(2026, 11, 18, 14, 28, 2, tzinfo=UTC)
SENT = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
ARRIVED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
REFUNDED = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ADA = Buyer(
    ContactRow(
        email="ada@example.com",
        phone="+390115551234",
        first_name="Ada",
        last_name="Lovelace",
        language="it-it",
    ),
    is_business=True,
    company="Analytical Engines Ltd",
    vat_number="IT12345678901",
)
APRON = NewLine(
    name="Apron",
    quantity=Decimal("2.000"),
    unit_price=Decimal("12.200"),
    total=Decimal("19.400"),
    product_external_id="632910392",
    variant="Blue / L",
    sku="APR-BL-L",
)


def test_an_order_is_told_with_everything_it_holds():
    news = shopify("orders/create", sample("shopify-orders-create"))
    [order] = news.orders
    assert (order.external_id, order.number) == (ORDER, "#1001")
    assert (order.currency, order.total, order.discount, order.shipping) == (
        "EUR", Decimal("37.45"), Decimal("5"), Decimal("8.90"),
    )  # fmt: skip
    assert order.coupon_codes == ("WELCOME5",)
    assert order.buyer == ADA
    assert order.lines[0] == APRON
    assert order.lines[1].total == Decimal("9.15")
    assert order.cart_external_id == CART
    assert order.placed_at == PLACED
    assert order.changed_at == PLACED.replace(second=3)
    assert (order.paid_at, order.fulfilled_at, order.delivered_at) == (None, None, None)
    assert (order.cancelled_at, order.refunded_at, order.refunded) == (None, None, 0)
    assert list(news.notes) == []


def test_prices_without_taxes_get_them_added():
    payload = sample("shopify-orders-create", taxes_included=False)
    [order] = shopify("orders/create", payload).orders
    assert [line.total for line in order.lines] == [Decimal("22.9"), Decimal("10.8")]


def test_an_order_without_a_cart_names_its_checkout():
    payload = sample("shopify-orders-create", cart_token=None)
    [order] = shopify("orders/create", payload).orders
    assert order.cart_external_id == "checkout-bd5a8aa1ecd019dd"


def test_an_order_is_paid_when_the_news_of_it_says_so():
    [order] = shopify("orders/paid", sample("shopify-orders-paid")).orders
    assert order.paid_at == datetime(2026, 11, 18, 14, 40, tzinfo=UTC)


def test_an_order_is_sent_with_its_last_parcel_and_delivered_when_all_are_there():
    [order] = shopify("orders/fulfilled", sample("shopify-orders-fulfilled")).orders
    assert (order.fulfilled_at, order.delivered_at) == (SENT, None)
    both = [sample("shopify-fulfillments-update"), sample("shopify-fulfillments-create")]
    payload = sample("shopify-orders-fulfilled", fulfillments=both)
    assert shopify("orders/updated", payload).orders[0].delivered_at is None
    payload = sample("shopify-orders-fulfilled", fulfillments=both[:1])
    assert shopify("orders/updated", payload).orders[0].delivered_at == ARRIVED
    payload = sample("shopify-orders-fulfilled", fulfillment_status="partial", fulfillments=both)
    [order] = shopify("orders/updated", payload).orders
    assert (order.fulfilled_at, order.delivered_at) == (None, None)


def test_a_cancelled_and_refunded_order_says_when():
    [order] = shopify("orders/cancelled", sample("shopify-orders-cancelled")).orders
    assert order.cancelled_at == datetime(2026, 11, 20, 10, 0, 4, tzinfo=UTC)
    assert (order.refunded, order.refunded_at) == (Decimal("37.45"), REFUNDED)


def test_a_refund_that_failed_gave_nothing_back():
    payload = sample("shopify-refunds-create")
    payload["transactions"][0]["status"] = "failure"
    assert shopify("refunds/create", payload).changes == ()


def test_news_without_the_order_is_news_of_the_order():
    deleted = shopify("orders/delete", sample("shopify-orders-delete"))
    assert list(deleted.changes) == [OrderNews(ORDER, changed_at=RECEIVED, is_deleted=True)]
    refund = shopify("refunds/create", sample("shopify-refunds-create"))
    assert list(refund.changes) == [
        OrderNews(ORDER, refunded=Decimal("37.45"), changed_at=REFUNDED)
    ]
    left = shopify("fulfillments/create", sample("shopify-fulfillments-create"))
    news = OrderNews(ORDER, fulfilled_at=SENT, changed_at=SENT)
    assert list(left.parcels) == [Parcel(news, Decimal(3))]
    arrived = shopify("fulfillments/update", sample("shopify-fulfillments-update"))
    news = OrderNews(ORDER, fulfilled_at=SENT, delivered_at=ARRIVED, changed_at=ARRIVED)
    assert list(arrived.parcels) == [Parcel(news, Decimal(3))]


def test_a_parcel_that_was_called_off_says_nothing():
    payload = sample("shopify-fulfillments-update", status="cancelled")
    assert shopify("fulfillments/update", payload).parcels == ()


def test_a_product_is_as_cheap_as_its_cheapest_variant_and_its_type_is_its_category():
    changed = datetime(2026, 11, 18, 14, 28, 9, tzinfo=UTC)
    news = shopify("products/update", sample("shopify-products-update"))
    assert list(news.categories) == [NewCategory("type:Kitchen", "Kitchen", changed_at=changed)]
    assert list(news.products) == [
        NewProduct(
            external_id="632910392",
            name="Apron",
            price=Decimal("11.00"),
            currency="EUR",
            url="https://harbour.myshopify.com/products/apron",
            image_url="https://cdn.shopify.example/apron.jpg",
            stock=4,
            category_external_ids=("type:Kitchen",),
            variants=(
                NewVariant("39072856", "Blue / L", "APR-BL-L", Decimal("12.20"), 4),
                NewVariant("39072857", "Red / L", "APR-RD-L", Decimal("11.00"), -1),
            ),
            changed_at=changed,
        )
    ]


@pytest.mark.parametrize(
    "changes", [{"inventory_policy": "continue"}, {"inventory_management": None}]
)
def test_a_variant_that_never_runs_out_makes_a_product_that_never_does(changes):
    payload = sample("shopify-products-update")
    payload["variants"][1] |= changes
    [product] = shopify("products/update", payload).products
    assert product.stock is None


@pytest.mark.parametrize("changes", [{"status": "archived"}, {"published_at": None}])
def test_a_product_nobody_sees_is_not_on_sale(changes):
    [product] = shopify("products/update", sample("shopify-products-update", **changes)).products
    assert product.is_on_sale is False


def test_a_deleted_product_is_gone():
    assert list(shopify("products/delete", {"id": 7}).gone_products) == [Gone("7", RECEIVED)]


def test_a_cart_has_a_link_that_fills_it_again():
    [cart] = shopify("carts/update", sample("shopify-carts-update")).carts
    assert (cart.external_id, cart.currency, cart.total) == (CART, "EUR", Decimal("24.40"))
    assert cart.restore_url == "https://harbour.myshopify.com/cart/39072856:2"
    assert cart.buyer is None
    assert cart.changed_at == datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
    [line] = cart.lines
    assert (line.name, line.product_external_id) == ("Apron - Blue / L", "632910392")


def test_a_cart_that_starts_empty_is_nothing_and_one_that_becomes_empty_is_emptied():
    empty = sample("shopify-carts-update", line_items=[])
    assert shopify("carts/create", empty).ignored == "A cart with nothing in it."
    [cart] = shopify("carts/update", empty).carts
    assert (cart.lines, cart.total) == ((), 0)


def test_a_checkout_is_its_cart_with_somebody_behind_it():
    [cart] = shopify("checkouts/update", sample("shopify-checkouts-update")).carts
    assert (cart.external_id, cart.total) == (CART, Decimal("28.55"))
    assert cart.buyer.row.email == "ada@example.com"
    assert cart.restore_url.endswith("/checkouts/bd5a8aa1ecd019dd/recover?key=example-secret-token")
    assert cart.lines[0] == APRON
    [cart] = shopify("checkouts/create", sample("shopify-checkouts-update", cart_token=None)).carts
    assert cart.external_id == "checkout-bd5a8aa1ecd019dd"


def test_a_checkout_that_became_an_order_is_left_to_the_order():
    payload = sample("shopify-checkouts-update", completed_at="2026-11-18T15:28:02+01:00")
    news = shopify("checkouts/update", payload)
    assert (news.carts, bool(news.ignored)) == ((), True)


def test_a_deleted_checkout_ends_its_cart_where_it_names_it():
    news = shopify("checkouts/delete", sample("shopify-checkouts-delete"))
    assert (news.gone_carts, bool(news.ignored)) == ((), True)
    news = shopify("checkouts/delete", sample("shopify-checkouts-delete", cart_token=CART))
    assert list(news.gone_carts) == [Gone(CART, RECEIVED)]


def test_a_customer_is_told_with_what_the_shop_says_of_advertising():
    news = shopify("customers/update", sample("shopify-customers-update"))
    row = ContactRow("ada@example.com", phone="+390115551234", first_name="Ada",
                     last_name="Lovelace")  # fmt: skip
    assert list(news.customers) == [
        ShopCustomer(
            "6840133746837",
            Buyer(row, is_business=True, company="Analytical Engines Ltd"),
            changed_at=PLACED,
            accepts_marketing=True,
            chosen_at=datetime(2026, 11, 18, 14, 27, tzinfo=UTC),
        )
    ]


def test_requests_about_personal_data_are_passed_on():
    who = {"email": "ada@example.com", "phone": "+390115551234"}
    redact = shopify("customers/redact", sample("shopify-customers-redact"))
    assert list(redact.wishes) == [DataWish("erase", **who)]
    asked = shopify("customers/data_request", sample("shopify-customers-data-request"))
    assert list(asked.wishes) == [DataWish("export", **who)]
    shop = shopify("shop/redact", sample("shopify-shop-redact"))
    assert list(shop.wishes) == [DataWish("erase_shop")]
    assert shopify("app/uninstalled", sample("shopify-app-uninstalled")).has_left


def test_a_test_notification_makes_no_order():
    news = shopify("orders/create", sample("shopify-orders-create"), **{"X-Shopify-Test": "true"})
    assert (news.orders, news.ignored) == ((), "A test notification: the connection works.")


def test_other_topics_are_left_alone():
    assert shopify("themes/publish", {"id": 1}).ignored == "Nothing is done with “themes/publish”."


def test_the_signature_covers_the_raw_body():
    body = b'{"id": 1}\n'
    proof = base64.b64encode(hmac.new(b"hush", body, hashlib.sha256).digest()).decode()
    kind = shops.get("shopify")
    kind.verify({"X-Shopify-Hmac-SHA256": proof}, body, "hush")
    in_hex = hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    for given, of in ((proof, b'{"id": 1}'), ("", body), ("no base64!", body), (in_hex, body)):
        with pytest.raises(NotFromShop):
            kind.verify({"X-Shopify-Hmac-SHA256": given}, of, "hush")
