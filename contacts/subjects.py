"""Contacts are whom events are about."""

from uuid import UUID

from contacts.models import Contact
from events.subjects import SubjectKind, subject_kinds


def known_contacts(ids: set[UUID]) -> set[UUID]:
    """Those of the ids that are contacts of this workspace."""
    return set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))


subject_kinds.register(SubjectKind("contacts", known_contacts))
