"""Orders from any door: read together, folded one by one in memory, written together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from commerce.amounts import known_rates
from commerce.ingest.buyers import NOBODY, Found, find_buyers
from commerce.ingest.checks import Checks, ItemRefused
from commerce.ingest.conversion import carts_of_orders
from commerce.ingest.lines import OrderContents, write_lines
from commerce.ingest.locks import hold_carts, hold_catalogue
from commerce.ingest.order_events import Passage, record_passages
from commerce.ingest.order_state import (
    MOMENTS,
    PAYLOAD,
    news_time,
    passed,
    status_of,
    take_moments,
    take_payload,
)
from commerce.ingest.writing import Table
from commerce.models import Order, OrderLine
from commerce.shapes import Buyer, NewLine, NewOrder, OrderNews, Taken
from commerce.stats import recompute_stats
from core.errors import Retryable
from tenants.daily import wake_daily

# How often orders another process was faster with are looked up again.
ATTEMPTS = 3
COLUMNS = (
    "id", "source", "external_id", "contact", "status", "refunded", "value", "rate",
    "coupon_codes", "changed_at", *MOMENTS, *PAYLOAD, "created_at",
)  # fmt: skip
ORDERS = Table(Order, COLUMNS)
# One statement keeps what lines repeat of their orders equal to them.
FOLLOW = f"""
    UPDATE {OrderLine._meta.db_table} AS line
       SET contact_id = o.contact_id, placed_at = o.placed_at,
           counts = o.status <> ALL(%s) AND NOT o.is_deleted
      FROM {Order._meta.db_table} AS o
     WHERE line.order_id = o.id AND o.id = ANY(%s)
       AND (line.contact_id, line.placed_at, line.counts) IS DISTINCT FROM
           (o.contact_id, o.placed_at, o.status <> ALL(%s) AND NOT o.is_deleted)"""


@dataclass(eq=False)
class Draft:
    """An order as it will stand after the news seen so far."""

    order: Order
    is_new: bool
    before: dict[str, Any]
    passed_before: dict[str, datetime]
    lines: tuple[NewLine, ...] | None = None
    items: list[int] = field(default_factory=list)

    @property
    def has_changed(self) -> bool:
        return self.is_new or self.before != _state(self.order)


@dataclass
class Batch:
    """What one call was given, and what has become of it so far."""

    source: str
    now: datetime
    rates: Mapping[str, Decimal]
    items: dict[int, NewOrder | OrderNews] = field(default_factory=dict)
    buyers: dict[int, Found] = field(default_factory=dict)
    taken: dict[int, Taken] = field(default_factory=dict)

    def found(self, index: int) -> Found:
        return self.buyers.get(index, NOBODY)


def take_orders(
    *, items: Sequence[NewOrder | OrderNews], source: str, now: datetime
) -> list[Taken]:
    """Create or update orders of one shop by their external id; one answer per item, in order.

    A refused item changes nothing and stops nobody. Doing it again changes nothing. Statistics,
    carts and events follow in the same transaction.
    """
    batch = Batch(source, now, known_rates())
    _check(batch, items)
    with transaction.atomic():
        hold_catalogue(source)
        hold_carts(source, {_cart_id(item) for item in batch.items.values()} - {""})
        named = {index: buyer for index, item in batch.items.items() if (buyer := _buyer(item))}
        batch.buyers = find_buyers(buyers=named, source=source, now=now)
        waiting = list(batch.items)
        for _attempt in range(ATTEMPTS):
            if waiting:
                waiting = _write(batch, waiting)
        if waiting:
            raise Retryable("orders_busy", _("These orders are being changed elsewhere."))
        if batch.items:
            wake_daily(now=now)
    return [batch.taken[index] for index in range(len(items))]


def _check(batch: Batch, items: Sequence[NewOrder | OrderNews]) -> None:
    checks = Checks(batch.rates, batch.now)
    for index, item in enumerate(items):
        try:
            if isinstance(item, OrderNews):
                batch.items[index] = checks.order_news(item)
            else:
                batch.items[index] = checks.order(item)
        except ItemRefused as refusal:
            batch.taken[index] = refusal.taken(index)


def _cart_id(item: NewOrder | OrderNews) -> str:
    return item.cart_external_id if isinstance(item, NewOrder) else ""


def _buyer(item: NewOrder | OrderNews) -> Buyer | None:
    return item.buyer if isinstance(item, NewOrder) else None


def _write(batch: Batch, indexes: Sequence[int]) -> list[int]:
    """Write these items; those another process was faster with come back to be tried again."""
    drafts = _fold(batch, indexes)
    changed = [drafts[key] for key in sorted(drafts) if drafts[key].has_changed]
    new = [draft for draft in changed if draft.is_new]
    written = ORDERS.insert([draft.order for draft in new])
    lost = [draft for draft in new if draft.order.pk not in written]
    ORDERS.update([draft.order for draft in changed if not draft.is_new])
    kept = [draft for draft in drafts.values() if draft not in lost]
    _follow(batch, [draft for draft in changed if draft not in lost], kept)
    for draft in kept:
        _answer(batch, draft)
    return sorted(index for draft in lost for index in draft.items)


def _fold(batch: Batch, indexes: Sequence[int]) -> dict[str, Draft]:
    """Lock the orders there are, in the order of their keys, and take the news in, oldest first."""
    keys = {batch.items[index].external_id for index in indexes}
    locked = Order.objects.select_for_update().filter(
        source=batch.source, external_id__in=keys
    ).order_by("external_id")  # fmt: skip
    drafts = {order.external_id: _known(order) for order in locked}
    for index in sorted(indexes, key=lambda each: _turn(batch, each)):
        item = batch.items[index]
        draft = drafts.get(item.external_id)
        if isinstance(item, NewOrder):
            if draft is None:
                draft = drafts[item.external_id] = _new(batch, item)
            _take_order(draft, item, batch.found(index).contact_id, batch)
        elif draft:
            _take_news(draft, item, batch.now)
        else:
            batch.taken[index] = _unknown(index)
            continue
        draft.items.append(index)
        draft.order.status = status_of(draft.order)
    return drafts


def _turn(batch: Batch, index: int) -> tuple[bool, datetime, int]:
    """News of an order comes after the order itself; else the shop's clock decides."""
    item = batch.items[index]
    return isinstance(item, OrderNews), news_time(item, batch.now), index


