"""Changing one contact that is known by its id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts import fields
from contacts.models import Contact, ContactField, Identity
from contacts.rows import RowRefused, clean_identifiers
from core.errors import Invalid, Problem

KEYS = ("email", "external_id")
IDENTIFIERS = (*KEYS, "phone")


def update_contact(
    *, contact_id: UUID, changes: Mapping[str, Any], source: str, now: datetime
) -> Contact | None:
    """Set what is given: identifiers, profile, and `fields` by key; None or "" clears.

    None when there is no such contact. Raises Invalid with every problem, or `identity_taken` when
    another contact has the address or id. A replaced address stays known as a former one.
    Records field.changed for each change.
    """
    wanted, custom = _cleaned(changes)
    try:
        with transaction.atomic():
            contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
            if contact is None:
                return None
            _write(contact, wanted, custom, source, now)
    except IntegrityError:
        # Unique address and id: another process was faster, or the contact is there already.
        raise _taken("email" if wanted.get("email") else "external_id") from None
    return contact


def _write(
    contact: Contact, wanted: dict[str, Any], custom: dict[str, Any], source: str, now: datetime
) -> None:
    changed = {name: value for name, value in wanted.items() if getattr(contact, name) != value}
    own = {key: value for key, value in custom.items() if contact.fields.get(key) != value}
    if not changed and not own:
        return
    _refuse_taken(contact, changed)
    former = [
        Identity(contact=contact, kind=name, value=getattr(contact, name), created_at=now)
        for name in KEYS
        if name in changed and getattr(contact, name)
    ]
    for name, value in changed.items():
        setattr(contact, name, value)
    kept = {**contact.fields, **own}
    contact.fields = {key: value for key, value in kept.items() if value is not None}
    _refuse_nameless(contact)
    contact.updated_at = now
    contact.save(update_fields=[*changed, "fields", "updated_at"])
    Identity.objects.bulk_create(former, ignore_conflicts=True)
    fields.record_changes(
        changes=[(contact.pk, key, value) for key, value in (changed | own).items()],
        source=source,
        now=now,
    )


def _cleaned(changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and custom fields as they are stored; raises Invalid with all problems."""
    problems: list[Problem] = []
    wanted: dict[str, Any] = {}
    for name in changes.keys() & {*IDENTIFIERS, *fields.PROFILE_FIELDS}:
        try:
            wanted[name] = _column(name, changes[name])
        except RowRefused as refusal:
            problems.append(refusal.problem)
        except fields.ValueRefused as refusal:
            problems.append(Problem(refusal.code, refusal.message, name))
    custom = _custom(changes.get("fields") or {}, problems)
    if problems:
        problems.sort(key=lambda problem: problem.field)
        raise Invalid("contact_invalid", _("This contact was not changed."), problems)
    return wanted, custom


def _column(name: str, value: Any) -> Any:
    if name not in IDENTIFIERS:
        return fields.parse_profile(name, value)
    empty = None if name in KEYS else ""
    return clean_identifiers({name: value}).get(name, empty)


def _custom(given: Mapping[str, Any], problems: list[Problem]) -> dict[str, Any]:
    known = ContactField.objects.in_bulk(list(given), field_name="key") if given else {}
    cleaned: dict[str, Any] = {}
    for key, value in given.items():
        try:
            if key not in known:
                raise fields.ValueRefused("unknown_field", fields.unknown_field(key))
            cleaned[key] = fields.parse_value(known[key], value)
        except fields.ValueRefused as refusal:
            problems.append(Problem(refusal.code, refusal.message, f"fields.{key}"))
    return cleaned


def _refuse_taken(contact: Contact, changed: Mapping[str, Any]) -> None:
    """Another contact's present or former address or id cannot be taken over."""
    for name in KEYS:
        value = changed.get(name)
        if not value:
            continue
        known = Identity.objects.filter(kind=name, value=value).exclude(contact=contact)
        present = Contact.objects.filter(**{name: value}).exclude(pk=contact.pk)
        if known.exists() or present.exists():
            raise _taken(name)


def _refuse_nameless(contact: Contact) -> None:
    if not any(getattr(contact, name) for name in IDENTIFIERS):
        sentence = _("Keep an email address, an external id or a phone number.")
        raise Invalid("no_identifier", sentence, [Problem("no_identifier", sentence)])


def _taken(name: str) -> Invalid:
    sentence = _("Another contact has this already.")
    return Invalid("identity_taken", sentence, [Problem("identity_taken", sentence, name)])
