"""Orders, their parcels and refunds."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from commerce.payloads import Payload
from commerce.shapes import NewOrder, OrderNews
from commerce.shop_kinds import News, Parcel, ShopCall
from commerce.shops.shopify.contents import cart_id, customer_of, lines_of

PAID = frozenset({"paid", "partially_refunded", "refunded"})


def order(given: Payload, call: ShopCall) -> News:
    external_id = given.needed_id()
    placed_at = given.moment("processed_at", "created_at") or call.received_at
    changed_at = given.moment("updated_at") or placed_at
    total, refunded = given.money("total_price"), _refunded(given)
    payment = given.text("financial_status", most=40)
    fulfilled_at, delivered_at = _parcels(given)
    order = NewOrder(
        external_id=external_id,
        number=given.text("name", "order_number", most=60) or external_id,
        currency=given.currency("currency", call.currency),
        total=total,
        discount=given.money("total_discounts"),
        shipping=given.inner("total_shipping_price_set").inner("shop_money").money("amount"),
        refunded=refunded,
        coupon_codes=given.codes("discount_codes"),
        cart_external_id=cart_id(given, "checkout_token"),
        lines=lines_of(given),
        buyer=customer_of(given),
        placed_at=placed_at,
        paid_at=changed_at if payment in PAID else None,
        fulfilled_at=fulfilled_at,
        delivered_at=delivered_at,
        cancelled_at=given.moment("cancelled_at"),
        refunded_at=_refunded_at(given) or changed_at if payment == "refunded" else None,
        changed_at=changed_at,
    )
    return News(orders=[order], notes=given.notes)


def _refunded(given: Payload) -> Decimal:
    return sum((_paid_back(refund) for refund in given.each("refunds")), Decimal(0))


def _paid_back(refund: Payload) -> Decimal:
    """What one refund gave back: its transactions that went through."""
    amounts = [
        each.given_back("amount")
        for each in refund.each("transactions")
        if each.text("kind", most=40) == "refund" and each.text("status", most=40) == "success"
    ]
    return sum(amounts, Decimal(0))


def _refunded_at(given: Payload) -> datetime | None:
    moments = [moment for each in given.each("refunds") if (moment := each.moment("created_at"))]
    return max(moments, default=None)


def _parcels(given: Payload) -> tuple[datetime | None, datetime | None]:
    """When the last parcel left and when it arrived; None while some of the order is still here."""
    if given.text("fulfillment_status", most=40) != "fulfilled":
        return None, None
    parcels = [
        each for each in given.each("fulfillments") if each.text("status", most=40) != "cancelled"
    ]
    changed_at = given.moment("updated_at", "created_at")
    left = [moment for each in parcels if (moment := each.moment("created_at"))]
    arrived = [moment for each in parcels if (moment := _arrived_at(each))]
    is_all_there = bool(parcels) and len(arrived) == len(parcels)
    return max(left, default=changed_at), max(arrived) if is_all_there else None


def _arrived_at(parcel: Payload) -> datetime | None:
    if parcel.text("shipment_status", most=40) != "delivered":
        return None
    return parcel.moment("updated_at", "created_at")


def deleted_order(given: Payload, call: ShopCall) -> News:
    gone = OrderNews(given.needed_id(), changed_at=call.received_at, is_deleted=True)
    return News(changes=[gone])


def fulfillment(given: Payload, call: ShopCall) -> News:
    order_id, left_at = given.id("order_id"), given.moment("created_at")
    if not order_id or given.text("status", most=40) != "success":
        return News(ignored=_("A parcel that is not on its way."))
    change = OrderNews(
        order_id,
        changed_at=given.moment("updated_at") or call.received_at,
        fulfilled_at=left_at or call.received_at,
        delivered_at=_arrived_at(given),
    )
    pieces = sum((line.quantity("quantity") for line in given.each("line_items")), Decimal(0))
    return News(parcels=[Parcel(change, pieces)])


def refund(given: Payload, call: ShopCall) -> News:
    order_id, amount = given.id("order_id"), _paid_back(given)
    if not order_id or not amount:
        return News(ignored=_("A refund that gave nothing back."), notes=given.notes)
    moment = given.moment("processed_at", "created_at") or call.received_at
    return News(changes=[OrderNews(order_id, changed_at=moment, refunded=amount)])
