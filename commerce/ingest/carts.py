"""Carts from any door. The newest news is what a cart holds; an order ends it for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from commerce.amounts import known_rates, value_of
from commerce.ingest.buyers import NOBODY, Found, find_buyers
from commerce.ingest.cart_events import record_cart_events
from commerce.ingest.checks import Checks, ItemRefused
from commerce.ingest.conversion import orders_of_carts
from commerce.ingest.lines import CartContents, write_cart_lines
from commerce.ingest.locks import hold_carts, hold_catalogue
from commerce.ingest.writing import Table
from commerce.models import Cart
from commerce.shapes import NewCart, NewLine, Taken
from core.errors import Retryable
from tenants.daily import wake_daily

COLUMNS = (
    "id", "source", "external_id", "contact", "status", "currency", "total", "value", "rate",
    "restore_url", "started_at", "changed_at", "ended_at",
)  # fmt: skip
CARTS = Table(Cart, COLUMNS)


@dataclass(eq=False)
class Draft:
    """A cart as it will stand after the news seen so far."""

    cart: Cart
    is_new: bool
    before: dict[str, Any]
    lines: tuple[NewLine, ...] | None = None
    items: list[int] = field(default_factory=list)

    @property
    def has_changed(self) -> bool:
        return self.is_new or self.before != _state(self.cart)


@dataclass
class Batch:
    """What one call was given, and what has become of it so far."""

    source: str
    now: datetime
    rates: dict[str, Decimal]
    items: dict[int, NewCart] = field(default_factory=dict)
    buyers: dict[int, Found] = field(default_factory=dict)
    taken: dict[int, Taken] = field(default_factory=dict)


def take_carts(*, items: Sequence[NewCart], source: str, now: datetime) -> list[Taken]:
    """Create or update carts of one shop by their external id; one answer per item, in order.

    A cart without lines was emptied. News from after its order changes nothing.
    """
    batch = Batch(source, now, dict(known_rates()))
    checks = Checks(batch.rates, now)
    for index, item in enumerate(items):
        try:
            batch.items[index] = checks.cart(item)
        except ItemRefused as refusal:
            batch.taken[index] = refusal.taken(index)
    with transaction.atomic():
        hold_catalogue(source)
        hold_carts(source, {item.external_id for item in batch.items.values()})
        named = {index: item.buyer for index, item in batch.items.items() if item.buyer}
        batch.buyers = find_buyers(buyers=named, source=source, now=now)
        _write(batch)
        if batch.items:
            wake_daily(now=now)
    return [batch.taken[index] for index in range(len(items))]


def _write(batch: Batch) -> None:
    drafts = _fold(batch)
    changed = [drafts[key] for key in sorted(drafts) if drafts[key].has_changed]
    new = [draft.cart for draft in changed if draft.is_new]
    if len(CARTS.insert(new)) < len(new):
        raise Retryable("carts_busy", _("These carts are being changed elsewhere."))
    CARTS.update([draft.cart for draft in changed if not draft.is_new])
    contents = [CartContents(d.cart, d.lines) for d in drafts.values() if d.lines is not None]
    rewritten = write_cart_lines(contents=contents, source=batch.source)
    touched = {draft.cart.pk for draft in changed} | rewritten
    _tell(drafts, rewritten, batch.now)
    converted = orders_of_carts(cart_ids=sorted(touched), now=batch.now)
    for draft in drafts.values():
        _answer(batch, draft, draft.cart.pk in touched | converted)


def _fold(batch: Batch) -> dict[str, Draft]:
    """Lock the carts there are, in the order of their keys, and take the news in, oldest first."""
    keys = {item.external_id for item in batch.items.values()}
    locked = Cart.objects.select_for_update().filter(
        source=batch.source, external_id__in=keys
    ).order_by("external_id")  # fmt: skip
    drafts = {cart.external_id: Draft(cart, False, _state(cart)) for cart in locked}
    turns = sorted(batch.items, key=lambda index: (_time(batch.items[index], batch.now), index))
    for index in turns:
        item = batch.items[index]
        draft = drafts.get(item.external_id)
        if draft is None:
            draft = drafts[item.external_id] = _new(batch, item)
        _take(draft, item, batch.buyers.get(index, NOBODY).contact_id, batch)
        draft.items.append(index)
    return drafts


def _time(item: NewCart, now: datetime) -> datetime:
    return min(item.changed_at or now, now)


def _new(batch: Batch, item: NewCart) -> Draft:
    at = _time(item, batch.now)
    cart = Cart(
        source=batch.source, external_id=item.external_id, currency="",
        started_at=min(item.started_at or at, at), changed_at=at,
    )  # fmt: skip
    return Draft(cart, True, {})


def _state(cart: Cart) -> dict[str, Any]:
    return {attribute: getattr(cart, attribute) for _column, attribute in CARTS.attributes}


def _take(draft: Draft, item: NewCart, contact_id: UUID | None, batch: Batch) -> None:
    cart, at = draft.cart, _time(item, batch.now)
    if cart.status == Cart.Status.CONVERTED and cart.ended_at and at > cart.ended_at:
        return
    is_newest = at >= cart.changed_at
    if contact_id and (is_newest or cart.contact_id is None):
        cart.contact_id = contact_id
    cart.started_at = min(cart.started_at, item.started_at or at)
    if is_newest:
        _take_payload(draft, item, at, batch.rates)


def _take_payload(draft: Draft, item: NewCart, at: datetime, rates: dict[str, Decimal]) -> None:
    cart = draft.cart
    if cart.currency != item.currency:
        cart.currency, cart.rate = item.currency, rates[item.currency]
    cart.total = item.total if item.lines else Decimal(0)
    cart.value = value_of(cart.total, cart.rate)
    cart.restore_url = item.restore_url or cart.restore_url
    cart.changed_at = at
    draft.lines = item.lines
    if cart.status == Cart.Status.CONVERTED:
        return
    cart.status = Cart.Status.OPEN if item.lines else Cart.Status.EMPTIED
    cart.ended_at = None if item.lines else at


def _tell(drafts: dict[str, Draft], rewritten: set[UUID], now: datetime) -> None:
    """A cart that changed in what it holds, or was emptied; not one that is ordered."""
    news = [
        draft
        for draft in drafts.values()
        if draft.lines is not None
        and draft.cart.status != Cart.Status.CONVERTED
        and (draft.cart.pk in rewritten or _means_more(draft))
    ]
    empty = {draft.cart.pk for draft in news if draft.cart.status == Cart.Status.EMPTIED}
    record_cart_events(cart_ids=empty, kind="emptied", now=now)
    filled = {draft.cart.pk for draft in news} - empty
    record_cart_events(cart_ids=filled, kind="updated", now=now)


def _means_more(draft: Draft) -> bool:
    """True when anything but the shop's clock is new."""
    before, after = dict(draft.before), _state(draft.cart)
    for name in ("changed_at", "ended_at", "started_at"):
        before.pop(name, None)
        after.pop(name)
    return before != after


def _answer(batch: Batch, draft: Draft, changed: bool) -> None:
    for index in draft.items:
        batch.taken[index] = Taken(
            index,
            id=str(draft.cart.pk),
            created=draft.is_new and index == draft.items[0],
            changed=changed,
            notes=batch.buyers.get(index, NOBODY).notes,
        )
