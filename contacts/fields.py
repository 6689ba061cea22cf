"""Values of profile and custom fields: parsing them by type, setting them for many."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from contacts.models import Contact, ContactField
from core.errors import Invalid
from events.services import NewEvent, record_many

TEXT_MAX = 2000
PROFILE_MAX = {"first_name": 100, "last_name": 100, "language": 8, "timezone": 64, "phone": 32}
# Columns of Contact that steps, imports and the API may set besides the identifiers.
PROFILE_FIELDS = tuple(PROFILE_MAX)
DATE_ORDERS = ("ymd", "dmy", "mdy")

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,4})?")
_PHONE = re.compile(r"\+?[0-9]{5,20}")
_PHONE_MARKS = re.compile(r"[\s().\-/\u00a0]")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,10})?")
_AMBIGUOUS_NUMBER = re.compile(r"[+-]?\d{1,3},\d{3}")
_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ].*)?")
_TRUE = frozenset({"true", "yes", "y", "1", "sì", "si", "vero", "x", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "falso", "off"})


class ValueRefused(ValueError):
    """A value that does not fit its field: a stable code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def clean_text(value: Any, *, most: int = TEXT_MAX) -> str:
    """Text without control characters, trimmed; raises ValueRefused when too long."""
    if isinstance(value, (dict, list)):
        raise ValueRefused("bad_text", _("This must be text."))
    text = _CONTROL.sub("", str(value)).strip()
    if len(text) > most:
        raise ValueRefused(
            "field_too_long", _("This is longer than %(most)s characters.") % {"most": most}
        )
    return text


def parse_number(value: Any) -> int | float:
    """A number written as 1234.5 or 1234,5; thousands marks are refused, never guessed."""
    if isinstance(value, bool):
        raise ValueRefused("bad_number", _("This must be a number."))
    text = str(value).strip()
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS_NUMBER.fullmatch(text):
        raise ValueRefused(
            "bad_number",
            _("“%(value)s” is not a number. Write it like 1234.50.") % {"value": text[:60]},
        )
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() else number


def parse_date(value: Any, *, order: str = "ymd") -> str:
    """A day as YYYY-MM-DD, read in the given order; a four-digit year first is always ymd."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()[:10]
    return _read_date(str(value).strip(), order)


# The days of people's lives come again and again.
@lru_cache(maxsize=4096)
def _read_date(text: str, order: str) -> str:
    found = _DATE.fullmatch(text)
    if found:
        parts = found.groups()
        if len(parts[0]) == 4:
            order = "ymd"
        day = dict(zip(order, parts, strict=True))
        if len(day["y"]) == 4:
            try:
                return date(int(day["y"]), int(day["m"]), int(day["d"])).isoformat()
            except ValueError:
                pass
    raise ValueRefused("bad_date", _bad_date(text, order))


def _bad_date(text: str, order: str) -> str:
    formats = {"ymd": "2026-12-31", "dmy": "31/12/2026", "mdy": "12/31/2026"}
    accepted = formats["ymd"] if order == "ymd" else f"{formats['ymd']} / {formats[order]}"
    return _("“%(value)s” is not a date. Write it like %(formats)s.") % {
        "value": text[:60],
        "formats": accepted,
    }


def parse_boolean(value: Any) -> bool:
    """Yes or no in English or Italian, true or false, 1 or 0."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueRefused(
        "bad_boolean", _("“%(value)s” is neither yes nor no.") % {"value": text[:60]}
    )


def _parse_choice(value: Any, choices: Sequence[str]) -> str:
    text = clean_text(value)
    for choice in choices:
        if choice.casefold() == text.casefold():
            return choice
    raise ValueRefused(
        "bad_choice",
        _("“%(value)s” is not one of: %(choices)s.")
        % {"value": text[:60], "choices": ", ".join(choices)[:150]},
    )


def parser_of(field: ContactField, *, date_order: str = "ymd") -> Callable[[Any], Any]:
    """A function from anything to the field's JSON value; it raises ValueRefused."""
    kinds = ContactField.Type
    parsers: dict[str, Callable[[Any], Any]] = {
        kinds.TEXT: clean_text,
        kinds.NUMBER: parse_number,
        kinds.DATE: lambda value: parse_date(value, order=date_order),
        kinds.BOOLEAN: parse_boolean,
        kinds.CHOICE: lambda value: _parse_choice(value, field.choices),
    }
    return parsers[field.type]


def parse_value(field: ContactField, value: Any) -> Any:
    """The field's JSON value, None for an empty one; raises ValueRefused."""
    if value is None or value == "":
        return None
    return parser_of(field)(value)


def parse_profile(name: str, value: Any) -> str:
    """A clean value for one of PROFILE_FIELDS; raises ValueRefused."""
    text = clean_text("" if value is None else value, most=PROFILE_MAX[name] * 2)
    if text and name in STRICT_PROFILE:
        return STRICT_PROFILE[name](text)
    return clean_text(text, most=PROFILE_MAX[name])


