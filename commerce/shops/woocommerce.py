"""WooCommerce: its webhooks in the format "WP REST API Integration v3"."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commerce.payloads import Payload, buyer_of
from commerce.shapes import Buyer, NewCart, NewCategory, NewLine, NewOrder, NewProduct, OrderNews
from commerce.shop_kinds import (
    Gone,
    Instruction,
    News,
    Setup,
    ShopCall,
    ShopCustomer,
    ShopKind,
    Topic,
    call_id,
    check_signature,
    shops,
)
from contacts.rows import ContactRow
from core.errors import Permanent

SIGNATURE = "X-WC-Webhook-Signature"
TOPIC = "X-WC-Webhook-Topic"
DELIVERY = "X-WC-Webhook-Delivery-ID"
PING = re.compile(rb"webhook_id=[0-9]{1,20}")
# What wp_specialchars_decode() of ENT_QUOTES turns back, the ampersand last.
ENTITIES = {
    "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#034;": '"', "&#x22;": '"',
    "&#039;": "'", "&#x27;": "'", "&apos;": "'", "&#038;": "&", "&#x26;": "&", "&amp;": "&",
}  # fmt: skip
ENTITY = re.compile("|".join(re.escape(entity) for entity in ENTITIES), re.IGNORECASE)
# Where the usual plug-ins for VAT numbers keep them.
VAT_KEYS = frozenset(
    {"_billing_vat", "billing_vat", "_vat_number", "vat_number", "_billing_vat_number",
     "billing_vat_number", "_billing_eu_vat_number", "billing_eu_vat_number", "_billing_piva",
     "billing_piva", "_billing_partita_iva", "billing_partita_iva", "_billing_vat_id",
     "_billing_tax_number"}
)  # fmt: skip
PAID = frozenset({"processing", "completed", "refunded", "shipped", "delivered"})
# Nobody has paid or promised to: WooCommerce does not count these as sales, and somebody who left
# at the payment left a cart behind.
UNPAID = frozenset({"checkout-draft", "draft", "auto-draft", "pending", "failed"})
DRAFTS = UNPAID - {"pending", "failed"}
# Ways to pay later, by which an order stands before the money is there.
PAID_LATER = frozenset({"bacs", "cheque", "cod"})


class WooCommerce(ShopKind):
    """A WordPress shop with WooCommerce 3.5 or later."""

    key = "woocommerce"
    label = "WooCommerce"
    icon = "store"
    kept_headers = (TOPIC, DELIVERY)
    setup = Setup(
        makes_secret=True,
        steps=(
            Instruction(
                gettext_lazy(
                    "In WordPress open WooCommerce, Settings, Advanced, Webhooks, and choose"
                    " “Add webhook”."
                )
            ),
            Instruction(
                gettext_lazy(
                    "Give it any name, set the status to Active, and choose the topic. Below is"
                    " the list of topics: each needs a webhook of its own."
                ),
                shows="topics",
            ),
            Instruction(gettext_lazy("As delivery URL paste this address."), shows="address"),
            Instruction(gettext_lazy("As secret paste this, in every webhook."), shows="secret"),
            Instruction(
                gettext_lazy("Choose “WP REST API Integration v3” as API version, and save.")
            ),
        ),
        topics=(
            Topic(gettext_lazy("Order created"), "order.created"),
            Topic(gettext_lazy("Order updated"), "order.updated"),
            Topic(gettext_lazy("Order deleted"), "order.deleted"),
            Topic(gettext_lazy("Order restored"), "order.restored"),
            Topic(gettext_lazy("Product created"), "product.created"),
            Topic(gettext_lazy("Product updated"), "product.updated"),
            Topic(gettext_lazy("Product deleted"), "product.deleted"),
            Topic(gettext_lazy("Product restored"), "product.restored"),
            Topic(gettext_lazy("Customer created"), "customer.created"),
            Topic(gettext_lazy("Customer updated"), "customer.updated"),
        ),
        remarks=(
            gettext_lazy(
                "WooCommerce tells of a cart only once somebody is at its checkout. Earlier carts"
                " come from a plug-in that uses our API."
            ),
        ),
    )

    def is_trial(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The unsigned form WooCommerce posts when a webhook is saved."""
        return SIGNATURE not in headers and PING.fullmatch(body.strip()) is not None

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str) -> None:
        """Raises NotFromShop; WooCommerce signs with its secret's entities turned back."""
        decoded = ENTITY.sub(lambda found: ENTITIES[found[0].lower()], secret)
        check_signature(given=headers.get(SIGNATURE, ""), body=body, secret=decoded)

    def topic(self, headers: Mapping[str, str]) -> str:
        return headers.get(TOPIC, "")

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        return call_id(headers.get(DELIVERY, ""), body)

    def translate(self, call: ShopCall) -> News:
        if "code" in call.payload and "message" in call.payload and "id" not in call.payload:
            said = str(call.payload["message"])[:200]
            raise Permanent(
                "shop_error", _("The shop sent an error instead: %(error)s") % {"error": said}
            )
        reader = READERS.get(call.topic)
        if reader is None:
            return News(ignored=_("Nothing is done with “%(topic)s”.") % {"topic": call.topic[:60]})
        notes: list[str] = []
        return reader(Payload(call.payload, received_at=call.received_at, notes=notes), call)


