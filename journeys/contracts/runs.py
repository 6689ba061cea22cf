"""What a step is asked about: who stands at it, and what it may read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from contacts.models import Contact

Config = dict[str, Any]


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
