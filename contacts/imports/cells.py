"""From rows of text to rows to be written: every cell judged once, by the column it stands in."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext as _

from contacts import fields
from contacts.addresses import AddressError, normal_address
from contacts.fields import ValueRefused
from contacts.imports.targets import FIELD
from contacts.models import ContactField
from contacts.origins import Origin
from contacts.origins.registry import plain_status, plain_tags
from contacts.rows import is_placeholder
from contacts.tags import clean_tag
from core.csv import Record, restored
from core.errors import Invalid, Problem

# Nearly all cells are clean; the rest take the long way.
_UNCLEAN = re.compile(r"[\x00-\x1f\x7f]|^\s|\s$|^'[=+\-@]")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Parser = Callable[[str], Any]
PROFILE = ("first_name", "last_name", "language", "timezone", "phone")


# A file has few tags and many rows.
_clean_tag = lru_cache(maxsize=4096)(clean_tag)


class CellRefused(ValueError):
    """A cell that sinks its row: a stable code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Person:
    """One row of the file as it will be offered to the database."""

    line: int
    cells: list[str]
    email: str = ""
    external_id: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    timezone: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    status: str = ""
    consent_at: str = ""
    consent_ip: str = ""
    doubles: int = 0

    def fields_json(self) -> str:
        return _ENCODE(self.custom) if self.custom else "{}"

    def take(self, later: "Person") -> bool:
        """Lay a later row about the same person over this one; True when it says anything new."""
        changed = False
        for name in ("email", "external_id", *PROFILE):
            value = getattr(later, name)
            if value and value != getattr(self, name):
                setattr(self, name, value)
                changed = True
        new_tags = [tag for tag in later.tags if tag not in self.tags]
        self.tags += new_tags
        if any(self.custom.get(key) != value for key, value in later.custom.items()):
            self.custom |= later.custom
            changed = True
        if later.status and STRENGTH[later.status] > STRENGTH[self.status]:
            self.status, self.consent_at = later.status, later.consent_at
            changed = True
        return changed or bool(new_tags)


# Of two rows about one person the stricter one counts.
# "claimed" is a subscription the file speaks of and nobody vouches for.
STRENGTH = {"": 0, "none": 1, "claimed": 2, "subscribed": 2, "unsubscribed": 3, "bounced": 4}


class RowReader:
    """Turns records into people by a mapping; built once per batch."""

    def __init__(
        self,
        *,
        mapping: dict[str, str],
        columns: Sequence[str],
        known: dict[str, ContactField],
        origin: Origin | None,
        date_order: str,
        now: datetime,
    ) -> None:
        self._width = len(columns)
        self._columns = columns
        self._now = now
        status = origin.status if origin else plain_status
        tags = origin.tags if origin else plain_tags
        self._special: dict[str, Callable[[Person, str], None]] = {
            "email": _take_email,
            "external_id": _take_external_id,
            "full_name": _take_full_name,
            "tags": lambda person, cell: _take_tags(person, tags(cell)),
            "status": lambda person, cell: _raise_status(person, status(cell)),
            "consent_at": self._take_consent_at,
            "consent_ip": _take_ip,
            "unsubscribed_at": self._moment_of("unsubscribed"),
            "bounced_at": self._moment_of("bounced"),
        }
        self._steps = [
            (int(number), self._setter(target, known, date_order))
            for number, target in sorted(mapping.items(), key=lambda item: int(item[0]))
        ]
        # Only the owner's own fields may keep line breaks and tabs.
        self._prose = {int(n) for n, target in mapping.items() if target.startswith(FIELD)}
        # A file of people who left says so by its column, also where a cell is empty.
        self._default_status = next(
            (
                status_of
                for target, status_of in (
                    ("bounced_at", "bounced"),
                    ("unsubscribed_at", "unsubscribed"),
                )
                if target in mapping.values()
            ),
            "",
        )

    def _setter(
        self, target: str, known: dict[str, ContactField], date_order: str
    ) -> Callable[[Person, str], None]:
        if target in self._special:
            return self._special[target]
        if target.startswith(FIELD):
            custom = known.get(target.removeprefix(FIELD))
            return _custom_setter(custom, date_order) if custom else lambda person, cell: None
        return _profile_setter(target)

    def _moment_of(self, status: str) -> Callable[[Person, str], None]:
        def take(person: Person, cell: str) -> None:
            _raise_status(person, status)
            person.consent_at = moment(cell, self._now)

        return take

    def _take_consent_at(self, person: Person, cell: str) -> None:
        person.consent_at = moment(cell, self._now)

    def person(self, record: Record) -> Person | Problem | None:
        """The person of a record, what is wrong with it, or None for an empty line."""
        cells = record.cells
        if record.code:
            return Problem(record.code, record.message)
        if len(cells) > self._width and any(cell.strip() for cell in cells[self._width :]):
            return Problem(
                "csv_long_row",
                _("This line has %(cells)s cells, the header %(columns)s.")
                % {"cells": len(cells), "columns": self._width},
            )
        person = Person(record.line, cells, status=self._default_status)
        problem = self._fill(person, cells)
        if problem or person.email or person.external_id:
            return problem or person
        if not any(cell.strip() for cell in cells):
            return None
        return Problem("no_identifier", _("There is no email address in this line."))

    def _fill(self, person: Person, cells: list[str]) -> Problem | None:
        """Put every mapped cell in its place. A short row's missing cells are empty ones."""
        count = len(cells)
        for number, setter in self._steps:
            cell = cells[number] if number < count else ""
            if cell and _UNCLEAN.search(cell):
                cell = restored(fields.clean_text(cell, most=len(cell))).strip()
                if number not in self._prose:
                    cell = " ".join(cell.split())
            if not cell:
                continue
            try:
                setter(person, cell)
            except (CellRefused, ValueRefused, AddressError) as refusal:
                return Problem(refusal.code, str(refusal.message), field=self._columns[number])
        return None


