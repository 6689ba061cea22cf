"""Orders, deliveries, carts and visits as the shop would tell them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from commerce.ingest import take_carts, take_orders
from commerce.shapes import Buyer, NewCart, NewOrder, OrderNews
from events.services import NewEvent, record_many
from insights.record_shop.catalogue import CURRENCY, SOURCE, favourite, line, record
from insights.record_shop.cdnow import Purchase
from insights.record_shop.people import row_of

SENT_AFTER, DELIVERED_AFTER = timedelta(days=1), timedelta(days=3)
BATCH = 500


def order_of(purchase: Purchase, *, until: datetime) -> NewOrder:
    """The order with its real number of records and its real total, as far as it is by then."""
    sent, delivered = purchase.at + SENT_AFTER, purchase.at + DELIVERED_AFTER
    return NewOrder(
        external_id=f"cdnow-{purchase.number}",
        number=f"#{10_000 + purchase.number}",
        currency=CURRENCY,
        total=purchase.dollars,
        placed_at=purchase.at,
        paid_at=purchase.at,
        fulfilled_at=sent if sent <= until else None,
        delivered_at=delivered if delivered <= until else None,
        buyer=Buyer(row_of(purchase.customer)),
        lines=tuple(
            line(number, quantity=quantity, total=total)
            for number, quantity, total in _shares(purchase)
        ),
        changed_at=min(until, max(purchase.at, delivered)),
    )


def _shares(purchase: Purchase) -> list[tuple[int, int, Decimal]]:
    """(record, quantity, total): at most three records, which together cost what was paid."""
    kinds = min(purchase.quantity, 3)
    records = list(
        dict.fromkeys(favourite(purchase.customer, purchase.number + n) for n in range(kinds))
    )
    each = round(purchase.dollars / len(records), 2)
    quantities = [purchase.quantity // len(records)] * len(records)
    quantities[0] += purchase.quantity - sum(quantities)
    totals = [each] * len(records)
    totals[-1] = purchase.dollars - sum(totals[:-1])
    return list(zip(records, quantities, totals, strict=True))


def take_history(history: Sequence[Purchase], *, now: datetime) -> None:
    """All that happened before the shop came to us."""
    orders = [order_of(purchase, until=now) for purchase in history]
    for start in range(0, len(orders), BATCH):
        take_orders(items=orders[start : start + BATCH], source=SOURCE, now=now)


def sell(placed: Sequence[Purchase], *, now: datetime) -> None:
    """Orders of this moment."""
    if placed:
        take_orders(
            items=[order_of(purchase, until=now) for purchase in placed], source=SOURCE, now=now
        )


def deliver(external_ids: Sequence[str], *, now: datetime) -> None:
    """Parcels that arrived just now."""
    if external_ids:
        news = [
            OrderNews(each, fulfilled_at=now - timedelta(days=2), delivered_at=now, changed_at=now)
            for each in external_ids
        ]
        take_orders(items=news, source=SOURCE, now=now)


def fill_cart(customer: int, number: str, *, now: datetime) -> None:
    """A customer puts one to three records aside."""
    records = list(dict.fromkeys(favourite(customer, ord(number[-1]) + n) for n in range(3)))
    lines = tuple(line(each) for each in records if record(each).stock)
    if lines:
        cart = NewCart(
            external_id=number,
            currency=CURRENCY,
            total=sum((each.total for each in lines), Decimal(0)),
            lines=lines,
            buyer=Buyer(row_of(customer)),
            restore_url=f"https://records.example/cart/{number}",
            started_at=now,
            changed_at=now,
        )
        take_carts(items=[cart], source=SOURCE, now=now)


def look_at(customer: int, product: int, *, now: datetime) -> None:
    """A customer looks at a record on the site."""
    shown = record(product)
    seen = NewEvent(
        type="product.viewed",
        occurred_at=now,
        identifiers={"external_id": f"customer-{customer}"},
        data={
            "product_id": shown.external_id,
            "source": SOURCE,
            "name": shown.name,
            "url": shown.url,
        },
        source=SOURCE,
        message_id=f"viewed:{customer}:{product}:{now:%Y%m%d%H%M}",
    )
    record_many(events=[seen], now=now)
