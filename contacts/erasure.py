"""Forgetting a person: every floor cleans its own rows, in one transaction."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction

from contacts import consent
from contacts.contracts import Eraser, Erasure, erasers
from contacts.models import (
    ConsentEntry,
    Contact,
    ContactExport,
    ContactImport,
    Identity,
    ImportProblem,
    Suppression,
)
from events.erasure import forget_contact


def erase_contact(*, contact_id: UUID, now: datetime) -> bool:
    """Delete everything that names this person; False when there is no such contact.

    What stays is a SHA-256 of each address on the suppression list, so that no import brings the
    person back. Cannot be undone.
    """
    with transaction.atomic():
        contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
        if contact is None:
            return False
        erasure = Erasure(contact_id, _addresses(contact), now)
        for eraser in sorted(erasers, key=lambda each: (each.order, each.key)):
            eraser.erase(erasure)
        _erase_ledger(contact_id)
        forget_contact(contact_id=contact_id, addresses=erasure.addresses)
        Suppression.objects.filter(channel="email", value__in=erasure.addresses).delete()
        consent.suppress(addresses=erasure.addresses, reason=Suppression.Reason.ERASED, now=now)
        contact.delete()
    return True


def _addresses(contact: Contact) -> tuple[str, ...]:
    former = contact.identities.filter(kind=Identity.Kind.EMAIL).values_list("value", flat=True)
    return tuple(sorted({*former, *([contact.email] if contact.email else [])}))


def _erase_ledger(contact_id: UUID) -> None:
    """The ledger refuses deletes, except in a transaction that says it is an erasure."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL viaggio.erasing = 'on'")
        ConsentEntry.objects.filter(contact_id=contact_id).delete()
        cursor.execute("SET LOCAL viaggio.erasing = ''")


def _erase_transfers(erasure: Erasure) -> None:
    """Refused rows and files that may still hold the address."""
    for address in erasure.addresses:
        ImportProblem.objects.filter(row__icontains=address).update(row=[])
    exports = ContactExport.objects.exclude(status=ContactExport.Status.RUNNING)
    uploads = ContactImport.objects.filter(status=ContactImport.Status.UPLOADED)
    for name in [*exports.values_list("file", flat=True), *uploads.values_list("file", flat=True)]:
        if name:
            transaction.on_commit(partial(default_storage.delete, name))
    exports.update(file="")
    uploads.update(file="")


erasers.register(Eraser("transfers", _erase_transfers))
