"""What higher floors register here: steps, entries and recipes; and what a step gets to see.

A step decides in `run` and writes in `act`. It never touches the pointer, the clock or the network:
the engine alone moves people, and `batch.now` is the only time there is.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django import forms
from django.db.models import OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.functional import Promise

from contacts.models import Contact
from core.errors import Problem
from core.registry import Registry
from events.models import Event
from journeys.models import Enrolment
from journeys.moments import Scope

if TYPE_CHECKING:
    from journeys.pantry import Pantry

Words = str | Promise
Config = dict[str, Any]
Family = Literal["trigger", "message", "wait", "logic", "data", "exit"]


# --- what a step answers


@dataclass(frozen=True, slots=True)
class Next:
    """Go on to the step below."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """Go into lane number `index`; one that does not exist is an exit `no_branch_matched`."""

    index: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Stay here until then; a moment that has passed already counts as `Next`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Stay here until the contact's next event of this type, or until then.

    The step is asked again when either comes: `run.woken_by` holds the event, or None.
    """

    event: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Exit:
    """Leave the journey; the reason is a short code or the owner's own words."""

    reason: str


Outcome = Next | Branch | WaitUntil | WaitFor | Exit


# --- what a step is asked about


class Run:
    """One enrolment standing at the step: whose, since when, for which visit."""

    __slots__ = (
        "_context",
        "contact_id",
        "enrolment_id",
        "entered_step_at",
        "reached_at",
        "started_at",
        "visit",
        "woken_by",
    )

    def __init__(
        self,
        *,
        enrolment_id: UUID,
        contact_id: UUID,
        entered_step_at: datetime,
        started_at: datetime,
        visit: int,
        context: Mapping[str, Any] | str = "{}",
        woken_by: dict[str, Any] | None = None,
    ) -> None:
        self.enrolment_id = enrolment_id
        self.contact_id = contact_id
        self.entered_step_at = entered_step_at
        self.started_at = started_at
        self.visit = visit
        # When they ought to have come to the step: earlier than they did when the engine was late.
        self.reached_at = min(started_at, entered_step_at) if visit == 1 else entered_step_at
        self.woken_by = woken_by
        self._context: Mapping[str, Any] | str = context

    @property
    def context(self) -> Mapping[str, Any]:
        """The payload of the event that started the run; {} when started by hand."""
        if isinstance(self._context, str):
            self._context = msgspec.json.decode(self._context, type=dict[str, Any])
        return self._context


class Store(Protocol):
    """Reads for steps, one statement for all contacts asked; a simulation brings its own."""

    def contacts(self, contact_ids: Collection[UUID]) -> Mapping[UUID, Contact]:
        """The contacts by id."""
        ...

    def zones(self, contact_ids: Collection[UUID]) -> Mapping[UUID, ZoneInfo]:
        """Each contact's time zone, the workspace's where it has none."""
        ...

    def matching(
        self, contact_ids: Collection[UUID], tree: Config, batch: "StepBatch"
    ) -> Collection[UUID]:
        """Those of the contacts for whom the tree of conditions holds."""
        ...


@dataclass(frozen=True)
class StepBatch:
    """Everybody who stands at one step of one version at the same moment."""

    step_id: str
    config: Config
    journey_id: UUID
    version_id: UUID
    now: datetime
    timezone: ZoneInfo
    runs: Sequence[Run]
    store: Store = field(repr=False)

    @cached_property
    def contact_ids(self) -> list[UUID]:
        return [run.contact_id for run in self.runs]

    def contacts(self) -> Mapping[UUID, Contact]:
        """The contacts of the runs by id."""
        return self.store.contacts(self.contact_ids)

    def zones(self) -> Mapping[UUID, ZoneInfo]:
        """The time zone of each contact."""
        return self.store.zones(self.contact_ids)

    def matching(self, tree: Config) -> Collection[UUID]:
        """The ids of the contacts for whom the tree of conditions holds."""
        return self.store.matching(self.contact_ids, tree, self)

    def only(self, runs: Sequence[Run]) -> "StepBatch":
        """The same step with some of its runs."""
        return replace(self, runs=runs)


# --- what is registered


class NoSettings(forms.Form):
    """The form of something with nothing to set."""


