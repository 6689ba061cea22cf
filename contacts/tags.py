"""Putting tags on contacts and taking them off, for many at once."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from contacts.models import Contact, ContactTag, Tag
from core.errors import Invalid
from events.services import NewEvent, record_many

NAME_MAX = 60

ADD_PAIRS = f"""
    INSERT INTO {ContactTag._meta.db_table} (contact_id, tag_id, source, created_at)
    SELECT DISTINCT contact.id, tag.id, %s, %s::timestamptz
      FROM unnest(%s::uuid[], %s::text[]) AS pair (contact_id, name)
      JOIN {Contact._meta.db_table} AS contact ON contact.id = pair.contact_id
      JOIN {Tag._meta.db_table} AS tag ON tag.name = pair.name
     ORDER BY 1, 2
    ON CONFLICT (contact_id, tag_id) DO NOTHING
    RETURNING id, contact_id, tag_id"""


def clean_tag(text: str) -> str:
    """A tag's name, spaces collapsed; raises Invalid `bad_tag`."""
    name = re.sub(r"\s+", " ", re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "", text)).strip()
    if not name:
        raise Invalid("bad_tag", _("Give the tag a name."))
    if len(name) > NAME_MAX:
        raise Invalid("bad_tag", _("A tag has at most %(most)s characters.") % {"most": NAME_MAX})
    return name


def ensure_tags(*, names: Collection[str], now: datetime) -> dict[str, str]:
    """Make sure tags of these clean names exist; the name each is kept under.

    "VIP" and "vip" are one tag: whoever came first decides how it is written.
    """
    wanted = {name.lower(): name for name in names}
    if not wanted:
        return {}
    kept = _kept_names(wanted)
    missing = [name for lower, name in wanted.items() if lower not in kept]
    if missing:
        Tag.objects.bulk_create(
            [Tag(name=name, created_at=now) for name in sorted(missing)], ignore_conflicts=True
        )
        kept = _kept_names(wanted)
    return {name: kept[name.lower()] for name in names}


def _kept_names(lowered: Iterable[str]) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lower(name), name FROM {Tag._meta.db_table} WHERE lower(name) = ANY(%s)"
            " ORDER BY id DESC",
            [list(lowered)],
        )
        return dict(cursor.fetchall())


def add_tag(
    *, contact_ids: Sequence[UUID], name: str, now: datetime, source: str = "manual"
) -> set[UUID]:
    """Put one tag on many contacts; the ids of those that did not have it.

    Records contact.tagged for each of them. Raises Invalid `bad_tag`.
    """
    return add_tags(pairs=[(each, name) for each in contact_ids], source=source, now=now)


def add_tags(
    *, pairs: Sequence[tuple[UUID, str]], now: datetime, source: str = "manual"
) -> set[UUID]:
    """Put tags on contacts by (contact, tag name) in one statement; the ids of those changed."""
    if not pairs:
        return set()
    cleaned = {name: clean_tag(name) for name in {name for _contact, name in pairs}}
    kept = ensure_tags(names=list(cleaned.values()), now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            ADD_PAIRS,
            [
                source[:120],
                now,
                [contact_id for contact_id, _name in pairs],
                [kept[cleaned[name]] for _contact, name in pairs],
            ],
        )
        added = cursor.fetchall()
    _record("contact.tagged", added, source=source, now=now)
    return {row[1] for row in added}


def remove_tag(
    *, contact_ids: Sequence[UUID], name: str, now: datetime, source: str = "manual"
) -> set[UUID]:
    """Take one tag off many contacts; the ids of those that had it.

    Records contact.untagged for each of them. A tag nobody knows is on nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {ContactTag._meta.db_table} AS pair USING {Tag._meta.db_table} AS tag"
            " WHERE tag.id = pair.tag_id AND lower(tag.name) = lower(%s)"
            " AND pair.contact_id = ANY(%s) RETURNING pair.id, pair.contact_id, pair.tag_id",
            [clean_tag(name), list(contact_ids)],
        )
        removed = cursor.fetchall()
    _record("contact.untagged", removed, source=source, now=now)
    return {row[1] for row in removed}


def _record(
    event: str, rows: Sequence[tuple[int, UUID, int]], *, source: str, now: datetime
) -> None:
    """One event per row added or removed, named by the row, so that it is recorded once."""
    names = dict(Tag.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "name"))
    record_many(
        events=[
            NewEvent(
                type=event,
                occurred_at=now,
                contact_id=contact_id,
                data={"tag": names[tag_id], "source": source},
                message_id=f"{event}:{row_id}",
            )
            for row_id, contact_id, tag_id in rows
        ],
        now=now,
    )


def tags_of(contact_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The tag names of each contact, in alphabetical order; contacts without any are left out."""
    found: dict[UUID, list[str]] = {}
    rows = (
        ContactTag.objects.filter(contact_id__in=contact_ids)
        .order_by("tag__name")
        .values_list("contact_id", "tag__name")
    )
    for contact_id, name in rows:
        found.setdefault(contact_id, []).append(name)
    return found
