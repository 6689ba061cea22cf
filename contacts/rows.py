"""One contact as it is offered by the API, a form or an event, and the cleaning of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from contacts import fields
from contacts.addresses import AddressError, normal_address
from contacts.models import ContactField
from contacts.tags import clean_tag
from core.errors import Invalid, Problem

# What broken clients send when they mean nobody; taking it would merge strangers into one person.
PLACEHOLDERS = frozenset(
    {"null", "undefined", "none", "nil", "anonymous", "guest", "0", "-1", "nan", "unknown",
     "n/a", "na", "true", "false", "[object object]", "00000000-0000-0000-0000-000000000000"}
)  # fmt: skip
IDENTIFIER_MAX = {"email": 254, "external_id": 128, "anonymous_id": 254, "phone": 32}


@dataclass(frozen=True)
class ContactRow:
    """One contact to create or update. None leaves a value as it is, "" clears it."""

    email: str | None = None
    external_id: str | None = None
    phone: str | None = None
    anonymous_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    timezone: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()


@dataclass(frozen=True)
class CleanRow:
    """A row that may be written: only what was given, in the form it is stored in."""

    index: int
    identifiers: dict[str, str]
    profile: dict[str, str]
    fields: dict[str, Any]
    tags: tuple[str, ...]


class RowRefused(ValueError):
    """A row that cannot be written, with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def is_placeholder(identifier: str) -> bool:
    """True for what broken clients send when they mean nobody."""
    return identifier.strip().lower() in PLACEHOLDERS


def clean_identifiers(given: Mapping[str, Any]) -> dict[str, str]:
    """The usable identifiers in the form they are stored in, blanks left out.

    Raises RowRefused with `invalid_email`, `placeholder_id`, `bad_phone` or `field_too_long`.
    """
    return {
        kind: _clean_identifier(kind, given[kind])
        for kind in IDENTIFIER_MAX
        if given.get(kind) not in (None, "")
    }


def _clean_identifier(kind: str, value: Any) -> str:
    try:
        text = fields.clean_text(value, most=IDENTIFIER_MAX[kind] * 2)
        if kind == "email":
            return normal_address(text)
        if kind == "phone":
            return fields.parse_phone(text)
        if is_placeholder(text):
            raise fields.ValueRefused(
                "placeholder_id",
                _("“%(value)s” is a placeholder, not the id of one person.") % {"value": text[:60]},
            )
        return fields.clean_text(text, most=IDENTIFIER_MAX[kind])
    except (AddressError, fields.ValueRefused) as refusal:
        raise RowRefused(Problem(refusal.code, refusal.message, field=kind)) from None


def clean_row(row: ContactRow, index: int, known: Mapping[str, ContactField]) -> CleanRow:
    """The row in the form it is stored in; raises RowRefused with its first problem."""
    identifiers = clean_identifiers(vars(row))
    if not identifiers.keys() - {"anonymous_id"}:
        raise RowRefused(
            Problem(
                "no_identifier",
                _("Give an email address, an external id or a phone number."),
                index=index,
            )
        )
    return CleanRow(
        index=index,
        identifiers=identifiers,
        profile=_clean_profile(row),
        fields={key: _clean_field(key, value, known) for key, value in row.fields.items()},
        tags=tuple(_clean_tags(row.tags)),
    )


def _clean_profile(row: ContactRow) -> dict[str, str]:
    cleaned = {}
    for name in ("first_name", "last_name", "language", "timezone"):
        value = getattr(row, name)
        if value is None:
            continue
        try:
            cleaned[name] = fields.parse_profile(name, value)
        except fields.ValueRefused as refusal:
            raise RowRefused(Problem(refusal.code, refusal.message, field=name)) from None
    return cleaned


def _clean_field(key: str, value: Any, known: Mapping[str, ContactField]) -> Any:
    try:
        if key not in known:
            raise fields.ValueRefused("unknown_field", fields.unknown_field(key))
        return fields.parse_value(known[key], value)
    except fields.ValueRefused as refusal:
        raise RowRefused(Problem(refusal.code, refusal.message, field=f"fields.{key}")) from None


def _clean_tags(tags: Sequence[str]) -> list[str]:
    try:
        return [clean_tag(tag) for tag in tags]
    except Invalid as refusal:
        raise RowRefused(Problem(refusal.code, refusal.message, field="tags")) from None