class Plugin(ABC):
    """What steps and entries have in common: a name, a form, and their settings in words."""

    key: str
    label: Words
    icon: str
    form: type[forms.Form] = NoSettings

    def example(self) -> Config:
        """Valid settings, for tests and as the start of a new one; may create rows it needs."""
        return {}

    def summary(self, config: Config) -> str:
        """The settings in one line of words."""
        return ""

    def summaries(self, configs: Sequence[Config]) -> list[str]:
        """`words` of several at once; override it to save queries."""
        return [self.words(config) for config in configs]

    def words(self, config: Config) -> str:
        """`summary` for any settings, also those a draft has only half written."""
        try:
            return self.summary(config)
        except Exception:
            return ""

    def problems(self, config: Config) -> list[Problem]:
        """What stands against publishing these settings beyond what the form finds."""
        return []


class Step(Plugin):
    """One kind of step; one file each."""

    family: Family
    # True when `act` changes contacts, so that later steps of the same walk must read them again.
    changes_contacts = False

    def lanes(self, config: Config) -> list[str] | None:
        """The names of its branches, in order; None for a step without branches."""
        return None

    def lane_names(self, config: Config) -> list[str]:
        """`lanes` for any settings; [] for a step without branches or half written."""
        try:
            return self.lanes(config) or []
        except Exception:
            return []

    def question(self, config: Config) -> Config | None:
        """The tree `run` will ask `batch.matching` about; asked for many steps at once."""
        return None

    def wakes(self, config: Config, event: Event) -> bool:
        """Whether this event of the awaited type is one the step waits for."""
        return True

    @abstractmethod
    def run(self, batch: StepBatch) -> Sequence[Outcome]:
        """One outcome per run, in order. Decides only; the same question has the same answer."""

    def act(self, batch: StepBatch) -> None:
        """Write what the step does, for the runs that go on, in the transaction that moves them.

        Rows that must exist once carry (enrolment_id, step_id, visit) as their unique key.
        """

    def act_many(self, batches: Sequence[StepBatch]) -> None:
        """`act` for several steps of this kind at once; override it to save statements."""
        for batch in batches:
            self.act(batch)


class Entry(Plugin):
    """One way into a journey; one file each."""

    @abstractmethod
    def event_type(self, config: Config) -> str:
        """The type of event that may start the journey; "" when no event does."""

    def matches(self, config: Config, event: Event) -> bool:
        """Whether this event of that type starts the journey."""
        return True

    def key_of(self, config: Config, event: Event) -> str:
        """What keeps two runs of one contact apart (a cart, an order); "" for one at a time."""
        return ""


class TimedEntry(Entry):
    """A way in that time opens: nobody does anything, and yet their moment has come."""

    # The types of events after which somebody's moment may come sooner than `next_due` said.
    hears: frozenset[str] = frozenset()
    # How far a moment that has not come yet may be moved into the past: by another time zone, or a
    # longer memory. Whoever slips behind what was looked at is let in late, once per key.
    looks_back = timedelta(0)

    def event_type(self, config: Config) -> str:
        return ""

    @abstractmethod
    def select(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]]:
        """One SELECT (contact_id uuid, key text, started_at timestamptz, context jsonb), and its
        named parameters: those whose moment `started_at` is after scope.since, up to scope.now.

        The engine asks for each stretch of time once, in order and without gaps, lets in who may
        come in, and asks again for the same stretch after late news: the same people have the
        same key and moment. It gives the parameters of `Scope`; moments by the clock on the wall
        come from `journeys.moments`. A true `backlog` among the settings begins long ago.
        """

    @abstractmethod
    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        """When to ask again, after scope.now; None for not before an event it hears."""

    def heard(self, config: Config, event: Event) -> datetime | None:
        """The moment that this event of a type it hears brings; None when it brings none."""
        return None


class Recipe(ABC):
    """A journey ready to publish, with the reasons for its choices; one file each."""

    key: str
    name: Words
    description: Words
    icon: str = "sparkles"
    # Its place in the gallery, lowest first.
    order: int = 100
    # The choices made and why, one sentence each.
    why: Sequence[Words] = ()

    @abstractmethod
    def build(self, pantry: "Pantry") -> Config:
        """The definition in the pantry's language, which is also the active one."""


