"""Tells whom each event is about, first of all consumers, and keeps what is asked for often."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from contacts.identity import resolve_many, usable_identifiers
from contacts.projections import note_seen, project_tickets
from contacts.rows import ContactRow
from contacts.upserting import upsert_contacts
from events.contracts import Consumer, consumers
from events.models import Event

ORDER = 10

SET_CONTACT = f"""
    UPDATE {Event._meta.db_table} AS event SET contact_id = found.contact_id
      FROM unnest(%s::bigint[], %s::uuid[]) AS found (id, contact_id)
     WHERE event.id = found.id"""
# The address of somebody who asked to be forgotten must not stay in the log either.
FORGET = f"UPDATE {Event._meta.db_table} SET identifiers = '{{}}' WHERE id = ANY(%s)"

Known = tuple[tuple[str, str], ...]


def identify(events: Sequence[Event], now: datetime) -> None:
    """Set contact_id on the events that lack it, on the rows and on the objects.

    Contacts are made for an address or an external id; a phone or a browser alone makes nobody.
    """
    waiting = [event for event in events if event.contact_id is None and event.identifiers]
    if not waiting:
        return
    given: list[Known] = [tuple(usable_identifiers(e.identifiers).items()) for e in waiting]
    owners, erased = _owners(dict.fromkeys(given), _source(waiting), now)
    found = []
    for event, known in zip(waiting, given, strict=True):
        event.contact_id = owners.get(known)
        if event.contact_id:
            found.append((event.pk, event.contact_id))
    forgotten = [e for e, known in zip(waiting, given, strict=True) if known in erased]
    for event in forgotten:
        event.identifiers = {}
    with connection.cursor() as cursor:
        if found:
            cursor.execute(SET_CONTACT, [[pk for pk, _ in found], [owner for _, owner in found]])
        if forgotten:
            cursor.execute(FORGET, [[event.pk for event in forgotten]])


def _row(known: dict[str, str]) -> ContactRow:
    return ContactRow(
        email=known.get("email"),
        external_id=known.get("external_id"),
        phone=known.get("phone"),
        anonymous_id=known.get("anonymous_id"),
    )


def _source(events: Sequence[Event]) -> str:
    return events[0].source


def _owners(
    known: dict[Known, None], source: str, now: datetime
) -> tuple[dict[Known, UUID | None], set[Known]]:
    """The contact behind each set of identifiers, and the sets of people who were erased."""
    naming = [each for each in known if {"email", "external_id"} & dict(each).keys()]
    results = upsert_contacts(
        rows=[_row(dict(each)) for each in naming], source=source, now=now, fill_only=True
    )
    owners: dict[Known, UUID | None] = {
        each: result.contact_id for each, result in zip(naming, results, strict=True)
    }
    erased = {
        each
        for each, result in zip(naming, results, strict=True)
        if result.problem and result.problem.code == "erased_contact"
    }
    rest = [each for each in known if each not in erased and not owners.get(each)]
    owners |= dict(zip(rest, resolve_many([dict(each) for each in rest]), strict=True))
    return owners, erased


consumers.register(Consumer("identity", ORDER, identify))
consumers.register(Consumer("contacts.tickets", 20, project_tickets))
consumers.register(Consumer("contacts.last_seen", 20, note_seen))
