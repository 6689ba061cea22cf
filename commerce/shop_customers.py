"""Customers of shops: their accounts, and what they ask to be done with their data."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.ingest.buyers import find_buyers
from commerce.models import DataRequest, Shop, ShopAccount
from commerce.shop_kinds import DataWish, ShopCustomer
from contacts import consent
from contacts.erasure import erase_contact
from contacts.identity import resolve_many, upsert_contacts
from contacts.models import Suppression
from events.inbound import forget_addresses
from events.services import NewEvent, record_many
from tenants.audit import record_audit
from tenants.context import current_workspace

Kind = DataRequest.Kind
CHOICE = "shop.advertising_choice"

KEEP = f"""
    INSERT INTO {ShopAccount._meta.db_table} AS known (shop_id, external_id, contact_id, changed_at)
    SELECT %s, external_id, contact_id, changed_at
      FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[])
        AS new (external_id, contact_id, changed_at)
     ORDER BY external_id
    ON CONFLICT (shop_id, external_id) DO UPDATE
       SET contact_id = excluded.contact_id, changed_at = excluded.changed_at
     WHERE known.changed_at <= excluded.changed_at
    RETURNING external_id"""


def take_customers(*, shop: Shop, customers: Sequence[ShopCustomer], now: datetime) -> None:
    """Create or update the contacts behind accounts; older news fills only what is empty.

    Consent is never touched: what the shop says of advertising is recorded as an event, no more.
    """
    if not customers:
        return
    buyers = {index: customer.buyer for index, customer in enumerate(customers)}
    found = find_buyers(buyers=buyers, source=shop.key, now=now)
    known = [
        (customer, contact_id)
        for index, customer in enumerate(customers)
        if (contact_id := found[index].contact_id)
    ]
    newest = {
        customer.external_id: (customer, contact_id)
        for customer, contact_id in sorted(known, key=lambda pair: pair[0].changed_at)
    }
    leading = _keep(shop, newest.values())
    rows = [newest[external_id][0].buyer.row for external_id in sorted(leading)]
    upsert_contacts(rows=rows, source=shop.key, now=now)
    _record_choices(shop, known, now)


def _keep(shop: Shop, accounts: Iterable[tuple[ShopCustomer, UUID]]) -> set[str]:
    """Note how new the news of each account is; the ids of those that know nothing newer."""
    chosen = list(accounts)
    columns: list[list[Any]] = [
        [customer.external_id for customer, _contact in chosen],
        [contact_id for _customer, contact_id in chosen],
        [customer.changed_at for customer, _contact in chosen],
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [shop.pk, *columns])
        return {row[0] for row in cursor.fetchall()}


def _record_choices(shop: Shop, known: Sequence[tuple[ShopCustomer, UUID]], now: datetime) -> None:
    events = {}
    for customer, contact_id in known:
        if customer.accepts_marketing is None:
            continue
        at = min(customer.chosen_at or customer.changed_at, now)
        message_id = f"{CHOICE}:{customer.external_id}:{at.isoformat()}"
        events[message_id] = NewEvent(
            type=CHOICE,
            occurred_at=at,
            contact_id=contact_id,
            data={"accepts": customer.accepts_marketing, "shop": shop.name},
            source=shop.key,
            message_id=message_id,
        )
    record_many(events=list(events.values()), now=now)


def answer_wishes(
    *, shop: Shop, wishes: Sequence[tuple[UUID, datetime, DataWish]], now: datetime
) -> None:
    """Forget whom a shop asks to forget by address, and leave the rest to somebody of the team.

    `wishes` holds the id and the time of the call each came with. An address nobody has here is
    fenced off, so that news that is late brings nobody back.
    """
    for delivery_id, asked_at, wish in wishes:
        # One at a time: an erasure before it may have taken the contact away.
        [contact_id] = resolve_many([_name(wish)])
        request = DataRequest(
            shop=shop,
            kind=wish.kind,
            contact_id=contact_id,
            delivery_id=delivery_id,
            asked_at=asked_at,
        )
        if wish.kind == Kind.ERASE and wish.email:
            request.contact_id, request.done_at = None, now
            _forget(shop, wish.email, contact_id, now)
        DataRequest.objects.bulk_create([request], ignore_conflicts=True)


def _name(wish: DataWish) -> dict[str, str]:
    """By the address alone where there is one: a phone number may be the family's."""
    return {"email": wish.email} if wish.email else {"phone": wish.phone}


def _forget(shop: Shop, address: str, contact_id: UUID | None, now: datetime) -> None:
    if contact_id is None or not erase_contact(contact_id=contact_id, now=now):
        forget_addresses(addresses=[address])
        consent.suppress(addresses=[address], reason=Suppression.Reason.ERASED, now=now)
        return
    record_audit(
        action="contact.erased",
        workspace=current_workspace("A shop"),
        actor_label=shop.name,
        target=str(contact_id),
        now=now,
    )
