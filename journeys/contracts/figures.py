"""What higher floors know about steps: messages sent, orders placed, money earned."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

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

    All but `notes` are of the runs that began in the window. `people` gives the contact ids behind
    a figure: exactly as many as `collect` counted.
    """

    key: str
    kinds: Collection[str]
    collect: Callable[[UUID, Collection[str], Window], dict[str, list[StepCount]]]
    people: Callable[[UUID, str, str, Window], "QuerySet[Any, UUID | None]"]
    # In words, by `what`.
    headings: Mapping[str, Words]
    # How many were sent, by journey.
    totals: Callable[[Collection[UUID], Window], dict[UUID, int]]
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

    Both are of the runs that began in the window. `people` gives the contact ids of exactly those
    whom `of_journeys` counted.
    """

    key: str
    of_journeys: Callable[[Collection[UUID], Window], dict[UUID, Earned]]
    people: Callable[[UUID, Window], "QuerySet[Any, UUID | None]"]


step_metrics: Registry[StepMetrics] = Registry("step metrics")
earnings: Registry[Earnings] = Registry("earnings")
