"""Who is meant by an address, an id or a phone number."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from contacts.models import Contact, Identity
from contacts.rows import IDENTIFIER_MAX, ContactRow, RowRefused, clean_identifiers
from contacts.upserting import UpsertResult, upsert_contacts

__all__ = ["ContactRow", "UpsertResult", "resolve", "resolve_many", "upsert_contacts"]

# Strongest first: an id given by the business, an address, a former one, a browser, a phone.
RESOLVE = f"""
    SELECT given.n, COALESCE(
        (SELECT id FROM {Contact._meta.db_table} WHERE external_id = given.external_id),
        (SELECT id FROM {Contact._meta.db_table} WHERE email = given.email),
        (SELECT contact_id FROM {Identity._meta.db_table}
          WHERE kind = 'external_id' AND value = given.external_id),
        (SELECT contact_id FROM {Identity._meta.db_table}
          WHERE kind = 'email' AND value = given.email),
        (SELECT contact_id FROM {Identity._meta.db_table}
          WHERE kind = 'anonymous_id' AND value = given.anonymous_id),
        (SELECT id FROM {Contact._meta.db_table}
          WHERE phone = given.phone AND phone <> '' ORDER BY id LIMIT 1))
      FROM unnest(%(email)s::text[], %(external_id)s::text[], %(anonymous_id)s::text[],
                  %(phone)s::text[])
      WITH ORDINALITY AS given (email, external_id, anonymous_id, phone, n)"""


def resolve(identifiers: Mapping[str, Any]) -> Contact | None:
    """The contact these identifiers name (email, external_id, anonymous_id, phone), or None."""
    contact_id = resolve_many([identifiers])[0]
    return Contact.objects.get(pk=contact_id) if contact_id else None


def resolve_many(identifiers: Sequence[Mapping[str, Any]]) -> list[UUID | None]:
    """The contact each set of identifiers names, in one statement, in the order given.

    An identifier that could name nobody (a bad address, a placeholder) is passed over.
    """
    if not identifiers:
        return []
    usable = [usable_identifiers(each) for each in identifiers]
    arrays = {kind: [each.get(kind) for each in usable] for kind in IDENTIFIER_MAX}
    with connection.cursor() as cursor:
        cursor.execute(RESOLVE, arrays)
        found = dict(cursor.fetchall())
    return [found[number] for number in range(1, len(usable) + 1)]


def usable_identifiers(given: Mapping[str, Any]) -> dict[str, str]:
    """Those identifiers that can name somebody, in the form they are stored in."""
    usable: dict[str, str] = {}
    for kind in IDENTIFIER_MAX:
        try:
            usable |= clean_identifiers({kind: given.get(kind)})
        except RowRefused:
            continue
    return usable
