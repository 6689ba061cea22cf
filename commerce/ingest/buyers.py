"""Whom a shop means: the contacts behind orders and carts, made where there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.ingest.writing import Table
from commerce.models import CustomerProfile
from commerce.shapes import Buyer
from contacts.identity import ContactRow, resolve_many, upsert_contacts, usable_identifiers

PROFILES = Table(CustomerProfile, ["contact", "kind", "company", "vat_number"])


@dataclass(frozen=True)
class Found:
    """Who it is, or None; and what could not be used of what was said of them."""

    contact_id: UUID | None = None
    notes: tuple[str, ...] = ()


NOBODY = Found()


def find_buyers(*, buyers: Mapping[int, Buyer], source: str, now: datetime) -> dict[int, Found]:
    """The contact behind each buyer, in a fixed number of statements.

    An order fills what is empty in a contact and overwrites nothing; consent is never touched.
    What cannot be used (an address that is none, an erased person) becomes a note.
    """
    found: dict[int, Found] = {}
    rest = _upserted(list(buyers), [each.row for each in buyers.values()], found, source, now)
    again = {
        index: row for index in rest if index not in found and (row := _usable(buyers[index].row))
    }
    _upserted(list(again), list(again.values()), found, source, now, rest)
    missing = [index for index in buyers if index not in found]
    known = resolve_many([vars(buyers[index].row) for index in missing])
    for index, contact_id in zip(missing, known, strict=True):
        found[index] = Found(contact_id, (rest[index],))
    _keep_profiles(buyers, found)
    return found


def _usable(row: ContactRow) -> ContactRow | None:
    """The row with those identifiers alone that can name somebody; None without any."""
    known: dict[str, Any] = dict(usable_identifiers(vars(row)))
    return ContactRow(**known) if known else None


def _upserted(
    indexes: Sequence[int],
    rows: Sequence[ContactRow],
    found: dict[int, Found],
    source: str,
    now: datetime,
    notes: Mapping[int, str] | None = None,
) -> dict[int, str]:
    """Fill `found` with those that could be written; why the others could not, by index."""
    if not rows:
        return {}
    refused = {}
    results = upsert_contacts(rows=rows, source=source, now=now, fill_only=True)
    for index, result in zip(indexes, results, strict=True):
        note = (notes or {}).get(index)
        if result.contact_id:
            found[index] = Found(result.contact_id, (note,) if note else ())
        elif result.problem:
            refused[index] = note or str(result.problem.message)
            if result.problem.code == "erased_contact":
                found[index] = Found(None, (str(result.problem.message),))
    return refused


def _keep_profiles(buyers: Mapping[int, Buyer], found: Mapping[int, Found]) -> None:
    """What is said of customers as businesses; silence changes nothing."""
    told = {
        contact_id: buyer
        for index, buyer in buyers.items()
        if (contact_id := found[index].contact_id)
        and (buyer.is_business is not None or buyer.company or buyer.vat_number)
    }
    if not told:
        return
    stored = CustomerProfile.objects.in_bulk(list(told))
    rows = [
        _profile(stored.get(contact_id) or CustomerProfile(contact_id=contact_id), buyer)
        for contact_id, buyer in sorted(told.items())
    ]
    PROFILES.put(rows, key=["contact_id"], returning="contact_id")


def _profile(profile: CustomerProfile, buyer: Buyer) -> CustomerProfile:
    is_business = bool(buyer.vat_number) if buyer.is_business is None else buyer.is_business
    if is_business or buyer.is_business is not None:
        kinds = CustomerProfile.Kind
        profile.kind = kinds.BUSINESS if is_business else kinds.PRIVATE
    profile.company = buyer.company.replace("\x00", "").strip()[:200] or profile.company
    profile.vat_number = buyer.vat_number.replace("\x00", "").strip()[:30] or profile.vat_number
    return profile
