"""Events from outside: each one checked by itself, the good ones recorded in one statement."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Problem
from core.ids import uuid7
from core.mailgate import AddressError, clean_address
from events.services import NewEvent, record_many
from events.subjects import unknown_subjects

FIELDS = frozenset({"message_id", "type", "occurred_at", "contact_id", "identifiers", "data"})
IDENTIFIERS = ("email", "external_id", "phone", "anonymous_id")
# Segment's MAX_MSG_SIZE, in bytes of JSON.
SIZE_LIMIT = 32 * 1024
ID_LIMIT = 200
IDENTIFIER_LIMIT = {"email": 254, "external_id": 128, "phone": 32, "anonymous_id": 254}
TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,99}")
# What Viaggio itself records. From outside they would forge a consent or an opened mail.
OWN_TYPES = (
    "consent.", "contact.", "field.", "form.", "journey.", "message.", "review.", "segment.",
    "survey.", "viaggio.",
)  # fmt: skip
# What broken clients send instead of an id: it would merge strangers into one contact.
PLACEHOLDERS = frozenset(
    {"", "null", "undefined", "none", "nil", "nan", "anonymous", "guest", "unknown", "0", "-1",
     "true", "false", "[object object]", "00000000-0000-0000-0000-000000000000"}
)  # fmt: skip
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# How far ahead of ours a sender's clock may be.
AHEAD = timedelta(days=1)
TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})")


@dataclass(frozen=True)
class Verdict:
    """What became of one event: accepted, duplicate or rejected."""

    status: str
    message_id: str | None = None
    problems: Sequence[Problem] = ()


def ingest_events(
    *,
    items: Sequence[Any],
    now: datetime,
    source: str,
    unfit: Callable[[Any], list[Problem]] | None = None,
) -> list[Verdict]:
    """Record what can be recorded; one verdict per item, in order. Accepted means committed.

    `unfit` is asked first about each item. A message id that was seen before, in this batch or
    earlier, is a duplicate: the first one is kept.
    """
    read = [read_event(item, source=source, now=now, unfit=unfit) for item in items]
    read = _without_strangers(read)
    good = [each for each in read if isinstance(each, NewEvent)]
    with transaction.atomic():
        new = record_many(events=good, now=now)
    return [_verdict(each, item, new) for each, item in zip(read, items, strict=True)]


def _verdict(read: NewEvent | list[Problem], item: Any, new: set[str]) -> Verdict:
    if isinstance(read, NewEvent):
        status = "accepted" if read.message_id in new else "duplicate"
        new.discard(read.message_id)
        return Verdict(status, read.message_id)
    sent = item.get("message_id") if isinstance(item, dict) else None
    return Verdict("rejected", sent[:ID_LIMIT] if isinstance(sent, str) else None, read)


def _without_strangers(
    read: list[NewEvent | list[Problem]],
) -> list[NewEvent | list[Problem]]:
    named = {each.contact_id for each in read if isinstance(each, NewEvent) and each.contact_id}
    strangers = unknown_subjects(named)
    if not strangers:
        return read
    problem = Problem("contact_not_found", _("There is no contact with this id."), "contact_id")
    return [
        [problem] if isinstance(each, NewEvent) and each.contact_id in strangers else each
        for each in read
    ]


def read_event(
    item: Any,
    *,
    source: str,
    now: datetime,
    unfit: Callable[[Any], list[Problem]] | None = None,
) -> NewEvent | list[Problem]:
    """One event as it will be recorded, or all that is wrong with it."""
    if unfit and (problems := unfit(item)):
        return problems
    if len(msgspec.json.encode(item)) > SIZE_LIMIT:
        return [_too_large()]
    problems = [
        Problem("unknown_field", _("There is no such field here."), name)
        for name in sorted(item.keys() - FIELDS)
    ]
    event = NewEvent(
        source=source,
        message_id=_message_id(item.get("message_id"), problems),
        type=_type(item.get("type"), problems),
        occurred_at=_moment(item.get("occurred_at"), now, problems),
        contact_id=_contact_id(item.get("contact_id"), problems),
        identifiers=_identifiers(item.get("identifiers"), problems),
        data=_data(item.get("data"), problems),
    )
    if not problems and event.contact_id is None and not event.identifiers:
        return [_nobody()]
    return problems or event


def _too_large() -> Problem:
    return Problem(
        "event_too_large",
        _("An event may have at most %(size)s kB.") % {"size": SIZE_LIMIT // 1024},
    )


def _nobody() -> Problem:
    return Problem(
        "missing_identifier",
        _("Say who this is about: contact_id, or one of the identifiers."),
        "identifiers",
    )


def _message_id(value: Any, problems: list[Problem]) -> str:
    if value is None:
        return str(uuid7())
    if not isinstance(value, str) or not value.strip():
        problems.append(Problem("bad_id", _("A message id is a text."), "message_id"))
    elif len(value) > ID_LIMIT:
        sentence = _("A message id has at most %(most)s characters.") % {"most": ID_LIMIT}
        problems.append(Problem("id_too_long", sentence, "message_id"))
    return str(value)


def _type(value: Any, problems: list[Problem]) -> str:
    if value is None:
        problems.append(Problem("required", _("Name the type of the event."), "type"))
    elif not isinstance(value, str) or not TYPE.fullmatch(value):
        problems.append(
            Problem(
                "bad_type",
                _("A type has 1 to 100 letters, digits, spaces or . _ : / - and no others."),
                "type",
            )
        )
    elif value.lower().startswith(OWN_TYPES):
        sentence = _("Viaggio records events of this type itself. Choose another name.")
        problems.append(Problem("reserved_type", sentence, "type"))
    return str(value)


def _moment(value: Any, now: datetime, problems: list[Problem]) -> datetime:
    if value is None:
        return now
    moment = parse_timestamp(value)
    if moment is None or not EARLIEST <= moment <= now + AHEAD:
        problems.append(
            Problem(
                "bad_timestamp",
                _("Write a moment such as 2026-11-20T12:00:00Z: since 1970, not in the future."),
                "occurred_at",
            )
        )
        return now
    return moment


def parse_timestamp(value: Any) -> datetime | None:
    """A moment in UTC from RFC 3339 with a zone; None for anything else."""
    if not isinstance(value, str) or not TIMESTAMP.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _contact_id(value: Any, problems: list[Problem]) -> UUID | None:
    if value is None:
        return None
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        problems.append(Problem("bad_id", _("This is not the id of a contact."), "contact_id"))
        return None


def _identifiers(value: Any, problems: list[Problem]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.append(Problem("invalid", _("This must be an object."), "identifiers"))
        return {}
    found: dict[str, str] = {}
    for name, given in value.items():
        text, problem = read_identifier(name, given)
        if problem:
            problems.append(problem)
        elif text:
            found[name] = text
    return found


def read_identifier(name: str, given: Any) -> tuple[str, Problem | None]:
    """(text, None), or ("", what is wrong). The number 123 and the text "123" are the same id."""
    where = f"identifiers.{name}"
    if name not in IDENTIFIERS:
        sentence = _("Use one of: %(names)s.") % {"names": ", ".join(IDENTIFIERS)}
        return "", Problem("unknown_field", sentence, where)
    if given is None:
        return "", None
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        return "", Problem("bad_id", _("An identifier is a text or a whole number."), where)
    text = str(given).strip()
    if text.lower() in PLACEHOLDERS:
        sentence = _("“%(value)s” names nobody. Leave the field out.") % {"value": text}
        return "", Problem("placeholder_id", sentence, where)
    if len(text) > IDENTIFIER_LIMIT[name]:
        return "", Problem("id_too_long", _("This identifier is too long."), where)
    if name == "email":
        return _email(text, where)
    return text, None


def _email(text: str, where: str) -> tuple[str, Problem | None]:
    try:
        return clean_address(text).lower(), None
    except AddressError as error:
        return "", Problem(error.code, error.message, where)


def _data(value: Any, problems: list[Problem]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        problems.append(Problem("invalid", _("This must be an object."), "data"))
        return {}
    return value