def _order(given: Payload, call: ShopCall) -> News:
    given = _current_format(given)
    status = given.text("status", most=40)
    if status in UNPAID:
        return News(carts=[_cart(given, call)], notes=given.notes)
    if status == "cancelled" and not _was_placed(given):
        return News(ignored=_("Cancelled before it was paid: it stays the cart it was."))
    return News(orders=[_new_order(given, call, status)], notes=given.notes)


def _was_placed(given: Payload) -> bool:
    return given.has("date_paid_gmt") or given.text("payment_method", most=40) in PAID_LATER


def _placed_at(given: Payload) -> datetime | None:
    """When it stood: with its payment, or at once for what is paid later."""
    created_at = given.moment("date_created_gmt", "date_created")
    if given.text("payment_method", most=40) in PAID_LATER:
        return created_at
    return given.moment("date_paid_gmt", "date_paid") or created_at


def _new_order(given: Payload, call: ShopCall, status: str) -> NewOrder:
    external_id = given.needed_id()
    placed_at = _placed_at(given) or call.received_at
    changed_at = given.moment("date_modified_gmt", "date_modified") or placed_at
    total, refunded = given.money("total"), _refunded(given)
    completed_at = given.moment("date_completed_gmt", "date_completed")
    is_refunded = status == "refunded" or (total > 0 and refunded >= total)
    return NewOrder(
        external_id=external_id,
        number=given.text("number", most=60) or external_id,
        currency=given.currency("currency", call.currency),
        total=total,
        discount=given.money("discount_total"),
        shipping=given.money("shipping_total"),
        refunded=refunded,
        coupon_codes=given.codes("coupon_lines"),
        cart_external_id=_cart_id(external_id),
        lines=given.lines("line_items", _line),
        buyer=_buyer(given),
        placed_at=placed_at,
        paid_at=given.moment("date_paid_gmt", "date_paid")
        or (placed_at if status in PAID else None),
        fulfilled_at=completed_at
        or (changed_at if status in {"completed", "shipped", "delivered"} else None),
        delivered_at=changed_at if status == "delivered" else None,
        cancelled_at=changed_at if status == "cancelled" else None,
        refunded_at=changed_at if is_refunded else None,
        is_deleted=status == "trash",
        changed_at=changed_at,
    )


def _current_format(given: Payload) -> Payload:
    if given.has("order") or given.has("product") or given.has("customer"):
        raise Permanent(
            "legacy_format",
            _("The webhook uses an old format. Choose “WP REST API Integration v3” in it."),
        )
    return given


def _refunded(given: Payload) -> Decimal:
    return sum((each.given_back("total") for each in given.each("refunds")), Decimal(0))


def _cart_id(order_id: str) -> str:
    """An order that is not placed yet is a cart, and keeps its number when it is placed."""
    return f"checkout-{order_id}"


def _cart(given: Payload, call: ShopCall) -> NewCart:
    return NewCart(
        external_id=_cart_id(given.needed_id()),
        currency=given.currency("currency", call.currency),
        total=given.money("total"),
        lines=given.lines("line_items", _line),
        buyer=_buyer(given),
        # A draft cannot be paid by this link yet.
        restore_url="" if given.text("status", most=40) in DRAFTS else given.url("payment_url"),
        started_at=given.moment("date_created_gmt", "date_created"),
        changed_at=given.moment("date_modified_gmt", "date_modified") or call.received_at,
    )


def _line(given: Payload) -> NewLine:
    """A line with its taxes, as the customer saw it; the unit price is before discounts."""
    quantity = given.quantity("quantity")
    before = given.money("subtotal") + given.money("subtotal_tax")
    return NewLine(
        name=given.text("parent_name", "name", "sku", most=300) or _("Item"),
        quantity=quantity,
        unit_price=_share(before, quantity),
        total=given.money("total") + given.money("total_tax"),
        product_external_id=given.id("product_id"),
        variant=_variant(given),
        sku=given.text("sku", most=100),
        image_url=given.inner("image").url("src"),
    )


