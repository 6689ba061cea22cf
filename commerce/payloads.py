"""Reading what a shop sends with tolerance: what is unusable is noted, and the rest is kept."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from commerce.shapes import Buyer, NewLine
from contacts.addresses import AddressError, normal_address
from contacts.fields import ValueRefused, clean_text, parse_profile
from contacts.rows import ContactRow
from core.errors import Permanent

# What AmountField and the columns of stock and quantity hold.
AMOUNT_LIMIT = Decimal(10) ** 11
QUANTITY_LIMIT = Decimal(10) ** 9 - 1
NUMBER_LIMIT = 2**31 - 1
MILLI = Decimal("0.001")
URL_LIMIT = 1000
ID_LIMIT = 128
LINES_MAX = 500
CODES_MAX = 20
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
CURRENCY = re.compile(r"[A-Z]{3}")


class Payload:
    """One object of a webhook's body; readers never raise, except for what makes it useless."""

    def __init__(self, given: Any, *, received_at: datetime, notes: list[str]) -> None:
        self._given: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        self._received_at = received_at
        self.notes = notes

    def inner(self, name: str) -> "Payload":
        """The object of this name; an empty one when there is none."""
        return self._child(self._given.get(name))

    def each(self, name: str) -> "Iterator[Payload]":
        """The objects in the list of this name; anything else in it is passed over."""
        found = self._given.get(name)
        for item in found if isinstance(found, list) else []:
            if isinstance(item, Mapping):
                yield self._child(item)

    def _child(self, given: Any) -> "Payload":
        return Payload(given, received_at=self._received_at, notes=self.notes)

    def has(self, name: str) -> bool:
        """Whether anything is said under this name."""
        return self._given.get(name) not in (None, "")

    def flag(self, name: str) -> bool:
        """True only for a plain true."""
        return self._given.get(name) is True

    def id(self, name: str) -> str:
        """An id as text; "" when there is none."""
        found = self._given.get(name)
        if isinstance(found, bool) or not isinstance(found, (str, int)):
            return ""
        text = self.text(name, most=ID_LIMIT)
        return "" if text == "0" else text

    def needed_id(self) -> str:
        """The `id`; raises Permanent without one, since nothing can be told apart then."""
        found = self.id("id")
        if not found:
            raise Permanent("no_id", _("The shop sent this without an id."))
        return found

    def text(self, *names: str, most: int) -> str:
        """The first of these that says something, cut to `most` characters."""
        for name in names:
            found = self._given.get(name)
            if found is None or isinstance(found, (dict, list, bool)):
                continue
            if text := clean_text(str(found)[: most * 4], most=most * 4)[:most].strip():
                return text
        return ""

    def url(self, name: str) -> str:
        """A web address; "" for anything else."""
        text = self.text(name, most=URL_LIMIT + 1)
        try:
            parts = urlsplit(text)
        except ValueError:
            return ""
        is_web = parts.scheme in {"http", "https"} and bool(parts.netloc)
        return text if is_web and len(text) <= URL_LIMIT and " " not in text else ""

    def money(self, *names: str) -> Decimal:
        """The first amount given under these names, in units of its currency; else 0, noted."""
        for name in names:
            if self.has(name):
                amount = self._amount(name)
                return amount if amount >= 0 else self._unusable(name)
        return Decimal(0)

    def given_back(self, name: str) -> Decimal:
        """The amount of a refund, whichever sign the shop writes it with."""
        return abs(self._amount(name)) if self.has(name) else Decimal(0)

    def quantity(self, name: str) -> Decimal:
        """How many, as far as a line can hold."""
        return min(self.money(name), QUANTITY_LIMIT)

    def _amount(self, name: str) -> Decimal:
        found = self._given[name]
        try:
            amount = Decimal("NaN" if isinstance(found, bool) else str(found).strip())
        except InvalidOperation:
            return self._unusable(name)
        if not amount.is_finite() or abs(amount) >= AMOUNT_LIMIT:
            return self._unusable(name)
        return amount.quantize(MILLI, ROUND_HALF_UP)

    def _unusable(self, name: str) -> Decimal:
        self._note(_("“%(value)s” in “%(name)s” is not an amount."), name)
        return Decimal(0)

    def number(self, name: str) -> int | None:
        """A whole number; None when there is none."""
        found = self._given.get(name)
        try:
            if isinstance(found, (bool, dict, list)):
                return None
            number = int(Decimal(str(found)))
        except (InvalidOperation, ValueError, OverflowError):
            return None
        return max(-NUMBER_LIMIT, min(NUMBER_LIMIT, number))

    def moment(self, *names: str) -> datetime | None:
        """The first moment given under these names; without a zone it is UTC. None: there is none.

        One that lies in the future is the moment the call came.
        """
        for name in names:
            if self.has(name):
                return self._moment(name, self._given[name])
        return None

    def _moment(self, name: str, found: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(found).strip())
            moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            self._note(_("“%(value)s” in “%(name)s” is not a date."), name)
            return None
        if moment < EARLIEST:
            return None
        is_future = moment > self._received_at + timedelta(days=1)
        return self._received_at if is_future else moment

    def currency(self, name: str, fallback: str) -> str:
        """The currency's code of three letters; the shop's own, noted, when it is none."""
        text = self.text(name, most=40).upper()
        if CURRENCY.fullmatch(text):
            return text
        self._note(_("“%(value)s” in “%(name)s” is not a currency."), name)
        return fallback

    def email(self, *names: str) -> str | None:
        """The first usable address; None, noted when something else was given."""
        for name in names:
            if not self.has(name):
                continue
            try:
                return normal_address(str(self._given[name]))
            except AddressError:
                self._note(_("“%(value)s” in “%(name)s” is not an email address."), name)
        return None

    def profile(self, kind: str, *names: str) -> str | None:
        """The first of these that can stand in a contact's profile; None when none can."""
        for name in names:
            try:
                found = parse_profile(kind, self.text(name, most=80))
            except ValueRefused:
                continue
            if found:
                return found
        return None

    def lines(self, name: str, line: "Callable[[Payload], NewLine]") -> tuple[NewLine, ...]:
        """The lines of an order or a cart, as many as one can hold."""
        found = list(self.each(name))
        if len(found) > LINES_MAX:
            self.notes.append(
                _("It has %(count)s lines; the first %(most)s are kept.")
                % {"count": len(found), "most": LINES_MAX}
            )
        return tuple(line(each) for each in found[:LINES_MAX])

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes of the coupons in the list of this name."""
        found = [each.text("code", most=60) for each in self.each(name)]
        return tuple(code for code in found if code)[:CODES_MAX]

    def _note(self, words: str, name: str) -> None:
        found = clean_text(str(self._given.get(name, ""))[:200])[:60]
        note = words % {"value": found, "name": name}
        if note not in self.notes:
            self.notes.append(note)


def buyer_of(row: ContactRow, *, company: str = "", vat_number: str = "") -> Buyer | None:
    """Who is behind it, if anybody can be reached; a company or VAT number makes it a business."""
    if not row.email and not row.phone:
        return None
    is_business = True if company or vat_number else None
    return Buyer(row, is_business=is_business, company=company, vat_number=vat_number)
