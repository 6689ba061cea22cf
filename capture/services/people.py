"""The contacts behind the forms."""

from datetime import datetime
from uuid import UUID

from contacts.fields import set_field
from contacts.models import Contact
from contacts.rows import ContactRow
from contacts.upserting import upsert_contacts
from core.errors import Invalid


def find_or_add_contact(*, email: str, language: str, source: str, now: datetime) -> UUID:
    """The contact with this address, added when there was none; one that exists stays as it is."""
    is_known = Contact.objects.filter(email=email).exists()
    row = ContactRow(email=email) if is_known else ContactRow(email=email, language=language)
    return _fill(row, source, now)


def fill_blanks(
    *, contact: Contact, first_name: str, language: str, source: str, now: datetime
) -> None:
    """Write what is still unknown about a contact; what is known stays."""
    if contact.email:
        row = ContactRow(email=contact.email, first_name=first_name or None, language=language)
        _fill(row, source, now)


def change_profile(*, contact_id: UUID, first_name: str, language: str, now: datetime) -> None:
    """Write what the contact said about themselves."""
    for key, value in (("first_name", first_name), ("language", language)):
        set_field(contact_ids=[contact_id], key=key, value=value, source="preferences", now=now)


def _fill(row: ContactRow, source: str, now: datetime) -> UUID:
    """Create the contact or fill its blanks; who was erased has come back by themselves."""
    result = upsert_contacts(rows=[row], source=source, now=now, fill_only=True, allow_erased=True)[
        0
    ]
    if result.contact_id is None:
        problem = result.problem
        raise Invalid(problem.code if problem else "refused", problem.message if problem else "")
    return result.contact_id
