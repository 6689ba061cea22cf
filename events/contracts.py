"""What higher floors register here: the kinds of events there are, and who consumes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from core.registry import Registry
from events.models import Event

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


@dataclass(frozen=True)
class Consumer:
    """Gets every event once, in batches, inside the batch's transaction; lower order goes first.

    Orders: 10 identity, 20 projections, 30 segments, 40 journeys, 50 outbound. `consume` must be
    set-based, and may run again for a batch whose transaction was rolled back.
    """

    key: str
    order: int
    consume: Callable[[Sequence[Event], datetime], None]


event_types: Registry[EventType] = Registry("event types")
consumers: Registry[Consumer] = Registry("event consumers")


def consumers_in_order() -> list[Consumer]:
    """All consumers, lowest order first."""
    return sorted(consumers, key=lambda consumer: (consumer.order, consumer.key))