def _take_email(person: Person, cell: str) -> None:
    person.email = normal_address(cell)


def _take_external_id(person: Person, cell: str) -> None:
    if is_placeholder(cell):
        raise CellRefused(
            "placeholder_id",
            _("“%(value)s” is a placeholder, not the id of one person.") % {"value": cell[:60]},
        )
    person.external_id = fields.clean_text(cell, most=128)


def _take_full_name(person: Person, cell: str) -> None:
    first, _space, last = cell.partition(" ")
    person.first_name = person.first_name or fields.clean_text(first, most=100)
    person.last_name = person.last_name or fields.clean_text(last, most=100)


def _take_tags(person: Person, names: Sequence[str]) -> None:
    try:
        person.tags = list(dict.fromkeys(_clean_tag(name) for name in names))
    except Invalid as refusal:
        raise CellRefused(refusal.code, refusal.message) from None


def _raise_status(person: Person, status: str) -> None:
    """The stricter of two statements in one row counts."""
    if STRENGTH[status] > STRENGTH[person.status]:
        person.status = status


def _take_ip(person: Person, cell: str) -> None:
    try:
        person.consent_ip = str(ip_address(cell))
    except ValueError:
        person.consent_ip = ""  # evidence that is none is left out; the consent still stands


def _profile_setter(name: str) -> Callable[[Person, str], None]:
    most = fields.PROFILE_MAX[name]
    if name in ("first_name", "last_name"):

        def set_name(person: Person, cell: str) -> None:
            if len(cell) > most:
                cell = fields.clean_text(cell, most=most)
            setattr(person, name, cell)

        return set_name
    parse = fields.STRICT_PROFILE[name]
    return lambda person, cell: setattr(person, name, parse(cell))


def _custom_setter(custom: ContactField, date_order: str) -> Callable[[Person, str], None]:
    parse, key = fields.parser_of(custom, date_order=date_order), custom.key
    if custom.type == ContactField.Type.TEXT:

        def set_text(person: Person, cell: str) -> None:
            person.custom[key] = cell if len(cell) <= fields.TEXT_MAX else parse(cell)

        return set_text

    def set_parsed(person: Person, cell: str) -> None:
        person.custom[key] = parse(cell)

    return set_parsed


def moment(cell: str, now: datetime) -> str:
    """An ISO time, as UTC where it names no zone; "" for anything else, and never in the future."""
    try:
        found = datetime.fromisoformat(cell.strip())
    except ValueError:
        return ""
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return min(found, now).isoformat()
