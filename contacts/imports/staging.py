"""The statements of one batch: copied into a temporary table, then one statement per table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from contacts.imports.cells import Person
from contacts.models import (
    ConsentEntry,
    Contact,
    ContactTag,
    Identity,
    ImportProblem,
    Suppression,
    Tag,
)
from core.ids import uuid7

CONTACT = Contact._meta.db_table
PROFILE = ("phone", "first_name", "last_name", "language", "timezone")
COLUMNS = ("line", "new_id", "email", "external_id", *PROFILE, "fields", "tags", "status",
           "consent_at", "consent_ip", "doubles")  # fmt: skip

CREATE = """
    CREATE TEMP TABLE import_row (
        line int, new_id uuid, email text, external_id text, phone text, first_name text,
        last_name text, language text, timezone text, fields jsonb, tags text, status text,
        consent_at timestamptz, consent_ip inet, doubles int,
        contact_id uuid, was text, refused text
    ) ON COMMIT DROP"""
COPY = f"COPY import_row ({', '.join(COLUMNS)}) FROM STDIN"
# Without figures the planner takes a nested loop over an empty-looking table.
ANALYZE = "ANALYZE import_row (email)"

REFUSE_ERASED = f"""
    UPDATE import_row SET refused = 'erased_contact'
      FROM {Suppression._meta.db_table} AS gone
     WHERE gone.channel = 'email' AND gone.reason = 'erased'
       AND gone.value = encode(sha256(import_row.email::bytea), 'hex')"""
HAS_ERASED = f"SELECT EXISTS (SELECT 1 FROM {Suppression._meta.db_table} WHERE reason = 'erased')"
HAS_FORMER = f"SELECT EXISTS (SELECT 1 FROM {Identity._meta.db_table} WHERE kind = 'email')"

# Locked in the order of ids, as every other writer of many contacts does.
FIND_BY_EMAIL = f"""
    WITH found AS (
        SELECT contact.id, contact.email, contact.email_consent
          FROM {CONTACT} AS contact JOIN import_row USING (email)
         WHERE import_row.contact_id IS NULL
         ORDER BY contact.id FOR UPDATE OF contact
    )
    UPDATE import_row SET contact_id = found.id, was = found.email_consent
      FROM found WHERE import_row.email = found.email AND import_row.refused IS NULL"""
FIND_BY_FORMER = f"""
    WITH found AS (
        SELECT contact.id, identity.value, contact.email_consent
          FROM {Identity._meta.db_table} AS identity
          JOIN import_row ON identity.kind = 'email' AND identity.value = import_row.email
          JOIN {CONTACT} AS contact ON contact.id = identity.contact_id
         WHERE import_row.contact_id IS NULL
         ORDER BY contact.id FOR UPDATE OF contact
    )
    UPDATE import_row SET contact_id = found.id, was = found.email_consent
      FROM found WHERE import_row.email = found.value AND import_row.refused IS NULL"""
FIND_BY_ID = f"""
    WITH found AS (
        SELECT contact.id, contact.external_id, contact.email_consent
          FROM {CONTACT} AS contact JOIN import_row USING (external_id)
         ORDER BY contact.id FOR UPDATE OF contact
    )
    UPDATE import_row
       SET contact_id = COALESCE(contact_id, found.id),
           was = COALESCE(was, found.email_consent),
           refused = CASE WHEN contact_id <> found.id THEN 'identity_conflict' END
      FROM found WHERE import_row.external_id = found.external_id AND import_row.refused IS NULL"""
# Two rows about one contact, one by its address and one by its id: the first line wins.
REFUSE_SECOND = """
    UPDATE import_row SET refused = 'identity_conflict'
      FROM (SELECT contact_id, min(line) AS line FROM import_row
             WHERE contact_id IS NOT NULL GROUP BY contact_id HAVING count(*) > 1) AS first
     WHERE import_row.contact_id = first.contact_id AND import_row.line <> first.line"""

INSERT = f"""
    INSERT INTO {CONTACT} (id, email, external_id, {", ".join(PROFILE)}, fields, email_consent,
                           source, created_at, updated_at)
    SELECT new_id, email, external_id, {", ".join(PROFILE)}, fields,
           CASE WHEN status IN ('subscribed', 'unsubscribed') THEN status ELSE 'none' END,
           'import', %(now)s, %(now)s
      FROM import_row WHERE contact_id IS NULL AND refused IS NULL ORDER BY email
    ON CONFLICT DO NOTHING"""
COUNT_NEW = "SELECT count(*) FROM import_row WHERE contact_id IS NULL AND refused IS NULL"

_NEW_VALUES = ", ".join(
    f"{name} = CASE WHEN import_row.{name} <> '' THEN import_row.{name} ELSE contact.{name} END"
    for name in PROFILE
)
_DIFFERS = " OR ".join(
    f"(import_row.{name} <> '' AND import_row.{name} <> contact.{name})" for name in PROFILE
)
# A status only ever goes down, but for those who were never asked.
_CONSENT = """CASE WHEN import_row.status = 'unsubscribed' THEN 'unsubscribed'
                   WHEN import_row.status = 'subscribed' AND contact.email_consent = 'none'
                   THEN 'subscribed' ELSE contact.email_consent END"""
UPDATE = f"""
    UPDATE {CONTACT} AS contact
       SET email = COALESCE(contact.email, import_row.email),
           external_id = COALESCE(import_row.external_id, contact.external_id),
           {_NEW_VALUES}, fields = contact.fields || import_row.fields,
           email_consent = {_CONSENT}, updated_at = %(now)s
      FROM import_row
     WHERE contact.id = import_row.contact_id AND import_row.refused IS NULL
       AND ({_DIFFERS} OR NOT contact.fields @> import_row.fields
            OR (contact.email IS NULL AND import_row.email IS NOT NULL)
            OR import_row.external_id <> COALESCE(contact.external_id, '')
            OR contact.email_consent <> {_CONSENT})
    RETURNING contact.id"""

# Only those who were there before are told: nobody asks whether a new contact has changed.
ADD_TAGS = f"""
    WITH added AS (
        INSERT INTO {ContactTag._meta.db_table} (contact_id, tag_id, source, created_at)
        SELECT COALESCE(import_row.contact_id, import_row.new_id), tag.id, 'import', %(now)s
          FROM import_row
         CROSS JOIN LATERAL unnest(string_to_array(import_row.tags, E'\\x1f')) AS wanted (name)
          JOIN {Tag._meta.db_table} AS tag ON tag.name = wanted.name
         WHERE import_row.refused IS NULL AND import_row.tags <> ''
        ON CONFLICT (contact_id, tag_id) DO NOTHING
        RETURNING contact_id
    )
    SELECT DISTINCT contact_id FROM added JOIN import_row USING (contact_id)"""

WRITE_LEDGER = f"""
    INSERT INTO {ConsentEntry._meta.db_table} (contact_id, channel, action, source, detail,
                                               wording_id, ip, occurred_at, recorded_at)
    SELECT COALESCE(contact_id, new_id), 'email', status, 'import', %(detail)s,
           CASE WHEN status = 'subscribed' THEN %(wording)s::bigint END, consent_ip,
           COALESCE(consent_at, %(now)s), %(now)s
      FROM import_row
     WHERE refused IS NULL
       AND ((status = 'subscribed' AND COALESCE(was, 'none') = 'none')
            OR (status = 'unsubscribed' AND COALESCE(was, 'none') <> 'unsubscribed'))"""

SUPPRESS = f"""
    INSERT INTO {Suppression._meta.db_table} (channel, value, reason, detail, created_at)
    SELECT 'email', email, 'bounced', %(detail)s, COALESCE(consent_at, %(now)s)
      FROM import_row WHERE status = 'bounced' AND refused IS NULL AND email IS NOT NULL
    ON CONFLICT (channel, value) DO NOTHING"""

OUTCOME = """
    SELECT count(*) FILTER (WHERE refused IS NULL AND contact_id IS NULL),
           count(*) FILTER (WHERE refused IS NULL AND contact_id IS NOT NULL),
           count(*) FILTER (WHERE refused IS NULL AND status IN ('subscribed', 'claimed')
                              AND was = 'unsubscribed'),
           coalesce(sum(doubles) FILTER (WHERE refused IS NULL), 0)
      FROM import_row"""
REFUSED = "SELECT line, refused, doubles FROM import_row WHERE refused IS NOT NULL ORDER BY line"

ADD_PROBLEMS = f"""
    INSERT INTO {ImportProblem._meta.db_table} (job_id, line, "column", code, message, row)
    SELECT %s, line, name, code, message, row
      FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
        AS new (line, name, code, message, row)
    ON CONFLICT (job_id, line) DO NOTHING"""


@dataclass(frozen=True)
class Outcome:
    """What became of a batch; `refused` is (line, code, rows of the file it stood for)."""

    created: int
    updated: int
    unchanged: int
    kept_unsubscribed: int
    refused: list[tuple[int, str, int]]


def write_people(
    people: Sequence[Person], *, detail: str, wording_id: int | None, now: datetime
) -> Outcome:
    """Write a batch in the caller's transaction; each statement serves all its rows."""
    given: dict[str, Any] = {"now": now, "detail": detail[:300], "wording": wording_id}
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
        with cursor.copy(COPY) as copy:
            copy.write("".join(_copied(people)))
        cursor.execute(ANALYZE)
        _resolve(cursor, has_ids=any(person.external_id for person in people))
        cursor.execute(UPDATE, given)
        changed = {row[0] for row in cursor.fetchall()}
        _insert(cursor, given)
        if any(person.tags for person in people):
            cursor.execute(ADD_TAGS, given)
            changed |= {row[0] for row in cursor.fetchall()}
        if any(person.status for person in people):
            cursor.execute(WRITE_LEDGER, given)
            cursor.execute(SUPPRESS, given)
        cursor.execute("SELECT contact_id FROM import_row WHERE contact_id IS NOT NULL")
        updated = sum(1 for row in cursor.fetchall() if row[0] in changed)
        cursor.execute(OUTCOME)
        created, known, kept, doubles = cursor.fetchone()
        cursor.execute(REFUSED)
        refused = cursor.fetchall()
        cursor.execute("DROP TABLE import_row")
    return Outcome(created, updated + doubles, known - updated, kept, refused)


