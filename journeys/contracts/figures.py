"""What higher floors know about steps: messages sent, orders placed, money earned."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import JSONObject

from core.registry import Registry
from journeys.contracts.plugins import Words
from journeys.contracts.windows import Window


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
    # The figure of the same step that it is a share of, where a lower floor counts that one.
    share_of: str = ""
    # Told in the panel alone, below the funnel: what did not go as wished.
    is_aside: bool = False


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
    """Figures of some kinds of steps that only a higher floor can count.

    All but `notes` are of the runs that began in the window. `rows` of these journeys, which have
    journey_id and step_id, are counted by `counts`, everybody's in one query with other sources;
    `figures` puts what was counted into words. `people` (journey, step or "" for all of them, name,
    window) gives the contact ids behind a figure: exactly as many as it counts.
    """

    key: str
    kinds: Collection[str]
    people: Callable[[UUID, str, str, Window], "QuerySet[Any, UUID | None]"]
    # In words, by `what`.
    headings: Mapping[str, Words]
    # How many were sent, by journey.
    totals: Callable[[Collection[UUID], Window], dict[UUID, int]]
    notes: Callable[[UUID], list[StepNote]]
    # None where there are lists of people alone, whose figures a panel shows.
    rows: Callable[[Collection[UUID], Window], "QuerySet[Any]"] | None = None
    counts: Mapping[str, Any] = field(default_factory=dict)
    figures: Callable[[Mapping[str, Any]], list[StepCount]] | None = None
    # What is worth telling of all steps of a journey together, from the same counts.
    of_journey: Callable[[Mapping[str, Any]], list[StepCount]] | None = None

    def counted(
        self, journey_id: UUID, step_ids: Collection[str], window: Window
    ) -> "QuerySet[Any, tuple[str, str, dict[str, Any]]] | None":
        """(key, step, counts) of these steps; "" is all of the journey's together."""
        if self.rows is None:
            return None
        rows, made = self.rows([journey_id], window).order_by(), JSONObject(**self.counts)
        of_steps = rows.filter(step_id__in=step_ids).values("step_id").annotate(counted=made)
        by_step = of_steps.values_list(Value(self.key), "step_id", "counted")
        if "" not in step_ids or self.of_journey is None:
            return by_step
        of_all = rows.values("journey_id").annotate(counted=made)
        return by_step.union(of_all.values_list(Value(self.key), Value(""), "counted"), all=True)

    def collect(
        self, journey_id: UUID, step_ids: Collection[str], window: Window
    ) -> dict[str, list[StepCount]]:
        """The figures of these steps; those nothing was counted at are missing."""
        found = self.counted(journey_id, step_ids, window)
        return {step_id: self.told(step_id, counts) for _key, step_id, counts in found or ()}

    def told(self, step_id: str, counts: Mapping[str, Any]) -> list[StepCount]:
        """What was counted at a step, "" for the journey, in words."""
        words = self.figures if step_id else self.of_journey
        return words(counts) if words else []


@dataclass(frozen=True, slots=True)
class Earned:
    """Orders that belong to a journey's messages: who placed them, how many, their sum in words."""

    people: int
    orders: int
    text: str


@dataclass(frozen=True)
class Earnings:
    """What journeys earned, which only a higher floor can tell; one query for all asked.

    Both are of the runs that began in the window. `people` gives the contact ids of exactly those
    whom `of_journeys` counted.
    """

    key: str
    of_journeys: Callable[[Collection[UUID], Window], dict[UUID, Earned]]
    people: Callable[[UUID, Window], "QuerySet[Any, UUID | None]"]


step_metrics: Registry[StepMetrics] = Registry("step metrics")
earnings: Registry[Earnings] = Registry("earnings")
