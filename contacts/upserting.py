"""Creating and updating many contacts at once, one statement per table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from contacts import fields, tags
from contacts.consent import erased_among
from contacts.models import Contact, ContactField, Identity
from contacts.rows import CleanRow, ContactRow, RowRefused, clean_row
from core.errors import Problem, Retryable
from core.ids import uuid7
from events.services import NewEvent, record_many

Status = Literal["created", "updated", "unchanged", "refused"]

# How often rows that lost a race against another process are looked up again.
ATTEMPTS = 3
COLUMNS = ("email", "external_id", "phone", "first_name", "last_name", "language", "timezone")
UNIQUE = ("email", "external_id")
TABLE = Contact._meta.db_table

FIND = f"""
    SELECT id, {", ".join(COLUMNS)}, fields FROM {TABLE}
     WHERE email = ANY(%(email)s) OR external_id = ANY(%(external_id)s)
        OR (phone <> '' AND phone = ANY(%(phone)s))
        OR id IN (SELECT contact_id FROM {Identity._meta.db_table}
                   WHERE (kind, value) IN (SELECT * FROM unnest(%(kinds)s::text[],
                                                                %(values)s::text[])))
     ORDER BY id FOR NO KEY UPDATE"""
FIND_IDENTITIES = f"""
    SELECT kind, value, contact_id FROM {Identity._meta.db_table}
     WHERE (kind, value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"""
UNNESTED = f"""
    unnest(%(id)s::uuid[], {", ".join(f"%({name})s::text[]" for name in COLUMNS)},
           %(fields)s::jsonb[]) AS new (id, {", ".join(COLUMNS)}, fields)"""
INSERT = f"""
    INSERT INTO {TABLE} (id, {", ".join(COLUMNS)}, fields, email_consent, source,
                         created_at, updated_at)
    SELECT id, {", ".join(COLUMNS)}, fields, 'none', %(source)s, %(now)s, %(now)s
      FROM {UNNESTED} ORDER BY email, external_id
    ON CONFLICT DO NOTHING RETURNING id"""
UPDATE = f"""
    UPDATE {TABLE} AS contact
       SET {", ".join(f"{name} = new.{name}" for name in COLUMNS)}, fields = new.fields,
           updated_at = %(now)s
      FROM {UNNESTED} WHERE contact.id = new.id"""


@dataclass(frozen=True)
class UpsertResult:
    """What became of one row, in the order the rows were given."""

    index: int
    status: Status
    contact_id: UUID | None = None
    problem: Problem | None = None


@dataclass
class Draft:
    """A contact as it will stand after the rows seen so far."""

    values: dict[str, Any]
    is_new: bool
    changed: set[str] = field(default_factory=set)
    former: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        found: UUID = self.values["id"]
        return found


class Directory:
    """The contacts a batch may mean, by each of their identifiers."""

    def __init__(self) -> None:
        self.drafts: dict[UUID, Draft] = {}
        self._owner: dict[tuple[str, str], Draft] = {}

    def add(self, draft: Draft) -> None:
        self.drafts[draft.id] = draft
        for kind in ("email", "external_id", "phone"):
            value = draft.values[kind]
            if value:
                self._owner.setdefault((kind, value), draft)

    def know(self, kind: str, value: str, contact_id: UUID) -> None:
        """A further identifier of a contact already added."""
        self._owner.setdefault((kind, value), self.drafts[contact_id])

    def claim(self, kind: str, value: str, draft: Draft) -> None:
        self._owner[(kind, value)] = draft

    def owner(self, kind: str, identifiers: Mapping[str, str]) -> Draft | None:
        return self._owner.get((kind, identifiers.get(kind, "")))

    def meant_by(self, identifiers: Mapping[str, str]) -> Draft | None:
        """Whom the identifiers name, strongest first; raises RowRefused when they name two."""
        by_id = self.owner("external_id", identifiers)
        by_email = self.owner("email", identifiers)
        if by_id and by_email and by_id is not by_email:
            raise RowRefused(
                Problem(
                    "identity_conflict",
                    _("The address and the external id belong to two different contacts."),
                    field="external_id",
                )
            )
        if by_id or by_email:
            return by_id or by_email
        if identifiers.keys() & set(UNIQUE):
            # A family shares a phone: it names somebody only where nothing better was given.
            return None
        return self.owner("phone", identifiers)


def upsert_contacts(
    *,
    rows: Sequence[ContactRow],
    source: str,
    now: datetime,
    create_fields: bool = False,
    fill_only: bool = False,
    allow_erased: bool = False,
) -> list[UpsertResult]:
    """Create or update contacts by email, external id or phone; one result per row, in order.

    A refused row changes nothing and stops nobody. `create_fields` makes unknown custom fields,
    typed by their first value. `fill_only` writes only what is still empty. `allow_erased` is for
    people who come back by themselves after an erasure. Consent is never touched here.
    """
    known = _known_fields(rows, create_fields=create_fields)
    results: dict[int, UpsertResult] = {}
    clean: list[CleanRow] = []
    for index, row in enumerate(rows):
        try:
            clean.append(clean_row(row, index, known))
        except RowRefused as refusal:
            results[index] = UpsertResult(index, "refused", problem=refusal.problem)
    if not allow_erased:
        clean = _without_erased(clean, results)
    with transaction.atomic():
        for _attempt in range(ATTEMPTS):
            if not clean:
                break
            clean = _write(clean, results, source=source, now=now, fill_only=fill_only)
    if clean:
        raise Retryable("contacts_busy", _("These contacts are being changed elsewhere."))
    return [results[index] for index in range(len(rows))]


def _known_fields(rows: Sequence[ContactRow], *, create_fields: bool) -> dict[str, ContactField]:
    named = {key: value for row in rows for key, value in row.fields.items()}
    if not named:
        return {}
    known = ContactField.objects.in_bulk(list(named), field_name="key")
    if create_fields:
        known |= fields.create_fields(
            fields=[
                ContactField(key=key, label=key.replace("_", " ").capitalize(), type=kind)
                for key, value in named.items()
                if key not in known and key == fields.field_key(key)
                for kind in [fields.inferred_type(value)]
            ]
        )
    return known


def _without_erased(rows: list[CleanRow], results: dict[int, UpsertResult]) -> list[CleanRow]:
    erased = erased_among([row.identifiers["email"] for row in rows if "email" in row.identifiers])
    for row in rows:
        if row.identifiers.get("email") in erased:
            results[row.index] = UpsertResult(row.index, "refused", problem=erased_problem())
    return [row for row in rows if row.index not in results]


def erased_problem() -> Problem:
    """Why an erased address is not taken again."""
    return Problem(
        "erased_contact",
        _("This person asked to be forgotten, so the address is not stored again."),
        field="email",
    )


def _write(
    rows: list[CleanRow],
    results: dict[int, UpsertResult],
    *,
    source: str,
    now: datetime,
    fill_only: bool,
) -> list[CleanRow]:
    """Write the rows; those that lost a race to another process come back to be tried again."""
    directory = _find(rows)
    outcomes: list[tuple[CleanRow, Draft, Status]] = []
    for row in rows:
        try:
            outcomes.append((row, *_apply(row, directory, fill_only=fill_only)))
        except RowRefused as refusal:
            results[row.index] = UpsertResult(row.index, "refused", problem=refusal.problem)
    lost = _insert(directory.drafts.values(), source=source, now=now)
    _update([each for each in directory.drafts.values() if not each.is_new and each.changed], now)
    kept = [outcome for outcome in outcomes if outcome[1].id not in lost]
    _add_identities(kept, now)
    _tell(directory.drafts.values(), lost, source=source, now=now)
    pairs = [(draft.id, tag) for row, draft, _status in kept for tag in row.tags]
    tagged = tags.add_tags(pairs=pairs, source=source, now=now)
    for row, draft, status in kept:
        if status == "unchanged" and row.tags and draft.id in tagged:
            status = "updated"
        results[row.index] = UpsertResult(row.index, status, draft.id)
    return [row for row, draft, _status in outcomes if draft.id in lost]


def _find(rows: Sequence[CleanRow]) -> Directory:
    """Lock every contact the rows may mean, in the order of their ids."""
    given: dict[str, list[str]] = {kind: [] for kind in ("email", "external_id", "phone")}
    for row in rows:
        for kind in given:
            if kind in row.identifiers:
                given[kind].append(row.identifiers[kind])
    pairs = [(kind, value) for kind, values in given.items() for value in values]
    kinds, values = [kind for kind, _v in pairs], [value for _k, value in pairs]
    directory = Directory()
    with connection.cursor() as cursor:
        cursor.execute(FIND, {**given, "kinds": kinds, "values": values})
        names = ("id", *COLUMNS, "fields")
        for found in cursor.fetchall():
            record = dict(zip(names, found, strict=True))
            record["fields"] = _as_dict(record["fields"])
            directory.add(Draft(record, is_new=False))
        cursor.execute(FIND_IDENTITIES, [kinds, values])
        for kind, value, contact_id in cursor.fetchall():
            if contact_id in directory.drafts:
                directory.know(kind, value, contact_id)
    return directory


def _as_dict(value: Any) -> dict[str, Any]:
    """JSON as the driver gives it: Django turns its decoding off for raw statements."""
    return dict(json.loads(value)) if isinstance(value, str) else dict(value)


def _apply(row: CleanRow, directory: Directory, *, fill_only: bool) -> tuple[Draft, Status]:
    draft = directory.meant_by(row.identifiers)
    if draft is None:
        draft = _new_draft(row)
        directory.add(draft)
        return draft, "created"
    before = len(draft.changed)
    _apply_identifiers(row, draft, directory, fill_only=fill_only)
    changed = _merge(row, draft, fill_only=fill_only)
    return draft, "updated" if changed or len(draft.changed) > before else "unchanged"


def _new_draft(row: CleanRow) -> Draft:
    values: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    values |= {"id": uuid7(), "email": None, "external_id": None}
    values |= {kind: row.identifiers[kind] for kind in COLUMNS if kind in row.identifiers}
    values |= row.profile
    values["fields"] = {key: value for key, value in row.fields.items() if value is not None}
    return Draft(values, is_new=True)


def _apply_identifiers(
    row: CleanRow, draft: Draft, directory: Directory, *, fill_only: bool
) -> None:
    """Take new identifiers over; a replaced one stays known as a former one."""
    for kind in ("email", "external_id", "phone"):
        new, old = row.identifiers.get(kind), draft.values[kind]
        if not new or new == old:
            continue
        if kind == "phone":
            if not (old and fill_only):
                draft.values[kind] = new
                draft.changed.add(kind)
            continue
        if directory.owner(kind, row.identifiers) is draft:
            continue  # a former address or id still finds its contact, and changes nothing
        if old and fill_only:
            draft.former.append((kind, new))
        else:
            if old:
                draft.former.append((kind, old))
            draft.values[kind] = new
            draft.changed.add(kind)
        directory.claim(kind, new, draft)


def _merge(row: CleanRow, draft: Draft, *, fill_only: bool) -> bool:
    """Take profile and custom fields over; True when one of them differs."""
    changed = False
    for name, value in row.profile.items():
        if draft.values[name] != value and not (fill_only and draft.values[name]):
            draft.values[name] = value
            draft.changed.add(name)
            changed = True
    custom = draft.values["fields"]
    for key, value in row.fields.items():
        if custom.get(key) == value or (fill_only and key in custom):
            continue
        custom[key] = value
        if value is None:
            del custom[key]
        draft.changed.add(f"fields.{key}")
        changed = True
    return changed


def _arrays(drafts: Sequence[Draft]) -> dict[str, list[Any]]:
    arrays = {name: [draft.values[name] for draft in drafts] for name in ("id", *COLUMNS)}
    return {**arrays, "fields": [Jsonb(draft.values["fields"]) for draft in drafts]}


def _insert(drafts: Iterable[Draft], *, source: str, now: datetime) -> set[UUID]:
    """Insert the new ones; the ids of those another process was faster with."""
    new = [draft for draft in drafts if draft.is_new]
    if not new:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {**_arrays(new), "source": source[:120], "now": now})
        written = {row[0] for row in cursor.fetchall()}
    return {draft.id for draft in new} - written


def _update(drafts: Sequence[Draft], now: datetime) -> None:
    if drafts:
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, {**_arrays(drafts), "now": now})


def _add_identities(outcomes: Sequence[tuple[CleanRow, Draft, Status]], now: datetime) -> None:
    """Keep anonymous ids and former identifiers; one already taken stays where it is."""
    wanted = {
        (draft.id, "anonymous_id", row.identifiers["anonymous_id"])
        for row, draft, _status in outcomes
        if "anonymous_id" in row.identifiers
    }
    for _row, draft, _status in outcomes:
        wanted |= {(draft.id, kind, value) for kind, value in draft.former}
    Identity.objects.bulk_create(
        [
            Identity(contact_id=contact_id, kind=kind, value=value, created_at=now)
            for contact_id, kind, value in sorted(wanted, key=str)
        ],
        ignore_conflicts=True,
    )


def _tell(drafts: Iterable[Draft], lost: set[UUID], *, source: str, now: datetime) -> None:
    """Record contact.created and field.changed."""
    drafts = [draft for draft in drafts if draft.id not in lost]
    record_many(
        events=[
            NewEvent(
                type="contact.created",
                occurred_at=now,
                contact_id=draft.id,
                data={"source": source},
                message_id=f"contact.created:{draft.id}",
            )
            for draft in drafts
            if draft.is_new
        ],
        now=now,
    )
    fields.record_changes(
        changes=[
            (draft.id, key.removeprefix("fields."), _value_of(draft, key))
            for draft in drafts
            if not draft.is_new
            for key in sorted(draft.changed)
        ],
        source=source,
        now=now,
    )


def _value_of(draft: Draft, key: str) -> Any:
    if key.startswith("fields."):
        return draft.values["fields"].get(key.removeprefix("fields."))
    return draft.values[key]
