"""What higher floors register here: kinds of events, their consumers, readers of webhooks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from core.registry import Registry
from events.models import Event, InboundDelivery

Words = str | Promise


@dataclass(frozen=True)
class EventType:
    """A kind of event: its name in the log, and how a timeline shows it."""

    key: str
    label: Words
    icon: str = "circle"
    # A tile tone of the interface: "", "brand", "ok", "info", "warn", "bad", "logic".
    tone: str = ""
    # One line about one event, safe to show; None: the label alone.
    describe: Callable[[dict[str, Any]], str] | None = None
    # Whether the person did it with their own hands; what a machine did says so in its data.
    is_activity: bool = False


@dataclass(frozen=True)
class Consumer:
    """Gets every event once, in batches, inside the batch's transaction; lower order goes first.

    Orders: 10 identity, 20 projections, 30 segments, 40 journeys, 50 outbound. `consume` must be
    set-based, and may run again for a batch whose transaction was rolled back.
    """

    key: str
    order: int
    consume: Callable[[Sequence[Event], datetime], None]


@dataclass(frozen=True)
class Ignored:
    """A delivery that is of no use here, and why."""

    reason: str


@dataclass(frozen=True)
class Later:
    """A delivery that cannot be read yet, why, and when to try it next."""

    due_at: datetime
    reason: str


@dataclass(frozen=True)
class Failed:
    """A delivery of which something could not be read; what could be keeps its effect."""

    reason: str


Outcome = Ignored | Later | Failed


@dataclass(frozen=True)
class InboundKind:
    """Reads webhook calls that were stored raw, in batches, inside the batch's transaction.

    `read(batch, now)` must be set-based and may run again for the same delivery. What it returns
    names the deliveries that are not simply done. An exception fails the delivery that causes it.
    """

    key: str
    label: Words
    read: Callable[[Sequence[InboundDelivery], datetime], Mapping[UUID, Outcome]]
    # True when one call tells of many people, so that one's erasure must not drop the others.
    is_about_many: bool = False


event_types: Registry[EventType] = Registry("event types")
consumers: Registry[Consumer] = Registry("event consumers")
inbound_kinds: Registry[InboundKind] = Registry("inbound kinds")


def consumers_in_order() -> list[Consumer]:
    """All consumers, lowest order first."""
    return sorted(consumers, key=lambda consumer: (consumer.order, consumer.key))
