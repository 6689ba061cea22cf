"""How news of an order adds up: the same whatever order it comes in, and however often.

What an order holds (lines, amounts, buyer) is as its newest news has it. Of each moment the
earliest ever told is kept, so that none is lost to older news; of refunds the largest sum.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from commerce.amounts import value_of
from commerce.models import Order
from commerce.shapes import NewOrder, OrderNews

# The moments that make the status, the strongest first.
STATUSES = (
    ("cancelled_at", Order.Status.CANCELLED),
    ("delivered_at", Order.Status.DELIVERED),
    ("fulfilled_at", Order.Status.FULFILLED),
    ("paid_at", Order.Status.PAID),
)
MOMENTS = ("refunded_at", *(name for name, _status in STATUSES))
PAYLOAD = (
    "number", "currency", "total", "discount", "shipping", "cart_external_id", "placed_at",
    "is_deleted",
)  # fmt: skip
# What happened longer ago than this is history: it is kept and counted, and starts nothing.
HISTORY = timedelta(days=30)


def news_time(news: NewOrder | OrderNews, now: datetime) -> datetime:
    """The shop's own time of the news; the present for one that has none or runs ahead."""
    return min(news.changed_at or now, now)


def take_payload(order: Order, news: NewOrder, *, rate: Decimal, at: datetime) -> None:
    """What the order holds, from news that is its newest."""
    if order.currency != news.currency:
        # An order keeps the rate of the day it came in.
        order.rate = rate
    for name in PAYLOAD:
        setattr(order, name, getattr(news, name))
    order.coupon_codes = list(news.coupon_codes)
    order.value = value_of(order.total, order.rate)
    order.changed_at = at


def take_moments(order: Order, news: NewOrder | OrderNews, at: datetime) -> None:
    """Moments and refunds, from news of any age."""
    for name in MOMENTS:
        _keep_earliest(order, name, getattr(news, name))
    order.refunded = max(order.refunded, news.refunded)
    if news.refunded and news.refunded >= order.total and not news.refunded_at:
        _keep_earliest(order, "refunded_at", at)


def _keep_earliest(order: Order, name: str, moment: datetime | None) -> None:
    known = getattr(order, name)
    if moment and (known is None or moment < known):
        setattr(order, name, moment)


def status_of(order: Order) -> Order.Status:
    """Refunded in full, else cancelled, else the furthest moment it passed.

    A refund of less than the total leaves the order counting, for the rest.
    """
    if order.refunded_at and (not order.refunded or order.refunded >= order.total):
        return Order.Status.REFUNDED
    return next((status for name, status in STATUSES if getattr(order, name)), Order.Status.PLACED)


def passed(order: Order) -> dict[str, datetime]:
    """The kinds of events the order has been through, each with its moment."""
    found = {"placed": order.placed_at}
    for name, status in STATUSES:
        if moment := getattr(order, name):
            found[status.value] = moment
    if order.refunded_at and status_of(order) == Order.Status.REFUNDED:
        found["refunded"] = order.refunded_at
    return found
