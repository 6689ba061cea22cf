"""The contact list: what it is filtered by, how it is paged, how many there are."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.conditions.consent import STATES
from contacts.conditions.in_segment import segment_names
from contacts.contracts import ConditionScope
from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from contacts.segments import as_q

PAGE_SIZE = 50
# Above this the planner's estimate is shown instead of a count, and called "about".
EXACT_UP_TO = 50_000
DAYS = (1, 7, 30, 90, 365)


@dataclass(frozen=True)
class Filters:
    """What a list of contacts is narrowed down to; nonsense counts as not given."""

    q: str = ""
    consent: str = ""
    tag: str = ""
    created: int = 0
    segment: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Filters":
        """From a query string, a form or stored JSON."""
        consent, created = str(given.get("consent", "")), str(given.get("created", ""))
        known_days = created.isascii() and created.isdigit() and 0 < int(created[:6]) <= 36500
        return cls(
            q=_plain(given.get("q", ""))[:100],
            consent=consent if consent in STATES else "",
            tag=_plain(given.get("tag", ""))[:60],
            created=int(created) if known_days else 0,
            segment=_uuid(given.get("segment", "")),
        )

    def as_json(self) -> dict[str, Any]:
        """Only what is set."""
        return {name: value for name, value in asdict(self).items() if value}

    def query(self, *, without: str = "", **more: Any) -> str:
        """As a query string, one of them left out."""
        kept = {name: value for name, value in self.as_json().items() if name != without}
        return urlencode(kept | {name: value for name, value in more.items() if value})

    def tree(self) -> dict[str, Any]:
        """The same as a segment."""
        leaves = []
        if self.consent:
            leaves.append({"kind": "consent", "config": {"state": self.consent}})
        if self.tag:
            leaves.append({"kind": "tag", "config": {"test": "has", "tag": self.tag}})
        if self.created:
            config = {"test": "within", "days": self.created}
            leaves.append({"kind": "created", "config": config})
        if self.segment:
            leaves.append({"kind": "in_segment", "config": {"segment": self.segment}})
        return {"all": leaves} if leaves else {}

    def as_segment(self) -> dict[str, Any]:
        """The same with the search, to be saved as a segment."""
        leaves = self.tree().get("all", [])
        if self.q:
            config = {"test": "contains", "value": self.q}
            fields = ("email", "first_name", "last_name", "phone")
            found = [{"kind": "profile", "config": {"field": each, **config}} for each in fields]
            leaves = [*leaves, {"any": found}]
        return {"all": leaves} if leaves else {}

    def chips(self) -> list[tuple[str, str, str]]:
        """(name, words, value) of each filter in force, the search aside."""
        found = []
        if self.consent:
            found.append(("consent", _("People who"), str(STATES[self.consent])))
        if self.tag:
            found.append(("tag", _("Tag is"), self.tag))
        if self.created:
            days = ngettext("%(days)s day", "%(days)s days", self.created)
            found.append(("created", _("Added in the last"), days % {"days": self.created}))
        if self.segment:
            name = segment_names().get(self.segment, _("deleted segment"))
            found.append(("segment", _("In the segment"), name))
        return found


def _uuid(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        return ""


def _plain(value: Any) -> str:
    return str(value).replace("\x00", "").strip()


def filtered(filters: Filters, scope: ConditionScope) -> ContactQuerySet:
    """The contacts the filters hold for."""
    return Contact.objects.filter(as_q(filters.tree(), scope)).search(filters.q)


@dataclass(frozen=True)
class Page:
    """One page of the list; the cursors are empty where there is nothing beyond."""

    contacts: list[Contact]
    previous: str
    next: str


def page_of(contacts: ContactQuerySet, *, after: str = "", before: str = "") -> Page:
    """The page behind or before a cursor, newest first. A broken cursor is the first page."""
    backwards = _read_cursor(before)
    forwards = None if backwards else _read_cursor(after)
    if backwards:
        rows = list(
            contacts.filter(_newer(*backwards)).order_by("created_at", "id")[: PAGE_SIZE + 1]
        )
        more_before, more_after = len(rows) > PAGE_SIZE, True
        rows = rows[:PAGE_SIZE][::-1]
    else:
        ordered = contacts.order_by("-created_at", "-id")
        chosen = ordered.filter(_older(*forwards)) if forwards else ordered
        rows = list(chosen[: PAGE_SIZE + 1])
        more_before, more_after = forwards is not None, len(rows) > PAGE_SIZE
        rows = rows[:PAGE_SIZE]
    return Page(
        rows,
        previous=_cursor(rows[0]) if rows and more_before else "",
        next=_cursor(rows[-1]) if rows and more_after else "",
    )


def _older(created_at: datetime, contact_id: UUID) -> Q:
    # The plain bound lets the index on (created_at, id) stop at once.
    return Q(created_at__lte=created_at) & (Q(created_at__lt=created_at) | Q(id__lt=contact_id))


def _newer(created_at: datetime, contact_id: UUID) -> Q:
    return Q(created_at__gte=created_at) & (Q(created_at__gt=created_at) | Q(id__gt=contact_id))


def _cursor(contact: Contact) -> str:
    return f"{contact.created_at.isoformat()}_{contact.pk}"


def _read_cursor(text: str) -> tuple[datetime, UUID] | None:
    moment, _mark, key = text.partition("_")
    try:
        created_at = datetime.fromisoformat(moment)
        return (created_at, UUID(key)) if created_at.tzinfo else None
    except ValueError:
        return None


@dataclass(frozen=True)
class HeadCount:
    """How many; an estimate says so."""

    number: int
    is_exact: bool

    def __str__(self) -> str:
        shown = number_format(self.number, force_grouping=True)
        return shown if self.is_exact else _("about %(number)s") % {"number": shown}


def head_count(contacts: QuerySet[Contact]) -> HeadCount:
    """The exact count of a small set; the planner's estimate, to two digits, of a large one."""
    estimate = _estimate(contacts)
    if estimate <= EXACT_UP_TO:
        return HeadCount(contacts.count(), is_exact=True)
    step = 10 ** (len(str(estimate)) - 2)
    return HeadCount(round(estimate / step) * step, is_exact=False)


def _estimate(contacts: QuerySet[Contact]) -> int:
    sql, parameters = contacts.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
        plan = cursor.fetchone()[0]
    if isinstance(plan, str):
        plan = json.loads(plan)
    return int(plan[0]["Plan"]["Plan Rows"])


def filter_values(days: Iterable[int] = DAYS) -> dict[str, Any]:
    """What the filter menu offers."""
    labels = [
        (each, ngettext("%(days)s day", "%(days)s days", each) % {"days": each}) for each in days
    ]
    segments = list(segment_names().items())
    return {"states": list(STATES.items()), "days": labels, "segments": segments}
