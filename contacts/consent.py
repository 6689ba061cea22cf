"""What people allow: the ledger, the status it adds up to, and who is never written to."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from contacts.addresses import AddressError, normal_address
from contacts.models import ConsentEntry, ConsentWording, Contact, Suppression
from core.errors import Invalid
from events.services import NewEvent, record_many

Action = ConsentEntry.Action

EVENTS = {
    Action.REQUESTED: "consent.requested",
    Action.SUBSCRIBED: "consent.confirmed",
    Action.UNSUBSCRIBED: "consent.withdrawn",
}
# The status each action leads to, and from which statuses. Being asked lowers nobody: anyone may
# type in anyone's address.
LEADS_TO = {
    Action.REQUESTED: (Contact.Consent.PENDING, [Contact.Consent.NONE]),
    Action.SUBSCRIBED: (
        Contact.Consent.SUBSCRIBED,
        [Contact.Consent.NONE, Contact.Consent.PENDING, Contact.Consent.UNSUBSCRIBED],
    ),
    Action.UNSUBSCRIBED: (
        Contact.Consent.UNSUBSCRIBED,
        [Contact.Consent.NONE, Contact.Consent.PENDING, Contact.Consent.SUBSCRIBED],
    ),
}
# Their own doing: it lifts the fence that an earlier erasure left.
BY_THEMSELVES = frozenset({"form", "preferences"})

# Asking and confirming are always on record, with their wording; leaving twice is leaving once.
RECORD = f"""
    WITH chosen AS (
        SELECT id, email_consent FROM {Contact._meta.db_table} WHERE id = ANY(%(ids)s)
         ORDER BY id FOR NO KEY UPDATE
    ), changed AS (
        UPDATE {Contact._meta.db_table} AS contact
           SET email_consent = %(status)s, updated_at = %(now)s
          FROM chosen
         WHERE contact.id = chosen.id AND chosen.email_consent = ANY(%(from)s)
        RETURNING contact.id
    ), written AS (
        INSERT INTO {ConsentEntry._meta.db_table} (contact_id, channel, action, source, detail,
                                                   wording_id, ip, occurred_at, recorded_at)
        SELECT id, 'email', %(action)s, %(source)s, %(detail)s, %(wording)s, %(ip)s::inet,
               %(occurred_at)s, %(now)s
          FROM chosen
         WHERE %(action)s <> 'unsubscribed' OR chosen.id IN (SELECT id FROM changed)
        RETURNING id, contact_id
    )
    SELECT written.id, written.contact_id, changed.id IS NOT NULL
      FROM written LEFT JOIN changed ON changed.id = written.contact_id"""


def record_consent(
    *,
    contact_ids: Sequence[UUID],
    action: str,
    source: str,
    now: datetime,
    wording: ConsentWording | None = None,
    ip: str | None = None,
    detail: str = "",
    occurred_at: datetime | None = None,
    data: Mapping[str, Any] | None = None,
) -> set[UUID]:
    """Write what people decided into the ledger; the ids of those whose status changed.

    `source` is form, preferences, one_click, api, manual, complaint or provider; imports have
    their own, stricter door. Records consent.requested for everyone asked, consent.confirmed and
    consent.withdrawn for those whose status changed; `data` goes into those events.
    """
    kind = Action(action)
    if kind == Action.SUBSCRIBED and source == "import":
        raise Invalid("import_consent", "An import never confirms a consent.")
    status, sources = LEADS_TO[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            RECORD,
            {
                "ids": list(contact_ids),
                "status": status.value,
                "from": [each.value for each in sources],
                "action": kind.value,
                "source": source[:40],
                "detail": detail[:300],
                "wording": wording.pk if wording else None,
                "ip": ip,
                "occurred_at": occurred_at or now,
                "now": now,
            },
        )
        written = cursor.fetchall()
    changed = {contact_id for _entry, contact_id, is_changed in written if is_changed}
    if kind == Action.SUBSCRIBED and source in BY_THEMSELVES:
        _lift_erasure(changed)
    facts = {**(data or {}), "channel": "email", "source": source}
    _record(kind, written, facts=facts, occurred_at=occurred_at or now, now=now)
    return changed


def _record(
    kind: Action,
    written: Sequence[tuple[int, UUID, bool]],
    *,
    facts: dict[str, Any],
    occurred_at: datetime,
    now: datetime,
) -> None:
    record_many(
        events=[
            NewEvent(
                type=EVENTS[kind],
                occurred_at=occurred_at,
                contact_id=contact_id,
                data=facts,
                message_id=f"consent:{entry_id}",
            )
            for entry_id, contact_id, is_changed in written
            if is_changed or kind == Action.REQUESTED
        ],
        now=now,
    )


def _lift_erasure(contact_ids: Iterable[UUID]) -> None:
    addresses = Contact.objects.filter(pk__in=list(contact_ids), email__isnull=False)
    hashes = [address_hash(each) for each in addresses.values_list("email", flat=True) if each]
    Suppression.objects.filter(value__in=hashes, reason=Suppression.Reason.ERASED).delete()


def address_hash(address: str) -> str:
    """What the suppression list keeps of an erased address: its SHA-256 in hex."""
    return hashlib.sha256(address.encode()).hexdigest()


def erased_among(addresses: Sequence[str]) -> set[str]:
    """Those of these normal addresses whose owner asked to be forgotten."""
    by_hash = {address_hash(address): address for address in addresses}
    found = Suppression.objects.filter(
        channel="email", value__in=list(by_hash), reason=Suppression.Reason.ERASED
    ).values_list("value", flat=True)
    return {by_hash[value] for value in found}


def suppress(*, addresses: Sequence[str], reason: str, now: datetime, detail: str = "") -> set[str]:
    """Never write to these addresses again; those that were not on the list before.

    A complaint is also a withdrawal of consent, and recorded as one; as a reason it outranks a
    bounce, whichever came first. Text that is no address is ignored: nothing could be sent to it.
    """
    kind = Suppression.Reason(reason)
    normal = sorted(_normal(addresses))
    values = [address_hash(each) for each in normal] if kind == kind.ERASED else normal
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Suppression._meta.db_table} AS old"
            "   (channel, value, reason, detail, created_at)"
            " SELECT 'email', value, %s, %s, %s FROM unnest(%s::text[]) AS new (value)"
            " ON CONFLICT (channel, value) DO UPDATE"
            "   SET reason = EXCLUDED.reason, detail = EXCLUDED.detail"
            " WHERE old.reason = 'bounced' AND EXCLUDED.reason = 'complained'"
            # A row that was there before carries the transaction that changes it.
            " RETURNING value, xmax = 0",
            [kind.value, detail[:300], now, values],
        )
        new = {value for value, is_new in cursor.fetchall() if is_new}
    # The send policy holds these rows up to its send moment: wait for it, or be seen by it.
    Contact.objects.filter(email__in=normal).update(updated_at=now)
    if kind == Suppression.Reason.COMPLAINED:
        ids = list(Contact.objects.filter(email__in=normal).values_list("pk", flat=True))
        record_consent(
            contact_ids=ids, action=Action.UNSUBSCRIBED, source="complaint", detail=detail, now=now
        )
    return new


def _normal(addresses: Iterable[str]) -> set[str]:
    found = set()
    for address in addresses:
        try:
            found.add(normal_address(address))
        except AddressError:
            continue
    return found


def ledger_of(contact_id: UUID) -> QuerySet[ConsentEntry]:
    """A contact's ledger, newest first, with the wordings."""
    return (
        ConsentEntry.objects.filter(contact_id=contact_id)
        .select_related("wording")
        .order_by("-occurred_at", "-id")
    )
