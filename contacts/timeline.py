"""Everything about one contact in the order it happened: events, consents, notes, and what the
floors above tell of messages and journeys."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.consent import ledger_of
from contacts.contracts import TimelineSource, timeline_sources
from contacts.event_types import source_words
from contacts.models import ConsentEntry, Contact, Note
from events.contracts import Words, event_types
from events.models import Event

PAGE_SIZE = 25
# Shown from elsewhere: consents from the ledger, the beginning from the contact itself, a delivery
# with the message that was delivered.
ELSEWHERE = Q(type__startswith="consent.") | Q(type="contact.created") | Q(type="message.delivered")
GROUPS: dict[str, tuple[Words, tuple[str, ...]]] = {
    "messages": (gettext_lazy("Messages"), ("message.",)),
    "journeys": (gettext_lazy("Journeys"), ("journey.",)),
    "profile": (gettext_lazy("Profile"), ("contact.", "field.")),
}
KINDS: dict[str, Words] = {
    "all": gettext_lazy("All"),
    "messages": GROUPS["messages"][0],
    "journeys": GROUPS["journeys"][0],
    "notes": gettext_lazy("Notes"),
    "consent": gettext_lazy("Consent"),
}
CONSENT_LOOKS = {
    ConsentEntry.Action.REQUESTED: ("mail", "warn", gettext_lazy("Asked to confirm by mail")),
    ConsentEntry.Action.SUBSCRIBED: ("mail-check", "ok", gettext_lazy("Subscribed to email")),
    ConsentEntry.Action.UNSUBSCRIBED: ("mail-x", "bad", gettext_lazy("Unsubscribed from email")),
}


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: datetime
    # Breaks ties between kinds and within one: (rank of the kind, id).
    rank: int
    number: int
    icon: str
    tone: str
    title: str
    detail: str = ""

    @property
    def cursor(self) -> str:
        return f"{self.at.isoformat()}_{self.rank}_{self.number}"


@dataclass(frozen=True)
class TimelinePage:
    """Entries by local day, newest first, and the cursor to earlier ones ("" at the end)."""

    days: list[tuple[date, list[Entry]]]
    earlier: str


Cursor = tuple[datetime, int, int]


def timeline_of(
    contact: Contact, *, zone: ZoneInfo, kind: str = "all", before: str = ""
) -> TimelinePage:
    """A page of the contact's timeline; a broken cursor is the beginning."""
    cursor = _read_cursor(before)
    entries: list[Entry] = []
    for rank, source in enumerate(_sources(contact, kind), start=1):
        entries += source(rank, cursor)
    entries.sort(key=lambda entry: (entry.at, entry.rank, entry.number), reverse=True)
    shown = entries[:PAGE_SIZE]
    earlier = shown[-1].cursor if len(entries) > PAGE_SIZE else ""
    if not earlier and kind == "all":
        shown.append(_beginning(contact))
    days = groupby(shown, key=lambda entry: entry.at.astimezone(zone).date())
    return TimelinePage([(day, list(group)) for day, group in days], earlier)


Source = Callable[[int, Cursor | None], Iterable[Entry]]


def _sources(contact: Contact, kind: str) -> Sequence[Source]:
    events = Event.objects.filter(contact_id=contact.pk).exclude(ELSEWHERE)
    if kind in GROUPS:
        prefixes = Q()
        for prefix in GROUPS[kind][1]:
            prefixes |= Q(type__startswith=prefix)
        events = events.filter(prefixes)
    found: list[Source] = []
    if kind == "all" or kind in GROUPS:
        found.append(lambda rank, cursor: _events(events, rank, cursor))
    if kind in ("all", "consent"):
        found.append(lambda rank, cursor: _consents(contact, rank, cursor))
    if kind in ("all", "notes"):
        found.append(lambda rank, cursor: _notes(contact, rank, cursor))
    for told in timeline_sources:
        if kind in ("all", told.group):
            found.append(partial(_told, contact, told))
    return found


def _told(
    contact: Contact, source: TimelineSource, rank: int, cursor: Cursor | None
) -> list[Entry]:
    """A higher floor's part, without what the cursor has passed already."""
    until = cursor[0] if cursor else None
    entries = [
        Entry(each.at, rank, each.number, each.icon, each.tone, each.title, each.detail)
        for each in source.happenings(contact, until, 2 * PAGE_SIZE)
    ]
    if cursor is None:
        return entries
    return [entry for entry in entries if (entry.at, entry.rank, entry.number) < cursor]


def _before(cursor: Cursor | None, rank: int, moment: str) -> Q:
    """What comes after the cursor in a list that runs back in time."""
    if cursor is None:
        return Q()
    at, at_rank, number = cursor
    earlier = Q(**{f"{moment}__lt": at})
    if rank < at_rank:
        return earlier | Q(**{moment: at})
    if rank == at_rank:
        return earlier | Q(**{moment: at, "id__lt": number})
    return earlier


def _events(events: QuerySet[Event], rank: int, cursor: Cursor | None) -> list[Entry]:
    rows = events.filter(_before(cursor, rank, "occurred_at")).order_by("-occurred_at", "-id")
    return [_event_entry(event, rank) for event in rows[: PAGE_SIZE + 1]]


def _event_entry(event: Event, rank: int) -> Entry:
    kind = event_types.get(event.type) if event.type in event_types else None
    if kind is None:
        return Entry(event.occurred_at, rank, event.pk, "activity", "", event.type)
    label, line = str(kind.label), ""
    if kind.describe:
        try:
            line = kind.describe(event.data)
        except (KeyError, TypeError, ValueError):
            line = ""  # data a sender left incomplete; the label alone still tells
    return Entry(event.occurred_at, rank, event.pk, kind.icon, kind.tone, line or label)


def _consents(contact: Contact, rank: int, cursor: Cursor | None) -> list[Entry]:
    rows = ledger_of(contact.pk).filter(_before(cursor, rank, "occurred_at"))[: PAGE_SIZE + 1]
    entries = []
    for row in rows:
        icon, tone, title = CONSENT_LOOKS[ConsentEntry.Action(row.action)]
        parts = [str(source_words(row.source)), row.detail]
        detail = " · ".join(part for part in parts if part)
        entries.append(Entry(row.occurred_at, rank, row.pk, icon, tone, str(title), detail))
    return entries


def _notes(contact: Contact, rank: int, cursor: Cursor | None) -> list[Entry]:
    rows = contact.notes.filter(_before(cursor, rank, "created_at")).order_by("-created_at", "-id")
    return [_note_entry(note, rank) for note in rows[: PAGE_SIZE + 1]]


def _note_entry(note: Note, rank: int) -> Entry:
    title = _("%(name)s wrote a note") % {"name": note.author_name}
    return Entry(note.created_at, rank, note.pk, "sticky-note", "", title, note.text)


def _beginning(contact: Contact) -> Entry:
    title = _("Added to your contacts")
    detail = _("By %(source)s") % {"source": source_words(contact.source)} if contact.source else ""
    return Entry(contact.created_at, 0, 0, "user-plus", "brand", title, detail)


def _read_cursor(text: str) -> Cursor | None:
    parts = text.split("_")
    try:
        at, rank, number = datetime.fromisoformat(parts[0]), int(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
    is_sound = at.tzinfo is not None and 0 <= rank < 10 and 0 <= number < 2**63
    return (at, rank, number) if is_sound else None
