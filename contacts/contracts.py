"""What higher floors register here: conditions, uses of segments, panels, merge fields, erasers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils.functional import Promise

from contacts.models import Contact
from core.registry import Registry

Words = str | Promise


@dataclass(frozen=True)
class ConditionScope:
    """What a condition may know besides its config: the moment, the zone, the run it serves.

    `now` bounds everything that has a date, so that a replay sees only what had happened.
    """

    now: datetime
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    journey_id: UUID | None = None
    # The saved segments being looked into, so that one inside itself comes to an end.
    inside: frozenset[UUID] = frozenset()


class Condition(Protocol):
    """One kind of leaf of a segment's tree; one file in `conditions/` each."""

    @property
    def key(self) -> str: ...

    @property
    def label(self) -> Words: ...

    @property
    def group(self) -> Words: ...

    @property
    def icon(self) -> str: ...

    @property
    def form(self) -> type[forms.Form]:
        """Its cleaned_data, blanks left out, is the config."""
        ...

    def summary(self, config: dict[str, Any]) -> str:
        """The condition in words, as the rest of "People ..."."""
        ...

    def as_q(self, config: dict[str, Any], scope: ConditionScope) -> Q:
        """Which contacts it holds for, as one filter on Contact."""
        ...


@dataclass(frozen=True)
class Panel:
    """A box on a contact's page, loaded after the page; None from `context` leaves it out."""

    key: str
    title: Words
    template: str
    context: Callable[[Contact, datetime], dict[str, Any] | None]
    order: int = 100


@dataclass(frozen=True)
class Happening:
    """One thing in a contact's timeline, told by a higher floor; `number` orders equal moments."""

    at: datetime
    number: int
    icon: str
    title: str
    tone: str = ""
    detail: str = ""


@dataclass(frozen=True)
class TimelineSource:
    """Tells what happened to a contact, newest first, at most so many, none after `until`."""

    key: str
    # The filter of the timeline it belongs to: messages or journeys.
    group: str
    happenings: Callable[[Contact, datetime | None, int], Sequence[Happening]]


@dataclass(frozen=True)
class MergeRequest:
    """One mail to fill in: for whom, the run it belongs to, and what it brings with it."""

    contact_id: UUID | None
    enrolment_id: UUID | None = None
    journey_id: UUID | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    # The mail's language, for amounts and dates; "" for the active one.
    language: str = ""

    @property
    def event(self) -> Mapping[str, Any]:
        """The payload that started the run; {} without a run."""
        found = self.context.get("event")
        return found if isinstance(found, Mapping) else {}


MergeValues = Callable[[Sequence[MergeRequest], datetime], Sequence[Any]]


@dataclass(frozen=True)
class MergeField:
    """A name templates may use.

    `values` gives a plain JSON value for each request, in order, by one statement for all; None
    where there is nothing to show, so that `{% if name %}` is false.
    """

    key: str
    label: Words
    values: MergeValues
    # (what to write between the braces, label, example)
    examples: Callable[[], list[tuple[str, Words, str]]] = list
    # What a preview shows while the person chosen has nothing of the kind.
    sample: Callable[[], Any] = lambda: None
    # Whether a sent message keeps what it showed, so that it reads the same later on.
    is_kept: bool = True
    # Told (contact, value) of what was shown, in the transaction of the send moment.
    shown: Callable[[Sequence[tuple[UUID, Any]], datetime], None] | None = None


def by_contact(values: Callable[[Sequence[UUID], datetime], Mapping[UUID, Any]]) -> MergeValues:
    """`MergeField.values` for what depends on the contact alone."""

    def of_requests(requests: Sequence[MergeRequest], now: datetime) -> list[Any]:
        asked = list(dict.fromkeys(one.contact_id for one in requests if one.contact_id))
        found = values(asked, now) if asked else {}
        return [one.contact_id and found.get(one.contact_id) for one in requests]

    return of_requests


@dataclass(frozen=True)
class Erasure:
    """Who is being forgotten, and every address they were known by."""

    contact_id: UUID
    addresses: tuple[str, ...]
    now: datetime


@dataclass(frozen=True)
class Eraser:
    """Cleans one floor's rows of a person, in the transaction of the erasure; lower goes first."""

    key: str
    erase: Callable[[Erasure], None]
    order: int = 100


@dataclass(frozen=True)
class BulkJob:
    """A kind of long work of the `bulk` lane, resumed from its rows.

    `has_work` is one indexed query. `work(now)` does one bounded piece in its own transaction.
    """

    key: str
    has_work: Callable[[], bool]
    work: Callable[[datetime], None]


@dataclass(frozen=True)
class SegmentUse:
    """Where a higher floor keeps references to saved segments; one that is named stays."""

    key: str
    # What uses this segment, in words: "the journey “Welcome”".
    uses: Callable[[UUID], Sequence[str]]


conditions: Registry[Condition] = Registry("conditions")
segment_uses: Registry[SegmentUse] = Registry("segment uses")
panels: Registry[Panel] = Registry("contact panels")
timeline_sources: Registry[TimelineSource] = Registry("timeline sources")
merge_fields: Registry[MergeField] = Registry("merge fields")
erasers: Registry[Eraser] = Registry("erasers")
bulk_jobs: Registry[BulkJob] = Registry("bulk jobs")


def panels_in_order() -> list[Panel]:
    """All panels, lowest order first."""
    return sorted(panels, key=lambda panel: (panel.order, panel.key))
