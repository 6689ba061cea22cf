"""One contact by hand: added, changed, noted on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts import fields
from contacts.consent import Action, record_consent
from contacts.models import Contact, ContactField, Identity, Note
from contacts.rows import ContactRow, RowRefused, clean_row
from contacts.upserting import upsert_contacts
from core.errors import Invalid, Problem

NOTE_MAX = 4000
BY_HAND = ("email", "phone", "external_id", "first_name", "last_name", "language", "timezone")
UNIQUE = ("email", "external_id")


@dataclass(frozen=True)
class Agreement:
    """A consent a colleague vouches for: how and where it was given."""

    detail: str


def create_contact(
    *, row: ContactRow, now: datetime, agreement: Agreement | None = None
) -> Contact:
    """Add one contact. Raises Invalid; `contact_exists` when it is there already."""
    with transaction.atomic():
        result = upsert_contacts(rows=[row], source="manual", now=now)[0]
        if result.problem:
            raise Invalid(result.problem.code, result.problem.message, [result.problem])
        if result.status != "created":
            # Whatever the row would have changed is undone with the transaction.
            problem = Problem("contact_exists", _("This contact exists already."), field="email")
            raise Invalid(problem.code, problem.message, [problem])
        contact = Contact.objects.get(pk=result.contact_id or "")
        if agreement:
            record_consent(
                contact_ids=[contact.pk],
                action=Action.SUBSCRIBED,
                source="manual",
                detail=agreement.detail,
                now=now,
            )
    return contact


def edit_contact(*, contact_id: UUID, row: ContactRow, now: datetime) -> set[str]:
    """Give one contact these values, blanks cleared; the names of what changed.

    A replaced address stays known as a former one. Raises Invalid with `email_taken`,
    `external_id_taken` or whatever is wrong with a value.
    """
    known = ContactField.objects.in_bulk(list(row.fields), field_name="key")
    try:
        clean = clean_row(row, 0, known)
    except RowRefused as refusal:
        raise Invalid(refusal.problem.code, refusal.problem.message, [refusal.problem]) from None
    values: dict[str, Any] = dict.fromkeys(BY_HAND, "") | {"email": None, "external_id": None}
    values |= {name: value for name, value in clean.identifiers.items() if name in BY_HAND}
    values |= clean.profile
    try:
        with transaction.atomic():
            return _save(contact_id, values, clean.fields, now)
    except IntegrityError as error:
        raise _taken(str(error)) from None


def _save(
    contact_id: UUID, values: Mapping[str, Any], custom: Mapping[str, Any], now: datetime
) -> set[str]:
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    changes = {name: value for name, value in values.items() if getattr(contact, name) != value}
    former = [(kind, getattr(contact, kind)) for kind in UNIQUE if kind in changes]
    for name, value in changes.items():
        setattr(contact, name, value)
    changed_fields = {k: v for k, v in custom.items() if contact.fields.get(k) != v}
    merged = {**contact.fields, **changed_fields}
    contact.fields = {key: value for key, value in merged.items() if value is not None}
    if not changes and not changed_fields:
        return set()
    contact.updated_at = now
    contact.save(update_fields=[*changes, "fields", "updated_at"])
    Identity.objects.bulk_create(
        [
            Identity(contact=contact, kind=kind, value=value, created_at=now)
            for kind, value in former
            if value
        ],
        ignore_conflicts=True,
    )
    told = [(contact.pk, key, value) for key, value in {**changes, **changed_fields}.items()]
    fields.record_changes(changes=told, source="manual", now=now)
    return {*changes, *changed_fields}


def _taken(text: str) -> Invalid:
    name = "external_id" if "external_id" in text else "email"
    messages = {
        "email": _("Another contact has this address."),
        "external_id": _("Another contact has this number."),
    }
    return Invalid(
        f"{name}_taken", messages[name], [Problem(f"{name}_taken", messages[name], field=name)]
    )


def add_note(
    *, contact_id: UUID, text: str, author_id: UUID | None, author_name: str, now: datetime
) -> Note:
    """Keep a colleague's note on a contact. Raises Invalid `bad_note`."""
    words = text.replace("\x00", "").strip()
    if not words or len(words) > NOTE_MAX:
        raise Invalid(
            "bad_note", _("Write a note of at most %(most)s characters.") % {"most": NOTE_MAX}
        )
    return Note.objects.create(
        contact_id=contact_id,
        text=words,
        author_id=author_id,
        author_name=author_name[:120],
        created_at=now,
    )
