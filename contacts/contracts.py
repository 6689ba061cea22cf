"""What higher floors register here: conditions, uses of segments, panels, merge fields, erasers."""

from collections.abc import Callable, Sequence
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
class MergeField:
    """A name templates may use: `values` gives plain JSON values for many contacts at once."""

    key: str
    label: Words
    values: Callable[[Sequence[UUID], datetime], dict[UUID, Any]]
    # (what to write between the braces, label, example)
    examples: Callable[[], list[tuple[str, Words, str]]] = list


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


def merge_values(*, contact_ids: Sequence[UUID], now: datetime) -> dict[UUID, dict[str, Any]]:
    """What templates may use about each contact: {merge field key: plain value}."""
    found: dict[UUID, dict[str, Any]] = {contact_id: {} for contact_id in contact_ids}
    for merge_field in merge_fields:
        for contact_id, value in merge_field.values(contact_ids, now).items():
            found[contact_id][merge_field.key] = value
    return found
