"""Steps and entries: one file each registers itself here.

A step decides in `run` and writes in `act`. It never touches the pointer, the clock or the network:
the engine alone moves people, and `batch.now` is the only time there is.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from django import forms
from django.utils.functional import Promise

from core.errors import Problem
from core.registry import Registry
from events.models import Event
from journeys.contracts.checks import Check
from journeys.contracts.outcomes import Outcome
from journeys.contracts.runs import Config, StepBatch
from journeys.moments import Scope

Words = str | Promise
Family = Literal["trigger", "message", "wait", "logic", "data", "exit"]


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

    def furnish(self, config: Config, *, language: str, now: datetime) -> Config:
        """The settings once what they wish for is made, such as a mail from a starter.

        Asked when somebody saves them, in the transaction that does; may write rows.
        """
        return config

    def doors(self, config: Config) -> list[tuple[Words, str]]:
        """Where what the settings name is looked at and changed: the words and address of each."""
        return []

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

    def lane_keys(self, config: Config) -> list[str]:
        """What each branch is known by when settings change, so that its steps stay with it."""
        return [str(number) for number in range(len(self.lane_names(config)))]

    def needs_goal(self, config: Config) -> bool:
        """Whether the step has no sense in a journey without a goal."""
        return False

    def frozen(self, config: Config, lanes: Sequence[Any]) -> Config:
        """The settings as `run` gets them, when a version is compiled; `lanes` holds, in JSON, the
        steps of each branch without their ids, names and notes.
        """
        return config

    def question(self, config: Config) -> Config | None:
        """The tree `run` will ask `batch.matching` about; asked for many steps at once."""
        return None

    def awaits(self, config: Config) -> str:
        """The type of event its `WaitFor` names; "" for a step that waits for none."""
        return ""

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

    def checks(self, config: Config, event: Event) -> list[Check]:
        """What `matches` looks at, one by one and in words: it says yes when all have passed."""
        return [Check(self.words(config), self.matches(config, event))]

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

    def recall(self, config: Config, scope: Scope) -> tuple[str, dict[str, Any]] | None:
        """As `select`, for a stretch that is over: whose moment came then, whatever they did since.

        For replays. None where `select` is all that can be told.
        """
        return None

    @abstractmethod
    def next_due(self, config: Config, scope: Scope) -> datetime | None:
        """When to ask again, after scope.now; None for not before an event it hears."""

    def heard(self, config: Config, event: Event) -> datetime | None:
        """The moment that this event of a type it hears brings; None when it brings none."""
        return None


steps: Registry[Step] = Registry("journey steps")
entries: Registry[Entry] = Registry("journey entries")