@dataclass(frozen=True)
class Ingredient:
    """A kind of thing recipes need from another floor: a mail, a coupon, a survey.

    `make(name, language, now, settings)` finds it in the workspace, or makes it; the id that the
    settings of steps name it by.
    """

    key: str
    make: Callable[[str, str, datetime, Mapping[str, Any]], str]


steps: Registry[Step] = Registry("journey steps")
entries: Registry[Entry] = Registry("journey entries")
recipes: Registry[Recipe] = Registry("journey recipes")
ingredients: Registry[Ingredient] = Registry("recipe ingredients")


# --- what higher floors know about steps


@dataclass(frozen=True, slots=True)
class StepCount:
    """One figure of one step, counted in people; `what` names them to `StepMetrics.people`."""

    what: str
    label: Words
    count: int
    # What it is a share of; None for a figure that is a whole.
    of: int | None = None
    # What to show instead of the number of people, such as the money they spent.
    text: str = ""


@dataclass(frozen=True, slots=True)
class StepNote:
    """What came of one stay at a step, such as a message and its status, in words."""

    step_id: str
    visit: int
    text: Words
    tone: Literal["", "ok", "warn", "bad", "info"] = ""
    reason: Words = ""
    at: datetime | None = None
    url: str = ""


@dataclass(frozen=True)
class StepMetrics:
    """Figures of some kinds of steps that only a higher floor can count; each call one query.

    `people` gives the contact ids behind a figure: exactly as many as `collect` counted.
    """

    key: str
    kinds: Collection[str]
    collect: Callable[[UUID, Collection[str]], dict[str, list[StepCount]]]
    people: Callable[[UUID, str, str], "QuerySet[Any, UUID | None]"]
    # In words, by `what`.
    headings: Mapping[str, Words]
    # How many were sent, by journey.
    totals: Callable[[Collection[UUID]], dict[UUID, int]]
    notes: Callable[[UUID], list[StepNote]]


@dataclass(frozen=True, slots=True)
class Earned:
    """Orders that belong to a journey's messages: who placed them, how many, their sum in words."""

    people: int
    orders: int
    text: str


@dataclass(frozen=True)
class Earnings:
    """What journeys earned, which only a higher floor can tell; one query for all asked.

    `people` gives the contact ids of exactly those whom `of_journeys` counted.
    """

    key: str
    of_journeys: Callable[[Collection[UUID]], dict[UUID, Earned]]
    people: Callable[[UUID], "QuerySet[Any, UUID | None]"]


step_metrics: Registry[StepMetrics] = Registry("step metrics")
earnings: Registry[Earnings] = Registry("earnings")


# --- what higher floors may ask about runs


def left_after(enrolment: str, moment: str) -> str:
    """SQL: true when the run in this column was taken out (exit, goal, removal) after this moment.

    For asking right before sending: an exit acts on the event, also on messages still queued. A
    run that comes to an exit step in the walk that queued the message left with it, not after.
    """
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS run WHERE run.id = {enrolment}"
        f" AND run.exit_reason <> '' AND run.ended_at > {moment})"
    )


def is_inside(contact: str, journey: str) -> str:
    """SQL: true while the contact in this column has a run in the journey."""
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS inside"
        f" WHERE inside.contact_id = {contact} AND inside.journey_id = {journey}"
        " AND inside.status IN ('active', 'held'))"
    )


def is_keyed(enrolment: str) -> str:
    """SQL: true when the run in this column is about one thing of many: a cart, an order, a date.

    For asking what may come twice: a person's two carts are two runs.
    """
    return (
        f"EXISTS (SELECT 1 FROM {Enrolment._meta.db_table} AS keyed"
        f" WHERE keyed.id = {enrolment} AND keyed.key <> '')"
    )


def run_value(journey_id: UUID, name: str, contact: OuterRef) -> "QuerySet[Enrolment, Any]":
    """For a subquery: what the event that began the contact's newest running run of this journey
    says under this name, as text. `contact` refers to the contact's id.
    """
    runs = Enrolment.objects.active().filter(journey_id=journey_id, contact=contact)
    value = KeyTextTransform(name, "context")
    return runs.order_by("-started_at").annotate(value=value).values("value")[:1]


def run_started(enrolment: str) -> str:
    """SQL: the moment the run in this column came in; NULL for no run."""
    return (
        f"(SELECT run.started_at FROM {Enrolment._meta.db_table} AS run WHERE run.id = {enrolment})"
    )
