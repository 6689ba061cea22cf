"""Panels of the report: what is told beside the tree of one step, or of the journey as a whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from core.registry import Registry
from journeys.contracts.figures import StepCount
from journeys.contracts.plugins import Words
from journeys.contracts.windows import Window
from journeys.models import Journey

if TYPE_CHECKING:
    from journeys.definition import Definition, StepNode
    from journeys.numbers import JourneyNumbers, StepNumbers
    from journeys.reporting.facts import Facts


@dataclass(frozen=True)
class ReportScope:
    """What a panel is about, with everything the page has counted already."""

    journey: Journey
    # What runs now.
    definition: "Definition"
    window: Window
    # None for the journey as a whole.
    node: "StepNode | None"
    summary: "JourneyNumbers"
    # Of every step anybody has been at, by id.
    numbers: "Mapping[str, StepNumbers]"
    # Reasons for leaving, times to the goal, days of coming in.
    facts: "Facts"
    # What higher floors counted, by step; "" is all of them together.
    figures: Mapping[str, Sequence[StepCount]]
    now: datetime
    zone: ZoneInfo
    # The address of the list behind a number, of a step ("" for the journey) and its name.
    people_url: Callable[[str, str], str]
    # The same, narrowed to those who came in from the first to the last of these days.
    people_url_of_days: Callable[[str, str, date, date], str]
    # The address of a file by its route and unit.
    file_url: Callable[[str, str], str]

    def counts(self, step_id: str) -> dict[str, StepCount]:
        """The figures of a step by name."""
        return {each.what: each for each in self.figures.get(step_id, ())}


PeopleBehind = Callable[[UUID, str, str, Window], "QuerySet[Any, UUID | None]"]


@dataclass(frozen=True)
class ReportPanel:
    """One panel; one file each in `report_panels` of its app.

    `context` may ask one query, and leaves the panel out by None. A number of its own is named
    "<key>:<detail>", and `people` (journey, step or "", detail, window) gives exactly as many
    contact ids; KeyError for a detail there is not.
    """

    key: str
    template: str
    applies: Callable[[ReportScope], bool]
    context: Callable[[ReportScope], dict[str, Any] | None]
    order: int = 100
    people: PeopleBehind | None = None
    # What the list behind a number is called, by detail.
    heading: Callable[[str], Words] | None = None


report_panels: Registry[ReportPanel] = Registry("panels of the journey report")


def of_journey(scope: ReportScope) -> bool:
    """`applies` of a panel about the journey as a whole."""
    return scope.node is None


def of_kinds(*kinds: str) -> Callable[[ReportScope], bool]:
    """`applies` of a panel about steps of these kinds."""
    return lambda scope: scope.node is not None and scope.node.kind in kinds