def _resolve(cursor: Any, *, has_ids: bool) -> None:
    """Find the contacts that are there already, and refuse whom we may not take."""
    cursor.execute(HAS_ERASED)
    if cursor.fetchone()[0]:
        cursor.execute(REFUSE_ERASED)
    cursor.execute(FIND_BY_EMAIL)
    cursor.execute(HAS_FORMER)
    if cursor.fetchone()[0]:
        cursor.execute(FIND_BY_FORMER)
        has_ids = True
    if has_ids:
        cursor.execute(FIND_BY_ID)
        cursor.execute(REFUSE_SECOND)


def _insert(cursor: Any, given: dict[str, Any]) -> None:
    """Insert the new ones. Whoever another process just created is left to the next batch run.

    A lost race raises, the batch rolls back whole and is done again: then they are found.
    """
    cursor.execute(COUNT_NEW)
    wanted = cursor.fetchone()[0]
    cursor.execute(INSERT, given)
    if cursor.rowcount != wanted:
        raise LostRace


class LostRace(Exception):
    """Somebody else created one of these contacts meanwhile; the batch can be done again."""


def _copied(people: Iterable[Person]) -> Iterable[str]:
    """Lines of COPY's text format; only backslashes need care, cells hold no control characters."""
    for person in people:
        # \t and \n cannot occur in the cleaned cells; JSON escapes its own.
        line = "\t".join(
            (
                str(person.line),
                uuid7().hex,
                person.email or "\x00",
                person.external_id or "\x00",
                person.phone,
                person.first_name,
                person.last_name,
                person.language,
                person.timezone,
                person.fields_json(),
                "\x1f".join(person.tags),
                person.status,
                person.consent_at or "\x00",
                person.consent_ip or "\x00",
                str(person.doubles),
            )
        )
        if "\\" in line:
            line = line.replace("\\", "\\\\")
        yield line.replace("\x00", "\\N") + "\n"


def add_problems(job_id: Any, problems: Sequence[tuple[int, str, str, str, Any]]) -> None:
    """Keep refused rows: (line, column, code, message, cells as Jsonb)."""
    if problems:
        with connection.cursor() as cursor:
            cursor.execute(ADD_PROBLEMS, [job_id, *map(list, zip(*problems, strict=True))])