@lru_cache(maxsize=1)
def _known_timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def parse_timezone(text: str) -> str:
    """A name of the IANA time zone database; raises ValueRefused."""
    if text in _known_timezones():
        return text
    raise ValueRefused(
        "bad_timezone",
        _("“%(value)s” is not a time zone. Write it like Europe/Rome.") % {"value": text[:60]},
    )


@lru_cache(maxsize=512)
def parse_language(text: str) -> str:
    """A language code such as en or pt-br; raises ValueRefused."""
    code = text.lower().replace("_", "-")
    if _LANGUAGE.fullmatch(code):
        return code
    raise ValueRefused(
        "bad_language",
        _("“%(value)s” is not a language. Write a code like en or it.") % {"value": text[:60]},
    )


def parse_phone(text: str) -> str:
    """Digits with an optional leading +, 5 to 20 of them; raises ValueRefused."""
    digits = text if _PHONE.fullmatch(text) else _PHONE_MARKS.sub("", text)
    if _PHONE.fullmatch(digits):
        return digits
    raise ValueRefused("bad_phone", _("“%(value)s” is not a phone number.") % {"value": text[:60]})


# Profile fields that take not just any text.
STRICT_PROFILE: dict[str, Callable[[str], str]] = {
    "language": parse_language,
    "timezone": parse_timezone,
    "phone": parse_phone,
}


def field_key(label: str) -> str:
    """The key a custom field of this label gets: lower case, words joined by underscores."""
    key = re.sub(r"[^a-z0-9]+", "_", label.strip().lower()).strip("_")[:40]
    return key or "field"


def create_fields(*, fields: Iterable[ContactField]) -> dict[str, ContactField]:
    """Create those whose keys are free, in one statement; all of these keys as they now are."""
    wanted = list(fields)
    ContactField.objects.bulk_create(wanted, ignore_conflicts=True)
    return ContactField.objects.in_bulk([field.key for field in wanted], field_name="key")


def inferred_type(value: Any) -> str:
    """The type of a custom field nobody declared, from its first JSON value."""
    if isinstance(value, bool):
        return ContactField.Type.BOOLEAN
    if isinstance(value, (int, float)):
        return ContactField.Type.NUMBER
    return ContactField.Type.TEXT


def set_field(
    *, contact_ids: Sequence[UUID], key: str, value: Any, now: datetime, source: str = "manual"
) -> set[UUID]:
    """Set one field of many contacts in one statement; the ids of those it changed.

    `key` is one of PROFILE_FIELDS or a custom field's; None or "" clears. Records field.changed
    for each change. Raises Invalid with the parser's code, or `unknown_field`.
    """
    column, stored = _parsed(key, value)
    table = Contact._meta.db_table
    if column:
        change, differs = f"{column} = %(value)s", f"{column} <> %(value)s"
    elif stored is None:
        change, differs = "fields = fields - %(key)s", "fields ? %(key)s"
    else:
        change = "fields = fields || jsonb_build_object(%(key)s::text, %(value)s::jsonb)"
        differs = "fields -> %(key)s IS DISTINCT FROM %(value)s::jsonb"
    parameters: dict[str, Any] = {
        "ids": list(contact_ids),
        "key": key,
        "value": stored if column else Jsonb(stored),
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {change}, updated_at = %(now)s"
            f" WHERE id = ANY(%(ids)s) AND {differs} RETURNING id",
            parameters,
        )
        changed = {row[0] for row in cursor.fetchall()}
    record_changes(changes=[(each, key, stored) for each in changed], source=source, now=now)
    return changed


def _parsed(key: str, value: Any) -> tuple[str, Any]:
    """(column, value) for a profile field, ("", JSON value) for a custom one."""
    try:
        if key in PROFILE_FIELDS:
            return key, parse_profile(key, value)
        field = ContactField.objects.filter(key=key).first()
        if field is None:
            raise ValueRefused("unknown_field", unknown_field(key))
        return "", parse_value(field, value)
    except ValueRefused as refusal:
        raise Invalid(refusal.code, refusal.message) from None


def unknown_field(key: str) -> str:
    """The sentence for a custom field that does not exist."""
    return _("There is no field “%(key)s”. Create it under contact fields first.") % {
        "key": key[:60]
    }


def record_changes(*, changes: Sequence[tuple[UUID, str, Any]], source: str, now: datetime) -> None:
    """Record field.changed for each (contact, field, new value)."""
    record_many(
        events=[
            NewEvent(
                type="field.changed",
                occurred_at=now,
                contact_id=contact_id,
                data={"field": key, "value": value, "source": source},
            )
            for contact_id, key, value in changes
        ],
        now=now,
    )