def _known(order: Order) -> Draft:
    return Draft(order, is_new=False, before=_state(order), passed_before=passed(order))


def _new(batch: Batch, item: NewOrder) -> Draft:
    order = Order(
        source=batch.source, external_id=item.external_id, currency=item.currency,
        rate=batch.rates[item.currency], refunded=Decimal(0), created_at=batch.now,
        changed_at=news_time(item, batch.now),
    )  # fmt: skip
    return Draft(order, is_new=True, before={}, passed_before={})


def _state(order: Order) -> dict[str, Any]:
    return {attribute: getattr(order, attribute) for _column, attribute in ORDERS.attributes}


def _take_order(draft: Draft, item: NewOrder, contact_id: UUID | None, batch: Batch) -> None:
    order, at = draft.order, news_time(item, batch.now)
    is_newest = at >= order.changed_at
    if is_newest:
        take_payload(order, item, rate=batch.rates[item.currency], at=at)
        draft.lines = item.lines
    if contact_id and (is_newest or order.contact_id is None):
        order.contact_id = contact_id
    take_moments(order, item, at)


def _take_news(draft: Draft, item: OrderNews, now: datetime) -> None:
    at = news_time(item, now)
    take_moments(draft.order, item, at)
    if item.is_deleted and at >= draft.order.changed_at:
        draft.order.is_deleted, draft.order.changed_at = True, at


def _follow(batch: Batch, changed: Sequence[Draft], kept: Sequence[Draft]) -> None:
    """All that hangs on orders: lines, statistics, carts, events."""
    contents = [
        OrderContents(draft.order, draft.lines) for draft in kept if draft.lines is not None
    ]
    rewritten = write_lines(contents=contents, source=batch.source)
    orders = [draft.order for draft in changed]
    touched = {order.pk for order in orders} | rewritten
    void = [status.value for status in Order.VOID]
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, [void, sorted(touched), void])
    people = {draft.order.contact_id for draft in kept if draft.order.pk in touched}
    people |= {draft.before.get("contact_id") for draft in changed}
    first_orders = recompute_stats(contact_ids={each for each in people if each})
    carts_of_orders(order_ids=[order.pk for order in orders], now=batch.now)
    passages = [
        Passage(draft.order, kind, moment, is_new=draft.is_new, is_late=_is_late(draft))
        for draft in changed
        if not draft.order.is_deleted
        for kind, moment in passed(draft.order).items()
        if kind not in draft.passed_before or _is_late(draft)
    ]
    record_passages(passages=passages, first_orders=first_orders, now=batch.now)


def _is_late(draft: Draft) -> bool:
    """True when only now it is known who placed an order that was kept without."""
    was_unknown = not draft.is_new and draft.before["contact_id"] is None
    return was_unknown and draft.order.contact_id is not None


def _answer(batch: Batch, draft: Draft) -> None:
    for index in draft.items:
        batch.taken[index] = Taken(
            index,
            id=str(draft.order.pk),
            created=draft.is_new and index == draft.items[0],
            changed=draft.has_changed,
            notes=batch.found(index).notes,
        )


def _unknown(index: int) -> Taken:
    return Taken(
        index,
        code="unknown_order",
        message=_("No order with this id has come yet. Send its currency, total, date and lines."),
        field_name="external_id",
    )