def _share(amount: Decimal, quantity: Decimal) -> Decimal:
    return (amount / quantity).quantize(Decimal("0.001")) if quantity else amount


def _variant(line: Payload) -> str:
    if not line.id("variation_id"):
        return ""
    chosen = [
        meta.text("display_value", "value", most=80)
        for meta in line.each("meta_data")
        if not meta.text("key", most=80).startswith("_")
    ]
    return ", ".join(value for value in chosen if value)[:200]


def _buyer(given: Payload) -> Buyer | None:
    billing = given.inner("billing")
    return buyer_of(
        _person(billing, given), company=billing.text("company", most=200), vat_number=_vat(given)
    )


def _person(billing: Payload, other: Payload) -> ContactRow:
    """Names and the phone from the billing address; a customer account has its own beside it."""
    return ContactRow(
        email=billing.email("email") or other.email("email"),
        phone=billing.profile("phone", "phone"),
        first_name=billing.profile("first_name", "first_name")
        or other.profile("first_name", "first_name"),
        last_name=billing.profile("last_name", "last_name")
        or other.profile("last_name", "last_name"),
    )


def _vat(given: Payload) -> str:
    for meta in given.each("meta_data"):
        if meta.text("key", most=80) in VAT_KEYS and (found := meta.text("value", most=30)):
            return found
    return ""


def _deleted_order(given: Payload, call: ShopCall) -> News:
    # The call says no time: what the shop changes later, such as restoring it, is newer.
    gone = OrderNews(given.needed_id(), changed_at=call.received_at, is_deleted=True)
    return News(changes=[gone])


def _product(given: Payload, call: ShopCall) -> News:
    given = _current_format(given)
    if given.text("type", most=40) == "variation" or given.id("parent_id"):
        return News(ignored=_("A variation: its product says whether it can be bought."))
    categories = tuple(_categories(given, call))
    product = NewProduct(
        external_id=given.needed_id(),
        name=given.text("name", "slug", "id", most=300),
        price=given.money("price", "regular_price"),
        currency=call.currency,
        sku=given.text("sku", most=100),
        url=given.url("permalink"),
        image_url=next((image.url("src") for image in given.each("images")), ""),
        stock=_stock(given),
        is_on_sale=_is_on_sale(given),
        category_external_ids=tuple(category.external_id for category in categories),
        changed_at=_changed_at(given, call),
    )
    return News(categories=categories, products=[product], notes=given.notes)


def _changed_at(given: Payload, call: ShopCall) -> datetime:
    return given.moment("date_modified_gmt", "date_modified") or call.received_at


def _categories(given: Payload, call: ShopCall) -> Iterator[NewCategory]:
    for each in given.each("categories"):
        if external_id := each.id("id"):
            name = html.unescape(each.text("name", most=200)) or external_id
            yield NewCategory(external_id, name[:200], changed_at=_changed_at(given, call))


def _stock(given: Payload) -> int | None:
    """None: not counted. Backorders count as not counted, since it can be bought all the same."""
    status = given.text("stock_status", most=40)
    if status == "outofstock":
        return 0
    return given.number("stock_quantity") if status != "onbackorder" else None


def _is_on_sale(given: Payload) -> bool:
    is_hidden = given.text("catalog_visibility", most=40) == "hidden"
    return given.text("status", most=40) == "publish" and not is_hidden


def _deleted_product(given: Payload, call: ShopCall) -> News:
    return News(gone_products=[Gone(given.needed_id(), call.received_at)])


def _customer(given: Payload, call: ShopCall) -> News:
    given = _current_format(given)
    billing = given.inner("billing")
    # The account's own address names the person; the billing one may be the company's.
    row = _person(given, billing)
    phone = billing.profile("phone", "phone")
    buyer = buyer_of(
        ContactRow(row.email, phone=phone, first_name=row.first_name, last_name=row.last_name),
        company=billing.text("company", most=200),
        vat_number=_vat(given),
    )
    if buyer is None:
        return News(ignored=_("The customer has no usable address."), notes=given.notes)
    customer = ShopCustomer(given.needed_id(), buyer, _changed_at(given, call))
    return News(customers=[customer], notes=given.notes)


def _deleted_customer(given: Payload, call: ShopCall) -> News:
    return News(ignored=_("An account closed at the shop erases nobody here."))


READERS: dict[str, Callable[[Payload, ShopCall], News]] = {
    "order.created": _order,
    "order.updated": _order,
    "order.restored": _order,
    "order.deleted": _deleted_order,
    "product.created": _product,
    "product.updated": _product,
    "product.restored": _product,
    "product.deleted": _deleted_product,
    "customer.created": _customer,
    "customer.updated": _customer,
    "customer.deleted": _deleted_customer,
}

shops.register(WooCommerce())
